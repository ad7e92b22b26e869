"""A daemon of Pacemaker, or corosync itself, died."""

from __future__ import annotations

from datetime import timedelta

from logtrace.assessment.assessment import Assessment
from logtrace.causes.judgement import Judgement, ruled_out, supported
from logtrace.chains.triggers import DaemonDied
from logtrace.domain.kinds import Kind
from logtrace.domain.reasons import Why
from logtrace.timeline import Event

#: pacemakerd starts a daemon again, or gives it up, within this time of its end.
_SOON = timedelta(seconds=5)


def judge(facts: Assessment) -> Judgement:
    """Proof: pacemakerd's notice that a child was terminated by a signal or exited (pacemakerd, pcmk_child_exit)."""
    died = facts.triggers(DaemonDied)
    seen = [
        action for _, action in facts.chain.actions if action.target is not None and action.why == Why.PEER_PROCESS_GONE
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
    lost = [loss for loss in facts.chain.losses if loss.node == first.node and loss.time < first.time]
    if lost or not isinstance(facts.chain.first, DaemonDied):
        return ruled_out(f"{first.daemon} on {first.node} ended after the trouble had begun", first.events)
    then, told = _then(facts, first, died[-1])
    return supported(
        f"{first.daemon} died on {first.node}{f'; {then}' if then else ''}",
        [*first.events, *(event.event for event in told[-2:])],
        strength=0.97,
    )


def _then(facts: Assessment, first: DaemonDied, last: DaemonDied) -> tuple[str, list[Event]]:
    """What became of a daemon that died, with the lines that tell it; nothing where none does."""
    if any(fencing.target == first.node for fencing in facts.chain.fencings):
        return f"{first.node} was fenced for it", []
    for kind, then in (
        (Kind.DAEMON_GAVE_UP, "pacemakerd gave it up"),
        (Kind.DAEMON_RESPAWN, "pacemakerd started it again"),
    ):
        until = max(facts.end, last.time) + _SOON
        told = [each for each in facts.timeline.between(kind, first.time, until) if each.node == first.node]
        if told:
            return then, told
    return "", []
