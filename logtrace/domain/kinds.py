"""The kinds of events that logtrace asks for; parsers/kinds.toml has the meaning and the fields of each.

A line can say more than these: kinds that kinds.toml marks with `reader = true` are shown and asked for by nothing.
The catalogue refuses to load when one of these is missing there, so that an unknown kind is an error before any log is
read; `logtrace check` reports a kind that is in neither list, and a test one of these that nothing asks for.
"""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    # operations
    OP_RESULT = "op.result"
    OP_CANCELLED = "op.cancelled"
    OP_EXECUTING = "op.executing"
    OP_FINISHED = "op.finished"
    OP_OUTPUT = "op.output"
    OP_REQUESTED = "op.requested"
    OP_REQUESTED_LOCAL = "op.requested_local"
    OP_CONFIRMED = "op.confirmed"
    OP_UNEXPECTED = "op.unexpected"
    OP_LOST = "op.lost"
    OP_TIMED_OUT = "op.timed_out"
    OP_HISTORY = "op.history"
    PROBE_NOT_INSTALLED = "probe.not_installed"

    # failure bookkeeping
    FAILCOUNT_UPDATE = "failcount.update"
    FAILCOUNT_SET = "failcount.set"
    LASTFAILURE_SET = "lastfailure.set"
    ATTR_SET = "attr.set"
    ATTR_SHUTDOWN = "attr.shutdown"
    ATTR_REMOVED = "attr.removed"
    THRESHOLD_REACHED = "threshold.reached"
    FAILURE_CLEARED = "failure.cleared"

    # scheduler and transitions
    SCHED_ACTION = "sched.action"
    SCHED_LEAVE = "sched.leave"
    SCHED_FENCE = "sched.fence"
    SCHED_SHUTDOWN = "sched.shutdown"
    SCHED_UNCLEAN = "sched.unclean"
    SCHED_MULTIPLE_ACTIVE = "sched.multiple_active"
    SCHED_NO_QUORUM = "sched.no_quorum"
    SCHED_CANNOT_RUN = "sched.cannot_run"
    SCHED_UNMANAGED = "sched.unmanaged"
    SCHED_DONE = "sched.done"
    SCHED_OBSOLETE = "sched.obsolete"
    TE_START = "te.start"
    TE_ABORT = "te.abort"
    TE_DONE = "te.done"

    # controller
    FSA_STATE = "fsa.state"
    DC_UNSET = "dc.unset"
    DC_TAKEN = "dc.taken"
    DC_LOST = "dc.lost"
    LOAD_MODE = "load.mode"
    LOAD_HIGH = "load.high"

    # membership and quorum
    MEMBER_STATE = "member.state"
    MEMBER_PROCESS = "member.process"
    REMOTE_LOST = "remote.lost"
    MEMBER_PURGED = "member.purged"
    TOTEM_TOKEN = "totem.token"  # noqa: S105 not a secret
    TOTEM_MEMBERSHIP = "totem.membership"
    TOTEM_LEAVE_MISSING = "totem.leave_missing"
    TOTEM_PAUSE = "totem.pause"
    COROSYNC_NOT_SCHEDULED = "corosync.not_scheduled"
    TOTEM_INTERFACE = "totem.interface"
    TOTEM_RING = "totem.ring"
    KNET_LINK = "knet.link"
    KNET_HOST = "knet.host"
    QUORUM_MEMBERS = "quorum.members"
    QUORUM_JOINED = "quorum.joined"
    QUORUM_LEFT = "quorum.left"
    QUORUM_LOST = "quorum.lost"
    QUORUM_GAINED = "quorum.gained"
    QDEVICE_STATE = "qdevice.state"
    COROSYNC_NODE_STOPPED = "corosync.node_stopped"
    COROSYNC_STOPPING = "corosync.stopping"
    COROSYNC_START = "corosync.start"

    # fencing
    FENCE_REQUESTED = "fence.requested"
    FENCE_WANTED = "fence.wanted"
    FENCE_STARTED = "fence.started"
    FENCE_DELEGATED = "fence.delegated"
    FENCE_DELAY = "fence.delay"
    FENCE_DEVICE_RESULT = "fence.device_result"
    FENCE_DEVICE = "fence.device"
    FENCE_DEVICE_ERROR = "fence.device_error"
    FENCE_RESULT = "fence.result"
    FENCE_NOTIFIED = "fence.notified"
    FENCE_FAILED = "fence.failed"
    FENCE_SUCCEEDED = "fence.succeeded"
    FENCE_NO_DEVICE = "fence.no_device"
    FENCE_GIVING_UP = "fence.giving_up"
    FENCE_CONFIRMED = "fence.confirmed"
    FENCE_EXTERNAL = "fence.external"
    FENCE_SELF = "fence.self"
    FENCE_VICTIM = "fence.victim"
    FENCE_DEVICE_DONE = "fence.device_done"
    FENCE_RECORDED = "fence.recorded"
    FENCE_SELF_DONE = "fence.self_done"
    FENCE_MERGED = "fence.merged"
    FENCE_TIMEOUT = "fence.timeout"
    SBD_SERVANT = "sbd.servant"
    SBD_RESET = "sbd.reset"

    # operator and configuration
    CIB_DONE = "cib.done"
    CIB_REQUEST = "cib.request"
    CIB_CONFIG_CHANGE = "cib.config_change"
    RESOURCE_REFRESHED = "resource.refreshed"
    SHUTDOWN_REQUESTED = "shutdown.requested"
    STARTUP_FAILED = "startup.failed"
    DAEMON_STARTING = "daemon.starting"

    # daemon faults
    DAEMON_DIED = "daemon.died"
    DAEMON_EXITED = "daemon.exited"
    DAEMON_ADOPTED = "daemon.adopted"
    DAEMON_RESPAWN = "daemon.respawn"
    DAEMON_GAVE_UP = "daemon.gave_up"
    DAEMON_HUNG = "daemon.hung"
    DAEMON_CONNECTION_LOST = "daemon.connection_lost"

    # the rest of the machine
    LINE_ERROR = "line.error"
    AGENT_SAYS = "agent.says"
    PROCESS_OOM = "process.oom"
    PROCESS_CRASHED = "process.crashed"
    UNIT_DIED = "unit.died"
    UNIT_FAILED = "unit.failed"
    UNIT_STOPPING = "unit.stopping"
    UNIT_STARTED = "unit.started"
    SERVICE_ANSWERED = "service.answered"
    SERVICE_ERRED = "service.erred"
    KERNEL_NIC = "kernel.nic"
    STORAGE_SPLIT_BRAIN = "storage.split_brain"
    STORAGE_PATH = "storage.path"
    STORAGE_WITHDRAWN = "storage.withdrawn"
    TICKET_STATE = "ticket.state"
    BOOT = "boot"
    CLOCK_STEP = "clock.step"
    LOG_GAP = "log.gap"
