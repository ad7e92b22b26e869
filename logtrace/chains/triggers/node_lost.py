"""A node left the membership, and nobody had asked it to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Self

from logtrace.chains.belonging import still_open
from logtrace.chains.chain import Chain
from logtrace.chains.knowledge import Knowledge
from logtrace.chains.limits import MOST_LINES
from logtrace.chains.orderly import begins_between, was_announced
from logtrace.chains.trigger import Trigger
from logtrace.chains.triggers.corosync_paused import CorosyncPaused
from logtrace.chains.triggers.daemon_died import DaemonDied
from logtrace.chains.triggers.quorum_lost import QuorumLost
from logtrace.chains.triggers.remote_lost import RemoteLost
from logtrace.config.model import ClusterConfig
from logtrace.timeline import NodeLoss, Timeline


class NodeLost(Trigger, frozen=True, eq=False, kw_only=True):
    """`loss` tells who lost it and when it was back."""

    rejoins: ClassVar[bool] = True

    @classmethod
    def find(cls, timeline: Timeline, config: ClusterConfig) -> Iterator[Self]:
        """Losses that Corosync calls unannounced, or that no request to stop stands before."""
        for loss in timeline.losses:
            if not was_announced(timeline, config, loss):
                yield cls(time=loss.time, node=loss.node, events=tuple(loss.events[:MOST_LINES]), loss=loss)

    def join(self, state: Knowledge) -> Chain | None:
        """A loss that a chain about its node expects, or that came with another one or with a loss of quorum."""
        loss = self.loss
        assert loss is not None
        chain = state.chain_at(loss.node)
        if chain is not None and _expects_loss(state, chain, loss.node):
            return chain
        for other in state.recent():
            if other.is_fault and (_of_one_change(state, other, loss) or _without_quorum(state, other)):
                return other
        return None

    def strike(self, state: Knowledge, chain: Chain) -> None:
        """What ran there is down. A loss told by the losing side of a split takes nothing: their peers run on."""
        loss = self.loss
        assert loss is not None
        chain.lose(loss)
        for trigger in list(state.waiting):
            if isinstance(trigger, CorosyncPaused) and trigger.explains(state, loss):
                state.waiting.remove(trigger)
                chain.add(trigger)
        state.of_node[loss.node] = chain
        state.lost_connection(loss.node)  # where a resource has a node's name, it is the connection to it
        if not loss.mirrored:
            state.node_down(chain, loss.node, loss.time, believed=True)

    @property
    def beginning(self) -> str:
        """The membership's word."""
        return f"{self.node} left the membership"


def _of_one_change(state: Knowledge, chain: Chain, loss: NodeLoss) -> bool:
    """Whether a loss belongs to a change of the membership that a chain is about: it came while members agreed on it,
    the nodes told each other's loss, or who told it was lost itself and had been alone since.
    """
    agreeing = state.agreement() / 2  # a node that is missed meanwhile is missed with the others
    if any(loss.time - before.time <= agreeing for before in reversed(chain.losses)):  # the last one is the nearest
        return True
    if any(_mutual(before, loss) and still_open(state, before) for before in chain.losses):
        return True
    alone = {before.node for before in chain.losses if before.away_at(loss.time)}
    return bool(loss.observers) and loss.observers <= alone


def _without_quorum(state: Knowledge, chain: Chain) -> bool:
    """Whether a chain began with a loss of quorum, told by the members before they named who was lost."""
    without = [trigger for trigger in chain.triggers if isinstance(trigger, QuorumLost)]
    return any(state.now - trigger.time <= state.agreement() for trigger in without)


def _mutual(one: NodeLoss, other: NodeLoss) -> bool:
    """Whether two nodes told each other's loss."""
    return one.node in other.observers and other.node in one.observers


def _expects_loss(state: Knowledge, chain: Chain, node: str) -> bool:
    """A fencing that is under way, a dead daemon, a lost connection or an unfinished loss explain that a node goes."""
    time = state.now
    if chain.planned:
        return chain.first.takes_node_down and not begins_between(state.timeline, node, chain.last, time)
    returned = (loss.back for loss in chain.losses_of(node) if loss.back is not None)
    if any(back < time and not (state.settling(back) or state.joining(back)) for back in returned):
        return False  # it was back and well: this is another loss
    if any(not begins_between(state.timeline, node, f.requested, time) for f in chain.fencings_of(node)):
        return True
    if any(isinstance(trigger, DaemonDied) and trigger.node == node for trigger in chain.triggers):
        return state.busy_with(chain)
    if any(isinstance(trigger, RemoteLost) and trigger.node == node for trigger in chain.triggers):
        return True  # the connection is the membership of a remote node
    if any(run.operation == "stop" and run.node == node for run in chain.failed_runs):
        return chain.still_down() != [] or state.busy_with(chain)
    return any(still_open(state, loss) for loss in chain.losses_of(node))
