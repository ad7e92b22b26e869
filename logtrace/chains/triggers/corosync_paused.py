"""Corosync was not scheduled for some time; its line is printed when the pause is over."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import ClassVar, Self

from logtrace.chains.chain import Chain
from logtrace.chains.knowledge import Knowledge
from logtrace.chains.trigger import Trigger
from logtrace.config.model import ClusterConfig
from logtrace.domain.kinds import Kind
from logtrace.timeline import Timeline


class CorosyncPaused(Trigger, frozen=True, eq=False, kw_only=True):
    """It did not run for `seconds` before `time`. A pause that moved nobody is a warning, no incident."""

    labels: ClassVar[tuple[str, ...]] = ("corosync_stall",)
    begins: ClassVar[bool] = False
    seconds: float

    @classmethod
    def find(cls, timeline: Timeline, config: ClusterConfig) -> Iterator[Self]:
        """Corosync's own lines of it, of the main process (timer_function_scheduler_timeout) and of TOTEM."""
        for kind in (Kind.COROSYNC_NOT_SCHEDULED, Kind.TOTEM_PAUSE):
            for event in timeline.rows.get(kind, []):
                seconds = (event.pause_ms or 0) / 1000
                yield cls(time=event.time, node=event.node, events=(event.event,), seconds=seconds)

    def join(self, state: Knowledge) -> Chain | None:
        """A pause belongs to the losses it explains: of the paused node, or those it believed in when it woke."""
        began = self.time - timedelta(seconds=self.seconds) - timedelta(seconds=2)
        for chain in state.recent():
            for loss in chain.losses:
                about = loss.node == self.node or self.node in loss.observers
                if about and began <= loss.time <= self.time + timedelta(seconds=5):
                    return chain
        return None

    @property
    def beginning(self) -> str:
        """How long it was."""
        return f"Corosync of {self.node} was not scheduled for {self.seconds:.1f} s"
