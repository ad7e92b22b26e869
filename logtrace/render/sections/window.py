"""The whole window of a case: what was read of it, and a strip of its incidents and how far each node's logs reach."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from msgspec import Struct

from logtrace.render import words
from logtrace.render.chart import CHARACTER, Scale, Tick, level, ticks
from logtrace.render.limits import Limits, Some
from logtrace.render.section import KINDS, Page, Section
from logtrace.render.untrusted import Shown, shown
from logtrace.report.case import Case, Incident, IncidentKind
from logtrace.report.overview import Headline, overview

_CAUSES = 5  # named
_INCIDENTS = 6  # named for each
_LEVELS = 10  # incidents that would meet stand on different levels, as far as these go
_WORDED = 12  # incidents that are named by more than their ids
_FOCUS = 0.6  # of the window: where all incidents lie in less, that is what is shown


class Flag(Struct, frozen=True):
    """An incident on the strip: it links to `anchor`, which stands "after", "before" or "inside" its bar (`side`), with
    its `cause` where incidents are few.
    """

    anchor: str
    kind: IncidentKind
    x: float
    width: float
    level: int
    side: str
    cause: str
    hover: Shown


class NodeLine(Struct, frozen=True):
    """How far a node's logs reach (None where there are none), and when it was the DC, as (x, width)."""

    name: Shown
    logs: tuple[float, float] | None
    dc: tuple[tuple[float, float], ...]


class Strip(Struct, frozen=True):
    """The whole window of a case. Shown is what lies between `start` and `end`, shares of it; `nodes_some`: how many of
    the nodes have a line.
    """

    scale: Scale
    start: float
    end: float
    ticks: tuple[Tick, ...]
    flags: tuple[Flag, ...]
    levels: int
    nodes: tuple[NodeLine, ...]
    nodes_some: Some

    @property
    def zoom(self) -> float:
        return round(1 / (self.end - self.start), 4)


def strip(case: Case, anchors: Sequence[str | None], nodes: int) -> Strip | None:
    """The strip of `case`; `anchors` gives the fragment of each incident (None: it is left out of the page)."""
    start, end = case.window.start, case.window.end
    if start is None or end is None:
        return None
    scale = Scale(start, max(end, start + timedelta(seconds=1)))
    placed = sorted(
        (
            (incident.began or start, anchor, incident)
            for anchor, incident in zip(anchors, case.incidents, strict=True)
            if anchor is not None
        ),
        key=lambda place: place[0],
    )
    stretches = [scale.stretch(first, each.t_recovered or each.t_end or first) for first, _, each in placed]
    left, right = _focus(stretches)
    flags: list[Flag] = []
    ends: list[float] = []
    for (x, width), (_, anchor, incident) in zip(stretches, placed, strict=True):
        cause = words.label(shown(incident.root_cause, 60)) if len(placed) <= _WORDED else ""
        need = (len(anchor) + len(cause) + 3) * CHARACTER * (right - left)
        side = _side(x, width, need, left, right)
        first, last = {"after": (x, x + width + need), "before": (x - need, x + width)}.get(side, (x, x + width))
        on = level(ends, first, last, _LEVELS)
        hover = Shown(
            f"{anchor}, {KINDS[incident.kind]}, {words.label(shown(incident.root_cause, 60))}: "
            f"{shown(incident.title, 240)}"
        )
        flags.append(Flag(anchor, incident.kind, x, width, on, side, cause, hover))
    lines = []
    for node in case.cluster.nodes[:nodes]:
        logs = scale.stretch(node.first or start, node.last or end) if node.logs else None
        spans = [span for span in case.cluster.dc if span.node == node.name]
        dc = tuple(scale.stretch(span.start or start, span.end or end) for span in spans)
        lines.append(NodeLine(shown(node.name, 80), logs, dc))
    length = scale.end - scale.start
    seen = Scale(scale.start + length * left, scale.start + length * right)
    some = Some(len(lines), len(case.cluster.nodes))
    return Strip(scale, left, right, ticks(seen, 7, scale), tuple(flags), len(ends), tuple(lines), some)


def _side(x: float, width: float, need: float, left: float, right: float) -> str:
    """Where a name stands that needs so much of what is seen between `left` and `right`."""
    if x + width + need <= right:
        return "after"
    return "before" if x - need >= left else "inside"


def _focus(stretches: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Where the incidents lie, with a margin; all of the window where that is most of it."""
    if not stretches:
        return 0.0, 1.0
    first, last = min(x for x, _ in stretches), max(x + width for x, width in stretches)
    margin = max((last - first) * 0.08, 0.0005)
    left, right = round(max(first - margin, 0.0), 5), round(min(last + margin, 1.0), 5)
    return (left, right) if right - left <= _FOCUS else (0.0, 1.0)


class Named(Struct, frozen=True):
    """A headline cause, its incidents as (id, fragment or None), `more` of them, and the outage in words or ""."""

    label: str
    incidents: tuple[tuple[Shown, str | None], ...]
    more: int
    cost: str


class WindowView(Struct, frozen=True):
    """`strip` is None where no time is known; `causes`: the costliest, `more` of them. `facets`: what each
    incident is filtered by.
    """

    strip: Strip | None
    kinds: dict[IncidentKind, str]
    causes: tuple[Named, ...]
    more: int
    facets: list[dict[str, Any]]


def _view(page: Page) -> WindowView:
    there = {each.kind for each in page.case.incidents}
    kinds = {kind: word for kind, word in KINDS.items() if kind in there}
    fragments = {each.id: anchor for each, anchor in zip(page.case.incidents, page.anchors, strict=True)}
    causes = overview(page.case).headlines
    return WindowView(
        strip(page.case, page.anchors, page.limits.lanes),
        kinds,
        tuple(_named(cause, fragments) for cause in causes[:_CAUSES]),
        len(causes[_CAUSES:]),
        [_facets(page.anchor(index), page.case.incidents[index], page.limits) for index in page.order],
    )


def _facets(anchor: str, incident: Incident, limits: Limits) -> dict[str, Any]:
    """What the script filters an incident by."""

    def some(names: Sequence[str]) -> list[str]:
        return [shown(name, 80) for name in names[: limits.names]]

    causes = [shown(each, 60) for each in (incident.root_cause, *incident.contributing)]
    return {"anchor": anchor, "nodes": some(incident.nodes), "resources": some(incident.resources), "causes": causes}


def _named(cause: Headline, fragments: Mapping[str, str | None]) -> Named:
    longest = words.spread(*max(cause.outages)) if cause.outages else ""
    return Named(
        cause.label,
        tuple((shown(each.id, 20), fragments[each.id]) for each in cause.incidents[:_INCIDENTS]),
        len(cause.incidents[_INCIDENTS:]),
        f"up to {longest}" if len(cause.outages) > 1 else longest,
    )


SECTION = Section("window", "Overview", "verdict", "window.html", _view)
