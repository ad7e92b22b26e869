"""A part of the cluster could not come up on a node: Corosync, Pacemaker or one of its daemons, sbd, qdevice."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from datetime import datetime
from typing import Final, Self

from logtrace.chains.chain import Chain
from logtrace.chains.knowledge import Knowledge
from logtrace.chains.limits import MOST_LINES
from logtrace.chains.orderly import asked_to_go
from logtrace.chains.trigger import Trigger
from logtrace.config.model import ClusterConfig
from logtrace.domain.kinds import Kind
from logtrace.timeline import Event, Timeline
from logtrace.timeline.rows import said

#: What a node says once Pacemaker is up there: its controller is at work, or pacemakerd has begun (which it says only
#: after it has read Corosync's configuration).
_IS_UP: Final = (Kind.FSA_STATE, Kind.DAEMON_STARTING)

#: Lines that say that a part ends or is not tried, and not why: one that stands beside them tells more.
_ENDS: Final = re.compile("exiting|Dependency failed")

#: What the parts are called.
_PARTS: Final = {"pacemaker": "Pacemaker", "corosync": "Corosync", "qdevice": "the client of the quorum device"}


class StartupFailed(Trigger, frozen=True, eq=False, kw_only=True):
    """`part` is what does not come up; `why` the line of it that tells most; `given_up`: it is not tried again."""

    part: str
    why: str
    given_up: bool

    @classmethod
    def find(cls, timeline: Timeline, config: ClusterConfig) -> Iterator[Self]:
        """Every first failure of a node since the node was last up. A try that is to be repeated is one only where
        nothing tells that a later one succeeded. While a node is being stopped its daemons lose each other.
        """
        by_node: dict[str, list[Event]] = {}
        for event in timeline.rows.get(Kind.STARTUP_FAILED):
            if not asked_to_go(timeline, config, event.node, event.time):
                by_node.setdefault(event.node, []).append(event)
        for node, events in by_node.items():
            came_up = sorted(
                row.time for kind in _IS_UP for row in timeline.rows.get(kind) if row.node == node and _is_up(row)
            )
            for lines in _attempts(events, came_up):
                final = [line for line in lines if line.state != "retrying"]
                if not final and (any(time > lines[-1].time for time in came_up) or len(lines) == 1):
                    continue
                told = next((line for line in final if not _ENDS.search(line.message)), (final or lines)[0])
                yield cls(
                    time=(final or lines)[0].time,
                    node=node,
                    events=tuple(dict.fromkeys((told.event, *(line.event for line in lines))))[:MOST_LINES],
                    part=_PARTS.get(told.child or "", told.child or told.daemon or "a daemon"),
                    why=said(told),
                    given_up=bool(final),
                )

    def join(self, state: Knowledge) -> Chain | None:
        """What cannot come up again after a failure of its node is part of that failure."""
        chain = state.in_trouble(self.node)
        return None if chain is None or not chain.is_fault else chain

    def strike(self, state: Knowledge, chain: Chain) -> None:
        """Its node is this chain's; whether a service was to run there is not told."""
        if self.node is not None:
            state.of_node[self.node] = chain

    @property
    def beginning(self) -> str:
        """In the words of the part that tells it."""
        how = "could not start" if self.given_up else "tried in vain to start, as far as these logs go,"
        return f"{self.part} {how} on {self.node}: {self.why}"


def _is_up(row: Event) -> bool:
    return row.kind != Kind.FSA_STATE or row.state not in (None, "S_STARTING", "S_PENDING", "S_RECOVERY", "S_TERMINATE")


def _attempts(events: list[Event], came_up: list[datetime]) -> Iterator[list[Event]]:
    """Failures of one node, in order, that nothing tells it to have been up between; `came_up` is in order too."""
    lines: list[Event] = []
    for event in events:
        if lines and bisect_right(came_up, lines[-1].time) < bisect_left(came_up, event.time):
            yield lines
            lines = []
        lines.append(event)
    if lines:
        yield lines
