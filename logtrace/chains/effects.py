"""What a trigger takes down, and which nodes it makes its chain responsible for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from logtrace.chains.chain import Chain, Thing
from logtrace.chains.state import ClusterState
from logtrace.chains.triggers import (
    AgentMissing,
    DaemonDied,
    FencingAsked,
    NodeLost,
    OperationFailed,
    OperatorActed,
    RemoteLost,
    Trigger,
)
from logtrace.config.query import is_clone
from logtrace.timeline.fencing import Fencing


def strike(state: ClusterState, chain: Chain, trigger: Trigger) -> None:
    """Note what `trigger` took down in `chain`."""
    impact = _IMPACT.get(type(trigger))
    if impact is not None:
        impact(state, chain, trigger)


def _failure_impact(state: ClusterState, chain: Chain, trigger: Trigger) -> None:
    run = trigger.run
    assert run is not None
    if not state.is_service(run.resource):
        return
    for planned in state.plan.get(run.resource, []):
        if planned.planned and planned is not chain:
            _take_over(planned, chain)
    was_promoted = run.node in state.promoted.get(run.resource, set())
    if run.operation in ("monitor", "start", "stop", "migrate_to", "migrate_from") and not run.probe:
        chain.down(state.thing(run.resource, run.node), run.end)
    if was_promoted or run.operation in ("promote", "demote"):
        chain.down(Thing(run.resource, promoted=True), run.end)
    if run.operation == "stop":
        state.of_node[run.node] = chain  # its node is fenced for it where fencing is on
    if run.operation == "monitor" and run.rc == 7:
        state.active.get(run.resource, set()).discard(run.node)
        state.promoted.get(run.resource, set()).discard(run.node)


def _take_over(planned: Chain, chain: Chain) -> None:
    """A command that runs into a fault leaves what it has stopped to the fault."""
    for outage in planned.still_down():
        chain.down(outage.thing, outage.down)
        chain.resources.setdefault(outage.thing.resource)
    planned.forget_down()


def _loss_impact(state: ClusterState, chain: Chain, trigger: Trigger) -> None:
    loss = trigger.loss
    assert loss is not None
    chain.losses.append(loss)
    state.of_node[loss.node] = chain
    if loss.mirrored:
        return  # told by the losing side of a split: their peers' services run on
    _strike_node(state, chain, loss.node, loss.time)


def on_fenced(state: ClusterState, fencing: Fencing) -> None:
    """A node whose fencing succeeded holds nothing any more, also where the membership loses it only later."""
    chain = state.of_node.get(fencing.target)
    if chain is not None and fencing.fenced is not None:
        _strike_node(state, chain, fencing.target, fencing.fenced)


def _strike_node(state: ClusterState, chain: Chain, node: str, time: datetime) -> None:
    """What ran on `node` is down, but for what runs elsewhere as well."""
    for resource, nodes in state.active.items():
        if node not in nodes or not state.is_service(resource):
            continue
        chain.resources.setdefault(resource)
        state.of_resource[resource] = chain
        nodes.discard(node)
        if node in state.promoted.get(resource, set()):
            state.promoted[resource].discard(node)
            chain.down(Thing(resource, promoted=True), time)
        if not nodes and not is_clone(state.config, resource):
            chain.down(Thing(resource), time)


def _node_impact(state: ClusterState, chain: Chain, trigger: Trigger) -> None:
    about_node = not isinstance(trigger, OperatorActed) or trigger.takes_node_down
    if trigger.node is not None and about_node:
        state.of_node[trigger.node] = chain
    if trigger.fencing is not None:
        chain.fencings.append(trigger.fencing)
        if trigger.fencing.ended is not None:
            chain.active(trigger.fencing.ended)


def _missing_impact(_sweep: ClusterState, chain: Chain, trigger: Trigger) -> None:
    """What cannot be started anywhere is down from the moment that was found out."""
    if trigger.resource is not None:
        chain.down(Thing(trigger.resource), trigger.time)


_IMPACT: dict[type[Trigger], Callable[[ClusterState, Chain, Trigger], None]] = {
    OperationFailed: _failure_impact,
    AgentMissing: _missing_impact,
    NodeLost: _loss_impact,
    DaemonDied: _node_impact,
    FencingAsked: _node_impact,
    OperatorActed: _node_impact,
    RemoteLost: _node_impact,
}
