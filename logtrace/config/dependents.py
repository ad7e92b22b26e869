"""Which resources wait for which: what must stop when one stops, and what starts only after another."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from itertools import pairwise, product
from typing import Final

from msgspec import Struct

from logtrace.config.model import ClusterConfig, Group, Order
from logtrace.config.query import base_name
from logtrace.domain.values import INFINITY, score, true

#: The shortest line that is a chain: two resources are merely one after the other.
_CHAIN: Final = 3
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


class Wait(Struct, frozen=True):
    """`then` is started only when `first` has been, and stopped before it. Both are primitives.

    `by`: the id of the group or of the order constraint that says so; `grouped`: it is a group.
    """

    first: str
    then: str
    by: str
    grouped: bool


def waits(config: ClusterConfig) -> tuple[Wait, ...]:
    """Every direct wait of one primitive for another: of ordered groups, and of mandatory symmetrical orders and sets.

    An order between collections stands between the last primitive of the one and the first of the other, as the
    members of an ordered group wait for each other; between all of them where they do not.
    """
    found = [
        Wait(first, then, group.id, grouped=True)
        for group in config.groups.values()
        if group.ordered
        for first, then in pairwise(member for member in group.members if member in config.primitives)
    ]
    for order in config.orders:
        if _binds(order):
            pairs = product(_ends(config, order.first, -1), _ends(config, order.then, 0))
            found += [Wait(first, then, order.id, grouped=False) for first, then in pairs if first != then]
    return tuple(dict.fromkeys(found))


def chains(config: ClusterConfig) -> tuple[tuple[str, ...], ...]:
    """Lines of three and more primitives that orders and sets alone make start one after another, without a group.

    Each in the order of starting and as long as it can be, the longest first. Where lines join or part, a primitive is
    told in the longest only. What waits for itself in a circle, which Pacemaker breaks, is in none.
    """
    grouped = {member for group in config.groups.values() for member in group.members}
    after: defaultdict[str, list[str]] = defaultdict(list)
    for wait in waits(config):
        if not wait.grouped and not {wait.first, wait.then} & grouped:
            after[wait.first].append(wait.then)
    open_waits = Counter(then for several in after.values() for then in several)
    ready = deque(name for name in after if not open_waits[name])
    length: dict[str, int] = dict.fromkeys(ready, 1)
    previous: dict[str, str] = {}
    started: list[str] = []
    while ready:
        name = ready.popleft()
        started.append(name)
        for then in after.get(name, ()):
            if length[name] + 1 > length.get(then, 0):
                length[then], previous[then] = length[name] + 1, name
            open_waits[then] -= 1
            if not open_waits[then]:
                ready.append(then)
    found, told = [], set[str]()
    for last in sorted(started, key=lambda name: -length[name]):
        line: list[str] = []
        at: str | None = last
        while at is not None and at not in told:
            line.append(at)
            told.add(at)
            at = previous.get(at)
        if len(line) >= _CHAIN:
            found.append(tuple(reversed(line)))
    return tuple(found)


def _ends(config: ClusterConfig, name: str, end: int) -> tuple[str, ...]:
    """What an order of a collection holds on to: its first or last primitive, or all of an unordered group."""
    members = _primitives(config, name)
    group = config.groups.get(config.clones[name].child if name in config.clones else name)
    return members if group is not None and not group.ordered else members[end:][:1]


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
