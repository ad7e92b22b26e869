"""A stop failed or timed out: the resource is blocked, or its node is fenced for it."""

from __future__ import annotations

from logtrace.assessment.assessment import Assessment
from logtrace.causes.judgement import Judgement, ruled_out, supported
from logtrace.causes.witnesses import said_during
from logtrace.timeline import Run
from logtrace.timeline.outcomes import outcome

#: rc 5 and 3: the agent is missing, and so was it for the start before; the stop says nothing new. An agent that
#: speaks while it is asked to stop is there, and its refusal is a failed stop like any other.
_NOTHING_TO_STOP_WITH = (3, 5)


def judge(facts: Assessment) -> Judgement:
    """Proof: `Result of stop operation ...: Timed Out|error` on a node that was a member (pacemaker-controld)."""
    failed = [
        run
        for run in facts.failures("stop")
        if (run.rc not in _NOTHING_TO_STOP_WITH or _fenced(facts, run.node) or _spoke(facts, run))
        and not _was_lost(facts, run.node, run.end.timestamp())
    ]
    if not failed:
        return ruled_out("every stop succeeded")
    run = failed[0]
    fenced = [fencing for fencing in facts.chain.fencings if fencing.target == run.node]
    then = (
        f"{run.node} was fenced for it"
        if fenced
        else "without fencing the resource stayed blocked until somebody cleaned up"
    )
    return supported(
        f"the stop of {run.resource} on {run.node} {outcome(run)}; {then}",
        [run.event, *(event for fencing in fenced for event in fencing.events[:3])],
        weight=facts.outage,
        strength=0.97,
    )


def _spoke(facts: Assessment, run: Run) -> bool:
    return bool(said_during(facts, run.resource, run.node, run.start, run.end))


def _fenced(facts: Assessment, node: str) -> bool:
    return any(fencing.target == node for fencing in facts.chain.fencings)


def _was_lost(facts: Assessment, node: str, at: float) -> bool:
    return any(loss.node == node and loss.time.timestamp() < at for loss in facts.chain.losses)
