"""Logs with whole seconds still tell the order of lines and the agents' run times: enough to place runs in a second."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from msgspec.structs import replace

from logtrace.timeline.rows import Run

#: A stamp of whole seconds is true for anything up to here after it.
_WITHIN = timedelta(milliseconds=999)


@dataclass(slots=True)
class _Node:
    """Results of one node so far: their lines and when they are taken to have come."""

    events: list[int] = field(default_factory=list)
    ends: list[datetime] = field(default_factory=list)


def within_seconds(runs: list[Run]) -> list[Run]:
    """The runs, in order of their end, those from whole-second lines moved within their second.

    A run that was handed over after another's result cannot have begun before it; results come in the order of their
    lines; a run takes as long as the executor says. Nothing leaves the second it is logged in.
    """
    if all(run.precise for run in runs):
        return runs
    nodes: dict[str, _Node] = defaultdict(_Node)
    placed = []
    for run in sorted(runs, key=lambda run: run.event):
        node = nodes[run.node]
        fixed = run.precise or run.recurring or run.probe or run.failed  # what follows a failure is stamped alike
        moved = run if fixed else _placed(run, node)
        node.events.append(run.event)
        node.ends.append(max(moved.end, node.ends[-1]) if node.ends else moved.end)
        placed.append(moved)
    return sorted(placed, key=lambda run: (run.end, run.event))


def _placed(run: Run, node: _Node) -> Run:
    took = run.end - run.start
    before = bisect_left(node.events, run.begin_event if run.begin_event is not None else run.event)
    start = max(run.start, node.ends[before - 1]) if before else run.start
    end = max(run.end, start + took)
    if node.ends:
        end = max(end, node.ends[-1])
    end = min(end, run.end + _WITHIN)
    return replace(run, start=max(run.start, end - took), end=end)
