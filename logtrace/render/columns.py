"""Rows as aligned columns in lines of a width: the widest flexible columns are cut, then left out, until all fit."""

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
