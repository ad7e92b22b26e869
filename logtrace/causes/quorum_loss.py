"""The partition stopped, or could not recover, everything for want of quorum."""

from __future__ import annotations

from collections.abc import Iterator

from logtrace.assessment.assessment import Assessment
from logtrace.causes.confidence import Strength
from logtrace.causes.declaration import Beginning, Complaint, Declaration, Tier
from logtrace.causes.judgement import Judgement, ruled_out, supported
from logtrace.chains.triggers import QuorumLost
from logtrace.config.corosync import has_votequorum
from logtrace.config.query import property_of
from logtrace.domain.advice import Advice
from logtrace.domain.kinds import Kind
from logtrace.domain.reasons import Why

#: What the scheduler plans for what may not run without quorum.
_STOPS = frozenset({"Stop", "Demote", "Move", "Restart", "Recover"})

_CONF = "/etc/corosync/corosync.conf"


def judge(facts: Assessment) -> Judgement:
    """Proof: a node lost quorum, its scheduler stopped resources or refused for want of it, and no other side of the
    cluster kept quorum to take over.
    """
    lost = facts.triggers(QuorumLost)
    if not lost:
        return ruled_out("no node reports that it lost quorum")
    without = {trigger.node for trigger in lost}
    gone = {loss.node for loss in facts.chain.losses}
    majority = {observer for loss in facts.chain.losses for observer in loss.observers if observer not in without} | {
        transition.dc
        for transition in facts.chain.transitions
        if transition.executed and transition.dc not in without | gone
    }
    events = [event for trigger in lost for event in trigger.events]
    if majority:
        return ruled_out(f"{', '.join(sorted(majority))} kept quorum and could recover the services", events)
    wanted = [action for _, action in facts.chain.actions if action.why == Why.NO_QUORUM]
    stopped = [action.event for action in wanted if action.verb in _STOPS and not action.blocked]
    refused = [action.event for action in wanted if action.event not in stopped]
    refused += [event.event for event in facts.timeline.between(Kind.SCHED_NO_QUORUM, facts.detected, facts.end)]
    policy = property_of(facts.config, "no-quorum-policy")
    if not stopped and not refused and policy == "ignore":
        return ruled_out("quorum was lost, but no-quorum-policy=ignore lets the cluster go on", events)
    if not stopped and not refused and facts.chain.transitions:
        return ruled_out("quorum was lost, but nothing was stopped or refused for it", events)
    silent = sorted(gone - without - facts.timeline.logging_nodes)
    side = f"the side of {', '.join(sorted(str(node) for node in without))} had no" if silent else "no side had"
    return supported(
        f"{side} quorum from {facts.detected:%H:%M:%S} on: {_what_came(facts, policy, stopped)}",
        [*events, *stopped, *refused],
        weight=facts.outage,
        strength=_strength(silent, len(without), told=bool(stopped or refused)),
    )


def _strength(silent: list[str], without: int, *, told: bool) -> Strength:
    """Nodes of which no log is at hand may have kept quorum, where they are more: then it was a partition, and what ran
    was theirs. That something was stopped or refused for want of quorum is true either way.
    """
    if not silent:
        return Strength.OWN_LINE
    return Strength.ONE_WITNESS if told or len(silent) <= without else Strength.UNSURE


def _what_came(facts: Assessment, policy: str | None, stopped: list[int]) -> str:
    """What the lack of quorum did, by what was planned and by the policy."""
    if stopped:
        return "what ran was stopped and nothing could be started until enough nodes were back"
    if policy == "freeze":
        return (
            "what ran ran on (no-quorum-policy=freeze), and nothing was fenced or started until enough nodes were back"
        )
    if not facts.chain.transitions:
        return "whether anything was stopped for it, no plan at hand tells"
    return "nothing was fenced or started until enough nodes were back"


def remedy(complaint: Complaint) -> Iterator[Advice]:
    """A quorum device; two_node for two nodes; more nodes."""
    facts = complaint.facts
    if not has_votequorum(facts.config):
        return
    corosync, nodes = facts.config.corosync, list(facts.config.nodes.values())
    if corosync is not None and len(nodes) == 2 and not corosync.two_node:
        yield Advice(
            "two_node",
            "Say in the quorum section that the cluster has two nodes (two_node: 1): one alone keeps quorum, and "
            "fencing decides who",
            files=(_CONF,),
            saves_basis="not computed: what the remaining node would have started is not known",
            risk="only with working fencing: without it, both nodes may run everything after a cut",
        )
    if corosync is not None and corosync.quorum_device is None:
        yield Advice(
            "quorum_device",
            f"Add a vote outside the {len(nodes)} nodes (corosync-qnetd on a host of its own, named here QNETD_HOST): "
            + ("one node alone then keeps quorum" if len(nodes) == 2 else "with lms, the last node keeps quorum"),
            {
                "crm": "crm cluster init qdevice --qnetd-hostname=QNETD_HOST --qdevice-algo="
                + ("ffsplit" if len(nodes) % 2 == 0 else "lms"),
                "pcs": "pcs quorum device add model net host=QNETD_HOST algorithm="
                + ("ffsplit" if len(nodes) % 2 == 0 else "lms"),
            },
            files=(_CONF,),
            saves_basis="not computed: what the remaining nodes would have started is not known",
            risk="one more host to keep up; without fencing no partition may go on anyway",
        )


DECLARATION = Declaration(
    label="quorum_loss",
    tier=Tier.FAULT,
    judge=judge,
    remedy=remedy,
    after=("corosync_stall",),
    begins_with=(Beginning(QuorumLost),),
    line="The partition had too few votes left to go on.",
    means="""
Enough nodes were lost, or cut off, that the rest had no majority. With the default policy a partition without quorum
stops all its resources and fences nobody, so the outage lasts until a majority is together again. What cost the votes
is the trigger; that nothing ran without them is the reason for the outage.
""",
    proves="""
The lines that quorum was lost, or that this node is in a non-primary component, followed by stops for want of quorum.
The membership that is left is smaller than half of the expected votes. Recovery begins when quorum is regained.
""",
    disproves="""
A cluster of two with two_node keeps quorum with one vote, so its stops have another reason. A node that starts alone
and waits for its peers had no quorum to lose. With no-quorum-policy ignore or freeze nothing is stopped for it.
""",
    fix="""
Use an odd number of votes, or a quorum device at a third place, so that the loss of one site is not the loss of
quorum. For two nodes set two_node, keep wait_for_all, and have fencing. Choose the policy freeze only where shared
file systems need it.
""",
)
