"""Logs with whole seconds still tell the order of lines and the agents' run times: enough to place runs in a second."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import polars as pl

#: A stamp of whole seconds is true for anything up to here after it.
_WITHIN: Final = timedelta(milliseconds=999)


@dataclass(slots=True)
class _Node:
    """Results of one node so far: their lines and when they are taken to have come."""

    events: list[int] = field(default_factory=list)
    ends: list[datetime] = field(default_factory=list)


def placed(runs: pl.DataFrame) -> pl.DataFrame:
    """RUNS with those told by whole-second lines moved within their second.

    A run that was handed over after another's result cannot have begun before it; results come in the order of their
    lines; a run takes as long as the executor says; what a transition moves is started after it was stopped, though
    another node tells of that. Nothing leaves the second it is logged in.
    """
    if runs["precise"].all():
        return runs
    runs = _in_order_of_lines(runs)
    moved = _after_their_stops(runs)
    return runs if moved.equals(runs) else _in_order_of_lines(moved)


def _after_their_stops(runs: pl.DataFrame) -> pl.DataFrame:
    """Starts that seem to begin before the stop of the same resource in the same transition, put behind it."""
    same = ["resource", "transition", "dc_uuid"]
    stops = runs.filter((pl.col("operation") == "stop") & pl.col("ok")).drop_nulls("transition")
    if stops.is_empty():
        return runs
    latest = stops.group_by(same).agg(_stopped=pl.col("end").max())
    started = ~pl.col("precise") & pl.col("ok") & (pl.col("operation") == "start")
    early = started & (pl.col("start") < pl.col("_stopped"))
    took = pl.col("end") - pl.col("start")
    within = pl.col("end").dt.truncate("1s") + _WITHIN
    end = pl.min_horizontal(within, pl.max_horizontal("end", pl.col("_stopped") + took))
    start = pl.max_horizontal("start", end - took)
    return (
        runs.join(latest, on=same, how="left", nulls_equal=True, maintain_order="left")
        .with_columns(
            start=pl.when(early).then(start).otherwise(pl.col("start")),
            end=pl.when(early).then(end).otherwise(pl.col("end")),
        )
        .drop("_stopped")
    )


def _in_order_of_lines(runs: pl.DataFrame) -> pl.DataFrame:
    fixed = pl.col("precise") | ((pl.col("operation") == "monitor") | ~pl.col("ok")).fill_null(value=False)
    runs = runs.sort("event")
    rows = runs.select(
        "node", "event", pl.coalesce("begin_event", "event"), "start", "end", fixed.fill_null(value=False)
    )
    nodes: dict[str, _Node] = defaultdict(_Node)
    times = []
    for name, event, begun, start, end, stays in rows.iter_rows():
        node = nodes[name]
        moved = (start, end) if stays else _place(begun, start, end, node)
        node.events.append(event)
        node.ends.append(max(moved[1], node.ends[-1]) if node.ends else moved[1])
        times.append(moved)
    starts, ends = (pl.Series(values, dtype=runs.schema["end"]) for values in zip(*times, strict=True))
    return runs.with_columns(start=starts, end=ends).sort("end", "event")


def _place(begun: int, start: datetime, end: datetime, node: _Node) -> tuple[datetime, datetime]:
    took = end - start
    before = bisect_left(node.events, begun)
    earliest = max(start, node.ends[before - 1]) if before else start
    latest = end.replace(microsecond=0) + _WITHIN
    end = max(end, earliest + took, *node.ends[-1:])
    end = min(end, latest)
    return max(start, end - took), end
