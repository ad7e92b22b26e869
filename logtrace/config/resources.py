"""The `<resources>` of a CIB -> primitives, groups, clones and bundles."""

from __future__ import annotations

from dataclasses import dataclass, field

from lxml import etree

from logtrace.config.cib_xml import Lookup, pairs, resolve
from logtrace.config.model import Bundle, Clone, Group, Op, Primitive
from logtrace.domain import durations
from logtrace.domain.values import role_of, true


@dataclass(slots=True)
class Resources:
    """Everything under `<resources>`, by id, in the order of the file."""

    primitives: dict[str, Primitive] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    clones: dict[str, Clone] = field(default_factory=dict)
    bundles: dict[str, Bundle] = field(default_factory=dict)


def read(section: etree._Element | None, find: Lookup) -> Resources:
    """Read the `<resources>` element; `find` resolves templates and `id-ref`. Elements without an id are left out."""
    found = Resources()
    if section is not None:
        for element in section.iterchildren("*"):
            _resource(element, (), found, find)
    return found


def _resource(element: etree._Element, parents: tuple[str, ...], found: Resources, find: Lookup) -> str | None:
    """Read one resource with all it holds into `found`; gives its id, None for anything that is no resource."""
    identifier = element.get("id")
    if not identifier:
        return None
    match element.tag:
        case "primitive":
            found.primitives[identifier] = _primitive(element, identifier, parents, find)
        case "group":
            inner = (identifier, *parents)
            members = (_resource(child, inner, found, find) for child in element.iterchildren("primitive"))
            found.groups[identifier] = Group(identifier, tuple(filter(None, members)), _meta(element, find))
        case "clone" | "master":
            child = _only_child(element, (identifier, *parents), found, find)
            meta = _meta(element, find)
            promotable = element.tag == "master" or true(meta.get("promotable"))
            found.clones[identifier] = Clone(identifier, child or "", promotable, meta)
        case "bundle":
            child = _only_child(element, (identifier, *parents), found, find)
            container = next((str(c.tag) for c in element.iterchildren("docker", "podman", "rkt")), "")
            found.bundles[identifier] = Bundle(identifier, child, container, _meta(element, find))
        case _:
            return None
    return identifier


def _only_child(element: etree._Element, parents: tuple[str, ...], found: Resources, find: Lookup) -> str | None:
    child = next(element.iterchildren("primitive", "group"), None)
    return None if child is None else _resource(child, parents, found, find)


def _primitive(element: etree._Element, identifier: str, parents: tuple[str, ...], find: Lookup) -> Primitive:
    name = element.get("template")
    template = find(name) if name else None
    if template is None or template.tag != "template":
        template = etree.Element("template")
    return Primitive(
        id=identifier,
        klass=element.get("class") or template.get("class") or "",
        provider=element.get("provider") or template.get("provider"),
        type=element.get("type") or template.get("type") or "",
        ops=_ops(template, element, find),
        params=pairs(template.iterchildren("instance_attributes"), find)
        | pairs(element.iterchildren("instance_attributes"), find),
        meta=_meta(template, find) | _meta(element, find),
        parents=parents,
    )


def _meta(element: etree._Element, find: Lookup) -> dict[str, str]:
    return pairs(element.iterchildren("meta_attributes"), find)


def _ops(template: etree._Element, element: etree._Element, find: Lookup) -> tuple[Op, ...]:
    """Own operations, then those of the template that no own one replaces (same name and role: template_op_key)."""
    own = _operations(element, find)
    replaced = {_op_key(op) for op in own}
    return (*own, *(op for op in _operations(template, find) if _op_key(op) not in replaced))


def _op_key(op: Op) -> tuple[str, str]:
    return op.name, role_of(op.role)


def _operations(element: etree._Element, find: Lookup) -> tuple[Op, ...]:
    holders = (resolve(one, find) for one in element.iterchildren("operations"))
    return tuple(_op(resolve(op, find), find) for one in holders for op in one.iterchildren("op"))


def _op(element: etree._Element, find: Lookup) -> Op:
    # The options of an operation may also stand in a set of their own below it; attributes of the element win.
    values = pairs(element.iterchildren("meta_attributes", "instance_attributes"), find)
    values |= {str(name): str(value) for name, value in element.attrib.items()}
    interval = durations.seconds(values.get("interval"))
    return Op(
        name=values.get("name", ""),
        interval=interval or 0.0,
        timeout=durations.seconds(values.get("timeout")),
        on_fail=values.get("on-fail"),
        role=values.get("role"),
        start_delay=durations.seconds(values.get("start-delay")) or 0.0,
        enabled=true(values.get("enabled"), default=True),
        id=element.get("id", ""),
        unread=values.get("interval", "").strip() if interval is None else "",
    )
