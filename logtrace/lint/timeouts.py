"""Timeouts of operations against what was seen and against what the agent asks for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from logtrace.config import commands
from logtrace.config.model import ClusterConfig, Op, Primitive
from logtrace.config.query import base_name, op_timeout
from logtrace.lint.check import Look, Source, check, rounded_up, said
from logtrace.lint.finding import Finding

#: An operation that has used this share of its timeout when all was well will overrun it when all is not.
TIGHT: Final = 0.7
#: Recurring monitors are left out: a good one is not logged, and a hung one says nothing about the timeout it needs.
_ONE_SHOT: Final = ("start", "stop", "promote", "demote", "migrate_to", "migrate_from")


#: In the order of the table's columns.
OPERATIONS: Final = ("start", "stop", "monitor", "promote", "demote")

#: The timeouts that common agents advertise as their minimum (the actions of their own meta-data), in seconds: facts of
#: resource-agents 4.12 and Pacemaker 2.1; where releases differ, the lower one. Agents of other origin are not known.
_ADVERTISED: Final[dict[str, tuple[int, ...]]] = {
    "heartbeat:CTDB": (90, 100, 20),
    "heartbeat:Filesystem": (60, 60, 40),
    "heartbeat:IPaddr": (20, 20, 20),
    "heartbeat:IPaddr2": (20, 20, 20),
    "heartbeat:LVM": (30, 30, 30),
    "heartbeat:LVM-activate": (90, 90, 90),
    "heartbeat:Raid1": (20, 20, 20),
    "heartbeat:SAPDatabase": (1800, 1800, 60),
    "heartbeat:SAPInstance": (180, 240, 60, 320, 320),
    "heartbeat:VirtualDomain": (90, 90, 30),
    "heartbeat:Xen": (60, 40, 30),
    "heartbeat:apache": (40, 60, 20),
    "heartbeat:aws-vpc-move-ip": (180, 180, 30),
    "heartbeat:awseip": (30, 30, 30),
    "heartbeat:azure-lb": (20, 20, 20),
    "heartbeat:clvm": (90, 90, 90),
    "heartbeat:conntrackd": (30, 30, 20, 30, 30),
    "heartbeat:db2": (120, 120, 60, 120, 120),
    "heartbeat:dhcpd": (20, 20, 20),
    "heartbeat:docker": (90, 90, 30),
    "heartbeat:exportfs": (40, 120, 20),
    "heartbeat:galera": (120, 120, 30, 300, 120),
    "heartbeat:iSCSILogicalUnit": (10, 10, 10),
    "heartbeat:iSCSITarget": (10, 10, 10),
    "heartbeat:lvmlockd": (90, 90, 90),
    "heartbeat:mariadb": (120, 120, 30, 120, 120),
    "heartbeat:mysql": (120, 120, 30, 120, 120),
    "heartbeat:named": (60, 60, 30),
    "heartbeat:nfsserver": (40, 20, 20),
    "heartbeat:nginx": (40, 60, 30),
    "heartbeat:openstack-cinder-volume": (180, 180, 180),
    "heartbeat:openstack-floating-ip": (180, 180, 180),
    "heartbeat:openstack-virtual-ip": (180, 180, 180),
    "heartbeat:oracle": (120, 120, 30),
    "heartbeat:oralsnr": (120, 120, 30),
    "heartbeat:pgsql": (120, 120, 30, 120, 120),
    "heartbeat:podman": (90, 90, 30),
    "heartbeat:postfix": (20, 20, 20),
    "heartbeat:rabbitmq-cluster": (100, 90, 40),
    "heartbeat:redis": (120, 120, 60, 120, 120),
    "heartbeat:slapd": (20, 20, 20),
    "heartbeat:squid": (60, 120, 30),
    "heartbeat:tomcat": (60, 120, 30),
    "pacemaker:controld": (90, 100, 20),
    "pacemaker:o2cb": (90, 100, 20),
    "pacemaker:ping": (60, 20, 60),
    "pacemaker:remote": (60, 60, 30),
}


@dataclass(slots=True)
class _Seen:
    longest: float = 0.0
    node: str = ""
    event: int | None = None
    overran: int = 0
    overran_event: int | None = None


@check(
    "timeout-below-seen",
    "warning",
    Source.CIB,
    line="An operation takes nearly as long as it may, or longer.",
    means="""
        What took most of its time on a good day overruns it on a bad one: a start then bans the resource from
        the node, a stop has the node fenced.
    """,
    proves="A run in the logs, or remembered in the CIB, that used 70 % of the timeout in force, or was ended by it.",
    disproves="A run that hung would have overrun any timeout. A single slow run after a crash may stay the only one.",
    fix="""
        Set the timeout to twice the longest honest run; it costs nothing while all is well. Then see why it is
        slow.
    """,
)
def below_seen(look: Look) -> Iterator[Finding]:
    """Runs that took nearly as long as they may, or longer."""
    for (resource, name), seen in sorted(_seen(look).items()):
        timeout = op_timeout(look.config, resource, name)
        primitive = look.config.primitives.get(resource)
        if timeout is None or primitive is None:
            continue
        if seen.overran:
            told, severity = _overran(seen, name, timeout), "warning"
        elif seen.longest >= timeout * TIGHT:
            told = f"Its {name} took {said(seen.longest)} on {seen.node}; it may take {said(timeout)}."
            severity = "error" if seen.longest >= timeout else "warning"
        else:
            continue
        wanted = max(2 * max(seen.longest, timeout if seen.overran else 0.0), advertised(primitive, name) or 0.0)
        events = [event for event in (seen.overran_event, seen.event) if event is not None]
        yield look.finding(
            resource,
            told,
            _change(look.config, primitive, name, rounded_up(wanted)),
            severity="error" if severity == "error" else "warning",
            events=events,
        )


@check(
    "timeout-below-advertised",
    "warning",
    Source.CIB,
    line="A timeout is below what the agent asks for.",
    means="The authors of the agent know how long it may honestly take. Below that, load alone makes it fail.",
    proves="The timeout in force, set or by default 20 seconds, is below the minimum in the agent's meta-data.",
    disproves="Agents of other origin are not known here. A service that is always quick may do with less.",
    fix="Take the advertised value at least; both shells can fill it in when a resource is made.",
)
def below_advertised(look: Look) -> Iterator[Finding]:
    """Timeouts below the agent's own minimum, all of a resource in one finding."""
    for primitive in look.services:
        short: list[tuple[str, float, float]] = []
        for name in OPERATIONS:
            least = advertised(primitive, name)
            timeout = op_timeout(look.config, primitive.id, name)
            if least is None or timeout is None or timeout >= least:
                continue
            if name in ("promote", "demote") and not any(op.name == name for op in primitive.ops):
                continue
            short.append((name, timeout, least))
        if short:
            told = ", ".join(f"{name} {said(timeout)} (at least {said(least)})" for name, timeout, least in short)
            yield look.finding(
                primitive.id,
                f"Timeouts below what {primitive.agent} asks for: {told}.",
                commands.joined(
                    *(_change(look.config, primitive, name, commands.duration(least)) for name, _, least in short)
                ),
                severity="warning" if any(timeout * 2 < least for _, timeout, least in short) else "info",
            )


def _overran(seen: _Seen, name: str, timeout: float) -> str:
    often = "once" if seen.overran == 1 else f"{seen.overran} times"
    return f"Its {name} ran into its timeout of {said(timeout)} {often}; how long it needs is not known."


def _change(config: ClusterConfig, primitive: Primitive, name: str, timeout: str) -> commands.Commands:
    configured = [op for op in primitive.ops if op.name == name]
    if not configured and name == "monitor":
        return {}  # what is missing there is the monitor
    return commands.operation(config, primitive, min(configured, key=_often, default=None), name, timeout=timeout)


def _often(op: Op) -> float:
    return op.interval or float("inf")


def _seen(look: Look) -> dict[tuple[str, str], _Seen]:
    """(resource, operation) -> the longest run that ended by itself, and how many overran their timeout."""
    found: dict[tuple[str, str], _Seen] = {}
    for run in look.timeline.runs:
        if run.operation not in _ONE_SHOT:
            continue
        seen = found.setdefault((base_name(run.resource), run.operation), _Seen())
        if run.timed_out:
            seen.overran += 1
            seen.overran_event = run.event
        elif run.seconds > seen.longest:
            seen.longest, seen.node, seen.event = run.seconds, run.node, run.event
    for entry in look.history:
        if entry.operation in _ONE_SHOT and entry.exec_time and entry.status in (0, None):
            seen = found.setdefault((base_name(entry.resource), entry.operation), _Seen())
            if entry.exec_time > seen.longest:
                seen.longest, seen.node, seen.event = entry.exec_time, entry.node, None
    return found


def advertised(primitive: Primitive, operation: str) -> float | None:
    """The minimum in seconds that the agent of `primitive` asks for `operation`; None where it is not known."""
    row = _ADVERTISED.get(f"{primitive.provider}:{primitive.type}", ()) if primitive.klass == "ocf" else ()
    position = OPERATIONS.index(operation) if operation in OPERATIONS else len(row)
    return float(row[position]) if position < len(row) else None
