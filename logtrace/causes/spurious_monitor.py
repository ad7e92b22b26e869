"""A monitor failed or timed out while the service ran: the recovery was unnecessary."""

from __future__ import annotations

from logtrace.assessment.assessment import Assessment
from logtrace.causes.judgement import Judgement, ruled_out, supported, undecided
from logtrace.causes.limits import timeout_of
from logtrace.causes.witnesses import network_during, stop_after, was_running
from logtrace.timeline import Run

#: Results that say "I could not find out" (generic error) rather than "it is not there".
_UNSURE = (1, None)


def judge(facts: Assessment) -> Judgement:
    """Proof: the failed monitor timed out or erred, and the stop that followed still had a service to stop."""
    first = facts.chain.first.run
    if first is None or not first.recurring:
        return ruled_out("it did not begin with a failed recurring monitor")
    others = [run for run in facts.failures("monitor") if run.timed_out and run.node == first.node]
    alive, events, how = was_running(facts, first)
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
            strength=0.95 if first.timed_out or first.rc in _UNSURE else 0.85,
        )
    starved = len({run.resource for run in others}) > 1
    network = [] if starved else network_during(facts, first)
    if first.timed_out and network:
        return undecided(
            f"the monitor of {first.resource} {how_failed} while a network of {first.node} failed or came back: it may "
            "have had something to find",
            [first.event, *network],
        )
    if first.timed_out and not starved and stop_after(facts, first) is None:
        return undecided(f"the monitor of {first.resource} {how_failed}; {how}", [first.event])
    if first.timed_out:
        why = (
            f"; monitors of {len({run.resource for run in others})} resources on that node timed out together"
            if starved
            else ""
        )
        return supported(
            f"the monitor of {first.resource} on {first.node} {how_failed} without saying that the service was down"
            f"{why}",
            [first.event, *(run.event for run in others[:4])],
            weight=facts.outage,
            strength=0.85 if starved else 0.75,
        )
    if first.rc in _UNSURE:
        return undecided(f"the monitor of {first.resource} {how_failed}; {how}", [first.event, *events])
    return ruled_out(f"the monitor found {first.resource} not running", [first.event])


def _limit(facts: Assessment, run: Run) -> str:
    timeout = timeout_of(facts.config, run)
    return f"{timeout:g} s" if timeout else "its timeout"
