"""A machine that boots with a wrong clock, until a time daemon sets it: its first lines are hours or years off.

Within a log, times only go back when a clock was set, or where two logs were put one behind the other. Where that
happens around a boot, and within half an hour of it, the lines between the boot and the leap are the wrong ones: they
were written ahead of time if the leap goes back, behind it if the boot does and the leap makes up for it. All else is
left alone, for nothing tells which side of the leap is right.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Final

import polars as pl
from msgspec import Struct

from logtrace.domain.kinds import Kind

#: Smaller steps back are lines of several writers in one file.
STEP: Final = 30_000_000

#: What begins when a machine does.
_BEGINS: Final = (Kind.BOOT, Kind.COROSYNC_START, Kind.DAEMON_STARTING)

#: A time daemon sets the clock within this time of a boot.
_SOON: Final = 1_800_000_000

#: The first of a boot's lines that is understood may be this many lines behind the step.
_NEAR: Final = 20


class Leap(Struct, frozen=True):
    """`rows` (first and last, of the frame looked at) of a log of `node` were written `seconds` ahead of time, or
    behind it where that is negative; a log of nobody has node None.
    """

    node: str | None
    rows: tuple[int, int]
    seconds: float


def leaps(stamps: pl.DataFrame) -> list[Leap]:
    """The leaps in `stamps` (file, node, time, kind, value), which are in order of file and line."""
    back = (pl.col("time").diff() <= pl.duration(microseconds=-STEP)).over("file", "node").fill_null(value=False)
    places = stamps.with_row_index("row").with_columns(back=back)
    odd = places.filter("back").select("file", "node").unique()
    found: list[Leap] = []
    for log in places.join(odd, on=["file", "node"], how="semi", nulls_equal=True).partition_by("file", "node"):
        found += _of_log(log.sort("row"))
    return found


def shifts(stamps: pl.DataFrame, found: Sequence[Leap]) -> pl.Series:
    """Microseconds to take from each time of `stamps`."""
    shift = pl.zeros(stamps.height, dtype=pl.Int64, eager=True)
    for leap in found:
        first, last = leap.rows
        rows = stamps.with_row_index("row").filter(
            pl.col("row").is_between(first, last) & pl.col("node").eq_missing(pl.lit(leap.node, pl.String))
        )["row"]
        shift = shift.scatter(rows, round(leap.seconds * 1e6))
    return shift


def _of_log(log: pl.DataFrame) -> Iterator[Leap]:
    """The leaps of one log of one node."""
    node = log["node"][0]
    rows, times = log["row"].to_list(), log["time"].dt.epoch("us").to_list()
    begins = log["kind"].is_in(list(_BEGINS)).arg_true().to_list()
    boots = set(begins)
    told = _told(log)
    done = 0
    for at in log["back"].arg_true().to_list():
        if at < done:
            continue
        before, gone = times[at - 1], times[at - 1] - times[at]
        near = bisect_left(begins, at)
        if near < len(begins) and begins[near] < at + _NEAR:  # the boot goes back: what follows is behind
            after = next((index for index in range(at + 1, len(times)) if times[index] >= before), None)
            leap = None if after is None else times[after] - times[after - 1]
            if (
                after is not None
                and leap is not None
                and gone <= leap <= gone + _SOON
                and times[after - 1] - times[at] <= _SOON
            ):
                seconds = next((value for place, value in told if at < place <= after and value > 0), leap / 1e6)
                yield Leap(node, (rows[at], rows[after - 1]), -seconds)
                done = after
        else:  # the leap goes back: what stands between it and the boot is ahead
            start = begins[near - 1] if near and begins[near - 1] >= done else None
            while start and start - 1 in boots:
                start -= 1
            if start is None or times[at - 1] - times[start] > _SOON:
                continue
            seconds = next((-value for place, value in told if start <= place <= at and value < 0), None)
            fits = seconds is not None if start == 0 else times[start] - gone >= times[start - 1] - STEP
            if fits:
                seconds = gone / 1e6 if seconds is None else seconds
                yield Leap(node, (rows[start], rows[at - 1]), seconds)
                done = at


def _told(log: pl.DataFrame) -> list[tuple[int, float]]:
    """Places where a time daemon told by how many seconds it set the clock."""
    values = log.select(
        at=pl.int_range(pl.len()),
        seconds=pl.when(pl.col("kind") == Kind.CLOCK_STEP).then(pl.col("value").cast(pl.Float64, strict=False)),
    )
    return [(at, seconds) for at, seconds in values.drop_nulls().iter_rows() if abs(seconds) * 1e6 >= STEP]
