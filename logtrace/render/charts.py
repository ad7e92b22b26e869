"""The timeline of an incident as plain values: where everything stands, computed once.

Horizontal positions are percent of the whole width, vertical ones pixels, so that the picture (reports/timeline.svg)
stretches without scaling its text. The interactive figure (logtrace.render.figure) draws the same values.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from logtrace.render import sentences, words
from logtrace.render.scale import CHARACTER, ROW, Scale, Tick, level, short, ticks
from logtrace.render.untrusted import Shown, shown
from logtrace.report.case import Evidence, Incident, IncidentRun

_STYLES = {
    "start": "start", "migrate_from": "start", "reload": "start", "reload-agent": "start",
    "stop": "stop", "migrate_to": "stop",
    "promote": "promote", "demote": "demote",
    "monitor": "monitor", "probe": "monitor", "status": "monitor",
    "reboot": "fencing", "off": "fencing", "on": "fencing", "fence": "fencing", "stonith": "fencing",
}  # fmt: skip


class Row(Struct, frozen=True):
    """A line of the chart: the head of a node, or one resource on it."""

    name: Shown
    full: Shown
    y: int
    head: bool


class Bar(Struct, frozen=True):
    """One operation. `label` is empty where there is no room for it; `after` puts it behind the bar."""

    row: int
    x: float
    width: float
    style: str
    failed: bool
    critical: bool
    label: Shown
    after: bool
    hover: Shown
    start: datetime
    end: datetime


class Band(Struct, frozen=True):
    """A phase behind the operations."""

    name: str
    x: float
    width: float
    label: str
    hover: Shown
    start: datetime
    end: datetime

    @property
    def middle(self) -> float:
        return round(self.x + self.width / 2, 3)


class Mark(Struct, frozen=True):
    """A moment that matters, as a vertical line.

    `level` is the line of text its label stands on; `left`: left of the line, to stay inside the picture.
    """

    name: str
    label: str
    x: float
    level: int
    left: bool
    moment: datetime
    hover: Shown


class Dot(Struct, frozen=True):
    x: float
    moment: datetime
    hover: Shown


class Timeline(Struct, frozen=True):
    """The picture of one incident. `outside` operations lie before or after it; `undrawn` ones found no room."""

    scale: Scale
    ticks: tuple[Tick, ...]
    rows: tuple[Row, ...]
    bars: tuple[Bar, ...]
    bands: tuple[Band, ...]
    marks: tuple[Mark, ...]
    dots: tuple[Dot, ...]
    levels: int
    outside: int
    undrawn: int

    @property
    def day(self) -> str:
        """The date at the left end."""
        return words.day(self.scale.start)

    @property
    def top(self) -> int:
        """Pixels above the first row: the labels of the marks, then those of the phases."""
        return 14 * self.levels + 26

    @property
    def bottom(self) -> int:
        return self.top + ROW * len(self.rows)

    @property
    def height(self) -> int:
        return self.bottom + 26


def failed(operation: IncidentRun) -> bool:
    """Whether the executor saw it fail: any result but ok, running promoted, degraded, or a probe's "not running"."""
    good = {None, 0, 8, 190, 191} | ({7} if operation.interval == 0 and operation.operation != "start" else set())
    said = (operation.status or "")[:30].lower().replace("_", " ")
    return operation.rc not in good or said in {"timed out", "timeout", "error", "not installed", "no fencing device"}


def result(operation: IncidentRun) -> Shown:
    """How it ended, as the executor saw it: "rc 1, Timed Out: reason"."""
    parts = [f"rc {operation.rc}"] if operation.rc is not None else []
    parts += [shown(operation.status, 60)] if operation.status else []
    text = ", ".join(parts) or ("no end seen" if operation.end is None else "unknown")
    return Shown(f"{text}: {shown(operation.reason, 200)}" if operation.reason else text)


def most_telling(operations: Sequence[IncidentRun], most: int) -> list[IncidentRun]:
    """At most that many operations, critical and failed ones first, in the order they began."""
    chosen = sorted(operations, key=lambda op: (not op.critical, not failed(op), op.start))[:most]
    return sorted(chosen, key=lambda op: op.start)


def timeline(incident: Incident, cited: Sequence[Evidence], most_rows: int, most_bars: int) -> Timeline | None:
    """Lay out `incident` with the lines `cited`; None where nothing has a time."""
    scale = _scale(incident)
    if scale is None:
        return None
    whole = [op for op in incident.operations if scale.holds(op.start, op.end or scale.end)]
    inside = most_telling(whole, most_bars)
    lanes = list(dict.fromkeys((op.node, op.resource) for op in inside))
    telling = {(op.node, op.resource) for op in inside if op.critical or failed(op)}
    kept = set(sorted(lanes, key=lambda lane: lane not in telling)[:most_rows])
    marks = _marks(incident, scale, cited)
    levels = max((mark.level for mark in marks), default=-1) + 1
    places: dict[tuple[str, str], int] = {}
    listed: list[tuple[str, bool]] = []
    for node in dict.fromkeys(node for node, _ in lanes if any(lane[0] == node for lane in kept)):
        listed.append((node, True))
        for lane in lanes:
            if lane[0] == node and lane in kept:
                places[lane] = len(listed)
                listed.append((lane[1], False))
    bars = tuple(_bars(inside, places, scale, cited))
    return Timeline(
        scale=scale,
        ticks=ticks(scale, 7),
        rows=tuple(
            Row(short(name), shown(name, 200), 14 * levels + 26 + ROW * index, head)
            for index, (name, head) in enumerate(listed)
        ),
        bars=bars,
        bands=tuple(_bands(incident, scale, most_bars)),
        marks=marks,
        dots=tuple(
            Dot(scale.x(line.time), line.time, Shown(_quoted(line)))
            for line in cited
            if scale.holds(line.time, line.time)
        ),
        levels=levels,
        outside=len(incident.operations) - len(whole),
        undrawn=len(whole) - len(bars),
    )


def _scale(incident: Incident) -> Scale | None:
    """From the fault to the recovery, with a margin; where either is unknown, as far as operations and phases go.

    The last moment a service was known to be well is in the picture where it does not take up a third of it.
    """
    times = [op.start for op in incident.operations] + [op.end for op in incident.operations if op.end]
    times += [moment for phase in incident.phases for moment in (phase.start, phase.end)]
    known = [incident.t_fault, incident.t_detected, incident.t_decided, incident.t_acted, incident.t_recovered]
    times += [moment for moment in known if moment]
    if not times:
        return None
    start = incident.t_fault or incident.t_detected or min(times)
    well = None if incident.t_fault else incident.t_fault_earliest
    if incident.recovered and incident.t_recovered:
        end = max([incident.t_recovered, *(op.end for op in incident.operations if op.critical and op.end)])
    else:
        end = max(times)
    if well and (start - well) * 2 <= end - start:
        start = min(start, well)
    length = max(end - start, timedelta(milliseconds=200))
    return Scale(start - length * 0.03, start + length * 1.05)


def _bars(
    operations: Sequence[IncidentRun], places: dict[tuple[str, str], int], scale: Scale, cited: Sequence[Evidence]
) -> Iterable[Bar]:
    """The bars, row by row; the notable ones have a label where there is room for it before the next of these."""
    lanes: dict[int, list[IncidentRun]] = {}
    for op in operations:
        row = places.get((op.node, op.resource))
        if row is not None:
            lanes.setdefault(row, []).append(op)
    for row, lane in sorted(lanes.items()):
        following = 100.0
        bars = []
        for op in reversed(lane):
            end = op.end or scale.end
            left, width = scale.stretch(op.start, end)
            style, bad = _STYLES.get(op.operation, "other"), failed(op)
            label, inside = "", False
            if op.critical or bad or style != "monitor":
                length = f" {words.duration(op.seconds)}" if op.seconds is not None else ""
                text = shown(op.operation, 20) + length
                need = (len(text) + (4 if bad else 2)) * CHARACTER
                inside = need <= width
                label = text if inside or need <= following - left - width else ""
                following = left
            hover = Shown(_hover(op) + _said(cited, op.end, op.resource))
            bars.append(Bar(row, left, width, style, bad, op.critical, shown(label), not inside, hover, op.start, end))
        yield from reversed(bars)


def _hover(op: IncidentRun) -> str:
    interval = f" every {words.duration(op.interval / 1000)}" if op.interval else ""
    start, end = (words.clock(moment, precise=op.precise) for moment in (op.start, op.end))
    lines = [
        f"{shown(op.resource, 120)} {shown(op.operation, 40)}{interval} on {shown(op.node, 80)}",
        f"{start} to {end} UTC, {words.duration(op.seconds)}",
        result(op),
    ]
    if op.queued:
        lines.append(f"waited {words.duration(op.queued)} in the executor")
    if op.transition is not None:
        lines.append(f"transition {op.transition}")
    if op.critical:
        lines.append("on the critical path")
    return "\n".join(lines)


def _said(cited: Sequence[Evidence], moment: datetime | None, about: str = "") -> str:
    """The first of the cited lines written at `moment` that names `about`, on lines of its own."""
    line = next((each for each in cited if each.time == moment and about in each.text), None)
    return "" if line is None else f"\n{_quoted(line)}"


def _quoted(line: Evidence) -> str:
    return f"{shown(line.file, 120)}:{line.line}\n{shown(line.text, 240)}"


def _bands(incident: Incident, scale: Scale, most: int) -> Iterable[Band]:
    longest = sorted(incident.phases, key=lambda phase: -phase.seconds)[:most]
    for phase in sorted(longest, key=lambda phase: phase.start):
        if scale.holds(phase.start, phase.end):
            left, width = scale.stretch(phase.start, phase.end)
            label = phase.name.value if width > len(phase.name) * CHARACTER else ""
            hover = Shown(f"{phase.name}, {words.duration(phase.seconds)}: {shown(phase.what, 300)}")
            yield Band(phase.name.value, left, width, label, hover, phase.start, phase.end)


def _marks(incident: Incident, scale: Scale, cited: Sequence[Evidence]) -> tuple[Mark, ...]:
    """The moments of the incident; labels that would meet go to different lines."""
    origin = incident.t_fault or incident.t_detected
    moments = (
        ("well", "last known well", None if incident.t_fault else incident.t_fault_earliest),
        ("fault", "fault", incident.t_fault),
        ("detected", "detected", incident.t_detected),
        ("decided", "decided", incident.t_decided),
        ("acted", "first action", incident.t_acted),
        ("up", "up", incident.t_recovered),
    )
    exactly = sentences.exactly(incident)
    out: list[Mark] = []
    ends: list[float] = []
    for name, word, moment in moments:
        if moment is None or not scale.holds(moment, moment):
            continue
        since = f" +{words.duration((moment - origin).total_seconds())}" if origin and moment > origin else ""
        x, label = scale.x(moment), word + since
        width = (len(label) + 2) * CHARACTER
        over = x + width > 100
        left, right = (x - width, x) if over else (x, x + width)
        hover = Shown(
            f"{word}: {words.clock(moment, precise=exactly(moment))} UTC{since and ',' + since}{_said(cited, moment)}"
        )
        out.append(Mark(name, label, x, level(ends, left, right), over, moment, hover))
    return tuple(out)


def begin(incident: Incident) -> datetime | None:
    """The first moment of an incident that is known."""
    return incident.t_fault or incident.t_detected or incident.t_decided or incident.t_acted
