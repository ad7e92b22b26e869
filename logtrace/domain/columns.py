"""The columns of every frame and the vocabulary of the message catalogue.

This is the only place where column names and types are declared. A field of a catalogue template
(`parsers/messages/*.toml`) is a column of EVENTS; the catalogue checker refuses any other name.

Times: `time` is always UTC with microseconds, corrected for the skew of the node's clock; `local` is
what the line says, naive, in the node's own zone. Durations are milliseconds (`*_ms`), as the daemons
print them.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

import polars as pl
from msgspec import Struct

from logtrace.domain import codes

UTC: Final = pl.Datetime("us", "UTC")
NAIVE: Final = pl.Datetime("us")

#: The year of a `local` time whose header prints none: a leap year, for there must be a 29 February.
NO_YEAR: Final = 1904

#: The `local` time of lines that have none at all: only their order is known. No log is of that second.
NO_TIME: Final = datetime(1970, 1, 1)  # noqa: DTZ001 - a local time

#: The `pid` of lines that stand for records of a status: no daemon wrote them then.
NO_PROCESS: Final = 0

#: Ten years in milliseconds. A line that tells of a longer run, pause or interval is damaged, and tells of none.
LONGEST_MS: Final = 315_360_000_000

#: One row per log line that may matter, before its message is understood.
LINES: Final[dict[str, pl.DataType]] = {
    "file": pl.UInt32(),  # index into the case's list of files
    "line": pl.UInt32(),  # 1-based
    "format": pl.String(),  # name of the header layout (parsers/formats); `carrier/payload` where two make it up
    "local": NAIVE,  # as printed; year NO_YEAR when the header has none
    "offset_s": pl.Int32(),  # UTC offset printed in the header, seconds; null when it has none
    "precise": pl.Boolean(),  # the header has fractions of a second
    "node": pl.String(),  # host of the header, else the node the file belongs to
    "daemon": pl.String(),  # as printed, lower case; `Agent(resource)` as printed for a resource agent's line
    "pid": pl.Int64(),
    "level": pl.String(),  # lower case: emerg alert crit error warning notice info debug
    "message": pl.String(),  # without function prefix, trailing blanks removed; at most 4096 characters
    "said": pl.UInt32(),  # within a batch, lines with the same number differ in nothing but file, line and time
}


class Field(Struct, frozen=True):
    """A field that a catalogue template may name.

    `pattern` is the regular expression used when the template gives none; `dtype` the type of the column.
    `unit` "ms" marks durations printed like `5s`, `4.002s`, `1m30s`, `200ms` or a bare number of milliseconds.
    """

    dtype: pl.DataType
    pattern: str
    meaning: str
    unit: str = ""


_WORD = r"\S+"
_INT = r"-?\d+"
_DURATION = r"\d[\d.]*(?:ms|us|[smhd])?(?:\d+(?:ms|[smh]))*"

FIELDS: Final[dict[str, Field]] = {
    # what is acted on
    "resource": Field(pl.String(), _WORD, "resource id as printed (clone instance suffix removed later)"),
    "operation": Field(pl.String(), r"[\w-]+", "start, stop, monitor, probe, promote, demote, notify, migrate_to, ..."),
    "interval": Field(pl.Int64(), _INT, "interval of the operation in ms; 0 for one-shot"),
    "target": Field(pl.String(), r"[^\s,:;'\"\[\]()]+", "the node acted on or spoken of"),
    "peer": Field(pl.String(), r"[^\s,:;'\"\[\]()]+", "another node: executioner, leader, origin of a request"),
    "call": Field(pl.Int64(), _INT, "executor call id"),
    "transition": Field(pl.Int64(), _INT, "transition number on this DC"),
    "action": Field(pl.Int64(), _INT, "action id within the transition graph"),
    "transition_key": Field(pl.String(), r"-?\d+:-?\d+:\d+:[0-9a-f-]+", "action:transition:expected rc:DC uuid"),
    # results
    "rc": Field(pl.Int64(), _INT, "OCF return code"),
    "rc_text": Field(pl.String(), codes.RC_TEXT_PATTERN, "result in words: ok, not running, error, not installed, ..."),
    "expected": Field(pl.String(), codes.RC_TEXT_PATTERN, "the result the DC expected, in words"),
    "status": Field(pl.String(), codes.STATUS_PATTERN, "execution status in words: Timed Out, Cancelled, Error, ..."),
    "reason": Field(pl.String(), r".*?", "exit reason, due-to reason, fencing reason"),
    "why": Field(pl.String(), r"[\w-]+", "what the reason, detail or text comes to: a class of domain.reasons"),
    "due_to": Field(pl.String(), r"[^\s()]+", "the resource another one's action is due to"),
    "exec_ms": Field(pl.Float64(), _DURATION, "run time of the agent", "ms"),
    "queue_ms": Field(pl.Float64(), _DURATION, "time spent waiting in the executor", "ms"),
    "timeout_ms": Field(pl.Float64(), _DURATION, "timeout that was or would be applied", "ms"),
    "child_pid": Field(pl.Int64(), _INT, "process id of the child spoken of"),
    # scheduler
    "verb": Field(
        pl.String(), r"[\w-]+", "Start, Stop, Recover, Restart, Move, Promote, Demote, Migrate, Reload, Leave"
    ),
    "detail": Field(pl.String(), r".*?", "the parenthesis of a scheduled action: nodes and roles"),
    "pe_file": Field(pl.String(), _WORD, "scheduler input file as printed"),
    "ref": Field(pl.String(), r"[^\s)]+", "reference of a scheduler request; holds an epoch"),
    "outcome": Field(pl.String(), r"[\w -]+", "Complete, Stopped, Terminated, In-progress"),
    "complete": Field(pl.Int64(), _INT, "actions of the transition that completed"),
    "pending": Field(pl.Int64(), _INT, "actions still pending"),
    "fired": Field(pl.Int64(), _INT, "actions fired"),
    "skipped": Field(pl.Int64(), _INT, "actions dropped by an abort"),
    "incomplete": Field(pl.Int64(), _INT, "actions that could not be run"),
    # controller
    "old_state": Field(pl.String(), r"S_\w+|\w+", "state before (FSA or membership)"),
    "state": Field(pl.String(), r"S_\w+|\w+", "state after (FSA or membership)"),
    "input": Field(pl.String(), r"I_\w+", "FSA input"),
    "cause": Field(pl.String(), r"[\w-]+", "FSA cause, e.g. C_TIMER_POPPED"),
    # attributes
    "attribute": Field(pl.String(), r"[^\s\[\]:]+", "node attribute name"),
    "old_value": Field(pl.String(), r".*?", "value before"),
    "value": Field(pl.String(), r".*?", "value after"),
    "epoch": Field(pl.Int64(), _INT, "seconds (or, above 1e11, milliseconds) since 1970 printed in the message"),
    # `Jul  1 15:51:03 2026`, or `2026-07-01 15:51:03`
    "at": Field(pl.String(), r"\w{3} {1,2}\d{1,2} \d\d:\d\d:\d\d \d{4}", "local time with year printed in the message"),
    # membership
    "membership": Field(pl.String(), r"[^\s()]+", "membership or ring id"),
    "members": Field(pl.String(), r"[\d ,]*?", "node ids of the members"),
    "joined": Field(pl.String(), r"[\d ,]*?", "node ids that joined"),
    "left": Field(pl.String(), r"[\d ,]*?", "node ids that left"),
    "nodeid": Field(pl.String(), r"\d+", "corosync node id spoken of"),
    "link": Field(pl.Int64(), r"\d+", "knet link or ring number"),
    "address": Field(pl.String(), r"[^\s\[\]]+", "network address or interface"),
    "pause_ms": Field(pl.Float64(), r"[\d.]+", "length of a scheduling pause", "ms"),
    "threshold_ms": Field(pl.Float64(), r"[\d.]+", "threshold of that warning", "ms"),
    "token_ms": Field(pl.Float64(), r"[\d.]+", "corosync token timeout", "ms"),
    "consensus_ms": Field(pl.Float64(), r"[\d.]+", "corosync consensus timeout", "ms"),
    # fencing
    "fence_action": Field(pl.String(), r"[\w-]+", "reboot, off, on, monitor, list, ..."),
    "device": Field(pl.String(), r"[^\s,:;'\"()]+", "fence device"),
    "client": Field(pl.String(), r"[^\s@,;:]+", "program that asked, e.g. pacemaker-controld.1234"),
    "origin": Field(pl.String(), r"[^\s,;:()]+", "node (or node/client/call) the request came from"),
    "fence_id": Field(pl.String(), r"[\w-]+", "id of the fencing request"),
    "delay_ms": Field(pl.Float64(), _DURATION, "configured delay before the action", "ms"),
    # daemons and processes
    "child": Field(pl.String(), r"[\w:.@-]+", "daemon, unit or process spoken of"),
    "signal": Field(pl.Int64(), r"\d+", "signal number"),
    "agent": Field(pl.String(), r"[\w.:-]+", "resource or fence agent"),
    "version": Field(pl.String(), r"[\w.+~:-]+", "software or CIB version"),
    "count": Field(pl.Int64(), r"\d+", "a count: failures, nodes, repetitions"),
    "limit": Field(pl.String(), r"\w+", "migration threshold, maximum"),
    # CIB
    "cib_op": Field(pl.String(), r"cib_\w+", "cib_modify, cib_apply_diff, cib_replace, cib_delete, ..."),
    "section": Field(pl.String(), _WORD, "CIB section or XPath"),
    "path": Field(pl.String(), _WORD, "XPath of a change"),
    "text": Field(pl.String(), r".*?", "free text worth keeping"),
}

#: `{key}` in a template is shorthand for `<resource>_<operation>_<interval>` (an operation key, parsed from the right).
KEY: Final = "key"

#: key=value pairs that may stand after ` | `; a message names those it wants in `tail`. Name -> (column, pattern).
TAIL: Final[dict[str, tuple[str, str]]] = {
    "call": ("call", r"\bcall(?:-id)?[= ](-?\d+)"),
    "key": ("key", r"\b(?:op_)?key=(\S+?_\d+)\b"),
    "rc": ("rc", r"(?:^|[ ,;])(?:rc|exit-status)=(-?\d+)"),
    "transition_key": ("transition_key", r"\btransition(?:_key)?[= ](-?\d+:-?\d+:\d+:[0-9a-f-]+)"),
    "transition": ("transition", r"\btransition[= ](?:-?\d+:)?(-?\d+)"),
    "action": ("action", r"\baction (-?\d+)"),
    "timeout": ("timeout_ms", r"\btimeout=(\d+(?:ms|s)?)"),
    "input": ("input", r"\binput=(I_\w+)"),
    "cause": ("cause", r"\bcause=(C_\w+)"),
    "complete": ("state", r"\bcomplete=(true|false|[01])"),
    "id": ("fence_id", r"\b(?:id|ref|event)=(\S+)"),
    "nodeid": ("nodeid", r"\bnodeid=(\d+)"),
    "failures": ("count", r"\bfailures=(\d+)"),
    "threshold": ("limit", r"\bmigration-threshold=(\w+)"),
    "previous": ("old_state", r"\bprevious=(\w+)"),
    "membership": ("membership", r"\bmembership=(\w+)"),
    "event": ("text", r"\bevent='([^']*)'"),
    "client": ("client", r"\b(?:from|for client) ([\w.-]+)"),
    "path": ("path", r"\bpath=(\S+)"),
}

#: One row per line that the catalogue understood. Columns of FIELDS follow these.
EVENT_HEAD: Final[dict[str, pl.DataType]] = {
    "event": pl.UInt32(),  # id, unique within a case; 0-based, in order of time
    "time": UTC,
    "local": NAIVE,
    "precise": pl.Boolean(),  # fractions of a second are known
    "node": pl.String(),  # the node that logged it (cluster name of the node, aliases resolved)
    "file": pl.UInt32(),
    "line": pl.UInt32(),
    "daemon": pl.String(),  # modern name: pacemaker-controld, pacemaker-execd, corosync, kernel, ...
    "pid": pl.Int64(),
    "level": pl.String(),
    "kind": pl.String(),  # see parsers/README.md
    "message": pl.String(),
}

EVENTS: Final[dict[str, pl.DataType]] = {**EVENT_HEAD, **{name: field.dtype for name, field in FIELDS.items()}}
