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
from logtrace.lines import headers, marks
from logtrace.lines.blocks import BLOCK, LINE
from logtrace.lines.hosts import believed
from logtrace.lines.wrapped import unwrapped

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


def scan(
    chunks: Iterator[bytes], *, file: int, node: str | None, catalogue: Catalogue, gate: str | None = None
) -> Scan:
    """Read a log file given as `chunks` of bytes, cut anywhere.

    `file` is its index in the case, `node` the node it belongs to if known: it names the lines whose header has no
    host; where it is None, the host of most lines does. `gate`: the expression of lines that may matter, where not the
    catalogue's own.
    """
    gate = gate or gate_pattern(catalogue)
    formats: Sequence[Format] = catalogue.formats
    count = candidates = 0
    read: list[pl.DataFrame] = []
    batch: list[pl.DataFrame] = []
    head = tail = pl.DataFrame(schema={"line": pl.UInt32, "text": pl.String})
    for lines in unwrapped(chunks):
        count += lines.height
        head = pl.concat([head, lines.head(_EDGE)]).head(_EDGE) if head.height < _EDGE else head
        tail = pl.concat([tail, lines.tail(_EDGE)]).tail(_EDGE)
        kept = lines.filter(lines["text"].str.contains(gate))  # as an expression it costs half as much again
        batch.append(marks.dated(kept, lines))
        candidates += batch[-1].height
        if (
            len(batch) == (_BATCH if read else 1) and lines.estimated_size() > BLOCK // 2
        ):  # a large file's first tells its formats
            read.append(headers.read(_unwrap(pl.concat(batch)), formats))
            formats = headers.by_use(formats, read[-1]["format"])
            batch.clear()
    read.append(headers.read(_unwrap(pl.concat(batch or [head.clear()])), formats))
    # the edges of the file that are no candidates are read only to know their times
    edges = pl.concat([head, tail]).unique("line").filter(~pl.col("text").str.contains(gate))
    ends = headers.read(_unwrap(edges), formats)
    times = pl.concat(part.select("line", "local", "offset_s") for part in [*read, ends])
    return _described(pl.concat(read), times, file, node, count, candidates)


@lru_cache(maxsize=8)
def gate_pattern(catalogue: Catalogue) -> str:
    """One alternation of literals; every line that may matter contains at least one of them."""
    needles = {pattern.literals[0] for message in catalogue.messages for pattern in message.patterns}
    return "|".join(re.escape(needle).replace(r"\ ", " ") for needle in sorted(needles | set(_AGENT)))


def _unwrap(raw: pl.DataFrame) -> pl.DataFrame:
    """Undo what carriers do to a text: `message repeated 3 times: [ ... ]`, `#011` for a tab, endless lines."""
    text = raw["text"].rechunk()
    if (text.str.len_bytes() > LINE).any():
        text = text.str.head(LINE)
    if (odd := text.str.contains(_ODD)).any():
        plain = text.filter(odd).str.replace(_REPEATED, " $1").str.replace_many(_ESCAPES)
        text = text.scatter(odd.arg_true(), plain)
    return raw.with_columns(text=text)


def _described(
    read: pl.DataFrame, times: pl.DataFrame, file: int, node: str | None, count: int, candidates: int
) -> Scan:
    """What is known of the file: `read` as LINES, every line with the file and a node; `times` of all lines read."""
    read = believed(read, node)
    hosts = dict(read["host"].drop_nulls().value_counts().sort("count", "host", descending=[True, False]).iter_rows())
    fallback = node or next(iter(hosts), None)
    frame = read.with_columns(
        pl.lit(file).alias("file"), pl.coalesce("host", pl.lit(fallback, pl.String)).alias("node")
    )
    scan = Scan(
        frame.select(pl.col(name).cast(dtype) for name, dtype in LINES.items()),
        lines=count,
        undated=candidates - read.height,
        hosts=hosts,
    )
    if not times.is_empty():
        times = times.sort("line")
        scan.first, scan.last, scan.first_offset = times["local"][0], times["local"][-1], times["offset_s"][0]
    return scan
