"""When any line was written: its own stamp, corrected as the understood lines near it in its file were.

Only understood lines are put on one clock (resolve.py), for only they are kept. What was taken from or added to their
stamps (zone, year, skew, drift, steps) changes seldom from line to line, so the line before tells it for all others.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

import polars as pl

from logtrace.clocks.calendar import in_year
from logtrace.domain.columns import LINES, NAIVE, NO_TIME, NO_YEAR
from logtrace.domain.columns import UTC as TIME
from logtrace.events.store import Events

#: Microseconds by which a correction must change to be another.
_FINE: Final = 1000

#: From the line `line` on, stamps of `node` in `file` are corrected by `shift`; `near`: what that line's own says.
CORRECTIONS: Final = {
    "file": LINES["file"], "node": pl.String(), "line": LINES["line"], "near": NAIVE, "shift": pl.Duration("us"),
}  # fmt: skip


def corrections(events: Events) -> pl.DataFrame:
    """CORRECTIONS of events as `resolve` gives them, in order of file, node and line."""
    told = events.select("file", "node", "line", "local", "time").drop_nulls()
    shift = pl.col("time").dt.replace_time_zone(None) - pl.col("local")
    told = told.select("file", "node", "line", near="local", shift=shift.cast(CORRECTIONS["shift"]))
    told = told.sort("file", "node", "line", maintain_order=True)
    step = (pl.col("shift").dt.total_microseconds() // _FINE).diff().over("file", "node")
    return told.filter((step != 0).fill_null(value=True))


def times(lines: pl.DataFrame, file: int, known: pl.DataFrame) -> pl.Series:
    """The times (UTC) of `lines` (node, line, local) of `file`; null where `local` is, or is NO_TIME.

    `known`: CORRECTIONS of all files. A node that tells nothing known in this file is corrected as in another, and one
    that never does as any; where nothing is known, times are taken to be UTC and of this year.
    """
    mine = known.filter(pl.col("file") == file).select("node", "line", "near", "shift").sort("line")
    near = (
        lines.select("node", "line", "local", row=pl.int_range(pl.len()))
        .sort("line")
        .join_asof(mine, on="line", by="node", check_sortedness=False)
        .sort("row")
    )
    if near["shift"].has_nulls():
        first = known.unique("node", keep="first", maintain_order=True)
        own = first.join(mine.unique("node", keep="first", maintain_order=True), on="node", how="left", suffix="_mine")
        own = own.select(
            "node", *(pl.coalesce(f"{name}_mine", name).alias(f"{name}_own") for name in ("near", "shift"))
        )
        near = near.join(own, on="node", how="left", maintain_order="left")
        today = datetime.now(UTC).replace(tzinfo=None)
        near_, shift = (known["near"][0], known["shift"][0]) if known.height else (today, timedelta())
        near = near.with_columns(
            near=pl.coalesce("near", "near_own", pl.lit(near_, NAIVE)),
            shift=pl.coalesce("shift", "shift_own", pl.lit(shift, CORRECTIONS["shift"])),
        )
    local = pl.when(pl.col("local") != NO_TIME).then("local")
    time = _nearest(local, pl.col("near")) + pl.col("shift")
    return near.select(time=time.dt.replace_time_zone("UTC").cast(TIME))["time"]


def _nearest(local: pl.Expr, near: pl.Expr) -> pl.Expr:
    """`local` in the year that brings it nearest to `near`; a printed year is kept."""
    years = [near.dt.year() + step for step in (0, -1, 1)]
    best = in_year(local, years[0])
    for year in years[1:]:
        other = in_year(local, year)
        best = pl.when((other - near).abs() < (best - near).abs()).then(other).otherwise(best)
    return pl.when(local.dt.year() == NO_YEAR).then(best).otherwise(local)
