"""Text for a terminal, broken into lines of a width: sentences between words, commands so that they can be copied."""

from __future__ import annotations

import io
import math
import re
import sys
from collections.abc import Iterator, Sequence
from typing import Final

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text

from logtrace.render.untrusted import shown

_ASCII: Final = {"·": "|", "…": "~", "█": "#", "▉": "#", "▊": "#", "▋": "#", "▌": "#", "▍": "-", "▎": "-", "▏": "-"}
_WORD: Final = re.compile(r"""(?:[^\s"']|"[^"]*"?|'[^']*'?)+""")
_BREAKER: Final = Console(file=io.StringIO())  # Text.wrap wants one; it prints nothing


def flow(items: Sequence[Text], separator: str, lead: str, width: int) -> Iterator[Text]:
    """Items side by side, as many on a line as fit; one that is too long for a line is broken between words.

    `lead` stands before the first line, as many blanks before the others.
    """
    line = Text()
    for item in items:
        if line and cell_len(lead) + line.cell_len + len(separator) + item.cell_len > width:
            yield from wrap(line, lead, width)
            line, lead = Text(), " " * cell_len(lead)
        line.append(separator if line else "").append_text(item)
    if line:
        yield from wrap(line, lead, width)


def wrap(text: Text, lead: str, width: int) -> Iterator[Text]:
    """`text` in lines of `width` cells; `lead` before the first, as many blanks before the others."""
    for line in text.wrap(_BREAKER, width - cell_len(lead), overflow="fold"):
        line.rstrip()
        yield Text.assemble(lead, line)
        lead = " " * cell_len(lead)


def shell(command: str, indent: str, width: int, most: float = math.inf, *, elsewhere: str = "") -> Iterator[Text]:
    """A command broken between words with a backslash, so that it can be copied as it stands.

    Of one that would take more than `most` lines only `elsewhere` is told, the command that shows it.
    """
    lines: list[str] = []
    for source in filter(None, map(str.strip, command.splitlines())):
        line = ""
        for word in _WORD.findall(shown(source, sys.maxsize)):
            if line and cell_len(f"{indent}{line} {word} \\") > width:
                lines.append(line + " \\")
                line = "  " + word
            else:
                line = f"{line} {word}" if line else word
        lines.append(line)
    if len(lines) > most:
        yield from wrap(Text(f"a longer change: {elsewhere}", "cyan"), f"{indent}# ", width)
    else:
        yield from (Text.assemble(indent, (line, "cyan")) for line in lines)


def fit(text: str, width: int) -> str:
    """`text`, cut with an ellipsis where it is wider than `width` cells."""
    return text if cell_len(text) <= width else set_cell_size(text, width - 1).rstrip() + "…"


def plain_ascii(text: Text) -> Text:
    """The same with one ASCII character for each other one, so that styles and columns stay where they are."""
    text.plain = "".join(char if char.isascii() else _ASCII.get(char, "?") for char in text.plain)
    return text
