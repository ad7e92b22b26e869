"""The whole window of a case: what was read of it, and a strip of its incidents and how far each node's logs reach."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from msgspec import Struct

from logtrace.render import words
from logtrace.render.chart import CHARACTER, ROW, Scale, Tick, level, short, ticks
from logtrace.render.limits import Some
from logtrace.render.section import KINDS, Page, Section
from logtrace.render.untrusted import Shown, shown
from logtrace.report.case import Case, IncidentKind

LEVEL = 24  # pixels
_LEVELS = 6  # incidents that would meet stand on different levels, as far as these go


class Flag(Struct, frozen=True):
    """An incident on the strip: it links to `anchor`; its name stands inside, behind, or left of its bar."""

    anchor: str
    kind: IncidentKind
    x: float
    width: float
    y: int
    hover: Shown

    @property
    def inside(self) -> bool:
        return self.width > 5 * CHARACTER

    @property
    def left(self) -> bool:
        return self.x + self.width + 5 * CHARACTER > 100


class NodeLine(Struct, frozen=True):
    """How far a node's logs reach (None where there are none), and when it was the DC, as (x, width)."""

    name: Shown
    logs: tuple[float, float] | None
    dc: tuple[tuple[float, float], ...]
    y: int


class Strip(Struct, frozen=True):
    """The whole window of a case; `nodes_some`: how many of the nodes have a line."""

    ticks: tuple[Tick, ...]
    flags: tuple[Flag, ...]
    nodes: tuple[NodeLine, ...]
    nodes_some: Some
    top: int
    height: int


def strip(case: Case, anchors: Sequence[str | None], nodes: int) -> Strip | None:
    """The strip of `case`; `anchors` gives the fragment of each incident (None: it is left out of the page)."""
    start, end = case.window.start, case.window.end
    if start is None or end is None:
        return None
    scale = Scale(start, max(end, start + timedelta(seconds=1)))
    flags: list[Flag] = []
    ends: list[float] = []
    placed = [
        (incident.began or start, anchor, incident) for anchor, incident in zip(anchors, case.incidents, strict=True)
    ]
    for first, anchor, incident in sorted(placed, key=lambda place: place[0]):
        if anchor is not None:
            left, width = scale.stretch(first, incident.t_recovered or incident.t_end or first)
            right = left + width + 6 * CHARACTER
            hover = Shown(
                f"{KINDS[incident.kind]}, {words.label(shown(incident.root_cause, 60))}: {shown(incident.title, 240)}"
            )
            flags.append(Flag(anchor, incident.kind, left, width, LEVEL * level(ends, left, right, _LEVELS), hover))
    top = LEVEL * max(len(ends), 1) + 10
    lines = []
    for index, node in enumerate(case.cluster.nodes[:nodes]):
        logs = scale.stretch(node.first or start, node.last or end) if node.logs else None
        spans = [span for span in case.cluster.dc if span.node == node.name]
        dc = tuple(scale.stretch(span.start or start, span.end or end) for span in spans)
        lines.append(NodeLine(short(node.name), logs, dc, top + ROW * index))
    some = Some(len(lines), len(case.cluster.nodes))
    return Strip(ticks(scale, 7), tuple(flags), tuple(lines), some, top, top + ROW * len(lines) + 26)


class WindowView(Struct, frozen=True):
    """`strip` is None where no time is known."""

    strip: Strip | None
    kinds: dict[IncidentKind, str]


def _view(page: Page) -> WindowView:
    there = {each.kind for each in page.case.incidents} | set(KINDS) - {IncidentKind.POLICY}
    kinds = {kind: word for kind, word in KINDS.items() if kind in there}
    return WindowView(strip(page.case, page.anchors, page.limits.lanes), kinds)


SECTION = Section("window", "Overview", "", "window.html", _view)
