"""What people left behind: constraints of moves, resources out of the cluster's hands, nodes set aside, orphans."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from logtrace.config import commands
from logtrace.config.failures import on_fail
from logtrace.config.model import HistoryEntry
from logtrace.config.query import base_name, bundle_of, guest_names, is_clone, meta_of, op_timeout, property_of
from logtrace.domain.results import RUNNING_RC
from logtrace.domain.values import true
from logtrace.lint.check import Look, Source, check
from logtrace.lint.finding import Finding

#: Prefixes of the constraints that moves and bans make (crm_resource).
_COMMAND: Final = ("cli-ban-", "cli-prefer-", "cli-standby-")
#: States of an operation that ended by itself: complete, and not installed (pcmk_exec_status).
_DONE: Final = (0, 7)
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
    line="A resource is blocked: the cluster leaves it as it is.",
    means="""
        The cluster was told to leave a failure alone, or does not know whether a stop succeeded. It will
        neither stop nor start the resource, here or elsewhere, until somebody cleans up.
    """,
    proves="""
        A failure remembered on a member whose on-fail is block, or a failed stop with fencing off; or the
        resource is active on several nodes with multiple-active=block.
    """,
    disproves="""
        An operation that succeeded later is remembered instead, and a cleanup forgets it. What a node that is
        away remembers is past.
    """,
    fix="""
        Bring the resource into a state that is known by hand, then clean it up. Fencing settles a failed stop
        by itself.
    """,
)
def blocked(look: Look) -> Iterator[Finding]:
    """Failures that are answered by block, and copies that are: nothing is done until somebody cleans up."""
    by_place: defaultdict[tuple[str, str], list[HistoryEntry]] = defaultdict(list)
    for entry in sorted(look.history, key=lambda entry: entry.call or 0):
        if base_name(entry.resource) in look.config.primitives and not look.away(entry.node):
            by_place[entry.node, base_name(entry.resource)].append(entry)
    for (node, resource), entries in sorted(by_place.items()):
        if (failure := _blocking(look, resource, entries)) is not None:
            yield look.finding(resource, _blocked_by(look, node, resource, failure), commands.cleanup(resource))
    active = [(node, resource) for (node, resource), last in look.last_of().items() if _active(last)]
    for resource in look.config.primitives:
        nodes = sorted(node for node, name in active if name == resource)
        apart = not is_clone(look.config, resource) and meta_of(look.config, resource, "multiple-active") == "block"
        if apart and len(nodes) > 1:
            yield look.finding(
                resource,
                f"It is active on {' and '.join(nodes)}, and multiple-active is block: it is left like that.",
                commands.cleanup(resource),
            )


def _blocking(look: Look, resource: str, entries: list[HistoryEntry]) -> HistoryEntry | None:
    """The failure that blocks it on one node: what is remembered, in the order of calls, a later success clears."""
    found = None
    for entry in entries:
        if not _failed(entry):
            same = found is not None and (entry.operation, entry.interval) == (found.operation, found.interval)
            found = None if entry.interval == 0 or same else found
        elif entry.interval or entry.operation != "monitor":  # a probe that fails is answered by a restart
            answer = on_fail(look.config, resource, entry.operation, entry.interval)
            found = entry if answer == "block" else found
    return found


def _failed(entry: HistoryEntry) -> bool:
    """Whether it ended otherwise than the transition wanted, which stands third in its key (action:transition:rc)."""
    if (entry.status or 0) < 0 or entry.rc is None:
        return False  # still running
    wanted = (entry.transition_key or "").split(":")[2:3]
    good = {wanted[0]} if wanted and wanted[0] != "-1" else set()
    fine = {"0", "7"} if entry.operation == "stop" else {str(rc) for rc in RUNNING_RC}
    ended = (entry.status or 0) in _DONE
    return "_last_failure_" in entry.id or not (ended and str(entry.rc) in (good or fine) | ({"0"} - good))


def _blocked_by(look: Look, node: str, resource: str, entry: HistoryEntry) -> str:
    reason = f" ({entry.exit_reason})" if entry.exit_reason else ""
    if entry.operation == "stop":
        timeout = op_timeout(look.config, resource, "stop")
        late = f" (timeout {timeout:.0f} s)" if entry.status == 2 and timeout else ""
        return (
            f"Its last stop on {node} failed{late or reason} and nothing fenced the node: it is blocked and will be "
            "neither stopped nor started anywhere."
        )
    return (
        f"Its {entry.operation} failed on {node}{reason}, and on-fail is block: the cluster leaves it as it is until "
        "somebody cleans up."
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
        The resource was removed while it ran, or stop-orphan-resources is off. Nobody watches it, and it may
        hold an address or a disk that its successor needs.
    """,
    proves="The status section remembers it running and the configuration does not have it.",
    disproves="Names that bundles and guest nodes make by themselves are no orphans, and are left out.",
    fix="Stop the service by hand if it runs, then clean the name up.",
)
def orphan(look: Look) -> Iterator[Finding]:
    """Something runs, as far as the status section knows, that the configuration does not have."""
    there = {name for holder in _HOLDERS for name in getattr(look.config, holder)}
    there |= guest_names(look.config) | set(look.nodes)
    for (node, resource), entry in sorted(look.last_of().items()):
        if _active(entry) and resource not in there and bundle_of(look.config, resource) is None:
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
        Moving a resource by command adds a constraint that stays. A ban keeps it off a node even when that is
        the only one left; a preference pulls it back when the node returns.
    """,
    proves="A location constraint whose id begins with cli-ban, cli-prefer or cli-standby.",
    disproves="Those with a lifetime expire and are left out; ones you want to keep deserve a name of their own.",
    fix="Clear it once the reason for the move is gone.",
)
def constraint_left(look: Look) -> Iterator[Finding]:
    """A move or a ban leaves a constraint that stays in force until it is cleared."""
    for location in look.config.locations:
        if location.id.startswith(_COMMAND) and location.until is None:
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
    proves="The node has the attribute standby, permanent or until it restarts.",
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
    for node, attributes in look.transient.items():
        if true(attributes.get("standby")) and not true(look.config.node_attributes.get(node, {}).get("standby")):
            yield look.finding(
                node,
                "The node is in standby until it restarts: it runs nothing, and nothing can fail over to it.",
                commands.attribute_gone(node, "standby"),
            )


def _active(last: HistoryEntry) -> bool:
    """Whether what ended last left it running."""
    return last.rc in RUNNING_RC and last.operation in ("start", "monitor", "promote", "demote", "migrate_from")
