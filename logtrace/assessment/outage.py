"""From when the outage counts, and how long it was."""

from __future__ import annotations

from datetime import datetime

from logtrace.assessment.assessment import Assessment
from logtrace.chains.triggers import FencingAsked, NodeLost, QuorumLost, RemoteLost
from logtrace.config.query import is_stonith
from logtrace.diagnosis.headline import Headline

#: What takes down whatever ran there, which only other lines tell; any other trigger names what it took down.
_WHOLE_NODES = (NodeLost, QuorumLost, FencingAsked, RemoteLost)


def outage_began(one: Assessment, head: Headline) -> datetime | None:
    """The death or its detection; where the service ran on, the first stop the cluster made, or the reset of the node
    that held it. None: nothing was lost.
    """
    if not one.chain.outages:
        return None
    if not head.service_ran_on:
        return one.began
    stops = [run for run in one.chain.runs if run.operation in ("stop", "demote") and run.ok]
    ends = [run.end for run in stops]
    stopped = {run.resource for run in stops}
    if any(outage.thing.resource not in stopped for outage in one.chain.outages):
        ends += [fencing.fenced for fencing in one.chain.fencings if fencing.fenced is not None]
    if not ends:
        return None if one.recovered else one.began
    return min(ends)


def outage_seconds(one: Assessment, head: Headline) -> float | None:
    """Seconds to the recovery, or to the end of the window; None when that is not known, nor whether anything was
    lost at all.
    """
    began = outage_began(one, head)
    if began is None:
        return 0.0 if one.chain.outages or _would_be_known(one) else None
    until = one.recovered_at or one.timeline.end
    if until is None or (until <= began and not one.recovered):
        return None  # the logs end where it begins
    return round(max(0.0, (until - began).total_seconds()), 3)


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
