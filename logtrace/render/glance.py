"""The worst of a case at a glance, for a terminal: what the verdict's cards on the page say, in the same words.

Each incident has when and how long, what happened in one sentence, where the time went as one bar, and the best fix.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import cycle
from typing import Final

from rich.text import Text

from logtrace.render import sentences, words
from logtrace.render.incident import Piece, pieces
from logtrace.render.terminal import INDENT, flow, wrap
from logtrace.render.untrusted import shown
from logtrace.report.case import Case, Incident, IncidentKind
from logtrace.report.overview import trouble

CARDS: Final = 3
NAMED: Final = 8  # after these

STYLES: Final = {
    IncidentKind.FAULT: "bold red",
    IncidentKind.SPURIOUS: "bold yellow",
    IncidentKind.POLICY: "bold",
    IncidentKind.PLANNED: "bold",
}

#: What tells the pieces of a bar apart, also without colour: one for each kind of phase there can be on it.
_UNNOTICED: Final = ("░", "yellow")
_MARKS: Final = (
    ("█", "cyan"), ("▓", "blue"), ("▒", "magenta"), ("▚", "green"), ("▞", "red"), ("▄", "cyan"), ("▀", "blue"),
    ("▙", "magenta"),
)  # fmt: skip


def carded(case: Case) -> list[Incident]:
    """The incidents that have a card, the worst first."""
    return [case.incidents[place] for place in trouble(case.incidents)[:CARDS]]


def cards(case: Case, width: int) -> Iterator[Text]:
    """The cards, each behind an empty line, and how many more faults there are."""
    today = sentences.today(case)
    for incident in carded(case):
        yield Text()
        yield from _card(incident, today, width)
    rest = [case.incidents[place] for place in trouble(case.incidents)[CARDS:]]
    if rest:
        named = ", ".join(f"{shown(each.id, 8)} {sentences.headline(each)}" for each in rest[:NAMED])
        yield Text()
        yield from wrap(Text(f"and {len(rest):,} more: {named}{', …' if len(rest) > NAMED else ''}"), "", width)


def _card(incident: Incident, today: date | None, width: int) -> Iterator[Text]:
    yield from head(incident, [Text(sentences.outage(incident), "bold")], today, width)
    yield from wrap(Text(shown(incident.title)), INDENT, width)
    yield from _bar(pieces(incident), width)
    for advice in incident.advice[:1]:
        saved = words.saves(advice.saves)
        fix = Text.assemble(
            (sentences.advised(advice), "bold"),
            ": ",
            shown(advice.sentence.rstrip(".")),
            (f" (saves {saved})" if saved else "", "green"),
        )
        yield from wrap(fix.append("."), INDENT, width)


def head(incident: Incident, more: Sequence[Text], today: date | None, width: int) -> Iterator[Text]:
    """An incident's id and cause, what more there is to say of it, and at the right when it was."""
    name = f"{shown(incident.id, 8)} ".ljust(len(INDENT))
    left = [Text(sentences.headline(incident), STYLES[incident.kind]), *more]
    right = Text(" -> ".join(sentences.when(incident, today)))
    line = Text(name).append_text(Text("  ").join(left))
    gap = width - line.cell_len - right.cell_len
    if gap >= 2:
        yield Text.assemble(line, " " * gap, right)
    else:
        yield from flow([*left, right], "  ", name, width)


def _bar(parts: Sequence[Piece], width: int) -> Iterator[Text]:
    """One bar as wide as there is room, and below it what its pieces are, in their order."""
    if not parts:
        return
    marks = cycle(_MARKS)
    marked = [(each, *(_UNNOTICED if each.name == "unnoticed" else next(marks))) for each in parts]
    cells = _cells([each.share for each in parts], width - len(INDENT))
    yield Text.assemble(
        INDENT, *((mark * number, style) for (_, mark, style), number in zip(marked, cells, strict=True))
    )
    legend = [Text.assemble((mark, style), f" {each.label}") for each, mark, style in marked]
    yield from flow(legend, "  ", INDENT, width)


def _cells(shares: Sequence[float], whole: int) -> list[int]:
    """Cells for pieces of these shares, together about `whole`, at least one for each."""
    total = sum(shares) or 1.0
    cells = [max(1, int(share / total * whole)) for share in shares]
    largest = max(range(len(shares)), key=lambda place: shares[place])
    cells[largest] = max(1, cells[largest] + whole - sum(cells))
    return cells
