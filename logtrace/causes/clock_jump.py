"""Time stepped under the cluster."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from logtrace.assessment.assessment import Assessment
from logtrace.causes.confidence import Strength
from logtrace.causes.declaration import Beginning, Complaint, Declaration, Tier
from logtrace.causes.judgement import Judgement, ruled_out, supported
from logtrace.chains.triggers import ClockStepped
from logtrace.domain.advice import Advice
from logtrace.domain.kinds import Kind


def judge(facts: Assessment) -> Judgement:
    """Proof: chronyd, ntpd, systemd or the kernel says that the clock was stepped, on a node of the incident."""
    steps = [trigger for trigger in facts.triggers(ClockStepped) if trigger is facts.chain.first]
    near = [
        event
        for event in facts.timeline.between(Kind.CLOCK_STEP, facts.detected - timedelta(seconds=60), facts.detected)
        if event.node in facts.chain.nodes
    ]
    if not steps and not near:
        return ruled_out("no clock was stepped")
    node = steps[0].node if steps else near[0].node
    return supported(
        f"the clock of {node} was stepped",
        [*(event for step in steps for event in step.events), *(event.event for event in near)],
        strength=Strength.NEAR,
    )


def remedy(complaint: Complaint) -> Iterator[Advice]:
    """Slew the clock: worth mending whatever else was wrong."""
    facts = complaint.facts
    nodes = sorted({step.node for step in facts.triggers(ClockStepped) if step.node})
    yield Advice(
        "slew_clock",
        f"Let the clock{f' of {chr(44).join(nodes)}' if nodes else ''} be stepped at boot only and slewed afterwards: "
        "`makestep 1.0 3` for chrony, no ntpdate from cron, no time synchronisation by the hypervisor beside it",
        files=("/etc/chrony.conf", "/etc/ntp.conf"),
        saves_basis="not computed: it would not have happened",
        risk="a clock that is far off takes long to be right",
    )


DECLARATION = Declaration(
    label="clock_jump",
    tier=Tier.FAULT,
    judge=judge,
    remedy=remedy,
    after=("flapping",),
    begins_with=(Beginning(ClockStepped),),
    is_origin=True,
    line="The time was stepped under the cluster.",
    means="""
The clock of a node was set forward or back while the cluster ran. Timers fire early or late, failures expire at once or
never, and the order of lines is no longer that of events. Corosync bears it better than those who read the logs.
""",
    proves="""
A line of the time daemon about a step, or times within one process that go back. Durations the executor measured that
differ from what the clock shows. Another node's lines about the same event are off by the size of the step.
""",
    disproves="""
A change of the printed zone, or of summer time, moves the display and not the time. Interleaved files may look as if
time went back. A constant offset between two nodes is skew, not a step.
""",
    fix="""
Let the time daemon slew, and step only at boot before the cluster starts. Let either the host or the daemon in the
guest keep the time, not both. Start the cluster after the time is synchronised.
""",
)
