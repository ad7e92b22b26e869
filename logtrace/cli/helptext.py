"""The help of a command as text of a width: columns are as wide as what stands in them, examples stay as typed."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Iterator, Sequence
from typing import Final

from logtrace.cli.described import Described

_WIDTH: Final = (40, 100)
_INDENT: Final = "  "
_GAP: Final = "  "
_NARROW: Final = 30  # cells a text needs beside its column; else it stands below


def width() -> int:
    """Columns of the terminal, as far as text is read well."""
    least, most = _WIDTH
    return min(max(shutil.get_terminal_size().columns, least), most)


def text(told: Described, columns: int) -> str:
    """The help of a command or a group in lines of at most `columns`; a line that is to be typed is never broken."""
    return "\n".join(_lines(told, columns)) + "\n"


def _lines(told: Described, columns: int) -> Iterator[str]:
    yield from _wrapped(f"Usage: {told.usage}", columns, "", " " * len(f"Usage: {' '.join(told.path)} "))
    for paragraph in (told.summary, *told.paragraphs):
        yield ""
        yield from _wrapped(paragraph, columns)
    yield from _section("Examples", _examples(told, columns))
    yield from _section("Arguments", aligned([(each.words, each.told) for each in told.arguments], columns))
    for heading, options in told.panels:
        yield from _section(heading, aligned([(each.words, each.told) for each in options], columns))
    within = [(each.path[-1], each.summary) for each in told.commands]
    yield from _section("Commands", aligned(within, columns))
    if told.status:
        yield ""
        yield from _wrapped(f"Exit status: {told.status}", columns)
    if within:
        yield ""
        first, *rest = told.path
        yield from _wrapped(f"{' '.join([first, 'help', *rest])} COMMAND tells more of one.", columns)


def _section(heading: str, lines: Iterator[str]) -> Iterator[str]:
    first = next(lines, None)
    if first is not None:
        yield ""
        yield f"{heading}:"
        yield first
        yield from lines


def _examples(told: Described, columns: int) -> Iterator[str]:
    """Each with what it is for behind it, or above it where that does not fit for all."""
    longest = max((len(command) for command, _ in told.examples), default=0)
    beside = all(longest + len(purpose) + 6 <= columns for _, purpose in told.examples)
    for command, purpose in told.examples:
        if beside:
            yield f"{_INDENT}{command:<{longest}}{_GAP}# {purpose}" if purpose else _INDENT + command
        else:
            yield from _wrapped(purpose, columns, f"{_INDENT}# ", f"{_INDENT}# ") if purpose else ()
            yield _INDENT + command


def aligned(rows: Sequence[tuple[str, str]], width: int, indent: str = _INDENT) -> Iterator[str]:
    """Rows of two: the second column begins where the first ends, but leaves room enough for itself."""
    room = width - len(indent) - len(_GAP) - _NARROW
    fitting = [len(left) for left, _ in rows if len(left) <= room]
    column = max(fitting, default=0)
    for left, right in rows:
        below = " " * (len(indent) + column + len(_GAP))
        if len(left) > column:
            yield indent + left
            yield from _wrapped(right, width, below, below)
        else:
            yield from _wrapped(right, width, f"{indent}{left:<{column}}{_GAP}", below)


def _wrapped(text: str, columns: int, first: str = "", rest: str = "") -> list[str]:
    return textwrap.wrap(
        text, columns, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False, break_long_words=False
    ) or [first.rstrip()]
