"""A daemon of Pacemaker, or Corosync itself, ended without having been told to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import ClassVar, Self

import polars as pl

from logtrace.chains.belonging import still_open
from logtrace.chains.chain import Chain
from logtrace.chains.knowledge import Knowledge
from logtrace.chains.limits import MOST_LINES
from logtrace.chains.orderly import SECOND, asked_to_go, begins_between
from logtrace.chains.trigger import Trigger
from logtrace.config.model import ClusterConfig
from logtrace.domain.kinds import Kind
from logtrace.timeline import Event, Timeline

#: The daemons of a node lose Corosync at one time: their sockets close with it, and whole seconds may part two lines.
_AT_ONCE = 2 * SECOND


class DaemonDied(Trigger, frozen=True, eq=False, kw_only=True):
    """`daemon` is its name; `signalled`: it says itself that a signal ended it, which somebody may have meant."""

    rejoins: ClassVar[bool] = True
    daemon: str
    signalled: bool = False

    @classmethod
    def find(cls, timeline: Timeline, config: ClusterConfig) -> Iterator[Self]:
        """Children that pacemakerd saw die (pcmk_child_exit), but for those that exit while the node is being stopped;
        pacemakerd itself, where a new one finds its children running; and Corosync where two daemons of a node lose it
        at once, or where it tells of a signal and a daemon loses it.
        """
        for kind in (Kind.DAEMON_DIED, Kind.DAEMON_EXITED):
            for event in timeline.rows.get(kind, []):
                only_ends = event.rc in (0, None) or asked_to_go(timeline, config, event.node, event.time)
                if kind == Kind.DAEMON_EXITED and only_ends:
                    continue
                yield cls(time=event.time, node=event.node, events=(event.event,), daemon=event.child or "a daemon")
        for event in _orphans(timeline):
            yield cls(time=event.time, node=event.node, events=(event.event,), daemon="pacemakerd")
        for lines in _signalled(timeline, config):
            first = lines[0]
            events = tuple(line.event for line in lines)[:MOST_LINES]
            yield cls(time=first.time, node=first.node, events=events, daemon="corosync", signalled=True)
        for lines in _lost_corosyncs(timeline, config):
            first = lines[0]
            events = tuple(line.event for line in lines)[:MOST_LINES]
            yield cls(time=first.time, node=first.node, events=events, daemon="corosync")

    def join(self, state: Knowledge) -> Chain | None:
        """Daemons fall together: the executor takes the controller along, a lost corosync takes all of them."""
        chain = state.chain_at(self.node)
        if chain is None:
            return None
        if chain.planned:
            return None if begins_between(state.timeline, self.node, chain.last, self.time) else chain
        died = [trigger.time for trigger in chain.triggers if isinstance(trigger, DaemonDied)]
        if died and state.settling(died[-1]):
            return chain
        lost = any(still_open(state, loss) for loss in chain.losses_of(self.node))
        fenced = any(
            not begins_between(state.timeline, self.node, fencing.requested, self.time)
            for fencing in chain.fencings_of(self.node)
        )
        return chain if lost or fenced else None

    def strike(self, state: Knowledge, chain: Chain) -> None:
        """Its node is this chain's; services run on until the cluster stops them."""
        if self.node is not None:
            state.of_node[self.node] = chain

    @property
    def beginning(self) -> str:
        """Why it ended is told elsewhere; who sent a signal is not."""
        how = " by a signal while Pacemaker ran" if self.signalled else ""
        return f"{self.daemon} {'was ' if self.signalled else ''}ended{how} on {self.node}"


def _orphans(timeline: Timeline) -> Iterator[Event]:
    """The first child that each new pacemakerd adopts. One that stopped in order, or died of a failure that it told,
    leaves none.
    """
    last: dict[str, datetime] = {}
    for event in timeline.rows.get(Kind.DAEMON_ADOPTED):
        before = last.get(event.node)
        last[event.node] = event.time
        if before is None or begins_between(timeline, event.node, before, event.time):
            yield event


def _signalled(timeline: Timeline, config: ClusterConfig) -> Iterator[list[Event]]:
    """Corosync's own line that a signal ended it (sigterm_handler, main.c), and those by which daemons of its node lose
    it. An orderly stop sends it one as well (up to 2.x), but only once Pacemaker has ended.
    """
    for event in timeline.rows.where(Kind.COROSYNC_STOPPING, pl.col("state") == "signalled"):
        lost = [
            other
            for other in timeline.between(Kind.DAEMON_CONNECTION_LOST, event.time - SECOND, event.time + _AT_ONCE)
            if other.node == event.node and other.child == "corosync"
        ]
        if lost and not asked_to_go(timeline, config, event.node, event.time, (Kind.SHUTDOWN_REQUESTED,)):
            yield [event, *lost]


def _lost_corosyncs(timeline: Timeline, config: ClusterConfig) -> Iterator[list[Event]]:
    """The lines by which two or more daemons of one node lose Corosync at once, and nobody told them to stop."""
    lost = [event for event in timeline.rows.get(Kind.DAEMON_CONNECTION_LOST, []) if event.child == "corosync"]
    told: dict[str, datetime] = {}
    for event in lost:
        end = event.time + _AT_ONCE
        together = timeline.between(Kind.DAEMON_CONNECTION_LOST, event.time, end, node=event.node, child="corosync")
        before = told.get(event.node)
        recent = before is not None and not begins_between(timeline, event.node, before, event.time)
        stopping = asked_to_go(timeline, config, event.node, event.time)
        if len({other.daemon for other in together}) >= 2 and not recent and not stopping:
            told[event.node] = event.time
            yield together
