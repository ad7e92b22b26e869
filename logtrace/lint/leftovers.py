"""What people left behind: constraints of moves, resources out of the cluster's hands, nodes set aside, orphans."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from logtrace.config.commands import cleanup, meta, property_
from logtrace.config.query import bundle_of, op_timeout, property_of
from logtrace.domain.values import true
from logtrace.lint import commands
from logtrace.lint.fencing import enabled
from logtrace.lint.known import Known, Weakness
from logtrace.timeline.operations import SUCCESS_RC

#: Prefixes of the constraints that moves and bans make (crm_resource).
_COMMAND: Final = ("cli-ban-", "cli-prefer-", "cli-standby-")
_HOLDERS: Final = ("primitives", "groups", "clones", "bundles")


def constraint_left(known: Known) -> Iterator[Weakness]:
    """A move or a ban leaves a constraint that stays in force until it is cleared."""
    for location in known.config.locations:
        if location.id.startswith(_COMMAND):
            ban = not location.id.startswith("cli-prefer-")
            where = location.node or "some node"
            yield Weakness(
                "warning",
                location.id,
                f"An earlier {'ban' if ban else 'move'} of {location.resource} still "
                + (f"keeps it off {where}, also when {where} is all that is left." if ban else f"pulls it to {where}."),
                commands.delete_constraint(location.id),
                known.cib,
            )


def orphan(known: Known) -> Iterator[Weakness]:
    """Something runs, as far as the status section knows, that the configuration does not have."""
    implicit = {one.meta["remote-node"] for one in known.config.primitives.values() if "remote-node" in one.meta}
    there = {name for holder in _HOLDERS for name in getattr(known.config, holder)} | implicit | set(known.nodes)
    if known.config.epoch is None:
        return
    for (node, resource), entry in sorted(known.last_of().items()):
        active = entry.rc in SUCCESS_RC and entry.operation in ("start", "monitor", "promote", "demote")
        if active and resource not in there and bundle_of(known.config, resource) is None:
            yield Weakness(
                "warning",
                resource,
                f"It is not in the configuration, but was last seen running on {node}.",
                cleanup(resource),
                known.cib,
            )


def unmanaged(known: Known) -> Iterator[Weakness]:
    """Resources whose failures will be recorded and nothing more."""
    for holder in _HOLDERS:
        for name, one in getattr(known.config, holder).items():
            off = "is-managed" in one.meta and not true(one.meta["is-managed"], default=True)
            if off or true(one.meta.get("maintenance")):
                yield Weakness(
                    "warning",
                    name,
                    f"It is {'unmanaged' if off else 'in maintenance'}: whatever happens to it, the cluster will do "
                    "nothing.",
                    commands.manage(name) if off else meta(name, maintenance="false"),
                    known.cib,
                )


def blocked(known: Known) -> Iterator[Weakness]:
    """A failed stop that no fencing resolved: the cluster does not know whether it runs, and leaves it alone."""
    for (node, resource), entry in sorted(known.last_of().items()):
        primitive = known.config.primitives.get(resource)
        failed = entry.operation == "stop" and (entry.rc or 0) not in (0, 7, 193) and (entry.status or 0) >= 0
        if not failed or primitive is None:
            continue
        reaction = next((op.on_fail for op in primitive.ops if op.name == "stop" and op.on_fail), None)
        if (reaction or ("fence" if enabled(known) else "block")) == "block":
            timeout = op_timeout(known.config, resource, "stop")
            yield Weakness(
                "error",
                resource,
                f"Its last stop on {node} failed{f' (timeout {timeout:.0f} s)' if entry.status == 2 else ''} and "
                "nothing fenced the node: it is blocked and will be neither stopped nor started anywhere.",
                cleanup(resource),
                known.cib,
            )


def maintenance(known: Known) -> Iterator[Weakness]:
    """The whole cluster, or a node, left in maintenance."""
    for name in ("maintenance-mode", "stop-all-resources"):
        if true(property_of(known.config, name)):
            what = "the cluster does nothing about any failure" if name == "maintenance-mode" else "nothing is started"
            yield Weakness(
                "error", name, f"It is on: {what}.", property_(name, "false"), known.cib
            )  # fmt: skip
    for node, attributes in known.config.node_attributes.items():
        if true(attributes.get("maintenance")):
            yield Weakness(
                "warning",
                node,
                "The node is in maintenance: nothing on it is monitored, stopped or started.",
                commands.node_ready(node),
                known.cib,
            )


def standby(known: Known) -> Iterator[Weakness]:
    """A node in standby is one less to fail over to."""
    for node, attributes in known.config.node_attributes.items():
        if true(attributes.get("standby")):
            yield Weakness(
                "warning",
                node,
                "The node is in standby: it runs nothing, and nothing can fail over to it.",
                commands.node_online(node),
                known.cib,
            )


def told_to_stop(known: Known) -> Iterator[Weakness]:
    """target-role=Stopped that may have been forgotten."""
    for holder in _HOLDERS:
        for name, one in getattr(known.config, holder).items():
            if (one.meta.get("target-role") or "").lower() == "stopped":
                yield Weakness(
                    "info",
                    name,
                    "Its target-role is Stopped: it was told to be down and stays so.",
                    commands.start(name),
                    known.cib,
                )
    if (known.config.rsc_defaults.get("target-role") or "").lower() == "stopped":
        yield Weakness(
            "warning",
            "rsc_defaults",
            "The default target-role is Stopped: nothing runs that does not say otherwise.",
            commands.default("target-role", "Started"),
            known.cib,
        )
