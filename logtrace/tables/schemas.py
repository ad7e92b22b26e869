"""Every table and column there is, with type, meaning and unit: the one place where they are declared.

Each table has `case_id`, by which rows of one case are joined; `incident` is the number of an incident within its case
(`i2`). Names are those of the JSON document where it has them, but for what is a word of SQL. Times are UTC with
microseconds, durations are seconds unless a name ends in `_ms`; what is unknown is null. Tables grow by columns; none
changes its meaning.
"""

from __future__ import annotations

from typing import Final

import polars as pl
from msgspec import Struct

from logtrace.assessment.phases import PhaseName


class Column(Struct, frozen=True):
    """A column's type, and what it tells."""

    dtype: pl.DataType
    meaning: str


Table = dict[str, Column]

_TEXT: Final = pl.String()
_TEXTS: Final = pl.List(pl.String())
_TIME: Final = pl.Datetime("us", "UTC")
_SECONDS: Final = pl.Float64()
_NUMBER: Final = pl.Int64()
_FLAG: Final = pl.Boolean()


def _text(meaning: str) -> Column:
    return Column(_TEXT, meaning)


def _texts(meaning: str) -> Column:
    return Column(_TEXTS, meaning)


def _time(meaning: str) -> Column:
    return Column(_TIME, meaning)


def _seconds(meaning: str) -> Column:
    return Column(_SECONDS, f"{meaning}, in seconds")


def _number(meaning: str) -> Column:
    return Column(_NUMBER, meaning)


def _flag(meaning: str) -> Column:
    return Column(_FLAG, meaning)


_CASE: Final = _text("the case the row is of")
_INCIDENT: Final = _text("the incident the row is of, within its case: i1, i2, ...")
_ORDER: Final = _number("place within its incident, from 1")

#: What is known of a case's cluster, in `cases` and again in `incidents`, where most questions are asked.
_CLUSTER: Final[Table] = {
    "cluster_name": _text("name of the cluster"),
    "cluster_id": _text(
        "the same for cases whose cluster's name, members and ring addresses are the same as far as they are known; "
        "null where neither a name nor a member is. A cluster that got another node has another"
    ),
    "pacemaker": _text("release of Pacemaker"),
    "corosync": _text("release of Corosync"),
    "cluster_size": _number("nodes that run Corosync; remote and guest nodes are not counted"),
    "fencing": _flag("whether fencing is on (stonith-enabled or its default); null without a CIB"),
}

CASES: Final[Table] = {
    "case_id": _CASE,
    "name": _text("name of the case: that of its cluster, or else of its input"),
    **_CLUSTER,
    "identity": _texts("what cluster_id is made of: name, members, addresses"),
    "began": _time("the first moment looked at"),
    "ended": _time("the last moment looked at"),
    "seconds": _seconds("length of that window"),
    "assumed": _texts("what nothing in the input proves: year, zone"),
    "excerpt": _flag("whether it is a part of what a report would hold: absence proves nothing then"),
    "stack": _text("communication layer, such as corosync knet"),
    "resources": _number("primitives configured; null without a CIB"),
    "nodes_with_logs": _number("nodes whose own logs were read"),
    "faults": _number("incidents of kind fault"),
    "spurious": _number("incidents of kind spurious"),
    "policies": _number("incidents of kind policy"),
    "planned": _number("incidents of kind planned"),
    "outage": _seconds("outages of faults and spurious recoveries together, as far as they are proven"),
    "outage_max": _seconds("the same, counted from when each was last known to be well"),
    "files": _number("log files read"),
    "lines": _number("lines read"),
    "lines_recognised": _number("lines whose message is known"),
    "lines_undated": _number("lines without a time of their own"),
    "skipped": _number("parts of the input that were not read"),
    "inputs": _texts("the paths that were given"),
    "sha256": _texts("their checksums; null for folders and standard input"),
    "logtrace": _text("version of logtrace that analysed it"),
}

NODES: Final[Table] = {
    "case_id": _CASE,
    "node": _text("its cluster name"),
    "logs": _flag("whether any of its own logs were read"),
    "first": _time("its first dated line"),
    "last": _time("its last dated line"),
    "clock_offset": _seconds("how far its clock is ahead of the reference clock; taken out of all times"),
    "clock_offset_error": _seconds("half the width of the interval the offset is known to lie in"),
    "timezone": _text("zone by which its local times became UTC"),
    "year_source": _text("where the year came from, for lines that print none"),
}

INCIDENTS: Final[Table] = {
    "case_id": _CASE,
    "incident": _INCIDENT,
    "kind": _text("fault, spurious, policy or planned"),
    "root_cause": _text("why recovery was slow, unnecessary or unsuccessful (see logtrace explain)"),
    "trigger": _text("what started it"),
    "contributing": _texts("what else was true, most weighty first"),
    "confidence": Column(pl.Float64(), "how sure the root cause is, from 0 to 1"),
    "title": _text("one sentence"),
    "nodes": _texts("nodes involved"),
    "resources": _texts("resources involved"),
    "resource": _text("the resource of its first failed operation, else the first involved"),
    "agent": _text("agent of that resource, such as ocf:heartbeat:IPaddr2; null without a CIB"),
    "began": _time("the first moment of it that is known"),
    "t_fault_earliest": _time("last moment it is known, or can be inferred, to have been well"),
    "t_fault": _time("true time of death, where a line proves it"),
    "t_detected": _time("when the cluster first knew"),
    "t_decided": _time("when the scheduler finished the transition that was executed"),
    "t_acted": _time("when its first action began"),
    "t_recovered": _time("when the last thing lost was running again; null: never in the window"),
    "t_end": _time("when the cluster had nothing more to do for it"),
    "recovered": _flag("whether everything that was lost ran again"),
    "outage": _seconds("time without service, as far as it is proven"),
    "outage_max": _seconds("the same, counted from t_fault_earliest; never less than outage"),
    "recovery": _seconds("from t_detected to t_recovered: what the cluster took, whatever had gone unnoticed before"),
    **{f"seconds_{name.value}": _seconds(f"phases called {name.value} together") for name in PhaseName},
    "shape": _text("its phases in order, those alike that follow each other as one: decision>stop>start"),
    "silence_before": _seconds("time before its first line in which the cluster did and suffered nothing"),
    "first_error": _text("its first line, as it was logged"),
    "first_error_kind": _text("what that line says, by logtrace's catalogue: the same in every release's words"),
    "first_error_class": _text("its wording without numbers and names, and without what stands behind ' | '"),
    "first_error_place": _text("where it stands, as file:line"),
    "missing_witnesses": _texts("logs that would decide what is left open"),
    **_CLUSTER,
}

PHASES: Final[Table] = {
    "case_id": _CASE,
    "incident": _INCIDENT,
    "number": _ORDER,
    "name": _text("detection, decision, fencing, stop, start, promote, wait, verify or up"),
    "began": _time("when it began"),
    "ended": _time("when it ended, and the next one began"),
    "seconds": _seconds("its length"),
    "what": _text("what was waited for"),
}

CAUSES: Final[Table] = {
    "case_id": _CASE,
    "incident": _INCIDENT,
    "number": _ORDER,
    "label": _text("the cause that was judged"),
    "verdict": _text("supported, ruled_out or not_enough_evidence"),
    "headline": _flag("whether it is the root cause of the incident"),
    "weight": _seconds("its share of the outage"),
    "sentence": _text("why"),
    "evidence": _texts("the lines that show it, as file:line"),
}

ADVICE: Final[Table] = {
    "case_id": _CASE,
    "incident": _INCIDENT,
    "number": _ORDER,
    "label": _text("kind of change"),
    "sentence": _text("what to change"),
    "crm": _text("the change as a command of crmsh"),
    "pcs": _text("the change as a command of pcs"),
    "files": _texts("files to change"),
    "saves": _seconds("what it would have saved in this incident"),
    "saves_basis": _text("how that was computed"),
    "risk": _text("what to mind"),
}

OPERATIONS: Final[Table] = {
    "case_id": _CASE,
    "incident": _text("the first incident it is told in; null for others"),
    "critical": _flag("whether it lies on that incident's critical path"),
    "run": Column(pl.UInt32(), "number of the run within its case"),
    "node": _text("where it ran"),
    "resource": _text("id of the resource"),
    "agent": _text("agent of that resource, such as ocf:heartbeat:IPaddr2; null without a CIB"),
    "operation": _text("start, stop, monitor, probe, promote, ..."),
    "interval_ms": _number("interval of the operation in milliseconds; 0 for one-shot"),
    "call": _number("call id of the executor"),
    "began": _time("when it began"),
    "ended": _time("when it ended"),
    "rc": _number("OCF return code"),
    "status": _text("execution status, such as Timed Out"),
    "reason": _text("what the agent gave as its reason"),
    "ok": _flag("whether the result was the one expected"),
    "probe": _flag("whether it only looked where the resource runs"),
    "precise": _flag("whether its times are of lines with fractions of a second"),
    "transition": _number("number of the transition on the DC that asked for it"),
    "dc_uuid": _text("that DC's part of the transition key"),
    "queue_ms": Column(pl.Float64(), "time it waited in the executor, in milliseconds"),
    "event": Column(pl.UInt32(), "event that tells its result"),
    "request_event": Column(pl.UInt32(), "event that tells of the request"),
    "begin_event": Column(pl.UInt32(), "event that tells of its beginning"),
    "witness": _text("who tells of it"),
}

FINDINGS: Final[Table] = {
    "case_id": _CASE,
    "number": _number("place within its case, from 1"),
    "label": _text("kind of weakness (see logtrace lint)"),
    "severity": _text("error, warning or info"),
    "subject": _text("what it is about"),
    "sentence": _text("what is wrong"),
    "crm": _text("the change as a command of crmsh"),
    "pcs": _text("the change as a command of pcs"),
    "evidence": _texts("where it is seen"),
}

COVERAGE: Final[Table] = {
    "case_id": _CASE,
    "kind": _text("skipped, missing_node, gap, carrier or notice"),
    "subject": _text("the file or node it is about"),
    "daemon": _text("of a gap: whose lines are missing; null: everybody's"),
    "began": _time("of a gap: since when"),
    "ended": _time("of a gap: until when"),
    "what": _text("what is missing, or was taken off, in words"),
    "lost": _flag("of what was skipped: whether the cluster may have told something there"),
}

FILES: Final[Table] = {
    "case_id": _CASE,
    "file": Column(pl.UInt32(), "number of the file within its case"),
    "path": _text("path inside the input"),
    "node": _text("the node it is of"),
}

TABLES: Final[dict[str, Table]] = {
    "cases": CASES,
    "nodes": NODES,
    "incidents": INCIDENTS,
    "phases": PHASES,
    "causes": CAUSES,
    "advice": ADVICE,
    "operations": OPERATIONS,
    "findings": FINDINGS,
    "coverage": COVERAGE,
    "files": FILES,
}


def schema(name: str) -> dict[str, pl.DataType]:
    """Column -> type of the table called `name`."""
    return {column: each.dtype for column, each in TABLES[name].items()}
