"""Commands that operators give: configuration edits, cleanups, standby, orderly stops, each told by several lines."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import TypeGuard

import polars as pl
from msgspec import Struct

from logtrace.chains.limits import MOST_LINES
from logtrace.chains.orderly import begins_between, ends_itself, escalation, is_request
from logtrace.config.model import ClusterConfig
from logtrace.config.query import is_stonith
from logtrace.domain.kinds import Kind
from logtrace.timeline import Event, Timeline

#: Programs an operator's change of the CIB comes from; the daemons' own updates carry other names.
_TOOLS = ("cibadmin", "crm_", "crmadmin", "stonith_admin", "pcs", "crmsh", "hawk", "root")

#: Attributes of a node by which people take it out of service.
_SWITCHES = ("standby", "maintenance")

#: Why the controller takes up a change of the CIB: of the configuration, and of a ticket, which its status holds.
_EDITED = ("configuration change", "non-status change")
_TICKET = "ticket attribute change"

#: Several edits of one command follow each other within this time. Nothing in the cluster bounds it: a tool sends the
#: next when the CIB has answered, which takes a second at most where stamps have no fractions, and a person needs more.
_ONE_COMMAND = timedelta(seconds=2)

#: Properties the controller writes itself when it becomes DC or cleans up.
_OWN_PROPERTIES = ("dc-version", "cluster-infrastructure", "have-watchdog", "cluster-name", "last-lrm-refresh")


#: A promotion score in the configuration: an attribute of a node, for good.
_SCORE = re.compile(r"nodes-\S+?-master-")

#: Attributes that agents keep in the configuration by crm_attribute, for they outlive a reboot: what they know of their
#: data and of their peer. SAPHana, SAPHanaTopology and their hooks (`hana_ha1_...`, `lpa_ha1_lpt`), podman-etcd, pgsql,
#: those of replicated databases (`..._REPL_INFO`), rabbitmq-cluster, azure-events.
_KEPT = (
    r"(?:hana_[a-z0-9]{3}_\w+|lpa_[a-z0-9]{3}_lpt|(?:standalone|learner)_node|cluster_id|member_id|node_ip|revision"
    r"|\S+-data-status|\w*REPL_INFO|rmq-node-attr-[\w-]+|azure-events(?:-az)?_\w+)"
)
_KEPT_NAME = re.compile(f"{_KEPT}$")
#: In a path, or in a line's words.
_KEPT_SET = re.compile(
    rf"(?:nvpair\[@id='[^']*?-|\bname=\"|doing (?:create|modify|delete) |deletion of nvpair\[@id='[^']*?-){_KEPT}\b"
)


def _set_to(name: str) -> str:
    """The ways a diff or an abort line says that an attribute was given a value."""
    return rf"\b{name}=(?P<v>\w+)|{name}'\]:? *@?(?:value=)?(?P<w>\w+)|name=\"{name}\" value=\"(?P<x>\w+)"


#: A name inside an id: the line may be XML, a path or a sentence.
_NAME = r"[^'\"<>\]\s:]+"

#: How a line tells that a constraint is gone, or that it was asked to be: crm_resource asks for each that may be there.
_GONE = r"(?:deletion of rsc_location|-- \S*/rsc_location\[|- +<rsc_location)"
_NOT_GONE = rf"^(?!.*(?:{_GONE}|cib_delete)).*?"

#: What a command's lines say, and how to put it; the first that fits, for what sets a constraint takes away those
#: before it. Groups: r resource, n node, v w x value.
_WORDS = (
    (re.compile(rf"{_NOT_GONE}cli-ban-(?P<r>{_NAME}?)-on-(?P<n>{_NAME})"), "ban of {r} from {n}"),
    (re.compile(rf"{_NOT_GONE}cli-(?:prefer|standby)-(?P<r>{_NAME})"), "move of {r}"),
    (re.compile(rf"{_GONE}.*?cli-ban-(?P<r>{_NAME}?)-on-(?P<n>{_NAME})"), "ban of {r} from {n} cleared"),
    (re.compile(rf"{_GONE}.*?cli-(?:prefer|standby)-(?P<r>{_NAME})"), "move of {r} cleared"),
    (re.compile(rf"\bticket_state\.(?P<v>{_NAME})"), "change of ticket {v}"),
    *(
        (re.compile(_set_to(name)), f"{name}={{v}}")
        for name in ("maintenance-mode", "stop-all-resources", "standby", "maintenance", "target-role", "is-managed")
    ),
)

#: Settings people turn on and off, in their own words; any other value stands as it is.
_PHRASES = {
    "maintenance-mode=true": "maintenance mode on",
    "maintenance-mode=false": "maintenance mode off",
    "stop-all-resources=true": "stop of all resources",
    "stop-all-resources=false": "end of the stop of all resources",
    "maintenance=true": "maintenance",
    "maintenance=on": "maintenance",
    "maintenance=false": "end of maintenance",
    "maintenance=off": "end of maintenance",
    "standby=on": "standby",
    "standby=true": "standby",
    "standby=off": "end of standby",
    "standby=false": "end of standby",
    "target-role=Stopped": "stop",
    "target-role=Started": "start",
    "is-managed=false": "unmanaged",
    "is-managed=true": "managed again",
}


#: The words for an orderly stop.
STOP_NODE = "orderly stop of Pacemaker"


class Command(Struct, frozen=True):
    """`what` was done, in words, to `node` or `resource`, else where it was given; `events`: its lines."""

    time: datetime
    node: str | None
    resource: str | None
    events: tuple[int, ...]
    what: str
    stops_node: bool


class _Act(Struct, frozen=True):
    """One line of a command."""

    time: datetime
    event: int
    what: str
    text: str
    node: str | None = None
    resource: str | None = None
    origin: str | None = None


def commands(timeline: Timeline, config: ClusterConfig) -> Iterator[Command]:
    """Every command, whatever number of lines and nodes tells it."""
    for acts in (_edits(timeline, config), _cleanups(timeline), _attributes(timeline)):
        yield from _grouped(acts, config)
    yield from _orderly_stops(timeline, config)


def _orderly_stops(timeline: Timeline, config: ClusterConfig) -> Iterator[Command]:
    """One for each stop of a node, from the request to the leave, however long its resources take to stop."""
    stops: dict[str | None, list[_Act]] = {}
    for act in sorted(_stops(timeline), key=lambda act: (act.time, act.event)):
        group = stops.setdefault(act.node, [])
        if group and (
            act.time - group[0].time > escalation(config)
            or begins_between(timeline, act.node, group[-1].time, act.time)
        ):
            yield _one(group, config)
            group.clear()
        group.append(act)
    for group in stops.values():
        yield _one(group, config)


def _grouped(acts: Iterable[_Act], config: ClusterConfig) -> Iterator[Command]:
    group: list[_Act] = []
    for act in sorted(acts, key=lambda act: (act.time, act.event)):
        if group and act.time - group[-1].time > _ONE_COMMAND:
            yield _one(group, config)
            group = []
        group.append(act)
    if group:
        yield _one(group, config)


def _one(group: list[_Act], config: ClusterConfig) -> Command:
    """The command that lines amount to."""
    resource = next((act.resource for act in group if act.resource and not is_stonith(config, act.resource)), None)
    node = next((act.node for act in group if act.node), None)
    origin = next((act.origin for act in group if act.origin), None)
    what, named = _word(group)
    return Command(
        time=group[0].time,
        node=node or origin,
        resource=resource or named,
        events=tuple(act.event for act in group)[:MOST_LINES],
        what=_sentence(what, node, resource),
        stops_node=what == STOP_NODE,
    )


def _word(group: list[_Act]) -> tuple[str, str | None]:
    """(what was done, resource it names)"""
    for pattern, words in _WORDS:
        for act in group:
            found = pattern.search(act.text)
            if found:
                groups = found.groupdict()
                value = groups.get("v") or groups.get("w") or groups.get("x") or ""
                return words.format(r=groups.get("r"), n=groups.get("n"), v=value), groups.get("r")
    return group[0].what, None


def _sentence(what: str, node: str | None, resource: str | None) -> str:
    about = resource or node
    phrase = _PHRASES.get(what, what)
    place = "on" if resource is None and phrase in (what, STOP_NODE) else "of"
    return f"{phrase} {place} {about}" if about and about not in phrase else phrase


def _edits(timeline: Timeline, config: ClusterConfig) -> list[_Act]:
    """Edits by tools. What the controller writes on its own (versions, node entries) is none."""
    aborted = [
        event
        for event in timeline.rows.where(Kind.TE_ABORT, pl.col("reason").str.to_lowercase().is_in(_EDITED))
        if not _is_own(event)
    ]
    aborted += _tickets(timeline)
    changed = timeline.rows.times(Kind.CIB_CONFIG_CHANGE)
    moments = sorted([*(event.time for event in aborted), *changed])
    acts = [_edit(event, event.message, config) for event in aborted]
    changes = timeline.rows.get(Kind.CIB_CONFIG_CHANGE)
    switched = sorted(event.time for event in changes if event.attribute in _SWITCHES or _turns_switch(event.path))
    kept = _kept(timeline)
    for event in timeline.rows.get(Kind.CIB_DONE):
        origin, _, rest = (event.origin or "").partition("/")
        client = rest.split("/")[0] or (event.client or "")
        section = (event.section or "").strip("'")
        about = client == "crm_ticket" or section not in ("status", "nodes")
        # agents keep attributes of their own there by crm_attribute; only people turn these switches
        about = about or (section == "nodes" and _near(switched, event.time))
        # a request that changed nothing is no command
        if client == "crm_attribute" and _near(kept, event.time):
            continue
        if client.startswith(_TOOLS) and about and _near(moments, event.time):
            act = _edit(event, event.message, config)
            acts.append(_Act(act.time, act.event, act.what, act.text, act.node, act.resource, origin or None))
    edits = sorted(act.time for act in acts)
    epochs = {event.version.split(".")[1] for event in timeline.rows.get(Kind.CIB_DONE) if _is_version(event.version)}
    return acts + [
        _edit(event, event.message, config)
        for event, epoch in _changes(timeline)
        if _near(edits, event.time) and not _is_own(event) and (not epochs or epoch is None or epoch in epochs)
    ]


def _changes(timeline: Timeline) -> Iterator[tuple[Event, str | None]]:
    """Lines of what changed in the CIB, with the epoch it then had: each node tells it first (`+ /cib: @epoch=2`)."""
    epoch: dict[str, str] = {}
    for event in timeline.rows.get(Kind.CIB_CONFIG_CHANGE):
        if event.version is not None and event.version.isdigit():
            epoch[event.node] = event.version
        yield event, epoch.get(event.node)


def _turns_switch(path: str | None) -> bool:
    """Whether a path leads to a node's attribute that is one of the switches: `.../nvpair[@id='nodes-1-standby']`."""
    return path is not None and "/nodes/node[" in path and path.endswith(tuple(f"-{name}']" for name in _SWITCHES))


def _is_version(version: str | None) -> TypeGuard[str]:
    return version is not None and version.count(".") == 2


def _is_own(event: Event) -> bool:
    """Whether a change of the configuration is the cluster's: a new DC's options, or a promotion score or another
    attribute that agents keep, for good where they are told to.
    """
    if any(own in event.message for own in _OWN_PROPERTIES) or _is_kept(event):
        return True
    return (event.attribute or "").startswith("master-") or _SCORE.search(event.path or event.message) is not None


def _is_kept(event: Event) -> bool:
    """Whether an agent keeps for itself what was changed."""
    if _KEPT_NAME.match(event.attribute or ""):
        return True
    return _KEPT_SET.search(event.path or "") is not None or _KEPT_SET.search(event.message) is not None


def _kept(timeline: Timeline) -> list[datetime]:
    """When agents changed what they keep."""
    aborted = timeline.rows.where(Kind.TE_ABORT, pl.col("reason").str.to_lowercase().is_in(_EDITED))
    changed = timeline.rows.get(Kind.CIB_CONFIG_CHANGE)
    return sorted(event.time for event in (*aborted, *changed) if _is_kept(event))


def _tickets(timeline: Timeline) -> Iterator[Event]:
    """Tickets granted, revoked or put on standby, by crm_ticket or by booth, which uses it. Booth also renews a ticket
    every few minutes, after which nothing is to be done.
    """
    for event in timeline.rows.where(Kind.TE_ABORT, pl.col("reason").str.to_lowercase() == _TICKET):
        plan = timeline.plan_after(event.time)
        planned = plan.actions if plan is not None else ()
        if any(action.verb != "Leave" and not action.blocked for action in planned):
            yield event


def _near(moments: list[datetime], time: datetime) -> bool:
    """Whether one of `moments`, in order, is within the time of one command."""
    first = bisect_left(moments, time - _ONE_COMMAND)
    return first < len(moments) and moments[first] <= time + _ONE_COMMAND


def _edit(event: Event, text: str, config: ClusterConfig) -> _Act:
    path = event.path or event.section or ""
    node = _node_in(path, config)
    return _Act(event.time, event.event, "configuration change", text, node, _resource_in(path))


def _cleanups(timeline: Timeline) -> Iterator[_Act]:
    """Histories or fail counts that somebody removed. Failures that expired or changed definition are no command."""
    for event in timeline.rows.get(Kind.RESOURCE_REFRESHED, []):
        yield _Act(event.time, event.event, "cleanup", "", event.target, event.resource, event.node)
    for event in timeline.rows.get(Kind.FAILCOUNT_SET, []):
        gone = (event.value or "").strip("()").lower() in ("unset", "null", "")
        if gone and not _cleared_by_cluster(timeline, event):
            yield _Act(event.time, event.event, "cleanup", "", event.target, event.resource, None)


def _cleared_by_cluster(timeline: Timeline, event: Event) -> bool:
    """Expiry and changed parameters clear failures too, and say so; a node that leaves takes its counts along."""
    near = timedelta(seconds=5)
    if any(
        other.resource == event.resource
        for other in timeline.between(Kind.FAILURE_CLEARED, event.time - near, event.time + near)
    ):
        return True
    return any(loss.node == event.target and abs(loss.time - event.time) < near for loss in timeline.losses)


def _stops(timeline: Timeline) -> Iterator[_Act]:
    for event in timeline.rows.get(Kind.ATTR_SHUTDOWN, []):
        if event.target is not None and is_request(event, event.target):
            yield _Act(event.time, event.event, STOP_NODE, "", event.target)
    for event in timeline.rows.get(Kind.SHUTDOWN_REQUESTED, []):
        if not ends_itself(timeline, event):
            yield _Act(event.time, event.event, STOP_NODE, "", event.node)
    orderly = timeline.membership.filter(pl.col("orderly").fill_null(value=False))
    if timeline.coverage.excerpt:  # all that is at hand of a request may be that the scheduler follows it
        told = {event.target for event in timeline.rows.get(Kind.ATTR_SHUTDOWN, [])} | set(orderly["target"])
        told |= {event.node for event in timeline.rows.get(Kind.SHUTDOWN_REQUESTED, [])}
        for event in timeline.rows.get(Kind.SCHED_SHUTDOWN, []):
            if event.target not in told:
                told.add(event.target)
                yield _Act(event.time, event.event, STOP_NODE, "", event.target)
    for time, number, node in orderly.select("time", "event", "target").iter_rows():
        yield _Act(time, number, STOP_NODE, "", node)


def _attributes(timeline: Timeline) -> Iterator[_Act]:
    switches = pl.col("attribute").is_in([*_SWITCHES, "terminate"])
    for event in timeline.rows.where(Kind.ATTR_SET, switches):
        yield _Act(event.time, event.event, f"{event.attribute}={event.value}", "", event.target)


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
