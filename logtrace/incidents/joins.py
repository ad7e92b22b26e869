"""Which chain a trigger follows from, if any: one rule per kind of trigger.

A trigger starts a chain of its own unless it is about the same thing still down, the node that chain is about, the
membership change it came with, or a step that chain's transition asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from logtrace.config.query import bundle_of, is_clone, monitor_interval, primitive_of
from logtrace.incidents.draft import ORDERLY_STOP, Draft, Thing, Trigger, TriggerKind
from logtrace.incidents.sweep import AFTERMATH, DAEMON_AFTERMATH, Sweep
from logtrace.timeline import NodeLoss, Run

#: Losses told within this time belong to one membership change: both sides of a split need token and consensus.
_ONE_CHANGE = timedelta(seconds=15)


def chain_of(sweep: Sweep, trigger: Trigger) -> Draft | None:
    """The chain `trigger` belongs to, or None when it starts one."""
    rule = _JOIN.get(trigger.kind)
    return None if rule is None else rule(sweep, trigger)


def _join_failure(sweep: Sweep, trigger: Trigger) -> Draft | None:
    """A failed operation: of a thing already in trouble, on a node in trouble, or asked for by a chain's transition."""
    run = trigger.run
    assert run is not None
    draft = sweep.of_resource.get(run.resource)
    if draft is not None and not draft.planned:
        if any(_is_same(outage.thing, run) for outage in draft.still_down()):
            return draft
        before = draft.failed_on.get(run.resource, set())
        failed_before = run.node in before or (before and not is_clone(sweep.config, run.resource))
        if failed_before and draft.quiet_since(run.end) <= _again_after(sweep, run):
            return draft
    for planned in sweep.plan.get(run.resource, []):
        if not planned.planned and not run.recurring and planned.quiet_since(run.end) <= timedelta(minutes=30):
            return planned
    for name in (run.node, run.resource, _guest(sweep, run.resource)):
        node = sweep.of_node.get(name or "")
        if name is not None and node is not None and not node.planned and _node_still_in_trouble(node, name, run.end):
            return node
    return _same_starvation(sweep, run)


def _guest(sweep: Sweep, resource: str) -> str | None:
    """The guest node that lives in `resource`: of a bundle's container, or of a virtual machine."""
    bundle = bundle_of(sweep.config, resource)
    if bundle is not None:
        replica = resource.removeprefix(f"{bundle.id}-{bundle.container}-")
        return f"{bundle.id}-{replica}" if replica != resource else None
    primitive = primitive_of(sweep.config, resource)
    return primitive.meta.get("remote-node") if primitive is not None else None


def _is_same(thing: Thing, run: Run) -> bool:
    """A copy of a clone is itself only on its own node."""
    return thing.resource == run.resource and (thing.promoted or thing.node in (None, run.node))


def _again_after(sweep: Sweep, run: Run) -> timedelta:
    """How soon after a recovery a new failure is the old fault again: the first monitors after the start say so."""
    interval = (run.interval or 0) / 1000 or (monitor_interval(sweep.config, run.resource) or 0)
    return timedelta(seconds=1.5 * interval + 3)


def _node_still_in_trouble(draft: Draft, node: str, time: datetime) -> bool:
    if any(loss.node == node and (loss.back is None or loss.back + AFTERMATH >= time) for loss in draft.losses):
        return True
    died = (TriggerKind.DAEMON_DIED, TriggerKind.REMOTE_LOST)
    if any(trigger.kind in died and trigger.node == node for trigger in draft.triggers):
        return draft.quiet_since(time) <= AFTERMATH
    return any(fencing.target == node and fencing.ended is None for fencing in draft.fencings)


def _same_starvation(sweep: Sweep, run: Run) -> Draft | None:
    """Timeouts of several agents on one node at one time have one cause: the node, not the services."""
    if not run.timed_out:
        return None
    for draft in sweep.recent():
        if draft.planned or draft.quiet_since(run.start) > AFTERMATH:
            continue
        for other in draft.failed_runs:
            overlap = other.start - timedelta(seconds=1) <= run.end
            if other.timed_out and other.node == run.node and other.resource != run.resource and overlap:
                return draft
    return None


def _join_loss(sweep: Sweep, trigger: Trigger) -> Draft | None:
    loss = trigger.loss
    assert loss is not None
    draft = sweep.of_node.get(loss.node)
    if draft is not None and _expects_loss(draft, loss.node, loss.time):
        return draft
    for other in sweep.recent():
        if other.planned:
            continue
        for before in other.losses:
            together = abs(loss.time - before.time) <= timedelta(seconds=3)
            mutual = before.node in loss.observers and loss.node in before.observers
            if together or (mutual and _open_loss(before, loss.time)):
                return other
        if any(
            t.kind is TriggerKind.QUORUM_LOST and abs(t.time - loss.time) <= timedelta(seconds=5)
            for t in other.triggers
        ):
            return other
    return None


def _open_loss(loss: NodeLoss, time: datetime) -> bool:
    return time - loss.time <= _ONE_CHANGE or loss.back is None or time <= loss.back + AFTERMATH


def _expects_loss(draft: Draft, node: str, time: datetime) -> bool:
    """A fencing that is under way, a dead daemon or an unfinished loss explain that a node goes."""
    if draft.planned:
        return draft.first.takes_node_down and draft.quiet_since(time) <= timedelta(minutes=2)
    returned = [loss.back for loss in draft.losses if loss.node == node and loss.back is not None]
    if any(back + AFTERMATH < time for back in returned):
        return False  # it was back and well: this is another loss
    if any(f.target == node and (f.ended is None or time - f.ended <= timedelta(minutes=5)) for f in draft.fencings):
        return True
    if any(t.kind is TriggerKind.DAEMON_DIED and t.node == node for t in draft.triggers):
        return draft.quiet_since(time) <= DAEMON_AFTERMATH
    if any(run.operation == "stop" and run.node == node for run in draft.failed_runs):
        return draft.quiet_since(time) <= timedelta(minutes=5)
    return any(loss.node == node and _open_loss(loss, time) for loss in draft.losses)


def _join_remote(sweep: Sweep, trigger: Trigger) -> Draft | None:
    """One lost connection is told by several lines, and after its container died or its fencing began."""
    draft = sweep.in_trouble(trigger.node, trigger.time)
    if draft is not None:
        return draft
    for other in sweep.recent():
        near = not other.planned and other.quiet_since(trigger.time) <= AFTERMATH
        if near and any(_guest(sweep, resource) == trigger.node for resource in other.failed_on):
            return other
    return None


def _join_daemon(sweep: Sweep, trigger: Trigger) -> Draft | None:
    """Daemons fall together: the executor takes the controller along, a lost corosync takes all of them."""
    draft = sweep.of_node.get(trigger.node or "")
    if draft is None:
        return None
    if draft.planned:
        return draft if draft.quiet_since(trigger.time) <= timedelta(minutes=2) else None
    died = [t.time for t in draft.triggers if t.kind is TriggerKind.DAEMON_DIED]
    if died and trigger.time - died[-1] <= timedelta(seconds=5):
        return draft
    lost = any(loss.node == trigger.node and _open_loss(loss, trigger.time) for loss in draft.losses)
    fenced = any(
        f.target == trigger.node and trigger.time - f.requested <= timedelta(minutes=2) for f in draft.fencings
    )
    return draft if lost or fenced else None


def _join_quorum(sweep: Sweep, trigger: Trigger) -> Draft | None:
    for draft in sweep.recent():
        for loss in draft.losses:
            if abs(loss.time - trigger.time) <= timedelta(seconds=5) or (
                loss.back is None and draft.quiet_since(trigger.time) <= _ONE_CHANGE
            ):
                return draft
        if any(t.kind is TriggerKind.QUORUM_LOST and trigger.time - t.time <= _ONE_CHANGE for t in draft.triggers):
            return draft
    return None


def _join_stall(sweep: Sweep, trigger: Trigger) -> Draft | None:
    """A pause belongs to the losses it explains: of the paused node, or those it believed in when it woke."""
    began = trigger.time - timedelta(milliseconds=float(trigger.what or 0)) - timedelta(seconds=2)
    for draft in sweep.recent():
        for loss in draft.losses:
            about = loss.node == trigger.node or trigger.node in loss.observers
            if about and began <= loss.time <= trigger.time + timedelta(seconds=5):
                return draft
    return None


def _join_multiple(sweep: Sweep, trigger: Trigger) -> Draft | None:
    draft = sweep.of_resource.get(trigger.resource or "")
    if draft is not None and not draft.planned:
        if any(t.kind is TriggerKind.MULTIPLE_ACTIVE for t in draft.triggers):
            return draft if draft.quiet_since(trigger.time) <= timedelta(seconds=60) else None
        if draft.losses or draft.still_down() or draft.quiet_since(trigger.time) <= AFTERMATH:
            return draft
    for other in sweep.recent():
        if (
            any(loss.back is None or abs(trigger.time - loss.back) <= timedelta(seconds=30) for loss in other.losses)
            and not other.planned
        ):
            return other
    return None


def _join_fencing(sweep: Sweep, trigger: Trigger) -> Draft | None:
    fencing = trigger.fencing
    assert fencing is not None
    draft = sweep.in_trouble(fencing.target, trigger.time)
    if draft is not None and (not draft.planned or draft.quiet_since(trigger.time) <= AFTERMATH):
        return draft
    if sweep.pending and not sweep.pending[-1].planned:
        return sweep.pending[-1]
    return None


def _join_operator(sweep: Sweep, trigger: Trigger) -> Draft | None:
    """An operator's command is an incident of its own; only the stop of a node already in trouble is a consequence."""
    if trigger.what.startswith(ORDERLY_STOP) and trigger.node is not None:
        draft = sweep.of_node.get(trigger.node)
        if draft is not None and draft.quiet_since(trigger.time) <= DAEMON_AFTERMATH:
            same = any(t.what.startswith(ORDERLY_STOP) for t in draft.triggers)
            in_trouble = any(
                (t.kind is TriggerKind.DAEMON_DIED or t.kind is TriggerKind.NODE_LOST or t.kind is TriggerKind.FENCING)
                and t.node == trigger.node
                for t in draft.triggers
            )
            if same or in_trouble:
                return draft
    if trigger.what.startswith("confirmation"):  # told on every node
        for other in sweep.recent():
            if other.planned and other.first.what == trigger.what and trigger.time - other.last <= AFTERMATH:
                return other
    return None


_JOIN: dict[TriggerKind, Callable[[Sweep, Trigger], Draft | None]] = {
    TriggerKind.OP_FAILED: _join_failure,
    TriggerKind.NODE_LOST: _join_loss,
    TriggerKind.REMOTE_LOST: _join_remote,
    TriggerKind.DAEMON_DIED: _join_daemon,
    TriggerKind.QUORUM_LOST: _join_quorum,
    TriggerKind.STALL: _join_stall,
    TriggerKind.MULTIPLE_ACTIVE: _join_multiple,
    TriggerKind.FENCING: _join_fencing,
    TriggerKind.OPERATOR: _join_operator,
}
