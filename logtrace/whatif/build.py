"""An incident's measured operations as a graph: what ran, what it waited for, what it brought back."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import islice, pairwise

from logtrace.assessment.assessment import Assessment
from logtrace.assessment.services import is_address
from logtrace.config.corosync import consensus_seconds, token_seconds
from logtrace.config.model import ClusterConfig
from logtrace.config.query import base_name, monitor_interval
from logtrace.config.services import service_of
from logtrace.timeline import Run, Timeline, computed_once
from logtrace.timeline.fencing import Fencing
from logtrace.whatif.jobs import jobs_at_once
from logtrace.whatif.model import Activity, Link, Recovery

_OPERATIONS = ("start", "stop", "promote", "demote", "migrate_to", "migrate_from")
_UP = ("start", "promote", "migrate_from")

#: A recovery storm has thousands of operations; beyond this it is no recovery whose steps can be told apart.
_MOST = 400


def recovery(one: Assessment) -> Recovery | None:
    """The graph of an incident. None for what never recovered, lost nothing, was planned, or is a storm."""
    began = one.downtime.began
    if one.chain.planned or one.recovered_at is None or began is None or not one.recovered:
        return None
    runs = _runs(one, one.recovered_at)
    fencings = [each for each in one.chain.fencings if each.ended is not None and each.ended <= one.recovered_at]
    if not runs or len(runs) + len(fencings) > _MOST:
        return None
    steps: list[Run | Fencing] = sorted([*runs, *fencings], key=lambda step: _span(step)[0])
    names = {base_name(run.resource) for run in runs}
    failed = {base_name(run.resource) for run in one.failures()}
    lost = _lost(one, runs)
    groups = {
        group.id: tuple(member for member in group.members if member in names)
        for group in one.config.groups.values()
        if group.ordered and len(names.intersection(group.members)) > 1
    }
    by_name: dict[str, list[Run]] = defaultdict(list)
    for step in steps:
        if isinstance(step, Run):
            by_name[base_name(step.resource)].append(step)
    ends = {outage.run.run for outage in one.chain.outages if outage.run is not None}
    activities = tuple(_activity(one, step, by_name, lost, ends) for step in steps)
    loss = None
    if began > one.began:  # what was lost had run on until then
        loss = next((index for index, step in enumerate(steps) if _took_down(step) == began), None)
    detection, proven = _detection(one)
    run = one.chain.first.run
    lost_node = one.chain.first.loss is not None
    return Recovery(
        decided=_seconds(one, one.decided) if one.decided is not None else 0.0,
        began=_seconds(one, began),
        outage=one.outage or 0.0,
        activities=activities,
        links=tuple(_links(one.config, groups, names)),
        loss=loss,
        detection=detection,
        proven=proven,
        interval=_interval(one) if run is not None and run.recurring else None,
        run=run.seconds if run is not None and run.recurring and run.seconds < 600 else 0.0,
        token=token_seconds(one.config) if lost_node else None,
        consensus=consensus_seconds(one.config) if lost_node else None,
        failed=tuple(sorted(failed & names)),
        lost=tuple(sorted(lost)),
        addresses=tuple(name for name in sorted(names) if is_address(one.timeline, one.config, name)),
        groups=groups,
        base=tuple(
            name for name in sorted(names) if (known := service_of(one.config, name)) is not None and known.base
        ),
        known_good=_known_good(one, names),
        jobs=jobs_at_once(one.timeline, one.config, one.detected, {run.node for run in runs}),
    )


def _runs(one: Assessment, until: datetime) -> list[Run]:
    """The one-shot operations of the recovery, each once."""
    unique = {run.run: run for run in one.chain.runs if run.operation in _OPERATIONS and run.end <= until}
    return [run for run in unique.values() if run.end >= one.detected]


def _span(step: Run | Fencing) -> tuple[datetime, datetime]:
    if isinstance(step, Run):
        return step.start, step.end
    assert step.ended is not None
    return step.requested, step.ended


def _took_down(step: Run | Fencing) -> datetime | None:
    """When a step had taken down what it is about."""
    return step.end if isinstance(step, Run) else step.down_by


def _seconds(one: Assessment, moment: datetime) -> float:
    return (moment - one.detected).total_seconds()


def _activity(
    one: Assessment, step: Run | Fencing, by_name: Mapping[str, list[Run]], lost: set[str], ends: set[int]
) -> Activity:
    start, end = (_seconds(one, moment) for moment in _span(step))
    if isinstance(step, Fencing):
        return Activity(None, step.target, "fencing", start, end, ok=step.status in ("ok", "confirmed"))
    name = base_name(step.resource)
    mine = reversed(by_name[name])
    before = next((other for other in mine if other.end <= step.start and other is not step), None)
    moved = step.operation in _UP and (before.node != step.node if before is not None else name in lost)
    return Activity(
        resource=name,
        node=step.node,
        what=step.operation,
        start=start,
        end=end,
        ok=not step.failed,
        timed_out=step.timed_out,
        ends_outage=step.run in ends,
        moved=moved,
        hold=_first_monitor(one, step) if step.operation in _UP else 0.0,
    )


def _first_monitor(one: Assessment, start: Run) -> float:
    """Run time of the recurring monitor that is begun when a start has ended; it takes the start's place."""
    runs = _begun_monitors(one.timeline).get((start.resource, start.node), [])
    first = bisect_left(runs, start.end, key=lambda run: run.end)
    seconds = next((run.seconds for run in islice(runs, first, None) if run.start >= start.end), 0.0)
    return seconds if seconds < 60 else 0.0


@computed_once
def _begun_monitors(timeline: Timeline) -> dict[tuple[str, str], list[Run]]:
    """By resource and node, recurring monitors that a line tells to have begun, in order of their end."""
    found: dict[tuple[str, str], list[Run]] = defaultdict(list)
    for run in timeline.runs:
        if run.recurring and run.request_event is not None:
            found[run.resource, run.node].append(run)
    return dict(found)


def _lost(one: Assessment, runs: Iterable[Run]) -> set[str]:
    """What went down with its node: it was never stopped, and did not fail itself."""
    failed = {base_name(run.resource) for run in one.failures()}
    stopped = {base_name(run.resource) for run in runs if run.operation in ("stop", "demote", "migrate_to")}
    down = {base_name(outage.thing.resource) for outage in one.chain.outages}
    return down - stopped - failed


def _links(config: ClusterConfig, groups: dict[str, tuple[str, ...]], names: set[str]) -> Iterable[Link]:
    """What starts after what, of the resources that took part: neighbours in groups, and the orders of the CIB."""
    for group, members in groups.items():
        for first, then in pairwise(members):
            yield Link(first, then, group)
    for order in config.orders:
        if order.kind == "Optional" or order.first_action not in ("start", "promote") or not order.require_all:
            continue  # of a set of which one is enough nobody waits for a particular one
        for first in _members(config, order.first, names, last=True):
            for then in _members(config, order.then, names, last=False):
                yield Link(first, then, order=order.id)


def _members(config: ClusterConfig, name: str, names: set[str], *, last: bool) -> tuple[str, ...]:
    """Primitives that stand for `name` in an order: of a group the one at the end that is concerned."""
    if name in config.clones:
        return _members(config, config.clones[name].child, names, last=last)
    if name in config.groups:
        group = config.groups[name]
        members = tuple(member for member in group.members if member in names)
        if not group.ordered:
            return members
        return members[-1:] if last else members[:1]
    return (name,) if name in names else ()


def _detection(one: Assessment) -> tuple[float, bool]:
    """Seconds from the fault to its detection, and whether a line proves them: else what is to be expected."""
    if one.death is not None:
        return max(0.0, _seconds(one, one.detected) - _seconds(one, one.death.time)), True
    first = one.chain.first
    if first.loss is not None:
        return (token_seconds(one.config) or 0.0) + (consensus_seconds(one.config) or 0.0), False
    run = first.run
    if run is not None and run.recurring:
        return (_interval(one) or 0.0) / 2 + (run.seconds if run.seconds < 600 else 0.0), False
    return 0.0, False


def _interval(one: Assessment) -> float | None:
    run = one.chain.first.run
    if run is None:
        return None
    return (run.interval or 0) / 1000 or monitor_interval(one.config, run.resource)


def _known_good(one: Assessment, names: set[str]) -> dict[tuple[str, str], float]:
    return {key: seconds for key, seconds in _longest_good(one.timeline).items() if key[0] in names}


@computed_once
def _longest_good(timeline: Timeline) -> dict[tuple[str, str], float]:
    found: dict[tuple[str, str], float] = {}
    for resource, runs in timeline.runs_of.items():
        for run in runs:
            if run.ok and run.operation in _OPERATIONS:
                key = (base_name(resource), run.operation)
                found[key] = max(found.get(key, 0.0), run.seconds)
    return found
