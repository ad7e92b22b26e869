"""Lines that were broken where a terminal or a mail program had no more room, joined again.

A terminal breaks at its width, in the midst of words; a mail program breaks between words, before the one that would
not fit. What goes on begins as no line of a log does, and stands behind a line that is full.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

import polars as pl

from logtrace.lines.carriers.block import Carrier, Strip
from logtrace.lines.carriers.shapes import ANY

#: No terminal and no mail is narrower or wider, in characters.
_NARROW, _WIDE = 40, 400

#: Of the lines behind a full one that begin as none does, so many percent must prove the width.
_PROOF: Final = 80
#: The least that prove it.
_LEAST: Final = 2


def _sees(sample: pl.DataFrame) -> tuple[str, Strip] | None:
    lines = sample["text"].to_list()
    headed = sample["text"].str.contains(f"^{ANY}").to_list()
    if sum(headed) == len(lines) or not any(headed):
        return None
    broken = list(_behind(lines, headed))
    least = max(_LEAST, len(broken) * _PROOF // 100)
    sizes = Counter(map(len, lines))
    width = max(sizes)
    full = sum(1 for before, _ in broken if len(before) >= width - 1)  # a blank at the very end may be lost
    wrapped = sum(1 for before, line in broken if len(before) + 1 + len(line.split()[0]) > width)
    if not _NARROW <= width <= _WIDE:
        return None
    if wrapped < least and broken:  # a few lines that were added later are longer
        width, full = Counter(len(before) for before, _ in broken).most_common(1)[0]
        longer = sum(count for size, count in sizes.items() if size > width)
        wrapped = full if width >= _NARROW and longer * 100 <= len(broken) * (100 - _PROOF) else 0
    if wrapped < least:
        return None
    if full == wrapped and sizes[width] >= _LEAST:
        return f"line breaks of a terminal {width} columns wide", lambda lines: _joined(lines, width, words=False)
    return "line breaks of a mail program", lambda lines: _joined(lines, width, words=True)


def _behind(lines: Sequence[str], headed: Sequence[bool]) -> Iterator[tuple[str, str]]:
    """Lines that begin as none of a log does, behind one that does, up to an empty one; each with the one before."""
    inside = False
    for before, line, begins in zip(["", *lines], lines, headed, strict=False):
        inside = begins or (inside and bool(line.strip()))
        if inside and not begins:
            yield before, line


def _joined(lines: pl.DataFrame, width: int, *, words: bool) -> pl.DataFrame:
    """Lines behind full ones joined to them."""
    text = pl.col("text")
    size = text.str.len_chars()
    before = size.shift(fill_value=0)
    if words:
        first = text.str.strip_chars_start().str.find(r"\s").fill_null(size)
        full = before + 1 + first > width
    else:
        full = before.is_between(width - 1, width)
    goes_on = full & (text.str.strip_chars() != "") & ~text.str.contains(f"^{ANY}")
    # a blank at the end of a full line was cut off, or is what the break stands for
    gap = pl.when(words | (before < width)).then(pl.lit(" ")).otherwise(pl.lit(""))
    text = text.str.strip_chars_start() if words else text
    told = lines.with_columns(_on=goes_on).with_columns(
        _entry=(~pl.col("_on")).cum_sum(), _part=pl.when("_on").then(pl.concat_str(gap, text)).otherwise(text)
    )
    others = (pl.col(name).first() for name in lines.columns if name not in {"line", "text"})
    return (
        told.group_by("_entry", maintain_order=True)
        .agg(pl.col("line").first(), pl.col("_part").str.join("").alias("text"), *others)
        .drop("_entry")
        .select(lines.columns)
    )


BREAKS: Final = (Carrier(_sees),)
