"""How resources hang together: long ordered groups, clones that wait for all copies, services that run only once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from logtrace.config import commands
from logtrace.config.model import Group
from logtrace.config.query import clone_of, is_clone, meta_of
from logtrace.config.services import Runs, service_of
from logtrace.domain.values import true
from logtrace.lint.check import Look, Source, check
from logtrace.lint.finding import Finding

#: A stack of address, storage, database and application has so many members; more are a list, not a stack.
LONGEST: Final = 5


@check(
    "group-large",
    "warning",
    Source.CIB,
    line="Many members in one ordered group.",
    means="""
        Members start one after another and stop in reverse, and when one fails all after it go down and up
        again. The recovery of the first is as long as the sum of all.
    """,
    proves="An ordered group of more than five members.",
    disproves="Members that really stand on each other belong together, however many they are.",
    fix="""
        Keep what is shared, such as address and file system, in the group, and let the rest start side by side
        after it. What keeps no state should rather be a clone.
    """,
)
def group_large(look: Look) -> Iterator[Finding]:
    """Members of a group start one after another and stop with every member before them."""
    for group in look.config.groups.values():
        if group.ordered and len(group.members) > LONGEST:
            free = _free(look, group)
            in_clone = clone_of(look.config, group.id) is not None
            yield look.finding(
                group.id,
                f"Its {len(group.members)} members start one after another, and the failure of one stops and starts "
                "all that stand after it.",
                commands.taken_out(group.id, free, ordered=True, taken=_ids(look))
                if len(free) > 1 and not in_clone
                else {},
            )


@check(
    "clone-interleave-off",
    "warning",
    Source.CIB,
    line="A clone waits for all copies of another.",
    means="""
        Without interleave each copy depends on every copy of the clone before it: one node that leaves or
        returns restarts the copies on all others.
    """,
    proves="A mandatory order between two clones, of which the second has interleave false or unset.",
    disproves="Rarely a service needs all copies of the other to be up; then it is right.",
    fix="Set interleave to true on the dependent clone; it changes nothing else.",
)
def clone_waits(look: Look) -> Iterator[Finding]:
    """A clone ordered after a clone, without interleave: a copy waits for the other's copies on all nodes."""
    for order in look.config.orders:
        then, first = clone_of(look.config, order.then), clone_of(look.config, order.first)
        if then is None or first is None or order.kind != "Mandatory" or then.id == first.id:
            continue
        if not true(meta_of(look.config, then.id, "interleave")):
            yield look.finding(
                then.id,
                f"It is ordered after {first.id} with interleave off: when a copy of {first.id} stops on one node, "
                f"copies of {then.id} stop on all of them.",
                commands.meta(then.id, interleave="true"),
            )


@check(
    "service-single",
    "warning",
    Source.CIB,
    line="A service runs once that could run on every node.",
    means="""
        Its failure, and that of its node, is an outage of its whole start time. With a copy on each node behind
        an address, or sharing the queue, users would not notice.
    """,
    proves="Its agent is one that is known to run active/active, and it is neither a clone nor in a bundle.",
    disproves="""
        Services that own something, such as the volume service or an agent with its routers, must run once and
        are left out. A licence or a local file may forbid a second copy.
    """,
    fix="""
        Take it out of its group and clone it with interleave on; put a load balancer on the virtual address in
        front.
    """,
)
def single_instance(look: Look) -> Iterator[Finding]:
    """Services that run on one node of several and could run on all of them; those of a group in one finding."""
    if len(look.nodes) < 2:
        return
    together: dict[str, list[str]] = {}
    for primitive in look.services:
        service = service_of(look.config, primitive.id)
        if service is None or service.runs is Runs.ONCE or is_clone(look.config, primitive.id):
            continue
        group = next((parent for parent in primitive.parents if parent in look.config.groups), None)
        if service.runs in (Runs.ANYWHERE, Runs.EACH_NODE):
            together.setdefault(group or primitive.id, []).append(primitive.id)
        else:
            yield look.finding(
                primitive.id,
                f"It runs on one node only, so every failure of it is an outage. It can run {service.runs}: "
                f"{service.note}.",
                severity="info",
            )
    for holder, names in together.items():
        group = holder if holder in look.config.groups else None
        listed = f"{', '.join(names[:4])}{f' and {len(names) - 4} more' if len(names) > 4 else ''}"
        yield look.finding(
            holder,
            f"{f'Its members {listed}' if group else 'It'} can run on every node at once, but "
            f"{'run' if group else 'runs'} on one only: every failure is an outage.",
            commands.cloned(look.config, names),
        )


def _ids(look: Look) -> set[str]:
    """Ids that a new constraint may not take."""
    config = look.config
    constraints = {one.id for one in config.orders} | {one.id for one in config.colocations}
    return constraints | {one.id for one in config.locations}


def _free(look: Look, group: Group) -> list[str]:
    """Members that are known to need none of their neighbours' order; the first member stays in any case."""
    free = []
    for name in group.members[1:]:
        service = service_of(look.config, name)
        if service is not None and not service.base and service.runs is not Runs.ONCE:
            free.append(name)
    return free
