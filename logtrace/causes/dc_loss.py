"""The DC vanished; an election and a take-over came before any recovery."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from logtrace.assessment.assessment import Assessment
from logtrace.causes.confidence import Strength
from logtrace.causes.declaration import Complaint, Declaration, Tier
from logtrace.causes.judgement import Judgement, ruled_out, supported
from logtrace.chains.triggers import DaemonDied
from logtrace.config.defaults import PROPERTIES
from logtrace.config.query import property_of
from logtrace.domain import durations
from logtrace.domain.advice import Advice
from logtrace.domain.kinds import Kind

_REMEDY = 1.0

#: What bounds a take-over: the election, and the joins after it.
_BOUNDS = ("election-timeout", "join-integration-timeout", "join-finalization-timeout")


def judge(facts: Assessment) -> Judgement:
    """From the membership change to the new DC's first transition, beyond one second."""
    gone = {loss.node for loss in facts.chain.losses if not loss.mirrored}
    gone |= {trigger.node for trigger in facts.triggers(DaemonDied) if trigger.node}
    if not gone:
        return ruled_out("no node and no controller was lost")
    told = [
        event
        for kind in (Kind.DC_LOST, Kind.DC_UNSET)
        for event in facts.timeline.between(kind, facts.last_agreed, facts.end)
        if event.target in gone and event.node not in gone
    ]
    if not told and facts.timeline.dc_at(facts.detected) not in gone:
        return ruled_out("the DC stayed")
    told_by = [property_of(facts.config, name) or PROPERTIES[name] for name in _BOUNDS]
    take_over = timedelta(seconds=sum(durations.seconds(each) or 0 for each in told_by))
    later = facts.timeline.transitions_between(facts.detected, facts.end + take_over)
    first = next((transition for transition in later if transition.dc not in gone), None)
    if first is None:
        return ruled_out("no new DC planned anything in this window", [event.event for event in told[:2]])
    seconds = (first.calculated - facts.detected).total_seconds()
    return supported(
        f"the DC was lost; {first.dc} took over and had its first plan {seconds:.1f} s after the membership change",
        [*(event.event for event in told[:3]), first.event],
        weight=max(0.0, seconds - _REMEDY),
        strength=Strength.ADDED_UP,
    )


def remedy(complaint: Complaint) -> Iterator[Advice]:
    """A quicker election and take-over."""
    if complaint.headline.label != "dc_loss":
        return
    yield Advice(
        "quicker_takeover",
        f"Shorten the take-over when the DC is lost ({complaint.judged.sentence}): the same Pacemaker release on all "
        "nodes, no node that cannot join (look for nodes stuck in S_PENDING), and no load that keeps controllers from "
        "answering",
        saves_basis="not computed: the election's length is Pacemaker's own",
    )


DECLARATION = Declaration(
    label="dc_loss",
    tier=Tier.SHARE,
    judge=judge,
    remedy=remedy,
    after=("cold_failover",),
    line="The deciding node was lost, and electing and settling a new one cost the time.",
    means="""
One node, the DC, decides for all. When it vanishes, the others elect a new one, which collects everybody's state before
it plans anything. Usually that is below a second; here it was what recovery waited for.
""",
    proves="""
The lost node was the DC. Between the membership change and the first calculation of the new DC stand the states of
election, integration and join, and that gap is the largest share of the outage.
""",
    disproves="""
A DC that leaves in order hands over without loss of time. When fencing took longer than the election, that was the
wait. A split in which each side has a DC is a partition.
""",
    fix="""
There is little to tune. Look for nodes that answer the join late, for mixed releases, and for load on the new DC. Keep
the CIB small. If the same node is always DC and always the one that fails, repair that node.
""",
)
