"""What of an incident was an outage: for each thing that was lost, when it truly went down.

The cluster takes a service for lost when a monitor fails or its node leaves the membership. One that died is down from
its death, or where no line proves it the detection. One that ran on, under a monitor that erred, on a node that was
cut off or stalled, or beside a dead daemon, is down from when the cluster stopped it or reset its node.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from logtrace.assessment.assessment import Assessment, Down, Downtime
from logtrace.assessment.witnesses import lived, ran_on
from logtrace.chains.chain import Outage
from logtrace.chains.triggers import FencingAsked, NodeLost, QuorumLost, RemoteLost
from logtrace.config.query import is_stonith

#: What takes down whatever ran there, which only other lines tell; any other trigger names what it took down.
_WHOLE_NODES = (NodeLost, QuorumLost, FencingAsked, RemoteLost)


def downtime(one: Assessment) -> Downtime:
    """What was down and for how many seconds, to the recovery or to the end of the window."""
    down = tuple(_truly_down(one))
    if not down:
        return Downtime(seconds=0.0 if one.chain.outages or _would_be_known(one) else None)
    began = min(each.start for each in down)
    until = one.recovered_at or one.timeline.end
    if until is None or (until <= began and not one.recovered):
        return Downtime(down, began, None)  # the logs end where it begins
    return Downtime(down, began, round(max(0.0, (until - began).total_seconds()), 3))


def _truly_down(one: Assessment) -> Iterable[Down]:
    for outage in one.chain.outages:
        start = _went_down(one, outage)
        if start is not None:
            start = max(start, one.began)
            if outage.up is None or start < outage.up:
                yield Down(outage.thing, start, outage.up)


def _went_down(one: Assessment, outage: Outage) -> datetime | None:
    """When a thing that the cluster took for lost was down; None where it never was."""
    thing = outage.thing
    dead = one.death.time if one.death is not None else None
    for run in one.chain.failed_runs:
        if run.resource == thing.resource and run.end == outage.down and thing.node in (None, run.node):
            if run.recurring and ran_on(one, run):
                return _taken_down(one, outage, {run.node})
            return dead if dead is not None and run is one.chain.first.run else outage.down
    losses = [loss for loss in one.chain.losses if loss.time == outage.down]
    if any(lived(one, loss) for loss in losses):
        return _taken_down(one, outage, {loss.node for loss in losses})
    return dead if dead is not None and losses else outage.down


def _taken_down(one: Assessment, outage: Outage, nodes: set[str]) -> datetime | None:
    """When the cluster stopped what ran on, or reset the node that held it. None: neither, and it was seen running
    later, so that it ran all the time.
    """
    ends = [
        run.end
        for run in one.chain.runs
        if run.operation in ("stop", "demote")
        and run.ok
        and run.resource == outage.thing.resource
        and run.node in nodes
        and run.end >= outage.down
    ]
    ends += [
        fencing.fenced
        for fencing in one.chain.fencings
        if fencing.target in nodes and fencing.fenced is not None and fencing.fenced >= outage.down
    ]
    return min(ends, default=None if outage.up is not None else outage.down)


def _would_be_known(one: Assessment) -> bool:
    """Whether the lines would tell of services that went with a node: the plan that followed starts them again; a
    node that was probed before is known from then on; and where the CIB has no services, none can have run.
    """
    gone = {trigger.node for trigger in one.triggers(*_WHOLE_NODES)}
    if not gone:
        return True
    if one.chain.transitions:
        return not any(action.source in gone and action.verb != "Leave" for _, action in one.chain.actions)
    if one.config.epoch is not None and all(is_stonith(one.config, name) for name in one.config.primitives):
        return True
    probed = one.timeline.probed
    return all(node in probed and probed[node] <= one.detected for node in gone)
