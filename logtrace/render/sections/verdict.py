"""The second half of the verdict: the headline causes, costliest first, each with its incidents."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from logtrace.render import words
from logtrace.render.untrusted import Shown, shown
from logtrace.report.case import Case, Incident, IncidentKind

_MOST = 5  # causes named
_MOST_EACH = 6  # incidents named for a cause


class Headline(Struct, frozen=True):
    """A headline cause, its incidents as (id, fragment or None), `more` of them, and the outage in words or ""."""

    label: str
    incidents: tuple[tuple[Shown, str | None], ...]
    more: int
    cost: str


def headlines(case: Case, anchors: Sequence[str | None]) -> tuple[Headline, ...]:
    """The headline causes of everything that was not asked for, the one with the longest outage first."""
    causes: dict[str, list[tuple[Incident, str | None]]] = {}
    for incident, anchor in zip(case.incidents, anchors, strict=True):
        if incident.kind is not IncidentKind.PLANNED:
            causes.setdefault(incident.root_cause, []).append((incident, anchor))
    costly = sorted(causes.items(), key=lambda item: -max(incident.outage or 0.0 for incident, _ in item[1]))
    return tuple(_headline(label, group) for label, group in costly[:_MOST])


def _headline(label: str, group: Sequence[tuple[Incident, str | None]]) -> Headline:
    outages = [incident.outage for incident, _ in group if incident.outage]
    cost = words.duration(max(outages)) if outages else ""
    return Headline(
        label,
        tuple((shown(incident.id, 20), anchor) for incident, anchor in group[:_MOST_EACH]),
        len(group[_MOST_EACH:]),
        f"up to {cost}" if len(outages) > 1 else cost,
    )
