"""The DC vanished; an election and a take-over came before any recovery."""

from __future__ import annotations

from datetime import timedelta

from logtrace.assessment.assessment import Assessment
from logtrace.causes.judgement import Judgement, ruled_out, supported
from logtrace.chains.triggers import DaemonDied
from logtrace.domain.kinds import Kind

_REMEDY = 1.0

#: An election and the joins after it end within this time, or the cluster has other troubles.
_TAKE_OVER = timedelta(minutes=10)


def judge(facts: Assessment) -> Judgement:
    """From the membership change to the new DC's first transition, beyond one second."""
    gone = {loss.node for loss in facts.chain.losses if not loss.mirrored}
    gone |= {trigger.node for trigger in facts.triggers(DaemonDied) if trigger.node}
    if not gone:
        return ruled_out("no node and no controller was lost")
    told = [
        event
        for kind in (Kind.DC_LOST, Kind.DC_UNSET)
        for event in facts.timeline.between(kind, facts.detected - timedelta(seconds=5), facts.end)
        if event.target in gone and event.node not in gone
    ]
    if not told and facts.timeline.dc_at(facts.detected) not in gone:
        return ruled_out("the DC stayed")
    later = facts.timeline.transitions_between(facts.detected, facts.end + _TAKE_OVER)
    first = next((transition for transition in later if transition.dc not in gone), None)
    if first is None:
        return ruled_out("no new DC planned anything in this window", [event.event for event in told[:2]])
    seconds = (first.calculated - facts.detected).total_seconds()
    return supported(
        f"the DC was lost; {first.dc} took over and had its first plan {seconds:.1f} s after the membership change",
        [*(event.event for event in told[:3]), first.event],
        weight=max(0.0, seconds - _REMEDY),
        strength=0.93,
    )
