"""Scheduler runs carry chains to the resources they plan actions for."""

from __future__ import annotations

from datetime import timedelta

from logtrace.config.dependents import dependents
from logtrace.config.query import is_clone, is_stonith
from logtrace.incidents.draft import Draft, Thing, Trigger, TriggerKind
from logtrace.incidents.links import connectivity_changed, lost_link
from logtrace.incidents.sweep import AFTERMATH, Sweep
from logtrace.timeline import Action, Calculation

#: What the scheduler plans for healthy resources only when somebody asked for it.
_ON_REQUEST = frozenset({"Stop", "Move", "Migrate", "Restart", "Demote", "Reload"})

#: A node or daemon that came or went makes the cluster plan anew within this time.
_SETTLED = timedelta(seconds=10)

#: What is in flight ends, or a DC is elected (election-timeout), before a trigger is answered by a plan.
_ANSWERED = timedelta(minutes=2)


def on_calculation(sweep: Sweep, calc: Calculation) -> None:
    """Give every planned action to the chains it belongs to, and answer their triggers."""
    _learn_places(sweep, calc)
    if not calc.executed:
        return
    causes = [draft for draft in sweep.pending if not _is_over(draft, calc)]
    sweep.pending = []
    sweep.plan = {}
    if not calc.actions and not causes:
        return  # a look that found all as it should be, of which long logs have tens of thousands
    touched: set[int] = set()
    for action in calc.actions:
        owners = [] if action.verb == "Leave" else _owners(sweep, calc, action, causes)
        for draft in owners:
            draft.actions.append((calc, action))
            if id(draft) not in touched:
                touched.add(id(draft))
                draft.calculations.append(calc)
            if action.resource is not None:
                _plan(sweep, draft, calc, action, action.resource)
            elif action.fences and action.target is not None:
                sweep.of_node[action.target] = draft
    for draft in causes:
        if id(draft) not in touched:
            draft.calculations.append(calc)
        draft.active(calc.calculated)
    if not causes and not touched:
        cut_off = lost_link(sweep, calc)
        if cut_off is not None:
            _begin(sweep, calc, cut_off, [action for action in calc.actions if action.verb != "Leave"])
        else:
            _unexplained(sweep, calc)


def _is_over(draft: Draft, calc: Calculation) -> bool:
    """Whether a trigger's chain came to its end before a plan that no longer answers it."""
    quiet = draft.quiet_since(calc.calculated)
    return not draft.still_down() and quiet > (AFTERMATH if draft.outages else _ANSWERED)


def _plan(sweep: Sweep, draft: Draft, calc: Calculation, action: Action, resource: str) -> None:
    """Runs of `resource` will belong to `draft` until the next plan."""
    sweep.plan.setdefault(resource, []).append(draft)
    if calc.number is not None:
        sweep.plans[calc.number, resource] = sweep.plan[resource]
    _missed(sweep, draft, action)
    if not is_stonith(sweep.config, resource):
        draft.resources.setdefault(resource)
        if not draft.planned:
            sweep.of_resource[resource] = draft


def _unexplained(sweep: Sweep, calc: Calculation) -> None:
    """Syslog copies leave out why a transition was calculated. Healthy resources that are stopped or moved with no
    failure, loss or return of a node before it were stopped or moved by somebody.
    """
    if not sweep.blind or _something_came_or_went(sweep, calc):
        return
    moved = [
        action
        for action in calc.actions
        if action.resource is not None and not action.blocked and not is_stonith(sweep.config, action.resource)
    ]
    first = next((action for action in moved if action.verb in _ON_REQUEST or _stopped_on_request(sweep, action)), None)
    if first is None:
        return
    what = f"{first.verb.lower()} of {first.resource} (the logs do not say by what command)"
    by_hand = Trigger(
        TriggerKind.OPERATOR, calc.calculated, None, first.resource, (first.event,), what=what, inferred=True
    )
    _begin(sweep, calc, by_hand, moved)


def _begin(sweep: Sweep, calc: Calculation, trigger: Trigger, moved: list[Action]) -> None:
    """A chain that is known from its plan only."""
    draft = Draft([trigger])
    sweep.drafts.append(draft)
    if trigger.node is not None:
        draft.nodes.setdefault(trigger.node)
    for action in moved:
        draft.actions.append((calc, action))
        draft.resources.setdefault(action.resource or "")
        sweep.plan.setdefault(action.resource or "", []).append(draft)
        sweep.of_resource[action.resource or ""] = draft
    draft.calculations.append(calc)


def _stopped_on_request(sweep: Sweep, action: Action) -> bool:
    owner = sweep.of_resource.get(action.resource or "")
    return (
        owner is not None
        and owner.planned
        and any(outage.thing.resource == action.resource for outage in owner.still_down())
    )


def _something_came_or_went(sweep: Sweep, calc: Calculation) -> bool:
    """Starting daemons, losses, returns, expired failures and networks make the cluster plan on its own."""
    since = calc.calculated - _SETTLED
    if connectivity_changed(sweep, calc):
        return True
    for kind in ("corosync.start", "daemon.starting", "failure.cleared", "dc.taken", "quorum.gained"):
        if sweep.timeline.between(kind, since, calc.calculated):
            return True
    return any(
        since <= moment <= calc.calculated
        for loss in sweep.timeline.losses
        for moment in (loss.time, loss.back)
        if moment is not None
    )


def _missed(sweep: Sweep, draft: Draft, action: Action) -> None:
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


def _learn_places(sweep: Sweep, calc: Calculation) -> None:
    """Where resources run, as the plan tells it: the log may begin long after they were started."""
    for action in calc.actions:
        if action.resource is None or action.source is None or action.verb in ("Start", "Fence"):
            continue
        if action.resource in sweep.active or (action.verb == "Leave" and "Stopped" in (action.detail or "")):
            continue
        sweep.active.setdefault(action.resource, set()).add(action.source)
        if any(role in (action.detail or "") for role in ("Master", "Promoted ")):
            sweep.promoted.setdefault(action.resource, set()).add(action.source)


def _owners(sweep: Sweep, calc: Calculation, action: Action, causes: list[Draft]) -> list[Draft]:
    """The chains a planned action belongs to: first who had the resource down, then why it is planned now."""
    planned = [draft for draft in causes if draft.planned]
    faults = [draft for draft in causes if not draft.planned]
    if action.resource is None:
        return _owners_of_node(sweep, calc, action, [*faults, *planned])
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
    mine = [draft for draft in faults if action.resource in draft.resources]
    if mine:
        return [mine[-1], *planned]
    asked = [draft for draft in planned if action.resource in draft.resources]
    if asked:
        return asked[-1:]
    by_config = [
        draft
        for draft in (*faults, *planned)
        if any(action.resource in dependents(sweep.config, resource) for resource in draft.resources)
    ]
    return by_config[:1] or faults[:1] or planned[:1]


def _owners_of_node(sweep: Sweep, calc: Calculation, action: Action, causes: list[Draft]) -> list[Draft]:
    """The chain a node is fenced or shut down for: of the resource that failed there, else the node's own."""
    words = (action.reason or "").split()
    failed = next((draft for draft in causes if any(word in draft.resources for word in words)), None)
    about = failed or sweep.in_trouble(action.target, calc.calculated)
    if about is None:
        about = next((draft for draft in causes if action.target in draft.nodes), None)
    return [about] if about is not None else causes[:1]


def _required(reason: str | None) -> str | None:
    """The resource another one's action is due to: `required g1 start`, `unrunnable vip stop`, `colocation with db`."""
    words = (reason or "").split()
    if len(words) >= 2 and words[0] in ("required", "unrunnable", "unmigrateable"):
        return words[1].split(":")[0]
    if len(words) >= 3 and words[:2] == ["colocation", "with"]:
        return words[2].split(":")[0]
    return None
