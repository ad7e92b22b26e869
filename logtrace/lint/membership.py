"""Corosync: token and consensus, links, votes, and what a partition without quorum may do."""

from __future__ import annotations

import math
from collections.abc import Iterator
from shlex import quote
from typing import Final

from logtrace.config.commands import property_
from logtrace.config.corosync import consensus_seconds, token_seconds
from logtrace.config.defaults import CONSENSUS_FACTOR
from logtrace.config.query import property_of
from logtrace.domain.kinds import Kind
from logtrace.lint import commands
from logtrace.lint.fencing import enabled
from logtrace.lint.known import Known, Weakness, said

#: Corosync warns of a pause from this share of the token on.
PAUSE: Final = 0.8
#: Longer pauses are machines that slept, and no token is made for those; in seconds.
LONGEST_PAUSE: Final = 20.0
#: Tokens outside these are hasty or slow, in seconds.
HASTY: Final = 1.0
SLOW: Final = 15.0


def consensus_short(known: Known) -> Iterator[Weakness]:
    """Consensus below 1.2 tokens: members may give each other up while they still agree (corosync.conf(5))."""
    token, consensus = token_seconds(known.config), consensus_seconds(known.config)
    if token is not None and consensus is not None and consensus < token * CONSENSUS_FACTOR - 0.0015:
        least = math.ceil(token * CONSENSUS_FACTOR * 1000)
        yield Weakness(
            "error",
            "consensus",
            f"The consensus timeout is {said(consensus)}; with a token of {said(token)} it must be at least "
            f"{said(least / 1000)}, or memberships form that not all members agree to.",
            commands.totem("consensus", str(least)),
            known.corosync,
        )


def token_short(known: Known) -> Iterator[Weakness]:
    """A token that pauses of this machine reach, or that any pause would reach."""
    token = token_seconds(known.config)
    if token is None:
        return
    pauses = [
        (event.pause_ms / 1000, event)
        for kind in (Kind.COROSYNC_NOT_SCHEDULED, Kind.TOTEM_PAUSE)
        for event in known.timeline.rows.get(kind, [])
        if event.pause_ms is not None and token * PAUSE <= event.pause_ms / 1000 <= LONGEST_PAUSE
    ]
    longest, where = max(pauses, key=lambda pause: pause[0], default=(0.0, None))
    if where is not None:
        told = f"Corosync did not run for {said(longest)} on {where.node}; a token of {said(token)} does not bear that."
    elif token < HASTY:
        told = f"A token of {said(token)} makes a node lost for every short pause of its machine or network."
    else:
        return
    wanted = max(math.ceil(longest * 1.5) * 1000, 3000)
    evidence = known.lines(event.event for _, event in pauses[:3])
    yield Weakness(
        "warning", "token", told, commands.totem("token", str(wanted)), (*known.corosync, *evidence)
    )  # fmt: skip


def token_long(known: Known) -> Iterator[Weakness]:
    """What the configuration makes every loss of a node cost."""
    token, consensus = token_seconds(known.config), consensus_seconds(known.config)
    if token is not None and consensus is not None and token > SLOW:
        yield Weakness(
            "info",
            "token",
            f"A lost node is only noticed after token and consensus, up to {said(token + consensus)}.",
            commands.totem("token", "10000"),
            known.corosync,
        )


def link_single(known: Known) -> Iterator[Weakness]:
    """One network between the nodes."""
    corosync = known.config.corosync
    if corosync is not None and corosync.links == 1 and len(corosync.nodes) > 1:
        added = " ".join(f"{quote(name)}=ADDRESS" for name in corosync.nodes.values())
        yield Weakness(
            "warning",
            "corosync links",
            "Corosync has a single link: one cable or switch is enough to part the nodes.",
            {"crm": "crm corosync edit\ncrm corosync push", "pcs": f"pcs cluster link add {added}"},
            known.corosync,
        )


def quorum_even(known: Known) -> Iterator[Weakness]:
    """An even number of votes parts into halves of which neither has quorum."""
    corosync = known.config.corosync
    if corosync is None or corosync.quorum_device or corosync.two_node:
        return
    votes = corosync.expected_votes or len(corosync.nodes)
    if votes > 2 and votes % 2 == 0:
        yield Weakness(
            "warning",
            "quorum",
            f"{votes} votes and no quorum device: split in halves, neither side has quorum and everything stops.",
            commands.quorum_device(),
            known.corosync,
        )


def two_node_off(known: Known) -> Iterator[Weakness]:
    """Two votes of which both are needed."""
    corosync = known.config.corosync
    if corosync is None or corosync.two_node or corosync.quorum_device or known.config.stack not in ("corosync", None):
        return
    if len(corosync.nodes) == 2 and property_of(known.config, "no-quorum-policy") not in ("ignore", None):
        yield Weakness(
            "error",
            "quorum",
            "Two nodes without two_node: 1 and without a quorum device: when one is lost, the other has no quorum and "
            "stops everything.",
            {
                "crm": commands.quorum("two_node", "1")["crm"],
                "pcs": "pcs cluster sync  # after two_node: 1 was written into corosync.conf",
            },
            known.corosync,
        )


def wait_for_all_off(known: Known) -> Iterator[Weakness]:
    """Two nodes that each may start alone fence each other at every start."""
    corosync = known.config.corosync
    if corosync is not None and corosync.two_node and corosync.wait_for_all is False:
        yield Weakness(
            "warning",
            "quorum",
            "two_node with wait_for_all off: a node that starts while it cannot see its peer fences it and takes over, "
            "and the peer does the same when it is back.",
            commands.quorum("wait_for_all", "1"),
            known.corosync,
        )


def quorum_ignored(known: Known) -> Iterator[Weakness]:
    """no-quorum-policy=ignore: every fragment of the cluster runs everything."""
    if property_of(known.config, "no-quorum-policy") != "ignore":
        return
    fenced = enabled(known) and bool(known.devices)
    two = len(known.nodes) == 2
    yield Weakness(
        "warning" if two and fenced else "error",
        "no-quorum-policy",
        "Parts of the cluster without quorum go on as if they had it"
        + (
            "; with fencing that ends in a duel, and corosync's own two_node does the same more safely."
            if fenced
            else ", and without fencing nothing keeps two of them from running the same service on the same data."
        ),
        property_("no-quorum-policy", "stop"),
        known.cib,
    )
