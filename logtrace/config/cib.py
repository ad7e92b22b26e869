"""CIB and scheduler input files (`cib.xml`, `pe-input-N.bz2`, ...) -> Snapshot."""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import datetime
from pathlib import PurePosixPath
from typing import Final

from lxml import etree
from msgspec.structs import replace

from logtrace.config import cib_xml, constraints, resources, status
from logtrace.config.cib_xml import Growth, Lookup, lookup, pairs
from logtrace.config.model import ClusterConfig, Snapshot
from logtrace.domain.values import true, whole
from logtrace.errors import DamagedFileError

#: crm_feature_set -> the releases that write it (CRM_FEATURE_SET in the sources at the release tags).
FEATURE_SETS: Final[dict[str, str]] = {
    "3.0.6": "1.1.7-1.1.8",
    "3.0.7": "1.1.9-1.1.10",
    "3.0.8": "1.1.11",
    "3.0.9": "1.1.12",
    "3.0.10": "1.1.13-1.1.15",
    "3.0.11": "1.1.16",
    "3.0.13": "1.1.17",
    "3.0.14": "1.1.18-1.1.24",
    "3.1.0": "2.0.0-2.0.2",
    "3.2.0": "2.0.3",
    "3.3.0": "2.0.4",
    "3.6.1": "2.0.5",
    "3.10.0": "2.1.0",
    "3.10.2": "2.1.1",
    "3.11.0": "2.1.2",
    "3.15.0": "2.1.3-2.1.4",
    "3.16.1": "2.1.5",
    "3.17.4": "2.1.6",
    "3.19.0": "2.1.7",
    "3.19.5": "2.1.8",
    "3.19.6": "2.1.9-2.1.11",
    "3.20.0": "3.0.0",
    "3.20.1": "3.0.1",
    "3.20.5": "3.0.2",
}

#: Far above any real cluster; what is found about each of them is told, and costs a thousand times its line of XML.
MOST: Final = 10_000

_PE_NAME = re.compile(r"pe-(?:input|warn|error)-\d+", re.ASCII)
_VERSION = re.compile(r"\d+\.\d+(?:\.\d+)?", re.ASCII)


def read(data: bytes, *, source: str, node: str | None = None) -> Snapshot:
    """Read a CIB: its configuration and what its status section remembers, without the secrets in them.

    `data` may be plain, bz2 or gz; `source` is the path shown to the user and names the pe-input; `node` is the node
    in whose folder the file lay. Raises DamagedFileError for anything that is not a whole, harmless CIB.
    """
    root = cib_xml.root(data, source)
    if root.tag != "cib":
        raise DamagedFileError(
            f"is not a CIB (its outermost element is <{str(root.tag)[:60]}>)",
            where=source,
            remedy="leave this file out",
        )
    if any(sum(1 for _ in root.iter(tag)) > MOST for tag in ("primitive", "node")):
        raise DamagedFileError(
            f"has more than {MOST:,} resources or nodes", where=source, remedy="find out who wrote this file"
        )
    secrets = cib_xml.mask(root)
    growth = Growth(source)
    find = lookup(root, growth)
    section = root.find("status")
    config = _config(root, find, growth, source)
    dc = root.get("dc-uuid")
    return Snapshot(
        config=config,
        history=status.history(section),
        executed=whole(root.get("execution-date")) or None,
        name=_name(source),
        folder_node=node,
        online=status.online(section),
        away=status.away(section),
        dc=config.nodes.get(dc, dc) if dc else None,
        quorum=true(root.get("have-quorum")) if root.get("have-quorum") else None,
        update_origin=root.get("update-origin"),
        update_client=root.get("update-client"),
        update_user=root.get("update-user"),
        transient=status.transient(section, find),
        secrets=secrets,
    )


def elsewhere(snapshot: Snapshot, *, source: str, node: str | None = None) -> Snapshot:
    """What `read` gives of the same bytes in another place."""
    return replace(snapshot, config=replace(snapshot.config, source=source), name=_name(source), folder_node=node)


def _name(source: str) -> str | None:
    found = _PE_NAME.match(PurePosixPath(source).name)
    return found[0] if found else None


def _config(root: etree._Element, find: Lookup, growth: Growth, source: str) -> ClusterConfig:
    properties = pairs(root.iterfind("configuration/crm_config/cluster_property_set"), find)
    op_defaults = pairs(root.iterfind("configuration/op_defaults/meta_attributes"), find)
    # Before op_defaults existed (and until 1.1.17) there was a property for the one default everybody set.
    if old := properties.get("default-action-timeout"):
        op_defaults.setdefault("timeout", old)
    found = resources.read(root.find("configuration/resources"), find)
    constraint_section = root.find("configuration/constraints")
    members = _members(root, growth)
    nodes, attributes = _nodes(root, find)
    feature_set = root.get("crm_feature_set")
    return ClusterConfig(
        source=source,
        written=_written(root.get("cib-last-written")),
        cluster_name=properties.get("cluster-name"),
        stack=properties.get("cluster-infrastructure"),
        pacemaker=_pacemaker(properties.get("dc-version"), feature_set),
        feature_set=feature_set,
        epoch=(_count(root, "admin_epoch"), _count(root, "epoch"), _count(root, "num_updates")),
        properties=properties,
        rsc_defaults=pairs(root.iterfind("configuration/rsc_defaults/meta_attributes"), find),
        op_defaults=op_defaults,
        nodes=nodes,
        remote_nodes=tuple(
            str(node.get("uname") or node.get("id"))
            for node in root.iterfind("configuration/nodes/node")
            if node.get("type") == "remote"
        ),
        node_attributes=attributes,
        primitives=found.primitives,
        groups=found.groups,
        clones=found.clones,
        bundles=found.bundles,
        orders=constraints.orders(constraint_section, members),
        colocations=constraints.colocations(constraint_section, members),
        locations=constraints.locations(constraint_section, members),
        fencing_levels=tuple(
            level.get("id", "") for level in root.iterfind("configuration/fencing-topology/fencing-level")
        ),
    )


def _nodes(root: etree._Element, find: Lookup) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    nodes, attributes = {}, {}
    for node in root.iterfind("configuration/nodes/node"):
        identifier = node.get("id")
        if not identifier:
            continue
        name = node.get("uname") or identifier
        nodes[identifier] = name
        if values := pairs(node.iterchildren("instance_attributes"), find):
            attributes[name] = values
    return nodes, attributes


def _members(root: etree._Element, growth: Growth) -> constraints.Members:
    """What a reference in a constraint stands for, tags and templates of this CIB resolved."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for reference in root.iterfind("configuration/tags/tag/obj_ref"):
        tag = reference.getparent()
        if tag is not None and (identifier := reference.get("id")):
            found[tag.get("id", "")].append(identifier)
    for primitive in root.iterfind("configuration/resources//primitive[@template]"):
        found[primitive.get("template", "")].append(primitive.get("id", ""))
    resolved = {name: tuple(several) for name, several in found.items()}

    def members(name: str) -> tuple[str, ...]:
        several = resolved.get(name, ())
        growth.add(len(several))
        return several or ((name,) if name else ())

    return members


def _pacemaker(dc_version: str | None, feature_set: str | None) -> str | None:
    version = _VERSION.match(dc_version or "")
    return version[0] if version else FEATURE_SETS.get(feature_set or "")


def _written(text: str | None) -> datetime | None:
    try:
        return datetime.strptime(text, "%a %b %d %H:%M:%S %Y") if text else None  # noqa: DTZ007  the zone is not written
    except ValueError:
        return None


def _count(root: etree._Element, name: str) -> int:
    return whole(root.get(name)) or 0
