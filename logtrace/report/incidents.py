"""From chains to incidents: number them, cite their lines, write down what is known."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import polars as pl

from logtrace import advice
from logtrace.assessment.assess import assess
from logtrace.assessment.assessment import Assessment
from logtrace.causes.judgement import Judgement, Verdict
from logtrace.chains.chain import Chain
from logtrace.chains.state import Progress
from logtrace.chains.sweep import Followed
from logtrace.chains.trigger import Sort
from logtrace.chains.triggers import OperationFailed
from logtrace.config.model import ClusterConfig
from logtrace.config.query import is_stonith
from logtrace.diagnosis.headline import Headline, headline
from logtrace.diagnosis.titles import title
from logtrace.events.store import Events
from logtrace.report.case import Cause, Evidence, Incident, IncidentKind, IncidentRun, IncidentTransition
from logtrace.report.silence import activity, silence_before
from logtrace.timeline import NO_EVENT, Run, Timeline, Transition
from logtrace.whatif import build

_KINDS = {Sort.FAULT: IncidentKind.FAULT, Sort.PLANNED: IncidentKind.PLANNED, Sort.POLICY: IncidentKind.POLICY}

#: Rows kept per incident; a recovery storm has thousands and a reader looks at the first.
_MOST_OPERATIONS = 400
_MOST_TRANSITIONS = 100

#: Lines cited for each incident: what began it (triggers, lines of each), its first plans, its last recoveries, and
#: what speaks against a cause. A storm has thousands that say the same.
_TRIGGERS_CITED, _LINES_OF_EACH = 12, 3
_PLANS_CITED, _RECOVERIES_CITED, _AGAINST_CITED = 2, 6, 2

#: Longest line cited; longer ones are cut where they stand in the log as well.
_LONGEST = 1000


def incidents(
    followed: Followed, timeline: Timeline, config: ClusterConfig, files: pl.DataFrame
) -> tuple[Incident, ...]:
    """Every incident of the case in order of time. `files`: columns file, path."""
    chains = [chain for chain in followed.chains if _matters(chain, config)]
    known = [assess(chain, timeline, config) for chain in chains]
    heads = [headline(one) for one in known]
    order = sorted(range(len(known)), key=lambda index: (known[index].began, index))
    cited = [_cited(known[index], heads[index]) for index in order]
    lines = _lines(timeline.events, files, {event for events in cited for event in events})
    moments = activity(timeline, followed.triggers)
    return tuple(
        _incident(
            f"i{number}",
            known[index],
            heads[index],
            events,
            lines,
            moments,
            followed.progress.get(known[index].chain, Progress.OVER),
        )
        for number, (index, events) in enumerate(zip(order, cited, strict=True), 1)
    )


def _matters(chain: Chain, config: ClusterConfig) -> bool:
    """An orderly departure and what it takes along is told once; a fence device that was merely asked is none."""
    resource = chain.first.resource
    if isinstance(chain.first, OperationFailed) and resource is not None and is_stonith(config, resource):
        return any(run.recurring or run.operation == "start" for run in chain.failed_runs)
    return True


def _cited(one: Assessment, head: Headline) -> list[int]:
    """Ids of all events worth citing, in order of time."""
    ids = {event for trigger in one.chain.triggers[:_TRIGGERS_CITED] for event in trigger.events[:_LINES_OF_EACH]}
    for label, judgement in head.judgements.items():
        if judgement.verdict is Verdict.SUPPORTED or label == head.root_cause:
            ids |= set(judgement.events)
        else:
            ids |= set(judgement.events[:_AGAINST_CITED])
    executed = [transition for transition in one.chain.transitions if transition.executed]
    ids |= {transition.event for transition in executed[:_PLANS_CITED]}
    ids |= {outage.run.event for outage in one.chain.outages[-_RECOVERIES_CITED:] if outage.run is not None}
    ids.discard(NO_EVENT)
    if one.death is not None:
        ids |= set(one.death.events)
    return sorted(ids)


def _lines(events: Events, files: pl.DataFrame, ids: set[int]) -> dict[int, dict[str, object]]:
    told = events.rows(ids, "event", "file", "line", "node", "time", "message", "daemon", "precise")
    rows = told.join(files.select("file", "path"), on="file", how="left")
    return {row["event"]: row for row in rows.iter_rows(named=True)}


def _incident(
    name: str,
    one: Assessment,
    head: Headline,
    events: list[int],
    lines: dict[int, dict[str, object]],
    moments: Sequence[datetime],
    progress: Progress,
) -> Incident:
    ids = {event: f"e{number}" for number, event in enumerate((e for e in events if e in lines), 1)}
    evidence = tuple(_evidence(ids[event], lines[event]) for event in ids)
    chain = one.chain
    began = [*chain.first.events, *(one.death.events if one.death else ())]
    first = min((each for event, each in zip(ids, evidence, strict=True) if event in began), key=_time, default=None)
    outage = one.outage
    graph = build.recovery(one)
    kind = _KINDS[chain.sort]
    if head.root_cause == "spurious_monitor":
        kind = IncidentKind.SPURIOUS
    findings = tuple(_finding(label, judgement, ids) for label, judgement in head.judgements.items())
    widest = one.downtime.widest
    return Incident(
        id=name,
        kind=kind,
        title=title(one, head),
        trigger=head.trigger,
        root_cause=head.root_cause,
        contributing=head.contributing,
        confidence=head.confidence,
        nodes=tuple(chain.nodes),
        resources=tuple(chain.resources),
        t_fault=one.death.time if one.death else None,
        t_fault_earliest=one.earliest,
        t_fault_basis=one.death.basis if one.death else "",
        t_detected=one.detected,
        t_decided=one.decided,
        t_acted=one.acted,
        t_recovered=one.recovered_at if not chain.planned else (one.recovered_at or None),
        t_end=one.end,
        recovered=one.recovered,
        outage=None if chain.planned else outage,
        outage_max=None if chain.planned else widest,
        phases=one.phases,
        operations=_operations(chain, {step.run.run for step in one.path if step.run is not None}),
        transitions=_transitions(chain.transitions),
        causes=findings,
        evidence=evidence,
        advice=advice.advise(one, head, graph),
        recovery=graph,
        progress=progress,
        first_error=first.id if first else None,
        silence_before=silence_before(first.time, moments, one.timeline.start) if first else None,
        missing_witnesses=head.doubts,
    )


def _time(evidence: Evidence) -> datetime:
    return evidence.time


def _evidence(name: str, row: dict[str, object]) -> Evidence:
    time = row["time"]
    assert isinstance(time, datetime)
    daemon = f"{row['daemon']}: " if row["daemon"] else ""
    return Evidence(
        id=name,
        file=str(row["path"] or ""),
        line=int(str(row["line"])),
        node=str(row["node"]) if row["node"] else None,
        time=time,
        text=f"{daemon}{row['message']}"[:_LONGEST],
        precise=row["precise"] is not False,
    )


def _finding(label: str, judgement: Judgement, ids: dict[int, str]) -> Cause:
    return Cause(
        label,
        judgement.verdict,
        None if judgement.weight is None else round(judgement.weight, 3),
        judgement.sentence,
        tuple([ids[event] for event in judgement.events if event in ids]),
    )


def _operations(chain: Chain, critical: set[int]) -> tuple[IncidentRun, ...]:
    runs = sorted(chain.runs, key=lambda run: (run.start, run.end))
    if len(runs) > _MOST_OPERATIONS:
        runs = [run for run in runs if run.run in critical or run.failed][:_MOST_OPERATIONS]
    return tuple(_operation(run, run.run in critical) for run in runs)


def _operation(run: Run, critical: bool) -> IncidentRun:
    return IncidentRun(
        node=run.node,
        resource=run.resource,
        operation=run.operation,
        interval=run.interval or 0,
        start=run.start,
        end=run.end,
        rc=run.rc,
        status=run.status,
        transition=run.transition,
        critical=critical,
        reason=run.reason or None,
        queued=None if run.queue_ms is None else run.queue_ms / 1000,
        precise=run.precise,
    )


def _transitions(calculations: Iterable[Transition]) -> tuple[IncidentTransition, ...]:
    unique = list({transition.id: transition for transition in calculations}.values())[:_MOST_TRANSITIONS]
    return tuple(
        IncidentTransition(
            transition.dc,
            transition.number if transition.number is not None else -1,
            transition.pe_input,
            transition.started or transition.calculated,
            transition.ended,
            transition.outcome if transition.executed else "superseded",
        )
        for transition in unique
    )
