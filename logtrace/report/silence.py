"""The silence before an incident: how long the cluster had neither done nor suffered anything."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from datetime import datetime

from logtrace.chains.trigger import Trigger
from logtrace.timeline import Timeline


def activity(timeline: Timeline, triggers: Sequence[Trigger]) -> list[datetime]:
    """Every moment at which something was started, stopped, found failed, decided, lost, regained or changed by hand.

    Good results of recurring monitors are not logged, so what is here is more than routine.
    """
    moments = {run.end for run in timeline.runs}
    moments |= {trigger.time for trigger in triggers}
    moments |= set(timeline.membership["time"])
    for calculation in timeline.transitions:
        if calculation.executed:
            moments |= {moment for moment in (calculation.calculated, calculation.ended) if moment is not None}
    return sorted(moments)


def silence_before(first: datetime, moments: Sequence[datetime], start: datetime | None) -> float | None:
    """Seconds from the last of `moments` before `first`, else from `start` of the logs; None without either, and where
    the logs begin with it: what was before is not told.
    """
    index = bisect_left(moments, first)
    since = moments[index - 1] if index else start
    return None if since is None or since >= first else round((first - since).total_seconds(), 3)
