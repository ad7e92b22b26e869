"""OPERATIONS: one row per run of an agent, from the executing node's own lines and, failing that, the DC's view."""

from __future__ import annotations

import polars as pl

#: rc that mean success: ok, promoted, and their degraded forms (OCF).
SUCCESS_RC = (0, 8, 190, 191)

_BY = ["node", "resource", "operation"]


def operations(events: pl.DataFrame) -> pl.DataFrame:
    """Columns as in frames.OPERATIONS, in order of `end`.

    `start` is, best first: end minus run time as the executor states it; the moment it began; the moment the
    controller handed it over; the DC's request; else `end` itself. `ok` is null for what was merely cancelled.
    """
    results = _results(events)
    results = _with_start(results, events)
    seen_by_dc = _dc_view(events)
    only_dc = seen_by_dc.join(
        results.select(*_BY, "call", pl.lit(True).alias("_seen")).drop_nulls("call"), on=[*_BY, "call"], how="left", nulls_equal=True
    ).filter(pl.col("_seen").is_null())
    only_dc = _not_near(only_dc, results)
    table = pl.concat([results, only_dc.select(results.columns)], how="vertical_relaxed").sort("end", "event")
    return table.with_columns(run=pl.int_range(pl.len(), dtype=pl.UInt32))


def _results(events: pl.DataFrame) -> pl.DataFrame:
    rows = events.filter((pl.col("kind") == "op.result") & pl.col("resource").is_not_null())
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
            request_event=pl.lit(None, pl.UInt32),
            transition=pl.lit(None, pl.Int64),
            dc_uuid=pl.lit(None, pl.String),
            queue_ms=pl.lit(None, pl.Float64),
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


def _with_start(results: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    """Fill start, transition and queue time of results by looking back on the same node."""
    handed = _before(events, "op.requested_local", [pl.col("transition_key").alias("_tk")])
    handed = handed.with_columns(_handed=pl.col("end"))
    began = _before(events, "op.executing", []).with_columns(_began=pl.col("end"))
    finished = _before(events, "op.finished", ["exec_ms", "queue_ms"]).with_columns(_finished=pl.col("end"))
    asked = _before(events, "op.requested", [], node="target").with_columns(_asked=pl.col("end"))
    finished = finished.rename({"queue_ms": "_queue"})
    out = results.sort("event")
    # the node's own lines by their order (several may share a second), the DC's by time
    for own, extra in (
        (handed, ["_handed", "_tk"]),
        (began, ["_began"]),
        (finished, ["_finished", "exec_ms", "_queue"]),
    ):
        out = out.join_asof(
            own.sort("event").select(*_BY, "event", *extra),
            on="event",
            by=_BY,
            strategy="backward",
            check_sortedness=False,
        )
    out = out.sort("end").join_asof(
        asked.select(*_BY, "end", "_asked", pl.col("event").alias("_ask_event")),
        on="end",
        by=_BY,
        strategy="backward",
        tolerance="1d",
        check_sortedness=False,
    )
    previous = pl.col("end").shift().over(_BY)  # a look back must not reach past the run before

    def mine(column: str) -> pl.Expr:
        return pl.when(previous.is_null() | (pl.col(column) >= previous) | (pl.col(column) == pl.col("end"))).then(
            pl.col(column)
        )

    recurring = pl.col("interval").is_null() | (pl.col("interval") > 0)
    ran = pl.col("_finished") - pl.duration(microseconds=(pl.col("exec_ms") * 1000).cast(pl.Int64))
    fresh = (pl.col("end") - pl.col("_finished")) < pl.duration(seconds=2)
    return (
        out.with_columns(
            start=pl.when(recurring)
            .then(pl.coalesce(mine("_handed"), pl.col("end")))
            .otherwise(
                pl.coalesce(
                    pl.when(fresh).then(ran), mine("_began"), mine("_handed"), mine("_asked"), pl.col("end")
                )
            ),
            transition=pl.col("_tk").str.extract(r"^-?\d+:(-?\d+):").cast(pl.Int64),
            dc_uuid=pl.col("_tk").str.extract(r":([0-9a-f-]+)$"),
            queue_ms=pl.when(fresh).then(pl.col("_queue")),
            request_event=pl.when(mine("_asked").is_not_null()).then(pl.col("_ask_event")),
        )
        .with_columns(start=pl.min_horizontal("start", "end"))
        .select(results.columns)
    )


def _before(events: pl.DataFrame, kind: str, extra: list[str | pl.Expr], node: str = "node") -> pl.DataFrame:
    target = pl.coalesce("target", "node") if node == "target" or kind == "op.requested_local" else pl.col("node")
    return (
        events.filter((pl.col("kind") == kind) & pl.col("resource").is_not_null())
        .select(target.alias("node"), "resource", "operation", pl.col("time").alias("end"), "event", *extra)
        .sort("end", "event")
    )


def _dc_view(events: pl.DataFrame) -> pl.DataFrame:
    """Runs as the DC saw them confirmed or failed, for nodes whose own lines are not at hand."""
    rows = events.filter(pl.col("kind").is_in(["op.confirmed", "op.unexpected"]) & pl.col("resource").is_not_null())
    probe = (pl.col("operation") == "monitor") & (pl.col("interval") == 0)
    failed = pl.col("kind") == "op.unexpected"
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
        transition=pl.col("transition"),
        dc_uuid=pl.lit(None, pl.String),
        queue_ms=pl.lit(None, pl.Float64),
        witness=pl.lit("dc"),
        ok=pl.when(probe).then(pl.col("rc").is_in([*SUCCESS_RC, 7, 5])).when(failed).then(pl.lit(False)).otherwise(True),
    ).sort("end", "event")
    asked = _before(events, "op.requested", [], node="target").with_columns(_asked=pl.col("end"))
    view = view.join_asof(
        asked.select(*_BY, "end", "_asked", pl.col("event").alias("_ask_event")),
        on="end",
        by=_BY,
        strategy="backward",
        tolerance="1d",
        check_sortedness=False,
    )
    recurring = pl.col("interval") > 0
    return view.with_columns(
        start=pl.when(recurring).then(pl.col("end")).otherwise(pl.coalesce("_asked", "end")),
        request_event=pl.when(~recurring).then(pl.col("_ask_event")),
    ).drop("_asked", "_ask_event")


def _not_near(view: pl.DataFrame, results: pl.DataFrame) -> pl.DataFrame:
    """Drop the DC's rows that tell what the executing node tells within five seconds (no call ids in syslog)."""
    near = view.sort("end").join_asof(
        results.select(*_BY, "end", _near=pl.col("end")).sort("end"),
        on="end",
        by=_BY,
        strategy="nearest",
        tolerance="5s",
        check_sortedness=False,
    )
    return near.filter(pl.col("_near").is_null()).drop("_near")
