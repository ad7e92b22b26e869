"""Fencing succeeded, and took most of the time."""

from __future__ import annotations

from logtrace.assessment.assessment import Assessment
from logtrace.causes.confidence import Strength
from logtrace.causes.declaration import Declaration, Tier
from logtrace.causes.judgement import Judgement, ruled_out, supported, undecided
from logtrace.timeline.fencing import Fencing, told_parts

_REMEDY = 5.0


def judge(facts: Assessment) -> Judgement:
    """From the first request to the confirmation, beyond five seconds."""
    done = [fencing for fencing in facts.chain.fencings if fencing.status == "ok" and fencing.seconds is not None]
    untold = next((each for each in facts.chain.fencings if each.fenced is not None and each.unasked), None)
    if not done and untold is not None:
        return undecided(
            f"who asked for the fencing of {untold.target}, and when, is not in these logs", untold.events[:4]
        )
    if not done:
        return ruled_out("no fencing succeeded in this incident")
    fencing = max(done, key=lambda fencing: fencing.seconds or 0.0)
    seconds = fencing.seconds or 0.0
    named = fencing.device is not None and not fencing.device.startswith("(")  # "(any)": not yet chosen
    device = f" with {fencing.device}" if named else ""
    sentence = f"the fencing of {fencing.target}{device} took {seconds:.1f} s{_of_it(fencing)}"
    if seconds <= _REMEDY:
        return ruled_out(sentence, fencing.events[:4], weight=0.0)
    return supported(sentence, fencing.events[:8], weight=seconds - _REMEDY, strength=Strength.AGREED)


def _of_it(fencing: Fencing) -> str:
    """What most of the time went to, where a line tells."""
    if failed := fencing.passed_over:
        return f", {(failed.ended - fencing.requested).total_seconds():.1f} s of it until {failed.device} had failed"
    if fencing.self_ms:
        return f", {fencing.self_ms / 1000:.0f} s of it the time its own watchdog is given"
    if fencing.delay_ms:
        return f", {fencing.delay_ms / 1000:.0f} s of it a configured delay"
    told = told_parts(fencing)
    return f": {told}" if told else ""


DECLARATION = Declaration(
    label="slow_fencing",
    tier=Tier.SHARE,
    judge=judge,
    after=("slow_detection",),
    line="Fencing worked, but waiting for it was most of the outage.",
    means="""
Nothing of a lost node may be started before it is known to be down. The time from the request to the confirmation went
into delays, retries, a slow device, or the message timeouts of sbd.
""",
    proves="""
The request for fencing and its good result, far apart, with everything waiting for it. Between them a line about a
configured delay, a first attempt that failed, or an agent that took long.
""",
    disproves="""
Waiting for an election or for quorum before the request is another wait. Fencing that never succeeded is a failure, not
slow.
""",
    fix="""
Shorten random and fixed delays to what a race of two nodes needs, on one node only. Repair what makes the first attempt
fail. For sbd make the watchdog and the message timeout as short as the storage allows. A device that cuts power is
faster than one that asks a management board for a graceful reset.
""",
)
