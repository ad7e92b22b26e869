"""A node vanished."""

from __future__ import annotations

from collections.abc import Iterator

from logtrace.assessment.assessment import Assessment
from logtrace.causes.confidence import Strength
from logtrace.causes.declaration import Beginning, Complaint, Declaration, Tier
from logtrace.causes.judgement import Judgement, ruled_out, supported, undecided
from logtrace.chains.triggers import ClientDropped, FencingAsked, NodeLost, QuorumLost, RemoteLost
from logtrace.domain.advice import Advice


def judge(facts: Assessment) -> Judgement:
    """Proof: Corosync lost it without a leave message, and its own log, where at hand, ends there."""
    first = facts.chain.first
    remote = facts.triggers(RemoteLost)
    if remote and not facts.chain.losses:
        names = ", ".join(sorted({str(trigger.node) for trigger in remote}))
        events = [event for trigger in remote for event in trigger.events]
        return supported(
            f"the cluster lost its connection to the remote node {names}", events, strength=Strength.FOLLOWED
        )
    if not facts.chain.losses and isinstance(first, FencingAsked):
        return undecided(f"it began with {first.node}, and no line tells whether the node died", first.events)
    if not facts.chain.losses and isinstance(first, ClientDropped):
        return supported(first.beginning, first.events, strength=Strength.NEAREST)
    if not facts.chain.losses:
        return ruled_out("no node was lost")
    losses = list(facts.chain.losses)
    mine = next((loss for loss in losses if not loss.mirrored), losses[0])
    unannounced = ", without a leave message" if mine.unannounced else ""
    guessed = "; which one follows only from the gap in the member list" if mine.guessed else ""
    nodes = sorted({loss.node for loss in facts.chain.losses if not loss.mirrored} or {mine.node})
    if mine.heard is not None:
        return supported(
            f"{', '.join(nodes)} began anew without having stopped in order, and nobody saw it go",
            [event for loss in facts.chain.losses for event in loss.events[:1]],
            strength=Strength.SILENCE,
        )
    events = [event for loss in facts.chain.losses for event in loss.events[:3]]
    if mine.of_peers:
        return supported(
            f"daemons lost their peers on {', '.join(nodes)}, as they do when a node fails, and when Pacemaker is "
            "stopped there",
            events,
            strength=Strength.UNSURE,
        )
    return supported(
        f"{', '.join(nodes)} stopped answering and left the membership{unannounced}{guessed}",
        events,
        strength=Strength.FROM_A_GAP if mine.guessed else Strength.SILENCE,
    )


def remedy(complaint: Complaint) -> Iterator[Advice]:
    """Find out why the node was lost, where that is what was wrong."""
    facts = complaint.facts
    if complaint.headline.tier is Tier.FAULT:
        return
    lost = sorted({loss.node for loss in facts.chain.losses if not loss.mirrored})
    lost = lost or sorted({str(trigger.node) for trigger in facts.triggers(ClientDropped)})
    if not lost:
        return
    unseen = next((loss.heard for loss in facts.chain.losses if loss.heard is not None), None)
    when = f"between {unseen:%H:%M:%S} and" if unseen is not None else "about"
    yield Advice(
        "find_node_failure",
        f"Find out why {', '.join(lost)} {'was' if len(lost) == 1 else 'were'} lost {when} {facts.detected:%H:%M:%S} "
        "UTC: the event log of its management board, the hypervisor, the kernel's last lines; set up kdump and a "
        "remote syslog for the next time",
        files=("/etc/kdump.conf", "/etc/rsyslog.d"),
        saves_basis="not computed: it would not have happened",
    )


DECLARATION = Declaration(
    label="node_failure",
    tier=Tier.PLAIN,
    judge=judge,
    remedy=remedy,
    after=("service_crash",),
    begins_with=(Beginning(NodeLost), Beginning(FencingAsked), Beginning(RemoteLost), Beginning(ClientDropped)),
    explains=(Beginning(QuorumLost),),
    line="A node stopped answering: power, hardware, kernel, or its host.",
    means="""
The node stopped without a word. The others waited for the token and for consensus, fenced it, and started what it ran.
Nothing in that chain was slower than the configuration makes it.
""",
    proves="""
The survivors report its loss without a leave message. Its own log ends at that time and, if it goes on, begins with a
boot. The survivors' own links stayed up.
""",
    disproves="""
A log of the victim that goes on through the loss tells of a partition or a stall. Lines of an orderly stop, or a leave
message, tell of an operator. A node that was reset before it could write looks the same when it was only stalled or cut
off, so this stays the likeliest, not the only, explanation.
""",
    fix="""
Look at the machine: its management board's log, the host's log for a guest, a crash dump. Use the kernel's dump with a
fence agent that waits for it. What a loss costs can be lowered by a shorter token, faster fencing, and warm copies.
""",
)
