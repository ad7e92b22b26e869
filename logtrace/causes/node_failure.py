"""A node vanished."""

from __future__ import annotations

from logtrace.causes.judgement import Judgement, ruled_out, supported, undecided
from logtrace.incidents.draft import TriggerKind
from logtrace.incidents.facts import Facts


def judge(facts: Facts) -> Judgement:
    """Proof: Corosync lost it without a leave message, and its own log, where at hand, ends there."""
    first = facts.draft.first
    remote = facts.triggers(TriggerKind.REMOTE_LOST)
    if remote and not facts.draft.losses:
        names = ", ".join(sorted({str(trigger.node) for trigger in remote}))
        events = [event for trigger in remote for event in trigger.events]
        return supported(f"the cluster lost its connection to the remote node {names}", events, strength=0.9)
    if not facts.draft.losses and first.kind is TriggerKind.FENCING:
        return undecided(f"it began with {first.node}, and no line tells whether the node died", first.events)
    if not facts.draft.losses:
        return ruled_out("no node was lost")
    mine = next((loss for loss in facts.draft.losses if not loss.mirrored), facts.draft.losses[0])
    silent = mine.node not in facts.timeline.logging_nodes
    unannounced = ", without a leave message" if mine.unannounced else ""
    guessed = "; which one follows only from the gap in the member list" if mine.guessed else ""
    nodes = sorted({loss.node for loss in facts.draft.losses if not loss.mirrored} or {mine.node})
    return supported(
        f"{', '.join(nodes)} vanished from the membership{unannounced}{guessed}",
        [event for loss in facts.draft.losses for event in loss.events[:3]],
        strength=0.5 if mine.guessed else 0.75 if silent else 0.92,
    )
