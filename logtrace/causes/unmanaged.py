"""A failure was recorded and nothing was done, because the cluster was told to keep its hands off."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import takewhile

from logtrace.assessment.assessment import Assessment
from logtrace.assessment.operations import configured, on_fail_of
from logtrace.causes.confidence import Strength
from logtrace.causes.declaration import Complaint, Declaration, Tier
from logtrace.causes.judgement import Judgement, ruled_out, supported
from logtrace.config.commands import Commands, joined, meta, operation, property_
from logtrace.config.query import base_name, meta_of, property_of
from logtrace.domain.advice import Advice
from logtrace.domain.kinds import Kind
from logtrace.domain.reasons import Why
from logtrace.domain.values import true
from logtrace.timeline import Action, Run, Transition

#: on-fail values with which the cluster lets a failed operation be.
_ACCEPTS = ("ignore", "block")


def judge(facts: Assessment) -> Judgement:
    """Proof: a failed operation, and plans after it that leave the resource alone, because of maintenance,
    is-managed=false, a block, or on-fail=ignore or block. What was done later, when an operator acted, is no matter.
    """
    resource, run = facts.failed_resource, facts.chain.first.run
    if resource is None or run is None:
        return ruled_out("it did not begin with a failed operation")
    acted = next(
        (
            other
            for other in facts.chain.runs
            if not other.recurring and other.resource == resource and other is not run and other.end > run.end
        ),
        None,
    )
    until = facts.end if acted is None else acted.start
    plans = [plan for plan in facts.timeline.transitions_between(facts.detected, until) if plan.executed]
    idle = list(takewhile(lambda plan: not _about(plan, resource), plans))
    if acted is not None and not idle:
        return ruled_out("the cluster acted on the failure", [acted.event])
    left = [action for plan in idle for action in plan.actions if action.resource == resource]
    why = _hands_off(facts, run, left, until)
    if why is None:
        return ruled_out(f"{resource} was managed")
    since = "" if acted is None else f" for {(acted.start - run.end).total_seconds():.1f} s, until somebody acted"
    return supported(
        f"{resource} failed on {run.node} and nothing was done about it{since}: {why}",
        [*facts.chain.first.events, *(action.event for action in left[:3]), *(plan.event for plan in idle[:2])],
        strength=Strength.FOLLOWED,
    )


def _about(plan: Transition, resource: str) -> bool:
    """Whether a plan does anything about a resource."""
    return any(action.resource == resource and action.verb != "Leave" and not action.blocked for action in plan.actions)


def _hands_off(facts: Assessment, run: Run, left: list[Action], until: datetime) -> str | None:
    """Why the cluster may not act: as the scheduler says, by what is configured for the operation, or for all."""
    config, resource = facts.config, run.resource
    said = facts.timeline.between(Kind.SCHED_UNMANAGED, run.end, until)
    on_fail = on_fail_of(config, run)
    managed = true(meta_of(config, resource, "is-managed"), default=True)
    if on_fail in _ACCEPTS and managed and not true(property_of(config, "maintenance-mode")):
        return f"on-fail={on_fail} of its {run.operation}"  # the scheduler calls it unmanaged all the same
    if any(action.why == Why.UNMANAGED for action in left) or any(event.resource == resource for event in said):
        return "the scheduler left it alone as unmanaged"
    if any(action.blocked for action in left):
        return "the scheduler left it alone as blocked"
    if true(property_of(config, "maintenance-mode")):
        return "maintenance-mode is on"
    if true(meta_of(config, resource, "maintenance")):
        return "the resource is in maintenance"
    return None if managed else "is-managed is false"


def remedy(complaint: Complaint) -> Iterator[Advice]:
    """Give the resource back to the cluster."""
    facts = complaint.facts
    if complaint.headline.label != "unmanaged":
        return
    name = facts.failed_name
    if name is None:
        return
    config, run, primitive = facts.config, facts.chain.first.run, facts.failed_primitive
    on_fail = on_fail_of(config, run) if run is not None else None
    if run is not None and primitive is not None and on_fail in _ACCEPTS:
        yield Advice(
            "on_fail",
            f"Let the cluster recover {name} when its {run.operation} fails: on-fail={on_fail} tells it not to",
            operation(config, primitive, configured(primitive, run), run.operation, **{"on-fail": "restart"}),
            saves_basis="not computed: how long the cluster would have needed was not seen",
            risk="a failure that was only noted so far then restarts the service",
        )
        return
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
The cluster saw the failure and was told not to act. Maintenance mode, is-managed off, on-fail with the value ignore or
block, or a stop that failed without fencing keep its hands tied. The outage lasts until a person ends that state.
""",
    proves="""
A failed result after which the plans leave the resource alone, and the reason why: maintenance-mode, is-managed,
maintenance of the node, on-fail, or a block. What is planned later, when an operator has acted, is no matter. Often the
failure is found only when monitors begin again.
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
