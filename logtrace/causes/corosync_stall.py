"""Corosync was not scheduled, or was paused, on a node that was otherwise healthy."""

from __future__ import annotations

from logtrace.assessment.assessment import Assessment
from logtrace.assessment.witnesses import mute
from logtrace.causes.confidence import Strength
from logtrace.causes.declaration import Beginning, Declaration, Tier
from logtrace.causes.judgement import Judgement, not_seen, ruled_out, supported
from logtrace.chains.triggers import CorosyncPaused, NodeLost, QuorumLost
from logtrace.domain.kinds import Kind


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
            strength=Strength.OWN_LINE,
        )
    if not facts.chain.losses:
        return ruled_out("no node was lost")
    return not_seen(
        "no node reports a pause of corosync", mute(facts, Kind.TOTEM_PAUSE, {loss.node for loss in facts.chain.losses})
    )


DECLARATION = Declaration(
    label="corosync_stall",
    tier=Tier.FAULT,
    judge=judge,
    begins_with=(Beginning(CorosyncPaused),),
    explains=(Beginning(NodeLost), Beginning(QuorumLost)),
    is_origin=True,
    line="Corosync was not given the processor; a healthy node was taken for dead.",
    means="""
The machine was alive, but corosync did not run for longer than the token allows: a paused virtual machine, a host
without spare processors, storage that froze everything, or a process with higher priority. Its peers cannot tell that
from death, so they form a membership without it and fence it. What it ran was well until then.
""",
    proves="""
The victim's own line that the main process was not scheduled, or that a pause was detected, printed when the pause
ends. The pause is at least as long as the token, and the victim's logs go on after it. Its peers report the lost token
during that time, and no link or network card of theirs was down.
""",
    disproves="""
Both sides log without a gap while they miss each other: then the network was cut. A pause shorter than the token that
changed no membership is only a warning. Pauses printed after a boot or a resume come from the sleep itself.
""",
    fix="""
Find out who took the time: snapshots and live migration of the guest, overcommitted hosts, swapping, storage stalls.
Keep corosync in the real-time class and its memory locked, which is the default. If such pauses belong to the place,
raise the token above the longest one seen; every real loss of a node is then noticed later by about twice the rise.
""",
)
