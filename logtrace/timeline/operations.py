"""OPERATIONS: one row per run of an agent, from the executing node's own lines and, failing that, the DC's view."""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from logtrace.domain.kinds import Kind
from logtrace.domain.reasons import Why
from logtrace.events.store import Events
from logtrace.timeline.concluded import concluded
from logtrace.timeline.unanswered import unanswered

#: rc that mean success: ok, promoted, and their degraded forms (OCF).
SUCCESS_RC = (0, 8, 190, 191)

_BY = ["node", "resource", "operation"]

#: The status of a run whose result never reached the DC.
NO_RESULT = "no result"

#: The scheduler reads the record of a failure within this time of the DC's line about it.
_RECORDED = "10s"
#: What daemons of several nodes say of one happening lies within this.
_AT_ONCE = timedelta(seconds=5)

#: What a result line alone does not tell.
_UNKNOWN = {
    "request_event": pl.lit(None, pl.UInt32),
    "begin_event": pl.lit(None, pl.Int64),
    "transition": pl.lit(None, pl.Int64),
    "dc_uuid": pl.lit(None, pl.String),
    "queue_ms": pl.lit(None, pl.Float64),
}


def operations(events: Events) -> pl.DataFrame:
    """Columns as in frames.OPERATIONS, in order of `end`.

    `start` is, best first: end minus run time as the executor states it; the moment it began; the moment the
    controller handed it over; the DC's request; else `end` itself. `ok` is null for what was merely cancelled.
    """
    results = _results(events)
    results = _with_start(results, events)
    seen_by_dc = _dc_view(events)
    told = results.drop_nulls("call")
    only_dc = _not_near(seen_by_dc.join(told, on=[*_BY, "call"], how="anti", nulls_equal=True), results)
    others = [view.select(results.columns) for view in (only_dc, _unanswered(events), _concluded(events))]
    told = pl.concat([results, *others], how="vertical_relaxed").sort("end", "event")
    counted = _not_near(_fail_counts(events), told.filter(~pl.col("ok")))
    table = pl.concat([told, counted.select(results.columns)], how="vertical_relaxed").sort("end", "event")
    return table.with_columns(run=pl.int_range(pl.len(), dtype=pl.UInt32))


def _results(events: Events) -> pl.DataFrame:
    rows = events.of(Kind.OP_RESULT).drop_nulls(["resource", "operation"])
    probe = (pl.col("operation") == "monitor") & (pl.col("interval") == 0)
    status = pl.col("status").str.to_lowercase()
    lost = status.is_not_null() & ~status.is_in(["complete", "done", ""])
    rc = pl.when(lost & pl.col("rc").is_null()).then(pl.lit(None, pl.Int64)).otherwise(pl.col("rc"))
    return (
        rows.select(
            pl.coalesce("target", "node").alias("node"),
            "resource",
            "operation",
            pl.when((pl.col("operation") != "monitor") | probe).then(0).otherwise(pl.col("interval")).alias("interval"),
            "call",
            start=pl.lit(None, rows.schema["time"]),
            end=pl.col("time"),
            rc=rc,
            status=status,
            reason=pl.col("reason"),
            probe=probe,
            precise=pl.col("precise"),
            event=pl.col("event"),
            **_UNKNOWN,
            witness=pl.lit("executor"),
        )
        .with_columns(
            ok=pl.when(lost)
            .then(pl.lit(False))
            .when(pl.col("rc").is_null())
            .then(None)
            .when(probe)
            .then(pl.col("rc").is_in([*SUCCESS_RC, 7, 5]))
            .otherwise(pl.col("rc").is_in(SUCCESS_RC))
        )
        .sort("end", "event")
    )


def _with_start(results: pl.DataFrame, events: Events) -> pl.DataFrame:
    """Fill start, transition and queue time of results by looking back, never past the run before."""
    previous = pl.col("event").shift().over(_BY).fill_null(-1)
    out = results.sort("event").with_columns(
        _previous=previous.cast(pl.Int64), _previous_end=pl.col("end").shift().over(_BY)
    )
    # the node's own lines by their order (several may share a second), the DC's by time
    own_lines: tuple[tuple[Kind, str, list[pl.Expr]], ...] = (
        (Kind.OP_REQUESTED_LOCAL, "_handed", [pl.col("transition_key").alias("_tk")]),
        (Kind.OP_EXECUTING, "_began", []),
        (Kind.OP_FINISHED, "_finished", [pl.col("exec_ms"), pl.col("queue_ms").alias("_queue")]),
    )
    for kind, name, extra in own_lines:
        own = _before(events, kind, extra).sort("event")
        columns = [column for column in own.columns if column not in {*_BY, "event", "end"}]
        own = own.select(
            *_BY, "event", pl.col("event").cast(pl.Int64).alias("_at"), pl.col("end").alias(name), *columns
        )
        out = out.join_asof(own, on="event", by=_BY, strategy="backward", check_sortedness=False)
        stale = pl.col("_at").is_null() | (pl.col("_at") <= pl.col("_previous"))
        out = out.with_columns(
            [pl.when(stale).then(None).otherwise(pl.col(column)).alias(column) for column in (name, *columns)],
            begin_event=pl.coalesce("begin_event", pl.when(~stale).then(pl.col("_at"))),
        ).drop("_at")
    asked = _before(events, Kind.OP_REQUESTED, [pl.col("interval")], node="target")
    out = (
        out.sort("end")
        .join_asof(
            asked.select(*_BY, "end", _asked="end", _ask_event="event", _every="interval"),
            on="end",
            by=_BY,
            strategy="backward",
            tolerance="1d",
            check_sortedness=False,
        )
        .with_columns(_late=pl.col("_previous_end").is_not_null() & (pl.col("_asked") < pl.col("_previous_end")))
    )
    recurring = pl.col("interval").is_null() | (pl.col("interval") > 0)
    ran = pl.col("_finished") - pl.duration(microseconds=(pl.col("exec_ms") * 1000).cast(pl.Int64))
    asked_for = pl.when(~pl.col("_late")).then(pl.col("_asked"))
    return (
        out.with_columns(
            start=pl.when(recurring)
            .then(pl.coalesce("_handed", "end"))
            .otherwise(pl.coalesce(ran, "_began", "_handed", asked_for, "end")),
            transition=pl.col("_tk").str.extract(r"^-?\d+:(-?\d+):").cast(pl.Int64),
            dc_uuid=pl.col("_tk").str.extract(r":([0-9a-f-]+)$"),
            queue_ms=pl.col("_queue"),
            request_event=pl.when(~pl.col("_late")).then(pl.col("_ask_event")),
            # syslog copies of results drop the interval; the DC's request names it
            interval=pl.coalesce("interval", pl.when(pl.col("_every") > 0).then(pl.col("_every"))),
        )
        .with_columns(start=pl.min_horizontal("start", "end"))
        .select(results.columns)
    )


def _before(events: Events, kind: Kind, extra: list[pl.Expr], node: str = "node") -> pl.DataFrame:
    target = pl.coalesce("target", "node") if node == "target" or kind == Kind.OP_REQUESTED_LOCAL else pl.col("node")
    return (
        events.of(kind)
        .drop_nulls("resource")
        .select(target.alias("node"), "resource", "operation", pl.col("time").alias("end"), "event", *extra)
        .sort("end", "event")
    )


def _dc_view(events: Events) -> pl.DataFrame:
    """Runs as the DC saw them confirmed or failed, for nodes whose own lines are not at hand."""
    rows = events.of(Kind.OP_CONFIRMED, Kind.OP_UNEXPECTED).drop_nulls(["resource", "operation", "target"])
    probe = (pl.col("operation") == "monitor") & (pl.col("interval") == 0)
    failed = pl.col("kind") == Kind.OP_UNEXPECTED
    view = rows.select(
        pl.col("target").alias("node"),
        "resource",
        "operation",
        "interval",
        "call",
        start=pl.lit(None, rows.schema["time"]),
        end=pl.col("time"),
        rc=pl.col("rc"),
        status=pl.lit(None, pl.String),
        reason=pl.col("reason"),
        probe=probe,
        precise=pl.col("precise"),
        event=pl.col("event"),
        request_event=pl.lit(None, pl.UInt32),
        begin_event=pl.lit(None, pl.Int64),
        transition=pl.col("transition"),
        dc_uuid=pl.lit(None, pl.String),
        queue_ms=pl.lit(None, pl.Float64),
        witness=pl.lit("dc"),
        ok=pl.when(probe)
        .then(pl.col("rc").is_in([*SUCCESS_RC, 7, 5]))
        .when(failed)
        .then(pl.lit(False))
        .otherwise(True),
    ).sort("end", "event")
    asked = _before(events, Kind.OP_REQUESTED, [], node="target").with_columns(_asked=pl.col("end"))
    view = view.join_asof(
        asked.select(*_BY, "end", "_asked", pl.col("event").alias("_ask_event")),
        on="end",
        by=_BY,
        strategy="backward",
        tolerance="1d",
        check_sortedness=False,
    )
    recurring = pl.col("interval") > 0
    view = view.with_columns(
        start=pl.when(recurring).then(pl.col("end")).otherwise(pl.coalesce("_asked", "end")),
        request_event=pl.when(~recurring).then(pl.col("_ask_event")),
    ).drop("_asked", "_ask_event")
    return _with_reasons(view, events)


def _with_reasons(view: pl.DataFrame, events: Events) -> pl.DataFrame:
    """The reasons that the scheduler repeats from the records of failures the DC just saw: the DC's own line has none,
    and a timeout is an error to it.
    """
    recorded = (
        events.of(Kind.OP_HISTORY)
        .drop_nulls(["resource", "operation", "target", "reason"])
        .select("resource", "operation", end="time", node="target", _reason="reason", _why="why", _rc="rc")
        .sort("end")
    )
    told = view.join_asof(
        recorded, on="end", by=_BY, strategy="forward", tolerance=_RECORDED, check_sortedness=False
    ).with_columns(_reason=pl.when(~pl.col("ok") & (pl.col("_rc") == pl.col("rc"))).then("_reason"))
    over = (pl.col("_reason").is_not_null() & (pl.col("_why") == Why.TIMED_OUT)).fill_null(value=False)
    return told.with_columns(
        reason=pl.coalesce("reason", "_reason"),
        status=pl.when(over).then(pl.lit("timed out")).otherwise("status"),
        rc=pl.when(~over).then("rc"),
    ).drop("_reason", "_why", "_rc")


def _unanswered(events: Events) -> pl.DataFrame:
    unknown = {name: value for name, value in _UNKNOWN.items() if name != "request_event"}
    return unanswered(events).select(
        *_BY,
        "interval",
        "start",
        "end",
        "precise",
        "event",
        "request_event",
        call=pl.lit(None, pl.Int64),
        rc=pl.lit(None, pl.Int64),
        status=pl.lit(NO_RESULT),
        reason=pl.lit(None, pl.String),
        probe=(pl.col("operation") == "monitor") & (pl.col("interval") == 0),
        ok=pl.lit(False),
        witness=pl.lit("dc"),
        **unknown,
    )


def _concluded(events: Events) -> pl.DataFrame:
    unknown = {name: value for name, value in _UNKNOWN.items() if name != "transition"}
    return concluded(events).select(
        *_BY,
        "start",
        "end",
        "precise",
        "event",
        "transition",
        interval=pl.lit(0, pl.Int64),
        call=pl.lit(None, pl.Int64),
        rc=pl.lit(0, pl.Int64),
        status=pl.lit(None, pl.String),
        reason=pl.lit(None, pl.String),
        probe=pl.lit(False),
        ok=pl.lit(True),
        witness=pl.lit("transition"),
        **unknown,
    )


def _fail_counts(events: Events) -> pl.DataFrame:
    """Failures told by a raised fail count alone: pacemaker-attrd logs it on every node, whoever's log is missing. It
    does so again when a node joins and learns what the others know: only what changed since is news.
    """
    of, alike = ["resource", "operation", "target"], ["resource", "operation", "target", "value", "old_value"]
    told = events.of(Kind.FAILCOUNT_SET).drop_nulls(["target", "resource"]).sort("time", "event")
    forgotten = events.of(Kind.ATTR_REMOVED, columns=("target", "time")).drop_nulls().sort("time")
    since = forgotten.with_columns(_forgotten="time")
    told = told.join_asof(since, on="time", by="target", strategy="backward", check_sortedness=False)
    forgot = (pl.col("_forgotten") > pl.col("time").shift().over(of)).fill_null(value=False)
    known = (pl.col("value") == pl.col("value").shift().over(of)).fill_null(value=False) & ~forgot
    echo = (pl.col("time").diff().over(alike) <= _AT_ONCE).fill_null(value=False)
    counted = pl.col("value").str.contains(r"^(?:\d+|INFINITY)$")
    raised = counted & (pl.col("value") != pl.col("old_value").fill_null(""))
    return (
        told.filter(raised & ~known & ~echo)
        .select(
            node="target",
            resource="resource",
            operation=pl.coalesce("operation", pl.lit("monitor")),
            interval=pl.when(pl.col("operation").is_not_null()).then(pl.col("interval").fill_null(0)),
            call=pl.lit(None, pl.Int64),
            start=pl.col("time"),
            end=pl.col("time"),
            rc=pl.lit(None, pl.Int64),
            status=pl.lit(None, pl.String),
            reason=pl.lit(None, pl.String),
            probe=pl.lit(False),
            precise=pl.col("precise"),
            event=pl.col("event"),
            **_UNKNOWN,
            witness=pl.lit("attributes"),
            ok=pl.lit(False),
        )
        .sort("end", "event")
    )


def _not_near(view: pl.DataFrame, results: pl.DataFrame) -> pl.DataFrame:
    """Drop the DC's rows that tell what the executing node tells within five seconds (no call ids in syslog)."""
    near = view.sort("end").join_asof(
        results.select(*_BY, "end", _near=pl.col("end")).sort("end"),
        on="end",
        by=_BY,
        strategy="nearest",
        tolerance=_AT_ONCE,
        check_sortedness=False,
    )
    return near.filter(pl.col("_near").is_null()).drop("_near")
