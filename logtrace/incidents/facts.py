"""A finished chain with its times worked out: what the causes are judged on."""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec import Struct

from logtrace.config.model import ClusterConfig
from logtrace.incidents.answers import answers
from logtrace.incidents.critical import Step, critical_path
from logtrace.incidents.death import Death, time_of_death
from logtrace.incidents.draft import Draft, Trigger, TriggerKind
from logtrace.incidents.heard import last_heard
from logtrace.incidents.watched import last_watched
from logtrace.model import Phase
from logtrace.timeline import Run, Timeline


class Facts(Struct, frozen=True):
    """Times are UTC. `recovered_at` is None when something that was lost never came back in the window.

    `path`: the critical path; `death`: the proof of when the service or node died, if a line proves it.
    `earliest`: the last moment it is known, or can be inferred, to have been well.
    """

    draft: Draft
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
        return not self.draft.still_down()

    @property
    def began(self) -> datetime:
        """What the outage is counted from."""
        return self.death.time if self.death is not None else self.detected

    @property
    def outage(self) -> float | None:
        if not self.draft.outages:
            return 0.0
        start = self.began
        if self.service_ran_on:
            start = max(start, min(outage.down for outage in self.draft.outages))
        stop = self.recovered_at or self.timeline.end
        return None if stop is None else max(0.0, (stop - start).total_seconds())

    @property
    def service_ran_on(self) -> bool:
        """The service lived on while the cluster thought it lost; its outage begins when the cluster stops it."""
        return False

    @property
    def failed_resource(self) -> str | None:
        """The resource whose failure started the chain."""
        return self.draft.first.resource if self.draft.first.run is not None else None

    def triggers(self, *kinds: TriggerKind) -> list[Trigger]:
        return [trigger for trigger in self.draft.triggers if trigger.kind in kinds]

    def failures(self, *operations: str) -> list[Run]:
        """Failed runs of the chain, in order, optionally of some operations only."""
        runs = [run for run in self.draft.failed_runs if not operations or run.operation in operations]
        return sorted(runs, key=lambda run: run.end)

    def critical_runs(self, *operations: str) -> list[Run]:
        return [step.run for step in self.path if step.run is not None and step.run.operation in operations]


def facts(draft: Draft, timeline: Timeline, config: ClusterConfig) -> Facts:
    """Work out the times of `draft`."""
    detected = _detected(draft, timeline)
    death = None if draft.planned else time_of_death(draft, timeline, config, detected)
    still = draft.still_down()
    ups = [outage.up for outage in draft.outages if outage.up is not None]
    recovered_at = max(ups) if ups and not still else None
    calculations = sorted(
        {calc.calculated: calc for calc in draft.calculations if calc.executed}.values(), key=lambda c: c.calculated
    )
    after = [calc for calc in calculations if calc.calculated >= detected - timedelta(seconds=1)]
    decided = after[0].calculated if after else None
    acted = _acted(draft, decided)
    end = _end(draft, timeline, bool(still))
    path, phases = critical_path(
        draft, began=death.time if death else detected, detected=detected, decided=decided, recovered=recovered_at
    )
    return Facts(
        draft=draft,
        timeline=timeline,
        config=config,
        detected=detected,
        death=death,
        earliest=_earliest(draft, timeline, config, detected, death),
        decided=decided,
        acted=acted,
        recovered_at=recovered_at,
        end=end,
        path=path,
        phases=phases,
    )


def _detected(draft: Draft, timeline: Timeline) -> datetime:
    """When the cluster first knew. A second copy is known from the probe or result that found it."""
    first = draft.first
    if first.kind is TriggerKind.MULTIPLE_ACTIVE and first.resource is not None:
        found = [
            run.end
            for run in timeline.runs_between(first.resource, first.time - timedelta(seconds=30), first.time)
            if run.operation == "monitor" and run.rc in (0, 8)
        ]
        return max(found, default=first.time)
    if first.kind is TriggerKind.QUORUM_LOST and draft.losses:
        return min(loss.time for loss in draft.losses)
    if first.kind is TriggerKind.STALL and draft.losses:
        return min(loss.time for loss in draft.losses)
    return first.time


def _acted(draft: Draft, decided: datetime | None) -> datetime | None:
    if decided is None:
        return None
    ran = [run for run in draft.runs if not run.recurring and not run.probe]
    starts = [run.start for run in ran if run.start >= decided - timedelta(seconds=1)]
    starts += [fencing.requested for fencing in draft.fencings if fencing.requested >= decided - timedelta(seconds=1)]
    return max(decided, min(starts)) if starts else None


def _end(draft: Draft, timeline: Timeline, still_down: bool) -> datetime:
    if still_down and not draft.planned and timeline.end is not None:
        return timeline.end
    ends = [calc.ended for calc in draft.calculations if calc.ended is not None]
    return max([draft.last, *ends])


def _earliest(
    draft: Draft, timeline: Timeline, config: ClusterConfig, detected: datetime, death: Death | None
) -> datetime | None:
    """What died at a proven moment was well until then. Else a resource was well when it was last watched, or when it
    answered a request later; a node was well when it was last heard of.
    """
    if draft.planned:
        return None
    if death is not None:
        return death.time
    first = draft.first
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
