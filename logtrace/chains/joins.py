"""Which chain a trigger follows from, if any: one rule per kind of trigger.

A trigger starts a chain of its own unless it is about the same thing still down, the node that chain is about, the
membership change it came with, or a step that chain's transition asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from logtrace.chains.chain import Chain, Thing
from logtrace.chains.state import AFTERMATH, DAEMON_AFTERMATH, ClusterState
from logtrace.chains.triggers import (
    CorosyncPaused,
    DaemonDied,
    FencingAsked,
    MultiplyActive,
    NodeLost,
    OperationFailed,
    OperatorActed,
    QuorumLost,
    RemoteLost,
    Trigger,
    Verb,
)
from logtrace.config.query import bundle_of, is_clone, monitor_interval, primitive_of
from logtrace.timeline import NodeLoss, Run

#: Losses told within this time belong to one membership change: both sides of a split need token and consensus.
_ONE_CHANGE = timedelta(seconds=15)


def chain_of(state: ClusterState, trigger: Trigger) -> Chain | None:
    """The chain `trigger` belongs to, or None when it starts one."""
    rule = _JOIN.get(type(trigger))
    return None if rule is None else rule(state, trigger)


def _join_failure(state: ClusterState, trigger: Trigger) -> Chain | None:
    """A failed operation: of a thing already in trouble, on a node in trouble, or asked for by a chain's transition."""
    run = trigger.run
    assert run is not None
    chain = state.of_resource.get(run.resource)
    if chain is not None and not chain.planned:
        if any(_is_same(outage.thing, run) for outage in chain.still_down()):
            return chain
        before = chain.failed_on.get(run.resource, set())
        failed_before = run.node in before or (before and not is_clone(state.config, run.resource))
        if failed_before and chain.quiet_since(run.end) <= _again_after(state, run):
            return chain
    for planned in state.plan.get(run.resource, []):
        if not planned.planned and not run.recurring and planned.quiet_since(run.end) <= timedelta(minutes=30):
            return planned
    for name in (run.node, run.resource, _guest(state, run.resource)):
        node = state.of_node.get(name or "")
        if name is not None and node is not None and not node.planned and _node_still_in_trouble(node, name, run.end):
            return node
    return _same_starvation(state, run)


def _guest(state: ClusterState, resource: str) -> str | None:
    """The guest node that lives in `resource`: of a bundle's container, or of a virtual machine."""
    bundle = bundle_of(state.config, resource)
    if bundle is not None:
        replica = resource.removeprefix(f"{bundle.id}-{bundle.container}-")
        return f"{bundle.id}-{replica}" if replica != resource else None
    primitive = primitive_of(state.config, resource)
    return primitive.meta.get("remote-node") if primitive is not None else None


def _is_same(thing: Thing, run: Run) -> bool:
    """A copy of a clone is itself only on its own node."""
    return thing.resource == run.resource and (thing.promoted or thing.node in (None, run.node))


def _again_after(state: ClusterState, run: Run) -> timedelta:
    """How soon after a recovery a new failure is the old fault again: the first monitors after the start say so."""
    interval = (run.interval or 0) / 1000 or (monitor_interval(state.config, run.resource) or 0)
    return timedelta(seconds=1.5 * interval + 3)


def _node_still_in_trouble(chain: Chain, node: str, time: datetime) -> bool:
    if any(loss.node == node and (loss.back is None or loss.back + AFTERMATH >= time) for loss in chain.losses):
        return True
    died = (DaemonDied, RemoteLost)
    if any(isinstance(trigger, died) and trigger.node == node for trigger in chain.triggers):
        return chain.quiet_since(time) <= AFTERMATH
    return any(fencing.target == node and fencing.ended is None for fencing in chain.fencings)


def _same_starvation(state: ClusterState, run: Run) -> Chain | None:
    """Timeouts of several agents on one node at one time have one cause: the node, not the services."""
    if not run.timed_out:
        return None
    for chain in state.recent():
        if chain.planned or chain.quiet_since(run.start) > AFTERMATH:
            continue
        for other in chain.failed_runs:
            overlap = other.start - timedelta(seconds=1) <= run.end
            if other.timed_out and other.node == run.node and other.resource != run.resource and overlap:
                return chain
    return None


def _join_loss(state: ClusterState, trigger: Trigger) -> Chain | None:
    loss = trigger.loss
    assert loss is not None
    chain = state.of_node.get(loss.node)
    if chain is not None and _expects_loss(chain, loss.node, loss.time):
        return chain
    for other in state.recent():
        if other.planned:
            continue
        for before in other.losses:
            together = abs(loss.time - before.time) <= timedelta(seconds=3)
            mutual = before.node in loss.observers and loss.node in before.observers
            if together or (mutual and _open_loss(before, loss.time)):
                return other
        if any(isinstance(t, QuorumLost) and abs(t.time - loss.time) <= timedelta(seconds=5) for t in other.triggers):
            return other
    return None


def _open_loss(loss: NodeLoss, time: datetime) -> bool:
    return time - loss.time <= _ONE_CHANGE or loss.back is None or time <= loss.back + AFTERMATH


def _expects_loss(chain: Chain, node: str, time: datetime) -> bool:
    """A fencing that is under way, a dead daemon or an unfinished loss explain that a node goes."""
    if chain.planned:
        return chain.first.takes_node_down and chain.quiet_since(time) <= timedelta(minutes=2)
    returned = [loss.back for loss in chain.losses if loss.node == node and loss.back is not None]
    if any(back + AFTERMATH < time for back in returned):
        return False  # it was back and well: this is another loss
    if any(f.target == node and (f.ended is None or time - f.ended <= timedelta(minutes=5)) for f in chain.fencings):
        return True
    if any(isinstance(t, DaemonDied) and t.node == node for t in chain.triggers):
        return chain.quiet_since(time) <= DAEMON_AFTERMATH
    if any(run.operation == "stop" and run.node == node for run in chain.failed_runs):
        return chain.quiet_since(time) <= timedelta(minutes=5)
    return any(loss.node == node and _open_loss(loss, time) for loss in chain.losses)


def _join_remote(state: ClusterState, trigger: Trigger) -> Chain | None:
    """One lost connection is told by several lines, and after its container died or its fencing began."""
    chain = state.in_trouble(trigger.node, trigger.time)
    if chain is not None:
        return chain
    for other in state.recent():
        near = not other.planned and other.quiet_since(trigger.time) <= AFTERMATH
        if near and any(_guest(state, resource) == trigger.node for resource in other.failed_on):
            return other
    return None


def _join_daemon(state: ClusterState, trigger: Trigger) -> Chain | None:
    """Daemons fall together: the executor takes the controller along, a lost corosync takes all of them."""
    chain = state.of_node.get(trigger.node or "")
    if chain is None:
        return None
    if chain.planned:
        return chain if chain.quiet_since(trigger.time) <= timedelta(minutes=2) else None
    died = [t.time for t in chain.triggers if isinstance(t, DaemonDied)]
    if died and trigger.time - died[-1] <= timedelta(seconds=5):
        return chain
    lost = any(loss.node == trigger.node and _open_loss(loss, trigger.time) for loss in chain.losses)
    fenced = any(
        f.target == trigger.node and trigger.time - f.requested <= timedelta(minutes=2) for f in chain.fencings
    )
    return chain if lost or fenced else None


def _join_quorum(state: ClusterState, trigger: Trigger) -> Chain | None:
    for chain in state.recent():
        for loss in chain.losses:
            if abs(loss.time - trigger.time) <= timedelta(seconds=5) or (
                loss.back is None and chain.quiet_since(trigger.time) <= _ONE_CHANGE
            ):
                return chain
        if any(isinstance(t, QuorumLost) and trigger.time - t.time <= _ONE_CHANGE for t in chain.triggers):
            return chain
    return None


def _join_stall(state: ClusterState, trigger: Trigger) -> Chain | None:
    """A pause belongs to the losses it explains: of the paused node, or those it believed in when it woke."""
    assert isinstance(trigger, CorosyncPaused)
    began = trigger.time - timedelta(seconds=trigger.seconds) - timedelta(seconds=2)
    for chain in state.recent():
        for loss in chain.losses:
            about = loss.node == trigger.node or trigger.node in loss.observers
            if about and began <= loss.time <= trigger.time + timedelta(seconds=5):
                return chain
    return None


def _join_multiple(state: ClusterState, trigger: Trigger) -> Chain | None:
    chain = state.of_resource.get(trigger.resource or "")
    if chain is not None and not chain.planned:
        if any(isinstance(t, MultiplyActive) for t in chain.triggers):
            return chain if chain.quiet_since(trigger.time) <= timedelta(seconds=60) else None
        if chain.losses or chain.still_down() or chain.quiet_since(trigger.time) <= AFTERMATH:
            return chain
    for other in state.recent():
        if (
            any(loss.back is None or abs(trigger.time - loss.back) <= timedelta(seconds=30) for loss in other.losses)
            and not other.planned
        ):
            return other
    return None


def _join_fencing(state: ClusterState, trigger: Trigger) -> Chain | None:
    fencing = trigger.fencing
    assert fencing is not None
    chain = state.in_trouble(fencing.target, trigger.time)
    if chain is not None and (not chain.planned or chain.quiet_since(trigger.time) <= AFTERMATH):
        return chain
    if state.pending and not state.pending[-1].planned:
        return state.pending[-1]
    return None


def _join_operator(state: ClusterState, trigger: Trigger) -> Chain | None:
    """An operator's command is an incident of its own; only the stop of a node already in trouble is a consequence."""
    assert isinstance(trigger, OperatorActed)
    if trigger.verb is Verb.STOP_NODE and trigger.node is not None:
        chain = state.of_node.get(trigger.node)
        if chain is not None and chain.quiet_since(trigger.time) <= DAEMON_AFTERMATH:
            same = any(isinstance(t, OperatorActed) and t.verb is Verb.STOP_NODE for t in chain.triggers)
            in_trouble = any(
                isinstance(t, DaemonDied | NodeLost | FencingAsked) and t.node == trigger.node for t in chain.triggers
            )
            if same or in_trouble:
                return chain
    if trigger.verb is Verb.CONFIRM:  # told on every node
        for other in state.recent():
            if (
                isinstance(other.first, OperatorActed)
                and other.first.what == trigger.what
                and trigger.time - other.last <= AFTERMATH
            ):
                return other
    return None


_JOIN: dict[type[Trigger], Callable[[ClusterState, Trigger], Chain | None]] = {
    OperationFailed: _join_failure,
    NodeLost: _join_loss,
    RemoteLost: _join_remote,
    DaemonDied: _join_daemon,
    QuorumLost: _join_quorum,
    CorosyncPaused: _join_stall,
    MultiplyActive: _join_multiple,
    FencingAsked: _join_fencing,
    OperatorActed: _join_operator,
}
