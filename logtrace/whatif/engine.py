"""A recovery under a change: which activities remain, which order is left, and how long it then takes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from msgspec.structs import replace

from logtrace.whatif.model import Change, Link, Prediction, Recovery, Row
from logtrace.whatif.schedule import OVERHEAD, UP, Times, Waits, predecessors, run, waits

#: Consensus is this many times the token unless it is configured (corosync.conf(5)).
_CONSENSUS = 1.2


@dataclass(slots=True)
class _Plan:
    """What the changes make of a recovery, collected change by change."""

    kept: set[int]
    links: tuple[Link, ...]
    seconds: dict[int, float] = field(default_factory=dict)
    ends: set[int] = field(default_factory=set)  # activities that bring up what they did not bring up before
    detection: float = 0.0
    parallel: bool = False
    notes: list[str] = field(default_factory=list)


def predict(recovery: Recovery, changes: Sequence[Change]) -> Prediction:
    """What `recovery` would have been with `changes` made before the same fault.

    Without any change it is the outage as observed: each activity keeps the wait that was measured before it.
    """
    measured = waits(recovery)
    plan = _Plan(set(range(len(recovery.activities))), recovery.links, detection=recovery.detection)
    before = _times(recovery, measured, plan)
    for change in changes:
        _APPLY[change.kind](recovery, change, plan)
    after = _times(recovery, measured, plan) if changes else before
    old, new = recovery.outage, _outage(recovery, plan, after, before)
    if recovery.proven:
        new = max(0.0, new - recovery.detection + plan.detection)
    unproven = 0.0 if recovery.proven else 1.0
    return Prediction(
        detection=(recovery.detection, plan.detection),
        outage=(old, new),
        whole=(old + unproven * recovery.detection, new + unproven * plan.detection),
        rows=tuple(_rows(recovery, before, after)),
        residual=_residual(recovery, measured, before),
        notes=tuple(dict.fromkeys(plan.notes)),
    )


def _times(recovery: Recovery, measured: Waits, plan: _Plan) -> Times:
    jobs = recovery.jobs if plan.parallel else None
    return run(recovery, measured, plan.links, kept=plan.kept, seconds=plan.seconds, jobs=jobs)


def _outage(recovery: Recovery, plan: _Plan, after: Times, before: Times) -> float:
    """From its beginning to the end of the last activity that brings something back."""
    if not before:
        return recovery.outage
    last = max((before[index][1] for index in _ends(recovery, before)), default=0.0)
    began = last - recovery.outage  # as observed, whatever it was counted from
    ends = [after[index][1] for index in (*_ends(recovery, after), *(plan.ends & after.keys()))]
    if not ends:  # nothing that was lost had to be started: what remains is the time until it was known what to do
        known = [end for index, (_, end) in after.items() if recovery.activities[index].resource is None]
        return max(0.0, max([recovery.decided, *known]) - began)
    if recovery.loss is not None and recovery.loss in after:
        began += after[recovery.loss][1] - before[recovery.loss][1]
    return max(0.0, max(ends) - began)


def _ends(recovery: Recovery, times: Iterable[int]) -> list[int]:
    return [index for index in times if recovery.activities[index].ends_outage]


def _residual(recovery: Recovery, measured: Waits, times: Times) -> float:
    """Seconds of waiting, on the way to the end, that no dependency explains."""
    at = max(_ends(recovery, times), key=lambda index: times[index][1], default=None)
    unexplained = 0.0
    while at is not None:
        unexplained += max(0.0, measured.lag[at] - OVERHEAD)
        before = predecessors(recovery.activities, at, recovery.links) | {measured.seen[at]} - {None}
        at = max((one for one in before if one is not None), key=lambda index: times[index][1], default=None)
    return unexplained


def _rows(recovery: Recovery, before: Times, after: Times) -> Iterable[Row]:
    for index, activity in enumerate(recovery.activities):
        yield Row(activity.name, activity.node, before.get(index), after.get(index))


# --- the changes --------------------------------------------------------------------------------------


def _interval(recovery: Recovery, change: Change, plan: _Plan) -> None:
    if recovery.interval is None:
        plan.notes.append("no recurring monitor had to find this fault: its interval changes nothing")
        return
    assert change.seconds is not None
    if recovery.proven:  # the same fault at the same place between two monitors
        spent = min(recovery.run, recovery.detection)
        plan.detection = spent + (recovery.detection - spent) * change.seconds / recovery.interval
    else:
        plan.detection = change.seconds / 2 + recovery.run


def _token(recovery: Recovery, change: Change, plan: _Plan) -> None:
    if recovery.token is None or recovery.consensus is None:
        plan.notes.append("no node had to be missed: the token changes nothing")
        return
    assert change.seconds is not None
    ratio = recovery.consensus / recovery.token if recovery.token else _CONSENSUS
    plan.detection = recovery.detection + (change.seconds - recovery.token) * (1 + ratio)
    plan.detection = max(0.0, plan.detection)


def _group(recovery: Recovery, change: Change, plan: _Plan) -> None:
    groups = {name: members for name, members in recovery.groups.items() if not change.names or name in change.names}
    if not groups:
        plan.notes.append("nothing in this incident was held in an order by a group")
        return
    links = [link for link in plan.links if link.group not in groups]
    if change.mode == "split":
        for group, members in groups.items():
            last = None
            for member in members:
                if last is not None:
                    links.append(Link(last, member, group))
                if member in recovery.base:
                    last = member
    plan.links = tuple(links)
    plan.parallel = True
    reached = _affected(recovery, plan.links)
    plan.kept = {index for index in plan.kept if recovery.activities[index].resource in reached | {None}}
    if recovery.jobs is None:
        plan.notes.append("it is not known how many actions a node runs at once; twice its processors is the default")


def _affected(recovery: Recovery, links: Iterable[Link]) -> set[str]:
    """What has to be started again: what failed, what was lost or has to move, and what needs any of these."""
    reached = {*recovery.failed, *recovery.lost}
    reached |= {one.resource for one in recovery.activities if one.moved and one.resource is not None}
    found = True
    while found:
        more = {link.then for link in links if link.first in reached} - reached
        reached |= more
        found = bool(more)
    return reached


def _clone(recovery: Recovery, change: Change, plan: _Plan) -> None:
    """A copy that runs already needs no start. Only what has to move, or was lost with its node, has one elsewhere."""
    gone = {
        index
        for index in plan.kept
        if (one := recovery.activities[index]).resource is not None
        and one.resource not in recovery.addresses
        and (not change.names or one.resource in change.names)
        and (one.moved or one.resource in recovery.lost)
        and one.what in UP
    }
    if not gone:
        plan.notes.append("nothing that could be a clone had to be started on another node")
    plan.kept -= gone
    for name in {recovery.activities[index].resource for index in gone}:
        plan.links = _without(plan.links, name)
    if gone and not any(recovery.activities[index].ends_outage for index in plan.kept):
        plan.notes.append("no address had to move; where one is added, its start comes on top")


def _without(links: tuple[Link, ...], name: str | None) -> tuple[Link, ...]:
    """The links when `name` is no longer one of them: what came after it comes after what came before it."""
    before = [link for link in links if link.then == name]
    after = [link for link in links if link.first == name]
    rest = [link for link in links if name not in (link.first, link.then)]
    return (*rest, *(Link(one.first, other.then, other.group, other.order) for one in before for other in after))


def _fencing(recovery: Recovery, change: Change, plan: _Plan) -> None:
    assert change.seconds is not None
    found = [index for index in plan.kept if recovery.activities[index].resource is None]
    if not found:
        plan.notes.append("no node was fenced")
    plan.seconds |= dict.fromkeys(found, change.seconds)


def _run(recovery: Recovery, change: Change, plan: _Plan) -> None:
    """The runs of an operation take so long: of the resources that are named, else the one that took longest."""
    assert change.seconds is not None
    found = [
        index
        for index in plan.kept
        if recovery.activities[index].what == change.operation and recovery.activities[index].ok
        and (not change.names or recovery.activities[index].resource in change.names)
    ]  # fmt: skip
    if not found:
        plan.notes.append(f"no such {change.operation} succeeded in this incident")
    elif not change.names:
        found = [max(found, key=lambda index: recovery.activities[index].seconds)]
    plan.seconds |= dict.fromkeys(found, change.seconds)


def _order(recovery: Recovery, change: Change, plan: _Plan) -> None:
    """Without an order what it held back starts side by side, and need not be stopped for the other's sake."""
    links = tuple(link for link in plan.links if link.order not in change.names)
    if len(links) == len(plan.links):
        plan.notes.append("nothing in this incident was held in that order")
        return
    plan.links = links
    plan.parallel = True
    reached = _affected(recovery, plan.links)
    plan.kept = {index for index in plan.kept if recovery.activities[index].resource in reached | {None}}


def _in_place(recovery: Recovery, change: Change, plan: _Plan) -> None:
    """Only the named resources, and what needs them, stop and start, each where it is: no node is fenced or emptied.

    A start elsewhere stands for the one in place; a stop that was not seen is not in it.
    """
    own = set(change.names)
    while more := {link.then for link in plan.links if link.first in own} - own:
        own |= more
    plan.kept = {index for index in plan.kept if recovery.activities[index].resource in own}
    stopped = {recovery.activities[index].resource for index in plan.kept if recovery.activities[index].what == "stop"}
    plan.notes += [f"how long the stop of {name} takes was not seen" for name in sorted(own - stopped)]


def _timeout(recovery: Recovery, change: Change, plan: _Plan) -> None:
    """A shorter timeout ends what ran into it sooner; a longer one helps what is known to need less than it."""
    assert change.seconds is not None
    late = [
        index
        for index in sorted(plan.kept)
        if recovery.activities[index].timed_out and recovery.activities[index].what == change.operation
    ]
    if not late:
        plan.notes.append(f"no {change.operation} ran into its timeout")
    for index in late:
        if index not in plan.kept:
            continue
        one = recovery.activities[index]
        known = recovery.known_good.get((one.resource or "", one.what))
        if change.seconds <= one.seconds:
            plan.seconds[index] = change.seconds
        elif known is None or not one.seconds <= known <= change.seconds:
            plan.notes.append(f"how long the {one.name} needs is not known: no run that long ended well")
        else:
            plan.seconds[index] = known
            _succeeds(recovery, index, plan)


def _succeeds(recovery: Recovery, index: int, plan: _Plan) -> None:
    """Take away what followed only because the activity at `index` had failed."""
    one = recovery.activities[index]
    own = {one.resource} | _affected(replace(recovery, lost=(), activities=()), plan.links)
    for other in sorted(plan.kept):
        if other <= index:
            continue
        later = recovery.activities[other]
        repeated = later.resource == one.resource and (one.what in UP or later.what not in UP)
        if repeated or later.resource not in own:
            plan.kept.discard(other)
    if one.what in UP:
        plan.ends.add(index)


_APPLY = {
    "interval": _interval,
    "token": _token,
    "group": _group,
    "clone": _clone,
    "fencing": _fencing,
    "run": _run,
    "order": _order,
    "in_place": _in_place,
    "timeout": _timeout,
}
