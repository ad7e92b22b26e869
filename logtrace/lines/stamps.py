"""Times as headers print them; and the lines that differ in nothing but the time they begin with."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import product
from typing import Final

import polars as pl
from msgspec import Struct

from logtrace.domain.columns import NAIVE, NO_YEAR

_MONTHS: Final = {
    "Jan": 1, "Feb": 2, "Mar": 3, "Apr": 4, "May": 5, "Jun": 6,
    "Jul": 7, "Aug": 8, "Sep": 9, "Oct": 10, "Nov": 11, "Dec": 12,
}  # fmt: skip
#: Years a log can be of; others are damage, and not every calendar has them.
_YEARS: Final = (1970, 2261)

_WHOLE: Final = len("00:00:00")


class _Stamp(Struct, frozen=True):
    """A time of known length at the beginning of a line, behind a date with year or behind month and day.

    `regex` matches it and one more character, which is no part of it; `time` is where the time of day begins.
    """

    regex: str
    year: bool
    time: int
    length: int


def _stamps() -> Iterator[_Stamp]:
    month = ("[A-Z][a-z][a-z] [ 0-9][0-9] ", False, len("Jan  1 "))
    dates = [(f"[0-9]{{4}}[-/][0-9]{{2}}[-/][0-9]{{2}}{by}", True, len("2000-01-01 ")) for by in "T "]
    for (date, year, time), digits in product([month, *dates], [3, 0, 6]):
        fraction = f"[.,][0-9]{{{digits}}}" if digits else ""
        regex = f"^{date}[0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}{fraction}[^0-9.,]"
        yield _Stamp(regex, year, time, time + _WHOLE + (1 + digits if digits else 0))


_STAMPS: Final = tuple(_stamps())


def wordings(text: pl.Series) -> pl.DataFrame:
    """For each line of `text`: said (u32), where the first line stands that says the same but for its time, and the
    columns of `times`, null where a line does not begin with a time of known length.
    """
    left = pl.int_range(len(text), dtype=pl.UInt32, eager=True)
    parts = []
    for stamp in _STAMPS:
        if left.is_empty():
            break
        lines = text[left]
        fits = lines.str.contains(stamp.regex)
        if fits.all():
            mine, left = left, left.clear()
        elif fits.any():
            mine, lines, left = left.filter(fits), lines.filter(fits), left.filter(~fits)
        else:
            continue
        parts.append(_cut(lines, stamp).with_columns(_place=mine))
    if not left.is_empty():
        whole = pl.DataFrame({"_rest": text[left], "_place": left})
        parts.append(whole.with_columns(local=pl.lit(None, NAIVE), precise=pl.lit(None, pl.Boolean)))
    said = [part.select("_place", "local", "precise", said=pl.col("_place").first().over("_rest")) for part in parts]
    if not said:
        return pl.DataFrame(schema={"local": NAIVE, "precise": pl.Boolean, "said": pl.UInt32})
    return (pl.concat(said).sort("_place") if len(said) > 1 else said[0]).drop("_place")


def _cut(lines: pl.Series, stamp: _Stamp) -> pl.DataFrame:
    """Lines that begin with `stamp` -> the columns of `times`, and `_rest`, what stands behind it."""
    printed = lines.str.slice(0, stamp.length)
    text = printed.rle().struct.field("value").alias("text").to_frame()  # most lines bear the time of the one before
    time = pl.col("text").str.slice(stamp.time, stamp.length - stamp.time).alias("time")
    if stamp.year:
        header = text.select(time, date=pl.col("text").str.slice(0, stamp.time - 1))
    else:
        day = pl.col("text").str.slice(4, 2).str.strip_chars_start()
        header = text.select(time, month=pl.col("text").str.slice(0, 3), day=day)
    told = header.select(*times(header.columns))[printed.rle_id()]
    return told.with_columns(lines.str.slice(stamp.length).alias("_rest"))


def times(has: Collection[str]) -> tuple[pl.Expr, pl.Expr]:
    """Of headers that have time and either date or month and day: `local`, the printed time, naive, with NO_YEAR when
    there is no date, and null when it is no time; `precise`, whether it has fractions of a second.
    """
    time = pl.col("time")
    if "date" in has:
        date = pl.col("date")
        year, month, day = _number(date, 0, *_YEARS, digits=4), _number(date, 5, 1, 12), _number(date, 8, 1, 31)
    else:
        year = pl.lit(NO_YEAR, pl.Int32)
        month = pl.col("month").replace_strict(_MONTHS, default=None, return_dtype=pl.Int32)
        day = _number(pl.col("day"), 0, 1, 31)
    fraction = pl.concat_str(time.str.slice(_WHOLE + 1, 6), pl.lit("000000")).str.slice(0, 6)
    midnight = pl.date(year, month, 1).cast(NAIVE) + pl.duration(days=day - 1)
    since = pl.duration(
        hours=_number(time, 0, 0, 23),
        minutes=_number(time, 3, 0, 59),
        seconds=_number(time, 6, 0, 60),
        microseconds=fraction.cast(pl.Int64, strict=False),
    )
    local = pl.when(midnight.dt.month() == month).then(
        midnight + since
    )  # no month has a 31st by lending it from the next
    return local.alias("local"), (time.str.len_bytes() > _WHOLE).alias("precise")


def _number(column: pl.Expr, start: int, low: int, high: int, digits: int = 2) -> pl.Expr:
    """The number printed at `start`; null when it is out of bounds, for a date that does not exist is an error."""
    number = column.str.slice(start, digits).cast(pl.Int32, strict=False)
    return pl.when(number.is_between(low, high)).then(number)
