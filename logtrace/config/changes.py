"""Changes that logs tell of, laid over a CIB: what the configuration was before the next one was saved.

Pacemaker's CIB manager (cib, pacemaker-based) logs each change as a diff since 1.1.11: one line `+`, `++` or `--` with
the place of an element. What a line tells in full is followed: properties, defaults, attributes of nodes, meta
attributes and parameters of resources, options of operations, and constraints. The rest of a diff (new resources,
whole sets that go) is not: it stands in the next CIB.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from html import unescape
from typing import Any, Literal, Protocol

from lxml import etree
from msgspec import Struct
from msgspec.structs import replace

from logtrace.config import constraints
from logtrace.config.model import ClusterConfig, Op, Primitive
from logtrace.domain import durations
from logtrace.domain.values import true
from logtrace.lines.secrets import MASK, is_secret

Scope = Literal["properties", "rsc_defaults", "op_defaults", "node", "meta", "params", "op", "constraint"]


class DiffLine(Protocol):
    """A line of a diff, as an event of the kind cib.config_change has it."""

    @property
    def time(self) -> datetime: ...
    @property
    def node(self) -> str: ...
    @property
    def cib_op(self) -> str | None: ...
    @property
    def path(self) -> str | None: ...
    @property
    def text(self) -> str | None: ...
    @property
    def attribute(self) -> str | None: ...
    @property
    def value(self) -> str | None: ...


class Change(Struct, frozen=True):
    """One setting that was made, changed or deleted (`value` None). `new`: it did not exist before.

    `holder`: id of the resource, operation or constraint, or the node's id; "" for properties and defaults.
    A constraint's value is its XML.
    """

    time: datetime
    scope: Scope
    holder: str
    name: str
    value: str | None
    new: bool = False

    @property
    def setting(self) -> tuple[str, str, str]:
        """What it is a value of."""
        return self.scope, self.holder, self.name


_STEP = re.compile(r"/(\w+)(?:\[@id='([^']*)'\])?", re.ASCII)
_OPTION = re.compile(r"@([\w-]+)=(.*?)(?=, @[\w-]+=|$)", re.ASCII)
_ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"', re.ASCII)
_SETS: Mapping[str, Scope] = {"meta_attributes": "meta", "instance_attributes": "params"}
_RESOURCES = ("primitive", "group", "clone", "master", "bundle")
_CONSTRAINTS = ("rsc_location", "rsc_order", "rsc_colocation")


def logged_changes(lines: Iterable[DiffLine]) -> tuple[Change, ...]:
    """The settings that the lines of diffs change, in order of time. What several nodes tell of one change counts once:
    the first that tells a value, until another is told.
    """
    found: list[Change] = []
    opened: dict[str, str] = {}  # node -> the place that its last line named, where a new set was begun
    for line in sorted(lines, key=lambda line: line.time):
        path, new = line.path or "", line.cib_op == "cib_create"
        if line.path is None and line.attribute and line.node in opened:
            text = f'<nvpair name="{line.attribute}" value="{line.value or ""}"/>'
            found += _changes(line.time, opened[line.node], text, new=True, deleted=False)
        else:
            opened[line.node] = path + _begun(line.text or "") if new else ""
            found += _changes(line.time, path, line.text or "", new=new, deleted=line.cib_op == "cib_delete")
    last: dict[tuple[str, str, str], str | None] = {}
    first = []
    for change in found:
        if change.setting not in last or last[change.setting] != change.value:
            first.append(change)
        last[change.setting] = change.value
    return tuple(first)


def at(config: ClusterConfig, saved: datetime | None, changes: Iterable[Change], when: datetime) -> ClusterConfig:
    """`config`, which was in force at `saved` (None: after all changes), as it was at `when`.

    Of each setting the last change up to `when` counts. One that was first made later is taken away; what a setting
    was before a later change is not told, and it stays as the CIB has it.
    """
    by_setting: defaultdict[tuple[str, str, str], list[Change]] = defaultdict(list)
    for change in changes:
        by_setting[change.setting].append(change)
    for told in by_setting.values():
        before = [change for change in told if change.time <= when]
        later = [change for change in told if change.time > when and (saved is None or change.time <= saved)]
        if before and (saved is None or later or before[-1].time > saved):
            config = _applied(config, before[-1])
        elif not before and later and later[0].new:
            config = _applied(config, replace(later[0], value=None))
    return config


def _changes(time: datetime, path: str, text: str, *, new: bool, deleted: bool) -> list[Change]:
    steps = [(tag, identifier) for tag, identifier in _STEP.findall(path)]
    if new and text.startswith("<"):
        steps.append((re.split(r"[\s/>]", text[1:], maxsplit=1)[0], dict(_ATTRIBUTE.findall(text)).get("id", "")))
    if not steps:
        return []
    tag, identifier = steps[-1]
    if tag in _CONSTRAINTS:
        whole = None if deleted else text if text.endswith("/>") else ""
        return [] if whole == "" else [Change(time, "constraint", identifier, "", whole, new)]
    if tag == "op" and not new and not deleted:
        return [Change(time, "op", identifier, name, value) for name, value in _OPTION.findall(text)]
    if tag != "nvpair" or (place := _place(steps[:-1])) is None:
        return []
    given = dict(_ATTRIBUTE.findall(text)) if new else dict(_OPTION.findall(text))
    holder = steps[-2][1]
    name = given.get("name") or (identifier.removeprefix(f"{holder}-") if identifier.startswith(f"{holder}-") else "")
    value = None if deleted else unescape(given.get("value", ""))
    if not name or (value is not None and "value" not in given) or (value == MASK and not is_secret(name)):
        return []  # an id that sounds like a secret (keystone) is masked in the line, and its value is not known
    return [Change(time, place[0], place[1], name, MASK if value is not None and is_secret(name) else value, new)]


def _begun(text: str) -> str:
    """The element that a line opens, as a step of a path."""
    tag = re.match(r"<(\w+)", text, re.ASCII)
    return f"/{tag[1]}[@id='{dict(_ATTRIBUTE.findall(text)).get('id', '')}']" if tag and not text.endswith("/>") else ""


def _place(steps: list[tuple[str, str]]) -> tuple[Scope, str] | None:
    """What a name-value pair below these elements is a setting of."""
    tags = [tag for tag, _ in steps]
    if tags[:1] == ["crm_config"]:
        return "properties", ""
    if tags[:1] == ["rsc_defaults"]:
        return "rsc_defaults", ""
    if tags[:1] == ["op_defaults"]:
        return "op_defaults", ""
    if tags[:2] == ["nodes", "node"]:
        return "node", steps[1][1]
    if len(steps) > 1 and tags[-2] in _RESOURCES and tags[-1] in _SETS:
        return _SETS[tags[-1]], steps[-2][1]
    return None


def _applied(config: ClusterConfig, change: Change) -> ClusterConfig:
    match change.scope:
        case "properties" | "rsc_defaults" | "op_defaults":
            return replace(config, **{change.scope: _with(getattr(config, change.scope), change)})
        case "node":
            name = config.nodes.get(change.holder, change.holder)
            values = _with(config.node_attributes.get(name, {}), change)
            return replace(config, node_attributes={**config.node_attributes, name: values})
        case "op":
            return _with_op(config, change)
        case "constraint":
            return _with_constraint(config, change)
        case "meta" | "params":
            for kind in ("primitives", "groups", "clones", "bundles"):
                held: dict[str, Any] = getattr(config, kind)
                one = held.get(change.holder)
                if one is not None and hasattr(one, change.scope):
                    changed = replace(one, **{change.scope: _with(getattr(one, change.scope), change)})
                    return replace(config, **{kind: {**held, change.holder: changed}})
    return config


def _with(values: Mapping[str, str], change: Change) -> dict[str, str]:
    rest = {name: value for name, value in values.items() if name != change.name}
    return rest if change.value is None else {**rest, change.name: change.value}


def _with_op(config: ClusterConfig, change: Change) -> ClusterConfig:
    for name, primitive in config.primitives.items():
        if any(op.id == change.holder for op in primitive.ops):
            ops = tuple(_changed(op, change) if op.id == change.holder else op for op in primitive.ops)
            changed: Primitive = replace(primitive, ops=ops)
            return replace(config, primitives={**config.primitives, name: changed})
    return config


def _changed(op: Op, change: Change) -> Op:
    value = change.value or ""
    match change.name:
        case "interval":
            return replace(op, interval=durations.seconds(value) or 0.0)
        case "timeout":
            return replace(op, timeout=durations.seconds(value))
        case "on-fail":
            return replace(op, on_fail=value)
        case "role":
            return replace(op, role=value)
        case "enabled":
            return replace(op, enabled=true(value, default=True))
    return op


def _with_constraint(config: ClusterConfig, change: Change) -> ClusterConfig:
    kept = {
        kind: tuple(one for one in getattr(config, kind) if one.id != change.holder)
        for kind in ("orders", "colocations", "locations")
    }
    if change.value is not None:
        try:
            parser = etree.XMLParser(resolve_entities=False, no_network=True)
            section = etree.fromstring(f"<constraints>{change.value}</constraints>", parser)
        except etree.XMLSyntaxError:
            return config  # cut off
        made = {
            "orders": constraints.orders(section, _itself),
            "colocations": constraints.colocations(section, _itself),
            "locations": constraints.locations(section, _itself),
        }
        kept = {kind: (*kept[kind], *made[kind]) for kind in kept}
    return replace(config, **kept)


def _itself(name: str) -> tuple[str, ...]:
    return (name,) if name else ()
