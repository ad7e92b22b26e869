"""One incident as the page shows it: numbers in words, rows counted and cut, references to cited lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime

from msgspec import Struct

from logtrace.assessment.phases import PhaseName
from logtrace.causes.judgement import Verdict
from logtrace.domain.advice import Advice
from logtrace.render import cause_rows, markdown, sentences, words
from logtrace.render.cause_rows import Causes
from logtrace.render.chart import Anchors, Timeline, most_telling, result, timeline
from logtrace.render.limits import Limits, Some
from logtrace.render.section import KINDS, Page
from logtrace.render.untrusted import Shown, shown
from logtrace.report.case import Evidence, Incident, IncidentKind, IncidentRun, IncidentTransition
from logtrace.report.configuration import together
from logtrace.report.neighbours import Neighbour, Neighbours, around
from logtrace.report.surroundings import Surroundings

Exactly = Callable[[datetime | None], bool]

_COPIED = 8  # cited lines in what is copied for a ticket
_PHASES = 24  # more phases than these are summed up by their kind


class Fact(Struct, frozen=True):
    """A number of the incident with its name and a remark."""

    name: str
    value: str
    note: str


class PhaseRow(Struct, frozen=True):
    """One phase; `share` is percent of the whole."""

    name: PhaseName
    seconds: float
    share: float
    start: str
    end: str
    what: str


class Piece(Struct, frozen=True):
    """A piece of the bar that tells where the time went; `share` is percent of the whole."""

    name: str
    label: str
    share: float


class PhaseTotal(Struct, frozen=True):
    """All phases of one kind together."""

    name: PhaseName
    seconds: float
    share: float
    times: int


class Line(Struct, frozen=True):
    """A cited line; `anchor` is its fragment."""

    anchor: str
    evidence: Evidence
    time: str
    text: Shown


class ContextLine(Struct, frozen=True):
    """A line around cited ones; `anchor` is its row's where it is cited itself. `gap`: lines are left out above it."""

    neighbour: Neighbour
    time: str
    text: Shown
    anchor: str | None
    gap: bool


class OperationRow(Struct, frozen=True):
    anchor: str
    operation: IncidentRun
    start: str
    result: Shown
    failed: bool


class TransitionRow(Struct, frozen=True):
    transition: IncidentTransition
    start: str
    end: str


class IncidentView(Struct, frozen=True):
    """Everything the template of an incident needs.

    `inside`: what holds all its resources, as (kind, id); `quiet`: how long nothing happened before the first error;
    `log`: how much of the log around it there is; `markdown` is None on a page without scripts.
    """

    anchor: str
    incident: Incident
    kind: str
    when: str
    inside: tuple[str, str] | None
    outage: Fact | None
    moments: tuple[Fact, ...]
    timeline: Timeline | None
    totals: tuple[PhaseTotal, ...]
    phases: tuple[PhaseRow, ...]
    phases_some: Some
    served: str | None
    causes: tuple[Causes, ...]
    advice: tuple[Advice, ...]
    advice_some: Some
    first_error: Line | None
    quiet: str
    lines: tuple[Line, ...]
    lines_some: Some
    context: tuple[ContextLine, ...]
    context_some: Some
    log: Some | None
    markdown: str | None
    operations: tuple[OperationRow, ...]
    operations_some: Some
    transitions: tuple[TransitionRow, ...]
    transitions_some: Some


def view(incident: Incident, anchor: str, page: Page) -> IncidentView:
    """What the page says of `incident`, whose section has the fragment `anchor`."""
    limits = page.limits
    first = incident.began
    today = first.date() if first else None
    cited = _cited(incident, limits.lines)
    lines = _lines(cited, anchor, today, limits.characters)
    anchors = {line.evidence.id: line.anchor for line in lines}
    operations = most_telling(incident.operations, limits.operations)
    transitions = incident.transitions[: limits.transitions]
    exactly = incident.exactly()
    starts = words.clocks((op.start for op in operations), today, (op.precise for op in operations))
    rows = tuple(
        OperationRow(f"{anchor}-o{number}", op, start, result(op), op.failed)
        for number, (op, start) in enumerate(zip(operations, starts, strict=True), 1)
    )
    placed = Anchors(anchors, {row.operation: row.anchor for row in rows})
    return IncidentView(
        anchor=anchor,
        incident=incident,
        kind=KINDS[incident.kind],
        when=words.span(first, incident.t_recovered or incident.t_end, page.utc),
        inside=together(page.case.config, incident.resources),
        outage=outage(incident),
        moments=_moments(incident, today),
        timeline=timeline(incident, cited, placed, limits.lanes, limits.bars),
        totals=_totals(incident) if len(incident.phases) > _PHASES else (),
        phases=_phases(incident, today, limits.operations),
        phases_some=Some(min(len(incident.phases), limits.operations), len(incident.phases)),
        served=sentences.served(incident),
        causes=cause_rows.by_verdict(incident, anchors, page.explained, anchor, limits),
        advice=incident.advice[: limits.causes],
        advice_some=Some(min(len(incident.advice), limits.causes), len(incident.advice)),
        first_error=next((line for line in lines if line.evidence.id == incident.first_error), None),
        quiet="" if incident.silence_before is None else f"After {words.duration(incident.silence_before)} of quiet, ",
        lines=lines,
        lines_some=Some(len(lines), len(incident.evidence)),
        context=_context(lines[: limits.context], page.known, today, limits.characters),
        context_some=Some(min(len(lines), limits.context), len(lines)),
        log=_log(incident, page.log),
        markdown=None if page.light else markdown.one(incident, min(limits.lines, _COPIED), page.utc),
        operations=rows,
        operations_some=Some(len(operations), len(incident.operations)),
        transitions=_transitions(transitions, today, exactly),
        transitions_some=Some(len(transitions), len(incident.transitions)),
    )


def outage(incident: Incident) -> Fact | None:
    """How long service was lost, as the page says it; None where that is unknown."""
    if incident.outage is None:
        return None
    known = incident.outage_range
    if known is None or not any(map(words.worth, known)):
        return Fact("outage", "none", "service ran on" if incident.recovered else "not recovered when the logs end")
    told = words.spread(*known)
    proven = words.duration(incident.outage)
    note = "without service" + (f"; proven: {proven}" if told != proven else "")
    return Fact("outage", told, note if incident.recovered else f"{note}; not recovered when the logs end")


def pieces(incident: Incident) -> tuple[Piece, ...]:
    """Where the outage went, by kind; before it the time for which a fault may have gone unnoticed."""
    unnoticed = incident.unnoticed or 0.0
    totals = {name: each for name, each in incident.phase_totals.items() if name is not PhaseName.UP}
    named = [(name.value, f"{name} {words.duration(each)}", each) for name, each in totals.items()]
    if words.worth(unnoticed):
        named.insert(0, ("unnoticed", f"not noticed, up to {words.duration(unnoticed)}", unnoticed))
    whole = sum(seconds for *_, seconds in named) or 1.0
    return tuple(Piece(name, label, round(100 * seconds / whole, 2)) for name, label, seconds in named)


def _log(incident: Incident, known: Surroundings | None) -> Some | None:
    """How many of the lines that an incident spans the page holds; None: none."""
    places, span = known.around.get(incident.id, ((), 0)) if known else ((), 0)
    return Some(len(places), span) if places else None


def _moments(incident: Incident, today: date | None) -> tuple[Fact, ...]:
    """The moments of an incident in the order of time, each with the time since the one before."""
    moments = [
        ("fault", incident.t_fault),
        ("detected", incident.t_detected),
        ("decided", incident.t_decided),
        ("first action", incident.t_acted),
        ("recovered", incident.t_recovered),
        ("quiet again", incident.t_end),
    ]
    exactly = incident.exactly()
    facts = []
    previous = None
    for name, moment in moments:
        if moment is not None:
            after = words.duration((moment - previous).total_seconds()) if previous and moment >= previous else ""
            note = incident.t_fault_basis if name == "fault" else f"{after} later" if after else ""
            facts.append(Fact(name, _time(moment, today, exactly), note))
            previous = moment
        elif name == "recovered" and not incident.recovered and incident.kind is not IncidentKind.PLANNED:
            facts.append(Fact(name, "not in these logs", ""))
    if incident.t_fault is None and incident.t_fault_earliest is not None:
        facts.insert(
            0, Fact("last known well", _time(incident.t_fault_earliest, today, exactly), incident.t_fault_basis)
        )
    return tuple(facts)


def _time(moment: datetime, today: date | None, exactly: Exactly) -> str:
    return words.clocks([moment], today, [exactly(moment)])[0]


def _totals(incident: Incident) -> tuple[PhaseTotal, ...]:
    whole = _whole(incident)
    times = Counter(phase.name for phase in incident.phases)
    return tuple(
        PhaseTotal(name, seconds, round(100 * seconds / whole, 2), times[name])
        for name, seconds in incident.phase_totals.items()
    )


def _whole(incident: Incident) -> float:
    return sum(phase.seconds for phase in incident.phases) or 1.0


def _phases(incident: Incident, today: date | None, most: int) -> tuple[PhaseRow, ...]:
    whole = _whole(incident)
    phases = incident.phases[:most]
    moments = [moment for phase in phases for moment in (phase.start, phase.end)]
    stamps = words.clocks(moments, today, map(incident.exactly(), moments))
    return tuple(
        PhaseRow(phase.name, phase.seconds, round(100 * phase.seconds / whole, 2), start, end, phase.what)
        for phase, start, end in zip(phases, stamps[::2], stamps[1::2], strict=True)
    )


def _cited(incident: Incident, most: int) -> list[Evidence]:
    """The evidence that is shown, in the order of time: what supports a cause and the first error go first."""
    if len(incident.evidence) <= most:
        kept = list(incident.evidence)
    else:
        telling = {incident.first_error} | {
            each for finding in incident.causes if finding.verdict is Verdict.SUPPORTED for each in finding.evidence
        }
        kept = sorted(incident.evidence, key=lambda line: line.id not in telling)[:most]
    return sorted(kept, key=lambda line: line.time)


def _lines(cited: Sequence[Evidence], anchor: str, today: date | None, characters: int) -> tuple[Line, ...]:
    stamps = words.clocks((line.time for line in cited), today, (line.precise for line in cited))
    return tuple(
        Line(f"{anchor}-e{number}", line, stamp, shown(line.text, characters))
        for number, (line, stamp) in enumerate(zip(cited, stamps, strict=True), 1)
    )


def places(told: Iterable[tuple[str, Incident]], limits: Limits) -> dict[str, str]:
    """Where the page holds cited lines: `file:line` -> the fragment of the first row that shows it."""
    where: dict[str, str] = {}
    for anchor, incident in told:
        for number, line in enumerate(_cited(incident, limits.lines), 1):
            where.setdefault(f"{line.file}:{line.line}", f"{anchor}-e{number}")
    return where


def _context(lines: Sequence[Line], known: Neighbours, today: date | None, characters: int) -> tuple[ContextLine, ...]:
    anchors = {(line.evidence.file, line.evidence.line): line.anchor for line in lines}
    near = around(known, [line.evidence for line in lines])
    if len(near) == len(anchors):
        return ()  # nothing but the cited lines themselves
    stamps = words.clocks((each.time for each in near), today, (each.precise for each in near))
    out: list[ContextLine] = []
    for each, stamp in zip(near, stamps, strict=True):
        before = out[-1].neighbour if out else None
        gap = before is not None and (before.file != each.file or each.place - before.place > 1)
        out.append(ContextLine(each, stamp, shown(each.text, characters), anchors.get((each.file, each.line)), gap))
    return tuple(out)


def _transitions(
    transitions: Sequence[IncidentTransition], today: date | None, exactly: Exactly
) -> tuple[TransitionRow, ...]:
    moments = [moment for each in transitions for moment in (each.start, each.end)]
    stamps = words.clocks(moments, today, map(exactly, moments))
    return tuple(
        TransitionRow(each, stamps[2 * index], stamps[2 * index + 1]) for index, each in enumerate(transitions)
    )
