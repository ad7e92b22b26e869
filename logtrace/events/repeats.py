"""Lines that say again what is known: they are counted, and not kept.

At every run the scheduler logs what it leaves alone, one line per resource (pengine 1.x and schedulerd, LogActions): in
months of logs these outnumber all else. The first of each wording tells where a resource runs; that an unmanaged one
was left alone says each time why nothing was done.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from logtrace.domain.kinds import Kind
from logtrace.domain.reasons import Why

KIND: Final = Kind.SCHED_LEAVE

#: What makes such a line one that was there before: of one log and node the same words.
_SAID: Final = ("file", "node", "resource", "detail")


def news(left: pl.DataFrame) -> pl.Series:
    """Whether each row of `left` (of KIND, in order of file and line) says something new."""
    if "detail" not in left.columns or "resource" not in left.columns:
        return pl.repeat(True, left.height, eager=True)
    unmanaged = pl.col("why") == Why.UNMANAGED if "why" in left.columns else pl.lit(value=False)
    told = unmanaged.fill_null(value=False) | pl.col("detail").is_null()
    return left.select(pl.struct(_SAID).is_first_distinct() | told).to_series()
