"""Lines of text: which carriers are around those of a block, seen by a sample of it, and the lines without them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import polars as pl
from msgspec import Struct

from logtrace.lines.blocks import lines_of
from logtrace.lines.carriers.block import Block, Carrier
from logtrace.lines.carriers.marks import HINTS
from logtrace.lines.carriers.shapes import DAEMONS, PLAIN

#: Bytes of a block that are looked at: at its beginning, in the middle and at its end. A small one is looked at whole:
#: it may be a ticket.
_LOOK: Final = 1 << 12
_SMALL: Final = 1 << 18
#: Bytes of a line in which its beginning is looked for.
_BEGINNING: Final = 400

#: Records of a log store whose messages are looked at.
_SOME: Final = 200

#: A line in so many that is not as logs have it, but could hold one, makes a block worth a closer look.
_ODD: Final = 10

_PLAIN: Final = re.compile(f"(?:{PLAIN})".encode())
#: Any line with something in it, and one that is plain: counted so, for no loop may cost as much as reading does.
_LINE: Final = re.compile(rb"(?m)^[^\S\n]*\S")
_PLAIN_LINE: Final = re.compile(f"(?m)^(?:{PLAIN})".encode())
#: What journalctl (systemd, output_short) prints between lines and in their place; most reports hold an empty journal.
_OF_JOURNAL: Final = re.compile(rb"-- (?:No entries|Reboot|Boot [0-9a-f]{32}|(?:Logs|Journal) begins? at .+) --\s*$")
#: A time that is a cell of a table by itself.
_CELL: Final = re.compile(
    rb"(?m)^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:]{8}(?:[.,][0-9]+)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?[,;\t|][^0-9 ]"
)
_COULD: Final = re.compile(rb".{0,300}?(?:[0-9]:[0-9]{2}:[0-9]{2}|\[[0-9]+\]:)|\[? *[0-9]+\.[0-9]{3}")
#: A second stamp close behind the first.
_TWICE: Final = re.compile(rb".{0,12}[0-9]:[0-9]{2}:[0-9]{2}\S*(?: \S+){0,5}? [\[(]?\S*[0-9]:[0-9]{2}:[0-9]{2}[ .,]")
#: Every so many lines are looked at for one.
_STRIDE: Final = 16
#: Stamps that begin as those of a layout do, and are another's.
_ALIKE: Final = re.compile(
    rb"\d{4}[-/]\d\d[-/]\d\d \d\d:\d\d:\d\d(?:[^\[]*\[\d+\]|\S* \S+ (?:" + DAEMONS.encode() + rb"): ?)"
    rb"|.{19,40} (?:stdout|stderr) [FP] "
    rb"|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d (?:(?:19|20)\d\d |(?:debug|info|notice|warning|error|crit) )"
)


class Bared(Struct, frozen=True):
    """Lines without their carriers, and what those are called."""

    frame: pl.DataFrame
    carriers: tuple[str, ...]


def read(block: bytes) -> Block:
    """The lines of `block`, without what carriers put around them."""
    looked_at = _sample(block)
    lines = lines_of(block)
    if not _is_odd(looked_at):
        return Block(lines.height, lines)
    from logtrace.lines.carriers.of_lines import CARRIERS  # of which most logs have none

    bared = _without(lines, lines_of(looked_at), CARRIERS)
    backwards = bared.frame.height > 1 and bared.frame["line"][0] > bared.frame["line"][-1]
    return Block(lines.height, bared.frame, carriers=bared.carriers, backwards=backwards)


def is_plain(head: bytes) -> bool:
    """Whether most lines at the beginning of a file begin as a log's do, and not as the rows of a table."""
    plain = len(_PLAIN_LINE.findall(head)) - len(_CELL.findall(head))
    return plain * 2 > len(_LINE.findall(head))


def without(lines: pl.DataFrame) -> Bared:
    """Messages of a log store (line, text) without the carriers of lines; as many, in their order."""
    from logtrace.lines.carriers.of_lines import OF_MESSAGES

    return _without(lines, lines.gather_every(max(1, lines.height // _SOME)), OF_MESSAGES)


def in_order(lines: pl.DataFrame) -> pl.DataFrame:
    """The same, turned where the newest stands first; those without any time numbered."""
    from logtrace.lines.carriers.of_lines import OF_ORDER

    return _without(lines, lines, OF_ORDER).frame


def _without(lines: pl.DataFrame, sample: pl.DataFrame, carriers: Sequence[Carrier]) -> Bared:
    called = []
    for carrier in carriers:
        if seen := carrier.sees(sample):
            what, strip = seen
            called.append(what)
            lines, sample = strip(lines), strip(sample)
    return Bared(lines, tuple(dict.fromkeys(called)))


def _sample(block: bytes) -> bytes:
    """Whole lines of `block`, from all over it."""
    if len(block) <= _SMALL:
        return block
    middle = block.find(b"\n", len(block) // 2) + 1
    end = block.find(b"\n", len(block) - _LOOK) + 1
    parts = (block[start : block.rfind(b"\n", start, start + _LOOK) + 1] for start in (0, middle, end))
    return b"".join(parts)


def _is_odd(sample: bytes) -> bool:
    """Whether something may be around the lines; most logs have nothing, and this is all that looking costs them."""
    if any(hint.search(sample) for hint in HINTS):
        return True
    lines = [line[:_BEGINNING] for line in sample.split(b"\n") if line and not line.isspace()]
    lines = [line for line in lines if not (line.startswith(b"-- ") and _OF_JOURNAL.match(line))]
    plain: list[bytes] = []
    others: list[bytes] = []
    for line in lines:
        (plain if _PLAIN.match(line) else others).append(line)
    could = sum(1 for line in others if _COULD.match(line))
    if others and (could * _ODD >= len(lines) or len(others) * 4 >= len(lines)):
        return True
    some = plain[::_STRIDE]
    return sum(1 for line in some if _TWICE.match(line) or _ALIKE.match(line)) * 2 >= len(some) > 0 or _falls(plain)


def _falls(plain: list[bytes]) -> bool:
    """Whether the last line may be older than the first, seen in the same month or the same year."""
    if len(plain) < 2:
        return False
    first, last = plain[0][:19], plain[-1][:19]
    return first > last and (first[:4] == last[:4] or first[:1].isdigit())
