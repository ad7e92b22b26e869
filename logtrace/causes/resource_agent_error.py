"""The agent refused or failed the operation itself: rc 1, 2, 4 or 6, or a demote or migration that never ended."""

from __future__ import annotations

from logtrace.assessment.assessment import Assessment
from logtrace.causes.judgement import Judgement, ruled_out, supported, undecided
from logtrace.causes.start_timeout import ran_into_timeout
from logtrace.causes.witnesses import was_running
from logtrace.timeline.outcomes import REFUSED, failed_itself, outcome


def judge(facts: Assessment) -> Judgement:
    """Proof: the rc of a start, promote, demote, migration or monitor, with the exit reason where the agent gives one;
    a demote or migration that ran into its timeout.
    """
    failed = facts.failures("start", "promote", "demote", "monitor", "migrate_to", "migrate_from")
    runs = [run for run in failed if failed_itself(run) and not ran_into_timeout(facts, run)]
    untold = [run for run in failed if run.rc is None and not run.timed_out and run.operation != "monitor"]
    if not runs and untold:
        run = untold[0]
        return undecided(
            f"the {run.operation} of {run.resource} on {run.node} failed; no line tells its rc", [run.event]
        )
    if not runs:
        return ruled_out("no start, promote, demote, migration or monitor ended with rc 1, 2, 4 or 6")
    run = next((run for run in runs if run.operation != "monitor"), runs[0])
    reason = f": {run.reason}" if run.reason else ""
    # rc 1 of a recurring monitor may as well be a monitor that erred while the service ran
    unsure = run.recurring and run.rc == 1 and not run.reason and was_running(facts, run)[0] is None
    how = f"failed with rc {run.rc} ({REFUSED[run.rc]}){reason}" if run.rc in REFUSED else outcome(run)
    return supported(
        f"the {run.operation} of {run.resource} on {run.node} {how}",
        [run.event for run in runs],
        strength=0.6 if unsure else 0.93 if run.witness == "executor" else 0.75,
    )
