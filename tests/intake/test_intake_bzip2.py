"""bzip2 block by block: the same bytes as the standard library gives, whatever the cuts and whatever the damage."""

import bz2
import random
import threading
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import Future
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logtrace.intake import bzip2
from logtrace.intake.stream import ByteStream

#: Three blocks and more at the lowest level; what repeats comes out of a block many times as large.
DATA = random.Random(7).randbytes(250_000) + b"the same line again\n" * 20_000 + b"x" * 3_000_000
PACKED = bz2.compress(DATA, 1)
SIZE = 1 << 20


def cut(data: bytes, size: int) -> Iterator[bytes]:
    return (data[start : start + size] for start in range(0, len(data), size))


def unpacked(data: bytes, size: int = 1 << 20, threads: int = 2) -> tuple[bytes, ByteStream]:
    raw = ByteStream(cut(data, size))
    chunks = list(bzip2.decompress(raw, "ends early", threads, SIZE))
    assert all(0 < len(chunk) <= SIZE for chunk in chunks)
    return b"".join(chunks), raw


@pytest.mark.parametrize("size", [1, 5, 4096, 1 << 20])
@pytest.mark.parametrize("threads", [1, 3])
def test_blocks_come_in_order(size: int, threads: int) -> None:
    if size == 1:
        packed, data = bz2.compress(DATA[:3000]), DATA[:3000]
    else:
        packed, data = PACKED, DATA
    found, raw = unpacked(packed + b"behind", size, threads)
    assert found == data
    assert raw.read(100) == b"behind"


def test_an_empty_stream_has_no_block() -> None:
    assert unpacked(bz2.compress(b""))[0] == b""


@settings(max_examples=60)
@given(st.integers(10, len(PACKED) - 11), st.integers(0, 7))
def test_what_stands_before_the_damage_is_read(at: int, bit: int) -> None:
    broken = bytearray(PACKED)
    broken[at] ^= 1 << bit
    before = 32
    intact = b""
    for piece in bzip2._pieces(ByteStream(cut(PACKED[4:], 4096)), "ends early"):
        before += piece.length
        if before > 8 * at:
            break
        intact += bz2.decompress(PACKED[:4] + _closed(piece))
    found = ByteStream(bzip2.decompress(ByteStream(cut(bytes(broken), 4096)), "ends early", 2, SIZE))
    assert b"".join(found.rest()).startswith(intact)
    assert found.damage is not None
    assert "damaged" in found.damage or "early" in found.damage


@pytest.mark.parametrize("block", [1, 2, -1])
@pytest.mark.parametrize("bit", [0, 20, 47])
def test_a_whole_block_is_read_also_where_the_mark_behind_it_is_damaged(block: int, bit: int) -> None:
    """The mark of the next block, or of the end: what lies behind it is lost, and no more."""
    lengths = [piece.length for piece in bzip2._pieces(ByteStream(cut(PACKED[4:], 4096)), "ends early")]
    whole = lengths if block < 0 else lengths[:block]
    broken = int.from_bytes(PACKED, "big") ^ 1 << (8 * len(PACKED) - 1 - 32 - sum(whole) - bit)
    found = ByteStream(bzip2.decompress(ByteStream(cut(broken.to_bytes(len(PACKED), "big"), 4096)), "early", 2, SIZE))
    before, at = b"", 32
    for length in whole:
        bits = int.from_bytes(PACKED, "big") >> (8 * len(PACKED) - at - length) & ((1 << length) - 1)
        before, at = before + bz2.decompress(PACKED[:4] + _closed(bzip2._Piece(bits, length))), at + length
    assert b"".join(found.rest()) == before
    assert found.damage
    assert (before == DATA) == (block < 0)


def test_of_a_stream_that_is_cut_within_its_end_all_is_read() -> None:
    packed = bz2.compress(DATA[:3000])
    for left in range(1, 11):
        found = ByteStream(bzip2.decompress(ByteStream(iter([packed[:-left]])), "ends early", 2, SIZE))
        assert b"".join(found.rest()) == DATA[:3000]
        assert found.damage == "ends early"


def _closed(piece: bzip2._Piece) -> bytes:
    """A block with the end of a stream, as the format has it."""
    checksum = piece.bits >> (piece.length - 80) & 0xFFFFFFFF
    bits, length = (piece.bits << 48 | 0x177245385090) << 32 | checksum, piece.length + 80
    return (bits << -length % 8).to_bytes((length + 7) // 8, "big")


@settings(max_examples=30)
@given(st.lists(st.floats(0.01, 0.99), min_size=1, max_size=2, unique=True))
def test_a_mark_within_a_block_is_a_likeness(places: list[float]) -> None:
    (piece, *_) = bzip2._pieces(ByteStream(cut(PACKED[4:], 4096)), "ends early")
    bounds = [0, *sorted(int(place * piece.length) for place in places), piece.length]
    parts = [
        bzip2._Piece(piece.bits >> (piece.length - stop) & ((1 << (stop - start)) - 1), stop - start)
        for start, stop in pairwise(bounds)
    ]
    waiting: deque[tuple[bzip2._Piece, Future[bzip2._Block]]] = deque()
    for part in parts:
        job: Future[bzip2._Block] = Future()
        try:
            job.set_result(bzip2._begun(PACKED[:4], [part], SIZE))
        except (OSError, ValueError) as error:
            job.set_exception(error)
        waiting.append((part, job))
    found = b"".join(bzip2._next(PACKED[:4], waiting, SIZE))
    assert found
    assert DATA.startswith(found)


def test_what_never_ends_is_given_up() -> None:
    with pytest.raises(bzip2.DamagedError, match="a block without an end"):
        unpacked(PACKED[:10] + b"\x55" * (5 << 20))


def test_a_stream_that_is_given_up_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fuzzing found a deadlock: the garbage collector gave one up while a thread was being started."""
    done, began = threading.Event(), bzip2._begun
    late: list[bool] = []

    def begun(header: bytes, pieces: Sequence[bzip2._Piece], size: int) -> bzip2._Block:
        if pieces[0].bits != first.bits and not done.wait(5):
            late.append(True)
        return began(header, pieces, size)

    (first, *_) = bzip2._pieces(ByteStream(cut(PACKED[4:], 4096)), "ends early")
    monkeypatch.setattr(bzip2, "_begun", begun)
    chunks = bzip2.decompress(ByteStream(cut(PACKED, 4096)), "ends early", 2, SIZE)
    assert DATA.startswith(next(chunks))
    assert isinstance(chunks, Generator)
    chunks.close()  # the next blocks are under way
    done.set()
    assert not late
