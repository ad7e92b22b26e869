"""The pictures as plain values: where everything stands, computed once.

Horizontal places are shares of a chart's width, from 0 to 1. The page places by them in CSS (reports/page.css), which
its script zooms by two variables; so the picture that is printed and the one that is zoomed are the same elements.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from msgspec import Struct

from logtrace.assessment.phases import PhaseName
from logtrace.render import words
from logtrace.render.untrusted import Shown, shown
from logtrace.report.case import Evidence, Incident, IncidentRun

# --- where a moment stands, and what fits beside what --------------------------------------------------

CHARACTER = 0.0095  # of the width: what one character of a label takes on a screen of 1280 pixels
NARROW = 0.02  # the same on a telephone
_EDGE = 0.02  # of the width: closer to the right end than this the text of a tick would leave the page
_STEPS = (
    *(timedelta(milliseconds=n) for n in (1, 2, 5, 10, 20, 50, 100, 200, 500)),
    *(timedelta(seconds=n) for n in (1, 2, 5, 10, 15, 30)),
    *(timedelta(minutes=n) for n in (1, 2, 5, 10, 15, 30)),
    *(timedelta(hours=n) for n in (1, 2, 3, 6, 12)),
    *(timedelta(days=n) for n in (1, 2, 7, 14, 28, 91, 364)),
)


class Scale(Struct, frozen=True):
    """Places moments between `start` and `end` (UTC) on the width of a chart."""

    start: datetime
    end: datetime

    @property
    def seconds(self) -> float:
        return (self.end - self.start).total_seconds()

    @property
    def epoch(self) -> int:
        """Milliseconds of the start since 1970."""
        return round(self.start.timestamp() * 1000)

    def x(self, moment: datetime) -> float:
        return round(min(max((moment - self.start) / (self.end - self.start), 0.0), 1.0), 5)

    def holds(self, start: datetime, end: datetime) -> bool:
        return start <= self.end and end >= self.start

    def stretch(self, start: datetime, end: datetime) -> tuple[float, float]:
        """Where a stretch of time begins, and how wide it is."""
        left = self.x(start)
        return left, round(max(self.x(end) - left, 0.0), 5)


class Tick(Struct, frozen=True):
    x: float
    text: str


def ticks(scale: Scale, wanted: int, whole: Scale | None = None) -> tuple[Tick, ...]:
    """About `wanted` round moments of `scale`, dates where the steps are days; placed on `whole`, of which that is a
    part.
    """
    length = scale.end - scale.start
    step = next((step for step in _STEPS if length / step <= wanted), length / wanted)
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    moment = epoch + step * -(-(scale.start - epoch) // step)
    out = []
    while moment <= scale.end:
        if step >= timedelta(days=1):
            text = words.day(moment)
        elif step >= timedelta(minutes=1):
            text = f"{moment:%H:%M}"
        else:
            text = words.clock(moment) if step < timedelta(seconds=1) else f"{moment:%H:%M:%S}"
        room = (moment - scale.start) / length <= 1 - _EDGE
        out.append(Tick((whole or scale).x(moment), text if room else ""))
        moment += step
    return tuple(out)


def level(ends: list[float], left: float, right: float, most: int = 8) -> int:
    """The first level on which something from `left` to `right` meets nothing; `ends` holds how far each is taken."""
    free = next((n for n, end in enumerate(ends) if end <= left), min(len(ends), most - 1))
    ends[free:] = [right, *ends[free + 1 :]]
    return free


# --- the timeline of an incident ------------------------------------------------------------------------

_STYLES = {
    "start": "start", "migrate_from": "start", "reload": "start", "reload-agent": "start",
    "stop": "stop", "migrate_to": "stop",
    "promote": "promote", "demote": "demote",
    "monitor": "monitor", "probe": "monitor", "status": "monitor",
    "reboot": "fencing", "off": "fencing", "on": "fencing", "fence": "fencing", "stonith": "fencing",
}  # fmt: skip


#: Phases in which nothing runs.
_GAPS = frozenset((PhaseName.DETECTION, PhaseName.DECISION, PhaseName.WAIT))
#: Operations that bring a resource up: a row stands where its first one begins.
_UP = frozenset(("start", "promote"))


class Bar(Struct, frozen=True):
    """One operation. `label` stands in it where it is `inside`, and has room there; `beside`: its place behind the bar,
    where there is room.

    `anchor`: the fragment of the line that tells its result, else of its row in the table, None where neither is shown.
    """

    x: float
    width: float
    style: str
    failed: bool
    critical: bool
    label: Shown
    inside: bool
    beside: float | None
    hover: Shown
    anchor: str | None


class Row(Struct, frozen=True):
    """A line of the chart: one resource on one node."""

    name: Shown
    node: Shown
    bars: tuple[Bar, ...]


class Band(Struct, frozen=True):
    """A phase: a piece of the critical path, and a band behind the operations. `why`: what was waited for in a gap, in
    which nothing ran; it stands behind the label where there is room.
    """

    name: str
    x: float
    width: float
    label: str
    hover: Shown
    why: Shown | None = None


class Mark(Struct, frozen=True):
    """A moment that matters, as a vertical line.

    `level` is the line of text its label stands on; `left`: left of the line, to stay inside the picture.
    """

    name: str
    label: str
    x: float
    level: int
    left: bool
    hover: Shown


class Dot(Struct, frozen=True):
    x: float
    hover: Shown
    anchor: str


class Timeline(Struct, frozen=True):
    """The picture of one incident. `outside` operations lie before or after it; `undrawn` ones found no room. `styles`:
    what its legend explains.
    """

    scale: Scale
    ticks: tuple[Tick, ...]
    rows: tuple[Row, ...]
    bands: tuple[Band, ...]
    marks: tuple[Mark, ...]
    dots: tuple[Dot, ...]
    levels: int
    nodes: int
    styles: tuple[str, ...]
    outside: int
    undrawn: int

    @property
    def day(self) -> str:
        """The date at the left end."""
        return words.day(self.scale.start)

    @property
    def drawn(self) -> int:
        """How many operations are in it."""
        return sum(len(row.bars) for row in self.rows)


def result(operation: IncidentRun) -> Shown:
    """How it ended, as the executor saw it: "rc 1, Timed Out: reason"."""
    parts = [f"rc {operation.rc}"] if operation.rc is not None else []
    parts += [shown(operation.status, 60)] if operation.status else []
    text = ", ".join(parts) or ("no end seen" if operation.end is None else "unknown")
    return Shown(f"{text}: {shown(operation.reason, 200)}" if operation.reason else text)


def most_telling(operations: Sequence[IncidentRun], most: int) -> list[IncidentRun]:
    """At most that many operations, critical and failed ones first, in the order they began."""
    chosen = sorted(operations, key=lambda op: (not op.critical, not op.failed, op.start))[:most]
    return sorted(chosen, key=lambda op: op.start)


class Anchors(Struct, frozen=True):
    """Fragments: of cited lines by their ids, of operations by their places in the incident."""

    lines: Mapping[str, str]
    operations: Mapping[IncidentRun, str]


def timeline(
    incident: Incident, cited: Sequence[Evidence], anchors: Anchors, most_rows: int, most_bars: int
) -> Timeline | None:
    """Lay out `incident` with the lines `cited`; None where nothing has a time."""
    scale = _scale(incident)
    if scale is None:
        return None
    whole = [op for op in incident.operations if scale.holds(op.start, op.end or scale.end)]
    inside = most_telling(whole, most_bars)
    lanes: dict[tuple[str, str], list[IncidentRun]] = {}
    for op in inside:
        lanes.setdefault((op.node, op.resource), []).append(op)
    telling = sorted(lanes.values(), key=lambda lane: not any(op.critical or op.failed for op in lane))
    rows = [_row(lane, scale, cited, anchors) for lane in sorted(telling[:most_rows], key=_upstart)]
    marks = _marks(incident, scale, cited)
    bands = tuple(_bands(incident, scale, most_bars))
    drawn = sum(len(row.bars) for row in rows)
    styles = [band.name for band in bands] + [bar.style for row in rows for bar in row.bars]
    return Timeline(
        scale=scale,
        ticks=ticks(scale, 7),
        rows=tuple(rows),
        bands=bands,
        marks=marks,
        dots=tuple(
            Dot(scale.x(line.time), Shown(_quoted(line)), anchors.lines[line.id])
            for line in cited
            if scale.holds(line.time, line.time)
        ),
        levels=max((mark.level for mark in marks), default=-1) + 1,
        nodes=len({node for node, _ in lanes}),
        styles=tuple(dict.fromkeys(styles)),
        outside=len(incident.operations) - len(whole),
        undrawn=len(whole) - drawn,
    )


def _upstart(lane: Sequence[IncidentRun]) -> datetime:
    """When the row of a resource begins: where it is brought up, else where anything is done with it."""
    return next((op.start for op in lane if op.operation in _UP), lane[0].start)


def _scale(incident: Incident) -> Scale | None:
    """From the fault to the recovery, with a margin; where either is unknown, as far as operations and phases go.

    The last moment a service was known to be well is in the picture where it takes up no more than half of it.
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
    if well and start - well <= end - start:
        start = min(start, well)
    length = max(end - start, timedelta(milliseconds=200))
    return Scale(start - length * 0.03, start + length * 1.05)


def _row(lane: Sequence[IncidentRun], scale: Scale, cited: Sequence[Evidence], anchors: Anchors) -> Row:
    """The row of one resource on one node; what is notable is named where there is room for it."""
    places = [scale.stretch(op.start, op.end or scale.end) for op in lane]
    bars = []
    for number, op in enumerate(lane):
        left, width = places[number]
        style = _STYLES.get(op.operation, "other")
        label, inside, beside = "", False, None
        if op.critical or op.failed or style != "monitor":
            label = shown(op.operation, 20) + (f" {words.duration(op.seconds)}" if op.seconds is not None else "")
            need = (len(label) + 2) * CHARACTER
            inside = op.critical and need <= width  # what is not critical is too thin for text
            beside = None if inside else _room(need, left + width, places[number + 1 :])
        told = _result_line(cited, op)
        anchor = anchors.lines.get(told.id) if told else None
        hover = Shown(_hover(op) + (f"\n{_quoted(told)}" if told else ""))
        anchor = anchor or anchors.operations.get(op)
        bars.append(Bar(left, width, style, op.failed, op.critical, shown(label), inside, beside, hover, anchor))
    return Row(shown(lane[0].resource, 200), shown(lane[0].node, 80), tuple(bars))


def _room(need: float, place: float, following: Sequence[tuple[float, float]]) -> float | None:
    """Where so much of the width is free behind `place`, with nothing wide before it; None: nowhere near."""
    for left, width in following:
        if place + need <= left:
            break
        if width > CHARACTER:
            return None
        place = max(place, left + width)
    return round(place, 5) if place + need <= 1.0 else None


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


def _result_line(cited: Sequence[Evidence], op: IncidentRun) -> Evidence | None:
    """The first of the cited lines written when an operation ended that names its resource."""
    return next((each for each in cited if each.time == op.end and op.resource in each.text), None)


def _said(cited: Sequence[Evidence], moment: datetime) -> str:
    """The first of the cited lines written at `moment`, on lines of its own."""
    line = next((each for each in cited if each.time == moment), None)
    return "" if line is None else f"\n{_quoted(line)}"


def _quoted(line: Evidence) -> str:
    return f"{shown(line.file, 120)}:{line.line}\n{shown(line.text, 240)}"


def _bands(incident: Incident, scale: Scale, most: int) -> Iterable[Band]:
    if incident.unnoticed and incident.t_fault_earliest and incident.t_detected:
        left, width = scale.stretch(incident.t_fault_earliest, incident.t_detected)
        open_ = (incident.t_detected - incident.t_fault_earliest).total_seconds()  # before the first of several deaths
        label = f"not noticed, up to {words.duration(open_)}"
        yield Band("unnoticed", left, width, label, Shown(f"{label}: {shown(incident.t_fault_basis, 300)}"))
    longest = sorted(incident.phases, key=lambda phase: -phase.seconds)[:most]
    for phase in sorted(longest, key=lambda phase: phase.start):
        if scale.holds(phase.start, phase.end):
            left, width = scale.stretch(phase.start, phase.end)
            label = f"{phase.name} {words.duration(phase.seconds)}"
            what = shown(phase.what, 300)
            why = what if phase.name in _GAPS else None
            yield Band(phase.name.value, left, width, label, Shown(f"{label}: {what}"), why)


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
    exactly = incident.exactly()
    out: list[Mark] = []
    ends: list[float] = []
    for name, word, moment in moments:
        if moment is None or not scale.holds(moment, moment):
            continue
        since = f" +{words.duration((moment - origin).total_seconds())}" if origin and moment > origin else ""
        x, label = scale.x(moment), word + since
        width = (len(label) + 2) * NARROW
        over = x > 0.5
        left, right = (x - width, x) if over else (x, x + width)
        hover = Shown(
            f"{word}: {words.clock(moment, precise=exactly(moment))} UTC{since and ',' + since}{_said(cited, moment)}"
        )
        out.append(Mark(name, label, x, level(ends, left, right), over, hover))
    return tuple(out)
