"""A start or promote succeeded, and its own run time is the largest share."""

from __future__ import annotations

from logtrace.assessment.assessment import Assessment
from logtrace.causes.confidence import Strength
from logtrace.causes.declaration import Declaration, Tier
from logtrace.causes.judgement import Judgement, ruled_out, supported
from logtrace.timeline.runs import Witness

_REMEDY = 5.0


def judge(facts: Assessment) -> Judgement:
    """The longest start or promote on the critical path, beyond five seconds of its own run time: time spent in a
    queue or waiting for something else is not initialisation.
    """
    starts = [run for run in facts.critical_runs("start", "promote", "migrate_from") if run.ok]
    if not starts:
        return ruled_out("no start or promote lies on the critical path")
    run = max(starts, key=lambda run: run.seconds)
    own = run.seconds  # as the executor states it: without the time in its queue
    bound = run.witness is Witness.TRANSITION  # it may have ended long before its transition
    took = f"at most {own:.1f} s" if bound else f"{own:.1f} s of its own"
    sentence = f"the {run.operation} of {run.resource} on {run.node} took {took}"
    if own <= _REMEDY:
        return ruled_out(sentence, [run.event], weight=0.0)
    strength = Strength.UNSURE if bound else Strength.AGREED
    return supported(sentence, [run.request_event, run.event], weight=own - _REMEDY, strength=strength)


DECLARATION = Declaration(
    label="slow_init",
    tier=Tier.SHARE,
    judge=judge,
    after=("slow_fencing",),
    line="A single slow start or promote was most of the outage.",
    means="""
Detection and decision were quick; then a service needed long to start and succeeded. It replays a log, warms a cache,
checks a file system, or waits for something else. Every recovery will pay that again.
""",
    proves="""
A start or promote that ended well and whose run time, as the executor measured it, is the largest share of the outage.
The agent's lines meanwhile show what it did.
""",
    disproves="""
Time in the executor's queue, or waiting for another resource, for fencing or for an election, is not the service's own.
A start that ran into its timeout is judged as that.
""",
    fix="""
Tune the start of the service: smaller logs to replay, recovery in parallel, no reverse look-ups. Keep a second copy
warm, as a clone behind an address or a promotable pair, so that no start is on the path. Raising the timeout only keeps
it from failing.
""",
)
