"""How far apart the nodes' clocks are: each has its course, seen from the clock that is least away from the others."""

from __future__ import annotations

from collections.abc import Collection

from msgspec import Struct
from msgspec.structs import replace

from logtrace.clocks.course import Course, Knot, middle
from logtrace.clocks.neighbours import Neighbours, Setting
from logtrace.clocks.phases import NEGLIGIBLE
from logtrace.events.store import Events

#: From this many seconds on a clock may rather be in another zone.
_ZONE = 450.0


class Skew(Struct, frozen=True):
    """Seconds a clock is ahead of the reference; `error` is half the width of what is possible, None: unknown.

    `offset` and `error` are those of the last moment that bounds the clock. `course`: how it got there; `settings`:
    when it was set, as far as that shows, in order of time.
    """

    course: Course | None = None
    settings: tuple[Setting, ...] = ()

    @property
    def offset(self) -> float:
        return round(self.course.known.offset, 6) if self.course else 0.0

    @property
    def error(self) -> float | None:
        return round(self.course.known.error, 6) if self.course else None

    def less(self, seconds: float) -> Skew:
        return replace(self, course=self.course and self.course.moved(-seconds))


def estimate(events: Events, files: dict[tuple[int, str], float], sure: Collection[str] = ()) -> dict[str, Skew]:
    """Skew per node, from events with UTC `time` (zones already resolved). Nodes nothing is known of are at 0, None.

    `files`: (file, node) -> seconds that file's stamps were ahead of the node's own clock (see carriers.py). The
    reference is the clock most files agree with: a syslog server's stamps speak for it as well. Nodes in `sure` have
    a zone that was not assumed; while there are any, none that may have another zone than assumed is the reference.
    """
    nodes = sorted(events.values("node"))
    if not nodes:
        return {}
    neighbours = Neighbours.of(events)
    clocks = neighbours.settled(neighbours.steadiest(nodes, sure))
    found = {node: clock.course for node, clock in clocks.items()}
    zone = next((found[node].known.offset for node in found if node in sure), 0.0)
    told = {node for node, each in found.items() if node in sure or each.moved(-zone).furthest < _ZONE}
    votes = [found[node].moved(ahead) for (_, node), ahead in files.items() if node in told]
    reference = middle(votes) if votes else Course((Knot(0.0, 0.0, 0.0),))
    if reference.furthest > NEGLIGIBLE:
        found = {node: each.ahead_of(reference) for node, each in found.items()}
    settings = neighbours.settings(clocks) if reference.constant else {}
    late = reference.knots[0].offset
    return {
        node: Skew(found.get(node), tuple(replace(each, since=each.since + late) for each in settings.get(node, ())))
        for node in nodes
    }
