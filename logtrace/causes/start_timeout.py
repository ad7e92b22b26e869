"""A start ran into its timeout, or the DC's patience with it did."""

from __future__ import annotations

from logtrace.assessment.assessment import Assessment
from logtrace.assessment.operations import ran_into_timeout
from logtrace.assessment.reasons import beside
from logtrace.causes.confidence import Strength
from logtrace.causes.declaration import Beginning, Declaration, Tier
from logtrace.causes.judgement import Judgement, ruled_out, supported
from logtrace.chains.triggers import OperationFailed
from logtrace.timeline import NO_RESULT
from logtrace.timeline.outcomes import outcome


def judge(facts: Assessment) -> Judgement:
    """Proof: `Result of start operation ...: Timed Out` on the executing node (pacemaker-controld). The DC only says
    `error`; a start that failed just when its timeout was up is taken for it where the node's own log is missing. Of a
    result that never reached it the DC says `did not send start result` once timeout and cluster-delay are over.
    """
    lost = [run for run in facts.failures("start") if run.status == NO_RESULT]
    failed = [run for run in facts.failures("start") if run.timed_out or ran_into_timeout(facts.config, run)]
    if lost and not failed:
        return supported(
            f"the start of {lost[0].resource} on {lost[0].node} {outcome(lost[0])}, its timeout and the cluster-delay "
            "together: the DC waited for it in vain",
            [run.event for run in lost],
            weight=sum(run.seconds for run in lost),
            strength=Strength.ONE_WITNESS,
        )
    if not failed:
        return ruled_out("no start ran into its timeout")
    run = failed[0]
    nodes = sorted({run.node for run in failed})
    told = any(run.timed_out for run in failed)
    seen = "" if told else " (as the DC saw it)"
    after = f" after {run.seconds:.1f} s" if run.end > run.start else ""  # its beginning is not in every excerpt
    return supported(
        f"the start of {run.resource} ran into its timeout{after} on {', '.join(nodes)}{seen}{beside(facts, run)}",
        [run.event for run in failed],
        weight=sum(run.seconds for run in failed),
        strength=Strength.OWN_LINE if told else Strength.FROM_TIMES,
    )


DECLARATION = Declaration(
    label="start_timeout",
    tier=Tier.FAULT,
    judge=judge,
    after=("spurious_monitor",),
    explains=(Beginning(OperationFailed, ("start",)),),
    line="A start ran into its timeout.",
    means="""
The agent was still starting when its time was up, was killed, and the start counts as failed for good. The resource is
stopped and tried on another node, where it often needs just as long. Sometimes the service comes up after all, behind
the cluster's back.
""",
    proves="""
The executing node's result of the start: timed out, after just the configured time. The DC only sees an error. Other
starts of that resource that were left in peace took nearly as long, or longer.
""",
    disproves="""
A start that failed with a reason of its own, before its time was up, is an error of the agent. Time spent in a queue or
waiting for another resource is not part of the timeout.
""",
    fix="""
Set the timeout above the slowest start seen, with room: a recovery after a crash takes longer than a clean start. Then
find out why it is slow. Clean up the failure, or give it a failure-timeout, else the node stays banned.
""",
)
