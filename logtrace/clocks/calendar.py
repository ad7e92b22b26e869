"""Years of local times that print none, for whole columns. Polars can move each line by its own number of months, but
takes as long for that as for reading it.
"""

from __future__ import annotations

import polars as pl

from logtrace.domain.columns import NO_YEAR


def in_year(local: pl.Expr, year: pl.Expr) -> pl.Expr:
    """The same day and time, of NO_YEAR, in `year`; 29 February is the 28th where there is none."""
    leap = ((year % 4 == 0) & (year % 100 != 0)) | (year % 400 == 0)
    missing = ~leap & (local.dt.ordinal_day() > 59)
    return local + pl.duration(days=_days(year) - _days(pl.lit(NO_YEAR)) - missing.cast(pl.Int64))


def _days(year: pl.Expr) -> pl.Expr:
    """Days before 1 January of `year`, as the Gregorian calendar counts them."""
    before = year - 1
    return 365 * year + before // 4 - before // 100 + before // 400
