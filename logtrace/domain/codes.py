"""The words and numbers in which results are told: OCF return codes, execution states, daemon names.

Wordings changed over the releases (services_ocf_exitcode_str, pcmk_exec_status_str in Pacemaker 1.1 to 3.0) and in
case; everything here is compared in lower case. The first word of each row is the canonical one.
"""

from __future__ import annotations

import re
from typing import Final

#: OCF return code -> its words. 190 and 191 count as success; codes from 192 on are those of the 1.1 executor.
RC_WORDS: Final[dict[int, tuple[str, ...]]] = {
    0: ("ok",),
    1: ("error", "unknown error", "error occurred"),
    2: ("invalid parameter",),
    3: ("unimplemented feature", "unimplemented"),
    4: ("insufficient privileges",),
    5: ("not installed",),
    6: ("not configured",),
    7: ("not running",),
    8: ("promoted", "master"),
    9: ("promoted (failed)", "master (failed)", "failed in promoted role", "failed master"),
    189: ("connection died", "ocf_connection_died"),
    190: ("degraded",),
    191: ("promoted (degraded)", "degraded promoted", "master (degraded)", "degraded master"),
    192: ("exec error", "ocf_exec_error"),
    193: ("unknown", "ocf_unknown"),
    194: ("signal", "ocf_signal"),
    195: ("not supported", "ocf_not_supported"),
    196: ("pending", "ocf_pending"),
    197: ("cancelled", "ocf_cancelled"),
    198: ("timeout", "ocf_timeout"),
    199: ("other error", "ocf_other_error"),
}

#: Execution states as the daemons spell them (pcmk_exec_status_str; services_lrm_status_str before 2.1).
STATUS_WORDS: Final[tuple[str, ...]] = (
    "Unknown",
    "pending",
    "complete",
    "Cancelled",
    "Timed Out",
    "NOT SUPPORTED",
    "Error",
    "Hard error",
    "Fatal error",
    "Not installed",
    "Not connected",
    "Internal communication failure",
    "Invalid",
    "Cannot execute now",
    "No fence device",
    "CIB secrets unavailable",
)

RC_OF_WORD: Final[dict[str, int]] = {word: rc for rc, words in RC_WORDS.items() for word in words}
WORD_OF_RC: Final[dict[int, str]] = {rc: words[0] for rc, words in RC_WORDS.items()}
CANONICAL_WORD: Final[dict[str, str]] = {word: words[0] for words in RC_WORDS.values() for word in words}
CANONICAL_STATUS: Final[dict[str, str]] = {word.lower(): word for word in STATUS_WORDS}

#: Operations as they stand in operation keys `<resource>_<operation>_<ms>`; `notify` has its own forms there.
OPERATIONS: Final[tuple[str, ...]] = (
    "start",
    "stop",
    "monitor",
    "promote",
    "demote",
    "notify",
    "migrate_to",
    "migrate_from",
    "reload-agent",
    "reload",
    "status",
    "meta-data",
    "validate-all",
    "cancel",
)

#: Operations that never recur: their interval is 0 even where a line does not print it.
ONE_SHOT: Final[tuple[str, ...]] = (
    "start",
    "stop",
    "promote",
    "demote",
    "notify",
    "migrate_to",
    "migrate_from",
    "reload-agent",
    "reload",
)

#: Tags of earlier releases -> the daemon's name since Pacemaker 2.0.
DAEMON_NAMES: Final[dict[str, str]] = {
    "crmd": "pacemaker-controld",
    "pengine": "pacemaker-schedulerd",
    "lrmd": "pacemaker-execd",
    "pacemaker_remoted": "pacemaker-execd",
    "pacemaker-remoted": "pacemaker-execd",
    "stonithd": "pacemaker-fenced",
    "stonith-ng": "pacemaker-fenced",
    "cib": "pacemaker-based",
    "attrd": "pacemaker-attrd",
    "corosync.service": "corosync",
    "sbd.service": "sbd",
    "pacemaker_remote.service": "pacemaker-execd",
}

#: What stands for any of Pacemaker's daemons: its unit (journalctl -o with-unit), or a line that has lost its tag.
ANY_DAEMON: Final = ("pacemaker.service", "pacemaker")

#: Level words of all carriers -> libqb's.
LEVELS: Final[dict[str, str]] = {
    "warn": "warning",
    "err": "error",
    "critical": "crit",
    "emergency": "emerg",
}


def words_pattern(words: list[str]) -> str:
    """A regular expression that matches any of `words`, longest first, in any case."""
    return (
        "(?i-u:"
        + "|".join(re.escape(word).replace(r"\ ", " ") for word in sorted(set(words), key=lambda w: (-len(w), w)))
        + ")"
    )


RC_TEXT_PATTERN: Final = words_pattern(list(RC_OF_WORD))
STATUS_PATTERN: Final = words_pattern([word.lower() for word in STATUS_WORDS])
