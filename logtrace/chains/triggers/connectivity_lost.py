"""A node that lost a network its services need, while the cluster itself still sees it.

Pacemaker knows of networks only through attributes that agents keep (ping, ethmonitor), and location rules on them.
When such an attribute falls, healthy resources move with no failed operation and no lost node.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Self

from logtrace.chains.knowledge import Knowledge
from logtrace.chains.trigger import Trigger
from logtrace.config.defaults import OP_TIMEOUT
from logtrace.config.model import ClusterConfig, Primitive
from logtrace.config.query import monitor_interval, op_timeout
from logtrace.domain import durations
from logtrace.domain.kinds import Kind
from logtrace.timeline import Event, Transition

#: Agents that measure connectivity, and the attributes they keep unless told another name.
_AGENTS = frozenset({"ping", "pingd", "ethmonitor"})
_ATTRIBUTES = re.compile(r"pingd|ethmonitor-.+")

#: What the ping agents let attrd wait unless told otherwise (dampen).
_DAMPEN = "5s"

#: Rings and cards that tell of the same network.
_SYMPTOMS = (Kind.TOTEM_RING, Kind.KNET_LINK, Kind.TOTEM_INTERFACE, Kind.KERNEL_NIC)

#: What the scheduler plans for a healthy resource that may no longer be where it is.
_AWAY = frozenset({"Move", "Stop", "Migrate", "Demote"})


class ConnectivityLost(Trigger, frozen=True, eq=False, kw_only=True):
    """Told by the agent that measures it, or by the fall of its attribute; a faulty ring alone moves nothing."""

    @classmethod
    def of_plan(cls, state: Knowledge, transition: Transition) -> Self | None:
        """Why a plan sends healthy resources away from one node: connectivity was lost there just before."""
        away = [action for action in transition.actions if action.verb in _AWAY and not action.blocked]
        sources = {action.source for action in away if action.resource}
        if len(sources) != 1 or (node := sources.pop()) is None:
            return None
        falls = list(_falls(state, transition, node))
        said = [
            event
            for event in state.timeline.between(Kind.AGENT_SAYS, _since(state, transition), transition.calculated)
            if event.node == node and (event.agent or "").lower() in _AGENTS and event.level in ("warning", "error")
        ]
        if not falls and not said:
            return None
        last = (falls or said)[-1]
        seen = min((event.time for event in falls if event.value == last.value), default=last.time)
        symptoms = [
            event
            for kind in _SYMPTOMS
            for event in state.timeline.between(kind, seen - _measured_within(state.config), transition.calculated)
            if event.node == node and (event.state or "").lower() in ("down", "faulty")
        ]
        return cls(
            time=seen, node=node, events=tuple(event.event for event in (*said[-2:], *falls[-2:], *symptoms[:2]))
        )

    @property
    def beginning(self) -> str:
        """Which network is told by the cause."""
        return f"{self.node} lost a network that its services need"


def _falls(state: Knowledge, transition: Transition, node: str) -> Iterator[Event]:
    """Falls of connectivity attributes of `node` that no rise has followed.

    The controller's own line of a change does not name the node (abort_transition_graph): of those only what made the
    scheduler run this time can be about it.
    """
    since = _since(state, transition)
    fallen: dict[str | None, list[Event]] = {}
    for event in state.timeline.between(Kind.ATTR_SET, since, transition.calculated):
        if (event.target or event.node) == node and measures(state.config, event.attribute):
            before = fallen.get(event.attribute, [])
            fallen[event.attribute] = [*before, event] if _fell(event) else []
    for events in fallen.values():
        yield from events
    if state.before is not None:
        since = max(since, state.before.calculated)
    for event in state.timeline.between(Kind.TE_ABORT, since, transition.calculated):
        if (event.target or node) == node and measures(state.config, event.attribute) and _fell(event):
            yield event


def connectivity_changed(state: Knowledge, transition: Transition) -> bool:
    """Whether connectivity anywhere fell or rose just before a plan: services also go back when a network is back."""
    return any(
        measures(state.config, event.attribute)
        for event in state.timeline.between(Kind.ATTR_SET, _since(state, transition), transition.calculated)
    )


def measures(config: ClusterConfig, attribute: str | None) -> bool:
    """Whether an attribute is kept by an agent that measures connectivity."""
    if attribute is None:
        return False
    named = {one.params.get("name") for one in _measuring(config)}
    return attribute in named or _ATTRIBUTES.fullmatch(attribute) is not None


def _measuring(config: ClusterConfig) -> list[Primitive]:
    return [one for one in config.primitives.values() if one.type.lower() in _AGENTS]


def _since(state: Knowledge, transition: Transition) -> datetime:
    """From when on a change can be what a plan answers: the plan before it, less what attrd dampens: it tells a change
    at once and writes it later, and the scheduler follows what is written.
    """
    told = [one.params.get("dampen") or _DAMPEN for one in _measuring(state.config)] or [_DAMPEN]
    dampened = max(durations.seconds(each) or 0 for each in told)
    return state.planned_before(transition) - timedelta(seconds=dampened)


def _measured_within(config: ClusterConfig) -> timedelta:
    """How long before its attribute falls a network may have failed: an interval of the monitor that measures it, and
    the run itself with all its retries, which its timeout bounds.
    """
    took = [
        (monitor_interval(config, one.id) or 0.0) + (op_timeout(config, one.id, "monitor") or OP_TIMEOUT)
        for one in _measuring(config)
    ]
    return timedelta(seconds=max(took, default=OP_TIMEOUT))


def _fell(event: Event) -> bool:
    value, before = _number(event.value), _number(event.old_value)
    return value == 0 if before is None else value is not None and value < before


def _number(text: str | None) -> float | None:
    try:
        return float(text or "")
    except ValueError:
        return None
