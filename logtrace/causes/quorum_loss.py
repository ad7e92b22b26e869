"""The partition stopped, or could not recover, everything for want of quorum."""

from __future__ import annotations

from logtrace.assessment.assessment import Assessment
from logtrace.causes.judgement import Judgement, ruled_out, supported
from logtrace.chains.triggers import QuorumLost
from logtrace.config.query import property_of
from logtrace.domain.kinds import Kind
from logtrace.domain.reasons import Why


def judge(facts: Assessment) -> Judgement:
    """Proof: a node lost quorum, its scheduler stopped resources or refused for want of it, and no other side of the
    cluster kept quorum to take over.
    """
    lost = facts.triggers(QuorumLost)
    if not lost:
        return ruled_out("no node reports that it lost quorum")
    without = {trigger.node for trigger in lost}
    gone = {loss.node for loss in facts.chain.losses}
    majority = {observer for loss in facts.chain.losses for observer in loss.observers if observer not in without} | {
        transition.dc
        for transition in facts.chain.transitions
        if transition.executed and transition.dc not in without | gone
    }
    events = [event for trigger in lost for event in trigger.events]
    if majority:
        return ruled_out(f"{', '.join(sorted(majority))} kept quorum and could recover the services", events)
    stopped = [action.event for _, action in facts.chain.actions if action.why == Why.NO_QUORUM]
    refused = [event.event for event in facts.timeline.between(Kind.SCHED_NO_QUORUM, facts.detected, facts.end)]
    if not stopped and not refused and property_of(facts.config, "no-quorum-policy") == "ignore":
        return ruled_out("quorum was lost, but no-quorum-policy=ignore lets the cluster go on", events)
    if not stopped and not refused and facts.chain.transitions:
        return ruled_out("quorum was lost, but nothing was stopped or refused for it", events)
    silent = sorted(gone - without - facts.timeline.logging_nodes)
    side = f"the side of {', '.join(sorted(str(node) for node in without))} had no" if silent else "no side had"
    return supported(
        f"{side} quorum from {facts.detected:%H:%M:%S} on: what ran was stopped and nothing could be started until "
        "enough nodes were back",
        [*events, *stopped, *refused],
        weight=facts.outage,
        strength=0.85 if silent else 0.96,
    )
