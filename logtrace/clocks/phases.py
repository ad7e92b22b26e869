"""From bounds that contradict each other if a clock's offset is taken as one: when was it set, how does it drift?

Between two settings a clock has a phase, in which it stays or drifts evenly. In order of time a phase ends where no
offset fits any longer; several in one direction that one line fits were a drift.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import islice, pairwise
from typing import Final

import polars as pl
from msgspec import Struct
from msgspec.structs import replace

from logtrace.clocks.course import DRIFT, Course, Knot, set_back

#: A bound is not better than this: lines are written a little after what they tell.
DELIVERY: Final = 0.05

#: Below this a difference is indistinguishable from delivery times and scheduling, and is taken as none.
NEGLIGIBLE: Final = 0.25

#: From this many pairs on the tightest bound need not be believed alone.
MANY: Final = 20

#: As many bounds in a row, with none against them, prove that a clock was set; one may pair lines that are no pair.
PROOF: Final = 3

#: As many phases in one direction may be a drift, of at most so many seconds a second.
_DRIFTING: Final = 3
_FASTEST: Final = 0.1

#: More phases than that are no clock's: such bounds pair lines that are no pairs.
_MOST: Final = 500

#: What a time daemon tells of a step agrees with the bounds to so many seconds.
_AGREES: Final = 1.0


class Phase(Struct, frozen=True):
    """While a clock is not set. Between `knots` the offset is linear."""

    knots: tuple[Knot, ...]

    @property
    def first(self) -> Knot:
        return self.knots[0]

    @property
    def last(self) -> Knot:
        return self.knots[-1]


def offset(low: float, high: float) -> tuple[float, float]:
    """The offset between two bounds, none where that is possible; and its error."""
    middle = (low + high) / 2
    possible = min(low, high) - DELIVERY <= 0 <= max(low, high) + DELIVERY
    found = 0.0 if possible or abs(middle) < NEGLIGIBLE else middle
    return found, max(abs(low - found), abs(high - found))  # half the width, or more where taken as none


def phases(rows: pl.DataFrame) -> list[Phase]:
    """The phases that explain `rows` (at: epoch of the reference; low, high), one if none contradicts."""
    rows = rows.sort("at", "low", "high")
    stretches = list(islice(_stretches(rows), _MOST + 1))
    if len(stretches) == 1 and _contradict(rows):
        return [steady(_fitting(rows, stretches[0].ahead), stretches[0].ahead)]
    if len(stretches) < 2 or len(stretches) > _MOST:
        found, _ = offset(*tightest(rows["low"], rows["high"]))
        return [steady(rows, found)]
    out: list[Phase] = []
    at = 0
    while at < len(stretches):
        end = _one_way(stretches, at)
        drift = None
        if end - at >= _DRIFTING:
            drift = _drift(rows.filter(pl.col("at").is_between(stretches[at].since, stretches[end - 1].until)))
        if drift is None:
            mine = rows.filter(pl.col("at").is_between(stretches[at].since, stretches[at].until))
            drift, end = steady(mine, stretches[at].ahead), at + 1
        out.append(drift)
        at = end
    return out


def _contradict(rows: pl.DataFrame) -> bool:
    """Whether no one offset lies between all bounds: too few for a proof pair lines that are no pair."""
    low, high = tightest(rows["low"], rows["high"])
    return low - high > NEGLIGIBLE


def _fitting(rows: pl.DataFrame, ahead: float) -> pl.DataFrame:
    """Those of `rows` that `ahead` does not contradict."""
    above, below = pl.col("low") - ahead > NEGLIGIBLE, ahead - pl.col("high") > NEGLIGIBLE
    return rows.filter(~(above | below).fill_null(value=False))


def steady(rows: pl.DataFrame, ahead: float, rate: float = 0.0) -> Phase:
    """A phase of a clock that is `ahead` seconds ahead at the first of `rows` (at, low, high) and gains `rate` from
    there on. Its error is what the bounds leave; each bounds other moments the less the further away they are.
    """
    since, until = rows["at"][0], rows["at"][-1]
    gained = ahead + (rows["at"] - since) * rate
    lows, highs = rows["low"] - gained, rows["high"] - gained
    best = [rows["at"][at] for at in (lows.arg_max(), highs.arg_min()) if at is not None]
    knots = []
    for at in sorted({since, sum(best) / len(best), until}):
        further = (rows["at"] - at).abs() * DRIFT
        low, high = tightest(lows - further, highs + further)
        error = max((abs(bound) for bound in (low, high) if math.isfinite(bound)), default=0.0)
        knots.append(Knot(at, ahead + (at - since) * rate, error))
    return Phase(tuple(knots))


def course(found: list[Phase], told: pl.DataFrame, log: pl.DataFrame) -> Course:
    """The course of a clock through its phases.

    `told`: what the clock showed (at) when a time daemon told that it was set, and by how many seconds (null: it did
    not say); `log`: its lines, see Course.shift. A step that neither places lies between two phases.
    """
    knots = [*found[0].knots]
    for one, two in pairwise(found):
        last, first = one.last, two.first
        change, error = first.offset - last.offset, max(last.error, first.error)
        at = _told(last, first, told)
        if at is None and change < 0:
            at = _seen(last, first, log)
        if at is not None:
            knots += [replace(last, at=at), replace(first, at=at)]
        elif last.at + last.offset <= first.at + first.offset:
            between = Knot((last.at + first.at) / 2, (last.offset + first.offset) / 2, abs(change) / 2 + error)
            knots.append(between)
        else:  # the clock shows the same times twice, and no line tells when it was set
            knots += [Knot((last.at + first.at) / 2, each.offset, abs(change) + error) for each in (last, first)]
        knots += two.knots
    rates = [
        abs(one.last.offset - one.first.offset) / (one.last.at - one.first.at)
        for one in found
        if one.last.at > one.first.at
    ]
    return Course(tuple(dict.fromkeys(knots)), max([DRIFT, *rates]))


def _told(last: Knot, first: Knot, told: pl.DataFrame) -> float | None:
    """When between two phases a line tells that the clock was set by what makes the difference."""
    change = first.offset - last.offset
    slack = last.error + first.error + _AGREES
    at = pl.col("at") - first.offset
    fits = at.is_between(last.at - slack, first.at + slack) & (
        pl.col("seconds").is_null() | ((pl.col("seconds") - change).abs() <= slack)
    )
    return _first(told.filter(fits).select(at), last, first)


def _seen(last: Knot, first: Knot, log: pl.DataFrame) -> float | None:
    """When between two phases the clock's own lines step back."""
    since, until = pl.col("before") - last.offset, pl.col("after") - first.offset
    return _first(set_back(log, last, first).select((since + until) / 2), last, first)


def _first(moments: pl.DataFrame, last: Knot, first: Knot) -> float | None:
    return None if moments.is_empty() else min(max(float(moments.item(0, 0)), last.at), first.at)


class _Stretch(Struct, frozen=True):
    """One offset fits all bounds from `since` to `until`."""

    since: float
    until: float
    ahead: float


def _stretches(rows: pl.DataFrame) -> Iterator[_Stretch]:
    """As long as one offset fits: from the first to the last bound that no neighbour's offset fits."""
    low, high = -math.inf, math.inf
    since: float | None = None
    mine: list[tuple[float, float, float]] = []
    against: list[tuple[float, float, float]] = []  # bounds that do not fit, all on one side
    after: list[tuple[float, float, float]] = []  # all bounds since the first of them
    for row in rows.select("at", pl.col("low").fill_null(low), pl.col("high").fill_null(high)).iter_rows():
        at, lower, upper = row
        since = at if since is None else since
        above, below = lower - high > NEGLIGIBLE, low - upper > NEGLIGIBLE
        if above or below:
            if against and above != (against[0][1] - high > NEGLIGIBLE):
                against, after = [], []
            against.append(row)
        else:
            mine.append(row)
            low, high = max(low, lower), min(high, upper)
            # does it contradict those that did not fit?
            if against and (upper < min(each[1] for each in against) or lower > max(each[2] for each in against)):
                against, after = [], []
        if against:
            after.append(row)
        if len(against) >= PROOF:
            lowest, highest = max(each[1] for each in after), min(each[2] for each in after)
            firm = (each[0] for each in mine if each[1] - highest > NEGLIGIBLE or lowest - each[2] > NEGLIGIBLE)
            yield _stretch(since, min(max(firm, default=since), against[0][0]), low, high)
            since, mine, low, high = against[0][0], after, lowest, highest
            against, after = [], []
    if since is not None:
        yield _stretch(since, mine[-1][0] if mine else since, low, high)


def _stretch(since: float, until: float, low: float, high: float) -> _Stretch:
    """One side may be open in a short stretch: then the other is the best that is known."""
    low, high = (high if low == -math.inf else low), (low if high == math.inf else high)
    return _Stretch(since, until, offset(low, high)[0])


def _one_way(stretches: list[_Stretch], at: int) -> int:
    """Up to where, from `at` on, each is ahead of the one before it, or each behind it."""
    up = at + 1 < len(stretches) and stretches[at + 1].ahead > stretches[at].ahead
    end = at + 1
    while end < len(stretches) and (stretches[end].ahead > stretches[end - 1].ahead) == up:
        end += 1
    return end


def _drift(rows: pl.DataFrame) -> Phase | None:
    """The line that leaves all bounds most room, if one fits them."""
    since, until = rows["at"][0], rows["at"][-1]
    half = (until - since) / 2
    rows = rows.select(at=pl.col("at") - since - half, low="low", high="high")

    def room(rate: float) -> tuple[float, float]:
        lows, highs = rows["low"] - rate * rows["at"], rows["high"] - rate * rows["at"]
        low, high = tightest(lows, highs)
        return high - low, (high + low) / 2

    slow, fast = -_FASTEST, _FASTEST
    for _ in range(50):  # the room is concave in the rate
        third = (fast - slow) / 3
        if room(slow + third)[0] < room(fast - third)[0]:
            slow += third
        else:
            fast -= third
    rate = (slow + fast) / 2
    left, centre = room(rate)
    if not math.isfinite(left) or left < -NEGLIGIBLE:
        return None
    return steady(rows.select(pl.col("at") + since + half, "low", "high"), centre - rate * half, rate)


def tightest(lows: pl.Series, highs: pl.Series) -> tuple[float, float]:
    """With many pairs the very tightest may be a mismatch and must not decide alone. Infinite where there is none."""
    lows, highs = lows.drop_nulls(), highs.drop_nulls()
    low = lows.max() if len(lows) < MANY else lows.quantile(0.95)
    high = highs.min() if len(highs) < MANY else highs.quantile(0.05)
    return (
        -math.inf if low is None else float(low),  # type: ignore[arg-type]
        math.inf if high is None else float(high),  # type: ignore[arg-type]
    )
