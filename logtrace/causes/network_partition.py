"""Nodes that lived lost each other."""

from __future__ import annotations

from datetime import timedelta

from logtrace.assessment.assessment import Assessment
from logtrace.causes.judgement import Judgement, ruled_out, supported, undecided
from logtrace.chains.triggers import ConnectivityLost, CorosyncPaused
from logtrace.domain.kinds import Kind
from logtrace.timeline import NodeLoss


def judge(facts: Assessment) -> Judgement:
    """Proof: each side logs that it lost the other, at the same time; a lost node that goes on logging, or comes back
    without having started anew, was alive.
    """
    losses = facts.chain.losses
    cut_off = facts.triggers(ConnectivityLost)
    if not losses and cut_off:
        return supported(
            f"{cut_off[0].node} lost a network that its services need; no node was lost, for the cluster still reached "
            "it on another",
            cut_off[0].events,
            strength=0.85,
            follows=True,
        )
    if not losses:
        return ruled_out("no node was lost")
    if facts.triggers(CorosyncPaused):
        return ruled_out("the node did not lose its peers on the network: its corosync was paused")
    mutual = [
        (one, other)
        for one in losses
        for other in losses
        if one.node in other.observers and other.node in one.observers
    ]
    if mutual:
        one, other = mutual[0]
        links = [
            event.event
            for kind in (Kind.KNET_LINK, Kind.KNET_HOST, Kind.TOTEM_INTERFACE, Kind.KERNEL_NIC)
            for event in facts.timeline.between(kind, facts.detected - timedelta(seconds=30), facts.detected)
            if event.state in ("down", None) or event.kind == Kind.KNET_HOST
        ]
        return supported(
            f"{one.node} and {other.node} lost each other at the same time and both went on logging: the network "
            "between them failed, not the nodes",
            [*one.events[:3], *other.events[:3], *links[:4]],
            strength=0.95 if links else 0.9,
        )
    for loss in losses:
        alive = _lived_on(facts, loss)
        if alive is not None:
            return supported(
                f"{loss.node} was lost to its peers and went on logging: it was cut off, not dead",
                [*loss.events[:3], alive],
                strength=0.85,
            )
    silent = sorted({loss.node for loss in losses} - facts.timeline.logging_nodes)
    if silent:
        return undecided(
            f"the logs of {', '.join(silent)} would tell whether it lived; they are missing", losses[0].events[:2]
        )
    return ruled_out("the lost node fell silent: it did not live on beside the others", losses[0].events[:2])


def _lived_on(facts: Assessment, loss: NodeLoss) -> int | None:
    """A line the lost node wrote well after it was lost, before it was back or started anew."""
    until = loss.back or facts.end
    for fencing in facts.chain.fencings:
        if fencing.target == loss.node and fencing.ended is not None:
            until = min(until, fencing.ended)
    after = loss.time + timedelta(seconds=1)
    booted = [
        event.time
        for kind in (Kind.COROSYNC_START, Kind.DAEMON_STARTING, Kind.BOOT)
        for event in facts.timeline.between(kind, loss.time, until)
        if event.node == loss.node
    ]
    until = min([until, *booted])
    for kind in (
        Kind.QUORUM_LOST,
        Kind.TE_ABORT,
        Kind.FSA_STATE,
        Kind.DC_TAKEN,
        Kind.AGENT_SAYS,
        Kind.ATTR_SET,
        Kind.KNET_LINK,
    ):
        for event in facts.timeline.between(kind, after, until):
            if event.node == loss.node:
                return event.event
    return None
