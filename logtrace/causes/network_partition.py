"""Nodes that lived lost each other."""

from __future__ import annotations

from collections.abc import Iterator

from logtrace.assessment.assessment import Assessment
from logtrace.assessment.witnesses import logged_on, mute, mutual
from logtrace.causes.confidence import Strength
from logtrace.causes.declaration import Beginning, Complaint, Declaration, Tier
from logtrace.causes.judgement import Judgement, not_seen, ruled_out, supported
from logtrace.chains.triggers import (
    ArbiterLost,
    ConnectivityLost,
    CorosyncPaused,
    NodeLost,
    QuorumLost,
    StorageFailed,
    TicketLost,
)
from logtrace.domain.advice import Advice
from logtrace.domain.kinds import Kind


def judge(facts: Assessment) -> Judgement:
    """Proof: each side logs that it lost the other, at the same time; a lost node that goes on logging, or comes back
    without having started anew, was alive.
    """
    losses = list(facts.chain.losses)
    cut_off = facts.triggers(ConnectivityLost)
    if not losses and cut_off:
        return supported(
            f"{cut_off[0].node} lost a network that its services need; no node was lost, for the cluster still reached "
            "it on another",
            cut_off[0].events,
            strength=Strength.ONE_WITNESS,
            follows=True,
        )
    first = facts.chain.first
    if not losses and isinstance(first, ArbiterLost | StorageFailed | TicketLost):
        return supported(first.beginning, first.events, strength=Strength.NEAREST)
    if not losses:
        return ruled_out("no node was lost")
    if facts.triggers(CorosyncPaused):
        return ruled_out("the node did not lose its peers on the network: its corosync was paused")
    both = mutual(losses)
    if both is not None:
        one, other = both
        links = [
            event.event
            for kind in (Kind.KNET_LINK, Kind.KNET_HOST, Kind.TOTEM_INTERFACE, Kind.KERNEL_NIC)
            for event in facts.timeline.between(kind, facts.last_agreed, facts.detected)
            if event.state in ("down", None) or event.kind == Kind.KNET_HOST
        ]
        return supported(
            f"{one.node} and {other.node} lost each other at the same time and both went on logging: the network "
            "between them failed, not the nodes",
            [*one.events[:3], *other.events[:3], *links[:4]],
            strength=Strength.AGREED if links else Strength.FOLLOWED,
        )
    for loss in losses:
        alive = logged_on(facts, loss)
        if alive is not None:
            return supported(
                f"{loss.node} was lost to its peers and went on logging: it was cut off, not dead",
                [*loss.events[:3], alive],
                strength=Strength.ONE_WITNESS,
            )
    return not_seen(
        "the lost node fell silent: no line shows that it lived on beside the others",
        mute(facts, Kind.TOTEM_MEMBERSHIP, {loss.node for loss in losses}),
        losses[0].events[:2],
    )


def remedy(complaint: Complaint) -> Iterator[Advice]:
    """Find out why a node lost a network that its services need."""
    facts = complaint.facts
    first = facts.chain.first
    if isinstance(first, ArbiterLost | StorageFailed | TicketLost) and complaint.headline.label == "network_partition":
        yield from _mend(first)
    links = facts.triggers(ConnectivityLost)
    if links and not facts.chain.losses:
        yield Advice(
            "find_link_failure",
            f"Find out why {links[0].node} lost that network about {links[0].time:%H:%M:%S} UTC: the switch's port, "
            "cable and card, `ip -s link`, the kernel's log; two bonded cards outlast one of them",
            saves_basis="not computed: it would not have happened",
        )


def _mend(first: ArbiterLost | StorageFailed | TicketLost) -> Iterator[Advice]:
    """What to do about the arbiter, the copies, the paths, the file system or the ticket that were lost."""
    if isinstance(first, ArbiterLost):
        told = (
            f"Find out why {first.node} could not reach the quorum device's server: `corosync-qdevice-tool -s` there, "
            "`corosync-qnetd-tool -l` on the server, the route and TCP port 5403 between them"
        )
    elif isinstance(first, TicketLost):
        told = (
            "Find out why the sites and the arbitrator could not reach each other: `booth list` and `booth peers` at "
            "each, the routes and UDP port 9929 between them; `crm_ticket --info` says who has the ticket now"
        )
    elif first.kind == Kind.STORAGE_WITHDRAWN:
        told = (
            f"Unmount {first.device} on all nodes and let `fsck.gfs2` mend it; then restart {first.node}. Look for "
            "errors of its disk before the first line: a device that fails a write makes GFS2 withdraw as well"
        )
    elif first.split:
        told = (
            f"Choose which copy of {first.device} to keep, and let the other drop its changes: `drbdadm disconnect` "
            "and `drbdadm connect --discard-my-data` there, then `drbdadm connect` on the good one; fencing in DRBD "
            "(fence-peer, resource-and-stonith) keeps it from coming back"
        )
    else:
        told = (
            f"Find out what took {first.device} from {first.node}: `multipath -ll`, the switches and the storage's own "
            "log; let the agent watch it (OCF_CHECK_LEVEL of Filesystem)"
        )
    yield Advice("find_link_failure", told, saves_basis="not computed: it would not have happened")


DECLARATION = Declaration(
    label="network_partition",
    tier=Tier.FAULT,
    judge=judge,
    remedy=remedy,
    after=("quorum_loss",),
    begins_with=(Beginning(ConnectivityLost), Beginning(ArbiterLost), Beginning(StorageFailed), Beginning(TicketLost)),
    explains=(Beginning(NodeLost), Beginning(QuorumLost)),
    line="Both sides lived and lost each other.",
    means="""
The nodes were healthy and the network between them was not. Each side forms a membership of its own; the one with
quorum fences the other and takes over its resources. The services were well until the cluster acted. A quorum device or
a storage that a node lost, and copies of data that were written apart, are told here too, with less confidence.
""",
    proves="""
Both sides log the loss of the other at the same time, and both go on logging. Corosync reports that all links to the
host are down. When the network is back, two DCs meet and one of them yields.
""",
    disproves="""
A log that ends at the loss and begins again with a boot tells of a dead node. A pause reported by one side alone is a
stall. A single link down while another carries the traffic is a degradation, not a partition.
""",
    fix="""
Give corosync a second link over other switches and cards. Let one node of a pair wait before it fences, so that only
one of them dies. Put a quorum device where both sides can reach it if they cannot reach each other.
""",
)
