"""A stop failed or timed out: the resource is blocked, or its node is fenced for it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from logtrace.assessment.assessment import Assessment
from logtrace.assessment.operations import MISSING
from logtrace.assessment.reasons import beside
from logtrace.assessment.witnesses import said_during
from logtrace.causes.confidence import Strength
from logtrace.causes.declaration import Beginning, Complaint, Declaration, Tier
from logtrace.causes.judgement import Judgement, ruled_out, supported
from logtrace.chains.triggers import OperationFailed
from logtrace.domain.advice import Advice
from logtrace.timeline import Run, Witness
from logtrace.timeline.outcomes import outcome


def judge(facts: Assessment) -> Judgement:
    """Proof: `Result of stop operation ...: Timed Out|error` on a node that was a member (pacemaker-controld).

    An agent that is missing was missing for the start before, and its stop says nothing new. One that speaks while it
    is asked to stop is there, and its refusal is a failed stop like any other.
    """
    failed = [
        run
        for run in facts.failures("stop")
        if (run.rc not in MISSING or _fenced(facts, run.node) or _spoke(facts, run))
        and not _was_lost(facts, run.node, run.end.timestamp())
    ]
    if not failed:
        return ruled_out("no stop failed")
    run = failed[0]
    fenced = [fencing for fencing in facts.chain.fencings if fencing.target == run.node]
    was = "was" if any(fencing.fenced for fencing in fenced) else "was to be"
    then = f"; {run.node} {was} fenced for it" if fenced else _left_alone(facts, run)
    told = f"the stop of {run.resource} on {run.node} {outcome(run)}{beside(facts, run)}{then}"
    if run.witness == Witness.PLAN and run.rc is None and not fenced:
        told = f"{run.resource} failed on {run.node}, which is to be fenced for it, as after a failed stop{then}"
    return supported(
        told,
        [run.event, *(event for fencing in fenced for event in fencing.events[:3])],
        weight=facts.outage,
        strength=Strength.OWN_LINE,
    )


def _left_alone(facts: Assessment, run: Run) -> str:
    """What becomes of a resource whose node no plan after its failed stop has fenced."""
    if facts.timeline.transitions_between(run.end, facts.end):
        return "; without fencing the resource stays blocked until somebody cleans up"
    return ""  # what the cluster did about it no line tells


def _spoke(facts: Assessment, run: Run) -> bool:
    return bool(said_during(facts, run.resource, run.node, run.start, run.end))


def _fenced(facts: Assessment, node: str) -> bool:
    return any(fencing.target == node for fencing in facts.chain.fencings)


def _was_lost(facts: Assessment, node: str, at: float) -> bool:
    return any(loss.node == node and loss.time.timestamp() < at for loss in facts.chain.losses)


def remedy(complaint: Complaint) -> Iterator[Advice]:
    """Make the stop succeed, where it did not merely run into its timeout."""
    facts = complaint.facts
    if complaint.headline.label != "stop_failure":
        return
    runs = [run for run in facts.failures("stop") if not run.timed_out]
    if not runs:
        return
    run = runs[0]
    reason = f" ({re.sub(r'[.;: ]+$', '', run.reason)})" if run.reason else ""
    how = "failed" if run.rc is None else f"returned {run.rc}"
    yield Advice(
        "fix_stop",
        f"Make the stop of {run.resource} succeed: it {how}{reason} on {run.node}; a stop must return 0 "
        "when the service is down or was never up, and kill what does not end by itself",
        saves_basis="not computed: how long a stop that works takes depends on the service",
        risk="a stop that claims success while the service runs lets it run twice",
    )


DECLARATION = Declaration(
    label="stop_failure",
    tier=Tier.FAULT,
    judge=judge,
    remedy=remedy,
    after=("network_partition",),
    begins_with=(Beginning(OperationFailed, ("stop",)),),
    explains=(Beginning(OperationFailed, ("stop",)),),
    line="A stop failed or ran into its timeout, so nothing could go on without fencing.",
    means="""
A resource that will not stop cannot be started elsewhere without the danger of running twice. With fencing its node is
reset, which costs everything else there; without fencing the resource is blocked until a person acts. The failure that
asked for the stop is only the beginning.
""",
    proves="""
The result of the stop on the executing node: an error, or a timeout. After it the scheduler plans to fence that node
because the resource failed there, or plans nothing for the resource at all. The agent's own lines say what it waited
for: a busy mount, a process that ignores its signal, a database that flushes.
""",
    disproves="""
A stop that failed on a node which had already left is a consequence of the loss. A stop after a failed start that ended
well is part of ordinary recovery.
""",
    fix="""
Give the stop the time the slowest honest shutdown takes, with room to spare. Make the agent kill what does not end by
itself before its own timeout. Keep fencing on, for it turns an endless block into a short failover. Afterwards look at
the service by hand, and clean the resource up.
""",
)
