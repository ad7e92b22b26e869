"""Text in UTF-16, as Windows' shell and editors save what is copied into them, handed on as UTF-8.

Only a byte order mark tells it; nothing is guessed without one.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator

from logtrace.intake.stream import ByteStream, DamagedError

_MARKS = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


def in_utf8(content: ByteStream) -> ByteStream:
    """`content` in UTF-8 where its first bytes are the mark of UTF-16; else as it is. Nothing is read before it is."""
    return ByteStream(_chunks(content))


def _chunks(content: ByteStream) -> Iterator[bytes]:
    encoding = _MARKS.get(content.peek(len(codecs.BOM_UTF16_LE)))
    if encoding is None:
        yield from content.rest()
    else:
        decoder = codecs.getincrementaldecoder(encoding)("replace")
        content.skip(len(codecs.BOM_UTF16_LE))
        for chunk in content.rest():
            yield decoder.decode(chunk).encode("utf-8", "replace")
        yield decoder.decode(b"", final=True).encode("utf-8", "replace")
    if content.damage:
        raise DamagedError(content.damage)
