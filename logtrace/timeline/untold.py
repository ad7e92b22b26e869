"""Failures no result line tells: the scheduler recovers a resource, so it had failed.

Pacemaker 1.1.14 to 2.0.2 logs results of recurring monitors at info, and syslog copies leave them out; logs of the
executing node may be missing altogether.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from datetime import datetime, timedelta

from logtrace.domain.kinds import Kind
from logtrace.timeline.lookup import Rows
from logtrace.timeline.rows import Action, Run, Transition

#: A failure told by a result line within this time before the plan is the one that is recovered from.
_KNOWN = timedelta(seconds=120)

#: The scheduler prints what it knows of the failure with the plan.
_WITH_PLAN = timedelta(seconds=2)


def recovered_untold(calculations: list[Transition], runs: list[Run], rows: Rows) -> list[Run]:
    """One failed run for every executed `Recover` of a resource without a failed run shortly before it.

    Its time is that of the plan, its operation and rc those of the failure the scheduler replays with it; `witness`
    is "plan".
    """
    failures: dict[str, list[datetime]] = defaultdict(list)
    for run in runs:
        if run.failed:
            failures[run.resource].append(run.end)
    found = []
    for transition in calculations:
        for action in transition.actions if transition.executed else ():
            if action.verb != "Recover" or action.resource is None or action.source is None:
                continue
            times = failures[action.resource]
            before = bisect_right(times, transition.calculated + _WITH_PLAN)
            if before == 0 or transition.calculated - times[before - 1] > _KNOWN:
                found.append(_failure(action, transition, rows))
                times.insert(before, transition.calculated)
    return found


def _failure(action: Action, transition: Transition, rows: Rows) -> Run:
    near = rows.between(Kind.OP_HISTORY, transition.calculated - _WITH_PLAN, transition.calculated)
    replayed = [event for event in near if event.resource == action.resource]
    told = replayed[-1] if replayed else None
    assert action.resource is not None
    assert action.source is not None
    recurring = told is None or told.operation in (None, "monitor")
    return Run(
        run=-1,
        node=(told.target if told else None) or action.source,
        resource=action.resource,
        operation=(told.operation if told else None) or "monitor",
        interval=None if recurring else 0,
        call=None,
        start=transition.calculated,
        end=transition.calculated,
        rc=told.rc if told else None,
        status=None,
        reason=told.reason if told else None,
        ok=False,
        probe=False,
        precise=False,
        transition=None,
        dc_uuid=None,
        queue_ms=None,
        witness="plan",
        event=told.event if told else action.event,
        request_event=None,
        begin_event=None,
    )
