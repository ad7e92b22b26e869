"""A node lost the quorum device: its client cannot reach the server that gives it a vote (corosync-qdevice)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
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
#: default): what is told within it came with that change. The client tries again more often than that, and says each
#: time that it could not (quorum.device.timeout, 10 s by default); that it could it does not say.
_SYNC: Final = timedelta(seconds=30)


class ArbiterLost(Trigger, frozen=True, eq=False, kw_only=True):
    """`why`: the first line that tells it."""

    why: str

    @classmethod
    def find(cls, timeline: Timeline, config: ClusterConfig) -> Iterator[Self]:
        """The first line of each stretch without the server. A node that has just begun and then complains no more was
        only quicker than its network. Where nodes were lost at that time it is told with them, and not before.
        """
        by_node: dict[str, list[Event]] = {}
        for event in timeline.rows.get(Kind.QDEVICE_STATE):
            if event.daemon == "corosync-qdevice" and event.state == "lost":
                by_node.setdefault(event.node, []).append(event)
        for node, events in by_node.items():
            for lines in _stretches(events):
                first = lines[0]
                if asked_to_go(timeline, config, node, first.time) or _was_early(timeline, lines):
                    continue
                lost = [loss.time for loss in timeline.losses if abs(loss.time - first.time) <= _SYNC]
                yield cls(
                    time=max(first.time, *lost) if lost else first.time,
                    node=node,
                    events=tuple(line.event for line in lines)[:MOST_LINES],
                    why=said(first),
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


def _stretches(events: list[Event]) -> Iterator[list[Event]]:
    """The lines of one node without the server; a longer silence means that it was reached meanwhile."""
    lines: list[Event] = []
    for event in events:
        if lines and event.time - lines[-1].time > _SYNC:
            yield lines
            lines = []
        lines.append(event)
    yield lines


def _was_early(timeline: Timeline, lines: list[Event]) -> bool:
    """Whether the node had begun just before, and was soon content."""
    first, last = lines[0], lines[-1]
    began = any(
        row.node == first.node for kind in BEGINS for row in timeline.between(kind, first.time - _SYNC, first.time)
    )
    return began and timeline.end is not None and timeline.end - last.time > _SYNC
