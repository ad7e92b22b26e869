"""The cluster moved healthy services by its own rules, and neither a fault nor an operator asked for it.

A node that returns draws back what has no stickiness, a failure that expires opens a node again, and rules on dates,
attributes and utilization are looked at whenever the scheduler runs. What made it run happened since the controller
was last idle.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import ClassVar, Self

from logtrace.chains.knowledge import Knowledge
from logtrace.chains.limits import MOST_LINES
from logtrace.chains.trigger import Sort, Trigger
from logtrace.chains.triggers.connectivity_lost import measures
from logtrace.config.query import base_name
from logtrace.domain.kinds import Kind
from logtrace.timeline import Action, Event, Transition

#: What takes a healthy resource from where it runs; a start or a promote alone takes nothing from anybody.
_AWAY = frozenset({"Move", "Migrate", "Stop", "Restart", "Demote"})

#: Attributes that the cluster and agents keep for themselves, none of which a rule of the administrator looks at.
_OWN_ATTRIBUTES = ("fail-count-", "last-failure-", "master-", "shutdown", "probe_complete", "terminate")

_DONE = {"Stop": "stopped", "Demote": "demoted"}

#: Names a sentence can hold.
_NAMED = 3

#: Words of an abort that say the configuration was changed: somebody asked.
_ASKED = "configuration change"


class PolicyMoved(Trigger, frozen=True, eq=False, kw_only=True):
    """`resource` is the first that is moved. `why`: what made the cluster think again, in words, where a line tells."""

    sort: ClassVar[Sort] = Sort.POLICY
    what: str
    why: str | None

    @classmethod
    def of_plan(cls, state: Knowledge, transition: Transition) -> Self | None:
        """A plan that takes healthy services away, after something happened that rules depend on."""
        moved = [action for action in transition.actions if _takes_away(state, action)]
        if not moved:
            return None
        since = _idle_before(state, transition)
        why, lines = _reason(state, transition, moved, since)
        if why is None and (state.blind or _was_asked(state, transition, since)):
            return None
        return cls(
            time=transition.calculated,
            resource=moved[0].resource,
            events=(*(action.event for action in moved), *lines)[:MOST_LINES],
            what=_told(moved),
            why=why,
            inferred=why is None,
        )

    @property
    def beginning(self) -> str:
        """What was moved and why."""
        return f"{self.what} by the cluster's own rules, {self.why or 'and no line tells what for'}"


def _takes_away(state: Knowledge, action: Action) -> bool:
    """Whether a service that runs is to be stopped or demoted where it is, and not for a changed definition."""
    resource = action.resource
    return (
        action.verb in _AWAY
        and resource is not None
        and not action.blocked
        and state.is_service(resource)
        and action.source is not None
        and "definition" not in (action.reason or "")
    )


def _told(moved: list[Action]) -> str:
    """Those that go the way of the first, by name, and how many more are moved."""
    first = moved[0]
    names = list(dict.fromkeys(action.resource for action in moved if _way(action) == _way(first)))
    told = ", ".join(str(name) for name in names[:_NAMED])
    rest = len({action.resource for action in moved} - set(names[:_NAMED]))
    more = f" and {rest} more" if rest else ""
    if first.dest and first.dest != first.source:
        return f"{told}{more} moved from {first.source} to {first.dest}"
    return f"{told}{more} {_DONE.get(first.verb, 'restarted')} on {first.source}"


def _way(action: Action) -> tuple[str | None, str | None, str]:
    return action.source, action.dest, action.verb


def _idle_before(state: Knowledge, transition: Transition) -> datetime:
    """When the DC had last nothing to do, else when the plan before was made, else the beginning of the logs."""
    idle = state.idle_since(transition.dc)
    if idle is None and state.before is not None:
        idle = state.before.calculated
    return idle or state.timeline.start or transition.calculated


def _reason(
    state: Knowledge, transition: Transition, moved: list[Action], since: datetime
) -> tuple[str | None, tuple[int, ...]]:
    """What happened since, of what rules depend on, with its lines: the nearest to the resources first."""
    dests = {action.dest for action in moved}
    for loss in sorted(state.timeline.back_between(since, state.now), key=lambda loss: loss.node not in dests):
        return f"when {loss.node} was back", ()
    joined = [event for event in _since(state, since, Kind.MEMBER_STATE, Kind.QUORUM_JOINED) if _joins(event)]
    if joined:
        return f"when {joined[-1].target or 'a node'} had joined", (joined[-1].event,)
    for event in _since(state, since, Kind.FAILURE_CLEARED):
        about = f"the failure of {event.resource} on {event.target}" if event.resource else "an old failure"
        return f"when {about} had expired", (event.event,)
    for event in _since(state, since, Kind.ATTR_SET):
        if score := _promotion_score(transition, event):
            return f"when {score}", (event.event,)
    for event in _since(state, since, Kind.ATTR_SET):
        name = event.attribute or ""
        if name and not name.startswith(_OWN_ATTRIBUTES):
            rises = " rose again" if measures(state.config, name) else f" became {event.value}"
            return f"when {name} of {event.target or event.node}{rises}", (event.event,)
    popped = [event for event in _since(state, since, Kind.FSA_STATE) if event.cause == "C_TIMER_POPPED"]
    if popped:
        return "when rules were looked at again (cluster-recheck-interval)", (popped[-1].event,)
    return None, ()


def _promotion_score(transition: Transition, event: Event) -> str | None:
    """The agent of a resource that changes its promoted node told a new score on one of the two nodes.

    Its agent keeps the score in the node attribute master-RESOURCE (ocf_promotion_score of resource-agents).
    """
    kind, _, resource = (event.attribute or "").partition("-")
    node = event.target or event.node
    swapped = {
        (base_name(action.resource), action.source or action.dest)
        for action in transition.actions
        if action.resource is not None and action.verb in ("Demote", "Promote")
    }
    if kind != "master" or (base_name(resource), node) not in swapped:
        return None
    before = f" from {event.old_value}" if event.old_value and event.old_value.lstrip("-").isdigit() else ""
    return f"the promotion score of {base_name(resource)} on {node} went{before} to {event.value}"


def _since(state: Knowledge, since: datetime, *kinds: Kind) -> Iterator[Event]:
    for kind in kinds:
        yield from state.timeline.between(kind, since, state.now)


def _joins(event: Event) -> bool:
    return event.kind == Kind.QUORUM_JOINED or (event.state or "").lower() == "member"


def _was_asked(state: Knowledge, transition: Transition, since: datetime) -> bool:
    """Whether the configuration was changed meanwhile, by whomever, or the log does not say why it was planned."""
    aborts = [event for event in _since(state, since, Kind.TE_ABORT) if event.node == transition.dc]
    return not aborts or any(_ASKED in f"{event.reason} {event.message}".lower() for event in aborts)
