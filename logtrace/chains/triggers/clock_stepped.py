"""A node's clock was set."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Self

from logtrace.chains.trigger import Trigger
from logtrace.config.model import ClusterConfig
from logtrace.domain.kinds import Kind
from logtrace.timeline import Timeline


class ClockStepped(Trigger, frozen=True, eq=False, kw_only=True):
    """Told by the node's time daemon or kernel."""

    @classmethod
    def find(cls, timeline: Timeline, config: ClusterConfig) -> Iterator[Self]:
        """Steps of a second or more."""
        for event in timeline.rows.get(Kind.CLOCK_STEP, []):
            if _seconds(event.value) >= 1.0:
                yield cls(time=event.time, node=event.node, events=(event.event,))

    @property
    def beginning(self) -> str:
        """By how much is told by the cause."""
        return f"the clock of {self.node} was stepped"


def _seconds(text: str | None) -> float:
    try:
        return abs(float((text or "0").split()[0]))
    except (ValueError, IndexError):
        return 0.0
