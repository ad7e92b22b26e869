"""Until when a recurring monitor can have found a resource well."""

from __future__ import annotations

from datetime import datetime, timedelta

from logtrace.config.model import ClusterConfig
from logtrace.config.query import monitor_interval
from logtrace.domain.kinds import Kind
from logtrace.timeline import Run, Timeline

#: What says that a monitor is begun: to the DC's log and to the node's own.
_BEGINS = (Kind.OP_REQUESTED, Kind.OP_REQUESTED_LOCAL)


def last_watched(timeline: Timeline, config: ClusterConfig, run: Run) -> datetime | None:
    """The last moment at which the monitor before `run`, a recurring one that failed, can have been good; None when
    nothing was known of the resource before.

    That is one interval and one run earlier, for identical good results are not logged. A monitor that had only just
    begun, when maintenance ended or after a start, had none before it: what counts is the last good result of any
    operation, or one interval before the monitor was cancelled.
    """
    interval = timedelta(seconds=(run.interval or 0) / 1000 or monitor_interval(config, run.resource) or 0.0)
    regular = run.end - interval - timedelta(seconds=run.seconds if run.seconds < 600 else 0.0)
    begun = [
        event.time
        for kind in _BEGINS
        for event in timeline.between(kind, regular, run.end)
        if event.time < run.end  # what shares its second may have followed from it
        and event.resource == run.resource and (event.target or event.node) == run.node
        and event.operation == "monitor" and event.interval
    ]  # fmt: skip
    if not begun:
        return regular
    good = [
        other.end
        for other in timeline.history(run.resource, run.end)
        if other.end < run.end and other.node == run.node and other.ok
        and other.operation not in ("stop", "demote", "migrate_to")
        and not (other.probe and other.rc == 7)
    ]  # fmt: skip
    good += [
        event.time - interval
        for event in timeline.rows.get(Kind.OP_CANCELLED)
        if event.resource == run.resource and (event.target or event.node) == run.node and event.time <= min(begun)
    ]
    return max(good, default=None)
