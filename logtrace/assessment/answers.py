"""What a service's own log of requests proves: who answers lives.

A line counts for a resource only where the log's name or the tag is that of the resource's program (processes.py), on
the node in question. oslo.log and haproxy stamp a request when it is done, or when it came in; in either case the
service was there at that moment.
"""

from __future__ import annotations

from datetime import datetime

from logtrace.assessment.processes import is_program_of
from logtrace.config.model import ClusterConfig
from logtrace.domain.kinds import Kind
from logtrace.timeline import Event, Timeline


def answers(
    timeline: Timeline, config: ClusterConfig, resource: str, node: str, start: datetime, end: datetime
) -> list[Event]:
    """Requests that `resource` answered on `node` with start <= time <= end; none where it also answered with errors
    of its own.
    """
    erred = _of(timeline, config, Kind.SERVICE_ERRED, resource, node, start, end)
    return [] if erred else _of(timeline, config, Kind.SERVICE_ANSWERED, resource, node, start, end)


def _of(
    timeline: Timeline, config: ClusterConfig, kind: Kind, resource: str, node: str, start: datetime, end: datetime
) -> list[Event]:
    return [
        event
        for event in timeline.between(kind, start, end)
        if event.node == node and is_program_of(config, resource, event.child)
    ]
