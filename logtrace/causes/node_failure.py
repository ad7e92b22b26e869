"""A node vanished."""

from __future__ import annotations

from logtrace.assessment.assessment import Assessment
from logtrace.causes.judgement import Judgement, ruled_out, supported, undecided
from logtrace.chains.triggers import FencingAsked, RemoteLost


def judge(facts: Assessment) -> Judgement:
    """Proof: Corosync lost it without a leave message, and its own log, where at hand, ends there."""
    first = facts.chain.first
    remote = facts.triggers(RemoteLost)
    if remote and not facts.chain.losses:
        names = ", ".join(sorted({str(trigger.node) for trigger in remote}))
        events = [event for trigger in remote for event in trigger.events]
        return supported(f"the cluster lost its connection to the remote node {names}", events, strength=0.9)
    if not facts.chain.losses and isinstance(first, FencingAsked):
        return undecided(f"it began with {first.node}, and no line tells whether the node died", first.events)
    if not facts.chain.losses:
        return ruled_out("no node was lost")
    mine = next((loss for loss in facts.chain.losses if not loss.mirrored), facts.chain.losses[0])
    silent = mine.node not in facts.timeline.logging_nodes
    unannounced = ", without a leave message" if mine.unannounced else ""
    guessed = "; which one follows only from the gap in the member list" if mine.guessed else ""
    nodes = sorted({loss.node for loss in facts.chain.losses if not loss.mirrored} or {mine.node})
    return supported(
        f"{', '.join(nodes)} vanished from the membership{unannounced}{guessed}",
        [event for loss in facts.chain.losses for event in loss.events[:3]],
        strength=0.5 if mine.guessed else 0.75 if silent else 0.92,
    )
