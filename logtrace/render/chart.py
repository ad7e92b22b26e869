"""The pictures as plain values: where everything stands, computed once.

Horizontal positions are percent of the whole width, vertical ones pixels, so that the pictures (reports/timeline.svg,
reports/strip.svg) stretch without scaling their text. The interactive figure (logtrace.render.plotly_figure) draws the
same values.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from msgspec import Struct

from logtrace.render import words
from logtrace.render.untrusted import Shown, shown
from logtrace.report.case import Evidence, Incident, IncidentRun

# --- where a moment stands, and what fits beside what --------------------------------------------------

GUTTER = 20.0  # percent of the width, for the names of the rows
RIGHT = 96.5  # percent of the width at which the plot ends
CHARACTER = 0.95  # percent of the width that one character of a label takes on the narrowest chart
ROW = 22  # pixels
_NAME = 24  # characters of a name that fit the gutter
_STEPS = (
    *(timedelta(milliseconds=n) for n in (1, 2, 5, 10, 20, 50, 100, 200, 500)),
    *(timedelta(seconds=n) for n in (1, 2, 5, 10, 15, 30)),
    *(timedelta(minutes=n) for n in (1, 2, 5, 10, 15, 30)),
    *(timedelta(hours=n) for n in (1, 2, 3, 6, 12)),
    *(timedelta(days=n) for n in (1, 2, 7, 14, 28, 91, 364)),
)


class Scale(Struct, frozen=True):
    """Places moments between `start` and `end` (UTC) on the width of a chart, in percent."""

    start: datetime
    end: datetime

    def x(self, moment: datetime) -> float:
        share = (moment - self.start) / (self.end - self.start)
        return round(GUTTER + (RIGHT - GUTTER) * min(max(share, 0.0), 1.0), 3)

    def holds(self, start: datetime, end: datetime) -> bool:
        return start <= self.end and end >= self.start

    def stretch(self, start: datetime, end: datetime) -> tuple[float, float]:
        """Where a stretch of time begins, and how wide it is."""
        left = self.x(start)
        return left, round(max(self.x(end) - left, 0.0), 3)


class Tick(Struct, frozen=True):
    x: float
    text: str


def ticks(scale: Scale, wanted: int) -> tuple[Tick, ...]:
    """About `wanted` round moments, dates where the steps are days."""
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
        x = scale.x(moment)
        out.append(Tick(x, text if x + len(text) * CHARACTER / 2 <= 100 else ""))
        moment += step
    return tuple(out)


def level(ends: list[float], left: float, right: float, most: int = 8) -> int:
    """The first level on which something from `left` to `right` meets nothing; `ends` holds how far each is taken."""
    free = next((n for n, end in enumerate(ends) if end <= left), min(len(ends), most - 1))
    ends[free:] = [right, *ends[free + 1 :]]
    return free


def short(name: str) -> Shown:
    """A name cut in its middle, where long names differ least."""
    if len(name) <= _NAME:
        return shown(name)
    return shown(f"{name[: _NAME // 2]}\N{HORIZONTAL ELLIPSIS}{name[-_NAME // 2 + 1 :]}", 60)


# --- the timeline of an incident ------------------------------------------------------------------------

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


def timeline(incident: Incident, cited: Sequence[Evidence], most_rows: int, most_bars: int) -> Timeline | None:
    """Lay out `incident` with the lines `cited`; None where nothing has a time."""
    scale = _scale(incident)
    if scale is None:
        return None
    whole = [op for op in incident.operations if scale.holds(op.start, op.end or scale.end)]
    inside = most_telling(whole, most_bars)
    lanes = list(dict.fromkeys((op.node, op.resource) for op in inside))
    telling = {(op.node, op.resource) for op in inside if op.critical or op.failed}
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
            style, bad = _STYLES.get(op.operation, "other"), op.failed
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
    exactly = incident.exactly()
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
