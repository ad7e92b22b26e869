"""Quorum: the votes that corosync counts, and what a part of the cluster without a majority may do."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from logtrace.config import commands
from logtrace.config.corosync import has_votequorum, votes
from logtrace.config.failures import fencing_enabled
from logtrace.config.model import Corosync
from logtrace.config.query import property_of
from logtrace.lint.check import Look, Source, check
from logtrace.lint.finding import Finding


@check(
    "no-quorum-policy-ignore",
    "error",
    Source.CIB,
    line="Partitions without quorum go on as if they had it.",
    means="""
        Each fragment of the cluster starts everything. With fencing they shoot it out; without, they run the
        same services on the same data.
    """,
    proves="The property no-quorum-policy is ignore.",
    disproves="""
        Before Corosync 2 there was no two_node; pairs of that time needed it, together with fencing, and
        nothing is said of them.
    """,
    fix="Set it to stop and, for two nodes, two_node in corosync.conf. Have fencing in any case.",
)
def quorum_ignored(look: Look) -> Iterator[Finding]:
    """no-quorum-policy=ignore: every fragment of the cluster runs everything."""
    if property_of(look.config, "no-quorum-policy") != "ignore" or len(look.nodes) == 1:
        return
    fenced, modern = fencing_enabled(look.config) and bool(look.devices), has_votequorum(look.config)
    two = len(look.nodes) == 2
    if two and fenced and not modern:
        return
    duel = ", and corosync's own two_node does the same more safely" if two and modern else ""
    yield look.finding(
        "no-quorum-policy",
        "Parts of the cluster without quorum go on as if they had it"
        + (
            f"; with fencing that ends in a duel{duel}."
            if fenced
            else ", and without fencing nothing keeps two of them from running the same service on the same data."
        ),
        commands.property_("no-quorum-policy", "stop") if modern or not two else None,
        severity="warning" if two and fenced else "error",
    )


@check(
    "quorum-provider-absent",
    "error",
    Source.COROSYNC,
    line="Corosync counts no votes.",
    means="""
        Without a quorum provider there is no quorum: Pacemaker's daemons ask corosync for it when they start,
        are told that it is not configured, and give up.
    """,
    proves="The file has a nodelist or a quorum section, and no line with provider in the latter.",
    disproves="Corosync 1 with Pacemaker as its plugin, cman and Heartbeat counted votes elsewhere.",
    fix="Write provider: corosync_votequorum into the quorum section on every node, and restart corosync.",
)
def provider_absent(look: Look) -> Iterator[Finding]:
    """A quorum section without its provider, or none beside a list of nodes."""
    corosync = _counted(look)
    if corosync is not None and corosync.provider is None and votes(corosync) is not None:
        yield look.finding(
            "quorum",
            "No quorum provider is configured (provider: corosync_votequorum): corosync counts no votes, and "
            "Pacemaker, which asks it for quorum, does not run.",
            commands.quorum_written("provider: corosync_votequorum"),
        )


@check(
    "node-id-duplicate",
    "error",
    Source.COROSYNC,
    line="Two nodes have the same node id.",
    means="""
        The id is what a node is to corosync, the votes and the CIB. Releases that check it refuse to start;
        older ones take the two nodes for one.
    """,
    proves="Two nodes of the nodelist have one nodeid.",
    disproves="Nothing; a copied section is the usual reason.",
    fix="Give every node a number of its own. The file must be the same on every node, and corosync started anew.",
)
def id_twice(look: Look) -> Iterator[Finding]:
    """One nodeid for several nodes of the nodelist."""
    named: defaultdict[str, list[str]] = defaultdict(list)
    for node in look.config.corosync.nodelist if look.config.corosync else ():
        if node.id is not None:
            named[node.id].append(node.name)
    for identifier, names in named.items():
        if len(names) > 1:
            yield look.finding(
                f"nodeid {identifier}",
                f"The nodelist gives the node id {identifier} to {', '.join(names[:-1])} and {names[-1]}: corosync "
                "cannot tell them apart and refuses to start, or takes them for one.",
                commands.edited(),
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
    proves="There are two votes, and neither two_node, nor auto_tie_breaker, nor a quorum device is configured.",
    disproves="Another policy than stop, or a third vote that the files at hand do not show.",
    fix="""
        Write two_node: 1 into the quorum section on both nodes; wait_for_all comes with it. A quorum device is
        better where a third place exists.
    """,
)
def two_node_off(look: Look) -> Iterator[Finding]:
    """Two votes of which both are needed."""
    corosync, policy = _counted(look), property_of(look.config, "no-quorum-policy")
    if corosync is None or corosync.provider is None or votes(corosync) != 2 or _settled(corosync):
        return
    if policy != "ignore" and not corosync.two_node and len(corosync.nodelist) in (0, 2):
        left = "can take nothing over" if policy == "freeze" else "stops everything"
        yield look.finding(
            "quorum",
            "Two nodes without two_node: 1 and without a quorum device: when one is lost, the other has no quorum and "
            f"{left}.",
            commands.quorum("two_node", "1"),
        )


@check(
    "two-node-misplaced",
    "error",
    Source.COROSYNC,
    line="two_node is set where it does not work.",
    means="""
        It makes one vote of two enough, and is for exactly two nodes. Where there are more, corosync drops it
        when they are seen. It also brings wait_for_all, and beside a quorum device or auto_tie_breaker it is
        refused or ignored.
    """,
    proves="two_node is 1, and there are more than two votes, a quorum device, or auto_tie_breaker.",
    disproves="Nothing; it is often left from the time when the cluster had two nodes.",
    fix="Delete the line; set wait_for_all by itself if it is wanted.",
)
def two_node_misplaced(look: Look) -> Iterator[Finding]:
    """two_node beside what excludes it (votequorum_readconfig)."""
    corosync = _counted(look)
    if corosync is None or not corosync.two_node:
        return
    count = max(votes(corosync) or 0, len(corosync.nodelist))
    if corosync.quorum_device:
        told = "two_node and a quorum device exclude each other: corosync refuses to start with both."
    elif corosync.auto_tie_breaker:
        told = "two_node and auto_tie_breaker exclude each other: corosync switches two_node off."
    elif count > 2:
        told = (
            f"two_node: 1 is for exactly two nodes, and there are {count}: corosync drops it when it sees a third, and "
            f"until then one node counts as enough; wait_for_all, which it brings, wants all {count} at the start."
        )
    else:
        return
    yield look.finding("quorum", told, commands.quorum("two_node", "0"))


@check(
    "expected-votes-low",
    "error",
    Source.COROSYNC,
    line="expected_votes is below the votes that the nodes have.",
    means="""
        The number that is written overrides the one counted from the nodelist, and quorum is a majority of it.
        At a cold start two parts of the cluster can have quorum at once and each start everything.
    """,
    proves="expected_votes is below the sum of the nodelist's votes.",
    disproves="""
        Corosync raises the number once it has seen more nodes, so a running cluster may be safe until all are
        restarted. With expected_votes_tracking or allow_downscale it is meant as a floor, and nothing is said.
    """,
    fix="Delete the line: corosync counts the nodelist itself.",
)
def votes_low(look: Look) -> Iterator[Finding]:
    """A written number of votes that less than all nodes reach."""
    corosync = _counted(look)
    if corosync is None or corosync.expected_votes is None or corosync.tracking:
        return
    there, written = sum(node.votes for node in corosync.nodelist), corosync.expected_votes
    if 0 < written < there:
        yield look.finding(
            "quorum",
            f"expected_votes is {written}, but the nodelist has {there} votes: a cold start needs only "
            f"{written // 2 + 1} of them, so that two parts of the cluster can each have quorum.",
            commands.quorum("expected_votes", str(there)),
        )


@check(
    "expected-votes-high",
    "warning",
    Source.COROSYNC,
    line="expected_votes counts votes that nobody has.",
    means="""
        Quorum is a majority of the number that is written. Votes of nodes that do not exist make it harder to
        reach, and fewer losses are survived than the nodes could bear.
    """,
    proves="expected_votes is above the sum of the nodelist's votes, without a quorum device, and costs a loss.",
    disproves="A node that is about to be added may have been counted already.",
    fix="Delete the line: corosync counts the nodelist itself.",
)
def votes_high(look: Look) -> Iterator[Finding]:
    """A written number of votes that the nodes do not have."""
    corosync = _counted(look)
    if corosync is None or corosync.expected_votes is None or corosync.quorum_device:
        return
    there, written = sum(node.votes for node in corosync.nodelist), corosync.expected_votes
    spared, could = there - (written // 2 + 1), there - (there // 2 + 1)
    if there and spared < could:
        left = "not one of them may be lost" if spared == 0 else f"only {spared} of them may be lost"
        yield look.finding(
            "quorum",
            f"expected_votes is {written}, but the nodelist has {there} votes: "
            + (f"quorum needs {written // 2 + 1}, so {left}." if spared >= 0 else "quorum cannot be reached."),
            commands.quorum("expected_votes", str(there)),
            severity="error" if spared < 0 else None,
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
    proves="Expected votes are even and more than two, with neither a quorum device nor auto_tie_breaker.",
    disproves="""
        A policy other than stop. last_man_standing alone settles no tie: it counts anew only while a majority
        is left.
    """,
    fix="""
        Add a quorum device at a third place, or a node. One site with the odd vote decides alone when the other
        is cut off.
    """,
)
def quorum_even(look: Look) -> Iterator[Finding]:
    """An even number of votes parts into halves of which neither has quorum."""
    corosync, policy = _counted(look), property_of(look.config, "no-quorum-policy")
    if corosync is None or corosync.two_node or _settled(corosync) or policy == "ignore":
        return
    count = votes(corosync) or 0
    if count > 2 and count % 2 == 0:
        left = "nothing is taken over" if policy == "freeze" else "everything stops"
        yield look.finding(
            "quorum",
            f"{count} votes and no quorum device: split in halves, neither side has quorum and {left}.",
            commands.quorum_device(),
        )


def _counted(look: Look) -> Corosync | None:
    """Corosync's configuration, where corosync itself counts votes."""
    return look.config.corosync if has_votequorum(look.config) else None


def _settled(corosync: Corosync) -> bool:
    """Whether something decides between two halves."""
    return corosync.quorum_device is not None or corosync.auto_tie_breaker
