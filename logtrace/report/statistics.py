"""What happened how often in the window, and how long it took: frames of a case -> Statistics.

Counted are the rows of RUNS, of which the incidents tell too: what logs tell, what CIBs remember of nodes without logs,
and the failures a plan recovers from. Pacemaker logs a result of a recurring monitor when it is the first or differs
from the one before (process_lrm_event, pacemaker-controld), so good monitors are counted once, failed ones at each
change.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import polars as pl

from logtrace.config.model import ClusterConfig
from logtrace.config.query import op_timeout
from logtrace.domain.results import RUNNING_RC
from logtrace.report.case import Failures, FencingTimes, Frames, Monitor, Placement, RunTimes, Statistics, Window
from logtrace.report.parts import Part

_RUNNING: Final = ("start", "promote", "demote", "monitor", "migrate_from", "reload", "reload-agent")
_GROUP: Final = ("resource", "operation", "interval")


def statistics(frames: Frames, config: ClusterConfig | None, window: Window) -> Statistics:
    """Statistics of `frames` (operations, fencing) from the start to the end of `window`."""
    # a run placed within its second may end after the last line, whose stamp is that second's beginning
    logged = pl.when("precise").then("end").otherwise(pl.col("end").dt.truncate("1s"))
    operations = _within(frames.operations, (pl.col("end"), logged), window)
    fencing = _within(frames.fencing, (pl.col("requested"),), window)
    runs = operations.filter(pl.col("ok").is_not_null()).with_columns(
        pl.col("resource").str.replace(r":\d+$", ""),
        operation=pl.when("probe").then(pl.lit("probe")).otherwise("operation"),
        interval=pl.when((pl.col("operation") == "monitor") & ~pl.col("probe")).then(pl.col("interval") / 1000),
    )
    return Statistics(
        runs=_runs(runs, config),
        monitors=_monitors(runs, config),
        fencing=_fencing(fencing),
        failures=_failures(runs.filter(~pl.col("ok"))),
        placements=_placements(runs),
    )


def _within(frame: pl.DataFrame, times: Iterable[pl.Expr], window: Window) -> pl.DataFrame:
    if window.start is None or window.end is None:
        return frame
    return frame.filter(pl.any_horizontal(time.is_between(window.start, window.end) for time in times))


def _runs(runs: pl.DataFrame, config: ClusterConfig | None) -> tuple[RunTimes, ...]:
    keys = runs.select(_GROUP).unique()
    limits = [_timeout(config, *key) for key in keys.iter_rows()]
    timed = runs.join(
        keys.with_columns(timeout=pl.Series(limits, dtype=pl.Float64)), on=_GROUP, how="left", nulls_equal=True
    )
    length = _seconds("start", "end")
    began = (pl.col("start") < pl.col("end")) | pl.col("begin_event").is_not_null()
    # A recurring monitor is handed over once: what took longer than its timeout is the result of a later run.
    later = (pl.col("operation") == "monitor") & (length > pl.col("timeout")).fill_null(True)
    seconds = pl.col("seconds")
    table = (
        timed.with_columns(seconds=pl.when(began & ~later).then(length))
        .group_by(*_GROUP)
        .agg(
            runs=pl.len(),
            failures=(~pl.col("ok")).sum(),
            timed=seconds.count(),
            p50=seconds.quantile(0.5, "equiprobable"),
            p95=seconds.quantile(0.95, "equiprobable"),
            longest=seconds.max(),
            exact=pl.col("precise").filter(seconds.is_not_null()).all(),
            timeout=pl.col("timeout").first(),
        )
        .sort(_GROUP)
    )
    return tuple(RunTimes(**row) for row in table.iter_rows(named=True))


def _seconds(start: str, end: str) -> pl.Expr:
    return ((pl.col(end) - pl.col(start)).dt.total_microseconds() / 1_000_000).round(6)


def _timeout(config: ClusterConfig | None, resource: str, operation: str, interval: float | None) -> float | None:
    if config is None:
        return None
    if operation == "probe":
        return op_timeout(config, resource, "monitor", 0.0)
    return op_timeout(config, resource, operation, interval)


def _monitors(runs: pl.DataFrame, config: ClusterConfig | None) -> tuple[Monitor, ...]:
    """Every recurring monitor of the configuration, then those that were only seen."""
    seen = (
        runs.filter(pl.col("operation") == "monitor")
        .group_by("resource", "interval")
        .agg(failures=(~pl.col("ok")).sum(), nodes=pl.col("node").filter(~pl.col("ok")).unique().sort())
        .sort("resource", "interval")
    )
    came = {(resource, interval): (failures, tuple(nodes)) for resource, interval, failures, nodes in seen.iter_rows()}
    monitors = []
    for primitive in (config or ClusterConfig()).primitives.values():
        for op in primitive.ops:
            if op.name != "monitor" or op.interval <= 0 or not op.enabled:
                continue
            failures, nodes = came.pop((primitive.id, op.interval), (0, ()))
            timeout = _timeout(config, primitive.id, "monitor", op.interval)
            monitors.append(Monitor(primitive.id, op.interval, timeout, op.role, True, failures, nodes))
    monitors += [
        Monitor(resource, interval, _timeout(config, resource, "monitor", interval), None, False, failures, nodes)
        for (resource, interval), (failures, nodes) in came.items()
    ]
    return tuple(monitors)


def _fencing(fencing: pl.DataFrame) -> tuple[FencingTimes, ...]:
    seconds = _seconds("requested", "ended")
    failed = pl.max_horizontal("failures", (pl.col("status") == "failed").cast(pl.Int64))
    table = (
        fencing.group_by("target")
        .agg(
            count=pl.len(),
            failures=failed.sum(),
            p50=seconds.quantile(0.5, "equiprobable"),
            longest=seconds.max(),
            devices=pl.col("device").drop_nulls().unique().sort(),
        )
        .sort("target")
    )
    return tuple(FencingTimes(**row | {"devices": tuple(row["devices"])}) for row in table.iter_rows(named=True))


def _failures(failed: pl.DataFrame) -> tuple[Failures, ...]:
    """By resource, the one that failed most first."""
    table = (
        failed.group_by("resource")
        .agg(
            operations=pl.col("operation").sort(),
            nodes=pl.col("node").unique().sort(),
            first=pl.col("end").min(),
            last=pl.col("end").max(),
        )
        .sort(pl.col("operations").list.len(), "resource", descending=[True, False])
    )
    return tuple(
        Failures(
            row["resource"],
            {name: row["operations"].count(name) for name in dict.fromkeys(row["operations"])},
            tuple(row["nodes"]),
            row["first"],
            row["last"],
        )
        for row in table.iter_rows(named=True)
    )


def _placements(runs: pl.DataFrame) -> tuple[Placement, ...]:
    ran = pl.col("operation").is_in([*_RUNNING, "probe"]) & pl.col("rc").is_in(RUNNING_RC)
    table = runs.filter(ran).group_by("resource").agg(pl.col("node").unique().sort()).sort("resource")
    return tuple(Placement(resource, tuple(nodes)) for resource, nodes in table.iter_rows())


PART: Final = Part("statistics", lambda case, _losses, _fencings: statistics(case.frames, case.config, case.window))
