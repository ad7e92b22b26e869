"""An incident, as frozen values: what happened, when, what it cost, why, and the lines that show it.

Times are aware datetimes in UTC, durations seconds where nothing else is said; unknown is None. The JSON document tells
these types as logtrace.report.case says.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final

from msgspec import Meta, Struct

from logtrace import causes
from logtrace.assessment.phases import Phase, PhaseName
from logtrace.causes.judgement import Verdict
from logtrace.chains.state import Progress
from logtrace.domain.advice import Advice
from logtrace.domain.results import is_success
from logtrace.whatif.model import Recovery

#: Marks a field that is no part of the document.
INTERNAL: Final = Meta(extra={"internal": True})

Label = Annotated[str, Meta(description="The name of a cause.", extra_json_schema={"enum": list(causes.CAUSES)})]


class IncidentKind(StrEnum):
    """fault: something failed. spurious: the cluster acted on a service that had not failed. policy: the cluster moved
    healthy services by its own rules. planned: an operator did it.
    """

    FAULT = "fault"
    SPURIOUS = "spurious"
    POLICY = "policy"
    PLANNED = "planned"


#: Statuses that are failures whatever the result code says.
_FAILED: Final = frozenset(("timed out", "timeout", "error", "not installed", "no fencing device"))


class IncidentRun(Struct, frozen=True):
    """One run of an agent, as the executor saw it.

    `interval` is milliseconds here, and seconds in the document. `precise`: the times are of lines with fractions of a
    second.
    """

    node: Annotated[str, Meta(description="Where it ran.")]
    resource: Annotated[str, Meta(description="Id of the resource.")]
    operation: Annotated[str, Meta(description="start, stop, monitor, probe, promote, ...")]
    interval: Annotated[int, INTERNAL]
    start: Annotated[datetime, Meta(description="When it began.")]
    end: Annotated[datetime | None, Meta(description="When it ended.")]
    rc: Annotated[int | None, Meta(description="OCF return code.")]
    status: Annotated[str | None, Meta(description="Execution status, such as Timed Out.")]
    transition: Annotated[int | None, Meta(description="Number of the transition on the DC that asked for it.")]
    critical: Annotated[bool, Meta(description="Whether it lies on the critical path.")] = False
    reason: Annotated[str | None, Meta(description="What the agent gave as its reason.")] = None
    queued: Annotated[float | None, Meta(description="Seconds it waited in the executor.")] = None
    precise: Annotated[bool, INTERNAL] = True

    @property
    def seconds(self) -> Annotated[float | None, Meta(description="Its run time.", extra={"after": "end"})]:
        return None if self.end is None else (self.end - self.start).total_seconds()

    @property
    def every(
        self,
    ) -> Annotated[
        float,
        Meta(
            description="Interval in seconds; 0 for one-shot operations.",
            ge=0,
            extra={"name": "interval", "after": "critical"},
        ),
    ]:
        return self.interval / 1000

    @property
    def failed(self) -> bool:
        """Whether the executor saw it fail: any result but success, or a probe's "not running"."""
        probe = self.rc == 7 and self.interval == 0 and self.operation != "start"  # OCF_NOT_RUNNING is an answer
        said = (self.status or "")[:40].lower().replace("_", " ")  # none of these is longer
        return not (self.rc is None or probe or is_success(self.rc)) or said in _FAILED


class IncidentTransition(Struct, frozen=True):
    """A transition: one plan of the scheduler and its execution."""

    dc: Annotated[str, Meta(description="The DC that executed it.")]
    number: Annotated[int, Meta(description="Its number on that DC.")]
    pe_input: Annotated[str | None, Meta(description="The scheduler input it was computed from.")]
    start: Annotated[datetime, Meta(description="When it began.")]
    end: Annotated[datetime | None, Meta(description="When it ended.")]
    outcome: Annotated[str | None, Meta(description="Complete, Stopped, Terminated, ...")]


class Evidence(Struct, frozen=True):
    """One cited log line.

    `precise`: the line has fractions of a second.
    """

    id: Annotated[str, Meta(description="Unique in the incident.")]
    file: Annotated[str, Meta(description="Path inside the input.")]
    line: Annotated[int, Meta(description="Line number, from 1.", ge=1)]
    node: Annotated[str | None, Meta(description="The node that logged it.")]
    time: Annotated[datetime, Meta(description="When, in UTC.")]
    text: Annotated[str, Meta(description="What it says.")]
    precise: Annotated[bool, INTERNAL] = True


class Cause(Struct, frozen=True):
    """What is to be said about one cause."""

    label: Label
    verdict: Annotated[Verdict, Meta(description="Whether it holds.")]
    weight: Annotated[float | None, Meta(description="Its seconds of the outage.")]
    sentence: Annotated[str, Meta(description="Why.")]
    evidence: Annotated[tuple[str, ...], Meta(description="Ids of the incident's evidence.")] = ()


class Advised(Struct, frozen=True):
    """A change that was advised for incidents like one; whether anybody made it is not known."""

    label: Annotated[str, Meta(description="Kind of change.")]
    clusters: Annotated[int, Meta(description="Clusters for which it was advised.", ge=0)]
    came_back: Annotated[int, Meta(description="How many of these had such an incident again later.", ge=0)]


class SeenBefore(Struct, frozen=True):
    """Incidents of a store that are like one: the root cause agrees, and at least two of agent, first line's wording
    and phases in order. What is unknown on either side does not agree.
    """

    cases: Annotated[int, Meta(description="Cases of the store it was compared with.", ge=0)]
    here: Annotated[int, Meta(description="Incidents like it in this cluster, itself left out.", ge=0)]
    elsewhere: Annotated[int, Meta(description="Incidents like it in others.", ge=0)]
    clusters: Annotated[int, Meta(description="How many others these are, as far as clusters are known.", ge=0)]
    alike: Annotated[dict[str, int], Meta(description="Part (agent, wording, shape) -> in how many of them it agrees.")]
    first: Annotated[datetime | None, Meta(description="When the first of them began.")]
    last: Annotated[datetime | None, Meta(description="When the last of them began.")]
    recovery: Annotated[float | None, Meta(description="Median of what they took, from detection to recovery.")]
    came_back: Annotated[int, Meta(description="Clusters that have more than one of them, itself included.", ge=0)]
    advised: Annotated[tuple[Advised, ...], Meta(description="What was advised for them, most clusters first.")]
    examples: Annotated[
        tuple[str, ...], Meta(description="Some of them as case#incident, the most alike and latest first.")
    ]


class Incident(Struct, frozen=True):
    """One fault, or one operator action, with everything that followed from it.

    `recovery`: its measured operations as a graph, for what-if; None where there is none. `progress`: how far it had
    come when the logs ended.
    """

    id: Annotated[str, Meta(description="Unique in the document.", pattern=r"^i\d+$")]
    kind: IncidentKind
    title: Annotated[str, Meta(description="One sentence.")]
    trigger: Annotated[Label, Meta(description="What started it.")]
    root_cause: Annotated[
        Label,
        Meta(
            description="Why the recovery was slow, unnecessary or unsuccessful; the trigger if it was none of these."
        ),
    ]
    contributing: Annotated[
        tuple[Label, ...], Meta(description="What else was true, most weighty first.", max_length=3)
    ]
    confidence: Annotated[float, Meta(description="How sure the root cause is.", ge=0, le=1)]
    nodes: Annotated[tuple[str, ...], Meta(description="Nodes involved.")]
    resources: Annotated[tuple[str, ...], Meta(description="Resources involved.")]
    t_fault: Annotated[datetime | None, Meta(description="True time of death, where a line proves it.")]
    t_fault_earliest: Annotated[
        datetime | None, Meta(description="Last moment it is known, or can be inferred, to have been well.")
    ]
    t_fault_basis: Annotated[
        str, Meta(description="How t_fault or t_fault_earliest is known.", extra={"after": "advice"})
    ]
    t_detected: Annotated[datetime | None, Meta(description="When the cluster first knew.")]
    t_decided: Annotated[
        datetime | None, Meta(description="When the scheduler finished the transition that was executed.")
    ]
    t_acted: Annotated[datetime | None, Meta(description="When its first action began.")]
    t_recovered: Annotated[
        datetime | None,
        Meta(description="When the last thing that was lost was running again; null: never in the window."),
    ]
    t_end: Annotated[datetime | None, Meta(description="When the cluster had nothing more to do for it.")]
    recovered: Annotated[bool, Meta(description="Whether everything that was lost ran again.")]
    outage: Annotated[
        float | None,
        Meta(
            description="Seconds without service, from t_fault (or t_detected) to t_recovered (or the end of the "
            "window)."
        ),
    ]
    outage_max: Annotated[float | None, Meta(description="The same, counted from t_fault_earliest.")]
    phases: Annotated[tuple[Phase, ...], Meta(description="The critical path, without gap or overlap.")]
    operations: Annotated[tuple[IncidentRun, ...], Meta(description="Runs of agents that belong to it.")]
    transitions: Annotated[tuple[IncidentTransition, ...], Meta(description="Transitions that belong to it.")]
    causes: Annotated[tuple[Cause, ...], Meta(description="What was considered, and the verdict.")]
    evidence: Annotated[tuple[Evidence, ...], Meta(description="The lines cited.")]
    advice: Annotated[tuple[Advice, ...], Meta(description="What to change, most seconds saved first.")]
    first_error: Annotated[str | None, Meta(description="Id of the evidence that came first.")] = None
    missing_witnesses: Annotated[
        tuple[str, ...], Meta(description="Logs that would decide what is left open, in words.")
    ] = ()
    recovery: Annotated[Recovery | None, INTERNAL] = None
    progress: Annotated[Progress, INTERNAL] = Progress.OVER
    silence_before: Annotated[
        float | None,
        Meta(description="Seconds before the first line (first_error) in which the cluster did and suffered nothing."),
    ] = None
    seen_before: Annotated[
        SeenBefore | None, Meta(description="What a store has that is like it; null: none was asked.")
    ] = None

    @property
    def trouble(self) -> bool:
        """Whether it was a fault or an unnecessary recovery, which nobody asked for and no rule wanted."""
        return self.kind in (IncidentKind.FAULT, IncidentKind.SPURIOUS)

    @property
    def outage_range(self) -> tuple[float, float] | None:
        """Seconds without service at least and at most; None where they are unknown."""
        return None if self.outage is None else (self.outage, max(self.outage, self.outage_max or self.outage))

    @property
    def unnoticed(self) -> float | None:
        """Seconds for which a fault may have gone unnoticed before the outage that is proven; None: nothing is open."""
        known = self.outage_range if self.kind is IncidentKind.FAULT and self.t_fault is None else None
        return None if known is None or known[1] <= known[0] else known[1] - known[0]

    @property
    def began(self) -> datetime | None:
        """The first moment of it that is known."""
        return self.t_fault or self.t_detected or self.t_decided or self.t_acted

    @property
    def first_line(self) -> Evidence | None:
        """The evidence that came first; None where nothing is cited."""
        named = next((each for each in self.evidence if each.id == self.first_error), None)
        return named or min(self.evidence, key=lambda each: each.time, default=None)

    @property
    def phase_totals(self) -> dict[PhaseName, float]:
        """Seconds of each kind of phase, in order of first appearance."""
        totals: dict[PhaseName, float] = {}
        for phase in self.phases:
            totals[phase.name] = totals.get(phase.name, 0.0) + phase.seconds
        return totals

    def exactly(self) -> Callable[[datetime | None], bool]:
        """Tells of a moment whether it is known to fractions of a second, as far as lines and operations tell."""
        told = [(each.time, each.precise) for each in self.evidence]
        told += [(end, each.precise) for each in self.operations for end in (each.start, each.end) if end]
        exact = {moment for moment, precise in told if precise}
        rough = {moment for moment, _ in told} - exact
        return lambda moment: moment not in rough and (bool(exact) or not rough)

    def __repr__(self) -> str:
        when = f" at {self.t_detected:%Y-%m-%d %H:%M:%S} UTC" if self.t_detected else ""
        lasted = f", outage {self.outage:g} s" if self.outage is not None else ""
        return f"<Incident {self.id}: {self.kind.value} {self.root_cause}{when}{lasted}>"
