"""What crm_mon, pcs status and crm status tell of failures and fencings, as the lines their daemons wrote then.

A record has what the result of an operation has: resource, operation, node, result, reason and time (libpe_status and
libstonithd, which print them; the forms are those of Pacemaker 1.1 to 3.0). What a log beside it tells is not told
again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

import polars as pl

from logtrace.domain import durations
from logtrace.lines.blocks import LINE
from logtrace.lines.carriers.block import Carrier, Strip, texts

_OPERATION: Final = "start|stop|monitor|promote|demote|notify|migrate_to|migrate_from|reload(?:-agent)?"
_WHEN: Final = (
    r"(?:[A-Z][a-z]{2} [A-Z][a-z]{2} [ 0-9]?[0-9] [0-9:]{8} [0-9]{4}"
    r"|[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9:]{8}(?: ?(?:Z|[+-][0-9]{2}:?[0-9]{2}))?)"
)
#: `vip_start_0 on n1 'unknown error' (1): call=23, status=complete, exitreason='...', last-rc-change='...', exec=60ms`
_FAILED: Final = re.compile(
    rf"^[ \t]*[*-]?[ \t]*(?P<resource>\S+?)_(?P<operation>{_OPERATION})_(?P<interval>[0-9]+) on (?P<node>\S+)"
    r" '(?P<result>[^']+)' \((?P<rc>[0-9]+)\): call=[0-9-]+, status='?(?P<status>[\w -]+?)'?,(?P<rest>.*)$"
)
#: `vip_start_0 (node=n1, call=23, rc=1, status=complete, last-rc-change=...): unknown error`, up to 1.1.10
_OLD: Final = re.compile(
    rf"^[ \t]*[*-]?[ \t]*(?P<resource>\S+?)_(?P<operation>{_OPERATION})_(?P<interval>[0-9]+) \(node=(?P<node>[^,)]+),"
    r" call=[0-9-]+, rc=(?P<rc>[0-9]+), status=(?P<status>[\w ]+)(?P<rest>[^)]*)\): (?P<result>.+)$"
)
#: `vip 10s-interval monitor on n1 returned 'not running' (...) at ... after 60ms`, 2.1 and later
_FRIENDLY: Final = re.compile(
    rf"^[ \t]*[*-][ \t]*(?P<resource>\S+) (?:(?P<interval>[0-9]\S*)-interval )?(?P<operation>{_OPERATION}|probe)"
    r" on (?P<node>\S+) (?:returned '(?P<result>[^']+)'(?: \((?P<reason>.*?)\))?"
    r"|could not be executed \((?P<status>[^:()]+)(?:: (?P<why>.*?))?\))"
    rf" at (?P<when>{_WHEN})(?: after (?P<exec>\S+))?$"
)
#: `reboot of n2 successful: delegate=n1, client=pacemaker-controld.117, origin=n1, completed='...'`
_FENCED: Final = re.compile(
    r"^[ \t]*[*-]?[ \t]*(?P<action>reboot|off|on) of (?P<node>\S+) (?P<result>successful|failed)"
    r"(?: \((?P<why>[^)]*)\))?: (?:delegate=(?P<by>[^,]*), )?client=(?P<client>[^,]*), origin=(?P<origin>[^,]*),\s*"
    rf"(?:completed|last-failed|last-successful)='?(?P<when>{_WHEN})'?"
)
#: Where an agent gave none, crm_mon of 1.1 prints the word.
_REASON: Final = re.compile(r"exit-?reason='(?!none')(.*?)'(?:,|$)")
_CHANGE: Final = re.compile(rf"last-rc-change='?({_WHEN})'?")
_EXEC: Final = re.compile(r"\bexec=([0-9]+)ms")
_GOES_ON: Final = re.compile(r"^[ \t]+(?:last-rc-change|queued|exec|exit-?reason)=")
_UPDATED: Final = re.compile(rf"^[ \t]*\*?[ \t]*Last updated: (?P<when>{_WHEN})")
_ONLINE: Final = re.compile(r"^[ \t]*\*?[ \t]*Online: \[ (?P<nodes>[^\]]+) \]")
_DC: Final = re.compile(r"^[ \t]*\*?[ \t]*Current DC: (?P<node>\S+)")

#: No status is longer.
_LINES: Final = 10_000

_ANY: Final = (_FAILED, _OLD, _FRIENDLY, _FENCED)
#: What every record has in it.
_HINT: Final = (
    r"last-rc-change|_[0-9]+ (?:on \S+ '|\(node=)"
    r"| on \S+ (?:returned '|could not be executed)|(?:successful|failed).*client="
)


def _sees(sample: pl.DataFrame) -> tuple[str, Strip] | None:
    if not any(pattern.match(text) for text in texts(sample) for pattern in _ANY):
        return None
    return "records of a status, told as lines of the log", _told


def is_status(text: str) -> bool:
    """Whether a text is the status of a cluster that records a failure or a fencing."""
    return any(pattern.match(line) for line in text.split("\n")[:_LINES] for pattern in _ANY)


def _told(lines: pl.DataFrame) -> pl.DataFrame:
    """The lines with each record in the words of the daemon that had the result."""
    records = lines["text"].str.contains(f"{_HINT}|exec=|Last updated|Online:|Current DC").arg_true().to_list()
    found = {number: lines["text"][number][:LINE] for number in records}
    updated, dc = _first(found.values(), _UPDATED), _first(found.values(), _DC)
    told: dict[int, str] = {}
    for number, text in found.items():
        goes_on = found.get(number + 1, "")
        whole = f"{text} {goes_on.strip()}" if _GOES_ON.match(goes_on) else text
        line = _failure(whole) or _fencing(whole) or _online(text, updated, dc)
        if line and not _known(lines["text"], whole):
            told[number] = line
    if not told:
        return lines
    return lines.with_columns(lines["text"].clone().scatter(list(told), list(told.values())).alias("text"))


def _first(found: Iterable[str], pattern: re.Pattern[str]) -> str | None:
    return next((match[1] for text in found if (match := pattern.match(text))), None)


def _known(texts: pl.Series, record: str) -> bool:
    """Whether a log beside the record tells the same result."""
    match = _FAILED.match(record) or _OLD.match(record) or _FRIENDLY.match(record)
    if match is None:
        return False
    said = f"Result of {match['operation']} operation for {match['resource']} "
    return bool(texts.str.contains(said, literal=True).any())


def _failure(record: str) -> str | None:
    match = _FAILED.match(record) or _OLD.match(record) or _FRIENDLY.match(record)
    if match is None:
        return None
    groups = match.groupdict()
    rest = groups.get("rest") or ""
    when = groups.get("when") or (change[1] if (change := _CHANGE.search(rest)) else None)
    if when is None:
        return None
    reason = groups.get("reason") or groups.get("why") or (why[1] if (why := _REASON.search(rest)) else "")
    ran = groups.get("exec") or (f"{took[1]}ms" if (took := _EXEC.search(rest)) else "0ms")
    recurring = (groups.get("interval") or "0") != "0"
    status = groups.get("status") or "complete"
    result = status if status not in {"complete", "done"} and status != "Error" else groups["result"]
    return result_line(
        groups["node"],
        groups["resource"],
        groups["operation"],
        result or "error",
        reason,
        when,
        ran,
        recurring=recurring,
    )


def result_line(
    node: str, resource: str, operation: str, result: str, reason: str, when: str, ran: str, *, recurring: bool
) -> str | None:
    """A result as pacemaker-controld writes it. `when`: of a recurring monitor the time of its result, else that of
    its beginning, behind which it `ran`; None where it is no time.
    """
    took = timedelta() if recurring else timedelta(seconds=durations.seconds(ran) or 0)
    stamp = _stamp(when, took)
    if stamp is None:
        return None
    because = f" ({reason})" if reason else ""
    said = f"Result of {operation} operation for {resource} on {node}: {result}{because}"
    return f"{stamp} {node} pacemaker-controld[1]: notice: {said}"


def _fencing(record: str) -> str | None:
    match = _FENCED.match(record)
    stamp = match and _stamp(match["when"], timedelta())
    if match is None or stamp is None:
        return None
    result = "OK" if match["result"] == "successful" else f"Error{f' ({why})' if (why := match['why']) else ''}"
    return (
        f"{stamp} {match['origin']} pacemaker-fenced[1]: notice: Operation '{match['action']}' targeting "
        f"{match['node']} by {match['by'] or '<no-one>'} for {match['client']}@{match['origin']}: {result}"
    )


def _online(text: str, updated: str | None, dc: str | None) -> str | None:
    """That nodes are members, as the DC knows when the status is printed."""
    match = _ONLINE.match(text)
    stamp = _stamp(updated, timedelta()) if updated else None
    if match is None or stamp is None:
        return None
    nodes = match["nodes"].split()
    return f"{stamp} {dc or nodes[0]} pacemaker-controld[1]: notice: Node {nodes[-1]} state is now member"


def _stamp(when: str, later: timedelta) -> str | None:
    """A time as a status prints it, in ISO 8601, so much later."""
    for layout in ("%a %b %d %H:%M:%S %Y", "%Y-%m-%d %H:%M:%S%z", "%Y-%m-%d %H:%M:%S %z", "%Y-%m-%d %H:%M:%S"):
        try:
            time = datetime.strptime(when.replace("T", " ", 1) if when[0].isdigit() else when, layout)  # noqa: DTZ007
        except ValueError:
            continue
        return (time + later).isoformat(timespec="seconds")
    return None


STATUS: Final = (Carrier(_sees),)
