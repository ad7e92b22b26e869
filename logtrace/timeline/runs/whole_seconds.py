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
    lines; a run takes as long as the executor says. Nothing leaves the second it is logged in.
    """
    if runs["precise"].all():
        return runs
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
    latest = end + _WITHIN
    end = max(end, earliest + took, *node.ends[-1:])
    end = min(end, latest)
    return max(start, end - took), end
