"""A daemon of Pacemaker, or corosync itself, died."""

from __future__ import annotations

from logtrace.causes.judgement import Judgement, ruled_out, supported
from logtrace.incidents.draft import TriggerKind
from logtrace.incidents.facts import Facts


def judge(facts: Facts) -> Judgement:
    """Proof: pacemakerd's notice that a child was terminated by a signal or exited (pacemakerd, pcmk_child_exit)."""
    died = facts.triggers(TriggerKind.DAEMON_DIED)
    seen = [
        action
        for _, action in facts.draft.actions
        if action.target is not None and "peer process is no longer available" in (action.reason or "")
    ]
    if not died and seen:
        return supported(
            f"Pacemaker on {seen[0].target} was gone while its corosync lived: one of its daemons died",
            [action.event for action in seen],
            strength=0.85,
        )
    if not died:
        return ruled_out("no daemon reports a death")
    first = died[0]
    lost = [loss for loss in facts.draft.losses if loss.node == first.node and loss.time < first.time]
    if lost or facts.draft.first.kind is not TriggerKind.DAEMON_DIED:
        return ruled_out(f"{first.what} on {first.node} ended after the trouble had begun", first.events)
    fenced = any(fencing.target == first.node for fencing in facts.draft.fencings)
    then = f"{first.node} was fenced for it" if fenced else "pacemakerd started it again"
    return supported(f"{first.what} died on {first.node}; {then}", first.events, strength=0.97)
