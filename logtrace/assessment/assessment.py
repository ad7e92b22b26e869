"""A finished chain with its times worked out: what the causes are judged on."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TypeVar

from msgspec import Struct

from logtrace.assessment.answers import answers
from logtrace.assessment.critical_path import Step, critical_path
from logtrace.assessment.death import Death, time_of_death
from logtrace.assessment.heard import last_heard
from logtrace.assessment.phases import Phase
from logtrace.assessment.watched import last_watched
from logtrace.chains.chain import Chain
from logtrace.chains.triggers import CorosyncPaused, MultiplyActive, QuorumLost, Trigger
from logtrace.config.model import ClusterConfig
from logtrace.timeline import Run, Timeline

_Trigger = TypeVar("_Trigger", bound=Trigger)


class Assessment(Struct, frozen=True):
    """Times are UTC. `recovered_at` is None when something that was lost never came back in the window.

    `path`: the critical path; `death`: the proof of when the service or node died, if a line proves it.
    `earliest`: the last moment it is known, or can be inferred, to have been well.
    """

    chain: Chain
    timeline: Timeline
    config: ClusterConfig
    detected: datetime
    death: Death | None
    earliest: datetime | None
    decided: datetime | None
    acted: datetime | None
    recovered_at: datetime | None
    end: datetime
    path: tuple[Step, ...]
    phases: tuple[Phase, ...]

    @property
    def recovered(self) -> bool:
        return not self.chain.still_down()

    @property
    def began(self) -> datetime:
        """What the outage is counted from."""
        return self.death.time if self.death is not None else self.detected

    @property
    def outage(self) -> float | None:
        if not self.chain.outages:
            return 0.0
        start = self.began
        if self.service_ran_on:
            start = max(start, min(outage.down for outage in self.chain.outages))
        stop = self.recovered_at or self.timeline.end
        return None if stop is None else max(0.0, (stop - start).total_seconds())

    @property
    def service_ran_on(self) -> bool:
        """The service lived on while the cluster thought it lost; its outage begins when the cluster stops it."""
        return False

    @property
    def failed_resource(self) -> str | None:
        """The resource whose failure started the chain."""
        return self.chain.first.resource if self.chain.first.run is not None else None

    def triggers(self, *kinds: type[_Trigger]) -> list[_Trigger]:
        return [trigger for trigger in self.chain.triggers if isinstance(trigger, kinds)]

    def failures(self, *operations: str) -> list[Run]:
        """Failed runs of the chain, in order, optionally of some operations only."""
        runs = [run for run in self.chain.failed_runs if not operations or run.operation in operations]
        return sorted(runs, key=lambda run: run.end)

    def critical_runs(self, *operations: str) -> list[Run]:
        return [step.run for step in self.path if step.run is not None and step.run.operation in operations]


def facts(chain: Chain, timeline: Timeline, config: ClusterConfig) -> Assessment:
    """Work out the times of `chain`."""
    detected = _detected(chain, timeline)
    death = None if not chain.is_fault else time_of_death(chain, timeline, config, detected)
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
        chain, began=death.time if death else detected, detected=detected, decided=decided, recovered=recovered_at
    )
    return Assessment(
        chain=chain,
        timeline=timeline,
        config=config,
        detected=detected,
        death=death,
        earliest=_earliest(chain, timeline, config, detected, death),
        decided=decided,
        acted=acted,
        recovered_at=recovered_at,
        end=end,
        path=path,
        phases=phases,
    )


def _detected(chain: Chain, timeline: Timeline) -> datetime:
    """When the cluster first knew. A second copy is known from the probe or result that found it."""
    first = chain.first
    if isinstance(first, MultiplyActive) and first.resource is not None:
        found = [
            run.end
            for run in timeline.runs_between(first.resource, first.time - timedelta(seconds=30), first.time)
            if run.operation == "monitor" and run.rc in (0, 8)
        ]
        return max(found, default=first.time)
    if isinstance(first, QuorumLost) and chain.losses:
        return min(loss.time for loss in chain.losses)
    if isinstance(first, CorosyncPaused) and chain.losses:
        return min(loss.time for loss in chain.losses)
    return first.time


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


def _earliest(
    chain: Chain, timeline: Timeline, config: ClusterConfig, detected: datetime, death: Death | None
) -> datetime | None:
    """What died at a proven moment was well until then. Else a resource was well when it was last watched, or when it
    answered a request later; a node was well when it was last heard of.
    """
    if not chain.is_fault:
        return None
    if death is not None:
        return death.time
    first = chain.first
    if first.loss is not None:
        return last_heard(timeline, config, detected)
    run = first.run
    if run is None or not run.recurring:
        return None
    watched = last_watched(timeline, config, run)
    if watched is None:
        return None
    heard = answers(timeline, config, run.resource, run.node, watched, detected)
    return heard[-1].time if heard else watched
