"""The agent refused or failed the operation itself: rc 1, 2, 4 or 6."""

from __future__ import annotations

from logtrace.causes.judgement import Judgement, ruled_out, supported
from logtrace.incidents.facts import Facts

_REFUSED = {1: "generic error", 2: "invalid parameter", 4: "insufficient privileges", 6: "not configured"}


def judge(facts: Facts) -> Judgement:
    """Proof: the rc of a start, promote or monitor, with the exit reason where the agent gives one."""
    runs = [
        run for run in facts.failures("start", "promote", "monitor", "migrate_to", "migrate_from") if run.rc in _REFUSED
    ]
    if not runs:
        return ruled_out("no start, promote or monitor ended with rc 1, 2, 4 or 6")
    run = next((run for run in runs if run.operation != "monitor"), runs[0])
    reason = f": {run.reason}" if run.reason else ""
    return supported(
        f"the {run.operation} of {run.resource} on {run.node} failed with rc {run.rc} "
        f"({_REFUSED[run.rc or 1]}){reason}",
        [run.event for run in runs],
        strength=0.93,
    )
