"""How resources hang together: long ordered groups, clones that wait for all copies, services that run only once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from logtrace.config.commands import cloned, meta, taken_out
from logtrace.config.model import Group
from logtrace.config.query import clone_of, is_clone, meta_of
from logtrace.config.services import Runs, service_of
from logtrace.domain.values import true
from logtrace.lint.known import Known, Weakness

#: A stack of address, storage, database and application has so many members; more are a list, not a stack.
LONGEST: Final = 5


def group_large(known: Known) -> Iterator[Weakness]:
    """Members of a group start one after another and stop with every member before them."""
    for group in known.config.groups.values():
        if group.ordered and len(group.members) > LONGEST:
            free = _free(known, group)
            in_clone = clone_of(known.config, group.id) is not None
            yield Weakness(
                "warning",
                group.id,
                f"Its {len(group.members)} members start one after another, and the failure of one stops and starts "
                "all that stand after it.",
                taken_out(group.id, free, ordered=True, taken=_ids(known)) if len(free) > 1 and not in_clone else {},
                known.cib,
            )


def clone_waits(known: Known) -> Iterator[Weakness]:
    """A clone ordered after a clone, without interleave: a copy waits for the other's copies on all nodes."""
    for order in known.config.orders:
        then, first = clone_of(known.config, order.then), clone_of(known.config, order.first)
        if then is None or first is None or order.kind != "Mandatory" or then.id == first.id:
            continue
        if not true(meta_of(known.config, then.id, "interleave")):
            yield Weakness(
                "warning",
                then.id,
                f"It is ordered after {first.id} with interleave off: when a copy of {first.id} stops on one node, "
                f"copies of {then.id} stop on all of them.",
                meta(then.id, interleave="true"),
                known.cib,
            )


def single_instance(known: Known) -> Iterator[Weakness]:
    """Services that run on one node of several and could run on all of them; those of a group in one finding."""
    if len(known.nodes) < 2:
        return
    together: dict[str, list[str]] = {}
    for primitive in known.services:
        service = service_of(known.config, primitive.id)
        if service is None or service.runs is Runs.ONCE or is_clone(known.config, primitive.id):
            continue
        group = next((parent for parent in primitive.parents if parent in known.config.groups), None)
        if service.runs in (Runs.ANYWHERE, Runs.EACH_NODE):
            together.setdefault(group or primitive.id, []).append(primitive.id)
        else:
            yield Weakness(
                "info",
                primitive.id,
                f"It runs on one node only, so every failure of it is an outage. It can run {service.runs}: "
                f"{service.note}.",
                evidence=known.cib,
            )
    for holder, names in together.items():
        group = holder if holder in known.config.groups else None
        listed = f"{', '.join(names[:4])}{f' and {len(names) - 4} more' if len(names) > 4 else ''}"
        yield Weakness(
            "warning",
            holder,
            f"{f'Its members {listed}' if group else 'It'} can run on every node at once, but "
            f"{'run' if group else 'runs'} on one only: every failure is an outage.",
            cloned(known.config, names),
            known.cib,
        )


def _ids(known: Known) -> set[str]:
    """Ids that a new constraint may not take."""
    config = known.config
    constraints = {one.id for one in config.orders} | {one.id for one in config.colocations}
    return constraints | {one.id for one in config.locations}


def _free(known: Known, group: Group) -> list[str]:
    """Members that are known to need none of their neighbours' order; the first member stays in any case."""
    free = []
    for name in group.members[1:]:
        service = service_of(known.config, name)
        if service is not None and not service.base and service.runs is not Runs.ONCE:
            free.append(name)
    return free
