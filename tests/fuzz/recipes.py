"""Bytes as a recipe: for a CIB, which is well-formed whatever they are, and for many lines, each changed by itself."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
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


#: What is put into lines: what ends, opens, hides or overflows something, and digits that are none.
_PUT: Final = (
    '"', "'", "\\", '\\"', "\0", "\t", "\r", " ", "  ", "=", ":", ": ", ",", ";", "|", "<", ">", "/>",
    "(", ")", "[", "]", "{", "}", "*", "******", "@", "%", "&amp;", "&#38;", "\x1b[1m", "\u00a0", "\u200b",
    "\u00b2", "\u0663", "\u2028", "\ufeff", "\ufffd", "\U0001f600", "-", "--", "-p ", "-P", "0", "9" * 20,
    "9" * 400, "-1", "99:99:99", "Feb 29", "24:00:60", "9999-12-31T23:59:59", "0000-00-00", "1970-01-01T00:00:00Z",
    "+99:99", "password=", "passwd", "key", "token: ", "://", "PASS ", "Authorization: Basic ",
)  # fmt: skip


def changed(data: bytes, lines: Sequence[str], number: int) -> list[str]:
    """So many lines, no two alike, each made of one or two of `lines` by changes of its own, as `data` has it."""
    chance = Random(data)
    made: dict[str, None] = {}
    while len(made) < number:
        made[_changed(chance, lines).replace("\n", " ")[:2000]] = None
    return list(made)


def changed_files(data: bytes, files: Sequence[bytes], number: int) -> list[bytes]:
    """The same of whole files, which are of bytes."""
    chance = Random(data)
    texts = [file.decode("utf-8", "surrogateescape") for file in files]
    made: dict[bytes, None] = {}
    while len(made) < number:
        made[_changed(chance, texts).encode("utf-8", "surrogateescape")] = None
    return list(made)


def _changed(chance: Random, texts: Sequence[str]) -> str:
    text = chance.choice(texts)
    for _ in range(chance.randint(1, 4)):
        at, to = sorted(chance.randint(0, len(text)) for _ in range(2))
        to = min(to, at + 12)
        other = chance.choice(texts) if chance.random() < 0.2 else ""
        put = other[chance.randint(0, len(other)) :] or chance.choice(_PUT)
        text = chance.choice((
            text[:at] + put + text[at:],
            text[:at] + put + text[to:],
            text[:at] + text[to:],
            text[:to] + text[at:],
            text[:at] + text[at:to].swapcase() + text[to:],
        ))  # fmt: skip
    return text
