"""The configuration as the cluster section draws it: the tree of resources, fence devices, options of quorum."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct

from logtrace.config.corosync import consensus_seconds, token_seconds
from logtrace.config.model import ClusterConfig, Corosync, Primitive
from logtrace.config.query import property_of
from logtrace.domain import durations
from logtrace.domain.values import true
from logtrace.render import words
from logtrace.render.limits import Some
from logtrace.render.sections.incident import Fact
from logtrace.render.untrusted import shown
from logtrace.report.case import Case, Monitor

_NODES = 6  # nodes named beside a resource
#: Meta attributes that change what happens after a failure.
_META = (
    "target-role", "is-managed", "maintenance", "migration-threshold", "failure-timeout", "resource-stickiness",
    "multiple-active", "ordered", "interleave", "clone-max", "clone-node-max", "promoted-max", "master-max", "critical",
)  # fmt: skip
#: Cluster properties that decide about quorum, fencing and recovery.
_PROPERTIES = (
    "no-quorum-policy", "stonith-enabled", "stonith-action", "stonith-timeout", "stonith-watchdog-timeout",
    "priority-fencing-delay", "maintenance-mode", "symmetric-cluster", "start-failure-is-fatal", "shutdown-lock",
    "cluster-recheck-interval", "batch-limit",
)  # fmt: skip
#: Of these, nobody wants to read the default.
_ONLY_SET = {
    "stonith-watchdog-timeout", "priority-fencing-delay", "maintenance-mode", "symmetric-cluster", "shutdown-lock",
    "batch-limit", "start-failure-is-fatal", "cluster-recheck-interval",
}  # fmt: skip


class Branch(Struct, frozen=True):
    """A resource with those in it. `kind`: primitive, group, clone, promotable clone or bundle.

    `ran`: the nodes it was seen on; `monitors`: "every 10 s, timeout 20 s"; `meta`: ("migration-threshold", "3").
    """

    id: str
    kind: str
    agent: str
    ran: str
    monitors: tuple[str, ...]
    meta: tuple[tuple[str, str], ...]
    children: tuple[Branch, ...] = ()


class Device(Struct, frozen=True):
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
    devices: tuple[Device, ...]
    devices_some: Some
    membership: tuple[Fact, ...]
    options: tuple[Fact, ...]
    source: str


def resources(case: Case, most: int) -> Resources | None:
    """What the configuration of `case` says, at most so many primitives and devices; None without any."""
    config = case.config
    if config is None or (config.epoch is None and config.corosync is None and not config.primitives):
        return None
    ran = {each.resource: words.listing([shown(node, 80) for node in each.nodes], _NODES)
           for each in case.statistics.placements}  # fmt: skip
    monitors: dict[str, list[str]] = {}
    for monitor in case.statistics.monitors:
        if monitor.configured:
            monitors.setdefault(monitor.resource, []).append(_monitor(monitor))
    fencing = [each for each in config.primitives.values() if each.klass == "stonith"]
    services = [each for each in config.primitives.values() if each.klass != "stonith"]
    leaves = [
        (tuple(reversed(each.parents)), _leaf(each, ran.get(each.id, ""), monitors.get(each.id, ())))
        for each in services[:most]
    ]
    devices = tuple(_device(each, ran.get(each.id, ""), monitors.get(each.id, ())) for each in fencing[:most])
    return Resources(
        tree=_grown(leaves, config),
        some=Some(len(leaves), len(services)),
        devices=devices,
        devices_some=Some(len(devices), len(fencing)),
        membership=tuple(_membership(config)),
        options=tuple(_options(config)),
        source=config.source,
    )


def _grown(leaves: Sequence[tuple[tuple[str, ...], Branch]], config: ClusterConfig) -> tuple[Branch, ...]:
    """Leaves with what they are in, outermost first, put together; order of the configuration."""
    places: dict[str, list[tuple[tuple[str, ...], Branch]]] = {}
    for index, (path, leaf) in enumerate(leaves):
        key = f"in {path[0]}" if path else f"{index}"
        places.setdefault(key, []).append((path[1:], leaf))
    roots = {f"in {path[0]}": path[0] for path, _ in leaves if path}
    return tuple(
        _collection(roots[key], _grown(inside, config), config) if key in roots else inside[0][1]
        for key, inside in places.items()
    )


def _collection(name: str, children: tuple[Branch, ...], config: ClusterConfig) -> Branch:
    clone, bundle = config.clones.get(name), config.bundles.get(name)
    holder = config.groups.get(name) or clone or bundle
    kind = "group"
    if clone is not None:
        kind = "promotable clone" if clone.promotable else "clone"
    elif bundle is not None:
        kind = "bundle"
    return Branch(
        name, kind, bundle.container if bundle else "", "", (), _meta(holder.meta if holder else {}), children
    )


def _leaf(primitive: Primitive, ran: str, monitors: Iterable[str]) -> Branch:
    return Branch(primitive.id, "primitive", primitive.agent, ran, tuple(monitors), _meta(primitive.meta))


def _meta(meta: dict[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple((name, shown(meta[name], 60)) for name in _META if name in meta)


def _monitor(monitor: Monitor) -> str:
    interval = f"every {words.setting(monitor.interval)}" if monitor.interval is not None else "at an unknown interval"
    timeout = f", timeout {words.setting(monitor.timeout)}" if monitor.timeout is not None else ""
    return f"{interval}{timeout}{f' ({shown(monitor.role, 40)})' if monitor.role else ''}"


def _device(primitive: Primitive, ran: str, monitors: Iterable[str]) -> Device:
    """Only parameters of Pacemaker's own are looked at; the agent's may be secrets."""
    get = primitive.params.get
    delays = [f"{word} {shown(value, 40)}" for word, value in (
        ("base", get("pcmk_delay_base")), ("at most", get("pcmk_delay_max"))) if value]  # fmt: skip
    targets = get("pcmk_host_list") or get("pcmk_host_map") or get("pcmk_host_check") or ""
    timeout = durations.seconds(get("pcmk_reboot_timeout"))
    return Device(
        id=primitive.id,
        agent=primitive.agent,
        targets=targets,
        delay=", ".join(delays),
        timeout=words.setting(timeout) if timeout is not None else "",
        monitors=tuple(monitors),
        ran=ran,
    )


def _membership(config: ClusterConfig) -> Iterable[Fact]:
    """What corosync waits for and counts."""
    corosync = config.corosync or Corosync()
    token, consensus = token_seconds(config), consensus_seconds(config)
    if token is not None:
        running, configured = corosync.runtime_token is not None, corosync.token is not None
        yield Fact("token", words.setting(token), "in force" if running else "" if configured else "by default")
    if consensus is not None:
        yield Fact("consensus", words.setting(consensus), "" if corosync.consensus is not None else "from the token")
    if config.corosync is None:
        return
    links = words.count(corosync.links, "link") if corosync.links else ""
    yield Fact("transport", corosync.transport or "default", links)
    votes = [f"{corosync.expected_votes} votes expected"] if corosync.expected_votes is not None else []
    votes += ["two_node"] if corosync.two_node else []
    votes += ["wait_for_all"] if corosync.wait_for_all or (corosync.two_node and corosync.wait_for_all is None) else []
    if corosync.quorum_device:
        votes.append(f"device {shown(corosync.quorum_device, 80)}")
    if votes:
        yield Fact("quorum", votes[0], ", ".join(votes[1:]))


def _options(config: ClusterConfig) -> Iterable[Fact]:
    for name in _PROPERTIES:
        value = property_of(config, name)
        configured = name in config.properties
        if value is not None and (configured or name not in _ONLY_SET):
            yield Fact(name, shown(value, 80), "" if configured else "by default")
    if config.sbd is not None and config.sbd.watchdog is not None:
        waits = f"msgwait {words.setting(config.sbd.msgwait)}" if config.sbd.msgwait is not None else ""
        yield Fact("sbd watchdog", words.setting(config.sbd.watchdog), waits)


def standing(case: Case, node: str) -> str:
    """What an attribute keeps a node from: "standby", "maintenance" or ""."""
    attributes = case.config.node_attributes.get(node, {}) if case.config else {}
    return next((name for name in ("maintenance", "standby") if true(attributes.get(name))), "")
