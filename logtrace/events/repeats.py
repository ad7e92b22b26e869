"""Lines that say again what is known: they are counted, and not kept.

At every run the scheduler logs what it leaves alone, one line per resource (pengine 1.x and schedulerd, LogActions): in
months of logs these outnumber all else. The first of each wording tells where a resource runs; that an
unmanaged one was left alone says each time why nothing was done.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import polars as pl

#: What makes such a line one that was there before: of one log and node the same words.
_SAID: Final = ("file", "node", "resource", "detail")


def repeated(events: Sequence[pl.DataFrame]) -> list[pl.Series]:
    """Of each of `events` (parts in order of file and line) the rows that repeat what an earlier row says."""
    left = [_left_alone(part).with_columns(part=pl.lit(number, pl.UInt32)) for number, part in enumerate(events)]
    known = ~pl.struct(_SAID).is_first_distinct()
    rows = pl.concat(left).filter(known).select("part", "row") if left else pl.DataFrame({"part": [], "row": []})
    return [rows.filter(pl.col("part") == number)["row"] for number in range(len(events))]


def _left_alone(events: pl.DataFrame) -> pl.DataFrame:
    if "detail" not in events.columns or "resource" not in events.columns:
        return pl.DataFrame(schema={"row": pl.UInt32, "file": pl.UInt32} | dict.fromkeys(_SAID[1:], pl.String))
    managed = ~pl.col("detail").str.contains("unmanaged", literal=True)
    return (
        events.select("kind", *_SAID)
        .with_row_index("row")
        .filter((pl.col("kind") == "sched.leave") & managed)
        .drop("kind")
    )


def without(events: pl.DataFrame, rows: pl.Series) -> pl.DataFrame:
    """`events` without these rows."""
    if rows.is_empty():
        return events
    kept = pl.repeat(True, events.height, eager=True).scatter(rows, False)
    return events.filter(kept)
