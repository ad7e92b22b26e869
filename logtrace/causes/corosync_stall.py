"""Corosync was not scheduled, or was paused, on a node that was otherwise healthy."""

from __future__ import annotations

from logtrace.assessment.assessment import Assessment
from logtrace.causes.judgement import Judgement, ruled_out, supported, undecided
from logtrace.chains.triggers import CorosyncPaused


def judge(facts: Assessment) -> Judgement:
    """Proof: `not scheduled for` or `Process pause detected` (corosync, timer_function_scheduler_timeout and
    totemsrp pause check), printed by the paused node at the end of a pause that covers its loss.
    """
    stalls = facts.triggers(CorosyncPaused)
    if stalls:
        longest = max(stalls, key=lambda stall: stall.seconds)
        lost = sorted({loss.node for loss in facts.chain.losses if not loss.mirrored} or {str(longest.node)})
        return supported(
            f"corosync on {longest.node} was not scheduled for {longest.seconds:.1f} s, longer than "
            f"its token allows; {', '.join(lost)} {'was' if len(lost) == 1 else 'were'} lost for that, not for a fault "
            "of its own",
            [*longest.events, *(event for loss in facts.chain.losses for event in loss.events[:2])],
            strength=0.97,
        )
    if not facts.chain.losses:
        return ruled_out("no node was lost")
    silent = sorted({loss.node for loss in facts.chain.losses} - facts.timeline.logging_nodes)
    if silent:
        return undecided(f"only corosync.log of {', '.join(silent)} could tell of a pause, and it is missing")
    return ruled_out("no node reports a pause of corosync")
