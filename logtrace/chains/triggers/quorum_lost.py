"""A partition that had quorum has it no more."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator
from datetime import datetime
from heapq import heappop, heappush
from typing import Self

from logtrace.chains.belonging import one_change
from logtrace.chains.chain import Chain
from logtrace.chains.knowledge import Knowledge
from logtrace.chains.orderly import BEGINS, SECOND, began_anew, is_beginning, was_announced
from logtrace.chains.trigger import Trigger
from logtrace.config.model import ClusterConfig
from logtrace.domain.kinds import Kind
from logtrace.timeline import Event, NodeLoss, Timeline


class QuorumLost(Trigger, frozen=True, eq=False, kw_only=True):
    """`node` tells it of its partition."""

    @classmethod
    def find(cls, timeline: Timeline, config: ClusterConfig) -> Iterator[Self]:
        """Quorum that was there and is lost with nodes that nobody had asked to go. A node that starts alone has none
        to lose: what it says before it first had quorum is start-up, and so is what a daemon finds that just joined.
        """
        had: dict[str, bool] = {}
        departures: _Departures | None = None  # few logs tell of quorum
        rows = [row for kind in (*BEGINS, Kind.QUORUM_LOST, Kind.QUORUM_GAINED) for row in timeline.rows.get(kind)]
        for event in sorted(rows, key=lambda row: (row.time, row.event)):
            if event.kind != Kind.QUORUM_LOST:
                if event.kind == Kind.QUORUM_GAINED or is_beginning(event):
                    had[event.node] = event.kind == Kind.QUORUM_GAINED
            elif had.get(event.node, True):
                had[event.node] = False
                departures = departures or _Departures(timeline, config)
                if not _is_starting(timeline, event) and not departures.explain(event):
                    yield cls(time=event.time, node=event.node, events=(event.event,))

    def join(self, state: Knowledge) -> Chain | None:
        """Quorum goes with the nodes that are lost, and every member tells it."""
        agreeing, changing = state.agreement(), one_change(state)
        for chain in state.recent():
            if any(self.time - loss.time <= agreeing for loss in reversed(chain.losses)):  # the last one is the nearest
                return chain
            if chain.away(self.time) and chain.quiet_since(self.time) <= changing:
                return chain
            if any(isinstance(t, QuorumLost) and self.time - t.time <= changing for t in reversed(chain.triggers)):
                return chain
        return None

    @property
    def beginning(self) -> str:
        """Of which partition it is told."""
        return f"the partition of {self.node} lost quorum"


def _is_starting(timeline: Timeline, event: Event) -> bool:
    """Whether the daemon that tells it has only just joined: it is what it found, and no change. Then its controller is
    about to leave S_STARTING, and the next member it tells of is its own node.
    """

    def next_of(kind: Kind) -> Event | None:
        after = timeline.rows.after(event, kind, node=event.node, daemon=event.daemon)
        return None if after is None or began_anew(timeline, event.node, event.time, after.time) else after

    state, member = next_of(Kind.FSA_STATE), next_of(Kind.MEMBER_STATE)
    found_itself = member is not None and member.target == event.node and (member.state or "").lower() == "member"
    return found_itself or (state is not None and state.old_state == "S_STARTING")


class _Departures:
    """Whether all that were away when quorum was lost had been asked to go; asked of moments in order. The membership
    and the loss of quorum are told by several daemons at one time, in any order.
    """

    def __init__(self, timeline: Timeline, config: ClusterConfig) -> None:
        self._coming = deque((loss, was_announced(timeline, config, loss)) for loss in timeline.losses)
        self._over: list[tuple[datetime, int, NodeLoss, bool]] = []  # of those that were away when they are back
        self._away: Counter[str | None] = Counter()  # by node, and None: all of them
        self._unasked: Counter[str | None] = Counter()  # likewise, of those that nobody had asked to go

    def explain(self, event: Event) -> bool:
        """Whether anybody was away, but for who tells it, and nobody who had not been asked to go."""
        while self._coming and self._coming[0][0].time <= event.time + SECOND:
            loss, asked = self._coming.popleft()
            self._count(loss, asked, 1)
            if loss.back is not None:
                heappush(self._over, (loss.back, id(loss), loss, asked))
        while self._over and self._over[0][0] <= event.time:
            _, _, loss, asked = heappop(self._over)
            self._count(loss, asked, -1)
        others, unasked = (count[None] - count[event.node] for count in (self._away, self._unasked))
        return others > 0 and unasked == 0

    def _count(self, loss: NodeLoss, asked: bool, number: int) -> None:
        for count in (self._away, *(() if asked else (self._unasked,))):
            count[loss.node] += number
            count[None] += number
