"""The cluster asked for a node to be fenced."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Self

import polars as pl

from logtrace.chains.chain import Chain
from logtrace.chains.knowledge import Knowledge
from logtrace.chains.limits import MOST_LINES
from logtrace.chains.orderly import SECOND
from logtrace.chains.trigger import Trigger
from logtrace.config.model import ClusterConfig
from logtrace.domain.kinds import Kind
from logtrace.timeline import Event, Timeline
from logtrace.timeline.fencing import Fencing


class FencingAsked(Trigger, frozen=True, eq=False, kw_only=True):
    """`fencing` is the one that was asked for, None where it was only planned; `node` its target; `reason` the
    scheduler's, where it was understood.
    """

    reason: str | None = None

    @classmethod
    def find(cls, timeline: Timeline, config: ClusterConfig) -> Iterator[Self]:
        """Fencings that no person asked for; where no line names the client, it was the cluster. Of an excerpt also
        those that were only planned, and resets by a node's own sbd.
        """
        for fencing in timeline.fencings:
            if not fencing.by_hand:
                lines = tuple(fencing.events[:MOST_LINES])
                said = _why(timeline, fencing)
                planned = said if fencing.unasked else None  # the plan tells when it was wanted
                yield cls(
                    time=fencing.requested if planned is None else min(planned.time, fencing.requested),
                    node=fencing.target,
                    events=lines if planned is None else (planned.event, *lines),
                    fencing=fencing,
                    reason=None if said is None else (said.reason or "").removeprefix("because "),
                )
        if timeline.coverage.excerpt:
            yield from cls._planned(timeline)
            yield from cls._by_sbd(timeline)

    @classmethod
    def _planned(cls, timeline: Timeline) -> Iterator[Self]:
        """What a few lines tell of a fencing that was planned, and neither of the fencing nor of a loss."""
        told = {fencing.target for fencing in timeline.fencings} | {loss.node for loss in timeline.losses}
        fences = pl.col("kind").is_in([Kind.SCHED_FENCE, Kind.SCHED_UNCLEAN]) | (pl.col("verb") == "Fence")
        lines = (
            timeline.events.of(Kind.SCHED_FENCE, Kind.SCHED_UNCLEAN, Kind.SCHED_ACTION)
            .filter(fences & (pl.col("fence_action") != "on").fill_null(value=True))
            .filter(~pl.col("target").is_in(list(told)))
            .sort("time", "event")
            .unique("target", keep="first", maintain_order=True)
            .select("time", "target", "event", "reason")
        )
        for time, target, event, reason in lines.drop_nulls("target").iter_rows():
            yield cls(time=time, node=target, events=(event,), reason=(reason or "").removeprefix("because ") or None)

    @classmethod
    def _by_sbd(cls, timeline: Timeline) -> Iterator[Self]:
        """Resets that sbd tells of its own node and nobody else does: for a peer's message on a shared disk, or because
        it lost its disks, Pacemaker or quorum, which it told before.
        """
        told = {fencing.target for fencing in timeline.fencings} | {loss.node for loss in timeline.losses}
        for event in timeline.rows.get(Kind.SBD_RESET):
            if event.node not in told:
                told.add(event.node)
                why = f"{event.peer} asked its sbd to" if event.peer else "its own sbd reset it"
                yield cls(time=event.time, node=event.node, events=(event.event,), reason=why)

    def join(self, state: Knowledge) -> Chain | None:
        """A fencing is a step of the trouble its target is in, else of what the latest plan was made for."""
        chain = state.in_trouble(self.node)
        if chain is not None and (not chain.planned or state.busy_with(chain)):
            return chain
        last = next(reversed(state.pending), None)
        if last is None or last.closed or not last.is_fault:
            return None
        if last.first.run is not None and self.node not in (*last.nodes, *last.resources):
            return None  # an operation that failed has its own node fenced, or the one it connects to
        return last if last.quiet_since(self.time) <= state.answered_within() else None

    def strike(self, state: Knowledge, chain: Chain) -> None:
        """Its node is this chain's. What ran there is down when the fencing has succeeded."""
        if self.node is not None:
            state.of_node[self.node] = chain
        if self.fencing is not None:
            chain.fence(self.fencing)

    @property
    def beginning(self) -> str:
        """With the scheduler's reason."""
        why = f": {self.reason}" if self.reason else "; no line that was understood says why"
        was = "was to be" if self.fencing is None or self.fencing.fenced is None else "was"
        return f"{self.node} {was} fenced{why}"


def _why(timeline: Timeline, fencing: Fencing) -> Event | None:
    """Where the scheduler says, in the last plan that could ask for it, why it plans to fence the target."""
    asked = fencing.requested + SECOND  # a stamp without fractions may stand before the plan's
    for kind in (Kind.SCHED_FENCE, Kind.SCHED_UNCLEAN):
        for event in reversed(timeline.between(kind, _planned_since(timeline, asked), asked)):
            if event.target == fencing.target and event.reason:
                return event
    return None


def _planned_since(timeline: Timeline, asked: datetime) -> datetime:
    """When the plan before the last was made: the reasons of a plan stand between that and the plan."""
    start = timeline.start or asked
    plans = timeline.plans_before(asked)
    return plans[-2].calculated if len(plans) > 1 else start
