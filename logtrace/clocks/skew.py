"""How far apart the nodes' clocks are, from what bounds their differences (bounds.py).

From a reference outwards, over the tightest link first, each clock gets its course: one offset where that explains all
bounds, else one per phase. The reference in the end is the clock that is least away from the others.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from heapq import heappop, heappush

import polars as pl
from msgspec import Struct

from logtrace.clocks.bounds import bounds
from logtrace.clocks.course import Course, Knot, middle
from logtrace.clocks.phases import NEGLIGIBLE, course, offset, phases, tightest
from logtrace.domain.kinds import Kind
from logtrace.events.store import Events

#: From this many seconds on a clock may rather be in another zone.
_ZONE = 450.0

#: A step back of so many seconds in a log is no disorder of its writers.
_BACK = 1.0


class Skew(Struct, frozen=True):
    """Seconds a clock is ahead of the reference; `error` is half the width of what is possible, None: unknown.

    `offset` and `error` are those of the last moment that bounds the clock. `course`: how it got there.
    """

    course: Course | None = None

    @property
    def offset(self) -> float:
        return round(self.course.known.offset, 6) if self.course else 0.0

    @property
    def error(self) -> float | None:
        return round(self.course.known.error, 6) if self.course else None

    def less(self, seconds: float) -> Skew:
        return Skew(self.course and self.course.moved(-seconds))


def estimate(events: Events, files: dict[tuple[int, str], float], sure: Collection[str] = ()) -> dict[str, Skew]:
    """Skew per node, from events with UTC `time` (zones already resolved). Nodes nothing is known of are at 0, None.

    `files`: (file, node) -> seconds that file's stamps were ahead of the node's own clock (see carriers.py). The
    reference is the clock most files agree with: a syslog server's stamps speak for it as well. Nodes in `sure` have
    a zone that was not assumed; while there are any, none that may have another zone than assumed is the reference.
    """
    nodes = sorted(events.values("node"))
    if not nodes:
        return {}
    found = _from_reference(events, nodes, sure)
    told = {node for node, each in found.items() if node in sure or each.furthest < _ZONE}
    clocks = [found[node].moved(ahead) for (_, node), ahead in files.items() if node in told]
    reference = middle(clocks) if clocks else Course((Knot(0.0, 0.0, 0.0),))
    if reference.furthest > NEGLIGIBLE:
        found = {node: each.ahead_of(reference) for node, each in found.items()}
    return {node: Skew(found.get(node)) for node in nodes}


def _from_reference(events: Events, nodes: list[str], sure: Collection[str]) -> dict[str, Course]:
    """The courses of all nodes that are bound to the reference, whose own is none at all."""
    bound = _one_way(bounds(events))
    links = _links(bound)
    told = _told(events)
    setting = set(told["node"])
    reference = max(nodes, key=lambda node: (node in sure, node not in setting, len(links.get(node, ()))))
    touching = bound.filter((pl.col("a") == reference) | (pl.col("b") == reference))
    ends = (
        [touching["at"].min(), touching["at"].max()]
        if touching.height
        else [events["time"].min(), events["time"].max()]
    )
    found = {reference: Course(tuple(Knot(_epoch(at), 0.0, 0.0) for at in dict.fromkeys(ends)), 0.0)}
    reach: list[tuple[float, str, str]] = []
    latest = reference
    while True:  # from the reference outwards, the tightest link first
        for other, error in links.get(latest, {}).items():
            if other not in found:
                heappush(reach, (error + found[latest].known.error, other, latest))
        while reach and reach[0][1] in found:
            heappop(reach)
        if not reach:
            return found
        _, node, parent = heappop(reach)
        explained = phases(_seen_from(bound, parent, node, found[parent]))
        lines = events if len(explained) > 1 else Events({}, events.schema)
        mine = told.filter(pl.col("node") == node)
        found[node] = course(explained, mine, _steps_back(lines, node)).widened(found[parent])
        latest = node


def _epoch(at: object) -> float:
    return at.timestamp() if isinstance(at, datetime) else 0.0


def _one_way(bound: pl.DataFrame) -> pl.DataFrame:
    """All of `bound` with a < b."""
    forward = pl.col("a") < pl.col("b")
    turned = bound.filter(~forward).select(a="b", b="a", at="at_b", at_b="at", low=-pl.col("high"), high=-pl.col("low"))
    return pl.concat([bound.filter(forward), turned])


def _links(bound: pl.DataFrame) -> dict[str, dict[str, float]]:
    """Node -> others -> error of their difference, in both directions, as if that never changed."""
    links: dict[str, dict[str, float]] = defaultdict(dict)
    for (a, b), rows in bound.sort("a", "b").group_by("a", "b", maintain_order=True):
        low, high = tightest(rows["low"], rows["high"])
        if math.isfinite(low) and math.isfinite(high):
            _, error = offset(low, high)
            links[str(a)][str(b)] = links[str(b)][str(a)] = error
    return links


def _seen_from(bound: pl.DataFrame, parent: str, node: str, known: Course) -> pl.DataFrame:
    """Bounds (at, low, high) of the clock of `node` against the reference, through `parent`, whose course is known."""
    first = parent < node
    one, other = (parent, node) if first else (node, parent)
    rows = bound.filter((pl.col("a") == one) & (pl.col("b") == other))
    if not first:
        rows = rows.select(at="at_b", low=-pl.col("high"), high=-pl.col("low"))
    ahead = known.shift(rows.select(file=pl.lit(0, pl.UInt32), time="at"))
    at = rows["at"].dt.epoch("us") / 1e6 - ahead
    return rows.select(at=at, low=pl.col("low") + ahead, high=pl.col("high") + ahead)


def _told(events: Events) -> pl.DataFrame:
    """node, at, seconds: what its clock showed when it told that it had been set, and by how much if it told."""
    seconds = pl.col("value").cast(pl.Float64, strict=False)
    return (
        events.of(Kind.CLOCK_STEP, columns=("node", "time", "value"))
        .drop_nulls("node")
        .select("node", at=pl.col("time").dt.epoch("us") / 1e6, seconds=seconds)
        .filter(pl.col("seconds").is_null() | (pl.col("seconds").abs() > NEGLIGIBLE))
    )


def _steps_back(events: Events, node: str) -> pl.DataFrame:
    """before, after: what two lines that follow each other in a log of `node` show, the later an earlier time."""
    at = pl.col("time").dt.epoch("us") / 1e6
    return (
        events.select("node", "file", "time")
        .filter(pl.col("node") == node)
        .with_columns(after=at)
        .with_columns(before=pl.col("after").shift().over("file"))
        .filter(pl.col("before") - pl.col("after") > _BACK)
    )
