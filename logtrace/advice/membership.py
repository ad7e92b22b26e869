"""Corosync: its token, its place in the scheduler, its links."""

from __future__ import annotations

from collections.abc import Iterator

from logtrace.advice.situation import Situation
from logtrace.chains.triggers import CorosyncPaused
from logtrace.config.corosync import token_seconds
from logtrace.domain.advice import Advice
from logtrace.whatif.model import Change

_CONF = "/etc/corosync/corosync.conf"

#: Corosync's own default since 3.1.
_TOKEN = 3.0


def advise(situation: Situation) -> Iterator[Advice]:
    """A token no shorter than pauses that happen, no longer than needed; a second link."""
    token = token_seconds(situation.config)
    if situation.true("corosync_stall"):
        yield from _stall(situation, token)
    elif situation.concerns("node_failure", "cold_failover", "slow_fencing") and situation.one.chain.losses:
        yield from _shorter(situation, token)
    if situation.concerns("network_partition", "quorum_loss") and situation.one.chain.losses:
        yield from _links(situation)


def _stall(situation: Situation, token: float | None) -> Iterator[Advice]:
    stalls = situation.one.triggers(CorosyncPaused)
    if not stalls:
        return
    longest = max(stalls, key=lambda stall: stall.seconds)
    pause = longest.seconds
    saves, basis = situation.all_of_it("no member would have been lost for the pause")
    yield Advice(
        "corosync_realtime",
        f"Let corosync on {longest.node} run when it must: real-time scheduling (system {{ sched_rr: yes "
        "move_to_root_cgroup: yes }), no overcommitted or snapshotted virtual machine; find what held it for "
        f"{pause:.1f} s",
        files=(_CONF, "/etc/systemd/system/corosync.service.d/override.conf"),
        saves=saves if situation.is_headline("corosync_stall") else None,
        saves_basis=basis,
        risk="a runaway process with real-time priority starves a node; corosync itself uses little",
    )
    wanted = int(pause * 1.25) + 1
    if token is None or wanted > token:
        now = f" instead of {token:g} s" if token is not None else ""
        yield Advice(
            "longer_token",
            f"Bear pauses of {pause:.1f} s: set token: {wanted * 1000} in the totem section{now}, the same on all "
            "nodes, then corosync-cfgtool -R",
            files=(_CONF,),
            saves=saves if situation.is_headline("corosync_stall") else None,
            saves_basis=basis,
            risk=f"a node that really dies is missed {(wanted - (token or 0)) * 2.2:.0f} s later (token and consensus)",
        )


def _shorter(situation: Situation, token: float | None) -> Iterator[Advice]:
    nodes = len(situation.nodes)
    wanted = _TOKEN + max(0, nodes - 2) * 0.65  # corosync adds token_coefficient for every node above two
    if token is None or token <= wanted * 1.2:
        return
    saves, basis = situation.saves(Change("token", wanted))
    if saves is None or saves < 1:
        return
    yield Advice(
        "shorter_token",
        f"Miss a dead node sooner: set token: {_TOKEN * 1000:.0f} in the totem section (in force: {token:g} s), the "
        "same on all nodes, then corosync-cfgtool -R",
        files=(_CONF,),
        saves=saves,
        saves_basis=basis,
        risk="a pause of the network or of a virtual machine that is longer than the token costs a node",
    )


def _links(situation: Situation) -> Iterator[Advice]:
    corosync = situation.config.corosync
    if corosync is not None and corosync.links > 1:
        yield Advice(
            "separate_links",
            f"Let the {corosync.links} links of corosync share no switch, card or cable: they failed together",
            files=(_CONF,),
            saves_basis="not computed: it would not have happened",
            risk="none",
        )
        return
    saves, basis = situation.all_of_it("with a second link the nodes would not have lost each other")
    headline = situation.is_headline("network_partition", "quorum_loss") and situation.true("network_partition")
    yield Advice(
        "second_link",
        "Give corosync a second link over other switches and cards: ring1_addr for every node, the same "
        "corosync.conf everywhere, then corosync-cfgtool -R",
        files=(_CONF,),
        saves=saves if headline else None,
        saves_basis=basis,
        risk="needs knet (corosync 3) or rrp_mode: passive (corosync 2); restart corosync once for the change of rings",
    )
