"""A node left the membership, and nobody had asked it to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import ClassVar, Self

from logtrace.chains.belonging import still_open
from logtrace.chains.chain import Chain
from logtrace.chains.knowledge import AFTERMATH, DAEMON_AFTERMATH, Knowledge
from logtrace.chains.limits import MOST_LINES
from logtrace.chains.trigger import Trigger
from logtrace.chains.triggers.daemon_died import DaemonDied, told_to_stop
from logtrace.chains.triggers.quorum_lost import QuorumLost
from logtrace.config.model import ClusterConfig
from logtrace.timeline import NodeLoss, Timeline

#: Losses told this close to each other are of one membership.
_TOGETHER = timedelta(seconds=3)


class NodeLost(Trigger, frozen=True, eq=False, kw_only=True):
    """`loss` tells who lost it and when it was back."""

    labels: ClassVar[tuple[str, ...]] = ("corosync_stall", "network_partition", "node_failure")

    @classmethod
    def find(cls, timeline: Timeline, config: ClusterConfig) -> Iterator[Self]:
        """Losses that Corosync calls unannounced, or that no request to stop stands before."""
        for loss in timeline.losses:
            if loss.unannounced or not (loss.orderly or told_to_stop(timeline, loss.node, loss.time)):
                yield cls(time=loss.time, node=loss.node, events=tuple(loss.events[:MOST_LINES]), loss=loss)

    def join(self, state: Knowledge) -> Chain | None:
        """A loss that a chain about its node expects, or that came with another one or with a loss of quorum."""
        loss = self.loss
        assert loss is not None
        chain = state.chain_at(loss.node)
        if chain is not None and _expects_loss(chain, loss.node, loss.time):
            return chain
        for other in state.recent():
            if not other.is_fault:
                continue
            for before in other.losses:
                together = abs(loss.time - before.time) <= _TOGETHER
                if together or (_mutual(before, loss) and still_open(before, loss.time)):
                    return other
            without = [trigger for trigger in other.triggers if isinstance(trigger, QuorumLost)]
            if any(abs(trigger.time - loss.time) <= timedelta(seconds=5) for trigger in without):
                return other
        return None

    def strike(self, state: Knowledge, chain: Chain) -> None:
        """What ran there is down. A loss told by the losing side of a split takes nothing: their peers run on."""
        loss = self.loss
        assert loss is not None
        chain.lose(loss)
        state.of_node[loss.node] = chain
        if not loss.mirrored:
            state.node_down(chain, loss.node, loss.time)

    @property
    def beginning(self) -> str:
        """The membership's word."""
        return f"{self.node} left the membership"


def _mutual(one: NodeLoss, other: NodeLoss) -> bool:
    """Whether two nodes told each other's loss."""
    return one.node in other.observers and other.node in one.observers


def _expects_loss(chain: Chain, node: str, time: datetime) -> bool:
    """A fencing that is under way, a dead daemon or an unfinished loss explain that a node goes."""
    if chain.planned:
        return chain.first.takes_node_down and chain.quiet_since(time) <= timedelta(minutes=2)
    returned = [loss.back for loss in chain.losses if loss.node == node and loss.back is not None]
    if any(back + AFTERMATH < time for back in returned):
        return False  # it was back and well: this is another loss
    if any(f.target == node and (f.ended is None or time - f.ended <= timedelta(minutes=5)) for f in chain.fencings):
        return True
    if any(isinstance(trigger, DaemonDied) and trigger.node == node for trigger in chain.triggers):
        return chain.quiet_since(time) <= DAEMON_AFTERMATH
    if any(run.operation == "stop" and run.node == node for run in chain.failed_runs):
        return chain.quiet_since(time) <= timedelta(minutes=5)
    return any(loss.node == node and still_open(loss, time) for loss in chain.losses)
