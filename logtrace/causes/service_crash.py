"""A service's process died and was found dead by its monitor."""

from __future__ import annotations

from logtrace.assessment.assessment import Assessment
from logtrace.causes.judgement import Judgement, ruled_out, supported, undecided
from logtrace.causes.witnesses import was_running
from logtrace.timeline.outcomes import outcome


def judge(facts: Assessment) -> Judgement:
    """Proof: a recurring monitor returned 7 unasked; a line of the kernel or init system, or a stop that found nothing
    to stop, tells that the process was gone.
    """
    run = facts.chain.first.run
    if run is None or run.operation != "monitor":
        return ruled_out("it did not begin with a failed monitor")
    alive, events, how = was_running(facts, run)
    if alive is True and run.rc != 7:
        return ruled_out(f"{run.resource} ran: {how}", events)
    if run.rc != 7 and alive is None:
        return undecided(
            f"the monitor of {run.resource} on {run.node} {outcome(run)}; whether {run.resource} had died is not known",
            [run.event],
        )
    proof = f"; {how}" if alive is False else ""
    return supported(
        f"{run.resource} was not running on {run.node}{proof}",
        [run.event, *events],
        strength=0.95 if alive is False else 0.85,
    )
