"""bzip2 by several threads: its blocks are independent, and most reports are compressed with it.

A stream is `BZh` and a level, blocks, and an end mark with a checksum. Blocks and the end mark begin with 48 known bits
at any bit of the file. Each block is given a stream of its own and decompressed by the standard library, which checks
it by its own checksum. Format: bzip2 1.0.8, decompress.c.
"""

from __future__ import annotations

import bz2
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import lru_cache
from typing import Final

from msgspec import Struct

from logtrace.intake.stream import ByteStream, DamagedError

_BLOCK: Final = 0x314159265359  # pi, in decimal digits
_END: Final = 0x177245385090  # its square root
_MARK_BITS: Final = 48
_CRC_BITS: Final = 32
_HEADER: Final = len(b"BZh9")
_SPAN: Final = 7  # bytes a mark may touch

#: Compressed bytes searched at once: at the beginning of a stream, which may end soon, and later. A block has fewer.
_FIRST_FEED: Final = 1 << 10
_FEED: Final = 1 << 20
_LONGEST: Final = 2 << 20

#: Pieces that are tried as one block, for its data may look like a mark.
_PIECES: Final = 3


class _Piece(Struct, frozen=True):
    """Bits of a stream, from one mark to the next, or from the last one to where a stream without an end mark ends."""

    bits: int
    length: int
    marked: bool = True  # whether a mark stands behind it


class _Block(Struct, frozen=True):
    """A block and the first chunk that came out of it."""

    engine: bz2.BZ2Decompressor
    chunk: bytes


def decompress(raw: ByteStream, ends_early: str, threads: int, size: int) -> Iterator[bytes]:
    """The one bzip2 stream that `raw` stands at, in chunks of at most `size` bytes; `raw` then stands behind it.

    One block more than `threads` is held, of each the first chunk: few ever have another. Raises DamagedError for
    damage, after all that stands before it; `ends_early` is its text where the stream is cut off and `raw` knows no
    other reason.
    """
    header = raw.read(_HEADER)
    waiting: deque[tuple[_Piece, Future[_Block]]] = deque()
    damage: DamagedError | None = None
    try:
        for piece in _pieces(raw, ends_early):
            waiting.append((piece, _pool(threads).submit(_begun, header, [piece], size)))
            if len(waiting) > threads:
                yield from _next(header, waiting, size)
    except DamagedError as error:
        damage = error
    while waiting:
        yield from _next(header, waiting, size)
    if damage:
        raise damage


@lru_cache(maxsize=4)
def _pool(threads: int) -> ThreadPoolExecutor:
    """Threads for all streams. Those of a stream's own would have to be waited for when it is given up, and that may
    happen anywhere: in the garbage collector, in the middle of starting a thread.
    """
    return ThreadPoolExecutor(threads)


def _next(header: bytes, waiting: deque[tuple[_Piece, Future[_Block]]], size: int) -> Iterator[bytes]:
    """What the first piece holds, with those behind it where it proves to be only a part of a block."""
    parts: list[_Piece] = []
    try:
        while True:
            piece, job = waiting.popleft()
            parts.append(piece)
            try:
                block = _begun(header, parts, size) if len(parts) > 1 else job.result()
                break
            except (OSError, ValueError):
                if not waiting or len(parts) == _PIECES:
                    raise
        yield block.chunk
        while not block.engine.eof:
            yield block.engine.decompress(b"", size)
    except (OSError, ValueError) as error:
        waiting.clear()
        yield from _saved(header, parts, size)
        if parts[-1].marked:
            raise DamagedError(f"is damaged (bzip2: {error})") from error


def _saved(header: bytes, pieces: Sequence[_Piece], size: int) -> Iterator[bytes]:
    """The block that `pieces` begin with, where it is whole by its own checksum and only the mark behind it damaged.
    They are given byte by byte: the decoder keeps a block for itself that damage stands behind in what it was given.
    """
    bits, length = _joined(pieces)
    engine = bz2.BZ2Decompressor()
    engine.decompress(header, size)
    saved: list[bytes] = []
    try:
        for byte in (bits << -length % 8).to_bytes((length + 7) // 8, "big"):
            chunk = engine.decompress(bytes((byte,)), size)
            while chunk:
                saved.append(chunk)
                chunk = engine.decompress(b"", size)  # the checksum is looked at behind the last
            if saved:
                break
    except (OSError, ValueError):  # its checksum, or what led to it
        return
    yield from saved


def _joined(pieces: Sequence[_Piece]) -> tuple[int, int]:
    """Bits and length of `pieces` in a row."""
    bits = length = 0
    for piece in pieces:
        bits = bits << piece.length | piece.bits
        length += piece.length
    return bits, length


def _begun(header: bytes, pieces: Sequence[_Piece], size: int) -> _Block:
    """The block that `pieces` make up."""
    bits, length = _joined(pieces)
    checksum = bits >> max(length - _MARK_BITS - _CRC_BITS, 0) & ((1 << _CRC_BITS) - 1)
    bits = (bits << _MARK_BITS | _END) << _CRC_BITS | checksum  # that of a stream of one block is the block's
    length += _MARK_BITS + _CRC_BITS
    padding = -length % 8
    engine = bz2.BZ2Decompressor()
    chunk = engine.decompress(header + (bits << padding).to_bytes((length + padding) // 8, "big"), size)
    if engine.needs_input:
        raise ValueError("a block is incomplete")
    return _Block(engine, chunk)


def _pieces(raw: ByteStream, ends_early: str) -> Iterator[_Piece]:
    """What stands between the marks of the stream, up to its end mark and the checksum, which is read as well."""
    data = b""
    feed = _FIRST_FEED
    marks: deque[tuple[int, int]] = deque()  # bit within `data`, mark
    while True:
        while len(marks) < 2 and not (marks and marks[0][1] == _END):
            more = raw.some(feed)
            if not more:
                if marks:  # its block may be whole all the same
                    rest = 8 * len(data) - marks[0][0]
                    yield _Piece(int.from_bytes(data, "big") & ((1 << rest) - 1), rest, marked=False)
                raise DamagedError(raw.damage or ends_early)
            feed = min(2 * feed, _FEED)
            done = marks[0][0] // 8 if marks else 0
            searched = max(len(data) - done - _SPAN + 1, 0)
            data = data[done:] + more
            marks = deque((bit - 8 * done, mark) for bit, mark in marks)
            marks.extend(_marks(data, searched))
            if len(data) > _LONGEST and len(marks) < 2:
                raise DamagedError("is damaged (bzip2: a block without an end)")
        start, mark = marks.popleft()
        if mark == _END:
            break
        stop = marks[0][0]
        bits = int.from_bytes(data[start // 8 : (stop + 7) // 8], "big") >> (-stop % 8)
        yield _Piece(bits & ((1 << (stop - start)) - 1), stop - start)
    end = (start + _MARK_BITS + _CRC_BITS + 7) // 8
    while len(data) < end:
        more = raw.some(end - len(data))
        if not more:
            raise DamagedError(raw.damage or ends_early)
        data += more
    raw.give_back(data[end:])


def _marks(data: bytes, start: int) -> list[tuple[int, int]]:
    """Where in `data`, from byte `start` on, marks begin: bit and mark, in order."""
    found = []
    for mark in (_BLOCK, _END):
        for shift in range(8):
            inner = (mark >> shift & ((1 << 40) - 1)).to_bytes(5, "big")  # the bytes a mark fills whatever its shift
            at = data.find(inner, start + 1)
            while at >= 0:
                span = data[at - 1 : at - 1 + _SPAN]
                if len(span) == _SPAN and int.from_bytes(span, "big") >> (8 - shift) & ((1 << _MARK_BITS) - 1) == mark:
                    found.append((8 * (at - 1) + shift, mark))
                at = data.find(inner, at + 1)
    return sorted(found)
