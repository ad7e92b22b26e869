"""The verdict: of the worst that went wrong what happened, how long it hurt, where the time went, what to change."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from logtrace.render import glance, sentences, words
from logtrace.render.incident import Fact, Piece, outage, pieces
from logtrace.render.section import KINDS, Page, Section
from logtrace.render.untrusted import Shown, shown
from logtrace.report.case import Incident
from logtrace.report.overview import trouble

_FIXES: Final = 2


class Fix(Struct, frozen=True):
    """A change, what it is called, and what it saves, or ""."""

    lead: str
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
    told = trouble(case.incidents)
    there = [(anchor, case.incidents[place]) for place in told if (anchor := page.anchors[place]) is not None]
    cards, rest = there[: glance.CARDS], there[glance.CARDS :][: glance.NAMED]
    return Verdict(
        sentence=shown(sentences.verdict(case), most),
        cards=tuple(_card(anchor, each, page) for anchor, each in cards),
        named=tuple((anchor, each.id, each.root_cause) for anchor, each in rest),
        more=len(told) - len(cards),
        read="" if told else sentences.read(case.coverage),
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
            Fix(sentences.advised(each), shown(each.sentence, page.limits.sentence), words.saves(each.saves))
            for each in incident.advice[:_FIXES]
        ),
    )


SECTION = Section("verdict", "Verdict", "", "verdict.html", _values, framed=False, leads=True)
