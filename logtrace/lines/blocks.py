"""Bytes cut anywhere -> frames of whole lines, whatever the file holds: NUL runs, Latin-1, endless lines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import polars as pl

#: Small enough to stay in a processor's cache from reading to sifting, large enough that calls cost nothing.
BLOCK: Final = 4 << 20

#: Characters of a line that are kept.
LINE: Final = 4096


def blocks(chunks: Iterator[bytes], size: int = BLOCK) -> Iterator[bytes]:
    """Join and cut `chunks` into blocks of whole lines, about `size` bytes each. NUL bytes are taken out; a line that
    does not end within a block loses what stands beyond it."""
    held = bytearray()
    for chunk in chunks:
        for start in range(0, len(chunk), size):
            held += chunk[start : start + size]
            if len(held) < size:
                continue
            end = held.rfind(b"\n") + 1
            if end:
                yield _clean(bytes(held[:end]))
                del held[:end]
            else:
                del held[size:]
    if held:
        yield _clean(bytes(held))


def _clean(block: bytes) -> bytes:
    """A crash leaves runs of NUL bytes where the next line was to be written."""
    return block.replace(b"\0", b"") if b"\0" in block else block


def lines_of(block: bytes, first: int) -> pl.DataFrame:
    """The lines of `block`: line (u32, counted from `first`) and text. Bytes that are not UTF-8 become U+FFFD."""
    try:
        frame = pl.read_lines(block, name="text", row_index_name="line", row_index_offset=first)
    except pl.exceptions.ComputeError:
        text = block.decode("utf-8", "replace").encode()
        frame = pl.read_lines(text, name="text", row_index_name="line", row_index_offset=first)
    return frame
