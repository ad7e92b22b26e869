"""gzip, bzip2, xz and Zstandard, known by their first bytes, decompressed chunk by chunk in bounded memory.

Chunks are a few megabytes at most, whatever the input claims, and every decompressed byte is on the account, so that
a bomb is noticed while it goes off.
"""

from __future__ import annotations

import lzma
import re
import sys
from collections.abc import Callable, Iterator
from typing import Protocol

from isal import igzip_lib
from msgspec import Struct

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

from logtrace.intake import bzip2
from logtrace.intake.limits import Account, Limits
from logtrace.intake.stream import ByteStream, DamagedError

CHUNK = 4 << 20  # most bytes that are handed on at once
_STEP = 4 << 10  # most bytes out of a decompressor at once; small, because those of the step that fails are lost
_FEED = 128 << 10  # bytes into it at once; small, because what follows the end of a stream is copied
_KEPT = 256 << 10  # compressed bytes of a stream that are kept, to go over a step again
_MAGIC = 10  # bytes that decide
_BEGINNING = 8 << 10  # bytes that come out in the time a stream takes to begin: millions of empty ones are a bomb

#: What decompressors raise for damaged data. isal's stubs take its exception for an instance.
_BROKEN: tuple[type[Exception], ...] = (
    OSError, ValueError, EOFError, lzma.LZMAError, zstd.ZstdError, igzip_lib.IsalError,  # type: ignore[assignment]
)  # fmt: skip

ENDS_EARLY = "ends early: it was cut off"


class Decompressor(Protocol):
    """One compressed stream; the interface of the standard library's decompressors."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int) -> bytes: ...


class Codec(Struct, frozen=True):
    """A compression: how its data begins, and what decompresses the one stream that a ByteStream stands at."""

    name: str
    magic: re.Pattern[bytes]
    stream: Callable[[ByteStream, Limits], Iterator[bytes]]


def _serial(name: str, new: Callable[[Limits], Decompressor]) -> Callable[[ByteStream, Limits], Iterator[bytes]]:
    def stream(raw: ByteStream, limits: Limits) -> Iterator[bytes]:
        chunk = bytearray()
        try:
            for step in _steps(name, lambda: new(limits), raw):
                chunk += step
                if len(chunk) + _STEP > CHUNK:
                    yield bytes(chunk)
                    chunk.clear()
        except DamagedError:
            yield bytes(chunk)  # what came before the damage
            raise
        yield bytes(chunk)

    return stream


def _steps(name: str, new: Callable[[], Decompressor], raw: ByteStream) -> Iterator[bytes]:
    """The content of the one stream that `raw` stands at, in small pieces. Raises DamagedError behind the last good."""
    engine, fed, given = new(), b"", 0
    while not engine.eof:
        data, at_end = b"", False
        if engine.needs_input:
            data = raw.some(_FEED)
            at_end = not data
            fed = fed + data if len(fed) <= _KEPT else fed
        try:
            step = engine.decompress(data, _STEP)
        except _BROKEN as error:
            if len(fed) <= _KEPT:
                yield _rest(new(), fed, given)
            raise DamagedError(f"is damaged ({name}: {error})") from error
        if at_end and not step:
            raise DamagedError(raw.damage or ENDS_EARLY)
        given += len(step)
        yield step
    raw.give_back(engine.unused_data)


def _rest(engine: Decompressor, data: bytes, given: int) -> bytes:
    """What comes out of `data` behind the first `given` bytes until it fails: the step that failed again, byte by byte.
    All of a small report may be in that one step, and only its checksum be wrong.
    """
    out = bytearray()
    try:
        while not engine.eof and len(out) < given + _STEP:
            step = engine.decompress(data, min(given - len(out), _STEP) if len(out) < given else 1)
            if not step and engine.needs_input:
                break
            out += step
            data = b""
    except _BROKEN:
        pass
    return bytes(out[given:])


CODECS = (
    Codec(
        "gzip",
        re.compile(rb"\x1f\x8b\x08"),
        _serial("gzip", lambda _: igzip_lib.IgzipDecompressor(igzip_lib.DECOMP_GZIP)),
    ),
    # A level, then the mark of a block or of the end of the stream (pi and its square root, in BCD).
    Codec(
        "bzip2",
        re.compile(rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)"),
        lambda raw, limits: bzip2.decompress(raw, ENDS_EARLY, limits.threads, CHUNK),
    ),
    Codec(
        "xz",
        re.compile(rb"\xfd7zXZ\x00"),
        _serial("xz", lambda limits: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=limits.max_decoder_bytes)),
    ),
    # Its window is bounded by the library's own default of 128 MiB. The second form is a frame to be skipped.
    Codec(
        "zstd",
        re.compile(rb"\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18"),
        _serial("zstd", lambda _: zstd.ZstdDecompressor()),
    ),
)


def codec_of(head: bytes) -> Codec | None:
    """The compression that data beginning with `head` has, by its magic bytes."""
    return next((codec for codec in CODECS if codec.magic.match(head)), None)


def decompressed(raw: ByteStream, account: Account) -> ByteStream:
    """`raw` without its compression; unchanged when it has none. Nothing is read before the result is."""
    return ByteStream(_decompress(raw, account))


def _decompress(raw: ByteStream, account: Account) -> Iterator[bytes]:
    codec = codec_of(raw.peek(_MAGIC))
    if codec is None:
        yield from raw.rest()
        if raw.damage:
            raise DamagedError(raw.damage)
        return
    while codec.magic.match(raw.peek(_MAGIC)):  # there may be several streams (pbzip2, cat a.gz b.gz)
        for chunk in codec.stream(raw, account.limits):
            account.produced(len(chunk))
            yield chunk
        account.produced(_BEGINNING)
        while raw.peek(1) == b"\0":
            padding = raw.peek(_FEED)
            raw.skip(len(padding) - len(padding.lstrip(b"\0")))
    # rubbish after the end is ignored, as the tools do
