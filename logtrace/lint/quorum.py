"""Quorum: the votes that corosync counts, and what a part of the cluster without a majority may do."""

from __future__ import annotations

from collections.abc import Iterator

from logtrace.config import commands
from logtrace.config.query import property_of
from logtrace.lint.check import Look, Source, check
from logtrace.lint.fencing import enabled
from logtrace.lint.finding import Finding


@check(
    "no-quorum-policy-ignore",
    "warning",
    Source.CIB,
    line="Partitions without quorum go on as if they had it.",
    means="""
        Each fragment of the cluster starts everything. With fencing they shoot it out; without, they run the same
        services on the same data.
    """,
    proves="The property no-quorum-policy is ignore.",
    disproves="Corosync 1 knew no two_node; pairs of that time needed it, together with fencing.",
    fix="Set it to stop and, for two nodes, two_node in corosync.conf. Have fencing in any case.",
)
def quorum_ignored(look: Look) -> Iterator[Finding]:
    """no-quorum-policy=ignore: every fragment of the cluster runs everything."""
    if property_of(look.config, "no-quorum-policy") != "ignore":
        return
    fenced = enabled(look) and bool(look.devices)
    two = len(look.nodes) == 2
    yield look.finding(
        "no-quorum-policy",
        "Parts of the cluster without quorum go on as if they had it"
        + (
            "; with fencing that ends in a duel, and corosync's own two_node does the same more safely."
            if fenced
            else ", and without fencing nothing keeps two of them from running the same service on the same data."
        ),
        commands.property_("no-quorum-policy", "stop"),
        severity="warning" if two and fenced else "error",
    )


@check(
    "two-node-off",
    "error",
    Source.COROSYNC,
    line="Two nodes that each need the other's vote.",
    means="""
        Quorum of two votes is two: when one node is lost the other stops everything, so the pair is worse than
        one.
    """,
    proves="The nodelist has two nodes, and neither two_node nor a quorum device is configured.",
    disproves="Another policy than stop, or a third vote that the files at hand do not show.",
    fix="""
        Write two_node: 1 into the quorum section on both nodes; wait_for_all comes with it. A quorum device is
        better where a third place exists.
    """,
)
def two_node_off(look: Look) -> Iterator[Finding]:
    """Two votes of which both are needed."""
    corosync = look.config.corosync
    if corosync is None or corosync.two_node or corosync.quorum_device or look.config.stack not in ("corosync", None):
        return
    if len(corosync.nodes) == 2 and property_of(look.config, "no-quorum-policy") not in ("ignore", None):
        yield look.finding(
            "quorum",
            "Two nodes without two_node: 1 and without a quorum device: when one is lost, the other has no quorum and "
            "stops everything.",
            {
                "crm": commands.quorum("two_node", "1")["crm"],
                "pcs": "pcs cluster sync  # after two_node: 1 was written into corosync.conf",
            },
        )


@check(
    "wait-for-all-off",
    "warning",
    Source.COROSYNC,
    line="In a pair, a node that starts alone takes over and fences the other.",
    means="""
        After a network fault each node that boots cannot see its peer, fences it and runs everything; the peer
        does the same when it is back. They can go on like that for hours.
    """,
    proves="two_node is set and wait_for_all is explicitly 0; otherwise two_node implies it.",
    disproves="Where one node has to be able to start while the other is away for long, that is the price.",
    fix="Remove the line or set it to 1. To start a single node on purpose, tell it so by hand.",
)
def wait_for_all_off(look: Look) -> Iterator[Finding]:
    """Two nodes that each may start alone fence each other at every start."""
    corosync = look.config.corosync
    if corosync is not None and corosync.two_node and corosync.wait_for_all is False:
        yield look.finding(
            "quorum",
            "two_node with wait_for_all off: a node that starts while it cannot see its peer fences it and takes over, "
            "and the peer does the same when it is back.",
            commands.quorum("wait_for_all", "1"),
        )


@check(
    "quorum-even",
    "warning",
    Source.COROSYNC,
    line="An even number of votes and no tie-breaker.",
    means="A cut in the middle leaves two halves, neither of which has a majority: everything stops on both sides.",
    proves="Expected votes are even and more than two, and no quorum device is configured.",
    disproves="auto_tie_breaker settles ties too; it is not looked at here.",
    fix="""
        Add a quorum device at a third place, or a node. One site with the odd vote decides alone when the other
        is cut off.
    """,
)
def quorum_even(look: Look) -> Iterator[Finding]:
    """An even number of votes parts into halves of which neither has quorum."""
    corosync = look.config.corosync
    if corosync is None or corosync.quorum_device or corosync.two_node:
        return
    votes = corosync.expected_votes or len(corosync.nodes)
    if votes > 2 and votes % 2 == 0:
        yield look.finding(
            "quorum",
            f"{votes} votes and no quorum device: split in halves, neither side has quorum and everything stops.",
            commands.quorum_device(),
        )
