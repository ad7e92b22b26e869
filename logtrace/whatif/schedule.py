"""When each activity begins and ends: after what it waits for, and as soon as its node has room for it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from heapq import heappop, heappush, heapreplace

from msgspec import Struct

from logtrace.whatif.model import Activity, Link, Recovery

#: A predecessor may end this much after its successor began: the two are logged by different daemons.
_OVERLAP = 0.15

#: The time messages and the scheduler need between two actions; a longer wait was for something else.
OVERHEAD = 0.5

UP = ("start", "promote", "migrate_from")

Times = dict[int, tuple[float, float]]  # index of an activity -> when it begins and ends


class Waits(Struct, frozen=True):
    """Per activity: how long after all it waited for it began, and what else it was seen to wait for (or None).

    What the links do not explain is explained by the order that was seen: a transition begins when the actions of the
    one before have ended, so an activity after a long gap waits for whatever ended last before it.
    """

    lag: tuple[float, ...]
    seen: tuple[int | None, ...]


def waits(recovery: Recovery) -> Waits:
    """Measure the overheads and waits of a recovery as it was."""
    lags: list[float] = []
    seen: list[int | None] = []
    activities = recovery.activities
    for index, activity in enumerate(activities):
        before = predecessors(activities, index, recovery.links)
        base = max((activities[other].end for other in before), default=recovery.decided)
        last = None
        if activity.start - base > OVERHEAD:
            latest = _latest(activities, index, lambda _: True)
            if latest is not None and activities[latest].end > base:
                last, base = latest, activities[latest].end
        lags.append(activity.start - base)
        seen.append(last)
    return Waits(tuple(lags), tuple(seen))


def predecessors(activities: Sequence[Activity], index: int, links: Iterable[Link]) -> set[int]:
    """What, of all that had ended before an activity began, had to end first.

    Its resource's own operation before; for a start those of what it needs, for a stop those of what needs it; and for
    the start of what was lost with its node the fencing of that node.
    """
    one = activities[index]
    if one.resource is None:
        return set()
    up = one.what in UP
    wanted = {link.first if up else link.then for link in links if one.resource == (link.then if up else link.first)}
    own = _latest(activities, index, lambda other: other.resource == one.resource)
    found = {own} | {
        _latest(activities, index, lambda other, name=name: other.resource == name and (other.what in UP) == up)  # type: ignore[misc]
        for name in wanted
    }
    if found == {None}:
        found = {_latest(activities, index, lambda other: other.resource is None)}
    return {other for other in found if other is not None}


def _latest(activities: Sequence[Activity], index: int, wanted: Callable[[Activity], bool]) -> int | None:
    """Of the activities that are wanted and had ended when this one began, the one that ended last."""
    one = activities[index]
    ended = (
        other
        for other, activity in enumerate(activities[:index])
        if activity.end <= one.start + _OVERLAP and wanted(activity)
    )
    return max(ended, key=lambda other: activities[other].end, default=None)


def run(
    recovery: Recovery,
    measured: Waits,
    links: Iterable[Link],
    *,
    kept: Iterable[int],
    seconds: Mapping[int, float],
    jobs: int | None,
) -> Times:
    """Let the activities that are `kept` run again, each as soon as what it waits for has ended.

    What is released at the same moment goes in the order in which it was seen to go.

    `seconds`: run times other than measured. `jobs`: a node runs at most so many at once (None: any number).
    """
    activities = recovery.activities
    kept = sorted(set(kept))
    before: dict[int, set[int]] = {}
    after: defaultdict[int, set[int]] = defaultdict(set)
    chosen = tuple(links)
    for index in kept:
        needed = predecessors(activities, index, chosen)
        seen = measured.seen[index]
        before[index] = (needed | ({seen} if seen is not None else set())) & set(kept)
        for other in before[index]:
            after[other].add(index)
    done: Times = {}
    waiting = {index: len(before[index]) for index in kept}
    queue: list[tuple[float, int]] = []
    for index in kept:
        if not waiting[index]:
            heappush(queue, (recovery.decided, index))
    room: dict[str, list[float]] = {}
    while queue:
        released, index = heappop(queue)
        ready = released + measured.lag[index]
        activity = activities[index]
        length = seconds.get(index, activity.seconds)
        start = ready
        if jobs is not None and activity.resource is not None:
            slots = room.setdefault(activity.node, [float("-inf")] * jobs)
            start = max(ready, slots[0])
            heapreplace(slots, start + length + activity.hold)
        done[index] = (start, start + length)
        for other in after[index]:
            waiting[other] -= 1
            if not waiting[other]:
                base = max(done[one][1] for one in before[other])
                heappush(queue, (base, other))
    return done
