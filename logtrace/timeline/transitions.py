"""TRANSITIONS and ACTIONS: every calculation of every DC, whether it was executed, and what it planned."""

from __future__ import annotations

import polars as pl

from logtrace.domain.kinds import Kind
from logtrace.events.store import Events

_KINDS = (Kind.SCHED_DONE, Kind.TE_START, Kind.TE_DONE, Kind.OP_REQUESTED, Kind.FENCE_REQUESTED, Kind.SCHED_OBSOLETE)


def transitions(events: Events) -> pl.DataFrame:
    """One row per scheduler run, in order of time (columns as in frames.TRANSITIONS).

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


def actions(events: Events, runs: pl.DataFrame) -> pl.DataFrame:
    """The planned actions of every run: columns run (transitions.id), time, verb, resource, target, detail, reason...

    Verbs as the scheduler prints them, plus Fence, Shutdown and Unclean for nodes (`target`).
    """
    verb = (
        pl.when(pl.col("kind") == Kind.SCHED_FENCE)
        .then(pl.lit("Fence"))
        .when(pl.col("kind") == Kind.SCHED_SHUTDOWN)
        .then(pl.lit("Shutdown"))
        .when(pl.col("kind") == Kind.SCHED_UNCLEAN)
        .then(pl.lit("Unclean"))
        .when(pl.col("kind") == Kind.SCHED_LEAVE)
        .then(pl.lit("Leave"))
        .otherwise(pl.col("verb"))
    )
    planned = (
        events.of(Kind.SCHED_ACTION, Kind.SCHED_FENCE, Kind.SCHED_SHUTDOWN, Kind.SCHED_UNCLEAN, Kind.SCHED_LEAVE)
        .select(
            "time",
            pl.col("event").cast(pl.Int64),
            verb.alias("verb"),
            "resource",
            "target",
            "detail",
            "reason",
            "why",
            "due_to",
            "fence_action",
            "state",
            dc="node",
        )
        .sort("event")
    )
    # by order of lines, not by time: several calculations may share a second
    joined = planned.join_asof(
        runs.select("dc", run="id", _done="event").sort("_done"),
        left_on="event",
        right_on="_done",
        by="dc",
        strategy="forward",
        check_sortedness=False,
    )
    return joined.filter(pl.col("run").is_not_null()).select(
        "run",
        "time",
        "dc",
        "verb",
        "resource",
        "target",
        "detail",
        "reason",
        "why",
        "due_to",
        "fence_action",
        "state",
        "event",
    )
