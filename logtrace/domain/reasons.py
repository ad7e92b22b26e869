"""What the reasons that daemons and agents print come to, in one word each; parsers/reasons has their wordings.

The scheduler (LogAction, pacemaker-schedulerd) explains an action by a sentence, the executor an operation by an exit
reason, an agent or a program it runs what it could not do by lines of its own. An event holds that text as it is
printed in `reason`, `detail` or `text`, and its class in `why`.
"""

from __future__ import annotations

from enum import StrEnum


class Why(StrEnum):
    # why the scheduler plans an action, or none
    BLOCKED = "blocked"
    UNMANAGED = "unmanaged"
    NO_NODE = "no-node"
    NO_QUORUM = "no-quorum"
    NONE_FIT = "none-fit"
    AFTER_ANOTHER = "after-another"
    PEER_PROCESS_GONE = "peer-process-gone"
    ADMINISTRATOR = "administrator"

    # why an operation failed, by the executor or the fencer
    TIMED_OUT = "timed-out"
    CONNECTION_LOST = "connection-lost"

    # what an agent saw and did
    NO_PID_FILE = "no-pid-file"
    NOT_RUNNING = "not-running"
    STARTED = "started"
    STOPPED = "stopped"
    SIGNALLED = "signalled"
    PID_FILE = "pid-file"

    # the other side: a fence device, an API, a server
    LOGIN_REFUSED = "login-refused"
    NO_PERMISSION = "no-permission"
    CERTIFICATE = "certificate"
    UNREACHABLE = "unreachable"
    NO_ANSWER = "no-answer"
    RATE_LIMITED = "rate-limited"
    UNKNOWN_TARGET = "unknown-target"
    POWER_STATE = "power-state"
    RESERVATION = "reservation"

    # what is missing on the node
    PROGRAM_MISSING = "program-missing"
    FILE_MISSING = "file-missing"
    DEVICE_MISSING = "device-missing"
    DEPENDENCY_MISSING = "dependency-missing"
    INTERFACE_MISSING = "interface-missing"
    INTERFACE_DOWN = "interface-down"
    CONFIGURATION = "configuration"
    NO_MEMORY = "no-memory"
    NO_SPACE = "no-space"

    # what is in the way
    ALREADY_USED = "already-used"
    BUSY = "busy"
    STALE = "stale"
    WAITING = "waiting"

    # what is broken
    DAMAGED = "damaged"
    STORAGE_ERROR = "storage-error"
    CRASHED = "crashed"
    NOT_ANSWERING = "not-answering"
    SERVICE_DOWN = "service-down"
    START_FAILED = "start-failed"
    STOP_FAILED = "stop-failed"
    MIGRATION_FAILED = "migration-failed"
    CLUSTER_BROKEN = "cluster-broken"

    # copies of data, and which of them may lead
    DATA_BEHIND = "data-behind"
    DATA_DIVERGED = "data-diverged"
    DATA_UNKNOWN = "data-unknown"
    REPLICATION_BROKEN = "replication-broken"
    NOT_REGISTERED = "not-registered"
    TAKING_OVER = "taking-over"
    TAKEN_OVER = "taken-over"
    PROMOTION_REFUSED = "promotion-refused"
    PROMOTION_FAILED = "promotion-failed"
