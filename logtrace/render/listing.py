"""The incidents of a case, one after the other: what each is, since when, how long it hurt, and what happened."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from logtrace.render import sentences
from logtrace.render.glance import STYLES
from logtrace.render.terminal import fit, plain_ascii, wrap
from logtrace.render.untrusted import shown
from logtrace.report.case import Case, Incident, IncidentKind

_GAP: Final = "  "
_BESIDE: Final = 44  # cells that what happened needs beside the columns; else it stands below them


def render(case: Case, *, width: int = 80, symbols: bool = True) -> Text:
    """The incidents of `case` in lines of at most `width` cells (at least 40, at most 160); `symbols` as for a summary:
    False makes all of it ASCII.
    """
    text = Text("\n").join(_lines(case, min(max(width, 40), 160)))
    return text if symbols else plain_ascii(text)


def _lines(case: Case, width: int) -> Iterator[Text]:
    yield from wrap(Text(sentences.verdict(case), "bold"), "", width)
    rows = [_cells(case, each) for each in case.incidents]
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    if rows:
        yield Text()
    for incident, cells in zip(case.incidents, rows, strict=True):
        yield from _row(incident, [set_cell_size(cell, room) for cell, room in zip(cells, widths, strict=True)], width)


def _cells(case: Case, incident: Incident) -> tuple[str, ...]:
    start, _ = sentences.when(incident, sentences.today(case))
    planned = incident.kind is IncidentKind.PLANNED
    what = "planned" if planned else sentences.headline(incident)
    return shown(incident.id, 8), start, "" if planned else sentences.outage(incident), what


def _row(incident: Incident, cells: list[str], width: int) -> Iterator[Text]:
    style = STYLES[incident.kind] if incident.trouble else "dim"
    name, start, outage, what = cells
    beside = _GAP.join(cells) + _GAP
    title = Text(shown(incident.title))
    if cell_len(beside) + _BESIDE <= width:
        first, *rest = wrap(title, beside, width)
        first.stylize(style, 0, len(beside))
        yield first
        yield from rest
        return
    indent = " " * (len(name) + len(_GAP))
    yield Text(fit(_GAP.join((name, start, outage, what)).rstrip(), width), style)
    yield from wrap(title, indent, width)
