"""What crm_mon, pcs status and crm status tell of failures and fencings, as the lines their daemons wrote then.

A record has what the result of an operation has: resource, operation, node, result, reason and time (libpe_status and
libstonithd, which print them; the forms are those of Pacemaker 1.1 to 3.0). What a log beside it tells is not told
again.
"""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

import polars as pl

from logtrace.domain import durations
from logtrace.domain.columns import NO_TIME
from logtrace.lines.blocks import LINE
from logtrace.lines.carriers.block import Carrier, Strip

_OPERATION: Final = "start|stop|monitor|promote|demote|notify|migrate_to|migrate_from|reload(?:-agent)?"
_WHEN: Final = (
    r"(?:[A-Z][a-z]{2} [A-Z][a-z]{2} [ 0-9]?[0-9] [0-9:]{8} [0-9]{4}"
    r"|[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9:]{8}(?:\.[0-9]{1,9})?(?: ?(?:Z|[+-][0-9]{2}:?[0-9]{2}))?)"
)
#: What stands before a record, also where it was quoted.
_QUOTES: Final = " >|\t"
_LEAD: Final = r"^[ \t>|]*[*-]?[ \t]*"
#: `vip_start_0 on n1 'unknown error' (1): call=23, status=complete, exitreason='...', last-rc-change='...', exec=60ms`
_FAILED: Final = re.compile(
    rf"{_LEAD}(?P<resource>\S+?)_(?P<operation>{_OPERATION})_(?P<interval>[0-9]+) on (?P<node>\S+)"
    r" '(?P<result>[^']+)' \((?P<rc>[0-9]+)\): call=[0-9-]+, status='?(?P<status>[\w -]+?)'?,(?P<rest>.*)$"
)
#: `vip_start_0 (node=n1, call=23, rc=1, status=complete, last-rc-change=...): unknown error`, up to 1.1.10
_OLD: Final = re.compile(
    rf"{_LEAD}(?P<resource>\S+?)_(?P<operation>{_OPERATION})_(?P<interval>[0-9]+) \(node=(?P<node>[^,)]+),"
    r" call=[0-9-]+, rc=(?P<rc>[0-9]+), status=(?P<status>[\w ]+)(?P<rest>[^)]*)\): (?P<result>.+)$"
)
#: `vip 10s-interval monitor on n1 returned 'not running' (...) at ... after 60ms`, 2.1 and later
_FRIENDLY: Final = re.compile(
    rf"{_LEAD}(?P<resource>\S+) (?:(?P<interval>[0-9]\S*)-interval )?(?P<operation>{_OPERATION}|probe)"
    r" on (?P<node>\S+) (?:returned '(?P<result>[^']+)'(?: \((?P<reason>.*?)\))?"
    r"|could not be executed \((?P<status>[^:()]+)(?:: (?P<why>.*?))?\))"
    rf" at (?P<when>{_WHEN})(?: after (?P<exec>\S+))?$"
)
#: Actions in words, and as daemons name them.
_ACTIONS: Final = {"turning off": "off", "turn off": "off", "turn on": "on", "unfencing": "on"}
_ACTION: Final = "reboot|off|on|turning off|unfencing"
#: `reboot of n2 successful: delegate=n1, client=pacemaker-controld.117, origin=n1, completed='...'`
_FENCED: Final = re.compile(
    rf"{_LEAD}(?P<action>{_ACTION}) of (?P<node>\S+) (?P<result>successful|failed)"
    r"(?: \((?P<why>[^)]*)\))?: (?:delegate=(?P<by>[^,]*), )?client=(?P<client>[^,]*), origin=(?P<origin>[^,]*),\s*"
    rf"(?:completed|last-failed|last-successful)='?(?P<when>{_WHEN})'?"
)
#: `reboot of n2 by n1 for pacemaker-controld.117@n1 last failed (...) at ...`, 2.1 and later
_FENCED_FRIENDLY: Final = re.compile(
    rf"{_LEAD}(?P<action>{_ACTION}) of (?P<node>\S+)(?: by (?P<by>\S+))? for (?P<client>[^@\s]+)@(?P<origin>\S+)"
    rf"(?: last)? (?P<result>successful|failed)(?: \((?P<why>.*?)\))? at (?P<when>{_WHEN})"
)
#: `n1 was able to reboot node n2 on behalf of crmd.117 from n1 at ...`, stonith_admin up to 2.0
_FENCED_OLD: Final = re.compile(
    rf"{_LEAD}(?P<by>\S+|This node|We) (?P<result>was able|were able|failed) to (?P<action>reboot|turn on|turn off)"
    rf" node (?P<node>\S+) on behalf of (?P<client>\S+) from (?P<origin>\S+) at (?P<when>{_WHEN})"
)
#: Where an agent gave none, crm_mon of 1.1 prints the word.
_REASON: Final = re.compile(r"exit-?reason='(?!none')(.*?)'(?:,|$)")
_CHANGE: Final = re.compile(rf"last-rc-change='?({_WHEN})'?")
_EXEC: Final = re.compile(r"\bexec=([0-9]+)ms")
_GOES_ON: Final = re.compile(
    r"^[ \t>|]+(?:last-rc-change|queued|exec|exit-?reason|completed|last-failed|last-successful)="
)
_UPDATED: Final = re.compile(rf"{_LEAD}Last updated: (?P<when>{_WHEN})")
_ONLINE: Final = re.compile(rf"{_LEAD}Online: \[ (?P<nodes>[^\]]+) \]")
_DC: Final = re.compile(rf"{_LEAD}Current DC: (?P<node>\S+)")
#: A node that the cluster wants to fence and has not.
_UNCLEAN: Final = re.compile(rf"{_LEAD}Node (?P<node>[^\s:]+)(?: \([0-9]+\))?: UNCLEAN\b")
#: What failed on a node, in the summary of migrations that crm_mon -f prints.
_OF_NODE: Final = re.compile(rf"{_LEAD}Node:? (?P<node>[^\s:]+)(?: \([0-9]+\))?:?[ \t]*$")
_COUNTED: Final = re.compile(
    rf"{_LEAD}(?P<resource>\S+): migration-threshold=\S+ fail-count=(?P<count>\w+) last-failure='(?P<when>{_WHEN})'"
)

#: A result as the controller writes it.
_RESULT: Final = r"Result of \S+ operation for \S+ "
#: What a record begins with: an operation's key, or a resource and where something was done to it.
_BEGINS_WITH: Final = r"^[ \t>|]*[*-]?[ \t]*(?:(\S+)_[0-9]+ |(\S+) .* on )"
_OPERATION_KEY: Final = re.compile(rf"_(?:{_OPERATION})$")

#: No status is longer.
_LINES: Final = 10_000

#: A fail count, which is a million at most.
_COUNT: Final = re.compile("[0-9]{1,9}")
#: `Failcounts for resource 'vip'` of pcs, and each node below.
_FAILCOUNTS: Final = re.compile(rf"{_LEAD}Failcounts for (?:resource )?'?(?P<resource>[^\s']+)'?[ \t]*$")
_TIMES: Final = re.compile(r"^[ \t>|]+(?P<node>[^\s:]+): (?P<count>[0-9]+|INFINITY)[ \t]*$")
#: What crm_mon prints as XML, an element a line.
_ELEMENT: Final = re.compile(r"^[ \t>|]*<(?P<name>failure|fence_event|node|last_update|current_dc) (?P<rest>[^<>]*)>")
_ATTRIBUTE: Final = re.compile(r'([A-Za-z][\w-]*)="([^"]*)"')

_FENCINGS: Final = (_FENCED, _FENCED_FRIENDLY, _FENCED_OLD)
_ANY: Final = (_FAILED, _OLD, _FRIENDLY, *_FENCINGS, _UNCLEAN, _COUNTED, _FAILCOUNTS)
#: What every record has in it.
_HINT: Final = (
    r"last-rc-change|_[0-9]+ (?:on \S+ '|\(node=)"
    r"| on \S+ (?:returned '|could not be executed)|(?:successful|failed)| on behalf of |UNCLEAN|fail-count=|Node:? "
    r"|last-(?:failed|successful)=|completed=|Failcounts for |^[ \t>|]+\S+: (?:[0-9]+|INFINITY)[ \t]*$"
    r"|<(?:failure|fence_event|node|last_update|current_dc) "
)


def _sees(sample: pl.DataFrame) -> tuple[str, Strip] | None:
    lines = [_as_text(line) for line in sample["text"].head(_LINES)]
    if not _records(lines):
        return None
    return "records of a status, told as lines of the log", _told


def is_status(text: str) -> bool:
    """Whether a text is the status of a cluster that records a failure or a fencing."""
    lines = [_as_text(line) for line in text.split("\n")[:_LINES]]
    return _records(lines)


def _records(lines: Sequence[str]) -> bool:
    whole = (_joined(lines, at) for at in range(len(lines)))
    return any(pattern.match(line) for line in whole for pattern in _ANY)


def _as_text(line: str) -> str:
    """An element of XML as crm_mon prints the same as text; any other line as it is."""
    match = _ELEMENT.match(line)
    if match is None:
        return line
    has = {name: html.unescape(value) for name, value in _ATTRIBUTE.findall(match["rest"])}
    if match["name"] == "failure":
        return (
            f"{has.get('op_key')} on {has.get('node')} '{has.get('exitstatus')}' ({has.get('exitcode')}): "
            f"call={has.get('call', 0)}, status='{has.get('status')}', exitreason='{has.get('exitreason', '')}', "
            f"last-rc-change='{has.get('last-rc-change')}', exec={has.get('exec', 0)}ms"
        )
    if match["name"] == "fence_event":
        how = {"success": "successful", "failed": "failed"}.get(has.get("status", ""), "pending")
        why = f" ({has['exit-reason']})" if has.get("exit-reason") else ""
        return (
            f"{has.get('action')} of {has.get('target')} {how}{why}: delegate={has.get('delegate', '')}, "
            f"client={has.get('client')}, origin={has.get('origin')}, completed='{has.get('completed')}'"
        )
    if match["name"] == "node":
        return f"Node {has.get('name')}: UNCLEAN" if has.get("unclean") == "true" else line
    return f"Last updated: {has.get('time')}" if match["name"] == "last_update" else f"Current DC: {has.get('name')}"


def _joined(lines: Sequence[str], at: int) -> str:
    """A line with the one that goes on with it."""
    following = lines[at + 1] if at + 1 < len(lines) else ""
    if not _GOES_ON.match(following):
        return lines[at]
    return f"{lines[at].rstrip()} {following.lstrip(_QUOTES)}"


def _told(lines: pl.DataFrame) -> pl.DataFrame:
    """The lines with each record in the words of the daemon that had the result."""
    records = lines["text"].str.contains(f"{_HINT}|exec=|Last updated|Online:|Current DC").arg_true().to_list()
    found = {number: _as_text(lines["text"][number][:LINE]) for number in records}
    updated, dc = _first(found.values(), _UPDATED), _first(found.values(), _DC)
    known, recorded = _known(lines["text"]), _recorded(lines["text"])
    told: dict[int, str] = {}
    node = resource = None
    for number, text in found.items():
        goes_on = _GOES_ON.match(found.get(number + 1, ""))
        whole = _joined([text, found.get(number + 1, "")], 0)
        node = match["node"] if (match := _OF_NODE.match(text)) else node
        resource = match["resource"] if (match := _FAILCOUNTS.match(text)) else resource
        line = (
            _failure(whole, timeless=updated is None)
            or _fencing(whole)
            or _unclean(text, updated, dc)
            or _counted(text, node, recorded)
            or _failed_times(text, resource)
            or _online(text, updated, dc)
        )
        if line and _result_of(whole) not in known:
            told[number] = line
            if goes_on:  # it is told with the first
                told[number + 1] = ""
    if not told:
        return lines
    return lines.with_columns(lines["text"].clone().scatter(list(told), list(told.values())).alias("text"))


def _first(found: Iterable[str], pattern: re.Pattern[str]) -> str | None:
    return next((match[1] for text in found if (match := pattern.match(text))), None)


def _known(texts: pl.Series) -> frozenset[tuple[str, str]]:
    """The results that a log beside the records tells: operation and resource."""
    said = texts.str.extract_all(_RESULT).explode().drop_nulls().unique()
    return frozenset((words[2], words[5]) for words in map(str.split, said))


def _result_of(record: str) -> tuple[str, str] | None:
    """The same of a record."""
    match = _FAILED.match(record) or _OLD.match(record) or _FRIENDLY.match(record)
    return (match["operation"], match["resource"]) if match else None


def _recorded(texts: pl.Series) -> frozenset[str]:
    """The resources that a record, or any line that tells where they are, begins with; copies of a clone without their
    number as well.
    """
    keys, places = (texts.str.extract(_BEGINS_WITH, group) for group in (1, 2))
    named = keys.append(places).drop_nulls().unique()
    words = {_OPERATION_KEY.sub("", word) for word in named}
    return frozenset(words | {re.sub(":[0-9]+$", "", word) for word in words})


def _failure(record: str, *, timeless: bool) -> str | None:
    """A failed action. Up to 1.1.10 it has no date: then it is told only where nothing else has one either."""
    match = _FAILED.match(record) or _OLD.match(record) or _FRIENDLY.match(record)
    if match is None:
        return None
    groups = match.groupdict()
    rest = groups.get("rest") or ""
    when = groups.get("when") or (change[1] if (change := _CHANGE.search(rest)) else None)
    if when is None and not timeless:
        return None
    reason = groups.get("reason") or groups.get("why") or (why[1] if (why := _REASON.search(rest)) else "")
    ran = groups.get("exec") or (f"{took[1]}ms" if (took := _EXEC.search(rest)) else "0ms")
    recurring = (groups.get("interval") or "0") != "0"
    status = groups.get("status") or "complete"
    result = status if status not in {"complete", "done"} and status != "Error" else groups["result"]
    return result_line(
        groups["node"],
        groups["resource"],
        "probe" if groups["operation"] == "monitor" and groups.get("interval") == "0" else groups["operation"],
        result or "error",
        reason,
        when or f"{NO_TIME:%Y-%m-%d %H:%M:%S}+0000",
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
    match = next((match for pattern in _FENCINGS if (match := pattern.match(record))), None)
    stamp = match and _stamp(match["when"], timedelta())
    if match is None or stamp is None:
        return None
    groups = match.groupdict()
    why = groups.get("why")
    result = f"Error{f' ({why})' if why else ''}" if match["result"] == "failed" else "OK"
    action = _ACTIONS.get(match["action"], match["action"])
    by = match["by"] if match["by"] not in {None, "We", "This node"} else "<no-one>"
    return (
        f"{stamp} {match['origin']} pacemaker-fenced[1]: notice: Operation '{action}' targeting "
        f"{match['node']} by {by} for {match['client']}@{match['origin']}: {result}"
    )


def _unclean(text: str, updated: str | None, dc: str | None) -> str | None:
    """That a node is to be fenced, as the scheduler says it each time it plans, when the status is printed."""
    match = _UNCLEAN.match(text)
    stamp = _stamp(updated, timedelta()) if updated else None
    if match is None or stamp is None:
        return None
    return (
        f"{stamp} {dc or match['node']} pacemaker-schedulerd[1]: warning: Scheduling Node {match['node']} for STONITH"
    )


def _counted(text: str, node: str | None, recorded: Collection[str]) -> str | None:
    """A fail count with the time of the last failure, which no record tells."""
    match = _COUNTED.match(text)
    stamp = match and _stamp(match["when"], timedelta())
    if match is None or stamp is None or node is None:
        return None
    resource = match["resource"]
    if resource in recorded:
        return None
    return _raised(stamp, node, resource, match["count"])


def _failed_times(text: str, resource: str | None) -> str | None:
    """A fail count of which no time is told."""
    match = _TIMES.match(text)
    if match is None or resource is None:
        return None
    return _raised(f"{NO_TIME:%Y-%m-%dT%H:%M:%S}Z", match["node"], resource, match["count"])


def _raised(stamp: str, node: str, resource: str, count: str) -> str | None:
    """That a fail count rose to `count`, as it did with the last failure."""
    if count in {"1000000", "INFINITY"}:
        before, count = "(unset)", "INFINITY"
    elif _COUNT.fullmatch(count) and int(count):
        before = str(int(count) - 1) if int(count) > 1 else "(unset)"
    else:
        return None
    return f"{stamp} {node} pacemaker-attrd[1]: notice: Setting fail-count-{resource}[{node}]: {before} -> {count}"


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
    when = re.sub(r"\.[0-9]+", "", when)
    for layout in ("%a %b %d %H:%M:%S %Y", "%Y-%m-%d %H:%M:%S%z", "%Y-%m-%d %H:%M:%S %z", "%Y-%m-%d %H:%M:%S"):
        try:
            time = datetime.strptime(when.replace("T", " ", 1) if when[0].isdigit() else when, layout)  # noqa: DTZ007
            return (time + later).isoformat(timespec="seconds")
        except ValueError:
            continue
        except OverflowError:  # behind the last year there is
            return None
    return None


STATUS: Final = (Carrier(_sees),)
