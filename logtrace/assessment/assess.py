"""From a chain to its assessment: when it was detected, decided, acted on and over, by which path, and at what cost."""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec.structs import replace

from logtrace.assessment.assessment import Assessment
from logtrace.assessment.downtime import between, downtime
from logtrace.assessment.onset import last_well, time_of_death
from logtrace.assessment.phases import critical_path, with_ups
from logtrace.chains.chain import Chain
from logtrace.chains.triggers import CorosyncPaused, MultiplyActive, QuorumLost
from logtrace.config.model import ClusterConfig
from logtrace.timeline import Timeline, interval_of


def assess(chain: Chain, timeline: Timeline, config: ClusterConfig) -> Assessment:
    """Work out the times of `chain`, and what of it was an outage."""
    detected = _detected(chain, timeline)
    death = time_of_death(chain, timeline, config, detected) if chain.is_fault else None
    still = chain.still_down()
    ups = [outage.up for outage in chain.outages if outage.up is not None]
    recovered_at = max(ups) if ups and not still else None
    calculations = sorted(
        {transition.calculated: transition for transition in chain.transitions if transition.executed}.values(),
        key=lambda c: c.calculated,
    )
    after = [transition for transition in calculations if transition.calculated >= detected - timedelta(seconds=1)]
    decided = after[0].calculated if after else None
    acted = _acted(chain, decided)
    end = _end(chain, timeline, bool(still))
    path, phases = critical_path(
        chain,
        began=death.time if death else detected,
        detected=detected,
        decided=decided,
        recovered=recovered_at,
        timeline=timeline,
    )
    one = Assessment(
        chain=chain,
        timeline=timeline,
        config=config,
        detected=detected,
        death=death,
        earliest=last_well(chain, timeline, config, detected, death),
        decided=decided,
        acted=acted,
        recovered_at=recovered_at,
        end=end,
        path=path,
        phases=phases,
    )
    lost = downtime(one)
    return replace(one, downtime=lost, phases=with_ups(phases, between(lost.spans)) if phases else ())


def _detected(chain: Chain, timeline: Timeline) -> datetime:
    """When the cluster first knew. A second copy is known from the probe or result that found it."""
    first = chain.first
    if isinstance(first, MultiplyActive) and first.resource is not None:
        found = [
            run.end
            for run in timeline.runs_between(first.resource, _since_the_plan_before(timeline, first.time), first.time)
            if run.operation == "monitor" and run.rc in (0, 8)
        ]
        return max(found, default=first.time)
    if isinstance(first, QuorumLost) and chain.losses:
        return min(loss.time for loss in chain.losses)
    if isinstance(first, CorosyncPaused) and chain.losses:
        return min(loss.time for loss in chain.losses)
    return first.time


def _since_the_plan_before(timeline: Timeline, found: datetime) -> datetime:
    """From when on what the scheduler found can have been revealed: the plan before did not say so yet."""
    before = timeline.plans_before(found, 1)
    return before[0].calculated if before else timeline.start or found


def _acted(chain: Chain, decided: datetime | None) -> datetime | None:
    if decided is None:
        return None
    ran = [run for run in chain.runs if not run.recurring and not run.probe]
    starts = [run.start for run in ran if run.start >= decided - timedelta(seconds=1)]
    starts += [fencing.requested for fencing in chain.fencings if fencing.requested >= decided - timedelta(seconds=1)]
    return max(decided, min(starts)) if starts else None


def _end(chain: Chain, timeline: Timeline, still_down: bool) -> datetime:
    if still_down and not chain.planned and timeline.end is not None:
        return timeline.end
    ends = [transition.ended for transition in chain.transitions if transition.ended is not None]
    return max([chain.last, *ends])


def expected_delay(one: Assessment) -> float:
    """Seconds between death and discovery that are not part of the outage, for no line proves the death: half the
    interval of the monitor that had to find it, or half the time since it was last known to be well.
    """
    run = one.chain.first.run
    if run is None or one.death is not None:
        return 0.0
    if run.probe and one.earliest is not None:
        return (one.detected - one.earliest).total_seconds() / 2
    if not run.recurring:
        return 0.0
    return (interval_of(one.timeline, one.config, run) or 0.0) / 2
