"""The incidents for which there is no room for a section: a row for each."""

from __future__ import annotations

from msgspec import Struct

from logtrace.render import words
from logtrace.render.incident import Fact, outage
from logtrace.render.limits import Some
from logtrace.render.section import KINDS, Page, Section
from logtrace.report.case import Incident


class Row(Struct, frozen=True):
    """The least the page says of an incident."""

    anchor: str
    incident: Incident
    kind: str
    when: str
    outage: Fact | None


class More(Struct, frozen=True):
    """`above`: incidents that have a section; `some`: how many of the others have a row."""

    rows: tuple[Row, ...]
    some: Some
    above: int


def _values(page: Page) -> More | None:
    rows = tuple(
        Row(
            anchor,
            incident,
            KINDS[incident.kind],
            words.span(incident.began, incident.t_recovered or incident.t_end, page.utc),
            outage(incident),
        )
        for anchor, incident in page.brief()
    )
    above = min(len(page.order), page.limits.incidents)
    return More(rows, Some(len(rows), len(page.case.incidents) - above), above) if rows else None


def _entry(values: More) -> str:
    return words.count(len(values.rows), "more incident")


SECTION = Section("more", "More incidents", "actions", "more.html", _values, entry=_entry)
