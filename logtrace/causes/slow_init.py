"""A start succeeded, and its own run time is the largest share."""

from __future__ import annotations

from logtrace.assessment.assessment import Assessment
from logtrace.causes.judgement import Judgement, ruled_out, supported

_REMEDY = 5.0


def judge(facts: Assessment) -> Judgement:
    """The longest single start on the critical path, beyond five seconds of its own run time: time spent in a queue or
    waiting for something else is not initialisation.
    """
    starts = [run for run in facts.critical_runs("start", "migrate_from") if run.ok]
    if not starts:
        return ruled_out("no start lies on the critical path")
    run = max(starts, key=lambda run: run.seconds)
    own = run.seconds  # as the executor states it: without the time in its queue
    sentence = f"the start of {run.resource} on {run.node} took {own:.1f} s of its own"
    if own <= _REMEDY:
        return ruled_out(sentence, [run.event], weight=0.0)
    return supported(sentence, [run.request_event, run.event], weight=own - _REMEDY, strength=0.95)
