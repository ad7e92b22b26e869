"""Fencing failed or had no device, and recovery waited for it."""

from __future__ import annotations

from logtrace.assessment.assessment import Assessment
from logtrace.assessment.reasons import reason_for_fencing
from logtrace.causes.confidence import Strength
from logtrace.causes.declaration import Declaration, Tier
from logtrace.causes.judgement import Judgement, ruled_out, supported


def judge(facts: Assessment) -> Judgement:
    """Proof: the fencer's last word on a request is not OK, or nobody can fence the node (pacemaker-fenced)."""
    if not facts.chain.fencings:
        return ruled_out("no node was to be fenced")
    failed = [fencing for fencing in facts.chain.fencings if fencing.failures or fencing.status == "failed"]
    if not failed:
        return ruled_out("fencing succeeded at the first request", facts.chain.fencings[0].events[:2])
    fencing = max(failed, key=lambda fencing: fencing.failures)
    last = {
        "ok": "until one succeeded",
        "confirmed": "until a person confirmed that the node is down",
    }.get(fencing.status, "and none is seen to have succeeded")
    reason = reason_for_fencing(facts, fencing)
    why = "" if reason is None else f" ({reason.agent or 'the fence agent'}: {reason.text})"
    return supported(
        f"{max(fencing.failures, 1)} request{'s' if fencing.failures > 1 else ''} to fence {fencing.target} failed "
        f"{last}{why}; what ran there could not be recovered meanwhile",
        [*([] if reason is None else [reason.event]), *fencing.events[:8]],
        weight=fencing.seconds,
        strength=Strength.OWN_LINE,
    )


DECLARATION = Declaration(
    label="fencing_failure",
    tier=Tier.FAULT,
    judge=judge,
    after=("stop_failure",),
    line="Fencing failed, or there was no device for it, and recovery waited.",
    means="""
The cluster had to be sure that a node is down and could not make sure. Everything the node ran stays where it is until
fencing succeeds or a person vouches for it. The outage is as long as fencing keeps failing.
""",
    proves="""
Results of fencing requests that say error, timed out or no such device; the line that a node was not terminated; that
nobody can be found to fence it; that it is given up after so many failures. Meanwhile its resources are neither
stopped nor started.
""",
    disproves="""
An attempt that failed and was followed by one that worked is slow fencing. A failed monitor of a fence device matters
only once a node has to be fenced. Requests that were merged into one are normal.
""",
    fix="""
Test every device against every node from every node, and again after each change of passwords or firmware. See that
the management network survives what kills the node; power for both from one line defeats it. Add a second level with a
device of another kind. Confirming by hand is the last resort, and only after looking at the machine.
""",
)
