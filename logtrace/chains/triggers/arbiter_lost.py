"""A node lost the quorum device: its client cannot reach the server that gives it a vote (corosync-qdevice)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final, Self

from logtrace.chains.belonging import one_change
from logtrace.chains.chain import Chain
from logtrace.chains.knowledge import Knowledge
from logtrace.chains.limits import MOST_LINES
from logtrace.chains.orderly import BEGINS, asked_to_go
from logtrace.chains.trigger import Trigger
from logtrace.config.model import ClusterConfig
from logtrace.domain.kinds import Kind
from logtrace.timeline import Event, Timeline
from logtrace.timeline.rows import said

#: How long votequorum waits for the device's vote when the membership changes (quorum.device.sync_timeout, 30 s by
#: default): what is told within it came with that change.
_SYNC: Final = timedelta(seconds=30)


class ArbiterLost(Trigger, frozen=True, eq=False, kw_only=True):
    """`why`: the first line that tells it; `back`: when it was reached again."""

    why: str
    back: datetime | None

    @classmethod
    def find(cls, timeline: Timeline, config: ClusterConfig) -> Iterator[Self]:
        """The first line of each stretch without the server. A node that has just begun and then reaches it was only
        quicker than its network. Where nodes were lost at that time it is told with them, and not before.
        """
        by_node: dict[str, list[Event]] = {}
        for event in timeline.rows.get(Kind.QDEVICE_STATE):
            if event.daemon == "corosync-qdevice":
                by_node.setdefault(event.node, []).append(event)
        for node, events in by_node.items():
            for lines, back in _stretches(events):
                first = lines[0]
                if asked_to_go(timeline, config, node, first.time) or (back and _began(timeline, events, first)):
                    continue
                lost = [loss.time for loss in timeline.losses if abs(loss.time - first.time) <= _SYNC]
                yield cls(
                    time=max(first.time, *lost) if lost else first.time,
                    node=node,
                    events=tuple(line.event for line in lines)[:MOST_LINES],
                    why=said(first),
                    back=back,
                )

    def join(self, state: Knowledge) -> Chain | None:
        """The network that took it away took nodes away as well."""
        for chain in state.recent():
            if chain.is_fault and any(self.time - loss.time <= max(_SYNC, one_change(state)) for loss in chain.losses):
                return chain
        own = state.in_trouble(self.node)
        return None if own is None or not own.is_fault else own

    @property
    def beginning(self) -> str:
        """In the client's words."""
        return f"{self.node} lost its quorum device, whose vote it was without: {self.why}"


def _stretches(events: list[Event]) -> Iterator[tuple[list[Event], datetime | None]]:
    """The lines of one node without the server, and when it was back."""
    lines: list[Event] = []
    for event in events:
        if event.state == "lost":
            lines.append(event)
        elif lines:
            yield lines, event.time
            lines = []
    if lines:
        yield lines, None


def _began(timeline: Timeline, events: list[Event], first: Event) -> bool:
    """Whether the node had begun since it last reached the server, so that this is its first try."""
    reached = [event.time for event in events if event.time < first.time and event.state != "lost"]
    began = [row.time for kind in BEGINS for row in timeline.rows.get(kind) if row.node == first.node]
    return any(time <= first.time and (not reached or time > reached[-1]) for time in began)
