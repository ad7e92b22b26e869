"""Fencing failed or had no device, and recovery waited for it."""

from __future__ import annotations

from logtrace.assessment.assessment import Assessment
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
    }.get(fencing.status, "and none succeeded")
    return supported(
        f"{max(fencing.failures, 1)} request{'s' if fencing.failures > 1 else ''} to fence {fencing.target} failed "
        f"{last}; what ran there could not be recovered meanwhile",
        fencing.events[:8],
        weight=fencing.seconds,
        strength=0.97,
    )
