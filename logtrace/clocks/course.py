"""How far a clock is ahead as time goes by: it may be constant, drift, or be set while the cluster runs."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import polars as pl
from msgspec import Struct
from msgspec.structs import replace

#: Seconds that a clock nobody disciplines gains or loses in a second: a hundred parts in a million.
DRIFT: Final = 1e-4

#: Seconds by which lines are written after what they tell.
_WRITTEN: Final = 0.05


class Knot(Struct, frozen=True):
    """At `at`, an epoch of the reference clock, a clock is `offset` seconds ahead of it, give or take `error`."""

    at: float
    offset: float
    error: float


class Course(Struct, frozen=True):
    """Between `knots`, which are in order of time, the offset is linear; two at one time are a step. Before the first
    and after the last it stays, and its error grows by `unsure` a second.
    """

    knots: tuple[Knot, ...]
    unsure: float = DRIFT

    @property
    def constant(self) -> bool:
        return len({knot.offset for knot in self.knots}) == 1

    @property
    def furthest(self) -> float:
        """The most it is ever ahead or behind."""
        return max(abs(knot.offset) for knot in self.knots)

    @property
    def known(self) -> Knot:
        """Where it is known best, of what it was at last."""
        return min((knot for knot in self.knots if knot.offset == self.knots[-1].offset), key=lambda knot: knot.error)

    def widened(self, other: Course) -> Course:
        """The same, its error that of `other`, through which it is known, besides its own."""
        knots = (replace(knot, error=knot.error + other.reading(knot.at).error) for knot in self.knots)
        return Course(tuple(knots), self.unsure + other.unsure)

    def reading(self, at: float) -> Knot:
        """At a step the value after it."""
        right = bisect_right(self.knots, at, key=lambda knot: knot.at)
        if right == 0 or right == len(self.knots):
            end = self.knots[0] if right == 0 else self.knots[-1]
            return Knot(at, end.offset, end.error + abs(at - end.at) * self.unsure)
        one, two = self.knots[right - 1], self.knots[right]
        share = (at - one.at) / (two.at - one.at)
        return Knot(at, one.offset + share * (two.offset - one.offset), one.error + share * (two.error - one.error))

    def ahead_of(self, other: Course) -> Course:
        """The clock as seen from `other`, whose error is added where it changes. Both have the steps of either."""
        if other.constant:
            ahead = other.knots[0].offset
            return replace(self, knots=tuple(Knot(k.at + ahead, k.offset - ahead, k.error) for k in self.knots))
        moments = sorted({(knot.at, side) for one in (self, other) for knot in one.knots for side in (False, True)})
        knots = []
        for at, after in moments:
            one, two = (each.reading(at) if after else each.before(at) for each in (self, other))
            knots.append(Knot(at, one.offset - two.offset, one.error + two.error))
        return Course(tuple(dict.fromkeys(knots)), max(self.unsure, other.unsure))

    def before(self, at: float) -> Knot:
        """The reading just before `at`: another than at it where the clock was set then."""
        stepped = next((knot for knot in self.knots if knot.at == at), None)
        return stepped or self.reading(at)

    def shift(self, log: pl.DataFrame) -> pl.Series:
        """Seconds to take from each `time` of `log` (file, time, precise: a node's lines in order of file and line)."""
        local = log["time"].dt.epoch("us") / 1e6
        if self.constant:
            return pl.repeat(self.knots[0].offset, log.height, dtype=pl.Float64, eager=True)
        shift = pl.zeros(log.height, dtype=pl.Float64, eager=True)
        passed = pl.zeros(log.height, dtype=pl.Int64, eager=True)
        runs: list[list[Knot]] = [[self.knots[0]]]
        for number, (one, two) in enumerate(pairwise(self.knots)):
            if one.at == two.at and two.offset < one.offset:  # set back: the same times come again
                last = self.knots[number - 1] if number and self.knots[number - 1].offset == one.offset else one
                first = next((knot for knot in self.knots[number + 2 : number + 3] if knot.offset == two.offset), two)
                passed += _passed(log, one.at + one.offset, last, first)
                runs.append([])
            runs[-1].append(two)
        for number, knots in enumerate(runs):
            mine = (passed == number).arg_true()
            shift = shift.scatter(mine, _interpolated(local[mine], knots))
        return shift

    def between(self, start: float, end: float) -> tuple[Knot, ...]:
        """What is known from `start` to `end`: its readings there, and where they change in between."""
        inner = [knot for knot in self.knots if start < knot.at < end]
        return tuple(dict.fromkeys([self.reading(start), *inner, self.reading(end)]))

    def moved(self, seconds: float) -> Course:
        return replace(self, knots=tuple(replace(knot, offset=knot.offset + seconds) for knot in self.knots))


def middle(courses: Sequence[Course]) -> Course:
    """Of all clocks the one that is least away from the others; of equals the one nearest to none."""
    if all(one.constant for one in courses):
        ordered = sorted(courses, key=lambda one: one.knots[0].offset)
        return min(ordered[(len(ordered) - 1) // 2], ordered[len(ordered) // 2], key=lambda one: one.furthest)
    votes = Counter(courses)

    def apart(one: Course) -> tuple[float, float]:
        return round(sum(number * other.ahead_of(one).furthest for other, number in votes.items()), 3), one.furthest

    return min(votes, key=apart)


def set_back(log: pl.DataFrame, last: Knot, first: Knot) -> pl.DataFrame:
    """Where files of `log` (see Course.shift) show that the clock was set back between what is known of it: file, row
    (of the line after it), before and after (what the two lines show), one row per file.

    What a clock shows goes back by as much as it is set, less the time in which it was silent. Lines of several writers
    are a little out of order as well, and those of whole seconds by up to one: so of what lies between lines of the two
    offsets the largest step back counts that is half as large as it must be at most, or stands out from all others.
    """
    latest, earliest = last.at + last.offset, first.at + first.offset
    enough = (last.offset - first.offset) / 2
    finest = pl.col("precise").fill_null(value=False)
    back = pl.col("back")
    next_ = back.shift(-1).over("file").fill_null(0.0)
    return (
        log.select("file", "precise", row=pl.int_range(pl.len()), after=pl.col("time").dt.epoch("us") / 1e6)
        .filter(finest | ~finest.any().over("file"))
        .with_columns(before=pl.col("after").shift().over("file"), slack=pl.when(finest).then(_WRITTEN).otherwise(1.0))
        .with_columns(back=pl.col("before") - pl.col("after"))
        .filter(
            (pl.col("before") >= latest - pl.col("slack"))
            & (pl.col("after") <= earliest + pl.col("slack"))
            & (back > 0)
        )
        .sort("back", descending=True, maintain_order=True)
        .filter((back >= enough) | ((back > 2 * pl.col("slack")) & (back > 3 * next_)))
        .unique("file", keep="first", maintain_order=True)
        .select("file", "row", "before", "after")
    )


def _passed(log: pl.DataFrame, high: float, last: Knot, first: Knot) -> pl.Series:
    """1 for lines after a step back, until which the clock showed `high`, else 0. Where a file shows the step, the
    order of its lines tells; elsewhere their time.
    """
    shown = set_back(log, last, first).select("file", start="row")
    lines = log.select("file", row=pl.int_range(pl.len()), at=pl.col("time").dt.epoch("us") / 1e6)
    after = pl.when(pl.col("start").is_null()).then(pl.col("at") >= high).otherwise(pl.col("row") >= pl.col("start"))
    return lines.join(shown, on="file", how="left", maintain_order="left").select(after.cast(pl.Int64)).to_series()


def _interpolated(local: pl.Series, knots: Sequence[Knot]) -> pl.Series:
    """The offset at times that this clock shows."""
    if len(knots) == 1:
        return pl.repeat(knots[0].offset, len(local), dtype=pl.Float64, eager=True)
    shown = pl.Series([knot.at + knot.offset for knot in knots], dtype=pl.Float64)
    offsets = pl.Series([knot.offset for knot in knots], dtype=pl.Float64)
    right = shown.search_sorted(local, "right").cast(pl.Int64).clip(1, len(knots) - 1)
    one, two = shown.gather(right - 1), shown.gather(right)
    share = ((local - one) / (two - one)).fill_nan(1.0).clip(0, 1)
    return offsets.gather(right - 1) + share * (offsets.gather(right) - offsets.gather(right - 1))
