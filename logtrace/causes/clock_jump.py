"""Time stepped under the cluster."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from logtrace.assessment.assessment import Assessment
from logtrace.assessment.witnesses import mute
from logtrace.causes.confidence import Strength
from logtrace.causes.declaration import Beginning, Complaint, Declaration, Tier
from logtrace.causes.judgement import Judgement, not_seen, ruled_out, supported, undecided
from logtrace.chains.triggers import ClockStepped
from logtrace.domain.advice import Advice
from logtrace.domain.kinds import Kind
from logtrace.timeline import Event

#: Times may be whole seconds.
_SECOND = timedelta(seconds=1)


def judge(facts: Assessment) -> Judgement:
    """Proof: chronyd, ntpd, systemd or the kernel says that the clock was stepped, on a node of the incident, within a
    wait that decided it, by at least as long as that wait: what was timed there was not. Less changes nothing.
    """
    first = facts.chain.first
    if isinstance(first, ClockStepped):
        return _stepped(first)
    began = _waited_from(facts)
    steps = [
        event
        for event in facts.timeline.between(Kind.CLOCK_STEP, began - _SECOND, facts.detected + _SECOND)
        if event.node in facts.chain.nodes
    ]
    if not steps:
        return not_seen("no clock was stepped", mute(facts, Kind.CLOCK_STEP, facts.chain.nodes))
    if facts.death is not None:
        return ruled_out("a line tells of the death, which no clock can cause", facts.death.events)
    waited = (facts.detected - began).total_seconds()
    long = [event for event in steps if (_size(event) or 0.0) >= max(waited, 1.0)]
    if long:
        return supported(
            f"the clock of {long[0].node} was stepped by {_size(long[0]):.1f} s",
            [event.event for event in long],
            strength=Strength.NEAR,
        )
    unknown = [event for event in steps if _size(event) is None]
    if unknown:
        return undecided(
            f"the clock of {unknown[0].node} was set; by how much is not told", [event.event for event in unknown]
        )
    return ruled_out(
        f"the clock of {steps[0].node} was trimmed by {_size(steps[0]):.3f} s, which changes nothing here",
        [event.event for event in steps],
    )


def _stepped(step: ClockStepped) -> Judgement:
    """What a time daemon tells is its own line; what lines of several nodes show follows from their order."""
    if not step.inferred:
        return supported(f"the clock of {step.node} was stepped", step.events, strength=Strength.NEAR)
    way = "forward" if step.seconds > 0 else "back"
    when = f"between {step.time:%H:%M:%S} and {step.until or step.time:%H:%M:%S} UTC"
    by = f"by {abs(step.seconds):.1f} s {when}: else nodes would answer before they are asked"
    if step.other is None:
        return supported(f"the clock of {step.node} was set {way} {by}", step.events, strength=Strength.FOLLOWED)
    either = f"the clock of {step.node} was set {way}, or that of {step.other} the other way, {by}"
    return supported(either, step.events, strength=Strength.UNSURE)


def _waited_from(facts: Assessment) -> datetime:
    """From when the wait ran at whose end the fault was known: an interval, an operation, token and consensus."""
    run = facts.chain.first.run
    if facts.earliest is not None:
        return facts.earliest
    return run.start if run is not None else facts.detected


def _size(event: Event) -> float | None:
    """Seconds by which a clock was stepped, forward or back; None where the line does not tell."""
    try:
        return abs(float((event.value or "").split()[0]))
    except (ValueError, IndexError):
        return None


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
A line of the time daemon about a step that fell into a wait which decided the incident, and was at least as long as
that: an interval, a timeout, or token and consensus. Times within one process that go back. Another node's lines about
the same event are off by the size of the step.
""",
    disproves="""
A change of the printed zone, or of summer time, moves the display and not the time. Interleaved files may look as if
time went back. A constant offset between two nodes is skew, not a step. A clock that was trimmed by less than the wait
it fell into changed nothing.
""",
    fix="""
Let the time daemon slew, and step only at boot before the cluster starts. Let either the host or the daemon in the
guest keep the time, not both. Start the cluster after the time is synchronised.
""",
)
