"""The timeouts that common agents advertise as their minimum (the actions of their own meta-data), in seconds.

Facts of resource-agents 4.12 and Pacemaker 2.1; where releases differ, this is the lower one. Agents of other origin
are not known, and nothing is said about them.
"""

from __future__ import annotations

from typing import Final

from logtrace.config.model import Primitive

#: In the order of the table's columns.
OPERATIONS: Final = ("start", "stop", "monitor", "promote", "demote")

_Row = tuple[int, ...]

_TABLE: Final[dict[str, _Row]] = {
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


def advertised(primitive: Primitive, operation: str) -> float | None:
    """The minimum in seconds that the agent of `primitive` asks for `operation`; None where it is not known."""
    row = _TABLE.get(f"{primitive.provider}:{primitive.type}", ()) if primitive.klass == "ocf" else ()
    position = OPERATIONS.index(operation) if operation in OPERATIONS else len(row)
    return float(row[position]) if position < len(row) else None
