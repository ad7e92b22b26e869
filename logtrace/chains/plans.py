"""Scheduler runs carry chains to the resources they plan actions for."""

from __future__ import annotations

from datetime import timedelta

from logtrace.chains.chain import Chain, Thing
from logtrace.chains.links import connectivity_changed, lost_link
from logtrace.chains.state import AFTERMATH, ClusterState
from logtrace.chains.triggers import OperatorActed, Trigger, Verb
from logtrace.config.dependents import dependents
from logtrace.config.query import is_clone, is_stonith
from logtrace.domain.kinds import Kind
from logtrace.timeline import Action, Transition

#: What the scheduler plans for healthy resources only when somebody asked for it.
_ON_REQUEST = frozenset({"Stop", "Move", "Migrate", "Restart", "Demote", "Reload"})

#: A node or daemon that came or went makes the cluster plan anew within this time.
_SETTLED = timedelta(seconds=10)

#: What is in flight ends, or a DC is elected (election-timeout), before a trigger is answered by a plan.
_ANSWERED = timedelta(minutes=2)


def on_transition(state: ClusterState, transition: Transition) -> None:
    """Give every planned action to the chains it belongs to, and answer their triggers."""
    _learn_places(state, transition)
    if not transition.executed:
        return
    causes = [chain for chain in state.pending if not _is_over(chain, transition)]
    state.pending = []
    state.plan = {}
    if not transition.actions and not causes:
        return  # a look that found all as it should be, of which long logs have tens of thousands
    touched: set[int] = set()
    for action in transition.actions:
        owners = [] if action.verb == "Leave" else _owners(state, transition, action, causes)
        for chain in owners:
            chain.actions.append((transition, action))
            if id(chain) not in touched:
                touched.add(id(chain))
                chain.transitions.append(transition)
            if action.resource is not None:
                _plan(state, chain, transition, action, action.resource)
            elif action.fences and action.target is not None:
                state.of_node[action.target] = chain
    for chain in causes:
        if id(chain) not in touched:
            chain.transitions.append(transition)
        chain.active(transition.calculated)
    if not causes and not touched:
        cut_off = lost_link(state, transition)
        if cut_off is not None:
            _begin(state, transition, cut_off, [action for action in transition.actions if action.verb != "Leave"])
        else:
            _unexplained(state, transition)


def _is_over(chain: Chain, transition: Transition) -> bool:
    """Whether a trigger's chain came to its end before a plan that no longer answers it."""
    quiet = chain.quiet_since(transition.calculated)
    return not chain.still_down() and quiet > (AFTERMATH if chain.outages else _ANSWERED)


def _plan(state: ClusterState, chain: Chain, transition: Transition, action: Action, resource: str) -> None:
    """Runs of `resource` will belong to `chain` until the next plan."""
    state.plan.setdefault(resource, []).append(chain)
    if transition.number is not None:
        state.plans[transition.number, resource] = state.plan[resource]
    _missed(state, chain, action)
    if not is_stonith(state.config, resource):
        chain.resources.setdefault(resource)
        if not chain.planned:
            state.of_resource[resource] = chain


def _unexplained(state: ClusterState, transition: Transition) -> None:
    """Syslog copies leave out why a transition was calculated. Healthy resources that are stopped or moved with no
    failure, loss or return of a node before it were stopped or moved by somebody.
    """
    if not state.blind or _something_came_or_went(state, transition):
        return
    moved = [
        action
        for action in transition.actions
        if action.resource is not None and not action.blocked and not is_stonith(state.config, action.resource)
    ]
    first = next((action for action in moved if action.verb in _ON_REQUEST or _stopped_on_request(state, action)), None)
    if first is None:
        return
    what = f"{first.verb.lower()} of {first.resource} (the logs do not say by what command)"
    by_hand = OperatorActed(
        time=transition.calculated,
        resource=first.resource,
        events=(first.event,),
        verb=Verb.CHANGE,
        what=what,
        inferred=True,
    )
    _begin(state, transition, by_hand, moved)


def _begin(state: ClusterState, transition: Transition, trigger: Trigger, moved: list[Action]) -> None:
    """A chain that is known from its plan only."""
    chain = Chain([trigger])
    state.chains.append(chain)
    if trigger.node is not None:
        chain.nodes.setdefault(trigger.node)
    for action in moved:
        chain.actions.append((transition, action))
        chain.resources.setdefault(action.resource or "")
        state.plan.setdefault(action.resource or "", []).append(chain)
        state.of_resource[action.resource or ""] = chain
    chain.transitions.append(transition)


def _stopped_on_request(state: ClusterState, action: Action) -> bool:
    owner = state.of_resource.get(action.resource or "")
    return (
        owner is not None
        and owner.planned
        and any(outage.thing.resource == action.resource for outage in owner.still_down())
    )


def _something_came_or_went(state: ClusterState, transition: Transition) -> bool:
    """Starting daemons, losses, returns, expired failures and networks make the cluster plan on its own."""
    since = transition.calculated - _SETTLED
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


def _missed(state: ClusterState, chain: Chain, action: Action) -> None:
    """A start or promote planned because a node was lost makes up for what ran there, also where the log that told
    of it is lost with the node: had it been stopped before, it would have been started before.
    """
    if not chain.losses or action.resource is None or action.blocked or is_stonith(state.config, action.resource):
        return
    if action.verb == "Promote" and not state.promoted.get(action.resource):
        chain.down(Thing(action.resource, promoted=True), chain.losses[0].time)
    elif (
        action.verb == "Start" and not is_clone(state.config, action.resource) and not state.active.get(action.resource)
    ):
        chain.down(Thing(action.resource), chain.losses[0].time)


def _learn_places(state: ClusterState, transition: Transition) -> None:
    """Where resources run, as the plan tells it: the log may begin long after they were started."""
    for action in transition.actions:
        if action.resource is None or action.source is None or action.verb in ("Start", "Fence"):
            continue
        if action.resource in state.active or (action.verb == "Leave" and "Stopped" in (action.detail or "")):
            continue
        state.active.setdefault(action.resource, set()).add(action.source)
        if any(role in (action.detail or "") for role in ("Master", "Promoted ")):
            state.promoted.setdefault(action.resource, set()).add(action.source)


def _owners(state: ClusterState, transition: Transition, action: Action, causes: list[Chain]) -> list[Chain]:
    """The chains a planned action belongs to: first who had the resource down, then why it is planned now."""
    planned = [chain for chain in causes if chain.planned]
    faults = [chain for chain in causes if not chain.planned]
    if action.resource is None:
        return _owners_of_node(state, transition, action, [*faults, *planned])
    owner = state.of_resource.get(action.resource)
    if (
        owner is not None
        and not owner.planned
        and any(outage.thing.resource == action.resource for outage in owner.still_down())
    ):
        return [owner, *planned]
    required = action.due_to
    if required is not None:
        other = next((chain for chain in causes if required in chain.resources), None) or state.of_resource.get(
            required
        )
        if other is not None and (other in causes or other.still_down()):
            return [other]
    if action.source is not None:
        there = state.of_node.get(action.source)
        if there is not None and there in causes:
            return [there]
    mine = [chain for chain in faults if action.resource in chain.resources]
    if mine:
        return [mine[-1], *planned]
    asked = [chain for chain in planned if action.resource in chain.resources]
    if asked:
        return asked[-1:]
    by_config = [
        chain
        for chain in (*faults, *planned)
        if any(action.resource in dependents(state.config, resource) for resource in chain.resources)
    ]
    return by_config[:1] or faults[:1] or planned[:1]


def _owners_of_node(state: ClusterState, transition: Transition, action: Action, causes: list[Chain]) -> list[Chain]:
    """The chain a node is fenced or shut down for: of the resource that failed there, else the node's own."""
    words = (action.reason or "").split()
    failed = next((chain for chain in causes if any(word in chain.resources for word in words)), None)
    about = failed or state.in_trouble(action.target, transition.calculated)
    if about is None:
        about = next((chain for chain in causes if action.target in chain.nodes), None)
    return [about] if about is not None else causes[:1]
