"""A promote failed or timed out, or nothing could be promoted."""

from __future__ import annotations

from logtrace.causes.judgement import Judgement, ruled_out, supported
from logtrace.incidents.facts import Facts


def judge(facts: Facts) -> Judgement:
    """Proof: `Result of promote operation` other than ok."""
    failed = facts.failures("promote")
    if not failed:
        return ruled_out("no promote failed")
    run = failed[0]
    how = f"ran into its timeout after {run.seconds:.1f} s" if run.timed_out else f"failed with rc {run.rc}"
    nodes = sorted({run.node for run in failed})
    reason = f" ({run.reason})" if run.reason else ""
    return supported(
        f"the promote of {run.resource} {how}{reason} on {', '.join(nodes)}",
        [run.event for run in failed],
        weight=sum(run.seconds for run in failed),
        strength=0.97,
    )
