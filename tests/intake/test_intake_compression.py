"""Compressed streams: several in one file, what follows them, where they break; and the stream they are read by."""

from __future__ import annotations

import lzma
import random
import sys

import pytest
from archives import COMPRESS, LOG
from hypothesis import given
from hypothesis import strategies as st

from logtrace.intake import IntakeReport, Limits
from logtrace.intake.compression import CHUNK, CODECS, codec_of, decompressed
from logtrace.intake.encoding import in_utf8
from logtrace.intake.limits import Account
from logtrace.intake.stream import ByteStream, DamagedError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

CHECKED = {zstd.CompressionParameter.checksum_flag: 1}
SUFFIXES = [suffix for suffix in COMPRESS if suffix]


def plain(data: bytes, limits: Limits | None = None) -> ByteStream:
    account = Account("x", limits or Limits(), IntakeReport())
    account.consumed(len(data))
    return decompressed(ByteStream(iter([data])), account)


def content(stream: ByteStream) -> bytes:
    return b"".join(stream.rest())


def test_every_codec_has_a_sample():
    assert {codec_of(COMPRESS[suffix](b"x")).name for suffix in SUFFIXES} == {codec.name for codec in CODECS}
    assert codec_of(b"BZh9 is not bzip2") is None


@pytest.mark.parametrize("suffix", COMPRESS)
@pytest.mark.parametrize("data", [b"", b"x", LOG, b"a" * (3 * CHUNK + 5)], ids=["empty", "byte", "log", "chunks"])
def test_round_trip_in_chunks_of_bounded_size(suffix, data):
    chunks = list(plain(COMPRESS[suffix](data)).rest())
    assert b"".join(chunks) == data
    assert not suffix or all(len(chunk) <= CHUNK for chunk in chunks)


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("between", [b"", b"\0" * 4, b"\0" * 300_000])
def test_several_streams_in_one_file(suffix, between):
    stream = plain(between.join(COMPRESS[suffix](part) for part in (b"one ", b"", b"two ", b"three")) + between)
    assert content(stream) == b"one two three"
    assert stream.damage is None


def test_a_zstandard_frame_to_be_skipped():
    skippable = b"\x50\x2a\x4d\x18" + (4).to_bytes(4, "little") + b"note"
    assert content(plain(skippable + COMPRESS[".zst"](LOG) + skippable)) == LOG


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_rubbish_after_the_end_is_ignored(suffix):
    stream = plain(COMPRESS[suffix](LOG) + b"signature of some gateway")
    assert content(stream) == LOG
    assert stream.damage is None


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_every_cut_is_told(suffix):
    whole = COMPRESS[suffix](LOG)
    for cut in range(10, len(whole)):
        stream = plain(whole[:cut])
        assert LOG.startswith(content(stream))
        assert stream.damage == "ends early: it was cut off"


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_damage_names_the_format(suffix):
    whole = bytearray(COMPRESS[suffix](LOG))
    middle = len(whole) // 2
    whole[middle : middle + 40] = bytes(40)
    stream = plain(bytes(whole))
    content(stream)
    assert stream.damage.startswith(f"is damaged ({codec_of(bytes(whole)).name}: ")


@pytest.mark.parametrize("suffix", [suffix for suffix in SUFFIXES if suffix != ".bz2"])  # see test_intake_bzip2.py
def test_damage_at_the_end_takes_nothing_but_the_end(suffix):
    text = b"".join(b"%06d " % number + random.Random(number).randbytes(20).hex().encode() for number in range(8000))
    whole = bytearray(COMPRESS[suffix](text))
    whole[-len(whole) // 20] ^= 0xFF
    stream = plain(bytes(whole))
    kept = content(stream)
    assert len(kept) > len(text) * 0.6  # Zstandard's blocks are whole or nothing
    assert stream.damage is not None


def test_a_wrong_checksum_takes_next_to_nothing():
    for suffix, place in ((".gz", -6), (".zst", -2)):
        whole = bytearray(zstd.compress(LOG * 50, options=CHECKED) if suffix == ".zst" else COMPRESS[suffix](LOG * 50))
        whole[place] ^= 0xFF
        stream = plain(bytes(whole))
        assert len(LOG * 50) - len(content(stream)) <= 4 << 10
        assert stream.damage is not None


def test_a_decompressor_may_not_take_all_memory():
    huge = lzma.compress(LOG, filters=[{"id": lzma.FILTER_LZMA2, "dict_size": 64 << 20}])
    assert content(plain(huge)) == LOG
    stream = plain(huge, Limits(max_decoder_bytes=16 << 20))
    assert content(stream) == b""
    assert stream.damage.startswith("is damaged (xz: Memory usage limit")


chunk_lists = st.lists(st.binary(max_size=20), max_size=8)
calls_lists = st.lists(st.tuples(st.sampled_from(["peek", "read", "skip", "some"]), st.integers(0, 30)), max_size=9)


@given(chunk_lists, calls_lists)
def test_stream_reads_what_the_chunks_hold_however_it_is_asked(chunks, calls):
    data = b"".join(chunks)
    stream = ByteStream(iter(chunks))
    at = 0
    for name, size in calls:
        if name == "peek":
            assert stream.peek(size) == data[at : at + size]
        elif name == "read":
            assert stream.read(size) == data[at : at + size]
            at = min(at + size, len(data))
        elif name == "skip":
            stream.skip(size)
            at = min(at + size, len(data))
        else:
            got = stream.some(size)
            assert data[at : at + size].startswith(got)
            assert got or not data[at : at + size]
            at += len(got)
        assert stream.position == at
    assert content(stream) == data[at:]


def test_stream_keeps_what_came_before_the_damage():
    def broken():
        yield b"good"
        raise DamagedError("fell off the shelf")

    stream = ByteStream(broken())
    assert stream.peek(10) == b"good"
    assert stream.read(10) == b"good"
    assert stream.read(1) == b""
    assert stream.damage == "fell off the shelf"


@pytest.mark.parametrize(("mark", "encoding"), [(b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")])
def test_what_windows_saved_is_read_as_utf_8(mark: bytes, encoding: str) -> None:
    data = mark + "Mär 9 22:41:07 gull: lost\r\n".encode(encoding)
    for cut in (1, 3, 1000):
        chunks = (data[start : start + cut] for start in range(0, len(data), cut))
        assert content(in_utf8(ByteStream(chunks))).decode() == "Mär 9 22:41:07 gull: lost\r\n"
