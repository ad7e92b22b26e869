"""What people left behind: constraints of moves, resources out of the cluster's hands, nodes set aside, orphans."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from logtrace.config import commands
from logtrace.config.query import bundle_of, op_timeout, property_of
from logtrace.domain.results import RUNNING_RC
from logtrace.domain.values import true
from logtrace.lint.check import Look, Source, check
from logtrace.lint.fencing import enabled
from logtrace.lint.finding import Finding

#: Prefixes of the constraints that moves and bans make (crm_resource).
_COMMAND: Final = ("cli-ban-", "cli-prefer-", "cli-standby-")
_HOLDERS: Final = ("primitives", "groups", "clones", "bundles")


@check(
    "maintenance-on",
    "error",
    Source.CIB,
    line="Maintenance, or the stop of everything, was left on.",
    means="The cluster watches nothing and does nothing. A failure lasts until somebody happens to look.",
    proves="maintenance-mode or stop-all-resources is true, or a node has the attribute maintenance.",
    disproves="The CIB may have been saved while somebody was at work.",
    fix="See that everything is in the state the cluster believes, then switch it off.",
)
def maintenance(look: Look) -> Iterator[Finding]:
    """The whole cluster, or a node, left in maintenance."""
    for name in ("maintenance-mode", "stop-all-resources"):
        if true(property_of(look.config, name)):
            what = "the cluster does nothing about any failure" if name == "maintenance-mode" else "nothing is started"
            yield look.finding(name, f"It is on: {what}.", commands.property_(name, "false"))
    for node, attributes in look.config.node_attributes.items():
        if true(attributes.get("maintenance")):
            yield look.finding(
                node,
                "The node is in maintenance: nothing on it is monitored, stopped or started.",
                commands.node_ready(node),
                severity="warning",
            )


@check(
    "resource-blocked",
    "error",
    Source.CIB,
    line="A resource is blocked after a stop that failed.",
    means="The cluster does not know whether it still runs, and will neither stop nor start it anywhere.",
    proves="""
        The last operation remembered for it on a node is a stop that failed, and fencing is off or on-fail is
        block.
    """,
    disproves="A stop that was repeated with success is remembered instead. A cleanup forgets it.",
    fix="Make sure by hand that it is down on that node, then clean it up. Fencing does both without you.",
)
def blocked(look: Look) -> Iterator[Finding]:
    """A failed stop that no fencing resolved: the cluster does not know whether it runs, and leaves it alone."""
    for (node, resource), entry in sorted(look.last_of().items()):
        primitive = look.config.primitives.get(resource)
        failed = entry.operation == "stop" and (entry.rc or 0) not in (0, 7, 193) and (entry.status or 0) >= 0
        if not failed or primitive is None:
            continue
        reaction = next((op.on_fail for op in primitive.ops if op.name == "stop" and op.on_fail), None)
        if (reaction or ("fence" if enabled(look) else "block")) == "block":
            timeout = op_timeout(look.config, resource, "stop")
            yield look.finding(
                resource,
                f"Its last stop on {node} failed{f' (timeout {timeout:.0f} s)' if entry.status == 2 else ''} and "
                "nothing fenced the node: it is blocked and will be neither stopped nor started anywhere.",
                commands.cleanup(resource),
            )


@check(
    "resource-unmanaged",
    "warning",
    Source.CIB,
    line="A resource is out of the cluster's hands.",
    means="Its monitors may still run and its failures are recorded, but nothing is done about them.",
    proves="is-managed is false, or maintenance is true, on the resource or on what holds it.",
    disproves="Somebody may be at work on it right now.",
    fix="Manage it again when its state is what the cluster believes.",
)
def unmanaged(look: Look) -> Iterator[Finding]:
    """Resources whose failures will be recorded and nothing more."""
    for holder in _HOLDERS:
        for name, one in getattr(look.config, holder).items():
            off = "is-managed" in one.meta and not true(one.meta["is-managed"], default=True)
            if off or true(one.meta.get("maintenance")):
                yield look.finding(
                    name,
                    f"It is {'unmanaged' if off else 'in maintenance'}: whatever happens to it, the cluster will do "
                    "nothing.",
                    commands.manage(name) if off else commands.meta(name, maintenance="false"),
                )


@check(
    "resource-orphan",
    "warning",
    Source.CIB,
    line="Something still runs that is no longer configured.",
    means="""
        The resource was removed while it ran, or stop-orphan-resources is off. Nobody watches it, and it may hold
        an address or a disk that its successor needs.
    """,
    proves="The status section remembers it running and the configuration does not have it.",
    disproves="Names that bundles and guest nodes make by themselves are no orphans, and are left out.",
    fix="Stop the service by hand if it runs, then clean the name up.",
)
def orphan(look: Look) -> Iterator[Finding]:
    """Something runs, as far as the status section knows, that the configuration does not have."""
    implicit = {one.meta["remote-node"] for one in look.config.primitives.values() if "remote-node" in one.meta}
    there = {name for holder in _HOLDERS for name in getattr(look.config, holder)} | implicit | set(look.nodes)
    if look.config.epoch is None:
        return
    for (node, resource), entry in sorted(look.last_of().items()):
        active = entry.rc in RUNNING_RC and entry.operation in ("start", "monitor", "promote", "demote")
        if active and resource not in there and bundle_of(look.config, resource) is None:
            yield look.finding(
                resource,
                f"It is not in the configuration, but was last seen running on {node}.",
                commands.cleanup(resource),
            )


@check(
    "resource-stopped",
    "warning",
    Source.CIB,
    line="A resource was told to be stopped.",
    means="Nothing starts it until somebody says so, not even a failover.",
    proves="target-role is Stopped on it, on what holds it, or in the defaults.",
    disproves="It may be meant to be down.",
    fix="Start it, or remove it if it is no longer wanted.",
)
def told_to_stop(look: Look) -> Iterator[Finding]:
    """target-role=Stopped that may have been forgotten."""
    for holder in _HOLDERS:
        for name, one in getattr(look.config, holder).items():
            if (one.meta.get("target-role") or "").lower() == "stopped":
                yield look.finding(
                    name,
                    "Its target-role is Stopped: it was told to be down and stays so.",
                    commands.start(name),
                    severity="info",
                )
    if (look.config.rsc_defaults.get("target-role") or "").lower() == "stopped":
        yield look.finding(
            "rsc_defaults",
            "The default target-role is Stopped: nothing runs that does not say otherwise.",
            commands.default("target-role", "Started"),
        )


@check(
    "constraint-leftover",
    "warning",
    Source.CIB,
    line="An earlier move or ban is still in force.",
    means="""
        Moving a resource by command adds a constraint that stays. A ban keeps it off a node even when that is the
        only one left; a preference pulls it back when the node returns.
    """,
    proves="A location constraint whose id begins with cli-ban, cli-prefer or cli-standby.",
    disproves="Constraints with a lifetime expire; ones you want to keep deserve a name of their own.",
    fix="Clear it once the reason for the move is gone.",
)
def constraint_left(look: Look) -> Iterator[Finding]:
    """A move or a ban leaves a constraint that stays in force until it is cleared."""
    for location in look.config.locations:
        if location.id.startswith(_COMMAND):
            ban = not location.id.startswith("cli-prefer-")
            where = location.node or "some node"
            yield look.finding(
                location.id,
                f"An earlier {'ban' if ban else 'move'} of {location.resource} still "
                + (f"keeps it off {where}, also when {where} is all that is left." if ban else f"pulls it to {where}."),
                commands.delete_constraint(location.id),
            )


@check(
    "node-standby",
    "warning",
    Source.CIB,
    line="A node was left in standby.",
    means="It runs nothing, and the cluster has one place less to go when another node fails.",
    proves="The node has the permanent attribute standby.",
    disproves="It may be set aside on purpose, for repair or as a mere vote.",
    fix="Bring it online when the work is done.",
)
def standby(look: Look) -> Iterator[Finding]:
    """A node in standby is one less to fail over to."""
    for node, attributes in look.config.node_attributes.items():
        if true(attributes.get("standby")):
            yield look.finding(
                node,
                "The node is in standby: it runs nothing, and nothing can fail over to it.",
                commands.node_online(node),
            )
