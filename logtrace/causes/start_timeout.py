"""A start ran into its timeout, or the DC's patience with it did."""

from __future__ import annotations

from logtrace.assessment.assessment import Assessment
from logtrace.causes.judgement import Judgement, ruled_out, supported
from logtrace.config.query import op_timeout
from logtrace.timeline import NO_RESULT, Run
from logtrace.timeline.outcomes import outcome


def judge(facts: Assessment) -> Judgement:
    """Proof: `Result of start operation ...: Timed Out` on the executing node (pacemaker-controld). The DC only says
    `error`; a start that failed just when its timeout was up is taken for it where the node's own log is missing. Of a
    result that never reached it the DC says `did not send start result` once timeout and cluster-delay are over.
    """
    lost = [run for run in facts.failures("start") if run.status == NO_RESULT]
    failed = [run for run in facts.failures("start") if run.timed_out or ran_into_timeout(facts, run)]
    if lost and not failed:
        return supported(
            f"the start of {lost[0].resource} on {lost[0].node} {outcome(lost[0])}, its timeout and the cluster-delay "
            "together: the DC waited for it in vain",
            [run.event for run in lost],
            weight=sum(run.seconds for run in lost),
            strength=0.85,
        )
    if not failed:
        return ruled_out("no start ran into its timeout")
    run = failed[0]
    nodes = sorted({run.node for run in failed})
    told = any(run.timed_out for run in failed)
    seen = "" if told else " (as the DC saw it)"
    return supported(
        f"the start of {run.resource} ran into its timeout after {run.seconds:.1f} s on {', '.join(nodes)}{seen}",
        [run.event for run in failed],
        weight=sum(run.seconds for run in failed),
        strength=0.97 if told else 0.7,
    )


def ran_into_timeout(facts: Assessment, run: Run) -> bool:
    """A failed start that only the DC tells of and that lasted as long as its timeout."""
    if run.witness == "executor" or run.rc not in (1, None):
        return False
    limit = op_timeout(facts.config, run.resource, "start")
    return limit is not None and 0.95 * limit <= run.seconds <= 1.1 * limit + 2.0
