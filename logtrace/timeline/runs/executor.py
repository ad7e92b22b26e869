"""Runs as the node that executed them tells: its controller's result, and the lines that tell when it began.

`Result of start operation for db on node1: ok` (process_lrm_event, pacemaker-controld) is the row; the executor's
`executing` and `exited with status 0 (execution time ...)` and the controller's `Requesting local execution` belong to
the run that ended next. Syslog has the result and, of the others, mostly the request of the DC alone.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import polars as pl

from logtrace.domain.kinds import Kind
from logtrace.domain.results import succeeded
from logtrace.events.store import Events
from logtrace.timeline.runs.run import NO_RUNS, WHO, Witness, is_probe, table

#: How long before a result the DC's request for it is looked for: longer than any timeout, and bounded by the run
#: before. Call ids and transition keys are not in syslog.
ASKED_BEFORE: Final = "1d"

#: Operations of resources; the executor runs alerts and metadata as well.
_KILLED: Final = ["start", "stop", "monitor", "promote", "demote", "migrate_to", "migrate_from"]

#: What the executor says of one kill, the controller's result with it, lies within this: stamps of whole seconds.
_ONE_KILL: Final = timedelta(seconds=2)

#: Lines of the node itself that belong to a run, and what else they tell of it.
_OWN_LINES: Final[tuple[tuple[Kind, str, tuple[pl.Expr, ...]], ...]] = (
    (Kind.OP_REQUESTED_LOCAL, "_handed", (pl.col("transition_key").alias("_key"),)),
    (Kind.OP_EXECUTING, "_began", (pl.col("call").alias("_of"),)),
    (
        Kind.OP_FINISHED,
        "_finished",
        (pl.col("exec_ms"), pl.col("queue_ms").alias("_queue"), pl.col("call").alias("_of")),
    ),
)


def executor_runs(events: Events) -> pl.DataFrame:
    """Columns of RUNS but `run`, in order of `end`.

    `start` is, best first: end minus run time as the executor states it; the moment it began; the moment the
    controller handed it over; the DC's request; end minus the timeout it ran into; else `end` itself. `ok` is null for
    what was merely cancelled.
    """
    return table(_with_start(_results(events), events), Witness.EXECUTOR).sort("end", "event")


def overran(events: Events, told: pl.DataFrame) -> pl.DataFrame:
    """Columns of RUNS but `run`: runs that the executor killed for their timeout (child_timeout_callback) and of which
    `told` has no failure, then or later: what was handed on leaves the controller's lines out.
    """
    killed = (
        events.of(Kind.OP_TIMED_OUT)
        .filter(pl.col("operation").is_in(_KILLED) & (pl.col("daemon") == "pacemaker-execd"))
        .drop_nulls(WHO)
        .sort("time", "event")
    )
    if killed.is_empty():
        return NO_RUNS
    failed = told.filter(~pl.col("ok")).sort("end")
    later = failed.group_by(WHO).agg(_last=pl.col("end").max())
    killed = killed.join(later, on=WHO, how="left", maintain_order="left").join_asof(
        failed.select("resource", "operation", _near="end", time="end"),  # its header may have another name of the node
        on="time",
        by=["resource", "operation"],
        strategy="nearest",
        tolerance=_ONE_KILL,
        check_sortedness=False,
    )
    another = (pl.col("time").diff().over(WHO) > _ONE_KILL).fill_null(value=True)
    runs = (
        killed.filter((pl.col("time") - _ONE_KILL > pl.col("_last")).fill_null(value=True) & pl.col("_near").is_null())
        .with_columns(_kill=another.cum_sum().over(WHO))
        .group_by(*WHO, "_kill", maintain_order=True)
        .agg(pl.first("event", "precise", "interval"), pl.col("timeout_ms").max(), end=pl.first("time"))
    )
    allowed = pl.duration(microseconds=(pl.col("timeout_ms").fill_null(0.0) * 1000).cast(pl.Int64))
    once = pl.col("interval") == 0
    return table(
        runs.select(
            *WHO,
            "interval",
            "event",
            "precise",
            "end",
            start=pl.when(once.fill_null(value=False)).then(pl.col("end") - allowed).otherwise("end"),
            status=pl.lit("timed out"),
            ok=pl.lit(value=False),
            probe=once.fill_null(value=False) & (pl.col("operation") == "monitor"),
        ),
        Witness.EXECUTOR,
    )


def lines_about_runs(events: Events, kind: Kind, *more: pl.Expr) -> pl.DataFrame:
    """Lines of `kind` as WHO, time, event and `more`. What is asked for is about its target, the rest about who says
    it.
    """
    about_target = kind in (Kind.OP_REQUESTED, Kind.OP_REQUESTED_LOCAL)
    node = pl.coalesce("target", "node") if about_target else pl.col("node")
    return (
        events.of(kind)
        .drop_nulls("resource")
        .select(node.alias("node"), "resource", "operation", "time", "event", *more)
        .sort("time", "event")
    )


def elsewhere(events: Events) -> pl.DataFrame:
    """WHO and call of what a node had run on a remote node: the DC calls it that node's own (process_graph_event)."""
    told = events.of(Kind.OP_RESULT, columns=("node", "target", "resource", "operation", "call"))
    return told.filter(pl.col("target") != pl.col("node")).drop_nulls("call").select(*WHO, "call").unique()


def _results(events: Events) -> pl.DataFrame:
    rows = events.of(Kind.OP_RESULT).drop_nulls(["resource", "operation"])
    status = pl.col("status").str.to_lowercase()
    lost = status.is_not_null() & ~status.is_in(["complete", "done", ""])
    one_shot = (pl.col("operation") != "monitor") | is_probe()
    return (
        rows.select(
            pl.coalesce("target", "node").alias("node"),
            "resource",
            "operation",
            pl.when(one_shot).then(0).otherwise(pl.col("interval")).alias("interval"),
            "call",
            "reason",
            "precise",
            "event",
            end="time",
            rc=pl.when(~(lost & pl.col("rc").is_null()).fill_null(value=False)).then("rc"),
            status=status,
            probe=is_probe(),
            _lost=lost,
            _allowed=pl.when(status == "timed out").then("timeout_ms"),
        )
        .with_columns(
            ok=pl.when("_lost")
            .then(pl.lit(False))
            .when(pl.col("rc").is_not_null())
            .then(succeeded(pl.col("rc"), pl.col("probe")))
        )
        .drop("_lost")
        .sort("end", "event")
    )


def _with_start(results: pl.DataFrame, events: Events) -> pl.DataFrame:
    """Fill start, transition and queue time of results by looking back, never past the run before."""
    out = results.sort("event").with_columns(
        _previous=pl.col("event").shift().over(WHO).cast(pl.Int64).fill_null(-1),
        _previous_end=pl.col("end").shift().over(WHO),
        begin_event=pl.lit(None, pl.Int64),
    )
    # the node's own lines by their order (several may share a second), the DC's by time
    for kind, name, more in _OWN_LINES:
        own = lines_about_runs(events, kind, *more).sort("event")
        columns = [column for column in own.columns if column not in {*WHO, "event", "time"}]
        own = own.select(
            *WHO, "event", pl.col("event").cast(pl.Int64).alias("_at"), pl.col("time").alias(name), *columns
        )
        out = out.join_asof(own, on="event", by=WHO, strategy="backward", check_sortedness=False)
        stale = pl.col("_at").is_null() | (pl.col("_at") <= pl.col("_previous"))
        if "_of" in columns:  # the run before may have ended without a line
            stale |= (pl.col("_of") != pl.col("call")).fill_null(value=False)
        out = out.with_columns(
            [pl.when(stale).then(None).otherwise(pl.col(column)).alias(column) for column in (name, *columns)],
            begin_event=pl.coalesce("begin_event", pl.when(~stale).then(pl.col("_at"))),
        ).drop("_at", "_of", strict=False)
    asked = lines_about_runs(events, Kind.OP_REQUESTED, pl.col("interval").alias("_every"))
    out = (
        out.sort("end")
        .join_asof(
            asked.select(*WHO, "_every", _asked="time", _ask_event="event", end="time"),
            on="end",
            by=WHO,
            strategy="backward",
            tolerance=ASKED_BEFORE,
            check_sortedness=False,
        )
        .with_columns(_late=pl.col("_previous_end").is_not_null() & (pl.col("_asked") < pl.col("_previous_end")))
    )
    recurring = pl.col("interval").is_null() | (pl.col("interval") > 0)
    ran = pl.col("_finished") - pl.duration(microseconds=(pl.col("exec_ms") * 1000).cast(pl.Int64))
    asked_for = pl.when(~pl.col("_late")).then(pl.col("_asked"))
    allowed = pl.col("end") - pl.duration(microseconds=(pl.col("_allowed") * 1000).cast(pl.Int64))
    start = (
        pl.when(recurring)
        .then(pl.coalesce("_handed", "end"))
        .otherwise(pl.coalesce(ran, "_began", "_handed", asked_for, allowed, "end"))
    )
    return out.with_columns(
        start=pl.min_horizontal(start, "end"),
        transition=pl.col("_key").str.extract(r"^-?[0-9]+:(-?[0-9]+):").cast(pl.Int64),
        dc_uuid=pl.col("_key").str.extract(r":([0-9a-f-]+)$"),
        queue_ms=pl.col("_queue"),
        request_event=pl.when(~pl.col("_late")).then(pl.col("_ask_event")),
        # syslog copies of results drop the interval; the DC's request names it
        interval=pl.coalesce("interval", pl.when(pl.col("_every") > 0).then(pl.col("_every"))),
    )
