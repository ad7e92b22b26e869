"""Healthy services were moved by the cluster's own rules."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

from logtrace.assessment.assessment import Assessment
from logtrace.causes.confidence import Strength
from logtrace.causes.declaration import Beginning, Complaint, Declaration, Tier
from logtrace.causes.judgement import Judgement, ruled_out, supported
from logtrace.chains.triggers import PolicyMoved
from logtrace.config.commands import Commands, default, meta
from logtrace.config.failures import failback_node, stickiness_to_stay
from logtrace.config.model import ClusterConfig
from logtrace.config.query import clone_of, group_of, meta_of, primitive_of
from logtrace.domain.advice import Advice

#: What stickiness is commonly set to; more where preferences are stronger, in steps of it.
_USUAL: Final = 100


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


def remedy(complaint: Complaint) -> Iterator[Advice]:
    """Let what runs stay where it runs, where nothing tells it to."""
    facts = complaint.facts
    moved = facts.chain.first.resource
    if moved is None or facts.config.epoch is None:
        return
    sticky = meta_of(facts.config, moved, "resource-stickiness") or "0"
    home, needed = failback_node(facts.config, moved), stickiness_to_stay(facts.config, moved)
    if home is None and sticky not in ("0", "+0"):
        return  # a score or a rule that is stronger moved it
    if home is not None and needed is None:
        return  # an infinite preference is stronger than any stickiness
    wanted = max(_USUAL, math.ceil((needed or 0) / _USUAL) * _USUAL)
    yield Advice(
        "stickiness",
        f"Let {moved} and the like stay where they run (resource-stickiness={wanted}, now {sticky}): they then do not "
        "go back by themselves, and somebody moves them when nobody is hurt",
        _set(facts.config, moved, wanted),
        saves=facts.outage,
        saves_basis="the whole time for which this move had something down",
        risk=f"after a failover services stay on their second choice; location scores below {wanted} no longer move "
        "them",
    )


def _set(config: ClusterConfig, resource: str, wanted: int) -> Commands:
    """Where the setting in force stands: with the resource or what holds it, else as the default of all."""
    primitive = primitive_of(config, resource)
    group, clone = group_of(config, resource), clone_of(config, resource)
    for holder in (primitive, group, clone):
        if holder is not None and "resource-stickiness" in holder.meta:
            return meta(holder.id, resource_stickiness=str(wanted))
    return default("resource-stickiness", str(wanted))


DECLARATION = Declaration(
    label="policy_move",
    tier=Tier.POLICY,
    judge=judge,
    remedy=remedy,
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
