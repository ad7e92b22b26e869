"""A configuration as somebody looks at it: what is in what, what watches and fences it, which settings are in force."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from msgspec import Struct

from logtrace.config.corosync import consensus_seconds, token_seconds
from logtrace.config.model import ClusterConfig, Corosync, Primitive
from logtrace.config.query import property_of
from logtrace.domain import durations
from logtrace.domain.values import true
from logtrace.report.case import Case, Monitor

#: Meta attributes that change what happens after a failure.
_META: Final = (
    "target-role", "is-managed", "maintenance", "migration-threshold", "failure-timeout", "resource-stickiness",
    "multiple-active", "ordered", "interleave", "clone-max", "clone-node-max", "promoted-max", "master-max", "critical",
)  # fmt: skip
#: Cluster properties that decide about quorum, fencing and recovery.
_PROPERTIES: Final = (
    "no-quorum-policy", "stonith-enabled", "stonith-action", "stonith-timeout", "stonith-watchdog-timeout",
    "priority-fencing-delay", "maintenance-mode", "symmetric-cluster", "start-failure-is-fatal", "shutdown-lock",
    "cluster-recheck-interval", "batch-limit",
)  # fmt: skip
#: Of these, nobody wants to read the default.
_ONLY_SET: Final = frozenset((
    "stonith-watchdog-timeout", "priority-fencing-delay", "maintenance-mode", "symmetric-cluster", "shutdown-lock",
    "batch-limit", "start-failure-is-fatal", "cluster-recheck-interval",
))  # fmt: skip


class Resource(Struct, frozen=True):
    """A resource with those in it. `kind`: primitive, group, clone, promotable clone or bundle.

    `ran_on`: the nodes it was seen on; `monitors`: the recurring ones that are configured.
    """

    id: str
    kind: str
    agent: str = ""
    ran_on: tuple[str, ...] = ()
    monitors: tuple[Monitor, ...] = ()
    meta: tuple[tuple[str, str], ...] = ()
    members: tuple[Resource, ...] = ()


class Device(Struct, frozen=True):
    """A fence device. `targets`: the hosts it is configured for; `base` and `most`: its delay, as configured;
    `timeout`: seconds of its own for a reboot.
    """

    id: str
    agent: str
    targets: str
    base: str
    most: str
    timeout: float | None
    monitors: tuple[Monitor, ...]
    ran_on: tuple[str, ...]


class Setting(Struct, frozen=True):
    """A setting in force: seconds, or what was configured. `origin`: "" for as configured, else where it comes from."""

    name: str
    value: float | str
    origin: str = ""


class Configuration(Struct, frozen=True):
    """`tree`: all resources but fence devices, of which there are so many `primitives`; likewise `devices` and how many
    there are; what corosync waits for and counts; the options of the cluster; the file it was read from.
    """

    tree: tuple[Resource, ...]
    primitives: int
    devices: tuple[Device, ...]
    devices_in_all: int
    membership: tuple[Setting, ...]
    links: int | None
    transport: str
    votes: tuple[str, ...]
    options: tuple[Setting, ...]
    watchdog: tuple[float, float | None] | None  # seconds of sbd's watchdog, and of its msgwait
    source: str


def configuration(case: Case, most: int) -> Configuration | None:
    """What the configuration of `case` says, with at most so many primitives and devices; None without any."""
    config = case.config
    if config is None or (config.epoch is None and config.corosync is None and not config.primitives):
        return None
    ran = {each.resource: each.nodes for each in case.statistics.placements}
    monitors: dict[str, list[Monitor]] = {}
    for monitor in case.statistics.monitors:
        if monitor.configured:
            monitors.setdefault(monitor.resource, []).append(monitor)
    fencing = [each for each in config.primitives.values() if each.klass == "stonith"]
    services = [each for each in config.primitives.values() if each.klass != "stonith"]
    leaves = [
        (
            tuple(reversed(each.parents)),
            Resource(
                each.id, "primitive", each.agent, ran.get(each.id, ()), tuple(monitors.get(each.id, ())),
                _meta(each.meta),
            ),
        )
        for each in services[:most]
    ]  # fmt: skip
    sbd = config.sbd
    return Configuration(
        tree=_grown(leaves, config),
        primitives=len(services),
        devices=tuple(_device(each, ran.get(each.id, ()), monitors.get(each.id, ())) for each in fencing[:most]),
        devices_in_all=len(fencing),
        membership=tuple(_membership(config)),
        links=config.corosync.links if config.corosync else None,
        transport=(config.corosync.transport if config.corosync else None) or "",
        votes=tuple(_votes(config.corosync)) if config.corosync else (),
        options=tuple(_options(config)),
        watchdog=(sbd.watchdog, sbd.msgwait) if sbd is not None and sbd.watchdog is not None else None,
        source=config.source,
    )


def standing(case: Case, node: str) -> str:
    """What an attribute keeps a node from: "standby", "maintenance" or ""."""
    attributes = case.config.node_attributes.get(node, {}) if case.config else {}
    return next((name for name in ("maintenance", "standby") if true(attributes.get(name))), "")


def sources(case: Case) -> list[str]:
    """The files of configuration that were read."""
    config = case.config
    named = [config.source, config.corosync.source if config.corosync else ""] if config else []
    return [each for each in named if each]


def _grown(leaves: Sequence[tuple[tuple[str, ...], Resource]], config: ClusterConfig) -> tuple[Resource, ...]:
    """Leaves with what they are in, outermost first, put together; order of the configuration."""
    places: dict[str, list[tuple[tuple[str, ...], Resource]]] = {}
    for index, (path, leaf) in enumerate(leaves):
        key = f"in {path[0]}" if path else f"{index}"
        places.setdefault(key, []).append((path[1:], leaf))
    roots = {f"in {path[0]}": path[0] for path, _ in leaves if path}
    return tuple(
        _collection(roots[key], _grown(inside, config), config) if key in roots else inside[0][1]
        for key, inside in places.items()
    )


def _collection(name: str, members: tuple[Resource, ...], config: ClusterConfig) -> Resource:
    clone, bundle = config.clones.get(name), config.bundles.get(name)
    holder = config.groups.get(name) or clone or bundle
    kind = "group"
    if clone is not None:
        kind = "promotable clone" if clone.promotable else "clone"
    elif bundle is not None:
        kind = "bundle"
    agent, meta = bundle.container if bundle else "", _meta(holder.meta if holder else {})
    return Resource(name, kind, agent, meta=meta, members=members)


def _meta(meta: dict[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple((name, meta[name]) for name in _META if name in meta)


def _device(primitive: Primitive, ran: tuple[str, ...], monitors: Sequence[Monitor]) -> Device:
    """Only parameters of Pacemaker's own are looked at; the agent's may be secrets."""
    get = primitive.params.get
    return Device(
        id=primitive.id,
        agent=primitive.agent,
        targets=get("pcmk_host_list") or get("pcmk_host_map") or get("pcmk_host_check") or "",
        base=get("pcmk_delay_base") or "",
        most=get("pcmk_delay_max") or "",
        timeout=durations.seconds(get("pcmk_reboot_timeout")),
        monitors=tuple(monitors),
        ran_on=ran,
    )


def _membership(config: ClusterConfig) -> Iterator[Setting]:
    """What corosync waits for before it gives up a node."""
    corosync = config.corosync or Corosync()
    token, consensus = token_seconds(config), consensus_seconds(config)
    if token is not None:
        running, configured = corosync.runtime_token is not None, corosync.token is not None
        yield Setting("token", token, "in force" if running else "" if configured else "by default")
    if consensus is not None:
        yield Setting("consensus", consensus, "" if corosync.consensus is not None else "from the token")


def _votes(corosync: Corosync) -> Iterator[str]:
    """What decides about quorum; two_node implies wait_for_all unless that is set (votequorum)."""
    if corosync.expected_votes is not None:
        yield f"{corosync.expected_votes} votes expected"
    if corosync.two_node:
        yield "two_node"
    if corosync.wait_for_all or (corosync.two_node and corosync.wait_for_all is None):
        yield "wait_for_all"
    if corosync.quorum_device:
        yield f"device {corosync.quorum_device}"


def _options(config: ClusterConfig) -> Iterator[Setting]:
    for name in _PROPERTIES:
        value = property_of(config, name)
        configured = name in config.properties
        if value is not None and (configured or name not in _ONLY_SET):
            yield Setting(name, value, "" if configured else "by default")


def together(config: ClusterConfig | None, resources: Sequence[str]) -> tuple[str, str] | None:
    """What holds all of `resources`, as (kind, id), the innermost of several; None: nothing does."""
    parents = [each.parents for name in resources if config and (each := config.primitives.get(name))]
    if config is None or not parents or len(parents) < len(resources):
        return None
    kinds = (("group", config.groups), ("bundle", config.bundles), ("clone", config.clones))
    shared = (each for each in parents[0] if all(each in others for others in parents))
    return next(((kind, each) for each in shared for kind, known in kinds if each in known), None)
