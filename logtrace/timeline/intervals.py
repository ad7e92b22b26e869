"""How often a resource is monitored: as the run itself tells, as configured, or as any line names the operation."""

from __future__ import annotations

import polars as pl

from logtrace.config.model import ClusterConfig
from logtrace.config.query import monitor_interval
from logtrace.domain.kinds import Kind
from logtrace.timeline.runs import Run
from logtrace.timeline.timeline import Timeline, computed_once

#: What names an operation with its interval, also in copies of logs that drop the rest.
_NAMED = (Kind.OP_REQUESTED, Kind.OP_UNEXPECTED, Kind.OP_CONFIRMED, Kind.FAILCOUNT_SET, Kind.LASTFAILURE_SET)


def interval_of(timeline: Timeline, config: ClusterConfig, run: Run) -> float | None:
    """Seconds between the monitors of which `run` is one, or which its resource has; None where nothing tells."""
    told = (run.interval or 0) / 1000 if run.recurring else 0.0
    return told or monitor_interval(config, run.resource) or _named(timeline).get(run.resource)


@computed_once
def _named(timeline: Timeline) -> dict[str, float]:
    """The least interval of each resource's monitors that lines name."""
    told = timeline.events.of(*_NAMED, columns=("resource", "operation", "interval"))
    monitors = told.filter((pl.col("operation") == "monitor") & (pl.col("interval") > 0)).drop_nulls("resource")
    return dict(monitors.group_by("resource").agg(pl.col("interval").min() / 1000).iter_rows())
