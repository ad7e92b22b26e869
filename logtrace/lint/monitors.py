"""Monitors: absent, absent for a role, too rare, or ignored because their interval is taken."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

from logtrace.config import commands
from logtrace.config.model import Op, Primitive
from logtrace.config.query import is_promotable, monitor_interval, op_timeout
from logtrace.config.services import ADDRESSES
from logtrace.domain.values import whole
from logtrace.lint.check import Look, Source, check, rounded_up, said
from logtrace.lint.finding import Finding
from logtrace.lint.timeouts import advertised

#: A dead service goes unnoticed for half an interval on average; beyond this one that is most of an outage, in seconds.
LONGEST: Final = 30.0
ADVISED: Final = "10s"
#: The interval that Pacemaker advertises for systemd units, and pcs takes when none is given, in seconds.
SYSTEMD: Final = 60.0
#: Longer intervals that an agent's meta-data or its vendor's guide asks for, in seconds, by type of agent: checks that
#: cost the service much (SAPHanaSR, resource-agents 4.16; guides of SUSE, Red Hat, Azure, AWS).
_ADVISED_INTERVALS: Final[dict[str, float]] = {
    "NodeUtilization": 60,
    "SAPDatabase": 121,
    "SAPHana": 121,
    "SAPHanaController": 121,
    "SAPHanaFilesystem": 120,
    "SAPHanaTopology": 60,
    "SAPInstance": 121,
    "aws-vpc-move-ip": 60,
    "docker-compose": 60,
    "dovecot": 60,
    "iscsi": 120,
    "mysql-proxy": 60,
    "nginx": 60,
    "openstack-cinder-volume": 60,
    "openstack-floating-ip": 60,
    "openstack-virtual-ip": 60,
    "oracle": 120,
    "postfix": 60,
    "proftpd": 60,
    "rsyncd": 60,
    "symlink": 60,
    "vmware": 300,
}
#: The interval of the address of a HANA database in SUSE's guides, in seconds.
HANA_ADDRESS: Final = 60.0
#: Agents that need no monitor: the SAP guides configure SAPStartSrv without one, and sbd watches its disks itself.
_WATCHED_OTHERWISE: Final = frozenset({"SAPStartSrv", "external/sbd", "fence_sbd"})


@check(
    "monitor-absent",
    "warning",
    Source.CIB,
    line="A resource has no recurring monitor.",
    means="""
        Pacemaker starts it and never looks again: a death is noticed by users, or by accident when something
        else has it probed. A probe at start is no substitute.
    """,
    proves="No operation monitor with an interval above zero that is enabled, of its own or from a template.",
    disproves="""
        Fence devices work without, but a dead one then shows when it is needed. An agent that does nothing
        needs none.
    """,
    fix="Add a monitor every ten seconds, or what the service bears, with a timeout it keeps on a bad day.",
)
def absent(look: Look) -> Iterator[Finding]:
    """No recurring monitor: a death is never noticed."""
    for primitive in look.config.primitives.values():
        told = primitive.klass and primitive.configured and not _unread(primitive)
        if not told or primitive.type in _WATCHED_OTHERWISE:
            continue
        if monitor_interval(look.config, primitive.id) is not None:
            continue
        if primitive.klass == "stonith":
            yield look.finding(
                primitive.id,
                "Nothing checks this fence device; that it is dead would show when a node has to be fenced.",
                commands.operation(look.config, primitive, None, "monitor", interval="1h", timeout="60s"),
            )
        else:
            yield look.finding(
                primitive.id,
                "It has no recurring monitor, so its death would never be noticed.",
                commands.operation(
                    look.config, primitive, None, "monitor", interval=ADVISED, timeout=_timeout(look, primitive)
                ),
                severity="error",
            )


@check(
    "monitor-role-absent",
    "warning",
    Source.CIB,
    line="Nobody looks after the promoted copy.",
    means="""
        A plain monitor covers unpromoted copies. A primary that fails as primary, or lost its role, goes
        unnoticed.
    """,
    proves="The resource is promotable and no recurring monitor has the role Promoted (Master in older releases).",
    disproves="If it is never promoted, nothing is missing.",
    fix="Add a second monitor for that role with an interval of its own; equal intervals collide.",
)
def role_absent(look: Look) -> Iterator[Finding]:
    """A promotable service whose promoted copy nobody looks after: a plain monitor covers the unpromoted ones."""
    for primitive in look.services:
        if not is_promotable(look.config, primitive.id) or monitor_interval(look.config, primitive.id) is None:
            continue
        if monitor_interval(look.config, primitive.id, "Promoted") is None:
            taken = {commands.duration(op.interval) for op in primitive.ops if op.name == "monitor"}
            free = next(f"{seconds}s" for seconds in range(9, 90, 2) if f"{seconds}s" not in taken)
            old = any((op.role or "") in ("Master", "Slave") for op in primitive.ops) or _before_promoted(look)
            role, timeout = "Master" if old else "Promoted", _timeout(look, primitive)
            yield look.finding(
                primitive.id,
                "It has no monitor for the promoted role, so a promoted copy that fails as such goes unnoticed.",
                commands.operation(look.config, primitive, None, "monitor", interval=free, timeout=timeout, role=role),
            )


@check(
    "monitor-duplicate",
    "error",
    Source.CIB,
    line="Two monitors of one resource have the same interval.",
    means="""
        Operations are told apart by name and interval, so one of the two is never run, often the one of the
        other role.
    """,
    proves="Two enabled monitors of one resource with one interval.",
    disproves="Nothing; the scheduler reports it as an error too.",
    fix="Give one of them an interval that differs, by a second if need be.",
)
def duplicate(look: Look) -> Iterator[Finding]:
    """Two monitors of one interval have the same operation key; the scheduler drops the second (is_op_dup)."""
    for primitive in look.config.primitives.values():
        counted = Counter(op.interval for op in primitive.ops if op.name == "monitor" and op.interval and op.enabled)
        for interval, count in counted.items():
            if count > 1:
                yield look.finding(
                    primitive.id,
                    f"{count} of its monitors run every {said(interval)}; only one of them is used, for monitors are "
                    "told apart by their interval.",
                    commands.show(primitive.id),
                )


@check(
    "monitor-slow",
    "warning",
    Source.CIB,
    line="A resource is monitored rarely.",
    means="A death is found after half the interval on average and after all of it at worst; that is outage.",
    proves="""
        Its most frequent monitor runs less often than every 30 seconds, and less often than its agent's own
        meta-data or the vendor's guide says.
    """,
    disproves="""
        A check that costs the service much may have to be rare. For a fence device an hour is fine. A minute is what
        Pacemaker advertises for systemd units: there it is only noted.
    """,
    fix="""
        Shorten the interval to about ten seconds, with a timeout that bears load; add a deep check at a longer
        interval.
    """,
)
def slow(look: Look) -> Iterator[Finding]:
    """The most frequent monitor is a rare one."""
    beside_hana = any(one.type.startswith("SAPHana") for one in look.services)
    for primitive in look.services:
        interval = monitor_interval(look.config, primitive.id)
        if interval is not None and interval > max(LONGEST, _prescribed(primitive, beside_hana=beside_hana)):
            timeout = op_timeout(look.config, primitive.id, "monitor", interval) or 20.0
            yield look.finding(
                primitive.id,
                f"It is monitored every {said(interval)}: its death goes unnoticed for {said(interval / 2)} on average "
                f"and {said(interval + timeout)} at worst.",
                commands.operation(look.config, primitive, _often(primitive), "monitor", interval=ADVISED),
                severity="info" if primitive.klass == "systemd" and interval <= SYSTEMD else None,
            )


@check(
    "interval-unreadable",
    "error",
    Source.CIB,
    line="The interval of a monitor is none that Pacemaker can read.",
    means="""
        Pacemaker takes an interval it cannot read for 0, with a warning in the log: the monitor is never
        repeated, and a death goes unnoticed.
    """,
    proves="An interval that is neither a number with a unit (10s, 2min, 500ms) nor an ISO 8601 duration (PT30S).",
    disproves="Nothing; clock times such as 0:0:30 look right and are not read.",
    fix="Write the interval as a number of seconds.",
)
def interval_unread(look: Look) -> Iterator[Finding]:
    """An interval in words that pcmk_parse_interval_spec refuses."""
    for primitive in look.config.primitives.values():
        if (op := _unread(primitive)) is not None:
            often = monitor_interval(look.config, primitive.id)
            yield look.finding(
                primitive.id,
                f"The interval {op.unread!r} of its monitor is none that Pacemaker can read: it counts as 0, "
                + ("and that monitor is never repeated." if often else "so that it is never monitored."),
                commands.operation(look.config, primitive, op, "monitor", interval=ADVISED),
            )


def _prescribed(primitive: Primitive, *, beside_hana: bool) -> float:
    """The interval that the agent's meta-data or the vendor's guide gives it, in seconds; 0 where none is known."""
    address = HANA_ADDRESS if beside_hana and primitive.type.lower() in ADDRESSES else 0.0
    return max(_ADVISED_INTERVALS.get(primitive.type, 0.0), address)


def _unread(primitive: Primitive) -> Op | None:
    return next((op for op in primitive.ops if op.name == "monitor" and op.unread), None)


def _often(primitive: Primitive) -> Op | None:
    recurring = (op for op in primitive.ops if op.name == "monitor" and op.interval and op.enabled)
    return min(recurring, key=lambda op: op.interval, default=None)


def _timeout(look: Look, primitive: Primitive) -> str:
    least = advertised(primitive, "monitor") or 20.0
    return rounded_up(max(least, op_timeout(look.config, primitive.id, "monitor") or 0.0))


def _before_promoted(look: Look) -> bool:
    """Releases before 2.1 know the role only as Master."""
    release = (look.config.pacemaker or "").split("-")[0].split(".")
    numbers = [number for part in release[:2] if (number := whole(part)) is not None]
    return len(numbers) == 2 and numbers < [2, 1]
