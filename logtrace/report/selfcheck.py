"""A finished case does not contradict itself: incidents, causes, findings, notes and statistics tell one story.

Each rule looks at two places that tell the same thing. What it finds is a defect of logtrace, never of the input: tests
run it over whole corpora, and Python's development mode (`python -X dev -m logtrace`) warns of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

import polars as pl

from logtrace.assessment.phases import PhaseName
from logtrace.causes import CAUSES, of_tier
from logtrace.causes.confidence import Strength
from logtrace.causes.declaration import Tier
from logtrace.causes.judgement import Verdict
from logtrace.domain.kinds import Kind
from logtrace.report.case import Case, Incident, IncidentKind
from logtrace.report.lookalikes import ALSO_CITED

Rule = Callable[[Case], Iterator[str]]

#: Times are told in milliseconds.
_ROUNDING: Final = 0.002

#: Faults of which one says that the service or node lived, and the other that it did not.
_EXCLUDE_EACH_OTHER: Final = (("spurious_monitor", "service_crash"), ("spurious_monitor", "no_pidfile"))


#: Causes whose seconds are those of steps of the critical path.
_ON_THE_PATH: Final = ("slow_init", "group_cascade", "cold_failover")

#: Stamps of whole seconds: what shares one is at one time.
_MOMENT: Final = timedelta(seconds=1)


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


def _order(case: Case) -> Iterator[str]:
    """What happened in an incident happened in its order, and within the window; no outage is longer than it lasted."""
    start, end = case.window.start, case.window.end
    for one in _faults(case):
        if one.t_recovered is not None and one.began is not None and one.t_recovered < one.began:
            yield f"{one.id}: it recovered before it began"
        if one.t_acted is not None and one.t_decided is not None and one.t_acted < one.t_decided:
            yield f"{one.id}: the cluster acted before it had decided"
        first, last = one.t_fault or one.t_detected, one.t_end
        if first is not None and last is not None and timedelta(seconds=one.outage or 0) >= last - first + _MOMENT:
            yield f"{one.id}: its outage of {one.outage} s is longer than it lasted"
        times = [time for time in (one.t_detected, one.t_decided, one.t_recovered, one.t_end) if time is not None]
        if start is not None and end is not None and any(not start - _MOMENT < time < end + _MOMENT for time in times):
            yield f"{one.id}: a time of it is not in the window"


def _titles(case: Case) -> Iterator[str]:
    """The title says of the end what the times say, and of fencings what was fenced."""
    fenced = set(case.frames.fencing.filter(pl.col("status").is_in(["ok", "confirmed"]))["target"])
    for one in _faults(case):
        if one.recovered and "not come back" in one.title:
            yield f"{one.id}: the title says that something did not come back, and all recovered"
        if re.search(r"(?<!nothing )\b(?:was|were) fenced\b", one.title) and not fenced.intersection(one.nodes):
            yield f"{one.id}: the title tells of a fencing, and none is known"


def _labels(case: Case) -> Iterator[str]:
    """Headline, trigger, kind and what contributed fit each other."""
    for one in _faults(case):
        verdicts = {cause.label: cause.verdict for cause in one.causes}
        if one.root_cause in one.contributing:
            yield f"{one.id}: {one.root_cause} is the headline and contributes to itself"
        if (one.kind is IncidentKind.SPURIOUS) is not (one.root_cause == "spurious_monitor"):
            yield f"{one.id}: of kind {one.kind.value}, and its headline is {one.root_cause}"
        if verdicts.get(one.root_cause) is Verdict.RULED_OUT:
            yield f"{one.id}: {one.root_cause} is the headline and ruled out"
        whole = sum(phase.seconds for phase in one.phases)
        for cause in one.causes:
            if one.phases and cause.label in _ON_THE_PATH and (cause.weight or 0) > whole + _ROUNDING:
                yield f"{one.id}: {cause.label} has {cause.weight} s of a path of {whole:.3f} s"


def _witnesses(case: Case) -> Iterator[str]:
    """What no line shows is ruled out only where somebody could have told; who has no log has no line."""
    logs = {node.name for node in case.cluster.nodes if node.logs}
    missing = set(case.coverage.missing_nodes)
    for one in _faults(case):
        for evidence in one.evidence:
            if evidence.node in missing:
                yield f"{one.id}: it cites a line of {evidence.node}, whose logs are said to be missing"
        decided = {transition.dc for transition in one.transitions} | {span.node for span in case.cluster.dc}
        silent = missing.intersection(one.nodes)
        if not silent or decided & logs:
            continue
        for cause in one.causes:
            if cause.verdict is Verdict.RULED_OUT and not cause.evidence:
                yield f"{one.id}: {cause.label} is ruled out without the logs of {', '.join(sorted(silent))} or a DC"


def _losses(case: Case) -> Iterator[str]:
    """Nobody's loss is denied while members tell of it."""
    seen = case.frames.membership.filter(pl.col("state") == "lost", ~pl.col("orderly").fill_null(value=False))
    for one in _faults(case):
        denied = any(cause.label == "node_failure" and cause.verdict is Verdict.RULED_OUT for cause in one.causes)
        if not denied or one.t_detected is None or one.t_end is None:
            continue
        within = pl.col("time").is_between(one.t_detected, one.t_recovered or one.t_end)
        lost = seen.filter(within, pl.col("target").is_in(one.nodes), pl.col("observer") != pl.col("target"))
        for target in lost["target"].unique():
            yield f"{one.id}: no node is said to be lost, and {target} was"


def _owners(case: Case) -> Iterator[str]:
    """A failure begins one incident, and a failed run or a recovery belongs to one."""
    lines: dict[tuple[str, int], str] = {}
    runs: dict[tuple[str, str, str, datetime | None], str] = {}
    for one in _faults(case):
        first = next((each for each in one.evidence if each.id == one.first_error), None)
        if first is not None and (other := lines.setdefault((first.file, first.line), one.id)) != one.id:
            yield f"{one.id} and {other} begin with the same line"
        for run in one.operations:
            mine = run.failed or (run.critical and run.operation in ("start", "promote"))
            key = (run.node, run.resource, run.operation, run.end)
            if mine and (other := runs.setdefault(key, one.id)) != one.id:
                yield f"{one.id} and {other} both own the {run.operation} of {run.resource} on {run.node}"


def _quiet(case: Case) -> Iterator[str]:
    """The quiet before an incident holds nothing of another; a note about what is no incident is about none."""
    for one in _faults(case):
        first = next((each.time for each in one.evidence if each.id == one.first_error), None)
        if first is None or not one.silence_before:
            continue
        since = first - timedelta(seconds=one.silence_before)
        for other in case.incidents:
            ends = [run.end for run in other.operations if run.end is not None]
            if any(since + _MOMENT < end < first - _MOMENT for end in ends):
                yield f"{one.id}: there were {one.silence_before} s of quiet before it, in which {other.id} went on"
    places = {(each.file, each.line): one for one in _faults(case) for each in one.evidence}
    for note in case.quiet:
        path, _, line = note.evidence.rpartition(":")
        owner = places.get((path, int(line)))
        if owner is not None and note.label not in ALSO_CITED:
            yield f"the note {note.label} says that {note.evidence} is no incident, and {owner.id} cites it"


def _advice(case: Case) -> Iterator[str]:
    """No advice saves more than the outage can have been, and none saves of an outage that is not known."""
    for one in _faults(case):
        span = one.outage_range
        for advice in one.advice:
            if advice.saves is not None and (span is None or advice.saves > span[1] + _ROUNDING):
                yield f"{one.id}: {advice.label} saves {advice.saves} s of an outage of {span and span[1]} s"


def _findings(case: Case) -> Iterator[str]:
    """What the configuration is said to lack was not seen at work in the newest of it."""
    monitored = {run.resource.split(":")[0] for one in case.incidents for run in one.operations if run.interval}
    for finding in case.findings:
        if finding.label == "monitor-absent" and finding.subject in monitored:
            yield f"{finding.subject} is said to have no monitor, and an incident shows one"


RULES: Final[tuple[Rule, ...]] = (
    *(_phases, _numbers, _order, _titles, _verdicts, _labels, _witnesses),
    *(_pauses, _losses, _owners, _quiet, _counts, _advice, _findings),
)


def _faults(case: Case) -> Iterator[Incident]:
    return (one for one in case.incidents if one.kind in (IncidentKind.FAULT, IncidentKind.SPURIOUS))
