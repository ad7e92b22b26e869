"""Bytes cut anywhere become whole lines, and hostile bytes do no harm."""

from collections.abc import Iterator

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
    assert lines_of(b"a\r\n\nb", 7).rows() == [(7, "a"), (8, ""), (9, "b")]
    assert lines_of("caf\xe9\nok\n".encode("latin-1"), 1).rows() == [(1, "caf\ufffd"), (2, "ok")]
    assert lines_of(b"", 1).rows() == []
