"""What of an incident was an outage: for each thing that was lost, when it truly went down.

The cluster takes a service for lost when a monitor fails or its node leaves the membership. One that died is down from
its death, or where no line proves it the detection. One that ran on, under a monitor that erred, on a node that was
cut off or stalled, or beside a dead daemon, is down from when the cluster stopped it or reset its node.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import pairwise

from logtrace.assessment.assessment import Assessment, Down, Downtime
from logtrace.assessment.onset import last_heard_of, last_watched
from logtrace.assessment.witnesses import cut_off, heard_since, lived, ran_on, unheard
from logtrace.chains.chain import Outage, Thing
from logtrace.chains.triggers import (
    AgentErred,
    ArbiterLost,
    ClientDropped,
    DaemonDied,
    FencingAsked,
    NodeLost,
    QuorumLost,
    RemoteLost,
    StartupFailed,
    StorageFailed,
    TicketLost,
)
from logtrace.config.defaults import OP_TIMEOUT
from logtrace.config.query import is_connection, is_stonith, op_timeout

#: What takes down whatever ran there, which only other lines tell; any other trigger names what it took down.
_WHOLE_NODES = (
    NodeLost, QuorumLost, FencingAsked, RemoteLost, ArbiterLost, ClientDropped, StartupFailed, StorageFailed,
    TicketLost, AgentErred,
)  # fmt: skip


def downtime(one: Assessment) -> Downtime:
    """What was down and for how many seconds, to the recovery or to the end of the window."""
    down = tuple(_truly_down(one))
    if not down:
        known = one.chain.outages or one.chain.ran_on or _would_be_known(one)
        return Downtime(seconds=0.0 if known else None)
    spans = _together((each.start, each.end or one.timeline.end) for each in down)
    if not one.recovered and (not spans or cut_short(one) or cut_off(one) or unheard(one, everywhere=True)):
        # the logs end where it begins, or while it is being recovered, or do not tell what became of it
        return Downtime(down, spans, seconds=None)
    wide = _together((each.earliest, each.end or one.timeline.end) for each in down)
    seconds, widest = _seconds(spans), _seconds(wide)
    return Downtime(down, spans, seconds, widest if one.earliest is not None or widest > seconds else None)


def cut_short(one: Assessment) -> bool:
    """Whether the logs end while the last plan is carried out, within the time its starts are given."""
    executed = [transition for transition in one.chain.transitions if transition.executed]
    if not executed or executed[-1].ended is not None or one.timeline.end is None:
        return False
    given = [op_timeout(one.config, outage.thing.resource, "start") for outage in one.chain.still_down()]
    longest = max((seconds for seconds in given if seconds is not None), default=OP_TIMEOUT)
    return one.timeline.end - executed[-1].calculated < timedelta(seconds=longest)


def between(spans: tuple[tuple[datetime, datetime], ...]) -> Iterator[tuple[datetime, datetime]]:
    """The times between `spans`, in which all was up."""
    return ((end, start) for (_, end), (start, _) in pairwise(spans))


def _together(times: Iterable[tuple[datetime, datetime | None]]) -> tuple[tuple[datetime, datetime], ...]:
    """Spans in order, without overlap."""
    spans: list[tuple[datetime, datetime]] = []
    for start, end in sorted((start, end) for start, end in times if end is not None and start < end):
        if spans and start <= spans[-1][1]:
            spans[-1] = spans[-1][0], max(end, spans[-1][1])
        else:
            spans.append((start, end))
    return tuple(spans)


def _seconds(spans: Iterable[tuple[datetime, datetime]]) -> float:
    return round(sum((end - start).total_seconds() for start, end in spans), 3)


def _truly_down(one: Assessment) -> Iterator[Down]:
    back: dict[Thing, datetime] = {}  # a thing that had come back was well until then
    for outage in one.chain.outages:
        went = _went_down(one, outage)
        before = back.get(outage.thing)
        if outage.up is not None:
            back[outage.thing] = outage.up
        if went is None:
            continue
        earliest, start = went
        if outage.up is not None and start > outage.up:
            start = outage.up  # it ran on; whether it could be reached meanwhile is not told
        start = max(start, one.began)
        if before is not None:
            earliest = max(earliest, before)
        if outage.up is None or min(start, earliest) < outage.up:
            yield Down(outage.thing, start, outage.up, min(start, earliest))


def _went_down(one: Assessment, outage: Outage) -> tuple[datetime, datetime] | None:
    """(since when at most, since when) a thing that the cluster took for lost was down; None where it never was."""
    thing, down = outage.thing, outage.down
    dead = one.death.time if one.death is not None else None
    for run in one.chain.failed_runs:
        if run.resource == thing.resource and run.end == down and thing.node in (None, run.node):
            if run.recurring and ran_on(one, run):
                return _taken_down(one, outage, {run.node})
            if run is one.chain.first.run:
                return one.earliest or down, dead or down
            return (last_watched(one.timeline, one.config, run) if run.recurring else None) or down, down
    losses = [loss for loss in one.chain.losses if loss.time == down]
    connections = [trigger.node for trigger in one.triggers(RemoteLost) if trigger.time == down and trigger.node]
    gone = next(iter([*(loss.node for loss in losses), *connections]), None)
    unseen = min((loss.heard for loss in losses if loss.heard is not None), default=None)
    heard = unseen or (last_heard_of(one.timeline, one.config, gone, down) if gone is not None else None) or down
    if any(lived(one, loss) for loss in losses):
        taken = _taken_down(one, outage, {loss.node for loss in losses})
        if one.triggers(DaemonDied):
            return taken
        ends = taken[1] if taken is not None else outage.up
        return None if ends is None else (heard, ends)
    if gone is not None and outage.run is not None and outage.run.probe:
        return heard, outage.run.end  # nobody had it started: it ran on, or was started with its machine
    if gone is not None:
        return heard, dead or down
    fencing = next((each for each in one.chain.fencings if each.fenced == down), None)
    if fencing is not None:
        return fencing.requested, fencing.down_by or down
    return _began_stop(one, outage), down


def _began_stop(one: Assessment, outage: Outage) -> datetime:
    """When the stop that took a thing down began; a service may be gone at once."""
    stops = [run.start for run in one.chain.runs if run.resource == outage.thing.resource and run.end == outage.down]
    return min(stops, default=outage.down)


def _taken_down(one: Assessment, outage: Outage, nodes: set[str]) -> tuple[datetime, datetime] | None:
    """When the cluster stopped what ran on, or reset the node that held it: (its beginning, its end). None: neither,
    and it was seen running later, so that it ran all the time.
    """
    ends = [
        (run.start, run.end)
        for run in one.chain.runs
        if run.operation in ("stop", "demote")
        and run.ok
        and run.resource == outage.thing.resource
        and run.node in nodes
        and run.end >= outage.down
    ]
    ends += [
        (fencing.requested, fencing.down_by or fencing.fenced)
        for fencing in one.chain.fencings
        if fencing.target in nodes and fencing.fenced is not None and fencing.fenced >= outage.down
    ]
    if ends:
        return min(ends, key=lambda span: span[1])
    return None if outage.up is not None else (outage.down, outage.down)


def _is_missed(one: Assessment, resource: str | None) -> bool:
    return resource is None or not (is_stonith(one.config, resource) or is_connection(one.config, resource))


def _would_be_known(one: Assessment) -> bool:
    """Whether the lines would tell of services that went with a node: the plan that followed starts them again; a
    node that was probed before is known from then on; and where the CIB has no services, none can have run.
    """
    lost = {loss.node for loss in one.chain.losses if not loss.mirrored}
    believed = {loss.node for loss in one.chain.losses} - lost  # by the losing side of a split
    gone = {trigger.node for trigger in one.triggers(*_WHOLE_NODES)} - believed
    if not gone:
        return True
    if one.triggers(RemoteLost) and not one.chain.transitions:
        return False  # what ran there is told by who recovers it
    if one.chain.transitions and (one.chain.actions or not one.timeline.coverage.excerpt):
        return not any(
            action.source in gone and action.verb != "Leave" and _is_missed(one, action.resource)
            for _, action in one.chain.actions
        )
    if one.config.epoch is not None and all(is_stonith(one.config, name) for name in one.config.primitives):
        return True
    probed = one.timeline.probed
    excerpt = one.timeline.coverage.excerpt
    return all(
        node in probed and probed[node] <= one.detected and (not excerpt or heard_since(one, probed[node]))
        for node in gone
    )
