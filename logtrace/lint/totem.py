"""Corosync's own protocol: how long it waits for a silent node, and over how many links it hears it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from shlex import quote
from typing import Final

from logtrace.config import commands
from logtrace.config.corosync import PAUSE_WARNED, consensus_seconds, least_consensus, token_seconds
from logtrace.domain.kinds import Kind
from logtrace.lint.check import Look, Source, check, said
from logtrace.lint.finding import Finding

#: Longer pauses are machines that slept, and no token is made for those; in seconds.
LONGEST_PAUSE: Final = 20.0
#: Tokens outside these are hasty or slow, in seconds.
HASTY: Final = 1.0
SLOW: Final = 15.0
#: What clouds that freeze guests for maintenance ask for (the guides of Azure, AWS and Google for SAP and for RHEL).
SLOW_CLOUD: Final = 30.0
_CLOUD = re.compile(r"(?:fence_(?:azure|aws|gce|ibm)|external/(?:ec2|gcp)|azure-|aws|gcp|gcpstonith)", re.IGNORECASE)


@check(
    "consensus-short",
    "error",
    Source.COROSYNC,
    line="The consensus timeout is below 1.2 tokens.",
    means="""
        Consensus is how long members may take to agree on who is left. If it is shorter than the token allows,
        some decide while others still wait, and memberships flicker.
    """,
    proves="The value in force, or the one in corosync.conf, is below 1.2 times the token.",
    disproves="Without a line of its own corosync computes it rightly; then this never appears.",
    fix="Delete the consensus line, or set it to at least 1.2 times the token whenever the token is changed.",
)
def consensus_short(look: Look) -> Iterator[Finding]:
    """Consensus below 1.2 tokens: members may give each other up while they still agree (corosync.conf(5))."""
    token, consensus = token_seconds(look.config), consensus_seconds(look.config)
    if token is not None and consensus is not None and consensus < least_consensus(token) - 0.0015:
        least = least_consensus(token)
        yield look.finding(
            "consensus",
            f"The consensus timeout is {said(consensus)}; with a token of {said(token)} it must be at least "
            f"{said(least)}, or memberships form that not all members agree to.",
            commands.totem("consensus", f"{least * 1000:.0f}"),
        )


@check(
    "token-short",
    "warning",
    Source.COROSYNC,
    line="The token is too short for the pauses of these machines.",
    means="""
        A node counts as lost when the token does not come round in time. Pauses that virtual machines,
        snapshots or loaded hosts have every day then cost a node.
    """,
    proves="Pauses of corosync in the logs that reach four fifths of the token, or a token below one second.",
    disproves="""
        A machine that was suspended pauses for minutes; no token is made for that, and such pauses are not
        counted.
    """,
    fix="""
        Raise the token above the longest honest pause; each lost node is then noticed about twice that rise
        later.
    """,
)
def token_short(look: Look) -> Iterator[Finding]:
    """A token that pauses of this machine reach, or that any pause would reach."""
    token = token_seconds(look.config)
    if token is None:
        return
    pauses = [
        (event.pause_ms / 1000, event)
        for kind in (Kind.COROSYNC_NOT_SCHEDULED, Kind.TOTEM_PAUSE)
        for event in look.timeline.rows.get(kind, [])
        if event.pause_ms is not None and token * PAUSE_WARNED <= event.pause_ms / 1000 <= LONGEST_PAUSE
    ]
    longest, where = max(pauses, key=lambda pause: pause[0], default=(0.0, None))
    if where is not None:
        told = f"Corosync did not run for {said(longest)} on {where.node}; a token of {said(token)} does not bear that."
    elif token < HASTY:
        told = f"A token of {said(token)} makes a node lost for every short pause of its machine or network."
    else:
        return
    wanted = max(math.ceil(longest * 1.5) * 1000, 3000)
    yield look.finding(
        "token", told, commands.totem("token", str(wanted)), events=(event.event for _, event in pauses[:3])
    )


@check(
    "token-long",
    "info",
    Source.COROSYNC,
    line="The token is so long that every lost node is noticed late.",
    means="Token and consensus are the price of every loss of a node, before fencing even begins.",
    proves="""
        The token in force, or computed from corosync.conf and the number of nodes, is above 15 seconds; above
        30 where agents of a cloud are configured or no CIB tells.
    """,
    disproves="Clouds that freeze guests for maintenance ask for 30 seconds; then the price is right.",
    fix="Take the value the platform asks for and not more; about 10 seconds bear most virtual machines.",
)
def token_long(look: Look) -> Iterator[Finding]:
    """What the configuration makes every loss of a node cost."""
    token, consensus = token_seconds(look.config), consensus_seconds(look.config)
    if token is not None and consensus is not None and token > (SLOW_CLOUD if _may_be_cloud(look) else SLOW):
        yield look.finding(
            "token",
            f"A lost node is only noticed after token and consensus, up to {said(token + consensus)}.",
            commands.totem("token", "10000"),
        )


@check(
    "link-single",
    "warning",
    Source.COROSYNC,
    line="Corosync has one link only.",
    means="One switch, cable or card parts the nodes, and a healthy node is fenced for it.",
    proves="Each node has one address in the nodelist, or there is one interface in the totem section.",
    disproves="A bond over two switches is redundant below corosync; corosync cannot know that.",
    fix="""
        Add a second address for each node on another network and list it as a second link; knet takes it at run
        time.
    """,
)
def link_single(look: Look) -> Iterator[Finding]:
    """One network between the nodes."""
    corosync = look.config.corosync
    if corosync is not None and corosync.links == 1 and len(look.nodes) != 1:
        names = [node.name for node in corosync.nodelist] if corosync.transport in ("knet", None) else []
        added = " ".join(f"{quote(name)}=ADDRESS" for name in names)
        by_hand = commands.edited()
        yield look.finding(
            "corosync links",
            "Corosync has a single link: one cable or switch is enough to part the nodes.",
            {**by_hand, "pcs": f"pcs cluster link add {added}"} if names else by_hand,
        )


def _may_be_cloud(look: Look) -> bool:
    """Whether agents of a cloud are configured, or nothing tells what is."""
    return look.config.epoch is None or any(_CLOUD.match(one.type) for one in look.config.primitives.values())
