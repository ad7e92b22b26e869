"""A service's process died and was found dead by its monitor."""

from __future__ import annotations

from collections.abc import Iterator

from logtrace.assessment.assessment import Assessment
from logtrace.assessment.operations import MISSING
from logtrace.assessment.services import is_address
from logtrace.assessment.witnesses import was_running
from logtrace.causes.confidence import Strength
from logtrace.causes.declaration import Beginning, Complaint, Declaration, Tier
from logtrace.causes.judgement import Judgement, Verdict, ruled_out, supported, undecided
from logtrace.chains.triggers import OperationFailed
from logtrace.config.commands import unit
from logtrace.domain.advice import Advice
from logtrace.timeline.outcomes import outcome


def judge(facts: Assessment) -> Judgement:
    """Proof: a recurring monitor returned 7 unasked; a line of the kernel or init system, or a stop that found nothing
    to stop, tells that the process was gone.
    """
    run = facts.chain.first.run
    if run is None or run.operation != "monitor":
        return ruled_out("it did not begin with a failed monitor")
    told = was_running(facts, run)
    alive, events, how = told.ran, told.events, told.how
    if alive is True and run.rc != 7:
        return ruled_out(f"{run.resource} ran: {how}", events)
    if run.rc != 7 and alive is None:
        return undecided(
            f"the monitor of {run.resource} on {run.node} {outcome(run)}; whether {run.resource} had died is not known",
            [run.event],
        )
    proof = f"; {how}" if alive is False else ""
    return supported(
        f"{run.resource} was not running on {run.node}{proof}",
        [run.event, *events],
        strength=Strength.AGREED if alive is False else Strength.ONE_WITNESS,
    )


def remedy(complaint: Complaint) -> Iterator[Advice]:
    """Find out why it died, unless something else went wrong in its own right."""
    facts = complaint.facts
    if complaint.headline.tier is Tier.FAULT and complaint.headline.label != "flapping":
        return
    name = facts.failed_name
    run = facts.chain.first.run
    if name is None or run is None or complaint.judged.verdict is not Verdict.SUPPORTED:
        return
    primitive = facts.failed_primitive
    if is_address(facts.timeline, facts.config, name):
        yield Advice(
            "find_crash",
            f"Find out what took the address {name} off {run.node} about {run.end:%H:%M:%S} UTC: network scripts, "
            "NetworkManager, the card's driver, a person",
            saves_basis="not computed: it would not have happened",
        )
        return
    its = unit(primitive) if primitive is not None and primitive.klass == "systemd" else None
    own = f"`coredumpctl list` and `journalctl -u {its}`" if its else "`coredumpctl list`"
    yield Advice(
        "find_crash",
        f"Find out why {name} died on {run.node} about {run.end:%H:%M:%S} UTC: its own log, {own}, "
        "and the kernel's log for the OOM killer",
        saves_basis="not computed: it would not have happened",
    )


DECLARATION = Declaration(
    label="service_crash",
    tier=Tier.PLAIN,
    judge=judge,
    remedy=remedy,
    after=("vip_switch",),
    begins_with=(Beginning(OperationFailed),),
    explains=(Beginning(OperationFailed, ("monitor",), but=MISSING),),
    line="A service died, was found and was restarted.",
    means="""
Its process ended by itself, by a signal, or for want of memory. The cluster found it soon and restarted it in place;
nothing in the configuration made that slower than it had to be.
""",
    proves="""
A monitor of the running resource returned not running without anybody having asked for a stop. A line of the kernel,
systemd or the application about the death, when there is one, gives its time. The start that follows ends well.
""",
    disproves="""
A stop that an operator asked for. A probe that finds nothing on another node. A service that was dead before
maintenance ended was not watched in between. If the wait for the monitor or the restart of others dominates, those are
the headline.
""",
    fix="""
Find the crash: core files, memory limits, the last lines of the service. Have migration-threshold and failure-timeout,
so that a service that keeps dying leaves the node. A second copy behind an address makes a death unnoticeable.
""",
)
