"""When any line was written: its own stamp, corrected as the understood lines near it in its file were.

Only understood lines are put on one clock (resolve.py), for only they are kept. What was taken from or added to their
stamps (zone, year, skew, drift, steps) changes seldom from line to line, so the line before tells it for all others.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from logtrace.clocks.calendar import in_year
from logtrace.domain.columns import LINES, NAIVE, NO_TIME, NO_YEAR, UTC
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


def times(lines: pl.DataFrame, known: pl.DataFrame) -> pl.Series:
    """The times (UTC) of `lines` (node, line, local) of one file; null where `local` is, or is NO_TIME.

    `known`: CORRECTIONS of all files, those of this one first. A node that tells nothing known in this file is
    corrected as in another, and one that never does as any.
    """
    mine = known.select("node", "line", "near", "shift").filter(known["file"] == known["file"].first())
    near = (
        lines.select("node", "line", "local", row=pl.int_range(pl.len()))
        .sort("line")
        .join_asof(mine.sort("line"), on="line", by="node", check_sortedness=False)
        .sort("row")
    )
    if (open_ := near.filter(pl.col("shift").is_null())["node"].unique()).len():
        first = {node: number for number, node in reversed(list(enumerate(known["node"])))}
        places = pl.Series([first.get(node, 0) for node in open_], dtype=pl.UInt32)
        other = known.select("near", "shift")[places].select(pl.all().name.suffix("_other"))
        near = near.join(pl.DataFrame({"node": open_}).hstack(other), on="node", how="left", maintain_order="left")
        near = near.with_columns(near=pl.coalesce("near", "near_other"), shift=pl.coalesce("shift", "shift_other"))
    local = pl.when(pl.col("local") != NO_TIME).then("local")
    return near.select(time=(_nearest(local, pl.col("near")) + pl.col("shift")).dt.replace_time_zone("UTC").cast(UTC))[
        "time"
    ]


def _nearest(local: pl.Expr, near: pl.Expr) -> pl.Expr:
    """`local` in the year that brings it nearest to `near`; a printed year is kept."""
    years = [near.dt.year() + step for step in (0, -1, 1)]
    best = in_year(local, years[0])
    for year in years[1:]:
        other = in_year(local, year)
        best = pl.when((other - near).abs() < (best - near).abs()).then(other).otherwise(best)
    return pl.when(local.dt.year() == NO_YEAR).then(best).otherwise(local)
