"""A failure was recorded and nothing was done, because the cluster was told to keep its hands off."""

from __future__ import annotations

from collections.abc import Iterator

from logtrace.assessment.assessment import Assessment
from logtrace.causes.confidence import Strength
from logtrace.causes.declaration import Complaint, Declaration, Tier
from logtrace.causes.judgement import Judgement, ruled_out, supported
from logtrace.config.commands import Commands, joined, meta, property_
from logtrace.config.query import base_name, meta_of, property_of
from logtrace.domain.advice import Advice
from logtrace.domain.kinds import Kind
from logtrace.domain.reasons import Why
from logtrace.domain.values import true


def judge(facts: Assessment) -> Judgement:
    """Proof: a failed operation, no action for it, and maintenance-mode, is-managed=false or a block in the CIB."""
    resource = facts.failed_resource
    if resource is None:
        return ruled_out("it did not begin with a failed operation")
    acted = [
        run
        for run in facts.chain.runs
        if not run.recurring and run.resource == resource and run is not facts.chain.first.run
    ]
    if acted:
        return ruled_out("the cluster acted on the failure", [acted[0].event])
    why = _hands_off(facts, resource)
    told = _told_unmanaged(facts, resource)
    if why is None and told:
        why = "the scheduler left it alone as unmanaged"
    if why is None:
        return ruled_out(f"{resource} was managed")
    return supported(
        f"{resource} failed and nothing was done about it: {why}", facts.chain.first.events, strength=Strength.FOLLOWED
    )


def _hands_off(facts: Assessment, resource: str) -> str | None:
    if true(property_of(facts.config, "maintenance-mode")):
        return "maintenance-mode is on"
    if true(meta_of(facts.config, resource, "maintenance")):
        return "the resource is in maintenance"
    if not true(meta_of(facts.config, resource, "is-managed"), default=True):
        return "is-managed is false"
    return None


def _told_unmanaged(facts: Assessment, resource: str) -> list[int]:
    """Lines of the scheduler during the incident that list the resource as unmanaged."""
    told = [
        event.event
        for event in facts.timeline.between(Kind.SCHED_UNMANAGED, facts.detected, facts.end)
        if event.resource == resource
    ]
    return told + [
        action.event
        for transition in facts.timeline.transitions_between(facts.detected, facts.end)
        for action in transition.actions
        if action.resource == resource and action.verb == "Leave" and action.why == Why.UNMANAGED
    ]


def remedy(complaint: Complaint) -> Iterator[Advice]:
    """Give the resource back to the cluster."""
    facts = complaint.facts
    if complaint.headline.label != "unmanaged":
        return
    name = facts.failed_name
    if name is None:
        return
    config = facts.config
    fixes: list[Commands] = []
    if true(property_of(config, "maintenance-mode")):
        fixes.append(property_("maintenance-mode", "false"))
    for holder in (base_name(name), *(facts.failed_primitive.parents if facts.failed_primitive else ())):
        values = _own(facts, holder)
        if true(values.get("maintenance")):
            fixes.append(meta(holder, maintenance="false"))
        if "is-managed" in values and not true(values["is-managed"]):
            fixes.append(meta(holder, is_managed="true"))
    if not true(meta_of(config, name, "is-managed"), default=True) and not fixes:
        fixes.append(meta(base_name(name), is_managed="true"))
    yield Advice(
        "manage",
        f"Give {name} back to the cluster once the work on it is done: it failed while the cluster was told to keep "
        "its hands off",
        joined(*fixes),
        saves_basis="not computed: how long the cluster would have needed was not seen",
        risk="the cluster acts at once on everything that failed meanwhile",
    )


def _own(facts: Assessment, holder: str) -> dict[str, str]:
    config = facts.config
    found = config.primitives.get(holder) or config.groups.get(holder) or config.clones.get(holder)
    return found.meta if found is not None else {}


DECLARATION = Declaration(
    label="unmanaged",
    tier=Tier.FAULT,
    judge=judge,
    remedy=remedy,
    after=("clock_jump",),
    is_origin=True,
    line="A failure was recorded and nothing was done: maintenance, an unmanaged resource, or a block.",
    means="""
The cluster saw the failure and was told not to act. Maintenance mode, is-managed off, or a stop that failed without
fencing keep its hands tied. The outage lasts until a person ends that state.
""",
    proves="""
A failed result after which no action is planned for the resource, and the reason why: maintenance-mode, is-managed,
maintenance of the node, or a block. Often the failure is found only when monitors begin again.
""",
    disproves="""
Nothing is done either when no node is left that may run the resource, when quorum is missing, or while fencing is
waited for. Those are told by lines of their own.
""",
    fix="""
End the maintenance when the work is done, and look at the state of everything before that. Manage the resource again,
and clean it up. With fencing on, failed stops are resolved without you.
""",
)
