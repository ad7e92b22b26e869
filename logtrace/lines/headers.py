"""A line's header, by the layouts of parsers/formats: time, host, daemon, process id, level, and the message."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import polars as pl

from logtrace.catalogue.model import Format
from logtrace.domain import codes
from logtrace.domain.columns import NAIVE
from logtrace.domain.zones import EAST, WEST
from logtrace.lines import secrets, stamps

_GREENWICH: Final = ("Z", "UTC", "GMT")

#: What `read` gives in place of a line's text: columns of LINES, `host`, and `said`.
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
    "said": pl.UInt32(),
}
#: What `_wordings` gives: the same, the time of the wording's own line under a name of its own.
_READ: Final = {f"_{name}" if name in {"local", "precise"} else name: dtype for name, dtype in COLUMNS.items()}

#: Of more lines than this, some tell which formats to try first.
_SAMPLE: Final = 1000


def read(raw: pl.DataFrame, formats: Sequence[Format]) -> pl.DataFrame:
    """Read the headers of `raw` (file, line, text and whatever else); lines that fit no format are left out.

    Gives `raw` with COLUMNS in place of `text`, in order of file and line, secrets masked. Most lines say again what
    another said at another time: of those that differ in nothing but the time they begin with one is read, and `said`
    tells them by its place in `raw`. A line fits one format at most (the checker sees to it), so that those likely to
    occur may come first. A carrier's payload is read with the first payload format that fits.
    """
    raw = raw.rechunk()
    places = pl.int_range(raw.height, dtype=pl.UInt32, eager=True)
    lines = raw.drop("text").hstack(stamps.wordings(raw["text"]))
    first = lines["said"] == places
    told = _wordings(pl.DataFrame({"said": places, "text": raw["text"]}).filter(first).rechunk(), formats)
    # a text of its own: else each wording that is kept keeps all lines of the batch in memory
    told = told.with_columns(message=pl.concat_str(secrets.masked(told["message"]), pl.lit("")))
    row = pl.Series([None], dtype=pl.UInt32).new_from_index(0, raw.height)
    row = row.scatter(told["said"], places.head(told.height))[lines["said"]]
    read = row.is_not_null()
    found = lines.filter(read).hstack(told.drop("said")[row.filter(read)])
    stamped = pl.col("precise").is_not_null()
    return (
        found.with_columns(
            local=pl.when(stamped).then("local").otherwise("_local"), precise=pl.coalesce("precise", "_precise")
        )
        .select(*(name for name in raw.columns if name != "text"), *COLUMNS)
        .filter(pl.col("local").is_not_null())
    )


def _wordings(raw: pl.DataFrame, formats: Sequence[Format]) -> pl.DataFrame:
    """Each of `raw` (said, text) read by itself, in any order; those that fit no format are left out."""
    if raw.height > 2 * _SAMPLE:
        formats = _by_use(formats, _wordings(raw.gather_every(raw.height // _SAMPLE), formats)["format"])
    found = [part.hstack([_named(name, part.height)]) for name, part in _recognised(raw, formats)]
    alike = [[part for part in found if ("date" in part.columns) is dated] for dated in (True, False)]
    parts = [_columns(pl.concat(some, how="diagonal")) for some in alike if some]
    return pl.concat(parts) if parts else pl.DataFrame(schema=_READ)


def _named(name: str, height: int) -> pl.Series:
    return pl.Series("format", [name]).new_from_index(0, height)


def _by_use(formats: Sequence[Format], used: pl.Series) -> list[Format]:
    """`formats`, those that `used` (names as in COLUMNS) shows to occur first, the most frequent ahead."""
    counts = dict(used.str.split("/").list.first().value_counts().iter_rows())
    return sorted(formats, key=lambda fmt: -counts.get(fmt.name, 0) if fmt.part != "payload" else 0)


def _payload(found: pl.DataFrame) -> pl.Expr:
    """What a carrier carries; one with fields of its own for program and process gives them as a tag."""
    if "daemon" not in found.columns:
        return pl.col("payload")
    pid = pl.when(pl.col("pid") == "-").then(pl.lit("")).otherwise(pl.concat_str(pl.lit("["), "pid", pl.lit("]")))
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
            if not fits.any():
                continue
            mine = frame.filter(fits)
            found = mine.drop("text").hstack(mine["text"].str.extract_groups(regex).struct.unnest())
        if not found.is_empty():
            yield fmt, found
            frame = frame.filter(~fits)


def _columns(found: pl.DataFrame) -> pl.DataFrame:
    """Groups of headers whose times are alike, `said`, and `format` -> _READ."""
    has = set(found.columns)
    local, precise = stamps.times(has)
    return found.select(
        "format",
        local.alias("_local"),
        (_offset() if "offset" in has else pl.lit(None, pl.Int32)).alias("offset_s"),
        precise.alias("_precise"),
        (pl.col("host") if "host" in has else pl.lit(None, pl.String)).alias("host"),
        _daemon(has).alias("daemon"),
        (pl.col("pid").cast(pl.Int64, strict=False) if "pid" in has else pl.lit(None, pl.Int64)).alias("pid"),
        (_level() if "level" in has else pl.lit(None, pl.String)).alias("level"),
        pl.col("message").str.strip_chars_end(),
        "said",
    )


def _daemon(has: set[str]) -> pl.Expr:
    """Of an agent its name and what it ran for."""
    daemon = pl.col("daemon").str.to_lowercase() if "daemon" in has else pl.lit(None, pl.String)
    if "agent" not in has:
        return daemon
    return pl.coalesce(pl.concat_str("agent", pl.lit("("), "resource", pl.lit(")")), daemon)


def _level() -> pl.Expr:
    return pl.col("level").str.to_lowercase().replace(codes.LEVELS)


def _offset() -> pl.Expr:
    offset = pl.col("offset")
    hours = offset.str.slice(1, 2).cast(pl.Int32, strict=False)
    minutes = offset.str.slice(3).str.strip_prefix(":").cast(pl.Int32, strict=False).fill_null(0)
    seconds = hours * 3600 + minutes * 60
    told = (
        pl.when(offset.is_in(_GREENWICH))
        .then(0)
        .when(offset.str.starts_with("+"))
        .then(seconds)
        .when(offset.str.starts_with("-"))
        .then(-seconds)
        .cast(pl.Int32)
    )
    return pl.when(told.is_between(WEST, EAST)).then(told)
