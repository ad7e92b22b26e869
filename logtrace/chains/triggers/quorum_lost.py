"""A partition that had quorum has it no more."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import ClassVar, Self

from logtrace.chains.belonging import ONE_CHANGE
from logtrace.chains.chain import Chain
from logtrace.chains.knowledge import Knowledge
from logtrace.chains.trigger import Trigger
from logtrace.config.model import ClusterConfig
from logtrace.domain.kinds import Kind
from logtrace.timeline import Event, Timeline


class QuorumLost(Trigger, frozen=True, eq=False, kw_only=True):
    """`node` tells it of its partition."""

    labels: ClassVar[tuple[str, ...]] = ("corosync_stall", "network_partition", "node_failure", "quorum_loss")

    @classmethod
    def find(cls, timeline: Timeline, config: ClusterConfig) -> Iterator[Self]:
        """Quorum that was there and is lost; a node that starts alone has none to lose."""
        had: dict[str, bool] = {}
        rows = [*timeline.rows.get(Kind.QUORUM_LOST, []), *timeline.rows.get(Kind.QUORUM_GAINED, [])]
        for event in sorted(rows, key=lambda row: row.event):
            if event.kind == Kind.QUORUM_GAINED:
                had[event.node] = True
            elif event.node not in had and _starting(timeline, event):
                had[event.node] = False
            elif had.get(event.node, True):
                had[event.node] = False
                yield cls(time=event.time, node=event.node, events=(event.event,))

    def join(self, state: Knowledge) -> Chain | None:
        """Quorum goes with the nodes that are lost, and every member tells it."""
        for chain in state.recent():
            for loss in chain.losses:
                if abs(loss.time - self.time) <= timedelta(seconds=5) or (
                    loss.away_at(self.time) and chain.quiet_since(self.time) <= ONE_CHANGE
                ):
                    return chain
            if any(isinstance(t, QuorumLost) and self.time - t.time <= ONE_CHANGE for t in chain.triggers):
                return chain
        return None

    @property
    def beginning(self) -> str:
        """Of which partition it is told."""
        return f"the partition of {self.node} lost quorum"


def _starting(timeline: Timeline, event: Event) -> bool:
    return any(
        other.node == event.node
        for other in timeline.between(Kind.COROSYNC_START, event.time - timedelta(seconds=60), event.time)
    )
