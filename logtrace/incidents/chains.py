"""Incidents are chains of cause, not windows of time.

One sweep over triggers, scheduler runs, operations and fencings in order of time. A trigger starts a chain or joins
the one it follows from: the same thing still down, the node that chain is about, the membership change it came with,
the transition that chain caused. Planned actions carry a chain to the resources they touch. Chains that only overlap
in time stay apart.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from logtrace.config.dependents import dependents
from logtrace.config.model import ClusterConfig
from logtrace.config.query import is_clone, is_stonith, monitor_interval
from logtrace.incidents.draft import ORDERLY_STOP, Draft, Thing, Trigger, TriggerKind
from logtrace.timeline import Action, Calculation, Run, Timeline

#: Losses told within this time belong to one membership change: both sides of a split need token and consensus.
_ONE_CHANGE = timedelta(seconds=15)

#: What follows a chain's last activity within this time on the same node or thing still belongs to it.
_AFTERMATH = timedelta(seconds=10)

#: A daemon's death is followed by its node's rejoin, loss or fencing within this time.
_DAEMON_AFTERMATH = timedelta(seconds=90)


@dataclass(slots=True)
class _Sweep:
    """What is known at the moment the sweep has reached."""

    config: ClusterConfig
    timeline: Timeline
    drafts: list[Draft] = field(default_factory=list)
    active: dict[str, set[str]] = field(default_factory=dict)  # resource -> nodes it runs on
    promoted: dict[str, set[str]] = field(default_factory=dict)
    of_resource: dict[str, Draft] = field(default_factory=dict)  # the last chain that touched it
    of_node: dict[str, Draft] = field(default_factory=dict)
    plan: dict[str, list[Draft]] = field(default_factory=dict)  # resource -> chains its planned actions belong to
    plans: dict[tuple[int, str], list[Draft]] = field(default_factory=dict)  # the same by transition number
    pending: list[Draft] = field(default_factory=list)  # chains with a trigger no executed transition answered yet


def chains(timeline: Timeline, triggers: list[Trigger], config: ClusterConfig) -> list[Draft]:
    """Drafts in order of their first trigger."""
    sweep = _Sweep(config, timeline)
    for step in _in_order(timeline, triggers):
        if isinstance(step, Trigger):
            _on_trigger(sweep, step)
        elif isinstance(step, Run):
            _on_run(sweep, step)
        else:
            _on_calculation(sweep, step)
    return sweep.drafts


def _in_order(timeline: Timeline, triggers: list[Trigger]) -> list[Trigger | Calculation | Run]:
    """Everything in order of time; what shares a moment (whole seconds in old logs) in order of cause: a failure, the
    plan it led to, the operations of that plan, and a stop before the start that makes up for it elsewhere.
    """
    places: dict[tuple[str, datetime], set[str]] = {}
    for run in timeline.runs:
        places.setdefault((run.resource, run.end), set()).add(run.node)

    def late(run: Run) -> bool:
        return len(places[run.resource, run.end]) > 1 and run.operation in ("start", "promote")

    steps: list[tuple[tuple[datetime, int, bool, int], Trigger | Calculation | Run]] = [
        *(((trigger.time, *_rank(trigger, index)), trigger) for index, trigger in enumerate(triggers)),
        *(((calc.calculated, 1, False, calc.event), calc) for calc in timeline.calculations),
        *(((run.end, 2, late(run), run.event), run) for run in timeline.runs),
    ]
    return [step for _, step in sorted(steps, key=lambda step: step[0])]


def _rank(trigger: Trigger, index: int) -> tuple[int, bool, int]:
    """A trigger that the scheduler's or the controller's own line tells has its place among their plans."""
    if trigger.kind is TriggerKind.MULTIPLE_ACTIVE and trigger.events:
        return 1, False, trigger.events[0]
    return 0, False, index


# --- triggers -----------------------------------------------------------------------------------------


def _on_trigger(sweep: _Sweep, trigger: Trigger) -> None:
    draft = _draft_for(sweep, trigger)
    if draft is None:
        if trigger.kind is TriggerKind.STALL:
            return  # a pause that moved nobody is a warning, not an incident
        draft = Draft([trigger])
        sweep.drafts.append(draft)
    elif trigger not in draft.triggers:
        draft.add(trigger)
    if draft not in sweep.pending:
        sweep.pending.append(draft)
    if trigger.node is not None and trigger.kind is not TriggerKind.MULTIPLE_ACTIVE:
        draft.nodes.setdefault(trigger.node)
    if trigger.resource is not None:
        draft.resources.setdefault(trigger.resource)
        sweep.of_resource[trigger.resource] = draft
    _IMPACT.get(trigger.kind, _no_impact)(sweep, draft, trigger)


def _draft_for(sweep: _Sweep, trigger: Trigger) -> Draft | None:
    """The chain a trigger follows from, if any."""
    return _JOIN.get(trigger.kind, _never)(sweep, trigger)


def _never(_sweep: _Sweep, _trigger: Trigger) -> Draft | None:
    return None


def _join_failure(sweep: _Sweep, trigger: Trigger) -> Draft | None:
    """A failed operation: of a thing already in trouble, on a node in trouble, or asked for by a chain's transition."""
    run = trigger.run
    assert run is not None
    draft = sweep.of_resource.get(run.resource)
    if draft is not None and not draft.planned:
        if draft.still_down() and any(outage.thing.resource == run.resource for outage in draft.still_down()):
            return draft
        failed_before = any(other.resource == run.resource for other in draft.failed_runs)
        if failed_before and draft.quiet_since(run.end) <= _again_after(sweep, run):
            return draft
    for planned in sweep.plan.get(run.resource, []):
        if not planned.planned and not run.recurring and planned.quiet_since(run.end) <= timedelta(minutes=30):
            return planned
    node = sweep.of_node.get(run.node)
    if node is not None and not node.planned and _node_still_in_trouble(node, run.node, run.end):
        return node
    return _same_starvation(sweep, run)


def _again_after(sweep: _Sweep, run: Run) -> timedelta:
    """How soon after a recovery a new failure is the old fault again: the first monitors after the start say so."""
    interval = (run.interval or 0) / 1000 or (monitor_interval(sweep.config, run.resource) or 0)
    return timedelta(seconds=1.5 * interval + 3)


def _node_still_in_trouble(draft: Draft, node: str, time: datetime) -> bool:
    if any(loss.node == node and (loss.back is None or loss.back + _AFTERMATH >= time) for loss in draft.losses):
        return True
    if any(trigger.kind is TriggerKind.DAEMON_DIED and trigger.node == node for trigger in draft.triggers):
        return draft.quiet_since(time) <= _AFTERMATH
    return any(fencing.target == node and fencing.ended is None for fencing in draft.fencings)


def _same_starvation(sweep: _Sweep, run: Run) -> Draft | None:
    """Timeouts of several agents on one node at one time have one cause: the node, not the services."""
    if not run.timed_out:
        return None
    for draft in reversed(sweep.drafts[-8:]):
        if draft.planned:
            continue
        for other in draft.failed_runs:
            overlap = other.start - timedelta(seconds=1) <= run.end and draft.quiet_since(run.start) <= _AFTERMATH
            if other.timed_out and other.node == run.node and other.resource != run.resource and overlap:
                return draft
    return None


def _join_loss(sweep: _Sweep, trigger: Trigger) -> Draft | None:
    loss = trigger.loss
    assert loss is not None
    draft = sweep.of_node.get(loss.node)
    if draft is not None and _expects_loss(draft, loss.node, loss.time):
        return draft
    for other in reversed(sweep.drafts[-8:]):
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


def _open_loss(loss: object, time: datetime) -> bool:
    from logtrace.timeline import NodeLoss

    assert isinstance(loss, NodeLoss)
    return time - loss.time <= _ONE_CHANGE or loss.back is None or time <= loss.back + _AFTERMATH


def _expects_loss(draft: Draft, node: str, time: datetime) -> bool:
    """A fencing that is under way, a dead daemon or an unfinished loss explain that a node goes."""
    if draft.planned:
        return draft.first.takes_node_down and draft.quiet_since(time) <= timedelta(minutes=2)
    if any(f.target == node and (f.ended is None or time - f.ended <= timedelta(minutes=5)) for f in draft.fencings):
        return True
    if any(t.kind is TriggerKind.DAEMON_DIED and t.node == node for t in draft.triggers):
        return draft.quiet_since(time) <= _DAEMON_AFTERMATH
    if any(run.operation == "stop" and run.node == node for run in draft.failed_runs):
        return draft.quiet_since(time) <= timedelta(minutes=5)
    return any(loss.node == node and _open_loss(loss, time) for loss in draft.losses)


def _join_daemon(sweep: _Sweep, trigger: Trigger) -> Draft | None:
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


def _join_quorum(sweep: _Sweep, trigger: Trigger) -> Draft | None:
    for draft in reversed(sweep.drafts[-8:]):
        for loss in draft.losses:
            if abs(loss.time - trigger.time) <= timedelta(seconds=5) or (
                loss.back is None and draft.quiet_since(trigger.time) <= _ONE_CHANGE
            ):
                return draft
        if any(t.kind is TriggerKind.QUORUM_LOST and trigger.time - t.time <= _ONE_CHANGE for t in draft.triggers):
            return draft
    return None


def _join_stall(sweep: _Sweep, trigger: Trigger) -> Draft | None:
    """A pause belongs to the losses it explains: of the paused node, or those it believed in when it woke."""
    began = trigger.time - timedelta(milliseconds=float(trigger.what or 0)) - timedelta(seconds=2)
    for draft in reversed(sweep.drafts[-8:]):
        for loss in draft.losses:
            about = loss.node == trigger.node or trigger.node in loss.observers
            if about and began <= loss.time <= trigger.time + timedelta(seconds=5):
                return draft
    return None


def _join_multiple(sweep: _Sweep, trigger: Trigger) -> Draft | None:
    draft = sweep.of_resource.get(trigger.resource or "")
    if draft is not None and not draft.planned:
        if any(t.kind is TriggerKind.MULTIPLE_ACTIVE for t in draft.triggers):
            return draft if draft.quiet_since(trigger.time) <= timedelta(seconds=60) else None
        if draft.losses or draft.still_down() or draft.quiet_since(trigger.time) <= _AFTERMATH:
            return draft
    for other in reversed(sweep.drafts[-8:]):
        if (
            any(loss.back is None or abs(trigger.time - loss.back) <= timedelta(seconds=30) for loss in other.losses)
            and not other.planned
        ):
            return other
    return None


def _join_fencing(sweep: _Sweep, trigger: Trigger) -> Draft | None:
    fencing = trigger.fencing
    assert fencing is not None
    draft = sweep.of_node.get(fencing.target)
    if draft is not None and (not draft.planned or draft.quiet_since(trigger.time) <= _AFTERMATH):
        lost = any(loss.node == fencing.target and loss.back is None for loss in draft.losses)
        if lost or draft.still_down() or draft.quiet_since(trigger.time) <= _DAEMON_AFTERMATH:
            return draft
    if sweep.pending and not sweep.pending[-1].planned:
        return sweep.pending[-1]
    return None


def _join_operator(sweep: _Sweep, trigger: Trigger) -> Draft | None:
    """An operator's command is an incident of its own; only the stop of a node already in trouble is a consequence."""
    if trigger.what.startswith(ORDERLY_STOP) and trigger.node is not None:
        draft = sweep.of_node.get(trigger.node)
        if draft is not None and draft.quiet_since(trigger.time) <= _DAEMON_AFTERMATH:
            same = any(t.what.startswith(ORDERLY_STOP) for t in draft.triggers)
            in_trouble = any(
                (t.kind is TriggerKind.DAEMON_DIED or t.kind is TriggerKind.NODE_LOST or t.kind is TriggerKind.FENCING)
                and t.node == trigger.node
                for t in draft.triggers
            )
            if same or in_trouble:
                return draft
    if trigger.what.startswith("confirmation"):  # told on every node
        for other in reversed(sweep.drafts[-8:]):
            if other.planned and other.first.what == trigger.what and trigger.time - other.last <= _AFTERMATH:
                return other
    return None


_JOIN = {
    TriggerKind.OP_FAILED: _join_failure,
    TriggerKind.NODE_LOST: _join_loss,
    TriggerKind.DAEMON_DIED: _join_daemon,
    TriggerKind.QUORUM_LOST: _join_quorum,
    TriggerKind.STALL: _join_stall,
    TriggerKind.MULTIPLE_ACTIVE: _join_multiple,
    TriggerKind.FENCING: _join_fencing,
    TriggerKind.OPERATOR: _join_operator,
}


# --- what a trigger takes down ------------------------------------------------------------------------


def _no_impact(_sweep: _Sweep, _draft: Draft, _trigger: Trigger) -> None:
    return


def _failure_impact(sweep: _Sweep, draft: Draft, trigger: Trigger) -> None:
    run = trigger.run
    assert run is not None
    if is_stonith(sweep.config, run.resource):
        return
    for planned in sweep.plan.get(run.resource, []):
        if planned.planned and planned is not draft:
            _take_over(planned, draft)
    was_promoted = run.node in sweep.promoted.get(run.resource, set())
    if run.operation in ("monitor", "start", "stop", "migrate_to", "migrate_from") and not run.probe:
        draft.down(_thing(sweep, run.resource, run.node), run.end)
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
    planned.outages = [outage for outage in planned.outages if outage.up is not None]


def _loss_impact(sweep: _Sweep, draft: Draft, trigger: Trigger) -> None:
    loss = trigger.loss
    assert loss is not None
    draft.losses.append(loss)
    sweep.of_node[loss.node] = draft
    if loss.mirrored:
        return  # told by nodes that are themselves lost to more others: their peers' services run on
    for resource, nodes in sweep.active.items():
        if loss.node not in nodes or is_stonith(sweep.config, resource):
            continue
        draft.resources.setdefault(resource)
        sweep.of_resource[resource] = draft
        nodes.discard(loss.node)
        if loss.node in sweep.promoted.get(resource, set()):
            sweep.promoted[resource].discard(loss.node)
            draft.down(Thing(resource, promoted=True), loss.time)
        if not is_clone(sweep.config, resource):
            draft.down(Thing(resource), loss.time)


def _node_impact(sweep: _Sweep, draft: Draft, trigger: Trigger) -> None:
    about_node = trigger.kind is not TriggerKind.OPERATOR or trigger.takes_node_down
    if trigger.node is not None and about_node:
        sweep.of_node[trigger.node] = draft
    if trigger.fencing is not None:
        draft.fencings.append(trigger.fencing)
        if trigger.fencing.ended is not None:
            draft.active(trigger.fencing.ended)


def _missing_impact(_sweep: _Sweep, draft: Draft, trigger: Trigger) -> None:
    """What cannot be started anywhere is down from the moment that was found out."""
    if trigger.resource is not None:
        draft.down(Thing(trigger.resource), trigger.time)


_IMPACT = {
    TriggerKind.OP_FAILED: _failure_impact,
    TriggerKind.NOT_INSTALLED: _missing_impact,
    TriggerKind.NODE_LOST: _loss_impact,
    TriggerKind.DAEMON_DIED: _node_impact,
    TriggerKind.FENCING: _node_impact,
    TriggerKind.OPERATOR: _node_impact,
    TriggerKind.REMOTE_LOST: _node_impact,
}


def _thing(sweep: _Sweep, resource: str, node: str) -> Thing:
    return Thing(resource, node) if is_clone(sweep.config, resource) else Thing(resource)


# --- transitions --------------------------------------------------------------------------------------


def _on_calculation(sweep: _Sweep, calc: Calculation) -> None:
    _learn_places(sweep, calc)
    if not calc.executed:
        return
    causes = list(sweep.pending)
    sweep.plan = {}
    touched: set[int] = set()
    for action in calc.actions:
        if action.verb == "Leave":
            continue
        for draft in _owners(sweep, action, causes):
            draft.actions.append((calc, action))
            if id(draft) not in touched:
                touched.add(id(draft))
                draft.calculations.append(calc)
            if action.resource is not None:
                sweep.plan.setdefault(action.resource, []).append(draft)
                if calc.number is not None:
                    sweep.plans[calc.number, action.resource] = sweep.plan[action.resource]
                _missed(sweep, draft, action)
                if not is_stonith(sweep.config, action.resource):
                    draft.resources.setdefault(action.resource)
                    if not draft.planned:
                        sweep.of_resource[action.resource] = draft
    for draft in causes:
        if id(draft) not in touched:
            draft.calculations.append(calc)
        draft.active(calc.calculated)
    sweep.pending = []


def _missed(sweep: _Sweep, draft: Draft, action: Action) -> None:
    """A start or promote planned because a node was lost makes up for what ran there, also where the log that told
    of it is lost with the node: had it been stopped before, it would have been started before.
    """
    if not draft.losses or action.resource is None or action.blocked or is_stonith(sweep.config, action.resource):
        return
    if action.verb == "Promote" and not sweep.promoted.get(action.resource):
        draft.down(Thing(action.resource, promoted=True), draft.losses[0].time)
    elif (
        action.verb == "Start" and not is_clone(sweep.config, action.resource) and not sweep.active.get(action.resource)
    ):
        draft.down(Thing(action.resource), draft.losses[0].time)


def _learn_places(sweep: _Sweep, calc: Calculation) -> None:
    """Where resources run, as the plan tells it: the log may begin long after they were started."""
    for action in calc.actions:
        if action.resource is None or action.source is None or action.verb in ("Start", "Fence"):
            continue
        if action.resource in sweep.active or (action.verb == "Leave" and "Stopped" in (action.detail or "")):
            continue
        sweep.active.setdefault(action.resource, set()).add(action.source)
        if any(role in (action.detail or "") for role in ("Master", "Promoted ")):
            sweep.promoted.setdefault(action.resource, set()).add(action.source)


def _owners(sweep: _Sweep, action: Action, causes: list[Draft]) -> list[Draft]:
    """The chains a planned action belongs to: first who had the resource down, then why it is planned now."""
    planned = [draft for draft in causes if draft.planned]
    if action.resource is None:
        draft = sweep.of_node.get(action.target or "")
        return [draft] if draft is not None else causes[:1]
    owner = sweep.of_resource.get(action.resource)
    if (
        owner is not None
        and not owner.planned
        and any(outage.thing.resource == action.resource for outage in owner.still_down())
    ):
        return [owner, *planned]
    required = _required(action.reason)
    if required is not None:
        other = next((draft for draft in causes if required in draft.resources), None) or sweep.of_resource.get(
            required
        )
        if other is not None and (other in causes or other.still_down()):
            return [other]
    if action.source is not None:
        there = sweep.of_node.get(action.source)
        if there is not None and there in causes:
            return [there]
    faults = [draft for draft in causes if not draft.planned]
    mine = [draft for draft in faults if action.resource in draft.resources]
    if mine:
        return [mine[-1], *planned]
    by_config = [
        draft
        for draft in faults
        if any(action.resource in dependents(sweep.config, resource) for resource in draft.resources)
    ]
    return by_config[:1] or faults[:1] or planned[:1]


def _required(reason: str | None) -> str | None:
    """The resource another one's action is due to: `required g1 start`, `unrunnable vip stop`, `colocation with db`."""
    words = (reason or "").split()
    if len(words) >= 2 and words[0] in ("required", "unrunnable", "unmigrateable"):
        return words[1].split(":")[0]
    if len(words) >= 3 and words[:2] == ["colocation", "with"]:
        return words[2].split(":")[0]
    return None


# --- operations ---------------------------------------------------------------------------------------


def _on_run(sweep: _Sweep, run: Run) -> None:
    active = sweep.active.setdefault(run.resource, set())
    owners = _run_owners(sweep, run)
    for draft in owners:
        if not is_stonith(sweep.config, run.resource) and (not run.recurring or run.failed):
            draft.add_run(run)
            draft.resources.setdefault(run.resource)
            draft.nodes.setdefault(run.node)
    stonith = is_stonith(sweep.config, run.resource)
    if run.operation == "stop" and run.ok:
        if run.node in active and owners and not stonith and not is_clone(sweep.config, run.resource):
            owners[0].down(Thing(run.resource), run.end)
        active.discard(run.node)
        sweep.promoted.get(run.resource, set()).discard(run.node)
    elif run.operation == "demote" and run.ok:
        if run.node in sweep.promoted.get(run.resource, set()) and owners:
            owners[0].down(Thing(run.resource, promoted=True), run.end)
        sweep.promoted.get(run.resource, set()).discard(run.node)
    elif run.operation in ("start", "migrate_from") and run.ok:
        active.add(run.node)
        _up(sweep, run, [Thing(run.resource), Thing(run.resource, run.node)])
    elif run.operation == "promote" and run.ok:
        active.add(run.node)
        sweep.promoted.setdefault(run.resource, set()).add(run.node)
        _up(sweep, run, [Thing(run.resource, promoted=True)])
    elif run.operation == "monitor" and run.ok and run.rc in (0, 8, 190, 191):
        active.add(run.node)
        if run.rc in (8, 191):
            sweep.promoted.setdefault(run.resource, set()).add(run.node)
        if run.probe:
            _found_running(sweep, run)


def _run_owners(sweep: _Sweep, run: Run) -> list[Draft]:
    owners = [] if run.recurring else _planned_by(sweep, run)
    if not owners and run.failed:
        draft = sweep.of_resource.get(run.resource)
        owners = [draft] if draft is not None and draft.last >= run.end else []
    if not owners and not run.recurring and not run.probe and run.witness == "executor":
        owners = _owners_without_dc(sweep, run)
    return owners


def _planned_by(sweep: _Sweep, run: Run) -> list[Draft]:
    """The chains of the transition that asked for a run, else of the latest plan."""
    if run.transition is not None and (run.transition, run.resource) in sweep.plans:
        return list(sweep.plans[run.transition, run.resource])
    return list(sweep.plan.get(run.resource, []))


def _owners_without_dc(sweep: _Sweep, run: Run) -> list[Draft]:
    """No plan at hand (the DC's log is missing): what is down, or depends on what is down, is being recovered."""
    if run.node in sweep.timeline.logging_nodes and any(
        abs(calc.calculated - run.start) <= timedelta(minutes=2) for calc in sweep.timeline.calculations[-1:]
    ):
        return []
    for draft in reversed(sweep.drafts[-8:]):
        down = {outage.thing.resource for outage in draft.still_down()}
        if run.resource in down or any(run.resource in dependents(sweep.config, resource) for resource in down):
            return [draft]
    return []


def _up(sweep: _Sweep, run: Run, things: list[Thing]) -> None:
    for draft in sweep.drafts[-32:]:
        for thing in things:
            if draft.up(thing, run):
                draft.active(run.end)
                if run not in draft.runs:
                    draft.add_run(run)


def _found_running(sweep: _Sweep, run: Run) -> None:
    """A probe that finds a service running ends its outage: it never was down, or somebody started it by hand."""
    _up(sweep, run, [Thing(run.resource), Thing(run.resource, run.node)])
