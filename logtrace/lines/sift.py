"""Sift a block of a log: keep its lines that may matter, count the rest."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import polars as pl
from msgspec import Struct

from logtrace.catalogue.model import Catalogue
from logtrace.lines import marks
from logtrace.lines.blocks import LINE
from logtrace.lines.wrapped import Wrapping

#: Lines at either end of a file in which its first and its last time are looked for.
_EDGE: Final = 50

#: How a resource agent's tag ends, `Agent(resource)[pid]:`; its lines are kept whatever they say.
_AGENT: Final = tuple(f")[{digit}" for digit in range(1, 10))

#: What rsyslog makes of a repeated message and of control characters, and how either is noticed.
_REPEATED: Final = r" message repeated [0-9]+ times: \[[ \t]*(.*)\][ \t\r]*$"
_ESCAPES: Final = {"#011": "\t", "#012": " ", "#015": ""}
_ODD: Final = " message repeated |#01"


class Sifted(Struct, frozen=True):
    """What is left of a block.

    `kept`: line (u32, counted from 1 within the block), text, and whether it `matters`; those that do not are at an
    edge of the file. `lines`: all its lines, of an entry of a journal those of its message; `height`: lines of the file
    it takes up. `boots`: see wrapped.Block.
    """

    kept: pl.DataFrame
    lines: int
    height: int
    boots: pl.DataFrame | None


def sift(block: bytes, wrapping: Wrapping, gate: str, *, head: bool, tail: bool) -> Sifted:
    """Sift a block that `wrapping` cut. `gate`: an expression for the lines that matter; `head`, `tail`: the file
    begins or ends about here.
    """
    read = wrapping.read(block)
    lines = read.lines
    matters = lines["text"].str.contains(gate)  # as an expression it costs half as much again
    wanted = matters
    if head or tail:
        near = pl.int_range(lines.height, eager=True)
        wanted = matters | (head & (near < _EDGE)) | (tail & (near >= lines.height - _EDGE))
    kept = lines.filter(wanted).with_columns(matters=matters.filter(wanted))
    return Sifted(_plain(marks.dated(kept, lines)), lines.height, read.height, read.boots)


@lru_cache(maxsize=8)
def gate_pattern(catalogue: Catalogue) -> str:
    """One alternation of literals; every line that may matter contains at least one of them."""
    needles = {pattern.literals[0] for message in catalogue.messages for pattern in message.patterns}
    return "|".join(map(pl.escape_regex, sorted(needles | set(_AGENT))))


def _plain(kept: pl.DataFrame) -> pl.DataFrame:
    """Undo what carriers do to a text: `message repeated 3 times: [ ... ]`, `#011` for a tab, endless lines."""
    text = kept["text"]
    if (text.str.len_bytes() > LINE).any():
        text = text.str.head(LINE)
    if (odd := text.str.contains(_ODD)).any():
        plain = text.filter(odd).str.replace(_REPEATED, " $1").str.replace_many(_ESCAPES)
        text = text.clone().scatter(odd.arg_true(), plain)
    # a text of its own: else each line that is kept keeps its whole block in memory
    return kept.with_columns(text=pl.concat_str(text, pl.lit("")))
