"""Sift the lines of one log file: keep those that may matter, count the rest."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Final

import polars as pl

from logtrace.catalogue.model import Catalogue, Format
from logtrace.frames import LINES
from logtrace.lines import headers
from logtrace.lines.blocks import LINE, blocks, lines_of

#: Blocks whose candidates are read together.
_BATCH: Final = 16

#: Lines at either end of the file in which the first and the last time are looked for.
_EDGE: Final = 200

#: How a resource agent's tag ends, `Agent(resource)[pid]:`; its lines are kept whatever they say.
_AGENT: Final = tuple(f")[{digit}" for digit in range(1, 10))


#: What rsyslog makes of a repeated message and of control characters, and how either is noticed.
_REPEATED: Final = r" message repeated [0-9]+ times: \[[ \t]*(.*)\][ \t\r]*$"
_ESCAPES: Final = {"#011": "\t", "#012": " ", "#015": ""}
_ODD: Final = " message repeated |#01"


@dataclass(slots=True)
class Scan:
    """What one log file holds.

    `frame`: its lines that may matter (frames.LINES), in order. `lines`: all its lines. `undated`: lines that may
    matter but have no header with a time. `first`, `last`: local times (naive, NO_YEAR where none is printed) of its
    first and last dated line, whatever they say. `first_offset`: UTC offset of that first line in seconds, where
    printed. `hosts`: host names in headers and how many kept lines each has.
    """

    frame: pl.DataFrame
    lines: int = 0
    undated: int = 0
    first: datetime | None = None
    last: datetime | None = None
    first_offset: int | None = None
    hosts: dict[str, int] = field(default_factory=dict)


def scan(chunks: Iterator[bytes], *, file: int, node: str | None, catalogue: Catalogue) -> Scan:
    """Read a log file given as `chunks` of bytes, cut anywhere.

    `file` is its index in the case, `node` the node it belongs to if known: it names the lines whose header has no
    host; where it is None, the host of most lines does.
    """
    result = Scan(pl.DataFrame(schema=LINES))
    gate = gate_pattern(catalogue)
    formats: Sequence[Format] = catalogue.formats
    kept: list[pl.DataFrame] = []
    batch: list[pl.DataFrame] = []
    tail = pl.DataFrame(schema={"line": pl.UInt32, "text": pl.String})
    for block in blocks(chunks):
        lines = lines_of(block, result.lines + 1)
        if result.first is None:
            formats = _first(lines.head(_EDGE), result, formats)
        tail = pl.concat([tail, lines.tail(_EDGE)]).tail(_EDGE)
        result.lines += lines.height
        batch.append(lines.filter(pl.col("text").str.contains(gate)))
        if len(batch) == _BATCH:
            kept.append(_read(pl.concat(batch), result, formats))
            batch.clear()
    if batch:
        kept.append(_read(pl.concat(batch), result, formats))
    if kept:
        dated = headers.read(_unwrap(tail), formats)
        result.last = None if dated.is_empty() else dated["local"][-1]
        result.hosts, result.frame = _located(pl.concat(kept), file, node)
    return result


@lru_cache(maxsize=8)
def gate_pattern(catalogue: Catalogue) -> str:
    """One alternation of literals; every line that may matter contains at least one of them."""
    needles = {pattern.literals[0] for message in catalogue.messages for pattern in message.patterns}
    return "|".join(re.escape(needle).replace(r"\ ", " ") for needle in sorted(needles | set(_AGENT)))


def _read(raw: pl.DataFrame, result: Scan, formats: Sequence[Format]) -> pl.DataFrame:
    frame = headers.read(_unwrap(raw), formats)
    result.undated += raw.height - frame.height
    return frame


def _unwrap(raw: pl.DataFrame) -> pl.DataFrame:
    """Undo what carriers do to a text: `message repeated 3 times: [ ... ]`, `#011` for a tab, endless lines."""
    text = raw["text"].rechunk()
    if (text.str.len_bytes() > LINE).any():
        text = text.str.head(LINE)
    if (odd := text.str.contains(_ODD)).any():
        plain = text.filter(odd).str.replace(_REPEATED, " $1").str.replace_many(_ESCAPES)
        text = text.scatter(odd.arg_true(), plain)
    return raw.select("line", text=text)


def _first(head: pl.DataFrame, result: Scan, formats: Sequence[Format]) -> Sequence[Format]:
    """Take the first time of the file from `head`, if it has one; gives `formats`, those that occur there first."""
    dated = headers.read(_unwrap(head), formats)
    if dated.is_empty():
        return formats
    result.first, result.first_offset = dated["local"][0], dated["offset_s"][0]
    return headers.by_use(formats, dated["format"])


def _located(read: pl.DataFrame, file: int, node: str | None) -> tuple[dict[str, int], pl.DataFrame]:
    """The hosts of `read`, and `read` as LINES: every line with the file and a node."""
    counts = read["host"].drop_nulls().value_counts(sort=True)
    hosts = dict(counts.sort("count", "host", descending=[True, False]).iter_rows())
    fallback = node or next(iter(hosts), None)
    frame = read.with_columns(
        pl.lit(file).alias("file"), pl.col("host").fill_null(pl.lit(fallback, dtype=pl.String)).alias("node")
    )
    return hosts, frame.select(pl.col(name).cast(dtype) for name, dtype in LINES.items())
