"""One member failed; healthy dependents were stopped and started with it."""

from __future__ import annotations

from logtrace.assessment.assessment import Assessment
from logtrace.causes.confidence import Strength
from logtrace.causes.declaration import Declaration, Tier
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
        f"{first} failed; {len(names)} healthy resource{'s' if len(names) > 1 else ''}{where} that "
        f"{'depend on it were' if len(names) > 1 else 'depends on it was'} stopped and started one after another",
        [*planned[:4], *(run.event for run in bounced[:6])],
        weight=seconds,
        strength=Strength.AGREED,
    )


DECLARATION = Declaration(
    label="group_cascade",
    tier=Tier.SHARE,
    judge=judge,
    after=("slow_init",),
    line="One member failed, and healthy ones were stopped and started with it.",
    means="""
Members of a group start one after another, and each stops when one before it does. One small failure took the whole
rest along, and the sum of their stops and starts was the outage. The same holds for chains of order constraints.
""",
    proves="""
In one transition the failed member is recovered and others are restarted because they require it. Their own monitors
had found nothing. The seconds of their stops and starts exceed those of the failed one.
""",
    disproves="""
Restarts because a definition changed are an operator's doing. Several members that failed each by itself did not fall
like dominoes. Members that really need the first, such as a database its file system, had to follow.
""",
    fix="""
Take members that do not need each other out of the group, and let them start side by side after what they share. Order
them optionally where the order only matters at start. Run stateless ones as clones. Move those that fail often to the
end of the group.
""",
)
