"""A resource that may run once was found running on two nodes."""

from __future__ import annotations

from logtrace.assessment.assessment import Assessment
from logtrace.causes.confidence import Strength
from logtrace.causes.declaration import Beginning, Declaration, Tier
from logtrace.causes.judgement import Judgement, ruled_out, supported
from logtrace.chains.triggers import DaemonDied, MultiplyActive
from logtrace.domain.reasons import Why


def judge(facts: Assessment) -> Judgement:
    """Proof: `... resource X might be active on N nodes` (pacemaker-schedulerd, native_create_actions)."""
    found = facts.triggers(MultiplyActive)
    if not found:
        return ruled_out("nothing was found active twice")
    trigger = found[0]
    silent = [node for node in facts.chain.nodes if node not in facts.timeline.logging_nodes]
    return supported(
        f"{trigger.resource} was found active on {_nodes(trigger)}; {_then(facts, trigger)}",
        [event for trigger in found for event in trigger.events],
        strength=Strength.UNSURE
        if silent
        else Strength.OWN_LINE,  # the missing log may tell of a daemon's death and a rejoin
        # a node that rejoins after its daemon's death brings back what was started elsewhere meanwhile
        follows=isinstance(facts.chain.first, DaemonDied),
    )


def _nodes(trigger: MultiplyActive) -> str:
    return "two nodes" if trigger.count in (None, 2) else f"{trigger.count} nodes"


def _then(facts: Assessment, trigger: MultiplyActive) -> str:
    """What the cluster did about it, by the operations that ended well."""
    ran = [run for run in facts.chain.runs if run.resource == trigger.resource and run.ok and run.end >= trigger.time]
    stopped = sorted({run.node for run in ran if run.operation == "stop"})
    started = sorted({run.node for run in ran if run.operation == "start"})
    if stopped and started:
        return f"it was stopped on {' and '.join(stopped)} and started on {' and '.join(started)}"
    if stopped:
        return f"it was stopped on {' and '.join(stopped)}"
    if trigger.why == Why.ADMINISTRATOR:
        return "the cluster left it to an administrator (multiple-active=block)"
    return "what was done about it is not in these logs"


DECLARATION = Declaration(
    label="multiple_active",
    tier=Tier.FAULT,
    judge=judge,
    after=("fencing_failure",),
    begins_with=(Beginning(MultiplyActive),),
    line="A resource that may run once was found running on two nodes.",
    means="""
Two copies ran at once, and on shared data that means damage. The cluster stops all copies and starts one. Usually
somebody or something outside the cluster started the second.
""",
    proves="""
The scheduler's error that the resource is active on more than one node, and the results that revealed it: a probe or a
monitor that found it running where it was not started. The transition stops it everywhere before it starts it once.
""",
    disproves="""
Clones and copies in bundles run several times by design. A probe that finds the only copy, after a refresh or a
daemon's restart, found nothing wrong. An agent whose monitor says running for a stopped service deceives the cluster.
""",
    fix="""
Take the service out of the system's own start-up on all nodes. Check by hand that the agent's monitor returns 7 when
the service is stopped. Have working fencing: without it a partition starts second copies. Check the data before
trusting it.
""",
)
