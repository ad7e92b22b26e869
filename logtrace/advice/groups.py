"""Groups and orders of what does not need each other: without them only what failed restarts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from logtrace.advice.situation import Situation
from logtrace.config.commands import Commands, delete_constraint, taken_out
from logtrace.config.model import ClusterConfig, Group, Order
from logtrace.config.services import service_of
from logtrace.domain.advice import Advice
from logtrace.whatif.model import Change

#: Less is not worth a change of the configuration.
_LEAST = 1.0


def advise(situation: Situation) -> Iterator[Advice]:
    """Groups taken apart, and orders lifted."""
    yield from _groups(situation)
    yield from _orders(situation)


def _groups(situation: Situation) -> Iterator[Advice]:
    """Split or unordered, whichever keeps what others need (addresses, storage, databases) before the others."""
    recovery = situation.recovery
    if recovery is None or not situation.concerns("group_cascade", "cold_failover", "slow_init", "spurious_monitor"):
        return
    for name in recovery.groups:
        group = situation.config.groups[name]
        clone = any(other.child == name for other in situation.config.clones.values())
        ahead, free = parts(situation.config, group)
        if clone or not free or len(group.members) < 2:
            continue
        mode = "split" if ahead else "unordered"
        saves, basis = situation.saves(Change("group", mode=mode, names=(name,)))
        if saves is None or saves < max(_LEAST, 0.1 * recovery.outage):
            continue
        yield Advice(
            f"group_{mode}",
            _sentence(name, ahead, free),
            _commands(situation.config, group, ahead, free),
            saves=saves,
            saves_basis=basis,
            risk=_risk(situation.config, free),
        )


def _orders(situation: Situation) -> Iterator[Advice]:
    """Orders of the CIB, single or of a set, whose first resource is nothing that others need before they start."""
    recovery, config = situation.recovery, situation.config
    if recovery is None or not situation.concerns("group_cascade", "cold_failover", "slow_init", "spurious_monitor"):
        return
    told = []
    for name in dict.fromkeys(link.order for link in recovery.links if link.order is not None):
        held = [link for link in recovery.links if link.order == name]
        ends = [order for order in config.orders if order.id == name]
        if any(order.first_action == "promote" for order in ends) or any(_is_base(config, link.first) for link in held):
            continue  # who waits for a promotion needs what is promoted
        saves, basis = situation.saves(Change("order", names=(name,)))
        if saves is not None and saves >= max(_LEAST, 0.1 * recovery.outage):
            told.append((saves, name, ends, basis))
    for saves, name, ends, basis in sorted(told, key=lambda each: (each[0], each[1]), reverse=True)[:1]:
        yield Advice(
            "order_lifted",
            _lifted(name, ends),
            delete_constraint(name),
            saves=saves,
            saves_basis=basis,
            risk=f"make sure that {ends[-1].then} starts without {ends[-1].first} and bears its absence; change it in "
            "maintenance-mode",
        )


def _is_base(config: ClusterConfig, name: str) -> bool:
    service = service_of(config, name)
    return service is not None and service.base


def _lifted(name: str, ends: Sequence[Order]) -> str:
    first, then = ends[0].first, ends[0].then
    if len(ends) > 1:
        several = list(dict.fromkeys(each for order in ends for each in (order.first, order.then)))
        told = f"{', '.join(several[:5])}{' and others' if len(several) > 5 else ''}"
        return (
            f"Take the order {name} out if {told} need not start one after another: they then start side by side, and "
            f"a failure of {first} leaves the others running"
        )
    return (
        f"Take the order {name} out if {then} does not need {first} before it starts: they then start side by side, "
        f"and a failure of {first} leaves {then} running"
    )


def parts(config: ClusterConfig, group: Group) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(members that others need before they start, members that need no other member)."""
    known = {member: service_of(config, member) for member in group.members}
    ahead = tuple(member for member in group.members if (one := known[member]) is not None and one.base)
    return ahead, tuple(member for member in group.members if member not in ahead)


def _sentence(name: str, ahead: tuple[str, ...], free: tuple[str, ...]) -> str:
    if not ahead:
        return (
            f"Take the order out of group {name}: its {len(free)} members start side by side, and a failure of one "
            "leaves the others running"
        )
    return (
        f"Split group {name}: keep {', '.join(ahead[:3])}{' and others' if len(ahead) > 3 else ''} in it and let the "
        f"other {len(free)} start side by side after it, on the same node"
    )


def _commands(config: ClusterConfig, group: Group, ahead: tuple[str, ...], free: tuple[str, ...]) -> Commands:
    used = {one.id for one in config.orders} | {one.id for one in config.colocations}
    used |= {one.id for one in config.locations}
    used |= {*config.primitives, *config.groups, *config.clones}
    # a group is never left empty: without anything that must come first, its first member stays as the anchor
    members = free if ahead else free[1:]
    return taken_out(group.id, members, ordered=bool(ahead), taken=used)


def _risk(config: ClusterConfig, free: tuple[str, ...]) -> str:
    unknown = [member for member in free if service_of(config, member) is None]
    check = f"make sure that none of {', '.join(unknown[:4])} needs another; " if unknown else ""
    return f"{check}members that start at the same time load the node more; change it in maintenance-mode"
