"""What people call a resource: the product its agent runs, or what its parameters say, beside its id."""

from __future__ import annotations

import re
from typing import Final

from logtrace.config.model import ClusterConfig
from logtrace.config.query import base_name, primitive_of
from logtrace.config.services import ADDRESSES

#: Agent types and units (lower case, `_` as `-`) -> the product.
_PRODUCTS: Final[dict[str, str]] = {
    **dict.fromkeys(("apache", "apache2", "httpd"), "Apache"),
    **dict.fromkeys(("pgsql", "postgresql", "pgsqlms"), "PostgreSQL"),
    **dict.fromkeys(("mysql", "mysqld"), "MySQL"),
    **dict.fromkeys(("mariadb",), "MariaDB"),
    **dict.fromkeys(("redis", "redis-server"), "Redis"),
    **dict.fromkeys(("mongod", "mongodb"), "MongoDB"),
    **dict.fromkeys(("rabbitmq", "rabbitmq-server", "rabbitmq-cluster", "rabbitmq-server-ha"), "RabbitMQ"),
    **dict.fromkeys(("named", "bind9"), "BIND"),
    **dict.fromkeys(("nfsserver", "nfs-server"), "the NFS server"),
    **dict.fromkeys(("vsftpd",), "vsftpd"),
    **dict.fromkeys(("saphana", "saphanacontroller"), "SAP HANA"),
    **dict.fromkeys(("saphanatopology",), "the SAP HANA topology"),
    **dict.fromkeys(("sapinstance", "sapstartsrv"), "SAP instance"),
    **dict.fromkeys(("sapdatabase",), "the SAP database"),
    **dict.fromkeys(("oracle",), "Oracle"),
    **dict.fromkeys(("oralsnr",), "the Oracle listener"),
    **dict.fromkeys(("db2",), "Db2"),
    **dict.fromkeys(("virtualdomain",), "the virtual machine"),
    **dict.fromkeys(("podman-etcd", "etcd"), "etcd"),
    "galera": "Galera",
    "haproxy": "HAProxy",
    "nginx": "nginx",
    "squid": "Squid",
    "tomcat": "Tomcat",
    "postfix": "Postfix",
    "dovecot": "Dovecot",
    "slapd": "OpenLDAP",
    "memcached": "memcached",
    "drbd": "DRBD",
    "lvm": "the volume group",
    "lvm-activate": "the volume group",
    "dlm": "DLM",
    "controld": "DLM",
    "keystone": "Keystone",
    "glance-api": "the Glance API",
    "nova-api": "the Nova API",
    "neutron-server": "Neutron",
    "cinder-volume": "Cinder volumes",
}

#: Agent types whose resource is best told by one of its parameters: (words before it, the parameter).
_BY_PARAMETER: Final[dict[str, tuple[str, str]]] = {
    **dict.fromkeys(ADDRESSES, ("address", "ip")),
    "filesystem": ("the file system", "directory"),
    "exportfs": ("the export", "directory"),
    "iscsitarget": ("the iSCSI target", "iqn"),
    "docker": ("the container", "name"),
    "podman": ("the container", "name"),
}


def service_name(config: ClusterConfig, resource: str) -> str:
    """`PostgreSQL (prmPg)`, `address 10.0.0.5 (vip)`; the id alone where the agent says no more, or as much."""
    name = base_name(resource)
    primitive = primitive_of(config, resource)
    if primitive is None:
        return name
    agent = re.sub(r"^openstack-|\.service$", "", primitive.type.lower().replace("_", "-"))
    words, parameter = _BY_PARAMETER.get(agent, ("", ""))
    value = primitive.params.get(parameter)
    told = f"{words} {value}" if value else words if parameter else _PRODUCTS.get(agent)
    if told is None or _plain(told) == _plain(name):
        return name
    return f"{told} ({name})"


def _plain(text: str) -> str:
    return re.sub(r"^the |[^a-z0-9]", "", text.lower())
