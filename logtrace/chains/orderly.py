"""Whether a node was asked to go: an orderly stop of Pacemaker or Corosync, whoever tells of it and however long it
takes. A request holds until the node starts again, or until Pacemaker gives up waiting for it (shutdown-escalation).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from logtrace.config import defaults
from logtrace.config.model import ClusterConfig
from logtrace.config.query import property_of
from logtrace.domain import durations
from logtrace.domain.kinds import Kind
from logtrace.timeline import Event, NodeLoss, Timeline

#: Lines of a node that begins anew, if `is_beginning`: what was asked of it before is done.
BEGINS = (Kind.DAEMON_STARTING, Kind.COROSYNC_START, Kind.BOOT)

#: Pacemaker stops itself: a daemon that must not be respawned failed, or its node was told that it was just fenced.
_FATAL = (Kind.DAEMON_GAVE_UP, Kind.FENCE_VICTIM)

#: Lines that share a second in a log without fractions may stand in either order.
SECOND = timedelta(seconds=1)


def escalation(config: ClusterConfig) -> timedelta:
    """How long the controller lets a node take to stop everything before it exits anyway (shutdown-escalation)."""
    told = property_of(config, "shutdown-escalation") or defaults.PROPERTIES["shutdown-escalation"]
    return timedelta(seconds=durations.seconds(told) or 0)


def asked_to_go(
    timeline: Timeline,
    config: ClusterConfig,
    node: str,
    time: datetime,
    told_by: tuple[Kind, ...] = (Kind.SHUTDOWN_REQUESTED, Kind.COROSYNC_STOPPING),
) -> bool:
    """Whether `node` was on its way out at `time`, because somebody had asked it to stop; `told_by`: its own lines."""
    since = time - escalation(config)
    until = time + SECOND if time.microsecond == 0 else time
    asked = [
        event for event in timeline.between(Kind.ATTR_SHUTDOWN, since, until, target=node) if is_request(event, node)
    ]
    asked += [
        event
        for kind in told_by
        for event in timeline.between(kind, since, until, node=node)
        if not ends_itself(timeline, event)
    ]
    last = max((event.time for event in asked), default=None)
    return last is not None and not begins_between(timeline, node, last, time)


def was_announced(timeline: Timeline, config: ClusterConfig, loss: NodeLoss) -> bool:
    """Whether a node left on request: Corosync says so, or it was on its way out, and no leave message was missed."""
    return not loss.unannounced and (loss.orderly or asked_to_go(timeline, config, loss.node, loss.time))


def is_request(event: Event, node: str) -> bool:
    """Whether a line sets the shutdown attribute of `node`; 0 and nothing take it back."""
    return event.target == node and (event.value or "").strip().isdigit() and event.value != "0"


def ends_itself(timeline: Timeline, event: Event) -> bool:
    """Whether a node's own line of its stop follows a failure that Pacemaker, since it was started, could not survive:
    nobody asked for that stop.
    """
    fatal = [other.time for kind in _FATAL for other in timeline.before(kind, event.time, node=event.node)]
    return bool(fatal) and not begins_between(timeline, event.node, max(fatal), event.time)


def began_anew(timeline: Timeline, node: str | None, since: datetime, until: datetime) -> bool:
    """Whether lines of `node` tell that Pacemaker, Corosync or the machine began between the two."""
    return any(
        since < other.time < until and is_beginning(other)
        for kind in BEGINS
        for other in timeline.between(kind, since, until, node=node)
    )


def is_beginning(event: Event) -> bool:
    """Whether a line of BEGINS tells of the whole node: the start of pacemakerd, or of the executor of a remote node,
    which is all of Pacemaker there; not that of a child that was respawned.
    """
    return event.kind != Kind.DAEMON_STARTING or event.daemon in ("pacemakerd", "heartbeat", None) or _is_remote(event)


def remote_starts(timeline: Timeline, node: str, since: datetime, until: datetime) -> list[Event]:
    """When the executor of a remote node (pacemaker-remoted, main) began anew between the two."""
    return [event for event in timeline.between(Kind.DAEMON_STARTING, since, until, node=node) if _is_remote(event)]


def _is_remote(event: Event) -> bool:
    return event.child == "remote executor"


def begins_between(timeline: Timeline, node: str | None, since: datetime, until: datetime) -> bool:
    """Whether Pacemaker, Corosync or the machine of `node` began anew after `since` and before `until`, or others saw
    it join again.
    """
    return began_anew(timeline, node, since, until) or timeline.came_back(node, since, until)
