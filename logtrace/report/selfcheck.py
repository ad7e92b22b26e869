"""A finished case does not contradict itself: incidents, causes, findings, notes and statistics tell one story.

Each rule looks at two places that tell the same thing. What it finds is a defect of logtrace, never of the input: tests
run it over whole corpora, and Python's development mode (`python -X dev -m logtrace`) warns of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from logtrace.assessment.phases import PhaseName
from logtrace.causes import CAUSES, of_tier
from logtrace.causes.confidence import Strength
from logtrace.causes.declaration import Tier
from logtrace.causes.judgement import Verdict
from logtrace.domain.kinds import Kind
from logtrace.report.case import Case, Incident, IncidentKind

Rule = Callable[[Case], Iterator[str]]

#: Times are told in milliseconds.
_ROUNDING: Final = 0.002

#: Faults of which one says that the service or node lived, and the other that it did not.
_EXCLUDE_EACH_OTHER: Final = (("spurious_monitor", "service_crash"), ("spurious_monitor", "no_pidfile"))


def contradictions(case: Case) -> tuple[str, ...]:
    """What the case says in two ways, one sentence each; empty for a case that is one story."""
    return tuple(told for rule in RULES for told in rule(case))


def _phases(case: Case) -> Iterator[str]:
    """Phases follow each other without gap from the beginning to the recovery, and those that are no `up` hold what the
    outage counts.
    """
    for one in _faults(case):
        for before, after in pairwise(one.phases):
            if before.end != after.start:
                yield f"{one.id}: the phase {after.name.value} begins at another time than {before.name.value} ends"
        if not one.phases:
            continue
        began = one.t_fault or one.t_detected
        if (one.phases[0].start, one.phases[-1].end) != (began, one.t_recovered):
            yield f"{one.id}: the phases do not reach from the fault to the recovery"
        down = sum(phase.seconds for phase in one.phases if phase.name is not PhaseName.UP)
        if one.outage is not None and one.outage > down + _ROUNDING:
            yield f"{one.id}: the outage of {one.outage} s is longer than its phases, {down:.3f} s"


def _numbers(case: Case) -> Iterator[str]:
    """What recovered has a time; an outage is within its range; times are in order."""
    for one in _faults(case):
        if one.outage is not None and one.outage_max is not None and one.outage > one.outage_max + _ROUNDING:
            yield f"{one.id}: the outage of {one.outage} s is longer than it can have been, {one.outage_max} s"
        if not one.recovered and one.t_recovered is not None:
            yield f"{one.id}: it did not recover, and has a time of recovery"
        if one.recovered and one.outage and one.t_recovered is None:
            yield f"{one.id}: it recovered from an outage, and nothing says when"
        times = [one.t_fault_earliest, one.t_fault, one.t_detected, one.t_end]
        if any(later < earlier for earlier, later in pairwise(time for time in times if time is not None)):
            yield f"{one.id}: its times are not in order"


def _verdicts(case: Case) -> Iterator[str]:
    """A headline is a cause that is true or open, and its confidence says which; no two causes exclude each other."""
    for one in _faults(case):
        verdicts = {cause.label: cause.verdict for cause in one.causes}
        root = verdicts.get(one.root_cause)
        if root is not Verdict.SUPPORTED and one.confidence > Strength.REMAINS.share + _ROUNDING:
            yield f"{one.id}: {one.root_cause} is the headline at {one.confidence} and not supported"
        for label in one.contributing:
            if verdicts.get(label) is Verdict.RULED_OUT:
                yield f"{one.id}: {label} contributes and is ruled out"
        for first, second in _EXCLUDE_EACH_OTHER:
            if verdicts.get(first) is verdicts.get(second) is Verdict.SUPPORTED:
                yield f"{one.id}: both {first} and {second} are supported"
        known = {evidence.id for evidence in one.evidence}
        for cause in one.causes:
            if not known.issuperset(cause.evidence):
                yield f"{one.id}: {cause.label} cites a line that is not there"
        tier = Tier.PLANNED if one.kind is IncidentKind.PLANNED else None
        expected = {cause.label for cause in (of_tier(tier) if tier else of_tier(Tier.FAULT, Tier.SHARE, Tier.PLAIN))}
        if set(verdicts) != expected or one.root_cause not in CAUSES:
            yield f"{one.id}: the causes told are not those there are"


def _pauses(case: Case) -> Iterator[str]:
    """No pause is denied while a line of the incident's time tells of one."""
    for one in _faults(case):
        denied = any(cause.label == "corosync_stall" and cause.verdict is Verdict.RULED_OUT for cause in one.causes)
        lost = any(cause.label == "node_failure" and cause.verdict is Verdict.SUPPORTED for cause in one.causes)
        if denied and lost and one.t_detected is not None:
            near = case.frames.events.of(Kind.TOTEM_PAUSE, columns=("time", "node", "pause_ms")).drop_nulls()
            for time, node, pause in near.iter_rows():
                began = time - timedelta(milliseconds=pause)
                if node in one.nodes and began <= one.t_detected <= time:
                    yield f"{one.id}: no pause is said to be reported, and {node} reports one of {pause / 1000:.1f} s"


def _counts(case: Case) -> Iterator[str]:
    """Statistics count at least what the incidents show."""
    counted = {one.resource: one.count for one in case.statistics.failures}
    shown: dict[str, set[tuple[str, str, datetime | None]]] = {}
    for incident in case.incidents:
        for run in incident.operations:
            probe = run.operation == "monitor" and not run.interval
            bad = run.rc not in (None, 0, 7, 8, 190, 191) and not probe
            if bad and run.end is not None:
                name = run.resource.split(":")[0]
                shown.setdefault(name, set()).add((run.node, run.operation, run.end))
    for name, runs in shown.items():
        if counted.get(name, 0) < len(runs):
            yield f"the incidents show {len(runs)} failures of {name}, the statistics count {counted.get(name, 0)}"
    fenced = {one.target: one.count for one in case.statistics.fencing}
    for incident in _faults(case):
        for phase in incident.phases:
            for target in incident.nodes:
                if phase.what == f"fencing of {target}" and not fenced.get(target):
                    yield f"{incident.id} waits for the fencing of {target}, and the statistics count none"


RULES: Final[tuple[Rule, ...]] = (_phases, _numbers, _verdicts, _pauses, _counts)


def _faults(case: Case) -> Iterator[Incident]:
    return (one for one in case.incidents if one.kind in (IncidentKind.FAULT, IncidentKind.SPURIOUS))
