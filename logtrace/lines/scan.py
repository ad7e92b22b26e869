"""Sift the lines of one log file: keep those that may matter, count the rest."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import polars as pl

from logtrace.catalogue.model import Catalogue
from logtrace.frames import LINES
from logtrace.lines import headers
from logtrace.lines.blocks import LINE, blocks, lines_of

#: Blocks whose candidates are read together.
_BATCH: Final = 8

#: Lines at either end of a block in which the first and the last time are looked for.
_EDGE: Final = 200

#: How a resource agent's tag ends, `Agent(resource)[pid]:`; its lines are kept whatever they say.
_AGENT: Final = tuple(f")[{digit}" for digit in range(1, 10))


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
    kept: list[pl.DataFrame] = []
    batch: list[pl.DataFrame] = []
    for block in blocks(chunks):
        lines = lines_of(block, result.lines + 1)
        _edges(lines, result, catalogue)
        result.lines += lines.height
        batch.append(lines.filter(pl.col("text").str.contains(gate)))
        if len(batch) == _BATCH:
            kept.append(_read(batch, result, catalogue))
            batch.clear()
    if batch:
        kept.append(_read(batch, result, catalogue))
    if kept:
        frame = pl.concat(kept)
        hosts = frame["host"].drop_nulls().value_counts(sort=True)
        result.hosts = dict(hosts.iter_rows())
        fallback = node or next(iter(result.hosts), None)
        result.frame = frame.select(
            pl.lit(file).alias("file"), pl.exclude("host"), pl.col("host").fill_null(fallback).alias("node")
        ).select(pl.col(name).cast(dtype) for name, dtype in LINES.items())
    return result


def gate_pattern(catalogue: Catalogue) -> str:
    """One alternation of literals that every line which may matter contains at least one of."""
    needles = {pattern.literals[0] for message in catalogue.messages for pattern in message.patterns}
    return "|".join(re.escape(needle).replace(r"\ ", " ") for needle in sorted(needles | set(_AGENT)))


def _read(batch: list[pl.DataFrame], result: Scan, catalogue: Catalogue) -> pl.DataFrame:
    raw = _unwrap(pl.concat(batch))
    frame = headers.read(raw, catalogue.formats)
    result.undated += raw.height - frame.height
    return frame


def _unwrap(raw: pl.DataFrame) -> pl.DataFrame:
    """Undo what carriers do to a text: `message repeated 3 times: [ ... ]`, `#011` for a tab, endless lines."""
    text = pl.col("text")
    return raw.with_columns(
        pl.when(text.str.len_bytes() > LINE).then(text.str.head(LINE)).otherwise(text)
    ).with_columns(
        pl.when(text.str.contains(" message repeated ", literal=True))
        .then(text.str.replace(r" message repeated [0-9]+ times: \[[ \t]*(.*)\][ \t\r]*$", " $1"))
        .when(text.str.contains("#01", literal=True))
        .then(text.str.replace_many({"#011": "\t", "#012": " ", "#015": ""}))
        .otherwise(text)
    )


def _edges(lines: pl.DataFrame, result: Scan, catalogue: Catalogue) -> None:
    """Take the first and the last dated line of a block into account."""
    if result.first is None:
        head = headers.read(_unwrap(lines.head(_EDGE)), catalogue.formats)
        if not head.is_empty():
            result.first, result.first_offset = head.row(0, named=True)["local"], head["offset_s"][0]
    tail = headers.read(_unwrap(lines.tail(_EDGE)), catalogue.formats)
    if not tail.is_empty():
        result.last = tail["local"][-1]
