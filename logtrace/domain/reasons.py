"""What the reasons that daemons and agents print come to, in one word each; parsers/reasons has their wordings.

The scheduler (LogAction, pacemaker-schedulerd) explains an action by a sentence, the executor an operation by an exit
reason, an agent what it did by lines of its own. An event holds that text as it is printed in `reason`, `detail` or
`text`, and its class in `why`.
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

    # why an operation failed, by the executor
    TIMED_OUT = "timed-out"

    # what an agent saw and did
    NO_PID_FILE = "no-pid-file"
    NOT_RUNNING = "not-running"
    STOPPED = "stopped"
    SIGNALLED = "signalled"
    PID_FILE = "pid-file"
