"""A resource that may run once was found running on several nodes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import ClassVar, Self

from logtrace.chains.belonging import away
from logtrace.chains.chain import Chain
from logtrace.chains.knowledge import Knowledge
from logtrace.chains.trigger import Trigger
from logtrace.config.model import ClusterConfig
from logtrace.domain.kinds import Kind
from logtrace.timeline import Timeline


class MultiplyActive(Trigger, frozen=True, eq=False, kw_only=True):
    """`count`: on how many, where printed; `why`: what the scheduler does about it. Its line stands on the DC."""

    by_plan: ClassVar[bool] = True
    count: int | None
    why: str | None

    @classmethod
    def find(cls, timeline: Timeline, config: ClusterConfig) -> Iterator[Self]:
        """The scheduler repeats itself at every run: the first of each stretch counts, after a run that did not."""
        last: dict[str, datetime] = {}
        for event in timeline.rows.get(Kind.SCHED_MULTIPLE_ACTIVE, []):
            if event.resource is None:
                continue
            before = last.get(event.resource)
            last[event.resource] = event.time
            if before is None or len(timeline.transitions_between(before, event.time)) > 1:
                yield cls(
                    time=event.time, resource=event.resource, events=(event.event,), count=event.count, why=event.why
                )

    def join(self, state: Knowledge) -> Chain | None:
        """It is found after the loss or the failure that led to it, or when a lost node is back with what it ran."""
        chain = state.chain_about(self.resource)
        if chain is not None and chain.is_fault:
            if any(isinstance(trigger, MultiplyActive) for trigger in chain.triggers):
                return chain if chain.still_down() or state.busy_with(chain) else None
            if chain.losses or chain.still_down() or state.busy_with(chain):
                return chain
        for other in state.recent():
            if other.is_fault and any(away(state, loss) for loss in other.losses):
                return other
        return None

    @property
    def beginning(self) -> str:
        """As the scheduler counts."""
        return f"{self.resource} was found active more than once"
