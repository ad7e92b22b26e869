"""One member failed; healthy dependents were stopped and started with it."""

from __future__ import annotations

from logtrace.assessment.assessment import Assessment
from logtrace.causes.judgement import Judgement, ruled_out, supported
from logtrace.config.query import group_of


def judge(facts: Assessment) -> Judgement:
    """The stops and starts on the critical path of resources other than the one that failed, on the node where they
    were healthy. Proof that they were bounced: `Restart ... due to required X start` (pacemaker-schedulerd).
    """
    failed = {run.resource for run in facts.failures()}
    if not failed or facts.chain.losses:
        return ruled_out("it did not begin with the failure of one resource")
    bounced = [run for run in facts.critical_runs("stop", "start", "promote", "demote") if run.resource not in failed]
    if not bounced:
        return ruled_out("no healthy resource was stopped and started on the critical path")
    seconds = sum(step.seconds for step in facts.path if step.run in bounced)
    first = facts.failed_resource or min(failed)
    names = list(dict.fromkeys(run.resource for run in facts.chain.runs if run.resource not in failed))
    group = group_of(facts.config, first)
    where = f" of group {group.id}" if group is not None else ""
    planned = [
        action.event
        for _, action in facts.chain.actions
        if action.verb in ("Restart", "Stop", "Move") and action.resource in names
    ]
    return supported(
        f"{first} failed; {len(names)} healthy resource{'s' if len(names) > 1 else ''}{where} that depend on it "
        f"{'were' if len(names) > 1 else 'was'} stopped and started one after another",
        [*planned[:4], *(run.event for run in bounced[:6])],
        weight=seconds,
        strength=0.95,
    )
