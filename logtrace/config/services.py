"""What is known of services by their agents or units: whether several copies may run, and whether others need them.

A service is known by the type of its agent (`ocf:openstack:nova-api`, `lsb:openstack-nova-api`, `systemd:nova-api`),
never by the id somebody gave the resource.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

from msgspec import Struct

from logtrace.config.model import ClusterConfig
from logtrace.config.query import primitive_of


class Runs(StrEnum):
    """How copies of a service may run."""

    ANYWHERE = "active/active"  # any number of copies, behind an address or a queue
    EACH_NODE = "one on each node"  # a copy serves the node it is on
    CLUSTERED = "as a cluster of its own"  # copies, but they must know each other: promotable clone or own clustering
    IF = "active/active under a condition"
    ONCE = "active/passive"  # a second copy does harm, or nothing


class Service(Struct, frozen=True):
    """`names`: agent types and units without `openstack-`; `base`: others of a stack need it before they start."""

    names: tuple[str, ...]
    runs: Runs
    note: str = ""
    base: bool = False


#: Agents that only direct clients to a service that runs elsewhere.
ADDRESSES: Final = frozenset({
    "ipaddr", "ipaddr2", "ipv6addr", "ipsrcaddr", "sendarp", "route", "portblock", "nova-floatip", "neutron-floatip",
    "azure-lb", "nc", "ipnetwork", "ocivip", "awsvip", "awseip", "aws-vpc-move-ip", "aws-vpc-route53",
    "gcp-vpc-move-ip", "gcp-vpc-move-route",
    "gcp-vpc-move-vip", "vipip", "virtualip", "dynamic-address",
})  # fmt: skip

_API = "stateless: any number of copies behind an address"
_QUEUE = "takes its work from the message queue: copies share it"
_COORDINATED = "several copies need a coordination backend (tooz); without one they do the same work twice"

SERVICES: Final[tuple[Service, ...]] = (
    Service(tuple(ADDRESSES), Runs.ONCE, "an address is on one node at a time", base=True),
    Service(("filesystem", "lvm", "lvm-activate", "drbd", "zfs", "raid1", "mdraid", "iscsi", "iscsitarget",
             "iscsilogicalunit", "exportfs", "nfsserver", "clvm", "lvmlockd"),
            Runs.ONCE, "two nodes that write to one volume destroy it", base=True),
    Service(("galera", "mariadb-galera"), Runs.CLUSTERED,
            "Galera runs on all nodes as a promotable clone (ocf:heartbeat:galera), addressed on one", base=True),
    Service(("mysql", "mysqld", "mariadb", "pgsql", "postgresql", "redis", "redis-server", "mongodb", "mongod"),
            Runs.CLUSTERED, "with replication a promotable clone keeps a warm copy; without it, once only", base=True),
    Service(("rabbitmq", "rabbitmq-server", "rabbitmq-cluster", "rabbitmq-server-ha"), Runs.CLUSTERED,
            "RabbitMQ clusters by itself: a clone of ocf:heartbeat:rabbitmq-cluster", base=True),
    Service(("memcached",), Runs.EACH_NODE, "one on each controller, all of them listed in the services' settings"),
    Service(("haproxy", "nginx", "traefik"), Runs.ANYWHERE,
            "a copy on each node, with net.ipv4.ip_nonlocal_bind=1 so that it can listen before the address is there"),
    Service(("apache", "apache2", "httpd"), Runs.ANYWHERE, "a copy on each node behind an address"),
    Service(("keystone", "keystone-all"), Runs.ANYWHERE, f"{_API}; Fernet keys must be the same on all"),
    Service(("horizon", "dashboard"), Runs.ANYWHERE, f"{_API}; sessions must be in memcached or the database"),
    Service(("glance-api", "glance-registry"), Runs.ANYWHERE, f"{_API}; images must be in a store all copies reach"),
    Service(("nova-api", "nova-api-metadata", "nova-api-os-compute", "nova-api-ec2", "nova-metadata", "nova-placement",
             "nova-placement-api", "placement-api", "placement", "nova-novncproxy", "nova-xvpvncproxy",
             "nova-spicehtml5proxy", "nova-serialproxy", "nova-vncproxy", "nova-objectstore", "nova-cert"),
            Runs.ANYWHERE, _API),
    Service(("nova-conductor", "nova-scheduler", "novascheduler", "novaconductor"), Runs.ANYWHERE, _QUEUE),
    Service(("nova-consoleauth", "nova-console"), Runs.IF,
            "its console tokens must be in memcached, else a token is known to one copy only"),
    Service(("nova-compute", "nova-compute-wait", "novaevacuate", "nova-network"), Runs.ONCE,
            "it belongs to its hypervisor, or may exist once"),
    Service(("neutron-server", "quantum-server"), Runs.ANYWHERE, _API),
    Service(("neutron-dhcp-agent", "quantum-dhcp-agent", "neutron-agent-dhcp", "quantum-agent-dhcp"), Runs.IF,
            "several agents serve one network with dhcp_agents_per_network of 2 or more"),
    Service(("neutron-l3-agent", "quantum-l3-agent", "neutron-agent-l3", "quantum-agent-l3"), Runs.IF,
            "routers live on one agent unless l3_ha (VRRP) or DVR is on; else a second copy takes over nothing"),
    Service(("neutron-metadata-agent", "quantum-metadata-agent", "neutron-ns-metadata-proxy", "neutron-ovs-agent",
             "neutron-openvswitch-agent", "quantum-openvswitch-agent", "quantum-plugin-openvswitch-agent",
             "neutron-linuxbridge-agent", "quantum-linuxbridge-agent", "neutron-ovs-cleanup", "neutron-netns-cleanup",
             "neutron-plugin-openvswitch-agent", "openvswitch", "openvswitch-switch", "ovn-controller"),
            Runs.EACH_NODE, "it serves the node it is on; the copies know nothing of each other"),
    Service(("neutron-lbaas-agent", "neutron-vpn-agent", "neutron-metering-agent"), Runs.ONCE,
            "its load balancers live on one agent and do not move by themselves"),
    Service(("ovndb-servers", "ovndb", "ovn-central"), Runs.CLUSTERED, "a promotable clone (ocf:ovn:ovndb-servers)",
            base=True),
    Service(("cinder-api",), Runs.ANYWHERE, _API),
    Service(("cinder-scheduler",), Runs.ANYWHERE, _QUEUE),
    Service(("cinder-volume",), Runs.ONCE,
            "two copies with the same host= race for the same volumes; only a backend with cluster= and a coordination "
            "backend may run twice"),
    Service(("cinder-backup",), Runs.IF, "a job stays with the copy that began it; a copy that dies loses its jobs"),
    Service(("heat-api", "heat-api-cfn", "heat-api-cloudwatch"), Runs.ANYWHERE, _API),
    Service(("heat-engine",), Runs.IF, "several engines since Juno; before, a stack is locked to one"),
    Service(("ceilometer-api", "ceilometer-collector", "ceilometer-agent-notification", "ceilometer-notification",
             "aodh-api", "aodh-listener", "aodh-notifier", "gnocchi-api", "panko-api"), Runs.ANYWHERE, _QUEUE),
    Service(("ceilometer-central", "ceilometer-agent-central", "ceilometer-alarm-evaluator", "aodh-evaluator",
             "gnocchi-metricd", "designate-producer", "designate-pool-manager", "designate-zone-manager"),
            Runs.IF, _COORDINATED),
    Service(("designate-api", "designate-central", "designate-mdns", "designate-worker", "octavia-api",
             "octavia-worker",
             "octavia-health-manager", "octavia-housekeeping", "manila-api", "manila-scheduler", "magnum-api",
             "magnum-conductor", "sahara-api", "sahara-engine", "trove-api", "trove-conductor", "trove-taskmanager",
             "ironic-api", "ironic-conductor", "barbican-api", "barbican-worker", "swift-proxy", "mistral-api",
             "mistral-engine", "zaqar", "watcher-api", "murano-api", "murano-engine"), Runs.ANYWHERE, _QUEUE),
    Service(("manila-share", "watcher-decision-engine"), Runs.ONCE, "two copies would manage the same shares"),
)  # fmt: skip

_BY_NAME: Final = {name: service for service in SERVICES for name in service.names}
_AFFIX: Final = re.compile(r"^openstack-|(?:-wsgi)?(?:@.*)?(?:\.service)?$", re.ASCII)


def service_of(config: ClusterConfig, resource: str) -> Service | None:
    """What is known of a resource's agent; None for agents that are not in the table or resources without a CIB."""
    primitive = primitive_of(config, resource)
    return None if primitive is None or primitive.klass == "stonith" else known(primitive.type)


def known(agent: str) -> Service | None:
    """What is known of an agent type or unit: `nova-api`, `openstack-nova-api`, `Nova_API.service`."""
    return _BY_NAME.get(_AFFIX.sub("", agent.lower().replace("_", "-")))
