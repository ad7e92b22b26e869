"""Every calculation of every DC, whether it was executed, and what it planned: as frames and as values.

TRANSITIONS has one row per scheduler run, ACTIONS one per action it printed; a Transition has both.
"""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import datetime
from functools import cache
from typing import Final

import polars as pl
from msgspec import Struct

from logtrace.domain.kinds import Kind
from logtrace.domain.reasons import Why
from logtrace.events.store import Events


class Action(Struct, frozen=True):
    """One planned action. `source` and `dest` are nodes; equal when the resource stays. Roles only where printed."""

    verb: str
    resource: str | None
    target: str | None
    source: str | None
    dest: str | None
    reason: str | None
    blocked: bool
    event: int
    why: str | None = None
    due_to: str | None = None
    detail: str | None = None
    fence_action: str | None = None

    @property
    def fences(self) -> bool:
        """Whether a node is to be fenced; `on` is unfencing, of a node that starts."""
        return self.verb == "Fence" and self.fence_action != "on"


class Transition(Struct, frozen=True, eq=False):
    """One scheduler run and, if `executed`, the transition that followed."""

    id: int
    dc: str
    number: int | None
    pe_input: str | None
    calculated: datetime
    started: datetime | None
    ended: datetime | None
    executed: bool
    outcome: str | None
    complete: int | None
    skipped: int | None
    incomplete: int | None
    event: int
    end_event: int | None
    actions: tuple[Action, ...] = ()


_KINDS = (Kind.SCHED_DONE, Kind.TE_START, Kind.TE_DONE, Kind.OP_REQUESTED, Kind.FENCE_REQUESTED, Kind.SCHED_OBSOLETE)


def transitions(events: Events) -> pl.DataFrame:
    """One row per scheduler run, in order of its line; columns as the fields of Transition.

    `calculated`: the scheduler finished; `started`: the controller began to execute; `ended`: the status line.
    A run that was overtaken before it began is kept with `executed` False: its plan is not a fact.
    """
    names = ["kind", "node", "time", "event", "transition", "pe_file", "outcome", "complete", "skipped", "incomplete"]
    rows = (
        events.of(*_KINDS, columns=names)
        .sort("node", "time", "event")
        .with_columns(_run=(pl.col("kind") == Kind.SCHED_DONE).cum_sum().over("node"))
    )
    runs = rows.filter(pl.col("kind") == Kind.SCHED_DONE).select(
        dc="node",
        _run="_run",
        number="transition",
        pe_input=_pe_name(),
        calculated="time",
        event=pl.col("event").cast(pl.Int64),
    )
    number = pl.col("transition")

    def first(kind: str, name: str) -> pl.DataFrame:
        return (
            rows.filter(pl.col("kind") == kind)
            .group_by("node", "_run", maintain_order=True)
            .agg(pl.col("time").first().alias(name), number.first().alias("_n"))
            .rename({"node": "dc"})
        )

    # by number: Pacemaker 1.1.7 begins to execute before it prints what was calculated
    started = (
        rows.filter(pl.col("kind") == Kind.TE_START)
        .select(dc="node", number="transition", started="time", _begun=pl.col("event").cast(pl.Int64))
        .sort("_begun")
    )
    asked = first(Kind.OP_REQUESTED, "_asked").drop("_n")
    fenced = first(Kind.FENCE_REQUESTED, "_fenced").drop("_n")
    obsolete = first(Kind.SCHED_OBSOLETE, "_obsolete").drop("_n")
    ended = (
        rows.filter(pl.col("kind") == Kind.TE_DONE)
        .select(
            dc="node",
            number="transition",
            ended="time",
            outcome="outcome",
            complete="complete",
            skipped="skipped",
            incomplete="incomplete",
            end_event=pl.col("event").cast(pl.Int64),
        )
        .sort("end_event")
    )
    table = (
        runs.sort("event")
        .join_asof(
            started,
            left_on="event",
            right_on="_begun",
            by=["dc", "number"],
            strategy="nearest",
            coalesce=False,
            check_sortedness=False,
        )
        .join(asked, on=["dc", "_run"], how="left")
        .join(fenced, on=["dc", "_run"], how="left")
        .join(obsolete, on=["dc", "_run"], how="left")
        .sort("event")
        .join_asof(
            ended,
            left_on="event",
            right_on="end_event",
            by=["dc", "number"],
            strategy="forward",
            coalesce=False,
            check_sortedness=False,
        )
    )
    following = pl.col("event").shift(-1).over("dc", "number")
    stale = following.is_not_null() & (pl.col("end_event") >= following)
    end_columns = ["ended", "outcome", "complete", "skipped", "incomplete", "end_event"]
    table = table.with_columns(_stale=stale).with_columns(
        [pl.when("_stale").then(None).otherwise(pl.col(name)).alias(name) for name in end_columns]
    )
    began = pl.coalesce("started", pl.min_horizontal("_asked", "_fenced"))
    return (
        table.with_columns(
            started=began,
            executed=pl.col("started").is_not_null() | began.is_not_null() | pl.col("ended").is_not_null(),
        )
        .sort("event")
        .with_columns(
            id=pl.int_range(pl.len(), dtype=pl.UInt32),
        )
        .select(
            "id",
            "dc",
            "number",
            "pe_input",
            "calculated",
            "started",
            "ended",
            "executed",
            "outcome",
            "complete",
            "skipped",
            "incomplete",
            "event",
            "end_event",
        )
    )


def _pe_name() -> pl.Expr:
    return pl.col("pe_file").str.extract(r"(pe-(?:input|warn|error)-\d+)")


#: Lines of a plan -> the verb they stand for, where they do not print one themselves.
_PLANNED: Final[dict[Kind, str | None]] = {
    Kind.SCHED_ACTION: None,
    Kind.SCHED_FENCE: "Fence",
    Kind.SCHED_SHUTDOWN: "Shutdown",
    Kind.SCHED_UNCLEAN: "Unclean",
    Kind.SCHED_LEAVE: "Leave",
}


def actions(events: Events, calculated: pl.DataFrame) -> pl.DataFrame:
    """The planned actions of every row of TRANSITIONS: columns transition (its id; null where the log ends
    before the scheduler did), time, dc and the fields of Action.

    Verbs as the scheduler prints them, plus Fence, Shutdown and Unclean for nodes (`target`) and Leave.
    """
    named = {kind.value: verb for kind, verb in _PLANNED.items() if verb}
    kind = pl.col("kind").replace_strict(named, default=None, return_dtype=pl.String)
    planned = (
        events.of(*_PLANNED)
        .select(
            "time",
            pl.col("event").cast(pl.Int64),
            pl.coalesce(kind, "verb", pl.lit("")).alias("verb"),
            "resource",
            "target",
            "detail",
            "why",
            "due_to",
            "fence_action",
            dc="node",
            reason=pl.when(pl.col("reason") != "").then("reason"),
            blocked=((pl.col("state") == "blocked") | (pl.col("why") == Why.BLOCKED)).fill_null(value=False),
        )
        .join(_nodes(events), on="detail", how="left", nulls_equal=True, maintain_order="left")
        .sort("event")
    )
    # by order of lines, not by time: several calculations may share a second
    return planned.join_asof(
        calculated.select("dc", transition="id", _done="event").sort("_done"),
        left_on="event",
        right_on="_done",
        by="dc",
        strategy="forward",
        check_sortedness=False,
    ).select("transition", "time", "dc", *Action.__struct_fields__)


def _nodes(events: Events) -> pl.DataFrame:
    """Columns detail, source, dest: the nodes that each parenthesis of an action names."""
    details = events.of(*_PLANNED, columns=("detail",))["detail"].unique().to_list()
    rows = [(detail, *nodes_of(detail)) for detail in details]
    return pl.DataFrame(rows, schema=dict.fromkeys(("detail", "source", "dest"), pl.String()), orient="row")


def values(calculated: pl.DataFrame, planned: pl.DataFrame) -> list[Transition]:
    """TRANSITIONS with their ACTIONS as values, in order.

    Without most `Leave` lines: they repeat at every run. The first of a resource tells where it runs, and those of
    unmanaged ones tell why nothing was done.
    """
    leave = pl.col("verb") == "Leave"
    first = pl.int_range(pl.len()).over("resource") == 0
    telling = planned.drop_nulls("transition").filter(~leave | first | (pl.col("why") == Why.UNMANAGED))
    by_transition: dict[int, list[Action]] = defaultdict(list)
    for transition, *row in telling.select("transition", *Action.__struct_fields__).iter_rows():
        by_transition[transition].append(Action(*row))
    *columns, _actions = Transition.__struct_fields__
    rows = calculated.select(columns).iter_rows()
    return [Transition(*(*row, tuple(by_transition.get(row[0], ())))) for row in rows]


_ROLES: Final = r"(?:Started|Stopped|Slave|Master|Promoted|Unpromoted)"
_NODE: Final = r"[^\s()]+"

#: Forms of LogAction / log_list_item (pacemaker-schedulerd 1.1.5 to 3.0), most specific first.
_FORMS: Final = tuple(
    re.compile(form)
    for form in (
        rf"^{_ROLES} (?P<source>{_NODE}) -> {_ROLES} (?P<dest>{_NODE})$",
        rf"^{_ROLES} -> {_ROLES} (?P<both>{_NODE})$",
        rf"^(?P<source>{_NODE}) -> (?P<dest>{_NODE}) {_ROLES}$",
        rf"^{_ROLES} (?P<source>{_NODE}) -> (?P<dest>{_NODE})$",
        rf"^(?P<source>{_NODE}) -> (?P<dest>{_NODE})$",
        rf"^{_ROLES} (?P<both>{_NODE})$",
        rf"^{_ROLES}$",
        rf"^(?P<both>{_NODE})$",
    )
)


@cache
def nodes_of(detail: str | None) -> tuple[str | None, str | None]:
    """(source, dest) of a detail such as `node2`, `a -> b`, `Promoted a`, `Unpromoted -> Promoted b`."""
    text = re.sub(r" ?\(resource: [^)]*\)", "", " ".join((detail or "").split()))
    for form in _FORMS:
        found = form.match(text)
        if found:
            groups = found.groupdict()
            both = groups.get("both")
            return (groups.get("source") or both, groups.get("dest") or both)
    return None, None
