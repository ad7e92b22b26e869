"""What can start an incident: failures, losses, deaths of daemons, and what operators do, in order of time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from logtrace.config.model import ClusterConfig
from logtrace.config.query import is_stonith
from logtrace.incidents.draft import Trigger, TriggerKind
from logtrace.timeline import Event, Run, Timeline

#: Programs an operator's change of the CIB comes from; the daemons' own updates carry other names.
_TOOLS = ("cibadmin", "crm_", "crmadmin", "stonith_admin", "pcs", "crmsh", "hawk", "root")

#: Several edits of one command follow each other within this time.
_ONE_COMMAND = timedelta(seconds=2)

#: Properties the controller writes itself when it becomes DC or cleans up.
_OWN_PROPERTIES = ("dc-version", "cluster-infrastructure", "have-watchdog", "cluster-name", "last-lrm-refresh")

#: Daemons whose exit ends or cripples Pacemaker on a node.
_STOPPING = timedelta(seconds=120)


def triggers(timeline: Timeline, config: ClusterConfig) -> list[Trigger]:
    """Every trigger of the case in order of time; failures before the reactions they cause."""
    found = [
        *_failed_operations(timeline),
        *_not_installed(timeline),
        *_losses(timeline),
        *_daemons(timeline),
        *_quorum(timeline),
        *_stalls(timeline),
        *_multiple(timeline),
        *_fencings(timeline),
        *_clock_steps(timeline),
        *_remotes(timeline),
        *_operators(timeline, config),
    ]
    return sorted(found, key=lambda trigger: (trigger.time, list(TriggerKind).index(trigger.kind)))


def _failed_operations(timeline: Timeline) -> Iterator[Trigger]:
    for run in timeline.runs:
        if not run.failed or run.operation == "notify":
            continue
        if run.probe and _harmless_probe(run, timeline.runs_of[run.resource]):
            continue
        yield Trigger(TriggerKind.OP_FAILED, run.end, run.node, run.resource, (run.event,), run=run)


def _harmless_probe(run: Run, others: list[Run]) -> bool:
    """A probe that cannot tell (agent or program missing, node busy) is a fault only where the resource was to run."""
    return run.rc in (3, 5) or any(
        other.operation == "start" and other.node == run.node and other.ok for other in others
    )


def _not_installed(timeline: Timeline) -> Iterator[Trigger]:
    """A resource whose agent is missing wherever it was looked for, and which never ran, cannot be started at all."""
    for resource, runs in timeline.runs_of.items():
        missing = [run for run in runs if run.probe and run.rc in (3, 5)]
        if missing and not any(run.ok and run.rc in (0, 8, 190, 191) for run in runs):
            if {run.node for run in missing} >= {run.node for run in runs if run.probe}:
                first = missing[0]
                yield Trigger(TriggerKind.NOT_INSTALLED, first.end, first.node, resource, (first.event,), run=first)


def _losses(timeline: Timeline) -> Iterator[Trigger]:
    for loss in timeline.losses:
        if not loss.orderly or loss.unannounced:
            yield Trigger(TriggerKind.NODE_LOST, loss.time, loss.node, events=tuple(loss.events[:6]), loss=loss)


def _daemons(timeline: Timeline) -> Iterator[Trigger]:
    """A daemon that died. Daemons that exit while the node is being stopped, or for want of corosync, only follow."""
    for kind in ("daemon.died", "daemon.exited"):
        for event in timeline.rows.get(kind, []):
            if kind == "daemon.exited" and (event.rc in (0, None) or _is_stopping(timeline, event)):
                continue
            yield Trigger(
                TriggerKind.DAEMON_DIED, event.time, event.node, events=(event.event,), what=event.child or "a daemon"
            )


def _is_stopping(timeline: Timeline, event: Event) -> bool:
    return any(
        other.node == event.node for other in timeline.between("shutdown.requested", event.time - _STOPPING, event.time)
    )


def _quorum(timeline: Timeline) -> Iterator[Trigger]:
    """Quorum that was there and is lost; a node that starts alone has none to lose."""
    had: dict[str, bool] = {}
    rows = [*timeline.rows.get("quorum.lost", []), *timeline.rows.get("quorum.gained", [])]
    for event in sorted(rows, key=lambda row: row.event):
        if event.kind == "quorum.gained":
            had[event.node] = True
        elif had.get(event.node, True) and not _starting(timeline, event):
            had[event.node] = False
            yield Trigger(TriggerKind.QUORUM_LOST, event.time, event.node, events=(event.event,))


def _starting(timeline: Timeline, event: Event) -> bool:
    return any(
        other.node == event.node
        for other in timeline.between("corosync.start", event.time - timedelta(seconds=60), event.time)
    )


def _stalls(timeline: Timeline) -> Iterator[Trigger]:
    for kind in ("corosync.not_scheduled", "totem.pause"):
        for event in timeline.rows.get(kind, []):
            yield Trigger(
                TriggerKind.STALL, event.time, event.node, events=(event.event,), what=str(event.pause_ms or 0)
            )


def _multiple(timeline: Timeline) -> Iterator[Trigger]:
    """The scheduler repeats itself at every run: the first of each stretch counts."""
    last: dict[str, datetime] = {}
    for event in timeline.rows.get("sched.multiple_active", []):
        if event.resource is None:
            continue
        before = last.get(event.resource)
        last[event.resource] = event.time
        if before is None or event.time - before > timedelta(seconds=30):
            yield Trigger(
                TriggerKind.MULTIPLE_ACTIVE, event.time, event.node, event.resource, (event.event,), what=event.message
            )


def _fencings(timeline: Timeline) -> Iterator[Trigger]:
    for fencing in timeline.fencings:
        kind = TriggerKind.FENCING if fencing.by_cluster else TriggerKind.OPERATOR
        if fencing.status == "confirmed" and not fencing.by_cluster:
            kind = TriggerKind.OPERATOR
        yield Trigger(
            kind,
            fencing.requested,
            fencing.target,
            events=tuple(fencing.events[:6]),
            fencing=fencing,
            what="manual fencing" if kind is TriggerKind.OPERATOR else "",
        )
    for event in timeline.rows.get("fence.confirmed", []):
        yield Trigger(
            TriggerKind.OPERATOR, event.time, event.target or event.node, events=(event.event,), what="confirmation that a node is down"
        )


def _clock_steps(timeline: Timeline) -> Iterator[Trigger]:
    for event in timeline.rows.get("clock.step", []):
        if _seconds(event.value) >= 1.0:
            yield Trigger(TriggerKind.CLOCK_STEP, event.time, event.node, events=(event.event,), what=event.message)


def _seconds(text: str | None) -> float:
    try:
        return abs(float((text or "0").split()[0]))
    except (ValueError, IndexError):
        return 0.0


def _remotes(timeline: Timeline) -> Iterator[Trigger]:
    for event in timeline.rows.get("remote.lost", []):
        yield Trigger(TriggerKind.REMOTE_LOST, event.time, event.target or event.node, events=(event.event,))


def _operators(timeline: Timeline, config: ClusterConfig) -> Iterator[Trigger]:
    """What people did: configuration edits, cleanups, orderly stops. Lines of one command are one trigger."""
    for acts in (_edits(timeline, config), _cleanups(timeline), _standbys(timeline)):
        yield from _commands(acts, config)
    by_node: dict[str | None, list[Trigger]] = {}
    for act in _stops(timeline):
        by_node.setdefault(act.node, []).append(act)
    for node_acts in by_node.values():
        yield from _commands(node_acts, config)


def _commands(acts: Iterable[Trigger], config: ClusterConfig) -> Iterator[Trigger]:
    group: list[Trigger] = []
    for act in sorted(acts, key=lambda act: act.time):
        if group and act.time - group[-1].time > _ONE_COMMAND:
            yield _one(group, config)
            group = []
        group.append(act)
    if group:
        yield _one(group, config)


def _one(group: list[Trigger], config: ClusterConfig) -> Trigger:
    named = next((act.resource for act in group if act.resource and not is_stonith(config, act.resource)), None)
    return Trigger(
        TriggerKind.OPERATOR,
        group[0].time,
        next((act.node for act in group if act.node), None),
        named,
        tuple(event for act in group for event in act.events)[:6],
        what=max((act.what for act in group), key=len),
    )


def _edits(timeline: Timeline, config: ClusterConfig) -> list[Trigger]:
    """Edits by tools. What the controller writes on its own (versions, node entries) is none."""
    edits = []
    for event in timeline.rows.get("te.abort", []):
        if event.reason and event.reason.lower() in ("configuration change", "non-status change"):
            if not any(own in event.message for own in _OWN_PROPERTIES):
                path = event.path or ""
                what = f"configuration: {_change(event)}"
                edits.append(_operator(event, what, resource=_resource_in(path), node=_node_in(path, config)))
    for event in timeline.rows.get("cib.done", []):
        client = (event.origin or "").split("/")[1] if (event.origin or "").count("/") else (event.client or "")
        if client.startswith(_TOOLS) and (event.section or "").strip("'") not in ("status", "nodes"):
            edits.append(_operator(event, f"configuration: changed with {client}"))
    moments = [edit.time for edit in edits]
    for event in timeline.rows.get("cib.config_change", []):
        path = event.path or ""
        if any(abs(event.time - moment) <= _ONE_COMMAND for moment in moments):
            what = f"configuration: {_shorten(path)}"
            edits.append(_operator(event, what, resource=_resource_in(path), node=_node_in(path, config)))
    return edits


def _cleanups(timeline: Timeline) -> Iterator[Trigger]:
    """Histories or fail counts that somebody removed. Failures that expired or changed definition are no command."""
    for event in timeline.rows.get("resource.refreshed", []):
        yield _operator(event, "cleanup: resource history removed", resource=event.resource, node=event.target)
    for event in timeline.rows.get("failcount.set", []):
        gone = (event.value or "").strip("()").lower() in ("unset", "null", "")
        if gone and not _cleared_by_cluster(timeline, event):
            yield _operator(event, "cleanup: fail count removed", resource=event.resource, node=event.target)


def _cleared_by_cluster(timeline: Timeline, event: Event) -> bool:
    """Expiry and changed parameters clear failures too, and say so; a node that leaves takes its counts along."""
    near = timedelta(seconds=5)
    if any(
        other.resource == event.resource
        for other in timeline.between("failure.cleared", event.time - near, event.time + near)
    ):
        return True
    return any(loss.node == event.target and abs(loss.time - event.time) < near for loss in timeline.losses)


def _stops(timeline: Timeline) -> Iterator[Trigger]:
    for event in timeline.rows.get("attr.shutdown", []):
        if (event.value or "").strip().isdigit() and event.value != "0":
            yield _operator(event, "orderly stop: Pacemaker was told to stop", node=event.target)
    for event in timeline.rows.get("shutdown.requested", []):
        yield _operator(event, "orderly stop: Pacemaker was told to stop", node=event.node)


def _standbys(timeline: Timeline) -> Iterator[Trigger]:
    for event in timeline.rows.get("attr.set", []):
        if event.attribute in ("standby", "maintenance", "terminate"):
            yield _operator(event, f"attribute: {event.attribute} set to {event.value}", node=event.target)


def _operator(event: Event, what: str, *, resource: str | None = None, node: str | None = None) -> Trigger:
    return Trigger(TriggerKind.OPERATOR, event.time, node, resource or event.resource, (event.event,), what=what)


def _change(event: Event) -> str:
    if event.attribute:
        return f"{event.attribute}={event.value or ''}"
    return (event.text or event.message).split(" | ")[0][:120]


def _shorten(path: str) -> str:
    return path.removeprefix("/cib/configuration/")[:120]


def _resource_in(path: str) -> str | None:
    for part in reversed(path.split("/")):
        name, _, rest = part.partition("[@id='")
        if name in ("primitive", "group", "clone", "master", "bundle") and rest:
            return rest.rstrip("']")
    return None


def _node_in(path: str, config: ClusterConfig) -> str | None:
    """The node whose attributes a path is about; paths carry ids."""
    _, _, rest = path.partition("/nodes/node[@id='")
    return config.nodes.get(rest.split("'")[0]) if rest else None
