"""The agent or its program is not installed, or the agent does not implement the operation."""

from __future__ import annotations

from logtrace.causes.judgement import Judgement, ruled_out, supported
from logtrace.incidents.draft import TriggerKind
from logtrace.incidents.facts import Facts

#: OCF: 5 not installed, 3 unimplemented.
_MISSING = {5: "is not installed", 3: "does not implement the operation"}


def judge(facts: Facts) -> Judgement:
    """Proof: rc 5 or 3 of an operation that was needed; a probe on a node where it never has to run is harmless."""
    runs = [run for run in facts.failures() if run.rc in _MISSING and not run.probe]
    runs += [trigger.run for trigger in facts.triggers(TriggerKind.NOT_INSTALLED) if trigger.run is not None]
    if not runs:
        return ruled_out("no operation ended with rc 5 or 3")
    run = runs[0]
    nodes = sorted({run.node for run in runs})
    what = _MISSING[run.rc or 5]
    reason = f" ({run.reason})" if run.reason else ""
    return supported(
        f"the agent of {run.resource} {what} on {', '.join(nodes)}: {run.operation} returned {run.rc}{reason}",
        [run.event for run in runs],
        strength=0.97,
    )
