"""A node's clock was set."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Self

import polars as pl

from logtrace.chains.trigger import Trigger
from logtrace.clocks import ClockSet
from logtrace.config.model import ClusterConfig
from logtrace.domain.kinds import Kind
from logtrace.timeline import Timeline

#: Time daemons tell what a clock was off, which until it is set may be a little more; logs have whole seconds.
_ROUNDED = 1.0


class ClockStepped(Trigger, frozen=True, eq=False, kw_only=True):
    """`seconds`: by how much, forward where positive. Where no line tells it, it was between `time` and `until`;
    `other`: of two clocks the one that may have been set instead, the other way.
    """

    seconds: float
    until: datetime | None = None
    other: str | None = None

    @classmethod
    def find(cls, timeline: Timeline, config: ClusterConfig) -> Iterator[Self]:
        """Steps of a second or more that the node's time daemon or kernel tells, and those nobody tells that lines of
        several nodes show: what one of them sent has come before it was sent.
        """
        told = [event for event in timeline.rows.get(Kind.CLOCK_STEP, []) if abs(_seconds(event.value)) >= 1.0]
        for event in told:
            yield cls(time=event.time, node=event.node, events=(event.event,), seconds=_seconds(event.value))
        for shown in timeline.clocks_set:
            own = (abs(abs(_seconds(event.value)) - abs(shown.seconds)) for event in told if event.node == shown.node)
            if not any(apart <= _ROUNDED for apart in own) and (lines := _events(timeline, shown)):
                yield cls(
                    time=shown.since,
                    until=shown.until,
                    node=shown.node,
                    events=lines,
                    seconds=shown.seconds,
                    other=shown.other,
                    inferred=True,
                )

    @property
    def beginning(self) -> str:
        """By how much is told by the cause."""
        if self.other is not None:
            return f"the clock of {self.node} or of {self.other} was set"
        return f"the clock of {self.node} was stepped"


def _events(timeline: Timeline, shown: ClockSet) -> tuple[int, ...]:
    lines = pl.DataFrame(shown.lines, schema=["file", "line"], orient="row")
    events = timeline.events.select("event", "file", "line")
    return tuple(events.join(lines.cast({n: events.schema[n] for n in lines.columns}), on=["file", "line"])["event"])


def _seconds(text: str | None) -> float:
    try:
        return float((text or "0").split()[0])
    except (ValueError, IndexError):
        return 0.0
