"""An operator's command."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import ClassVar, Self

from logtrace.chains.chain import Chain
from logtrace.chains.knowledge import Knowledge
from logtrace.chains.limits import MOST_LINES
from logtrace.chains.trigger import Sort, Trigger
from logtrace.chains.triggers.commands import STOP_NODE, commands
from logtrace.chains.triggers.connectivity_lost import connectivity_changed
from logtrace.chains.triggers.daemon_died import DaemonDied
from logtrace.chains.triggers.fencing_asked import FencingAsked
from logtrace.chains.triggers.node_lost import NodeLost
from logtrace.config.model import ClusterConfig
from logtrace.config.query import is_stonith
from logtrace.domain.kinds import Kind
from logtrace.timeline import Action, Timeline, Transition

#: What the scheduler plans for healthy resources only when somebody asked for it.
_ON_REQUEST = frozenset({"Stop", "Move", "Migrate", "Restart", "Demote", "Reload"})


class Verb(StrEnum):
    """What an operator did, as far as chains must know."""

    STOP_NODE = STOP_NODE
    FENCE = "manual fencing"
    CONFIRM = "confirmation"
    CHANGE = "change"


class OperatorActed(Trigger, frozen=True, eq=False, kw_only=True):
    """`what`: the command in words; `fencing`: the one that was asked for by hand."""

    sort: ClassVar[Sort] = Sort.PLANNED
    verb: Verb
    what: str

    @classmethod
    def find(cls, timeline: Timeline, config: ClusterConfig) -> Iterator[Self]:
        """Commands on the cluster, fencings that no daemon of the cluster asked for, confirmations of them, and
        failures that were told to the cluster (crm_resource --fail).
        """
        for fencing in timeline.fencings:
            if fencing.by_hand:
                yield cls(
                    time=fencing.requested,
                    node=fencing.target,
                    events=tuple(fencing.events[:MOST_LINES]),
                    fencing=fencing,
                    verb=Verb.FENCE,
                    what=f"{Verb.FENCE} of {fencing.target}{', which failed' if fencing.status == 'failed' else ''}",
                )
        for event in timeline.rows.get(Kind.FENCE_CONFIRMED, []):
            what = f"confirmation that {event.target} is down"
            yield cls(time=event.time, node=event.node, events=(event.event,), verb=Verb.CONFIRM, what=what)
        for run in timeline.runs:
            if run.operation == "asyncmon":
                what = f"failure of {run.resource} on {run.node}, reported by crm_resource --fail"
                yield cls(
                    time=run.end, node=run.node, resource=run.resource, events=(run.event,), verb=Verb.CHANGE, what=what
                )
        for command in commands(timeline, config):
            yield cls(
                time=command.time,
                node=command.node,
                resource=command.resource,
                events=command.events,
                verb=Verb.STOP_NODE if command.stops_node else Verb.CHANGE,
                what=command.what,
            )

    @classmethod
    def of_plan(cls, state: Knowledge, transition: Transition) -> Self | None:
        """Syslog copies leave out why a transition was calculated. Healthy resources that are stopped or moved with no
        failure, loss or return of a node before it were stopped or moved by somebody.
        """
        if not state.blind or _something_came_or_went(state, transition):
            return None
        for action in transition.actions:
            resource = action.resource
            if resource is None or action.blocked or is_stonith(state.config, resource):
                continue
            if action.verb in _ON_REQUEST or _stopped_on_request(state, action):
                what = f"{action.verb.lower()} of {resource} (the logs do not say by what command)"
                return cls(
                    time=transition.calculated,
                    resource=resource,
                    events=(action.event,),
                    verb=Verb.CHANGE,
                    what=what,
                    inferred=True,
                )
        return None

    @property
    def takes_node_down(self) -> bool:
        """Stops and fencings do."""
        return self.verb in (Verb.STOP_NODE, Verb.FENCE)

    def join(self, state: Knowledge) -> Chain | None:
        """A command is an incident of its own; only the stop of a node already in trouble is a consequence."""
        if self.verb is Verb.STOP_NODE and self.node is not None:
            chain = state.chain_at(self.node)
            if chain is not None and state.busy_with(chain):
                same = any(isinstance(t, OperatorActed) and t.verb is Verb.STOP_NODE for t in chain.triggers)
                in_trouble = any(
                    isinstance(t, DaemonDied | NodeLost | FencingAsked) and t.node == self.node for t in chain.triggers
                )
                if same or in_trouble:
                    return chain
        if self.verb is Verb.CONFIRM:  # told on every node, by one message to all
            for other in state.recent():
                first = other.first
                told = isinstance(first, OperatorActed) and first.what == self.what
                if told and self.time - other.last <= state.agreement():
                    return other
        return None

    def strike(self, state: Knowledge, chain: Chain) -> None:
        """A node that is stopped or fenced is this chain's."""
        if self.node is not None and self.takes_node_down:
            state.of_node[self.node] = chain
        if self.fencing is not None:
            chain.fence(self.fencing)

    @property
    def beginning(self) -> str:
        """The command."""
        return self.what


def _stopped_on_request(state: Knowledge, action: Action) -> bool:
    owner = state.chain_about(action.resource)
    return owner is not None and owner.planned and owner.has_down(action.resource or "")


def _something_came_or_went(state: Knowledge, transition: Transition) -> bool:
    """Starting daemons, losses, returns, expired failures and networks make the cluster plan on its own."""
    since = state.planned_before(transition)
    if connectivity_changed(state, transition):
        return True
    for kind in (Kind.COROSYNC_START, Kind.DAEMON_STARTING, Kind.FAILURE_CLEARED, Kind.DC_TAKEN, Kind.QUORUM_GAINED):
        if state.timeline.between(kind, since, transition.calculated):
            return True
    return any(
        since <= moment <= transition.calculated
        for loss in state.timeline.losses
        for moment in (loss.time, loss.back)
        if moment is not None
    )
