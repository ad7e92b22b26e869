"""Corosync was not scheduled for some time; its line is printed when the pause is over."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import ClassVar, Self

from logtrace.chains.chain import Chain
from logtrace.chains.knowledge import Knowledge
from logtrace.chains.orderly import SECOND
from logtrace.chains.trigger import Trigger
from logtrace.config.model import ClusterConfig
from logtrace.domain.kinds import Kind
from logtrace.timeline import NodeLoss, Timeline


class CorosyncPaused(Trigger, frozen=True, eq=False, kw_only=True):
    """It did not run for `seconds` before `time`. A pause that moved nobody is a warning, no incident."""

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
        for chain in state.recent():
            if any(self.explains(state, loss) for loss in chain.losses):
                return chain
        return None

    def explains(self, state: Knowledge, loss: NodeLoss) -> bool:
        """Whether a loss of the paused node, or one that it told, fell into the pause or into the time that Corosync
        takes to notice and to agree, after it. Stamps without fractions may stand up to a second early.
        """
        about = loss.node == self.node or self.node in loss.observers
        began = self.time - timedelta(seconds=self.seconds) - SECOND
        return about and began <= loss.time <= self.time + state.agreement()

    @property
    def beginning(self) -> str:
        """How long it was."""
        return f"Corosync of {self.node} was not scheduled for {self.seconds:.1f} s"
