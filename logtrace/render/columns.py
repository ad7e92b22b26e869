"""Rows as aligned columns in lines of a width: the widest flexible columns are cut until all fit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from logtrace.render.flow import fit
from logtrace.render.untrusted import shown

_LEAST: Final = 5  # cells of a column
_GAP: Final = "  "
_MOST: Final = 120  # characters of a cell


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
    """A line of `heads`, then one for each row in its style; `flexible` columns may be cut, `right` ones end aligned.

    Cells may hold text from logs.
    """
    lines: list[Sequence[str]] = [heads]
    lines += [[shown(each, _MOST) for each in row] for row in rows]
    widths = [max(cell_len(line[place]) for line in lines) for place in range(len(heads))]
    room = width - cell_len(indent) - len(_GAP) * (len(heads) - 1)
    while sum(widths) > room:
        widest = max(flexible, key=lambda place: widths[place])
        if widths[widest] <= _LEAST:
            break
        widths[widest] -= 1
    for row, style in zip(lines, ["dim", *styles], strict=True):
        yield Text(indent + _GAP.join(_line(row, widths, right)).rstrip(), style)


def _line(row: Sequence[str], widths: Sequence[int], right: Sequence[int]) -> Iterator[str]:
    for place, (text, width) in enumerate(zip(row, widths, strict=True)):
        cut = fit(text, width)
        yield " " * (width - cell_len(cut)) + cut if place in right else set_cell_size(cut, width)
