"""What was changed in a cluster between two configurations, one setting at a time."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from logtrace.config.model import ClusterConfig, Corosync, Op, Primitive
from logtrace.report.case import Case

Settings = dict[str, dict[str, str]]  # subject -> setting -> value


class SettingChange(Struct, frozen=True):
    """A setting of a subject (a resource, a constraint, "cluster", "corosync", ...). None: it was not there.

    `what` is "" where the whole subject came or went; then the value says what it is.
    """

    subject: str
    what: str
    before: str | None
    after: str | None


def changes(first: Case, second: Case) -> tuple[SettingChange, ...]:
    """Every setting that differs, in the order of subjects: the cluster's own first."""
    before, after = _settings(first), _settings(second)
    return tuple(
        change
        for subject in dict.fromkeys([*before, *after])
        for change in _of(subject, before.get(subject), after.get(subject))
    )


def _of(subject: str, before: dict[str, str] | None, after: dict[str, str] | None) -> Iterator[SettingChange]:
    if before is None or after is None:
        yield SettingChange(subject, "", _first(before), _first(after))
        return
    for what in dict.fromkeys([*before, *after]):
        if before.get(what) != after.get(what):
            yield SettingChange(subject, what, before.get(what), after.get(what))


def _first(values: dict[str, str] | None) -> str | None:
    """What a subject is: its first setting says it."""
    return None if values is None else next(iter(values.values()), "")


def _settings(case: Case) -> Settings:
    cluster, config = case.cluster, case.config or ClusterConfig()
    told: Settings = {
        "cluster": _known(
            name=cluster.name,
            pacemaker=cluster.pacemaker,
            corosync=cluster.corosync,
            stack=cluster.stack,
            nodes=" ".join(sorted(node.name for node in cluster.nodes)),
        ),
        "corosync": _corosync(config.corosync) if config.corosync else {},
        "properties": dict(sorted(config.properties.items())),
        "rsc_defaults": dict(sorted(config.rsc_defaults.items())),
        "op_defaults": dict(sorted(config.op_defaults.items())),
    }
    if config.sbd is not None:
        told["sbd"] = _known(watchdog=_seconds(config.sbd.watchdog), msgwait=_seconds(config.sbd.msgwait))
    told |= {primitive.id: _primitive(primitive) for primitive in config.primitives.values()}
    told |= {group.id: {"members": " ".join(group.members)} | _prefixed("meta", group.meta)
             for group in config.groups.values()}  # fmt: skip
    for clone in config.clones.values():
        kind = f"{'promotable ' if clone.promotable else ''}clone of {clone.child}"
        told[clone.id] = {"kind": kind} | _prefixed("meta", clone.meta)
    for bundle in config.bundles.values():
        told[bundle.id] = {"kind": f"{bundle.container} bundle of {bundle.child}"} | _prefixed("meta", bundle.meta)
    for order in config.orders:
        told[order.id] = {
            "order": f"{order.first_action} {order.first}, then {order.then_action} {order.then} ({order.kind})"
        }
    for place in config.colocations:
        told[place.id] = {"colocation": f"{place.resource} with {place.with_resource}: {place.score}"}
    for location in config.locations:
        told[location.id] = {"location": f"{location.resource} on {location.node or 'a rule'}: {location.score}"}
    return told


def _corosync(conf: Corosync) -> dict[str, str]:
    return _known(
        transport=conf.transport,
        token=_seconds(conf.token if conf.token is not None else conf.runtime_token) or "default",
        consensus=_seconds(conf.consensus) or "default",
        links=str(conf.links),
        two_node=_yes(conf.two_node),
        wait_for_all=None if conf.wait_for_all is None else _yes(conf.wait_for_all),
        quorum_device=conf.quorum_device,
    )


def _primitive(primitive: Primitive) -> dict[str, str]:
    operations = {name: value for op in primitive.ops for name, value in _operation(op)}
    inside = {"part of": " in ".join(primitive.parents)} if primitive.parents else {}
    return (
        {"agent": primitive.agent}
        | inside
        | operations
        | _prefixed("meta", primitive.meta)
        | _prefixed("param", primitive.params)
    )


def _operation(op: Op) -> Iterator[tuple[str, str]]:
    name = f"{op.name} ({op.role})" if op.role else op.name
    if op.name == "monitor":
        yield f"{name} interval", _seconds(op.interval) or "0 s"
    yield f"{name} timeout", _seconds(op.timeout) or "default"
    if op.on_fail:
        yield f"{name} on-fail", op.on_fail
    if not op.enabled:
        yield f"{name} enabled", "no"


def _prefixed(prefix: str, values: dict[str, str]) -> dict[str, str]:
    return {f"{prefix} {name}": value for name, value in sorted(values.items())}


def _known(**values: str | None) -> dict[str, str]:
    return {name: value for name, value in values.items() if value is not None}


def _seconds(value: float | None) -> str | None:
    return None if value is None else f"{value:g} s"


def _yes(value: bool) -> str:
    return "yes" if value else "no"
