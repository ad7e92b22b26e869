"""Time stepped under the cluster."""

from __future__ import annotations

from datetime import timedelta

from logtrace.assessment.assessment import Assessment
from logtrace.causes.judgement import Judgement, ruled_out, supported
from logtrace.chains.triggers import ClockStepped
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
        strength=0.8,
    )
