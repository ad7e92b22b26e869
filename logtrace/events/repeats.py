"""Lines that say again what is known: they are counted, and not kept.

At every run the scheduler logs what it leaves alone, one line per resource (pengine 1.x and schedulerd, LogActions): in
months of logs these outnumber all else. The first of each wording tells where a resource runs; that an unmanaged one
was left alone says each time why nothing was done.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Final

import polars as pl

#: What makes such a line one that was there before: of one log and node the same words.
_SAID: Final = ("file", "node", "resource", "detail")

_NONE: Final = pl.DataFrame(schema={"row": pl.UInt32, "file": pl.UInt32} | dict.fromkeys(_SAID[1:], pl.String))


def news(events: Sequence[pl.DataFrame]) -> pl.Series:
    """Of each row of `events` (parts in order of file and line), one after the other, whether it says something new."""
    starts = accumulate((part.height for part in events), initial=0)
    left = pl.concat([_NONE, *(_left_alone(part, start) for part, start in zip(events, starts, strict=False))])
    again = left.filter(~pl.struct(_SAID).is_first_distinct())["row"]
    height = sum(part.height for part in events)
    return pl.repeat(True, height, dtype=pl.Boolean, eager=True).scatter(again, False)


def _left_alone(events: pl.DataFrame, start: int) -> pl.DataFrame:
    """Rows of resources left alone, counted from `start`."""
    if "detail" not in events.columns or "resource" not in events.columns:
        return _NONE
    managed = ~pl.col("detail").str.contains("unmanaged", literal=True)
    return (
        events.select("kind", *_SAID)
        .with_row_index("row", offset=start)
        .filter((pl.col("kind") == "sched.leave") & managed)
        .drop("kind")
    )
