"""Plans of the scheduler carry chains to the resources they touch."""

from __future__ import annotations

from logtrace.chains.chain import Chain, Thing
from logtrace.chains.knowledge import Knowledge
from logtrace.chains.triggers import KINDS
from logtrace.config.dependents import dependents
from logtrace.config.query import is_clone, is_stonith
from logtrace.timeline import Action, Transition

#: Verbs that tell of a resource that it is where they take it from.
_FROM = ("Move", "Recover", "Migrate", "Restart")


def on_transition(state: Knowledge, transition: Transition) -> None:
    """Give every planned action to the chains it belongs to, and answer their triggers."""
    _learn_places(state, transition)
    if not transition.executed:
        return
    for chain in {chain: None for chains in state.plan.values() for chain in chains if not chain.closed}:
        chain.active(chain.last)  # what it waited for is superseded
    state.before, state.latest = state.latest, transition
    causes = [chain for chain in state.pending if not chain.closed and not _is_over(state, chain, transition)]
    state.pending = {}
    state.plan = {}
    if not transition.actions and not causes:
        return  # a look that found all as it should be, of which long logs have tens of thousands
    touched: set[Chain] = set()
    for action in transition.actions:
        owners = [] if action.verb == "Leave" else _owners(state, action, causes)
        for chain in owners:
            chain.plan(transition, action)
            touched.add(chain)
            if action.resource is not None:
                _plan(state, chain, transition, action, action.resource)
            elif action.fences and action.target is not None:
                state.of_node[action.target] = chain
    for chain in causes:
        chain.plan(transition)
        chain.active(transition.calculated)
    if not causes and not touched:
        _begin(state, transition)


def _is_over(state: Knowledge, chain: Chain, transition: Transition) -> bool:
    """Whether a trigger's chain came to its end before a plan that no longer answers it."""
    if chain.still_down():
        return False
    if chain.outages:
        return not state.busy_with(chain)
    return chain.quiet_since(transition.calculated) > state.answered_within()


def _plan(state: Knowledge, chain: Chain, transition: Transition, action: Action, resource: str) -> None:
    """Runs of `resource` will belong to `chain` until the next plan."""
    state.plan.setdefault(resource, []).append(chain)
    if transition.number is not None:
        state.plans[transition.number, resource] = state.plan[resource]
    _missed(state, chain, action)
    if not is_stonith(state.config, resource):
        chain.about(resource=resource)
        if not chain.planned:
            state.of_resource[resource] = chain


def _begin(state: Knowledge, transition: Transition) -> None:
    """A plan that nothing explains may itself tell what began: the first kind of trigger that it gives away."""
    trigger = next((found for kind in KINDS if (found := kind.of_plan(state, transition)) is not None), None)
    if trigger is None:
        return
    chain = state.begin(trigger)
    for action in transition.actions:
        resource = action.resource
        if resource is not None and not action.blocked and action.verb != "Leave":
            chain.plan(transition, action)
            if not is_stonith(state.config, resource):
                chain.about(resource=resource)
                state.plan.setdefault(resource, []).append(chain)
                state.of_resource[resource] = chain


def _missed(state: Knowledge, chain: Chain, action: Action) -> None:
    """A start or promote planned because a node was lost makes up for what ran there, also where the log that told
    of it is lost with the node: had it been stopped before, it would have been started before. A plan that recovers a
    resource from the lost node or moves it says itself that it ran there. The losing side of a split plans for what it
    believes lost, and is reset before it can act.
    """
    resource = action.resource
    losses = [loss for loss in chain.losses if not loss.mirrored]
    if not losses or resource is None or action.blocked or not state.is_service(resource):
        return
    gone, runs = {loss.node for loss in losses}, state.active.get(resource, set())
    if action.verb == "Promote" and not state.promoted.get(resource):
        state.down(chain, Thing(resource, promoted=True), losses[0].time)
    elif is_clone(state.config, resource):
        return
    elif (action.verb == "Start" and not runs) or (action.verb in _FROM and action.source in gone and runs <= gone):
        state.down(chain, Thing(resource), losses[0].time)


def _learn_places(state: Knowledge, transition: Transition) -> None:
    """Where resources run, as the plan tells it: the log may begin long after they were started. Of what runs in one
    copy the scheduler's word, which has the whole status at hand, is better than what single lines told.
    """
    for action in transition.actions:
        resource, source = action.resource, action.source
        if resource is None or source is None or action.verb in ("Start", "Fence"):
            continue
        single = resource in state.config.primitives and not is_clone(state.config, resource)
        if single and action.verb in _FROM and state.active.get(resource):
            state.active[resource] = {source}
        if resource in state.active or (action.verb == "Leave" and "Stopped" in (action.detail or "")):
            continue
        promoted = any(role in (action.detail or "") for role in ("Master", "Promoted "))
        state.runs(resource, source, promoted=promoted)


def _owners(state: Knowledge, action: Action, causes: list[Chain]) -> list[Chain]:
    """The chains a planned action belongs to: first who had the resource down, then why it is planned now."""
    planned = [chain for chain in causes if not chain.is_fault]
    faults = [chain for chain in causes if chain.is_fault]
    if action.resource is None:
        return _owners_of_node(state, action, [*faults, *planned])
    owner = state.chain_about(action.resource)
    if owner is not None and not owner.planned and owner.has_down(action.resource):
        return [owner, *planned]
    required = action.due_to
    if required is not None:
        other = next((chain for chain in causes if required in chain.resources), None) or state.chain_about(required)
        if other is not None and (other in causes or other.still_down()):
            return [other]
    if action.source is not None:
        there = state.chain_at(action.source)
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


def _owners_of_node(state: Knowledge, action: Action, causes: list[Chain]) -> list[Chain]:
    """The chain a node is fenced or shut down for: of the resource that failed there, else the node's own."""
    words = (action.reason or "").split()
    failed = next((chain for chain in causes if any(word in chain.resources for word in words)), None)
    about = failed or state.in_trouble(action.target)
    if about is None:
        about = next((chain for chain in causes if action.target in chain.nodes), None)
    return [about] if about is not None else causes[:1]
