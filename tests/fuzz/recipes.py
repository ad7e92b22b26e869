"""Bytes as a recipe for a CIB: whatever they are, something well-formed comes out."""

from __future__ import annotations

from typing import Final

from lxml import etree

_SECTIONS: Final = (
    "crm_config", "nodes", "resources", "constraints", "tags", "rsc_defaults", "op_defaults", "fencing-topology",
)  # fmt: skip
_TAGS: Final = (
    "primitive", "group", "clone", "master", "bundle", "template", "podman", "operations", "op", "meta_attributes",
    "instance_attributes", "nvpair", "rsc_order", "rsc_colocation", "rsc_location", "resource_set", "resource_ref",
    "rule", "expression", "node", "node_state", "lrm", "lrm_resources", "lrm_resource", "lrm_rsc_op", "tag",
    "obj_ref", "fencing-level", "cluster_property_set", "transient_attributes", "network", "utilization",
)  # fmt: skip
_NAMES: Final = (
    "id", "name", "value", "class", "type", "provider", "template", "interval", "timeout", "role", "first", "then",
    "rsc", "with-rsc", "score", "kind", "sequential", "require-all", "symmetrical", "node", "uname", "id-ref",
    "operation", "rc-code", "op-status", "last-rc-change", "exec-time", "transition-key", "attribute",
    "operation_key", "call-id", "start-delay", "enabled", "first-action", "then-action", "rsc-pattern", "crmd",
    "join", "in_ccm", "replicas", "image", "description", "on-fail", "with-rsc-role", "rsc-role", "index", "target",
    "devices",
)  # fmt: skip
_VALUES: Final = (
    "a", "b", "c", "d", "a:0", "", "0", "1", "-1", "10s", "1e9", "99999999999999999999", "PT1M", "INFINITY",
    "-INFINITY", "monitor", "start", "stop", "promote", "ocf", "stonith", "lsb", "systemd", "fence_x", "mysql",
    "IPaddr2", "true", "false", "Mandatory", "Optional", "Promoted", "Master", "Stopped", "target-role",
    "is-managed", "migration-threshold", "resource-stickiness", "stonith-enabled", "no-quorum-policy",
    "maintenance-mode", "stonith-timeout", "pcmk_host_list", "pcmk_host_map", "pcmk_delay_max", "a;b:1 c",
    "interleave", "ordered", "clone-max", "promotable", "collocated", "standby", "online", "member", "3:4:0:uuid",
    "\u0663", "\n", " ", "a b", "#uname", "cli-ban-a-on-b", "failure-timeout", "start-failure-is-fatal", "0s",
    "1.5", "5min", "P1Y", "Redis", "apache", "VirtualDomain", "Filesystem", "nova-api",
)  # fmt: skip


def cib(data: bytes) -> bytes:
    """Pairs of bytes, what to do and with what: open an element, close it, give it an attribute, go to a section."""
    root = etree.Element("cib", epoch="1", num_updates="0", admin_epoch="0")
    configuration, status = etree.SubElement(root, "configuration"), etree.SubElement(root, "status")
    sections = [status, *(etree.SubElement(configuration, name) for name in _SECTIONS)]
    path = [sections[3]]
    for what, which in zip(data[::2], data[1::2], strict=False):
        if what < 64:
            path.append(etree.SubElement(path[-1], _TAGS[which % len(_TAGS)], id=_VALUES[what % 5]))
        elif what < 96:
            path = path[:1] if which > 200 or len(path) == 1 else path[:-1]
        elif what < 112:
            path = [sections[which % len(sections)]]
        else:
            path[-1].set(_NAMES[what % len(_NAMES)], _VALUES[which % len(_VALUES)])
    return etree.tostring(root)
