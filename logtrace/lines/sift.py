"""Sift blocks of logs: keep their lines that may matter, count the rest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final

import polars as pl
from msgspec import Struct

from logtrace.catalogue.model import Catalogue
from logtrace.lines import marks
from logtrace.lines.blocks import LINE
from logtrace.lines.carriers import Block, Wrapping
from logtrace.lines.earlier import Earlier

#: Lines at either end of a file in which its first and its last time are looked for.
_EDGE: Final = 50

#: How a resource agent's tag ends, `Agent(resource)[pid]:`, or without a process id and its level behind it; its lines
#: are kept whatever they say.
_AGENT: Final = (
    *(f")[{digit}" for digit in range(1, 10)),
    *(f"): {level}: " for level in ("INFO", "WARNING", "ERROR")),
)

#: In less than this many bytes words are looked for by an automaton, which is slower than an expression of them all and
#: made in a twentieth of the time.
_MUCH: Final = 2 << 20

#: How a line of a daemon of the cluster shows that it is an error, whatever it says.
_ERRORS: Final = (
    *(f"{before}{level}: " for before in (" ", "\t") for level in ("error", "crit", "alert", "emerg")),
    *("corosync error ", "corosync crit ", "ERROR: ", "CRIT: "),
)

#: What rsyslog makes of a repeated message and of control characters, and how either is noticed.
_REPEATED: Final = r" message repeated [0-9]+ times: \[[ \t]*(.*)\][ \t\r]*$"
_ESCAPES: Final = {"#011": "\t", "#012": " ", "#015": ""}
_ODD: Final = " message repeated |#01"


class Sifted(Struct, frozen=True):
    """What is left of a block.

    `kept`: line (u32, counted from 1 within the block), text, and whether it `matters`; those that do not are at an
    edge of the file. `lines`: all its lines, of an entry of a journal those of its message; `height`: lines of the file
    it takes up. `boots`, `carriers`, `backwards`: see carriers.Block. `earlier`: it was passed over, as earlier than
    what was asked for.
    """

    kept: pl.DataFrame
    lines: int
    height: int
    boots: pl.DataFrame | None = None
    earlier: bool = False
    carriers: tuple[str, ...] = ()
    backwards: bool = False


class Cut(Struct, frozen=True):
    """A block that `wrapping` cut. `head`, `tail`: its file begins or ends about there. `earlier`: what it holds need
    not be looked at.
    """

    block: bytes
    wrapping: Wrapping
    head: bool = False
    tail: bool = False
    earlier: Earlier | None = None


class Gate(Struct, frozen=True):
    """Tells lines that may matter: one of `words` is in them, or there are no words, and nothing of `noise`.

    `lasting`: it is asked of few lines again and again, so that an expression is worth making.
    """

    words: tuple[str, ...]
    noise: tuple[str, ...]
    lasting: bool = False

    def lets(self, text: pl.Series) -> pl.Series:
        """Whether each line of `text` may matter. Noise is found several times as fast as words, and is half of most
        logs.
        """
        if not self.noise:
            return self.has_word(text)
        left = ~text.str.contains(_any_of(self.noise))
        return left.clone().scatter(left.arg_true(), self.has_word(text.filter(left)))

    def has_word(self, text: pl.Series) -> pl.Series:
        """Whether each line of `text` has one of the words in it."""
        if not self.words:
            return pl.Series([True]).new_from_index(0, len(text))
        if text.estimated_size() < _MUCH and not self.lasting:
            return text.str.contains_any(list(self.words))
        return text.str.contains(_any_of(self.words))  # as an expression it costs half as much again


def sift(cuts: Sequence[Cut], gate: Gate) -> list[Sifted]:
    """Sift some blocks, of one file or many; making ready to look for words takes as long as looking at a small one."""
    reads = [
        None if cut.earlier is not None and cut.earlier.holds(cut.block) else cut.wrapping.read(cut.block)
        for cut in cuts
    ]
    looked_at = [(cut, read) for cut, read in zip(cuts, reads, strict=True) if read is not None]
    texts = [read.lines["text"] for _, read in looked_at]
    matters = gate.lets(pl.concat(texts)) if texts else pl.Series(dtype=pl.Boolean)
    kept = []
    for cut, read in looked_at:
        kept.append(_kept(cut, read.lines, matters.head(read.lines.height)))
        matters = matters.slice(read.lines.height)
    plain = iter(_plain(kept, [read.lines for _, read in looked_at]))
    return [
        _passed_over(cut.block) if read is None else _sifted(next(plain), read)
        for cut, read in zip(cuts, reads, strict=True)
    ]


def _kept(cut: Cut, lines: pl.DataFrame, matters: pl.Series) -> pl.DataFrame:
    wanted = matters
    if cut.head or cut.tail:
        near = pl.int_range(lines.height, eager=True)
        wanted = matters | (cut.head & (near < _EDGE)) | (cut.tail & (near >= lines.height - _EDGE))
    return lines.filter(wanted).hstack([matters.filter(wanted).alias("matters")])


def _sifted(kept: pl.DataFrame, read: Block) -> Sifted:
    return Sifted(kept, read.lines.height, read.height, read.boots, carriers=read.carriers, backwards=read.backwards)


def _passed_over(block: bytes) -> Sifted:
    """What is left of a block of bare lines that were not asked for: their number."""
    lines = block.count(b"\n")
    return Sifted(pl.DataFrame(), lines, lines, earlier=True)


@lru_cache(maxsize=8)
def gate_of(catalogue: Catalogue, more: tuple[str, ...] = (), without: frozenset[str] = frozenset()) -> Gate:
    """The gate that lets through every line some message may fit, but for those of the kinds `without`, and lines with
    one of the texts `more` in them.
    """
    told = [message for message in catalogue.messages if message.kind not in without]
    needles = {pattern.literals[0] for message in told for pattern in message.patterns}
    noise = {text for stanza in catalogue.noise for text in stanza.texts}
    return Gate(tuple(sorted(needles | {*_AGENT, *_ERRORS, *more})), tuple(sorted(noise)))


@lru_cache(maxsize=8)
def _any_of(texts: tuple[str, ...]) -> str:
    return "|".join(map(pl.escape_regex, texts))


def _plain(kept: Sequence[pl.DataFrame], lines: Sequence[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """What is kept of the `lines` of each block, all marks between them dated, and all texts plain."""
    if not kept:
        return
    text = pl.concat(each["text"] for each in kept)
    if marks.are_among(text):
        kept = [marks.dated(each, near) for each, near in zip(kept, lines, strict=True)]
        text = pl.concat(each["text"] for each in kept)
    text, start = _plain_text(text), 0
    for each in kept:
        yield each.with_columns(text.slice(start, each.height))
        start += each.height


def _plain_text(text: pl.Series) -> pl.Series:
    """Undo what carriers do to a text: `message repeated 3 times: [ ... ]`, `#011` for a tab, endless lines."""
    if (text.str.len_bytes() > LINE).any():
        text = text.str.head(LINE)
    if (odd := text.str.contains(_ODD)).any():
        plain = text.filter(odd).str.replace(_REPEATED, " $1").str.replace_many(_ESCAPES)
        text = text.clone().scatter(odd.arg_true(), plain)
    # a text of its own: else each line that is kept keeps its whole block in memory
    return pl.select(pl.concat_str(text, pl.lit("")).alias("text")).to_series()
