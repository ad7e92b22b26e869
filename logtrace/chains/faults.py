"""What can start an incident: failures, losses, deaths of daemons, and what operators do, in order of time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from logtrace.chains.operators import operator_triggers
from logtrace.chains.triggers import (
    AgentMissing,
    ClockStepped,
    CorosyncPaused,
    DaemonDied,
    FencingAsked,
    MultiplyActive,
    NodeLost,
    OperationFailed,
    OperatorActed,
    QuorumLost,
    RemoteLost,
    Trigger,
    Verb,
)
from logtrace.config.model import ClusterConfig
from logtrace.domain.kinds import Kind
from logtrace.timeline import Event, NodeLoss, Run, Timeline

#: How Corosync says that it was told to stop, as no crash does.
_LEAVES = (Kind.COROSYNC_STOPPING,)

#: Daemons whose exit ends or cripples Pacemaker on a node.
_STOPPING = timedelta(seconds=120)


def triggers(timeline: Timeline, config: ClusterConfig) -> list[Trigger]:
    """Every trigger of the case in order of time; failures before the reactions they cause."""
    found = [
        *_failed_operations(timeline),
        *_not_installed(timeline),
        *_losses(timeline),
        *_daemons(timeline),
        *_corosyncs(timeline),
        *_quorum(timeline),
        *_stalls(timeline),
        *_multiple(timeline),
        *_fencings(timeline),
        *_clock_steps(timeline),
        *_remotes(timeline),
        *operator_triggers(timeline, config),
    ]
    return sorted(found, key=lambda trigger: (trigger.time, trigger.rank))


def _failed_operations(timeline: Timeline) -> Iterator[Trigger]:
    lost = {event.target: event.time for event in reversed(timeline.rows.get(Kind.REMOTE_LOST, []))}
    for run in timeline.runs:
        if not run.failed or run.operation == "notify":
            continue
        if run.resource in lost and (run.recurring or lost[run.resource] <= run.end):
            # a connection is no service: its node was lost, or is not reached again
            yield RemoteLost(time=run.end, node=run.resource, events=(run.event,))
            continue
        if run.probe and _harmless_probe(run, timeline.runs_of[run.resource]):
            continue
        yield OperationFailed(time=run.end, node=run.node, resource=run.resource, events=(run.event,), run=run)


def _harmless_probe(run: Run, others: list[Run]) -> bool:
    """A probe that cannot tell (agent or program missing, node busy) is a fault only where the resource was to run."""
    return run.rc in (3, 5) or any(
        other.operation == "start" and other.node == run.node and other.ok for other in others
    )


def _not_installed(timeline: Timeline) -> Iterator[Trigger]:
    """A resource whose agent is missing wherever it was looked for, and which never ran, cannot be started at all."""
    for resource, runs in timeline.runs_of.items():
        missing = [run for run in runs if run.probe and run.rc in (3, 5)]
        ran = any(run.ok and run.rc in (0, 8, 190, 191) for run in runs)
        everywhere = {run.node for run in missing} >= {run.node for run in runs if run.probe}
        if missing and everywhere and not ran:
            first = missing[0]
            yield AgentMissing(time=first.end, node=first.node, resource=resource, events=(first.event,), run=first)


def _losses(timeline: Timeline) -> Iterator[Trigger]:
    for loss in timeline.losses:
        if loss.unannounced or not (loss.orderly or _was_told_to_stop(timeline, loss)):
            yield NodeLost(time=loss.time, node=loss.node, events=tuple(loss.events[:6]), loss=loss)


def _was_told_to_stop(timeline: Timeline, loss: NodeLoss) -> bool:
    """The shutdown attribute of the node was set, or its own Pacemaker was told to stop, not long before."""
    asked = timeline.between(Kind.ATTR_SHUTDOWN, loss.time - _STOPPING, loss.time)
    own = timeline.between(Kind.SHUTDOWN_REQUESTED, loss.time - _STOPPING, loss.time)
    return any(event.target == loss.node and (event.value or "0") != "0" for event in asked) or any(
        event.node == loss.node for event in own
    )


def _daemons(timeline: Timeline) -> Iterator[Trigger]:
    """A daemon that died. Daemons that exit while the node is being stopped, or for want of corosync, only follow."""
    for kind in (Kind.DAEMON_DIED, Kind.DAEMON_EXITED):
        for event in timeline.rows.get(kind, []):
            if kind == Kind.DAEMON_EXITED and (event.rc in (0, None) or _is_stopping(timeline, event)):
                continue
            yield DaemonDied(time=event.time, node=event.node, events=(event.event,), daemon=event.child or "a daemon")


def _corosyncs(timeline: Timeline) -> Iterator[Trigger]:
    """Corosync died under Pacemaker: two or more daemons of one node lose it at once, and nobody told them to stop."""
    lost: list[Event] = [
        event for event in timeline.rows.get(Kind.DAEMON_CONNECTION_LOST, []) if event.child == "corosync"
    ]
    told: set[tuple[str, datetime]] = set()
    for event in lost:
        together = [
            other
            for other in timeline.between(Kind.DAEMON_CONNECTION_LOST, event.time, event.time + timedelta(seconds=2))
            if other.node == event.node and other.child == "corosync"
        ]
        recent = any(node == event.node and event.time - time < timedelta(seconds=30) for node, time in told)
        if (
            len({other.daemon for other in together}) >= 2
            and not recent
            and not _is_stopping(timeline, event, *_LEAVES)
        ):
            told.add((event.node, event.time))
            events = tuple(other.event for other in together)[:6]
            yield DaemonDied(time=event.time, node=event.node, events=events, daemon="corosync")


def _is_stopping(timeline: Timeline, event: Event, *also: Kind) -> bool:
    return any(
        other.node == event.node
        for kind in (Kind.SHUTDOWN_REQUESTED, *also)
        for other in timeline.between(kind, event.time - _STOPPING, event.time)
    )


def _quorum(timeline: Timeline) -> Iterator[Trigger]:
    """Quorum that was there and is lost; a node that starts alone has none to lose."""
    had: dict[str, bool] = {}
    rows = [*timeline.rows.get(Kind.QUORUM_LOST, []), *timeline.rows.get(Kind.QUORUM_GAINED, [])]
    for event in sorted(rows, key=lambda row: row.event):
        if event.kind == Kind.QUORUM_GAINED:
            had[event.node] = True
        elif event.node not in had and _starting(timeline, event):
            had[event.node] = False
        elif had.get(event.node, True):
            had[event.node] = False
            yield QuorumLost(time=event.time, node=event.node, events=(event.event,))


def _starting(timeline: Timeline, event: Event) -> bool:
    return any(
        other.node == event.node
        for other in timeline.between(Kind.COROSYNC_START, event.time - timedelta(seconds=60), event.time)
    )


def _stalls(timeline: Timeline) -> Iterator[Trigger]:
    for kind in (Kind.COROSYNC_NOT_SCHEDULED, Kind.TOTEM_PAUSE):
        for event in timeline.rows.get(kind, []):
            yield CorosyncPaused(
                time=event.time, node=event.node, events=(event.event,), seconds=(event.pause_ms or 0) / 1000
            )


def _multiple(timeline: Timeline) -> Iterator[Trigger]:
    """The scheduler repeats itself at every run: the first of each stretch counts."""
    last: dict[str, datetime] = {}
    for event in timeline.rows.get(Kind.SCHED_MULTIPLE_ACTIVE, []):
        if event.resource is None:
            continue
        before = last.get(event.resource)
        last[event.resource] = event.time
        if before is None or event.time - before > timedelta(seconds=5):
            yield MultiplyActive(
                time=event.time,
                node=event.node,
                resource=event.resource,
                events=(event.event,),
                count=event.count,
                why=event.why,
            )


def _fencings(timeline: Timeline) -> Iterator[Trigger]:
    for fencing in timeline.fencings:
        lines = tuple(fencing.events[:6])
        if fencing.by_cluster:
            yield FencingAsked(time=fencing.requested, node=fencing.target, events=lines, fencing=fencing)
        else:
            yield OperatorActed(
                time=fencing.requested,
                node=fencing.target,
                events=lines,
                fencing=fencing,
                verb=Verb.FENCE,
                what=Verb.FENCE,
            )
    for event in timeline.rows.get(Kind.FENCE_CONFIRMED, []):
        yield OperatorActed(
            time=event.time,
            node=event.node,
            events=(event.event,),
            verb=Verb.CONFIRM,
            what=f"confirmation that {event.target} is down",
        )


def _clock_steps(timeline: Timeline) -> Iterator[Trigger]:
    for event in timeline.rows.get(Kind.CLOCK_STEP, []):
        if _seconds(event.value) >= 1.0:
            yield ClockStepped(time=event.time, node=event.node, events=(event.event,))


def _seconds(text: str | None) -> float:
    try:
        return abs(float((text or "0").split()[0]))
    except (ValueError, IndexError):
        return 0.0


def _remotes(timeline: Timeline) -> Iterator[Trigger]:
    for event in timeline.rows.get(Kind.REMOTE_LOST, []):
        yield RemoteLost(time=event.time, node=event.target or event.node, events=(event.event,))
