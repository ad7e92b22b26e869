"""From when the outage counts, and how long it was."""

from __future__ import annotations

from datetime import datetime

from logtrace.incidents.facts import Facts
from logtrace.incidents.headline import Headline


def outage_began(one: Facts, head: Headline) -> datetime | None:
    """The death or its detection; where the service ran on, the first stop the cluster made. None: nothing was lost."""
    if not one.draft.outages:
        return None
    if not head.service_ran_on:
        return one.began
    stops = [run.end for run in one.draft.runs if run.operation in ("stop", "demote") and run.ok]
    if not stops:
        return None if one.recovered else one.began
    return min(stops)


def outage_seconds(one: Facts, head: Headline) -> float | None:
    """Seconds to the recovery, or to the end of the window; None when that is not known."""
    began = outage_began(one, head)
    if began is None:
        return 0.0
    until = one.recovered_at or one.timeline.end
    return None if until is None else round(max(0.0, (until - began).total_seconds()), 3)
