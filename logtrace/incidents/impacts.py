"""What a trigger takes down, and which nodes it makes its chain responsible for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from logtrace.config.query import is_clone
from logtrace.incidents.draft import Draft, Thing, Trigger, TriggerKind
from logtrace.incidents.sweep import Sweep
from logtrace.timeline.fencing import Fencing


def strike(sweep: Sweep, draft: Draft, trigger: Trigger) -> None:
    """Note what `trigger` took down in `draft`."""
    impact = _IMPACT.get(trigger.kind)
    if impact is not None:
        impact(sweep, draft, trigger)


def _failure_impact(sweep: Sweep, draft: Draft, trigger: Trigger) -> None:
    run = trigger.run
    assert run is not None
    if not sweep.is_service(run.resource):
        return
    for planned in sweep.plan.get(run.resource, []):
        if planned.planned and planned is not draft:
            _take_over(planned, draft)
    was_promoted = run.node in sweep.promoted.get(run.resource, set())
    if run.operation in ("monitor", "start", "stop", "migrate_to", "migrate_from") and not run.probe:
        draft.down(sweep.thing(run.resource, run.node), run.end)
    if was_promoted or run.operation in ("promote", "demote"):
        draft.down(Thing(run.resource, promoted=True), run.end)
    if run.operation == "stop":
        sweep.of_node[run.node] = draft  # its node is fenced for it where fencing is on
    if run.operation == "monitor" and run.rc == 7:
        sweep.active.get(run.resource, set()).discard(run.node)
        sweep.promoted.get(run.resource, set()).discard(run.node)


def _take_over(planned: Draft, draft: Draft) -> None:
    """A command that runs into a fault leaves what it has stopped to the fault."""
    for outage in planned.still_down():
        draft.down(outage.thing, outage.down)
        draft.resources.setdefault(outage.thing.resource)
    planned.forget_down()


def _loss_impact(sweep: Sweep, draft: Draft, trigger: Trigger) -> None:
    loss = trigger.loss
    assert loss is not None
    draft.losses.append(loss)
    sweep.of_node[loss.node] = draft
    if loss.mirrored:
        return  # told by the losing side of a split: their peers' services run on
    _strike_node(sweep, draft, loss.node, loss.time)


def on_fenced(sweep: Sweep, fencing: Fencing) -> None:
    """A node whose fencing succeeded holds nothing any more, also where the membership loses it only later."""
    draft = sweep.of_node.get(fencing.target)
    if draft is not None and fencing.fenced is not None:
        _strike_node(sweep, draft, fencing.target, fencing.fenced)


def _strike_node(sweep: Sweep, draft: Draft, node: str, time: datetime) -> None:
    """What ran on `node` is down, but for what runs elsewhere as well."""
    for resource, nodes in sweep.active.items():
        if node not in nodes or not sweep.is_service(resource):
            continue
        draft.resources.setdefault(resource)
        sweep.of_resource[resource] = draft
        nodes.discard(node)
        if node in sweep.promoted.get(resource, set()):
            sweep.promoted[resource].discard(node)
            draft.down(Thing(resource, promoted=True), time)
        if not nodes and not is_clone(sweep.config, resource):
            draft.down(Thing(resource), time)


def _node_impact(sweep: Sweep, draft: Draft, trigger: Trigger) -> None:
    about_node = trigger.kind is not TriggerKind.OPERATOR or trigger.takes_node_down
    if trigger.node is not None and about_node:
        sweep.of_node[trigger.node] = draft
    if trigger.fencing is not None:
        draft.fencings.append(trigger.fencing)
        if trigger.fencing.ended is not None:
            draft.active(trigger.fencing.ended)


def _missing_impact(_sweep: Sweep, draft: Draft, trigger: Trigger) -> None:
    """What cannot be started anywhere is down from the moment that was found out."""
    if trigger.resource is not None:
        draft.down(Thing(trigger.resource), trigger.time)


_IMPACT: dict[TriggerKind, Callable[[Sweep, Draft, Trigger], None]] = {
    TriggerKind.OP_FAILED: _failure_impact,
    TriggerKind.NOT_INSTALLED: _missing_impact,
    TriggerKind.NODE_LOST: _loss_impact,
    TriggerKind.DAEMON_DIED: _node_impact,
    TriggerKind.FENCING: _node_impact,
    TriggerKind.OPERATOR: _node_impact,
    TriggerKind.REMOTE_LOST: _node_impact,
}
