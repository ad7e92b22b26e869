"""The courses of all clocks, from what bounds their differences (bounds.py).

From a reference outwards, over the tightest link first, each clock gets its course: one offset where that explains all
bounds, else one per phase. Where bounds between the others contradict that, it was another clock that was set: the one
whose course, with all its neighbours looked at, then needs the fewest phases.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from heapq import heappop, heappush
from itertools import pairwise
from typing import Final, Self

import polars as pl
from msgspec import Struct

from logtrace.clocks.bounds import bounds
from logtrace.clocks.course import Course, Knot
from logtrace.clocks.phases import NEGLIGIBLE, PROOF, Phase, course, offset, phases, tightest
from logtrace.domain.kinds import Kind
from logtrace.events.store import Events

#: What is less is slewed, as time daemons are configured as a rule (chrony's `makestep 1.0 3`).
_STEP: Final = 1.0

#: What a time daemon slews a clock by at most, in seconds a second (ntpd's 500 parts in a million).
_SLEW: Final = 5e-4

#: As many clocks are tried for a contradiction: those that have most of it.
_TRIED: Final = 3


class Setting(Struct, frozen=True):
    """The clock of `node` was set by so many seconds (forward where positive), give or take `error`.

    `since`: the last moment, an epoch of the reference clock, at which it is known to show what it did before.
    `events`: ids of the lines that show it, other nodes' among them. `other`: of two clocks the one that may have been
    set instead, the other way; None where a third clock or the log itself tells which it was.
    """

    node: str
    since: float
    seconds: float
    error: float
    events: tuple[int, ...]
    other: str | None = None


class Clock(Struct, frozen=True):
    """The course of a clock, and the phases it was made of; the reference has none."""

    course: Course
    phases: tuple[Phase, ...] = ()


class Neighbours(Struct, frozen=True, eq=False):
    """`bound`: rows of bounds.bounds, each from both sides. `told`: node, at, seconds: what its clock showed when it
    told that it had been set, and by how much if it told. `links`: node -> others -> the error of their difference, as
    if that never changed; `parted`: node -> to how many others it must have changed.
    """

    events: Events
    bound: pl.DataFrame
    told: pl.DataFrame
    links: Mapping[str, Mapping[str, float]]
    parted: Counter[str]

    @classmethod
    def of(cls, events: Events) -> Self:
        """Those of `events`, which have UTC `time`."""
        one = bounds(events)
        turned = {"a": "b", "b": "a", "at": "at_b", "at_b": "at", "event": "event_b", "event_b": "event"}
        other = one.select(**turned, low=-pl.col("high"), high=-pl.col("low"))
        bound = pl.concat([one, other.select(one.columns)])
        return cls(events, bound, _told(events), *_links(bound))

    def steadiest(self, nodes: list[str], sure: Collection[str]) -> str:
        """Whom to look at all others from: never set as far as anything tells, of known zone, with many links."""
        set_ = set(self.told["node"])
        set_ |= {node for node in self.parted if self._steps_back(node)}

        def standing(node: str) -> tuple[bool, int, bool, int]:
            return node not in set_, -self.parted[node], node in sure, len(self.links.get(node, ()))

        return max(nodes, key=standing)

    def settled(self, reference: str) -> dict[str, Clock]:
        """All clocks that are bound to the reference, first that itself, whose course is to stay where it is.

        While bounds are left unexplained, one of the clocks that have most of them may be the one that was set: then
        the others are known without it, and it by all of them.
        """
        late: tuple[str, ...] = ()
        found = self._outwards(reference, late)
        unexplained = self._unexplained(found)
        while unexplained.height:
            sides = Counter(node for node in unexplained["b"] if node != reference and node not in late)
            tried = []
            for node, _ in sides.most_common(_TRIED):
                again = self._outwards(reference, (*late, node))
                tried.append((again, self._unexplained(again), node))
            best = min(tried, key=lambda one: _price(one[0], one[1]), default=None)
            if best is None or _price(best[0], best[1]) >= _price(found, unexplained):
                break
            found, unexplained, node = best
            late = (*late, node)
        return found

    def _outwards(self, reference: str, late: Collection[str]) -> dict[str, Clock]:
        """From the reference outwards, the tightest link first, and last the clocks in `late`, by all their links."""
        touching = self.bound.filter(pl.col("a") == reference)["at"]
        times = touching if len(touching) else self.events["time"]
        ends = dict.fromkeys([times.min(), times.max()])
        found = {reference: Clock(Course(tuple(Knot(_epoch(at), 0.0, 0.0) for at in ends), 0.0))}
        reach: list[tuple[bool, float, str, str]] = []
        latest = reference
        while True:
            for other, error in self.links.get(latest, {}).items():
                if other not in found:
                    heappush(reach, (other in late, error + found[latest].course.known.error, other, latest))
            while reach and reach[0][2] in found:
                heappop(reach)
            if not reach:
                return found
            last, _, node, parent = heappop(reach)
            clock = self._clock(node, found, self._others(node, found) if last else [parent])
            found[node] = Clock(clock.course.widened(found[parent].course), clock.phases)
            latest = node

    def settings(self, found: Mapping[str, Clock]) -> dict[str, tuple[Setting, ...]]:
        """When clocks were set, by node: between phases that are known from both sides, and by more than a slew."""
        first_node = next(iter(found))
        told = {}
        for node, clock in found.items():
            alone = first_node if len(found) == 2 and clock.phases and not self._steps_back(node) else None
            rows = self._seen(node, found, self._others(node, found)) if len(clock.phases) > 1 else self.bound.clear()
            told[node] = tuple(
                setting
                for before, after in pairwise(clock.phases)
                if (setting := _setting(node, rows, before, after, alone)) is not None
            )
        return told

    def _others(self, node: str, found: Mapping[str, Clock]) -> list[str]:
        return [other for other in self.links.get(node, {}) if other in found]

    def _clock(self, node: str, found: Mapping[str, Clock], others: Collection[str]) -> Clock:
        explained = phases(self._seen(node, found, others))
        log = self._log(node) if len(explained) > 1 else self._log(node).clear()
        return Clock(course(explained, self.told.filter(pl.col("node") == node), log), tuple(explained))

    def _seen(self, node: str, found: Mapping[str, Clock], others: Collection[str]) -> pl.DataFrame:
        """Bounds (at, low, high, event, event_b) of a clock against the reference, through others that are known."""
        rows = self.bound.filter((pl.col("b") == node) & pl.col("a").is_in(others))
        ahead = self._ahead(rows["a"], rows["event"], {other: found[other].course for other in others})
        return rows.select(
            "event",
            "event_b",
            at=pl.col("at").dt.epoch("us") / 1e6 - ahead,
            low=pl.col("low") + ahead,
            high=pl.col("high") + ahead,
        )

    def _unexplained(self, found: Mapping[str, Clock]) -> pl.DataFrame:
        """The bounds, from both sides, that the courses contradict."""
        courses = {node: clock.course for node, clock in found.items()}
        rows = self.bound.filter(pl.col("a").is_in(list(found)) & pl.col("b").is_in(list(found)))
        apart = self._ahead(rows["b"], rows["event_b"], courses) - self._ahead(rows["a"], rows["event"], courses)
        return rows.filter((rows["low"] - apart > 2 * NEGLIGIBLE) | (apart - rows["high"] > 2 * NEGLIGIBLE))

    def _ahead(self, nodes: pl.Series, lines: pl.Series, courses: Mapping[str, Course]) -> pl.Series:
        """By how many seconds the clock of each of `nodes` was ahead when it wrote that line."""
        constant = {node: each.knots[0].offset for node, each in courses.items() if each.constant}
        ahead = nodes.replace_strict(constant, default=None, return_dtype=pl.Float64)
        moving = [each for node, each in courses.items() if not each.constant and (nodes == node).any()]
        if not moving:
            return ahead
        logs = [(self._log(node), each) for node, each in courses.items() if each in moving]
        known = pl.concat(log.select("event", ahead=each.shift(log)) for log, each in logs)
        moved = pl.DataFrame({"event": lines}).join(known, on="event", how="left", maintain_order="left")["ahead"]
        return ahead.fill_null(moved)

    def _log(self, node: str) -> pl.DataFrame:
        """event, file, time, precise: the lines of `node`, in order of file and line."""
        return self.events.select("event", "node", "file", "time", "precise").filter(pl.col("node") == node)

    def _steps_back(self, node: str) -> bool:
        """Whether a log of `node` goes back by more than its writers are out of order."""
        finest = self._log(node).filter("precise")
        return bool((finest.select(pl.col("time").diff().over("file")) < pl.duration(seconds=-_STEP)).to_series().any())


def _price(found: Mapping[str, Clock], unexplained: pl.DataFrame) -> tuple[int, int, int]:
    """What an explanation costs: bounds it leaves open, of which few may pair what is no pair, then phases."""
    left = unexplained.height // 2  # each is there from both sides
    return left // PROOF, sum(len(clock.phases) for clock in found.values()), left


def _setting(node: str, rows: pl.DataFrame, before: Phase, after: Phase, alone: str | None) -> Setting | None:
    """What lies between two phases, where that is a setting and not what a clock drifts or a time daemon trims."""
    was, change = before.last.offset, after.first.offset - before.last.offset
    error = _width(rows, before) + _width(rows, after)
    slewed = (after.first.at - before.last.at) * _SLEW
    if not abs(change) - error - slewed >= _STEP:
        return None
    later = rows.filter(pl.col("at") >= after.first.at).sort("at")
    shows = later.filter((pl.col("low") > was + _STEP) if change > 0 else (pl.col("high") < was - _STEP)).head(PROOF)
    lines = sorted({*shows["event"], *shows["event_b"]})
    return Setting(node, before.last.at, round(change, 3), round(error, 3), tuple(lines), alone)


def _width(rows: pl.DataFrame, phase: Phase) -> float:
    """How much its bounds leave open; infinite where they bound it from one side only."""
    mine = rows.filter(pl.col("at").is_between(phase.first.at, phase.last.at))
    low, high = tightest(mine["low"], mine["high"])
    return max(high - low, 0.0)


def _links(bound: pl.DataFrame) -> tuple[dict[str, dict[str, float]], Counter[str]]:
    links: dict[str, dict[str, float]] = defaultdict(dict)
    parted: Counter[str] = Counter()
    for (a, b), rows in bound.sort("a", "b").group_by("a", "b", maintain_order=True):
        low, high = tightest(rows["low"], rows["high"])
        if math.isfinite(low) and math.isfinite(high):
            links[str(a)][str(b)] = offset(low, high)[1]
            parted[str(a)] += low - high > 2 * NEGLIGIBLE
    return links, +parted


def _told(events: Events) -> pl.DataFrame:
    seconds = pl.col("value").cast(pl.Float64, strict=False)
    return (
        events.of(Kind.CLOCK_STEP, columns=("node", "time", "value"))
        .drop_nulls("node")
        .select("node", at=pl.col("time").dt.epoch("us") / 1e6, seconds=seconds)
        .filter(pl.col("seconds").is_null() | (pl.col("seconds").abs() > NEGLIGIBLE))
    )


def _epoch(at: object) -> float:
    return at.timestamp() if isinstance(at, datetime) else 0.0
