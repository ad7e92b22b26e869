"""What every carrier is given and gives: a block of a file, and a way to make lines of logs of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import polars as pl
from msgspec import Struct

#: The column for what a carrier printed as the time of a line that has a time of its own: ISO 8601, or an epoch.
STORED: Final = "stored"

#: Takes a carrier off lines (line, text, perhaps STORED), of which it may join or leave out some, and turn the order.
Strip = Callable[[pl.DataFrame], pl.DataFrame]


class Carrier(Struct, frozen=True):
    """One way in which lines are handed on that are no longer as they were written.

    `sees` looks at a sample of a block's lines (line, text) and gives what the carrier is called to the user and how
    it is taken off; None where it is not there. It is asked of what the carriers before it have left.
    """

    sees: Callable[[pl.DataFrame], tuple[str, Strip] | None]


class Block(Struct, frozen=True):
    """A block of a file, read.

    `height`: how many lines of the file it has. `lines`: line (u32, counted from 1) and text, and STORED where a
    carrier has it. `boots`: of a journal, where each boot of each host is first met: line, text (the mark journalctl
    prints there), host, boot. `carriers`: what was taken off. `backwards`: its lines stand newest first.
    """

    height: int
    lines: pl.DataFrame
    boots: pl.DataFrame | None = None
    carriers: tuple[str, ...] = ()
    backwards: bool = False


def texts(sample: pl.DataFrame) -> Sequence[str]:
    """The texts of a sample, as Python has them, each cut to what a header may take up."""
    cut: list[str] = sample["text"].str.slice(0, 400).to_list()
    return cut
