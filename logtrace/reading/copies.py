"""A line that stands in several logs of a node is shown once, as the log with the best times has it.

The same is done for events (logtrace.timeline.witnesses), with the same words for what a line says: two lines of
different files are one when node, daemon, process and text agree and their times differ by at most a second; the n-th
such line within a second of one file is the n-th of every other.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import polars as pl

from logtrace.timeline.witnesses import said_by

#: How a resource agent signs: `Agent(resource)`.
_AGENT: Final = r"^[^(]+\(.+\)$"
#: A copy may bear the second before or behind its line's, and a second is as long as one.
BESIDE: Final = timedelta(seconds=2)
SAME: Final = ("what", "second", "nth")


def once(lines: pl.DataFrame) -> pl.DataFrame:
    """`lines` (logtrace.reading.lines.COLUMNS) without copies, in their order."""
    if lines["file"].n_unique() < 2:
        return lines
    told = lines.select("firm", "precise", length=pl.col("message").str.len_bytes()).hstack(said(lines))
    order = ["firm", "precise", "length", "file", "place"]
    descending = [True, True, True, False, False]
    best = told.with_row_index("place").sort(order, descending=descending).unique(SAME, keep="first")
    left = pl.concat([best.filter("precise"), unlike(best.filter(~pl.col("precise")), best.filter("precise"))])
    return lines[left["place"].sort()]


def unlike(rough: pl.DataFrame, exact: pl.DataFrame) -> pl.DataFrame:
    """Of `rough` lines (with what `said` gives of them) those that are not said within a second in another file of
    `exact` ones: what a daemon writes itself bears the second before the copy of a logger, or that behind it.
    """
    second = pl.col("second")
    near = pl.concat(
        exact.select("what", "nth", second=second + pl.duration(seconds=off), other="file") for off in (-1, 0, 1)
    )
    twice = rough.select("file", *SAME).join(near, on=SAME).filter(pl.col("file") != pl.col("other"))
    return rough.join(twice, on=("file", *SAME), how="anti", maintain_order="left")


def said(lines: pl.DataFrame) -> pl.DataFrame:
    """What each line says, as file and SAME: lines of different files that are alike in SAME are one."""
    agent = pl.col("daemon").str.contains(_AGENT).fill_null(value=False)
    what = said_by(agent, pl.col("daemon")).hash()
    told = lines.select("file", what=what, second=pl.col("time").dt.truncate("1s"))
    return told.with_columns(nth=pl.int_range(pl.len()).over("what", "second", "file"))
