"""Text in UTF-16, as Windows' shell and editors save what is copied into them, handed on as UTF-8.

A byte order mark tells it, or that every other byte of the beginning is NUL and no other is: so is what has no mark and
is in Latin letters. Nothing else is guessed.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator

from logtrace.intake.stream import ByteStream, DamagedError

#: Bytes that tell where there is no mark.
_BEGINNING = 128

_MARKS = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


def in_utf8(content: ByteStream) -> ByteStream:
    """`content` in UTF-8 where its first bytes are the mark of UTF-16; else as it is. Nothing is read before it is."""
    return ByteStream(_chunks(content))


def _chunks(content: ByteStream) -> Iterator[bytes]:
    encoding = _MARKS.get(content.peek(len(codecs.BOM_UTF16_LE)))
    marked = encoding is not None
    encoding = encoding or _unmarked(content.peek(_BEGINNING))
    if encoding is None:
        yield from content.rest()
    else:
        decoder = codecs.getincrementaldecoder(encoding)("replace")
        if marked:
            content.skip(len(codecs.BOM_UTF16_LE))
        for chunk in content.rest():
            yield decoder.decode(chunk).encode("utf-8", "replace")
        yield decoder.decode(b"", final=True).encode("utf-8", "replace")
    if content.damage:
        raise DamagedError(content.damage)


def _unmarked(head: bytes) -> str | None:
    for encoding, nul in (("utf-16-le", 1), ("utf-16-be", 0)):
        if len(head) >= _BEGINNING // 2 and not any(head[nul::2]) and all(head[1 - nul :: 2]):
            return encoding
    return None
