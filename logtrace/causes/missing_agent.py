"""The agent or its program is not installed, or the agent does not implement the operation."""

from __future__ import annotations

from logtrace.assessment.assessment import Assessment
from logtrace.causes.judgement import Judgement, ruled_out, supported
from logtrace.chains.triggers import AgentMissing
from logtrace.domain.reasons import Why
from logtrace.timeline import Run

#: OCF: 5 not installed, 3 unimplemented.
_MISSING = {5: "is not installed", 3: "does not implement the operation"}


def judge(facts: Assessment) -> Judgement:
    """Proof: rc 5 or 3 of an operation that was needed; a probe on a node where it never has to run is harmless."""
    runs = [run for run in facts.failures() if run.rc in _MISSING and not run.probe]
    runs += [trigger.run for trigger in facts.triggers(AgentMissing) if trigger.run is not None]
    nowhere = _nowhere_else(facts)
    if not runs and nowhere:
        probed = sorted({run.node for run in nowhere})
        return supported(
            f"{nowhere[0].resource} could run nowhere else: its agent or program is not installed on "
            f"{', '.join(probed)}",
            [*(run.event for run in nowhere), *_no_place(facts, nowhere[0].resource)],
            strength=0.93,
        )
    if not runs:
        return ruled_out("no operation that was needed ended with rc 5 or 3")
    run = runs[0]
    nodes = sorted({run.node for run in runs})
    what = _MISSING[run.rc or 5]
    reason = f" ({run.reason})" if run.reason else ""
    return supported(
        f"the agent of {run.resource} {what} on {', '.join(nodes)}: {run.operation} returned {run.rc}{reason}",
        [run.event for run in runs],
        strength=0.97,
    )


def _nowhere_else(facts: Assessment) -> list[Run]:
    """Probes with rc 5 on other nodes, when the failed resource was stopped for want of a node that can run it."""
    resource = facts.failed_resource
    if resource is None or not _no_place(facts, resource):
        return []
    runs = facts.timeline.history(resource, facts.end)
    last: dict[str, Run] = {run.node: run for run in runs if run.probe}
    return [run for run in last.values() if run.rc in _MISSING]


def _no_place(facts: Assessment, resource: str) -> list[int]:
    """Lines of the scheduler that say the resource has no node: it is stopped due to node availability."""
    return [
        action.event
        for _, action in facts.chain.actions
        if action.resource == resource and action.verb == "Stop" and action.why == Why.NO_NODE
    ]
