"""Bytes cut anywhere become whole lines, and hostile bytes do no harm."""

import gzip
import zlib
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logtrace.lines.blocks import blocks, lines_of


def cut(data: bytes, sizes: list[int]) -> Iterator[bytes]:
    """`data` in pieces of `sizes`, the rest in one."""
    for size in sizes:
        yield data[:size]
        data = data[size:]
    yield data


@given(st.binary(max_size=300), st.lists(st.integers(0, 40), max_size=12))
def test_nothing_but_nul_is_lost(data: bytes, sizes: list[int]) -> None:
    found = list(blocks(cut(data, sizes), size=500))
    assert b"".join(found) == data.replace(b"\0", b"")


@given(st.lists(st.binary(max_size=20).map(lambda raw: raw.replace(b"\n", b" ").replace(b"\0", b"")), max_size=40))
def test_blocks_end_with_a_line(lines: list[bytes]) -> None:
    data = b"".join(line + b"\n" for line in lines)
    found = list(blocks(cut(data, [7] * 30), size=50))
    assert b"".join(found) == data
    assert all(block.endswith(b"\n") for block in found)


def test_an_endless_line_is_not_held() -> None:
    pieces = (b"x" * 1000 for _ in range(1000))
    found = list(blocks(pieces, size=4000))
    assert sum(map(len, found)) <= 4000
    after = list(blocks(iter([b"first\n", b"y" * 9000, b"y" * 9000, b"\nlast\n"]), size=4000))
    assert after[0] == b"first\n"
    assert b"".join(after).endswith(b"\nlast\n")


def test_lines_are_numbered_and_always_text() -> None:
    assert lines_of(b"a\r\n\nb").rows() == [(1, "a"), (2, ""), (3, "b")]
    assert lines_of("caf\xe9\nok\n".encode("latin-1")).rows() == [(1, "caf\ufffd"), (2, "ok")]
    assert lines_of(b"").rows() == []
    assert lines_of(b"\n\n").rows() == [(1, ""), (2, "")]


@pytest.mark.parametrize(
    "data",
    [
        b"x^2 + y^2 = z^2\n",
        gzip.compress(b"a\n", mtime=0),
        zlib.compress(b"a\n"),
        b"\x28\xb5\x2f\xfd\x10\x38",
        b"BZh91AY&SY",
    ],
)
def test_what_looks_compressed_is_text(data: bytes) -> None:
    """Nothing is decompressed here: what was is bounded where it was read."""
    assert lines_of(data)["text"].to_list() == data.decode("utf-8", "replace").removesuffix("\n").split("\n")
