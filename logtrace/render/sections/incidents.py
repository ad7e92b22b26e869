"""What nobody asked for, the worst first: faults, unnecessary recoveries, moves by the cluster's own rules."""

from __future__ import annotations

from logtrace.render import markdown, summary
from logtrace.render.incident import IncidentView, view
from logtrace.render.section import Page, Section
from logtrace.report.case import IncidentKind


def _views(page: Page) -> tuple[IncidentView, ...] | None:
    told = page.told(IncidentKind.FAULT, IncidentKind.SPURIOUS, IncidentKind.POLICY)
    return tuple(view(incident, anchor, page) for anchor, incident in told) or None


SECTION = Section(
    anchor="incidents",
    title="Incidents",
    after="window",
    template="incidents.html",
    values=_views,
    framed=False,
    contents="incident_links.html",
    markdown=markdown.incidents,
    summary=summary.incidents,
)
