"""A start ran into its timeout."""

from __future__ import annotations

from logtrace.causes.judgement import Judgement, ruled_out, supported
from logtrace.incidents.facts import Facts


def judge(facts: Facts) -> Judgement:
    """Proof: `Result of start operation ...: Timed Out` on the executing node (pacemaker-controld)."""
    failed = [run for run in facts.failures("start") if run.timed_out]
    if not failed:
        return ruled_out("no start ran into its timeout")
    run = failed[0]
    nodes = sorted({run.node for run in failed})
    return supported(
        f"the start of {run.resource} ran into its timeout after {run.seconds:.1f} s on {', '.join(nodes)}",
        [run.event for run in failed],
        weight=sum(run.seconds for run in failed),
        strength=0.97,
    )
