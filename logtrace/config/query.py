"""Questions to a ClusterConfig about single resources and properties. Durations are seconds.

Resources may be named as the daemons print them, with a clone instance number (`x:0`). Unknown is None.
"""

from __future__ import annotations

import re

from logtrace.config import defaults
from logtrace.config.model import Bundle, Clone, ClusterConfig, Group, Op, Primitive
from logtrace.domain import durations
from logtrace.domain.values import role_of, score, true

_INSTANCE = re.compile(r":\d+$", re.ASCII)
_INFINITY = 1_000_000
_PROMOTED = {"promoted", "master"}


def base_name(resource: str) -> str:
    """The id in the CIB of a resource as printed: without the clone instance number."""
    return _INSTANCE.sub("", resource) if ":" in resource else resource


def node_names(config: ClusterConfig) -> list[str]:
    """The cluster's nodes as the CIB, else corosync's nodelist, names them."""
    corosync = config.corosync
    return list(config.nodes.values()) or ([node.name for node in corosync.nodelist] if corosync else [])


def is_bare_address(name: str) -> bool:
    """Whether a node is known by its address only: a nodelist need not name its nodes."""
    return re.fullmatch(r"[\d.:a-f]+", name) is not None


def member_names(config: ClusterConfig) -> list[str]:
    """The nodes that run corosync and vote: all but remote and guest nodes."""
    return [name for name in node_names(config) if name not in config.remote_nodes]


def guest_names(config: ClusterConfig) -> set[str]:
    """The nodes that live in a resource: guests (meta attribute remote-node) and the replicas of bundles.

    They are fenced by the stop of what they live in.
    """
    guests = {one.meta["remote-node"] for one in config.primitives.values() if "remote-node" in one.meta}
    return guests | {name for name in config.remote_nodes if bundle_of(config, name) is not None}


def primitive_of(config: ClusterConfig, resource: str) -> Primitive | None:
    """The primitive with that name."""
    return config.primitives.get(base_name(resource))


def op_timeout(config: ClusterConfig, resource: str, operation: str, interval: float | None = None) -> float | None:
    """The timeout in force for an operation: its own, else that of op_defaults, else 20 s.

    `interval` None takes the first operation of that name. A probe (monitor, interval 0) without an operation of its
    own has the timeout of the most frequent monitor (Pacemaker: find_min_interval_mon), and a fence device's monitor
    that of pcmk_monitor_timeout where it is set. None for a resource that is not in the configuration.
    """
    primitive = primitive_of(config, resource)
    if primitive is None:
        return None
    if operation == "monitor" and primitive.klass == "stonith":
        device = durations.seconds(primitive.params.get("pcmk_monitor_timeout"))
        if device:
            return device
    op = _op(primitive, operation, interval)
    default = durations.seconds(config.op_defaults.get("timeout"))
    return (op.timeout if op else None) or default or defaults.OP_TIMEOUT


def monitor_interval(config: ClusterConfig, resource: str, role: str | None = None) -> float | None:
    """The interval of the most frequent recurring monitor that looks for a running service; None without any.

    With `role` ("Promoted", "Unpromoted", or their old names) only the monitors that run in that role. Monitors of
    role Stopped look for copies that should not be there, and never count.
    """
    primitive = primitive_of(config, resource)
    if primitive is None:
        return None
    wanted = {role_of(role)} if role else {"", "promoted"}
    return min((op.interval for op in _monitors(primitive) if role_of(op.role) in wanted), default=None)


def meta_of(config: ClusterConfig, resource: str, name: str) -> str | None:
    """A meta attribute in force: the resource's own, else its collections' from the inside out, else rsc_defaults.

    Where none is set, Pacemaker's default; None when there is none.
    """
    key = base_name(resource)
    primitive = config.primitives.get(key)
    holders = (primitive, *(_collection(config, parent) for parent in (primitive.parents if primitive else (key,))))
    for holder in holders:
        if holder is not None and name in holder.meta:
            return holder.meta[name]
    return config.rsc_defaults.get(name, defaults.META.get(name))


def property_of(config: ClusterConfig, name: str) -> str | None:
    """A cluster property in force: as configured, else Pacemaker's default.

    None when there is no default, or when no CIB was at hand to say whether it is configured.
    """
    if config.epoch is None:
        return None
    alias = defaults.ALIASES.get(name, name)
    return config.properties.get(name, config.properties.get(alias, defaults.PROPERTIES.get(name)))


def group_of(config: ClusterConfig, resource: str) -> Group | None:
    """The group a primitive is a member of; the group itself for its own name."""
    key = base_name(resource)
    return next((config.groups[name] for name in _within(config, key) if name in config.groups), None)


def clone_of(config: ClusterConfig, resource: str) -> Clone | None:
    """The clone that runs a primitive or group; the clone itself for its own name."""
    key = base_name(resource)
    return next((clone for clone in config.clones.values() if key in {clone.id, clone.child}), None) or next(
        (config.clones[name] for name in _within(config, key) if name in config.clones), None
    )


def bundle_of(config: ClusterConfig, resource: str) -> Bundle | None:
    """The bundle a resource belongs to: its primitive, or a name the bundle makes (`B-podman-0`, `B-ip-...`, `B-0`)."""
    key = base_name(resource)
    for bundle in config.bundles.values():
        if key in {bundle.id, bundle.child}:
            return bundle
        rest = key.removeprefix(f"{bundle.id}-")
        if rest != key and (rest.isdigit() or rest.startswith((f"{bundle.container}-", "ip-"))):
            return bundle
    return None


def is_stonith(config: ClusterConfig, resource: str) -> bool:
    """Whether it is a fence device."""
    primitive = primitive_of(config, resource)
    return primitive is not None and primitive.klass == "stonith"


def is_connection(config: ClusterConfig, resource: str) -> bool:
    """Whether it is the connection to a remote or guest node, which has the node's name and serves nobody by itself."""
    key = base_name(resource)
    primitive = config.primitives.get(key)
    remote = primitive is not None and (primitive.provider, primitive.type) == ("pacemaker", "remote")
    return remote or key in config.remote_nodes or key in guest_names(config)


def is_clone(config: ClusterConfig, resource: str) -> bool:
    """Whether it runs in several copies at once: as a clone, promotable or not, or in a bundle."""
    return clone_of(config, resource) is not None or bundle_of(config, resource) is not None


def is_promotable(config: ClusterConfig, resource: str) -> bool:
    """Whether its copies have roles: a promotable clone, or a bundle of replicas that are promoted."""
    clone, bundle = clone_of(config, resource), bundle_of(config, resource)
    return (clone is not None and clone.promotable) or (bundle is not None and "promoted-max" in bundle.meta)


def may_run_on(config: ClusterConfig, resource: str, node: str) -> bool:
    """Whether location constraints without a rule let it run there: it, and what holds it, is banned from no such node,
    and where nothing may run without a constraint (symmetric-cluster=false) is sent there by one.
    """
    names = set(_within(config, base_name(resource)))
    scores = [score(each.score) for each in config.locations if each.node == node and each.resource in names]
    if any(each <= -_INFINITY for each in scores):
        return False
    return true(config.properties.get("symmetric-cluster"), default=True) or any(each >= 0 for each in scores)


def _op(primitive: Primitive, operation: str, interval: float | None) -> Op | None:
    named = [op for op in primitive.ops if op.name == operation]
    exact = next((op for op in named if interval is None or abs(op.interval - interval) < 0.001), None)
    if exact is None and operation == "monitor" and not interval:
        return min(_monitors(primitive), key=lambda op: op.interval, default=None)
    return exact


def _monitors(primitive: Primitive) -> list[Op]:
    return [op for op in primitive.ops if op.name == "monitor" and op.interval > 0 and op.enabled]


def _within(config: ClusterConfig, key: str) -> tuple[str, ...]:
    primitive = config.primitives.get(key)
    return (key, *primitive.parents) if primitive else (key,)


def _collection(config: ClusterConfig, name: str) -> Group | Clone | Bundle | None:
    return config.groups.get(name) or config.clones.get(name) or config.bundles.get(name)
