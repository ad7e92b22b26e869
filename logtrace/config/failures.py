"""What the cluster does about a failure, as it is configured: on-fail, threshold, expiry, and going back afterwards.

Resources may be named as the daemons print them (`x:0`). Durations are seconds.
"""

from __future__ import annotations

from logtrace.config.model import ClusterConfig, Op, Primitive
from logtrace.config.query import base_name, group_of, is_connection, meta_of, primitive_of, property_of
from logtrace.domain import durations
from logtrace.domain.values import INFINITY, role_of, score, true

_ANSWERS = {
    "ignore",
    "nothing",
    "block",
    "stop",
    "restart",
    "migrate",
    "demote",
    "standby",
    "fence",
    "restart-container",
}


def fencing_enabled(config: ClusterConfig) -> bool:
    """Whether fencing is on, by whatever spelling; True where nothing tells, as Pacemaker has it."""
    return true(property_of(config, "stonith-enabled"), default=True)


def on_fail(
    config: ClusterConfig, resource: str, operation: str, interval: float | None = None, role: str | None = None
) -> str | None:
    """What follows when that operation fails: "ignore", "block", "stop", "restart", "demote", "standby", "fence", ...

    Of several operations of one name the one with that interval (and role, where one is given) counts, else the first.
    What is said there or in op_defaults holds where Pacemaker accepts it; else its default: "fence" for a stop ("block"
    where fencing is off) and for what breaks the connection to a remote node, "restart-container" inside of a bundle,
    for a demote what the promoted role's monitor says, else "restart" (pcmk__parse_on_fail, validate_on_fail).
    None for a resource that is not in the configuration.
    """
    primitive = primitive_of(config, resource)
    if primitive is None:
        return None
    named = [op for op in primitive.ops if op.name == operation]
    op = next((op for op in named if _fits(op, interval, role)), next(iter(named), None))
    said = ((op.on_fail if op else None) or config.op_defaults.get("on-fail") or "").lower()
    if operation == "demote" and not said:
        said = next((each.on_fail for each in primitive.ops if each.on_fail and _watches_promoted(each)), "")
    if not said or not _accepted(op, operation, said):
        return _default(config, primitive, operation)
    return "stop" if said == "fence" and not fencing_enabled(config) else "ignore" if said == "nothing" else said


def _accepted(op: Op | None, operation: str, said: str) -> bool:
    """Whether Pacemaker takes this answer for this operation."""
    if said not in _ANSWERS or (operation == "stop" and said in {"demote", "standby", "stop"}):
        return False
    if said == "demote":
        return operation == "promote" or (op is not None and _watches_promoted(op))
    return True


def _default(config: ClusterConfig, primitive: Primitive, operation: str) -> str:
    if primitive.parents and primitive.parents[-1] in config.bundles:
        return "restart-container"
    fencing = fencing_enabled(config)
    if operation == "stop":
        return "fence" if fencing else "block"
    return "fence" if is_connection(config, primitive.id) and fencing and operation != "start" else "restart"


def _watches_promoted(op: Op) -> bool:
    return op.name == "monitor" and op.interval > 0 and op.enabled and role_of(op.role) == "promoted"


def threshold(config: ClusterConfig, resource: str) -> int:
    """The failures after which it is banned from a node; INFINITY when none are too many."""
    configured = score(meta_of(config, resource, "migration-threshold"))
    return configured if configured > 0 else INFINITY  # 0: failures are not counted against it


def failure_timeout(config: ClusterConfig, resource: str) -> float | None:
    """How long a failure is remembered, in seconds; None: until somebody cleans up."""
    return durations.seconds(meta_of(config, resource, "failure-timeout")) or None


def start_failure_is_fatal(config: ClusterConfig) -> bool:
    """Whether one failed start bans a resource from its node at once."""
    return true(property_of(config, "start-failure-is-fatal"), default=True)


def stickiness(config: ClusterConfig, resource: str) -> int:
    """What keeps it on the node it is on: its stickiness, and that of a whole group the sum of its members'."""
    group = group_of(config, resource)
    members = group.members if group is not None else (base_name(resource),)
    return max(-INFINITY, min(INFINITY, sum(score(meta_of(config, name, "resource-stickiness")) for name in members)))


def preferences(config: ClusterConfig, resource: str) -> dict[str, int]:
    """Node -> the sum of the scores that location constraints give it, on the resource and on what holds it.

    Constraints by a rule that no single node answers, and by a pattern, are left out.
    """
    key = base_name(resource)
    primitive = config.primitives.get(key)
    names = {key, *(primitive.parents if primitive else ())}
    group = group_of(config, resource)
    names |= set(group.members) if group is not None else set()
    found: dict[str, int] = {}
    for location in config.locations:
        if location.resource in names and location.node is not None:
            total = found.get(location.node, 0) + score(location.score)
            found[location.node] = max(-INFINITY, min(INFINITY, total))
    return found


def failback_node(config: ClusterConfig, resource: str) -> str | None:
    """The node to which it is moved as soon as that node is there, healthy or not where it runs; None when it stays.

    It goes where its preference is higher than anywhere else by more than its stickiness.
    """
    pull = _pull(config, resource)
    return pull[0] if pull is not None and pull[1] > stickiness(config, resource) else None


def stickiness_to_stay(config: ClusterConfig, resource: str) -> int | None:
    """The least resource-stickiness with which it stays where it runs though another node is preferred; of a group's
    members each has so much. None where no finite one does, or nothing pulls.
    """
    pull, group = _pull(config, resource), group_of(config, resource)
    if pull is None or pull[1] >= INFINITY:
        return None
    return pull[1] // (len(group.members) if group is not None else 1) + 1


def _pull(config: ClusterConfig, resource: str) -> tuple[str, int] | None:
    """The node that is preferred, and by how much more than any other."""
    liked = preferences(config, resource)
    home = max(liked, key=lambda node: liked[node], default=None)
    if home is None or liked[home] <= 0:
        return None
    others = [liked.get(node, 0) for node in config.nodes.values() if node != home]
    runner_up = max((value for value in others if value > -INFINITY), default=None)
    return (home, liked[home] - runner_up) if runner_up is not None else None


def _fits(op: Op, interval: float | None, role: str | None) -> bool:
    same_role = role is None or role_of(op.role) == role_of(role)
    return same_role and (interval is None or abs(op.interval - interval) < 0.001)
