"""The cluster as it is configured: versions, nodes and their clocks, the tree of resources, fencing and quorum."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from msgspec import Struct

from logtrace.render import words
from logtrace.render.incident import Fact
from logtrace.render.limits import Some
from logtrace.render.section import Page, Section
from logtrace.render.untrusted import shown
from logtrace.report.case import Monitor, Node
from logtrace.report.configuration import Configuration, Device, Resource, Setting, configuration, standing

_NODES: Final = 6  # named beside a resource


class Branch(Struct, frozen=True):
    """A resource with those in it; `ran`: the nodes it was seen on; `monitors`: "every 10 s, timeout 20 s"."""

    id: str
    kind: str
    agent: str
    ran: str
    monitors: tuple[str, ...]
    meta: tuple[tuple[str, str], ...]
    children: tuple[Branch, ...]


class DeviceRow(Struct, frozen=True):
    """A fence device; `delay` and `timeout` in words, "" where nothing is configured."""

    id: str
    agent: str
    targets: str
    delay: str
    timeout: str
    monitors: tuple[str, ...]
    ran: str


class Resources(Struct, frozen=True):
    """`tree`: all resources but fence devices; `some` counts primitives."""

    tree: tuple[Branch, ...]
    some: Some
    devices: tuple[DeviceRow, ...]
    devices_some: Some
    membership: tuple[Fact, ...]
    options: tuple[Fact, ...]
    source: str


class NodeRow(Struct, frozen=True):
    """A node; `standing`: what keeps it from running anything, or ""."""

    node: Node
    standing: str


class ClusterView(Struct, frozen=True):
    """`resources` is None where no configuration was read."""

    nodes: tuple[NodeRow, ...]
    nodes_some: Some
    resources: Resources | None


def _values(page: Page) -> ClusterView:
    case, most = page.case, page.limits.rows
    nodes = case.cluster.nodes[:most]
    known = configuration(case, most)
    return ClusterView(
        nodes=tuple(NodeRow(node, standing(case, node.name)) for node in nodes),
        nodes_some=Some(len(nodes), len(case.cluster.nodes)),
        resources=None if known is None else _resources(known, most),
    )


def _resources(known: Configuration, most: int) -> Resources:
    return Resources(
        tree=tuple(map(_branch, known.tree)),
        some=Some(min(most, known.primitives), known.primitives),
        devices=tuple(map(_device, known.devices)),
        devices_some=Some(len(known.devices), known.devices_in_all),
        membership=tuple(_membership(known)),
        options=tuple(_options(known)),
        source=known.source,
    )


def _branch(each: Resource) -> Branch:
    return Branch(
        id=each.id,
        kind=each.kind,
        agent=each.agent,
        ran=_ran(each.ran_on),
        monitors=tuple(map(_monitor, each.monitors)),
        meta=tuple((name, shown(value, 60)) for name, value in each.meta),
        children=tuple(map(_branch, each.members)),
    )


def _ran(nodes: Iterable[str]) -> str:
    return words.listing([shown(node, 80) for node in nodes], _NODES) if nodes else ""


def _monitor(monitor: Monitor) -> str:
    interval = f"every {words.setting(monitor.interval)}" if monitor.interval is not None else "at an unknown interval"
    timeout = f", timeout {words.setting(monitor.timeout)}" if monitor.timeout is not None else ""
    return f"{interval}{timeout}{f' ({shown(monitor.role, 40)})' if monitor.role else ''}"


def _device(each: Device) -> DeviceRow:
    delays = [f"{word} {shown(value, 40)}" for word, value in (("base", each.base), ("at most", each.most)) if value]
    return DeviceRow(
        id=each.id,
        agent=each.agent,
        targets=each.targets,
        delay=", ".join(delays),
        timeout=words.setting(each.timeout) if each.timeout is not None else "",
        monitors=tuple(map(_monitor, each.monitors)),
        ran=_ran(each.ran_on),
    )


def _membership(known: Configuration) -> Iterator[Fact]:
    """What corosync waits for and counts."""
    yield from map(_setting, known.membership)
    if known.links is not None:
        yield Fact("transport", known.transport or "default", words.count(known.links, "link"))
    if known.votes:
        votes = [shown(each, 100) for each in known.votes]
        yield Fact("quorum", votes[0], ", ".join(votes[1:]))


def _options(known: Configuration) -> Iterator[Fact]:
    yield from map(_setting, known.options)
    if known.watchdog is not None:
        watchdog, msgwait = known.watchdog
        yield Fact(
            "sbd watchdog",
            words.setting(watchdog),
            f"msgwait {words.setting(msgwait)}" if msgwait is not None else "",
        )


def _setting(each: Setting) -> Fact:
    value = shown(each.value, 80) if isinstance(each.value, str) else words.setting(each.value)
    return Fact(each.name, value, each.origin)


SECTION = Section("cluster", "Cluster", "configuration", "cluster.html", _values)
