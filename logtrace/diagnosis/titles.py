"""One sentence that says what happened."""

from __future__ import annotations

from datetime import timedelta

from logtrace.assessment.assessment import Assessment
from logtrace.assessment.operations import outcome
from logtrace.causes.judgement import Verdict
from logtrace.chains.triggers import (
    ClockStepped,
    ConnectivityLost,
    DaemonDied,
    FencingAsked,
    MultiplyActive,
    NodeLost,
    QuorumLost,
)
from logtrace.diagnosis.headline import Headline
from logtrace.domain.kinds import Kind

#: The scheduler says why a node is to be fenced, and the controller asks for it, within this time.
_PLANNED = timedelta(seconds=10)

#: Words of ours that a sentence may begin with.
_OPENINGS = frozenset({"the", "all", "no", "only", "with", "a", "an", "corosync", "nothing"})


def title(facts: Assessment, head: Headline) -> str:
    """The headline's own sentence where it is proven, else what began it; and what came of it."""
    judgement = head.judgements[head.root_cause]
    sentence = judgement.sentence if judgement.verdict is Verdict.SUPPORTED else _beginning(facts)
    if facts.chain.planned or sentence.split(" ", 1)[0] in _OPENINGS:  # names keep their spelling
        sentence = sentence[:1].upper() + sentence[1:]
    if facts.chain.planned:
        return f"{sentence}."
    if facts.chain.outages and not facts.recovered:
        down = sorted({outage.thing.resource for outage in facts.chain.still_down()})
        more = f" and {len(down) - 2} more" if len(down) > 2 else ""
        return f"{sentence}. {', '.join(down[:2])}{more} did not come back."
    return f"{sentence}."


def _beginning(facts: Assessment) -> str:
    """What the first trigger says and no more: why it came to that is not proven."""
    first = facts.chain.first
    if first.run is not None:
        run = first.run
        told = f"the {'probe' if run.probe else run.operation} of {run.resource} on {run.node} {outcome(run)}"
        return f"{told}; whether {run.resource} had died is not known" if run.recurring else told
    node = first.node or "a node"
    if isinstance(first, FencingAsked):
        reason = _reason_to_fence(facts, node)
        return f"{node} was to be fenced{f': {reason}' if reason else '; no line that was understood says why'}"
    match first:
        case NodeLost():
            return f"{node} left the membership"
        case QuorumLost():
            return f"the partition of {node} lost quorum"
        case DaemonDied():
            return f"{first.daemon} ended on {node}"
        case MultiplyActive():
            return f"{first.resource} was found active more than once"
        case ClockStepped():
            return f"the clock of {node} was stepped"
        case ConnectivityLost():
            return f"{node} lost a network that its services need"
    return f"there was trouble on {node}"


def _reason_to_fence(facts: Assessment, node: str) -> str | None:
    """What the scheduler says about why it plans to fence a node."""
    time = facts.chain.first.time
    said = [
        event.reason.removeprefix("because ")
        for kind in (Kind.SCHED_FENCE, Kind.SCHED_UNCLEAN)
        for event in facts.timeline.between(kind, time - _PLANNED, time + _PLANNED)
        if event.target == node and event.reason
    ]
    return next(iter(said), None)
