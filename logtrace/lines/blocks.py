"""Bytes cut anywhere -> frames of whole lines, whatever the file holds: NUL runs, Latin-1, endless lines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import polars as pl

#: Small enough to stay in a processor's cache from reading to sifting, large enough that calls cost nothing.
BLOCK: Final = 8 << 20

#: Smaller blocks are cut into lines by Python.
_SMALL: Final = 32 << 10

#: Characters of a line that are kept.
LINE: Final = 4096


def blocks(chunks: Iterator[bytes], size: int = BLOCK, start: bytes = b"") -> Iterator[bytes]:
    """Join and cut `chunks` into blocks of whole lines of at least `size` bytes, the last one excepted.

    Where `start` is given, every block but the first begins with a line that begins so. NUL bytes are taken out, for a
    crash leaves runs of them where the next line was to be written. Of a line that does not end within a block, what
    stands beyond the block is dropped.
    """
    mark = b"\n" + start
    held: list[bytes] = []
    length = 0
    for chunk in chunks:
        held.append(chunk)
        length += len(chunk)
        if length < size:
            continue
        end = chunk.rfind(mark) + 1
        if end:
            held[-1] = chunk[:end]
            yield _join(held)
            held = [chunk[end:]]
        else:
            whole = b"".join(held)
            end = whole.rfind(mark) + 1
            if end:
                yield _join([whole[:end]])
            held = [whole[end : end + size]]
        length = len(held[0])
    if length:
        yield _join(held)


def _join(held: list[bytes]) -> bytes:
    block = b"".join(held)
    return block.replace(b"\0", b"") if b"\0" in block else block


def lines_of(block: bytes) -> pl.DataFrame:
    """The lines of `block`: line (u32, counted from 1) and text. Bytes that are not UTF-8 become U+FFFD."""
    if len(block) < _SMALL:
        return _split(block)
    try:
        return _read(block)
    except pl.exceptions.ComputeError:
        return _read(block.decode("utf-8", "replace").encode())


def _split(block: bytes) -> pl.DataFrame:
    """The same of few lines: there may be thousands of small logs, and polars starts threads for each."""
    lines = block.decode("utf-8", "replace").split("\n")
    if not lines[-1]:
        del lines[-1]
    text = pl.Series("text", [line.removesuffix("\r") for line in lines], dtype=pl.String)
    return pl.DataFrame([pl.int_range(1, len(lines) + 1, dtype=pl.UInt32, eager=True).alias("line"), text])


def _read(text: bytes) -> pl.DataFrame:
    """What begins as gzip, zlib or zstd do, polars would decompress to whatever size, and `x^2` begins so; nothing does
    behind an empty line.
    """
    return pl.read_lines(b"\n" + text, name="text", row_index_name="line").slice(1)  # noqa: TID251 - here it is safe
