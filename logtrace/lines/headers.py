"""A line's header, by the layouts of parsers/formats: time, host, daemon, process id, level, and the message."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import polars as pl

from logtrace import codes
from logtrace.catalogue.model import Format
from logtrace.frames import NAIVE, NO_YEAR

_MONTHS: Final = {
    name: number for number, name in enumerate("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), start=1)
}
_GREENWICH: Final = ("Z", "UTC", "GMT")

#: What `read` gives beside the line's number: columns of LINES, and `host`.
COLUMNS: Final[dict[str, pl.DataType]] = {
    "line": pl.UInt32(),
    "format": pl.String(),
    "local": NAIVE,
    "offset_s": pl.Int32(),
    "precise": pl.Boolean(),
    "host": pl.String(),
    "daemon": pl.String(),
    "pid": pl.Int64(),
    "level": pl.String(),
    "message": pl.String(),
}


def read(raw: pl.DataFrame, formats: Iterable[Format]) -> pl.DataFrame:
    """Read the headers of `raw` (line, text). Rows of COLUMNS in order of line; lines that fit no format are left out.

    Every line is tried with the formats in their order until one fits.
    """
    formats = tuple(formats)
    payloads = [fmt for fmt in formats if fmt.part == "payload"]
    parts = []
    rest = raw.rechunk()
    for fmt in formats:
        if fmt.part == "payload" or rest.is_empty():
            continue
        found, rest = _split(rest, fmt)
        if found.is_empty():
            continue
        if fmt.part == "line":
            parts.append(_columns(found, fmt.name))
            continue
        carried = found.rename({"payload": "text"})
        for payload in payloads:
            if carried.is_empty():
                break
            found, carried = _split(carried, payload)
            if not found.is_empty():
                parts.append(_columns(found, f"{fmt.name}/{payload.name}"))
    if not parts:
        return pl.DataFrame(schema=COLUMNS)
    return pl.concat(parts).sort("line")


def _split(frame: pl.DataFrame, fmt: Format) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows of `frame` whose text fits `fmt`, with its groups as columns in place of the text; and the others."""
    text = frame["text"]
    fits = text.str.contains(fmt.pattern.regex)
    if not fits.any():
        return frame.clear(), frame
    others = frame.clear() if fits.all() else frame.filter(~fits)
    mine = frame if others.is_empty() else frame.filter(fits)
    groups = mine.select(pl.exclude("text"), pl.col("text").str.extract_groups(fmt.pattern.regex).alias("groups"))
    return groups.unnest("groups"), others


def _columns(found: pl.DataFrame, name: str) -> pl.DataFrame:
    """Groups of a header -> COLUMNS."""
    has = set(found.columns)
    text = pl.col("message").str.strip_chars_end()
    return found.select(
        "line",
        pl.lit(name).alias("format"),
        _local(has).alias("local"),
        (_offset() if "offset" in has else pl.lit(None, pl.Int32)).alias("offset_s"),
        (pl.col("time").str.len_bytes() > len("00:00:00")).alias("precise"),
        (pl.col("host") if "host" in has else pl.lit(None, pl.String)).alias("host"),
        _daemon(has).alias("daemon"),
        (pl.col("pid").cast(pl.Int64, strict=False) if "pid" in has else pl.lit(None, pl.Int64)).alias("pid"),
        (_level() if "level" in has else pl.lit(None, pl.String)).alias("level"),
        text.alias("message"),
    ).filter(pl.col("local").is_not_null())


def _daemon(has: set[str]) -> pl.Expr:
    if "agent" in has:
        return pl.format("{}({})", "agent", "resource")
    return pl.col("daemon").str.to_lowercase()


def _level() -> pl.Expr:
    return pl.col("level").str.to_lowercase().replace(codes.LEVELS)


def _local(has: set[str]) -> pl.Expr:
    """The printed time, naive; NO_YEAR when the header has no year. Null when it is no time."""
    time = pl.col("time")

    def digits(column: pl.Expr, start: int, length: int) -> pl.Expr:
        return column.str.slice(start, length).cast(pl.Int32, strict=False)

    if "date" in has:
        date = pl.col("date")
        year, month, day = digits(date, 0, 4), digits(date, 5, 2), digits(date, 8, 2)
    else:
        year = pl.lit(NO_YEAR, pl.Int32)
        month = pl.col("month").replace_strict(_MONTHS, default=None, return_dtype=pl.Int32)
        day = pl.col("day").cast(pl.Int32, strict=False)
    fraction = pl.concat_str(time.str.slice(9, 6), pl.lit("000000")).str.slice(0, 6).cast(pl.Int32, strict=False)
    return pl.datetime(
        year, month, day, digits(time, 0, 2), digits(time, 3, 2), digits(time, 6, 2), fraction, time_unit="us"
    )


def _offset() -> pl.Expr:
    offset = pl.col("offset")
    hours = offset.str.slice(1, 2).cast(pl.Int32, strict=False)
    minutes = offset.str.slice(3).str.strip_prefix(":").cast(pl.Int32, strict=False).fill_null(0)
    seconds = hours * 3600 + minutes * 60
    return (
        pl.when(offset.is_in(_GREENWICH))
        .then(0)
        .when(offset.str.starts_with("+"))
        .then(seconds)
        .when(offset.str.starts_with("-"))
        .then(-seconds)
        .cast(pl.Int32)
    )
