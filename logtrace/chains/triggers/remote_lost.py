"""The connection to a Pacemaker Remote node was lost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Self

import polars as pl
from msgspec import Struct

from logtrace.chains.belonging import guest_node
from logtrace.chains.chain import Chain
from logtrace.chains.knowledge import Knowledge
from logtrace.chains.orderly import SECOND
from logtrace.chains.trigger import Trigger
from logtrace.config.model import ClusterConfig
from logtrace.domain.kinds import Kind
from logtrace.domain.reasons import Why
from logtrace.timeline import Run, Timeline

#: What the controller says of an operation whose executor it can no longer ask.
_UNHEARD = ("internal communication failure", "not connected")
_CONNECTION_DIED = 189


class RemoteLost(Trigger, frozen=True, eq=False, kw_only=True):
    """`node` is the remote or guest node, whose connection is a resource of the same name."""

    @classmethod
    def find(cls, timeline: Timeline, config: ClusterConfig) -> Iterator[Self]:
        """The controller's lines of the loss (lrmd_remote_client, remote_lrm_op_cb), and failed monitors and starts of
        the connection after it: it is no service, its node was lost, or is not reached again.
        """
        connections = lost_connections(timeline)
        for run in timeline.runs:
            if run.failed and run.operation != "notify" and connections.explain(run):
                yield cls(time=run.end, node=run.resource, events=(run.event,))
        for event in timeline.rows.get(Kind.REMOTE_LOST, []):
            yield cls(time=event.time, node=event.target or event.node, events=(event.event,))

    def join(self, state: Knowledge) -> Chain | None:
        """One lost connection is told by several lines, and after its container died or its fencing began."""
        chain = state.in_trouble(self.node)
        if chain is not None:
            return chain
        for other in state.recent():
            near = other.is_fault and state.busy_with(other)
            if near and any(guest_node(state, resource) == self.node for resource in other.failed_on):
                return other
        return None

    def strike(self, state: Knowledge, chain: Chain) -> None:
        """Its node is this chain's, and what ran there is down, unless the node turns out to have lived on."""
        if self.node is not None:
            state.lost_connection(self.node)
            state.of_node[self.node] = chain
            state.node_down(chain, self.node, self.time, believed=True)

    @property
    def beginning(self) -> str:
        """Whether the node died or only its connection is told by the cause."""
        return f"the connection to the remote node {self.node} was lost"


class Connections(Struct, frozen=True):
    """When each connection was lost first."""

    lost: dict[str, datetime]

    def explain(self, run: Run) -> bool:
        """Whether a failed run is of a connection that was lost: a monitor of it, or anything after the loss."""
        return run.resource in self.lost and (run.recurring or self.lost[run.resource] <= run.end)

    def cut_off(self, run: Run) -> bool:
        """Whether nobody heard how a run ended on a node whose connection was lost: no word of the agent, which the
        controller makes up for what it had under way there (lrmd_dispatch_internal of 2.1, rc 189 before).
        """
        unheard = run.status in _UNHEARD or run.rc == _CONNECTION_DIED
        return unheard and run.node in self.lost and self.lost[run.node] - SECOND <= run.end


def lost_connections(timeline: Timeline) -> Connections:
    """The connections that a line says were lost: the controller's own, or the reason it gives for the result of their
    monitor (remote_lrm_op_cb: `Lost connection to remote executor`), which nothing but a connection can have.
    """
    rows = timeline.rows.get(Kind.REMOTE_LOST, [])
    lost = {event.target: event.time for event in reversed(rows) if event.target}
    results = timeline.events.of(Kind.OP_RESULT, Kind.OP_HISTORY, columns=("resource", "time", "why"))
    told = results.filter(pl.col("why") == Why.CONNECTION_LOST).drop_nulls().group_by("resource").agg(pl.min("time"))
    for resource, time in told.iter_rows():
        lost[resource] = min(time, lost.get(resource, time))
    return Connections(lost)
