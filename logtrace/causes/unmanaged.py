"""A failure was recorded and nothing was done, because the cluster was told to keep its hands off."""

from __future__ import annotations

from logtrace.assessment.assessment import Assessment
from logtrace.causes.judgement import Judgement, ruled_out, supported
from logtrace.config.query import meta_of, property_of
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
    return supported(f"{resource} failed and nothing was done about it: {why}", facts.chain.first.events, strength=0.9)


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
