"""What stands around the lines of logs when they are handed on, and how it is taken off, seen by its shape alone.

Some carriers hold a whole file together, and its first bytes tell: journal.py (the journal's own exports), records.py
and documents.py (JSON and CSV of log stores), logfmt.py and literals.py (what programs print). All others are around
lines, and each block of a file is looked at by itself (plain.py): marks.py within lines, prefixes.py before them,
breaks.py where they were broken, stamps.py how their times are written, foreground.py, order.py and timeless.py;
status.py tells what is no log as one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Final

from msgspec import Struct

from logtrace.lines.blocks import blocks
from logtrace.lines.carriers import journal, plain
from logtrace.lines.carriers.block import STORED, Block
from logtrace.lines.carriers.shapes import FORWARDED

__all__ = ["STORED", "Block", "Wrapping", "is_status", "wrapping"]

#: Bytes that decide.
_HEAD: Final = 1 << 14

#: Where lines within string literals end; a file without any of these has none.
_OF_LITERALS: Final = (b"\\n", b"',", b'",')

#: What every record of a status has in it, and few other texts of a report.
_OF_STATUS: Final = re.compile(
    r"call=|on \S+ returned '|could not be executed|successful|failed|on behalf of|UNCLEAN|fail-count=|Failcounts for"
    "|<(?:failure|fence_event|node) "
)


class Wrapping(Struct, frozen=True):
    """How a file's bytes become lines: `cut` gives blocks that `read` can read each by itself.

    An entry of the journal is as many lines as its message has, as journalctl prints it; `line` of all of them is where
    the entry begins in the file. `bare`: nothing holds the file together, its lines are in order of time. `ends`: what
    a piece ends with that can be read before the rest is there; None where only the whole of the file can be read.
    """

    cut: Callable[[Iterator[bytes]], Iterator[bytes]]
    read: Callable[[bytes], Block]
    bare: bool = False
    ends: bytes | None = None


def wrapping(chunks: Iterator[bytes]) -> tuple[Wrapping, Iterator[bytes]]:
    """How the file given as `chunks` (cut anywhere) is wrapped, and its chunks, of which none is lost."""
    head = b""
    for chunk in chunks:
        head += chunk
        if len(head) >= _HEAD:
            break
    chunks = chain([head] if head else [], chunks)
    if journal.JSON.match(head):
        return Wrapping(_lines, journal.json, ends=b"\n"), chunks
    if journal.EXPORT.match(head):
        return Wrapping(_entries, journal.export, ends=b"\n\n"), chunks
    if journal.VERBOSE.match(head):
        return Wrapping(lambda chunks: journal.entries(blocks(chunks)), journal.verbose), chunks
    if b"\n" not in head and head.count(b"\r") > 1:  # as Mac OS ended lines
        head, chunks = head.replace(b"\r", b"\n"), (chunk.replace(b"\r", b"\n") for chunk in chunks)
    return _of_store(head) or Wrapping(_lines, plain.read, bare=True, ends=b"\n"), chunks


def is_status(text: str) -> bool:
    """Whether a text is the status of a cluster that records a failure or a fencing."""
    if _OF_STATUS.search(text) is None:
        return False
    from logtrace.lines.carriers import status  # as with those of lines

    return status.is_status(text)


def _of_store(head: bytes) -> Wrapping | None:
    """How programs that keep or print lines wrap a file of them; None for one whose lines stand as they are."""
    if any(mark in head for mark in _OF_LITERALS):
        from logtrace.lines.carriers import literals  # as with the others below

        if literals.is_literals(head):
            return Wrapping(lambda chunks: blocks(literals.lines(chunks)), plain.read, bare=True)
    bare = not head or plain.is_plain(head[:_HEAD])
    if bare and not re.match(FORWARDED.encode(), head):
        return None
    from logtrace.lines.carriers import documents, logfmt, records  # few files are, and these take long to import

    if records.is_lines_of_objects(head):
        return Wrapping(_lines, records.read, ends=b"\n")
    if logfmt.is_logfmt(head):
        return Wrapping(_lines, logfmt.read, ends=b"\n")
    if documents.is_document(head):
        return Wrapping(lambda chunks: blocks(documents.of_document(chunks)), records.read)
    if by := documents.delimiter(head):
        return Wrapping(lambda chunks: blocks(documents.of_csv(chunks, by)), records.read)
    return None


def _lines(chunks: Iterator[bytes]) -> Iterator[bytes]:
    return blocks(chunks)


def _entries(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Blocks of whole entries of a journal in its export format."""
    return blocks(journal.without_sizes(chunks), start=journal.CURSOR)
