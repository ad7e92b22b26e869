"""A line's header, by the layouts of parsers/formats: time, host, daemon, process id, level, and the message."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import polars as pl

from logtrace import codes
from logtrace.catalogue.model import Format
from logtrace.frames import NAIVE, NO_YEAR

_MONTHS: Final = {
    "Jan": 1, "Feb": 2, "Mar": 3, "Apr": 4, "May": 5, "Jun": 6,
    "Jul": 7, "Aug": 8, "Sep": 9, "Oct": 10, "Nov": 11, "Dec": 12,
}  # fmt: skip
#: Years a log can be of; others are damage, and not every calendar has them.
_YEARS: Final = (1970, 2261)
_GREENWICH: Final = ("Z", "UTC", "GMT")

#: What `read` gives in place of a line's text: columns of LINES, and `host`.
COLUMNS: Final[dict[str, pl.DataType]] = {
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


#: Of more lines than this, some tell which formats to try first.
_SAMPLE: Final = 1000


def read(raw: pl.DataFrame, formats: Sequence[Format]) -> pl.DataFrame:
    """Read the headers of `raw` (file, line, text and whatever else); lines that fit no format are left out.

    Gives `raw` with COLUMNS in place of `text`, in order of file and line. A line fits one format at most (the checker
    sees to it), so that those likely to occur may come first. A carrier's payload is read with the first payload format
    that fits.
    """
    raw = raw.rechunk()
    if raw.height > 2 * _SAMPLE:
        formats = _by_use(formats, read(raw.gather_every(raw.height // _SAMPLE), formats)["format"])
    others = [name for name in raw.columns if name != "text"]
    parts = [_columns(found, name, others) for name, found in _recognised(raw, formats)]
    nothing = raw.drop("text").clear().with_columns(pl.lit(None, dtype).alias(name) for name, dtype in COLUMNS.items())
    found = pl.concat(parts or [nothing])
    return found if len(parts) < 2 else found.sort("file", "line", maintain_order=True)


def _by_use(formats: Sequence[Format], used: pl.Series) -> list[Format]:
    """`formats`, those that `used` (names as in COLUMNS) shows to occur first, the most frequent ahead."""
    counts = dict(used.str.split("/").list.first().value_counts().iter_rows())
    return sorted(formats, key=lambda fmt: -counts.get(fmt.name, 0) if fmt.part != "payload" else 0)


def _payload(found: pl.DataFrame) -> pl.Expr:
    """What a carrier carries; one with fields of its own for program and process gives them as a tag."""
    if "daemon" not in found.columns:
        return pl.col("payload")
    pid = pl.when(pl.col("pid") == "-").then(pl.lit("")).otherwise(pl.format("[{}]", "pid"))
    return pl.concat_str("daemon", pid, pl.lit(": "), "payload")


def _recognised(raw: pl.DataFrame, formats: Sequence[Format]) -> Iterator[tuple[str, pl.DataFrame]]:
    """The rows of each format that occurs, its groups as columns in place of the text; `carrier/payload` where two."""
    payloads = [fmt for fmt in formats if fmt.part == "payload"]
    for fmt, found in _split(raw, [fmt for fmt in formats if fmt.part != "payload"]):
        if fmt.part == "line":
            yield fmt.name, found
            continue
        carried = found.select(pl.exclude("payload", "daemon", "pid"), text=_payload(found))
        for payload, inner in _split(carried, payloads):
            yield f"{fmt.name}/{payload.name}", inner


def _split(frame: pl.DataFrame, formats: Sequence[Format]) -> Iterator[tuple[Format, pl.DataFrame]]:
    """Each row of `frame` with the first format its text fits."""
    for fmt in formats:
        if frame.is_empty():
            return
        regex = fmt.pattern.regex
        if fmt is formats[0]:  # likely to fit: groups at once, else only where it does
            groups = frame["text"].str.extract_groups(regex).struct.unnest()
            fits = groups[fmt.pattern.sure or ""].is_not_null()
            found = frame.drop("text").hstack(groups).filter(fits)
        else:
            fits = frame["text"].str.contains(regex)
            mine = frame.filter(fits) if fits.any() else frame.clear()
            found = mine.drop("text").hstack(mine["text"].str.extract_groups(regex).struct.unnest())
        if not found.is_empty():
            yield fmt, found
            frame = frame.filter(~fits)


def _columns(found: pl.DataFrame, name: str, others: Sequence[str]) -> pl.DataFrame:
    """Groups of a header -> `others` as they are, and COLUMNS."""
    has = set(found.columns)
    text = pl.col("message").str.strip_chars_end()
    return found.select(
        *others,
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
    return pl.col("daemon").str.to_lowercase() if "daemon" in has else pl.lit(None, pl.String)


def _level() -> pl.Expr:
    return pl.col("level").str.to_lowercase().replace(codes.LEVELS)


def _local(has: set[str]) -> pl.Expr:
    """The printed time, naive; NO_YEAR when the header has no year. Null when it is no time."""
    time = pl.col("time")
    if "date" in has:
        date = pl.col("date")
        year, month, day = _number(date, 0, *_YEARS, digits=4), _number(date, 5, 1, 12), _number(date, 8, 1, 31)
    else:
        year = pl.lit(NO_YEAR, pl.Int32)
        month = pl.col("month").replace_strict(_MONTHS, default=None, return_dtype=pl.Int32)
        day = _number(pl.col("day"), 0, 1, 31)
    fraction = pl.concat_str(time.str.slice(9, 6), pl.lit("000000")).str.slice(0, 6).cast(pl.Int64, strict=False)
    since = pl.duration(
        days=day - 1,
        hours=_number(time, 0, 0, 23),
        minutes=_number(time, 3, 0, 59),
        seconds=_number(time, 6, 0, 60),
        microseconds=fraction,
    )
    return pl.date(year, month, 1).cast(NAIVE) + since


def _number(column: pl.Expr, start: int, low: int, high: int, digits: int = 2) -> pl.Expr:
    """The number printed at `start`; null when it is out of bounds, for a date that does not exist is an error."""
    number = column.str.slice(start, digits).cast(pl.Int32, strict=False)
    return pl.when(number.is_between(low, high)).then(number)


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
