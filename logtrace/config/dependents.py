"""Which resources must stop when one stops."""

from __future__ import annotations

from collections import defaultdict, deque
from itertools import pairwise
from typing import Final

from logtrace.config.model import ClusterConfig, Group, Order
from logtrace.config.query import base_name
from logtrace.domain.values import INFINITY, score, true

_STARTING: Final = {"start", "promote"}


def dependents(config: ClusterConfig, resource: str) -> tuple[str, ...]:
    """The primitives that must stop when `resource` (a primitive, group, clone or bundle) stops, transitively.

    Those are the later members of its group, what is colocated with it by INFINITY, and what a mandatory symmetrical
    order starts after it. Nearest first, in the order of the configuration; `resource` itself and its own members
    are not among them.
    """
    following = _followers(config)
    start = _primitives(config, base_name(resource))
    stopped, told, found = set(start), set[str](), []
    queue = deque(start)
    while queue:
        primitive = queue.popleft()
        # A collection stops with any of its members, so what follows the collection follows the member.
        for name in (primitive, *config.primitives[primitive].parents):
            if name in told:
                continue
            told.add(name)
            for follower in following[name]:
                for member in _primitives(config, follower):
                    if member not in stopped:
                        stopped.add(member)
                        found.append(member)
                        queue.append(member)
    return tuple(found)


def _followers(config: ClusterConfig) -> defaultdict[str, list[str]]:
    """Resource -> the resources that directly depend on it, by the names the configuration uses."""
    following: defaultdict[str, list[str]] = defaultdict(list)
    for group in config.groups.values():
        if group.ordered or _colocated(group):
            for member, later in pairwise(group.members):
                following[member].append(later)
    for order in config.orders:
        if _binds(order):
            following[order.first].append(order.then)
    for colocation in config.colocations:
        if score(colocation.score) >= INFINITY:
            following[colocation.with_resource].append(colocation.resource)
    return following


def _binds(order: Order) -> bool:
    """Whether stopping the first stops the second: an asymmetrical or optional order, or one of many, does not."""
    mandatory = order.kind == "Mandatory" and order.symmetrical and order.require_all
    return mandatory and order.first_action in _STARTING and order.then_action in _STARTING


def _colocated(group: Group) -> bool:
    return true(group.meta.get("collocated"), default=True)


def _primitives(config: ClusterConfig, name: str) -> tuple[str, ...]:
    """The primitives a name stands for: a primitive, or all that a group, clone or bundle holds."""
    if name in config.primitives:
        return (name,)
    if name in config.groups:
        return tuple(member for member in config.groups[name].members if member in config.primitives)
    if name in config.clones:
        return _primitives(config, config.clones[name].child)
    if name in config.bundles and (child := config.bundles[name].child):
        return _primitives(config, child)
    return ()
