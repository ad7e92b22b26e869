"""One incident as its section shows it: numbers in words, rows counted and cut, references to cited lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

from msgspec import Struct

from logtrace import explain
from logtrace.assessment.phases import PhaseName
from logtrace.causes.judgement import Verdict
from logtrace.domain.advice import Advice
from logtrace.explain import Explanation
from logtrace.render import markdown, sentences, words
from logtrace.render import summary as terminal_summary
from logtrace.render.chart import Timeline, most_telling, result, timeline
from logtrace.render.limits import Limits, Some
from logtrace.render.plotly_figure import figure
from logtrace.render.section import KINDS, Page, Section
from logtrace.render.untrusted import Shown, shown
from logtrace.report.case import Cause, Evidence, Incident, IncidentKind, IncidentRun, IncidentTransition
from logtrace.report.neighbours import Neighbour, Neighbours, around

Exactly = Callable[[datetime | None], bool]

_COPIED = 8  # cited lines in what is copied for a ticket
_PHASES = 24  # more phases than these are summed up by their kind
_VERDICTS = {
    Verdict.SUPPORTED: "supported",
    Verdict.RULED_OUT: "ruled out",
    Verdict.NOT_ENOUGH: "not enough evidence",
}


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


class Reference(Struct, frozen=True):
    """A link to a cited line; `anchor` is None for a line that is not shown."""

    anchor: str | None
    where: str


class CauseRow(Struct, frozen=True):
    """`about`: what the label means, where the page tells it first; `explained`: the page tells it somewhere."""

    finding: Cause
    references: tuple[Reference, ...]
    more: int
    about: Explanation | None
    explained: bool


class Causes(Struct, frozen=True):
    """The causes of one verdict."""

    verdict: str
    folded: bool
    causes: tuple[CauseRow, ...]
    some: Some


class OperationRow(Struct, frozen=True):
    operation: IncidentRun
    start: str
    result: Shown
    failed: bool


class TransitionRow(Struct, frozen=True):
    transition: IncidentTransition
    start: str
    end: str


class IncidentView(Struct, frozen=True):
    """Everything the template of an incident needs; `figure` and `markdown` are None on a page without scripts."""

    anchor: str
    incident: Incident
    kind: str
    when: str
    outage: Fact | None
    moments: tuple[Fact, ...]
    timeline: Timeline | None
    figure: dict[str, Any] | None
    totals: tuple[PhaseTotal, ...]
    phases: tuple[PhaseRow, ...]
    phases_some: Some
    served: str | None
    causes: tuple[Causes, ...]
    advice: tuple[Advice, ...]
    advice_some: Some
    first_error: Line | None
    lines: tuple[Line, ...]
    lines_some: Some
    context: tuple[ContextLine, ...]
    context_some: Some
    markdown: str | None
    operations: tuple[OperationRow, ...]
    operations_some: Some
    transitions: tuple[TransitionRow, ...]
    transitions_some: Some


def view(incident: Incident, anchor: str, page: Page, told: set[str]) -> IncidentView:
    """What the page says of `incident`, whose section has the fragment `anchor`.

    `told`: labels the page explained so far, to which those of this incident go.
    """
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
    picture = timeline(incident, cited, limits.lanes, limits.bars)
    return IncidentView(
        anchor=anchor,
        incident=incident,
        kind=KINDS[incident.kind],
        when=words.span(first, incident.t_recovered or incident.t_end, page.utc),
        outage=outage(incident),
        moments=_moments(incident, today),
        timeline=picture,
        figure=None if page.light or picture is None else figure(picture, page.utc),
        totals=_totals(incident) if len(incident.phases) > _PHASES else (),
        phases=_phases(incident, today, limits.operations),
        phases_some=Some(min(len(incident.phases), limits.operations), len(incident.phases)),
        served=sentences.served(incident),
        causes=_causes(incident, anchors, limits, told),
        advice=incident.advice[: limits.causes],
        advice_some=Some(min(len(incident.advice), limits.causes), len(incident.advice)),
        first_error=next((line for line in lines if line.evidence.id == incident.first_error), None),
        lines=lines,
        lines_some=Some(len(lines), len(incident.evidence)),
        context=_context(lines[: limits.context], page.known, today, limits.characters),
        context_some=Some(min(len(lines), limits.context), len(lines)),
        markdown=None if page.light else markdown.one(incident, min(limits.lines, _COPIED), page.utc),
        operations=tuple(
            OperationRow(op, start, result(op), op.failed) for op, start in zip(operations, starts, strict=True)
        ),
        operations_some=Some(len(operations), len(incident.operations)),
        transitions=_transitions(transitions, today, exactly),
        transitions_some=Some(len(transitions), len(incident.transitions)),
    )


def outage(incident: Incident) -> Fact | None:
    """How long service was lost, as the page says it; None where that is unknown."""
    if incident.outage is None:
        return None
    note = "" if incident.recovered else "not recovered when the logs end"
    return Fact("outage", words.spread(incident.outage, incident.outage_max), note)


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


def _causes(incident: Incident, anchors: dict[str, str], limits: Limits, told: set[str]) -> tuple[Causes, ...]:
    """By verdict; the headline first, then what weighs most."""
    known = {line.id: line for line in incident.evidence}
    out = []
    for verdict, word in _VERDICTS.items():
        group = [finding for finding in incident.causes if finding.verdict is verdict]
        group.sort(key=lambda finding: (finding.label != incident.root_cause, -(finding.weight or 0.0)))
        causes = []
        for finding in group[: limits.causes]:
            references = tuple(
                Reference(anchors.get(each), sentences.place(known[each]))
                for each in finding.evidence[: limits.references]
                if each in known
            )
            about = explain.of(finding.label) if verdict is Verdict.SUPPORTED else None
            first = about is not None and finding.label not in told
            causes.append(
                CauseRow(
                    finding,
                    references,
                    len(finding.evidence[limits.references :]),
                    about if first else None,
                    about is not None,
                )
            )
            told |= {finding.label} if first else set()
        if causes:
            out.append(Causes(word, verdict is not Verdict.SUPPORTED, tuple(causes), Some(len(causes), len(group))))
    return tuple(out)


def _transitions(
    transitions: Sequence[IncidentTransition], today: date | None, exactly: Exactly
) -> tuple[TransitionRow, ...]:
    moments = [moment for each in transitions for moment in (each.start, each.end)]
    stamps = words.clocks(moments, today, map(exactly, moments))
    return tuple(
        TransitionRow(each, stamps[2 * index], stamps[2 * index + 1]) for index, each in enumerate(transitions)
    )


def _views(page: Page) -> tuple[IncidentView, ...] | None:
    explained: set[str] = set()
    return tuple(view(incident, anchor, page, explained) for anchor, incident in page.placed(told=True))


SECTION = Section(
    anchor="incidents",
    title="Incidents",
    after="window",
    template="incidents.html",
    values=_views,
    framed=False,
    contents="incident_links.html",
    markdown=markdown.incidents,
    summary=terminal_summary.incidents,
)
