"""A monitor failed or timed out while the service ran: the recovery was unnecessary."""

from __future__ import annotations

from logtrace.assessment.assessment import Assessment
from logtrace.assessment.operations import MISSING, timeout_of
from logtrace.assessment.witnesses import network_during, starved, was_running
from logtrace.causes.confidence import Strength
from logtrace.causes.declaration import Beginning, Declaration, Tier
from logtrace.causes.judgement import Judgement, ruled_out, supported, undecided
from logtrace.chains.triggers import OperationFailed
from logtrace.timeline import Run

#: Results that say "I could not find out" (generic error) rather than "it is not there".
_UNSURE = (1, None)


def judge(facts: Assessment) -> Judgement:
    """Proof: the failed monitor timed out or erred, and the stop that followed still had a service to stop."""
    first = facts.chain.first.run
    if first is None or not first.recurring:
        return ruled_out("it did not begin with a failed recurring monitor")
    others = starved(facts, first)
    told = was_running(facts, first)
    alive, events, how = told.ran, told.events, told.how
    how_failed = "failed" if first.rc is None else f"returned {first.rc}"
    if first.timed_out:
        how_failed = f"timed out after {_limit(facts, first)}"
    if alive is False:
        return ruled_out(f"{first.resource} was down when its monitor failed: {how}", events)
    if alive is True:
        return supported(
            f"the monitor of {first.resource} on {first.node} {how_failed}, but the service ran: {how}",
            [first.event, *events],
            weight=facts.outage,
            strength=(
                Strength.HALF_SEEN
                if not told.proof
                else Strength.AGREED
                if first.timed_out or first.rc in _UNSURE
                else Strength.ONE_WITNESS
            ),
        )
    together = len({run.resource for run in others}) > 1
    network = [] if together else network_during(facts, first)
    if first.timed_out and network:
        return undecided(
            f"the monitor of {first.resource} {how_failed} while a network of {first.node} failed or came back: it may "
            "have had something to find",
            [first.event, *network],
        )
    if first.timed_out and together:
        return supported(
            f"the monitor of {first.resource} on {first.node} {how_failed} without saying that the service was down; "
            f"monitors of {len({run.resource for run in others})} resources on that node timed out together",
            [first.event, *(run.event for run in others[:4])],
            weight=facts.outage,
            strength=Strength.ONE_WITNESS,
        )
    if first.timed_out or first.rc in _UNSURE:
        return undecided(f"the monitor of {first.resource} {how_failed}; {how}", [first.event, *events])
    return ruled_out(f"the monitor found {first.resource} not running", [first.event])


def _limit(facts: Assessment, run: Run) -> str:
    timeout = timeout_of(facts.config, run)
    return f"{timeout:g} s" if timeout else "its timeout"


DECLARATION = Declaration(
    label="spurious_monitor",
    tier=Tier.FAULT,
    judge=judge,
    after=("promotion_failure",),
    explains=(Beginning(OperationFailed, ("monitor",), but=MISSING),),
    line="A monitor failed while the service ran; the recovery was unnecessary.",
    means="""
The check was wrong, not the service: it timed out under load, depended on something else, or asked in a way that fails
now and then. The cluster stopped and started a healthy service, and that was the outage.
""",
    proves="""
The service went on working: requests it answered meanwhile by its own log, or a stop that followed and ended a process
that still ran. A monitor that ran into its timeout together with monitors of other resources on that node. After the
restart all is as before.
""",
    disproves="""
A kernel or systemd line about the death of its process, or a stop whose agent says that nothing ran. A result of not
running is rarely mistaken. A service that really hung does not answer its monitor either. A timeout by itself decides
nothing, and neither does an agent that says it is stopping something, or how long that took.
""",
    fix="""
Give the monitor more time than its slowest honest run, and make it ask for less. Find what slowed the node: processors,
memory, storage. Let the agent try twice before it reports. A migration-threshold keeps one bad check from moving
things.
""",
)
