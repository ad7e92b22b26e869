"""Healthy services were moved by the cluster's own rules."""

from __future__ import annotations

from logtrace.assessment.assessment import Assessment
from logtrace.causes.confidence import Strength
from logtrace.causes.declaration import Beginning, Declaration, Tier
from logtrace.causes.judgement import Judgement, ruled_out, supported
from logtrace.chains.triggers import PolicyMoved


def judge(facts: Assessment) -> Judgement:
    """Proof: a plan that takes healthy services from where they run, after a return, an expiry or a change that rules
    depend on, and no failure and no command.
    """
    first = facts.chain.first
    if not isinstance(first, PolicyMoved):
        return ruled_out("a fault or a command started it")
    return supported(
        first.beginning,
        first.events,
        weight=facts.outage,
        strength=Strength.UNSURE if first.inferred else Strength.ADDED_UP,
    )


DECLARATION = Declaration(
    label="policy_move",
    tier=Tier.POLICY,
    judge=judge,
    begins_with=(Beginning(PolicyMoved),),
    line="The cluster moved healthy services by its own rules.",
    means="""
Nothing had failed and nobody had asked. A node that returned drew its services back, a failure expired and opened a
node again, or a rule on a date, an attribute or utilization came true. What was moved was down while it moved: seconds
that the configuration costs, and not a fault.
""",
    proves="""
A plan stops or moves services that ran well. It was made after a node joined, a failure was cleared because it
expired, an attribute changed, or the recheck timer had the scheduler look at its rules again.
""",
    disproves="""
A failed result, a lost node or a fall of connectivity before the plan makes it a recovery. A change of the
configuration, or a move or ban, makes it an operator's.
""",
    fix="""
Set resource-stickiness higher than the scores that draw services back, or move them at a time of your choice. Where a
move costs nothing, allow live migration. Without a failure-timeout a node stays closed until somebody cleans up.
""",
)
