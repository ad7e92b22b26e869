"""The verdict: of the worst that went wrong what happened, how long it hurt, where the time went, what to change."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from logtrace.render import glance, sentences, words
from logtrace.render.incident import Fact, Piece, outage, pieces
from logtrace.render.section import KINDS, Page, Section
from logtrace.render.untrusted import Shown, shown
from logtrace.report.case import Incident, IncidentKind

_MORE: Final = 8  # named after these
_FIXES: Final = 2


class Fix(Struct, frozen=True):
    """A change and what it saves, or ""."""

    sentence: Shown
    saves: str


class Card(Struct, frozen=True):
    """An incident at a glance."""

    anchor: str
    incident: Incident
    kind: str
    where: Shown
    when: str
    outage: Fact
    pieces: tuple[Piece, ...]
    fixes: tuple[Fix, ...]


class Verdict(Struct, frozen=True):
    """`named`: (fragment, id, root cause) of the incidents that have no card, `more` of these; `read`: how much was
    read, where nothing went wrong.
    """

    sentence: Shown
    cards: tuple[Card, ...]
    named: tuple[tuple[str, str, str], ...]
    more: int
    read: str


def _values(page: Page) -> Verdict:
    case, most = page.case, page.limits.sentence
    trouble = list(page.told(IncidentKind.FAULT, IncidentKind.SPURIOUS))
    number = sum(each.trouble for each in case.incidents)
    named = tuple((anchor, each.id, each.root_cause) for anchor, each in trouble[glance.CARDS :][:_MORE])
    return Verdict(
        sentence=shown(sentences.verdict(case), most),
        cards=tuple(_card(anchor, each, page) for anchor, each in trouble[: glance.CARDS]),
        named=named,
        more=number - min(len(trouble), glance.CARDS),
        read="" if number else sentences.read(case.coverage),
    )


def _card(anchor: str, incident: Incident, page: Page) -> Card:
    return Card(
        anchor=anchor,
        incident=incident,
        kind=KINDS[incident.kind],
        where=words.names(incident.nodes, 2),
        when=sentences.when(incident, sentences.today(page.case))[0],
        outage=outage(incident) or Fact("outage", "unknown", "how long service was lost"),
        pieces=pieces(incident),
        fixes=tuple(
            Fix(shown(each.sentence, page.limits.sentence), words.saves(each.saves))
            for each in incident.advice[:_FIXES]
        ),
    )


SECTION = Section("verdict", "Verdict", "", "verdict.html", _values, framed=False, leads=True)
