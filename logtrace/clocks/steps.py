"""Changes of a node's zone within its logs, where nobody said which zone it is in: summer time begins or ends.

Epochs that daemons print give the offset before and after (anchors.py). Between the last anchor of the one and the
first of the other lies the change: where the lines step back, or where they leave out the hour that was skipped.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from itertools import pairwise
from typing import Final

import polars as pl
from msgspec import Struct

from logtrace.domain.columns import NO_YEAR
from logtrace.domain.zones import EAST, WEST

#: Zones are whole quarters of an hour; a printed epoch lags its line by less than this many seconds.
_QUARTER: Final = 900
_TOLERANCE: Final = 120

#: By how many seconds clocks are put forward or back; lines may stand so much out of order.
_CHANGES: Final = (1800, 3600)
_JITTER: Final = 60

#: Anchors that agree, before and after, for a change to be believed; more changes than that are something else.
_AGREE: Final = 2
_MOST: Final = 12

#: Anchors whose line was written when the epoch was: attributes may be told again long after.
_AT_ONCE: Final = ("scheduler reference", "corosync pause line", "fail-count epoch")

_HOUR: Final = 3600


class Step(Struct, frozen=True):
    """From `at` (naive, UTC) on the clock is `offset` ahead of UTC; `sure` if the lines show where."""

    at: datetime
    offset: timedelta
    sure: bool


class SteppedZone(tzinfo):
    """A zone known from its changes only. What comes twice is told apart by `fold`."""

    def __init__(self, first: timedelta, steps: tuple[Step, ...]) -> None:
        self.first = first
        self.steps = steps

    def utcoffset(self, dt: datetime | None) -> timedelta:
        offset = self.first
        for step in self.steps:
            begins = min if dt is not None and dt.fold else max
            if dt is not None and dt.replace(tzinfo=None) >= step.at + begins(offset, step.offset):
                offset = step.offset
        return offset

    def fromutc(self, dt: datetime) -> datetime:
        offset = self.first
        for step in self.steps:
            if dt.replace(tzinfo=None) >= step.at:
                offset = step.offset
        local = (dt + offset).replace(fold=0)
        return local if self.utcoffset(local) == offset else local.replace(fold=1)

    def dst(self, dt: datetime | None) -> timedelta:  # noqa: ARG002 - asked for by tzinfo
        return timedelta()

    def tzname(self, dt: datetime | None) -> str:
        return f"UTC{self.utcoffset(dt)}"


def stepped_zones(anchors: pl.DataFrame, lines: pl.DataFrame) -> dict[str, SteppedZone]:
    """The zones of those nodes whose offset changed.

    `anchors`: columns of anchors.anchors_from_events, of lines without an offset of their own. `lines`: node, file and
    local (with its year), in order of file and line.
    """
    zones: dict[str, SteppedZone] = {}
    anchors = anchors.filter(pl.col("source").is_in(_AT_ONCE))
    if anchors.height < 2 * _AGREE:
        return zones
    for (node,), part in _offsets(anchors).group_by("node", maintain_order=True):
        groups = list(part.select("offset", "first", "last", "anchors").iter_rows())
        changes = [abs(after[0] - before[0]) for before, after in pairwise(groups)]
        agree = all(group[3] >= _AGREE for group in groups)
        if 0 < len(changes) <= _MOST and agree and all(change in _CHANGES for change in changes):
            mine = lines.filter(pl.col("node") == node).select(
                "file", local=pl.col("local").dt.epoch("us") / 1e6, _row=pl.int_range(pl.len())
            )
            steps = tuple(_step(mine, before[0], after[0], before[2], after[1]) for before, after in pairwise(groups))
            zones[str(node)] = SteppedZone(timedelta(seconds=groups[0][0]), steps)
    return zones


def _offsets(anchors: pl.DataFrame) -> pl.DataFrame:
    """Stretches of anchors that agree: node, offset, first and last epoch, anchors; in order of time."""
    true = pl.from_epoch(pl.col("epoch").cast(pl.Int64), time_unit="s")
    years = (true.dt.year() - NO_YEAR).cast(pl.Int64)
    options = [pl.col("local").dt.offset_by(pl.concat_str((years + more) * 12, pl.lit("mo"))) for more in (-1, 0, 1)]
    ahead = [(option - true).dt.total_seconds() for option in options]
    nearest = (
        pl.when(pl.col("local").dt.year() != NO_YEAR)
        .then((pl.col("local") - true).dt.total_seconds())
        .when(ahead[1].abs() <= pl.min_horizontal(ahead[0].abs(), ahead[2].abs()))
        .then(ahead[1])
        .when(ahead[0].abs() <= ahead[2].abs())
        .then(ahead[0])
        .otherwise(ahead[2])
    )
    quarters = ((nearest / _QUARTER).round() * _QUARTER).cast(pl.Int64)
    told = (
        anchors.select("node", "epoch", offset=quarters, apart=(nearest - quarters).abs())
        .filter((pl.col("apart") <= _TOLERANCE) & pl.col("offset").is_between(WEST, EAST))
        .sort("node", "epoch")
    )
    changed = (pl.col("offset") != pl.col("offset").shift().over("node")).fill_null(False)
    return (
        told.with_columns(stretch=changed.cum_sum().over("node"))
        .group_by("node", "stretch", maintain_order=True)
        .agg(
            pl.col("offset").first(),
            first=pl.col("epoch").first(),
            last=pl.col("epoch").last(),
            anchors=pl.len(),
        )
    )


def _step(lines: pl.DataFrame, before: int, after: int, low: float, high: float) -> Step:
    """The change between the epochs `low` and `high`."""
    offset = timedelta(seconds=after)
    if after < before:
        seen = _step_back(lines, before, after, low, high)
        if seen is not None:
            return Step(_naive(seen), offset, True)
    between = lines["local"].filter(
        lines["local"].is_between(low + min(before, after) - _HOUR, high + max(before, after) + _HOUR)
    )
    locals_ = between.unique().sort()
    # clocks are changed at the full hour of the clock as it was
    first = -(-(low + before) // _HOUR) * _HOUR - before
    options = [first + number * _HOUR for number in range(int((high - first) // _HOUR) + 1) if first <= high] or [high]
    told = [_silence(locals_, option, before, after) for option in options]
    fewest = min(inside for inside, _ in told)
    best = max(range(len(told)), key=lambda index: (-told[index][0], told[index][1]))
    only = [inside for inside, _ in told].count(fewest) == 1
    return Step(_naive(options[best]), offset, after > before and only and fewest == 0)


def _step_back(lines: pl.DataFrame, before: int, after: int, low: float, high: float) -> float | None:
    """When the clock was put back: the full hour between two lines of which the later shows the earlier time."""
    back = pl.col("local") - pl.col("local").shift().over("file")
    steps = (
        lines.with_columns(back=back)
        .filter((pl.col("back") < -_JITTER) & (pl.col("back") >= after - before - _JITTER))
        .select(since=pl.col("local") - pl.col("back") - before, until=pl.col("local") - after)
        .filter((pl.col("until") >= low) & (pl.col("since") <= high))
    )
    if steps.is_empty():
        return None
    since, until = steps["since"].max(), steps["until"].min()
    assert isinstance(since, float)
    assert isinstance(until, float)
    full = (until + before) // _HOUR * _HOUR - before
    return full if full >= since else until


def _silence(locals_: pl.Series, at: float, before: int, after: int) -> tuple[int, float]:
    """How many lines show a time that a change at `at` would have skipped or repeated, and the silence around it."""
    low, high = at + min(before, after), at + max(before, after)
    start, end = locals_.search_sorted(low, "left"), locals_.search_sorted(high, "left")
    since = locals_[start - 1] if start else low - _HOUR
    until = locals_[end] if end < len(locals_) else high + _HOUR
    return end - start, until - since


def _naive(epoch: float) -> datetime:
    return datetime.fromtimestamp(epoch, UTC).replace(tzinfo=None)
