"""The agent refused or failed the operation itself: rc 1, 2, 4 or 6."""

from __future__ import annotations

from logtrace.causes.judgement import Judgement, ruled_out, supported
from logtrace.causes.start_timeout import ran_into_timeout
from logtrace.causes.witnesses import was_running
from logtrace.incidents.facts import Facts

_REFUSED = {1: "generic error", 2: "invalid parameter", 4: "insufficient privileges", 6: "not configured"}


def judge(facts: Facts) -> Judgement:
    """Proof: the rc of a start, promote or monitor, with the exit reason where the agent gives one."""
    runs = [
        run
        for run in facts.failures("start", "promote", "monitor", "migrate_to", "migrate_from")
        if run.rc in _REFUSED and not ran_into_timeout(facts, run)
    ]
    if not runs:
        return ruled_out("no start, promote or monitor ended with rc 1, 2, 4 or 6")
    run = next((run for run in runs if run.operation != "monitor"), runs[0])
    reason = f": {run.reason}" if run.reason else ""
    # rc 1 of a recurring monitor may as well be a monitor that erred while the service ran
    unsure = run.recurring and run.rc == 1 and not run.reason and was_running(facts, run)[0] is None
    return supported(
        f"the {run.operation} of {run.resource} on {run.node} failed with rc {run.rc} "
        f"({_REFUSED[run.rc or 1]}){reason}",
        [run.event for run in runs],
        strength=0.6 if unsure else 0.93 if run.witness == "executor" else 0.75,
    )
