"""Text for a terminal, in lines of a width: sentences broken between words, commands so that they can be copied, and
rows as aligned columns, of which the widest flexible ones are cut, then left out, until all fit.
"""

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

INDENT: Final = "    "  # of what stands under a heading of a summary

_LEAST: Final = 5  # cells of a column
_GAP: Final = "  "
_MOST: Final = 120  # characters of a cell
_EIGHTHS: Final = " ▏▎▍▌▋▊▉█"
_ASCII: Final = {
    "·": "|", "…": "~", "█": "#", "▉": "#", "▊": "#", "▋": "#", "▌": "#", "▍": "-", "▎": "-", "▏": "-",
    "░": ".", "▓": "=", "▒": "-", "▚": "+", "▞": "x", "▄": "_", "▀": "^", "▙": "%",
}  # fmt: skip
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


def section(title: str, lines: Iterator[Text]) -> Iterator[Text]:
    """`lines` under their title, after an empty one; nothing where there are none."""
    first = next(lines, None)
    if first is not None:
        yield Text()
        yield Text(title, "bold")
        yield first
        yield from lines


def bar(cells: float) -> str:
    """A bar of so many cells, to an eighth of one, and at least that."""
    full, eighths = divmod(max(round(cells * 8), 1), 8)
    return "█" * full + (_EIGHTHS[eighths] if eighths else "")


def columns(
    heads: Sequence[str],
    rows: Sequence[Sequence[str]],
    styles: Sequence[str],
    *,
    indent: str,
    width: int,
    flexible: Sequence[int],
    right: Sequence[int] = (),
) -> Iterator[Text]:
    """A line of `heads`, then one for each row in its style; `right` columns end aligned.

    `flexible` columns may be cut, and in this order left out where even that is not enough. Cells may hold log text.
    """
    lines: list[Sequence[str]] = [heads]
    lines += [[shown(each, _MOST) for each in row] for row in rows]
    widths = [max(cell_len(line[place]) for line in lines) for place in range(len(heads))]
    dropped: list[int] = []
    while _needed(widths, dropped) + cell_len(indent) > width:
        left = [place for place in flexible if place not in dropped]
        widest = max(left, key=lambda place: widths[place], default=None)
        if widest is None:
            break
        if widths[widest] > _LEAST:
            widths[widest] -= 1
        else:
            dropped.append(left[0])
    for row, style in zip(lines, ["dim", *styles], strict=True):
        cells = _line(row, widths, right)
        kept = [cell for place, cell in enumerate(cells) if place not in dropped]
        yield Text(indent + _GAP.join(kept).rstrip(), style)


def _needed(widths: Sequence[int], dropped: Sequence[int]) -> int:
    kept = [width for place, width in enumerate(widths) if place not in dropped]
    return sum(kept) + len(_GAP) * (len(kept) - 1)


def _line(row: Sequence[str], widths: Sequence[int], right: Sequence[int]) -> Iterator[str]:
    for place, (text, width) in enumerate(zip(row, widths, strict=True)):
        cut = fit(text, width)
        yield " " * (width - cell_len(cut)) + cut if place in right else set_cell_size(cut, width)
