"""Timeouts that fit what was measured: above the 99th percentile of runs that ended well."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from logtrace.advice.situation import Situation
from logtrace.assessment.operations import configured, timeout_of
from logtrace.config.commands import duration, files_of, operation
from logtrace.config.model import Primitive
from logtrace.config.query import primitive_of
from logtrace.domain.advice import Advice
from logtrace.timeline import NO_RESULT, Run
from logtrace.whatif.model import Change

#: Room above the slowest run that ended well.
_ROOM = 1.5

_OPERATIONS = ("start", "stop", "promote", "demote")


def advise(situation: Situation) -> Iterator[Advice]:
    """For every operation that ran into its timeout; for a spurious monitor that is the whole outage. A result that
    never arrived asks for no longer timeout.
    """
    seen: set[tuple[str, str]] = set()
    for run in situation.one.failures():
        primitive = primitive_of(situation.config, run.resource)
        if not run.timed_out or primitive is None or (primitive.id, run.operation) in seen:
            continue
        seen.add((primitive.id, run.operation))
        if run.operation in _OPERATIONS:
            yield _one_shot(situation, primitive, run)
        elif run.recurring:
            yield _monitor(situation, primitive, run)
    lost = next((run for run in situation.one.failures() if run.status == NO_RESULT), None)
    if lost is not None:
        yield Advice(
            "find_lost_result",
            f"Find out why {lost.node} sent the DC no result of the {lost.operation} of {lost.resource} from "
            f"{lost.start:%H:%M:%S} to {lost.end:%H:%M:%S} UTC: what its pacemaker-controld and pacemaker-execd did "
            "meanwhile, load, and the network between the two",
            saves_basis="not computed: when the result would have arrived is not known",
        )
    run_ = situation.one.chain.first.run
    if situation.is_headline("spurious_monitor") and run_ is not None and not run_.timed_out:
        yield _false_alarm(situation, run_)


def p99(seconds: Sequence[float]) -> float:
    """The smallest value that 99 % do not exceed (nearest rank); 0 for nothing."""
    return sorted(seconds)[math.ceil(0.99 * len(seconds)) - 1] if seconds else 0.0


def _good_runs(situation: Situation, run: Run) -> list[float]:
    return [
        other.seconds
        for other in situation.one.timeline.runs_of.get(run.resource, [])
        if other.operation == run.operation and other.ok and other.recurring == run.recurring
    ]


def _proposal(now: float, good: Sequence[float]) -> float:
    """At least twice the timeout that was too short, and room above what was seen; whole tens of seconds."""
    return math.ceil(max(2 * now, _ROOM * p99(good)) / 10) * 10.0


def _told(good: Sequence[float], what: str) -> str:
    if not good:
        return f"no {what} of it ended well in this case"
    count = f"{len(good)} that ended well" if len(good) > 1 else "the only one that ended well"
    return f"99 % of {count} took at most {p99(good):.1f} s" if len(good) > 1 else f"{count} took {good[0]:.1f} s"


def _one_shot(situation: Situation, primitive: Primitive, run: Run) -> Advice:
    now = timeout_of(situation.config, run) or run.seconds
    good = _good_runs(situation, run)
    wanted = _proposal(now, good)
    saves, basis = situation.saves(Change("timeout", wanted, operation=run.operation))
    if saves is not None and saves <= 0:
        saves = None
        basis = f"not computed: no {run.operation} that took longer than {run.seconds:.1f} s ended well in this case"
    seen = f"it ran into its timeout on {run.node}, and {_told(good, run.operation)}"
    sentence = f"Give the {run.operation} of {primitive.id} {wanted:g} s instead of {now:g} s: {seen}"
    if good and p99(good) < now / 2:  # not slow: it hung
        sentence = (
            f"Find out what the {run.operation} of {primitive.id} hung on: {seen}; only if it may truly take longer "
            f"than {now:g} s, give it {wanted:g} s"
        )
    return Advice(
        f"{run.operation}_timeout",
        sentence,
        operation(situation.config, primitive, configured(primitive, run), run.operation, timeout=duration(wanted)),
        saves=saves,
        saves_basis=basis,
        risk=f"a {run.operation} that hangs is found later, by the same time",
    )


def _monitor(situation: Situation, primitive: Primitive, run: Run) -> Advice:
    now = timeout_of(situation.config, run) or run.seconds
    good = _good_runs(situation, run)
    wanted = _proposal(now, good)
    saves, basis = None, "not computed: whether the service still ran is not certain"
    if situation.is_headline("spurious_monitor"):
        saves, basis = situation.all_of_it("the service ran; with more time the monitor could have said so")
    op = configured(primitive, run)
    return Advice(
        "monitor_timeout",
        f"Give the monitor of {primitive.id} {wanted:g} s instead of {now:g} s, and find what made it slow on "
        f"{run.node} (load, a hung backend)",
        operation(situation.config, primitive, op, "monitor", timeout=duration(wanted)) if op is not None else {},
        saves=saves,
        saves_basis=basis,
        risk=f"a service that hangs is found up to {wanted - now:g} s later",
    )


def _false_alarm(situation: Situation, run: Run) -> Advice:
    primitive = primitive_of(situation.config, run.resource)
    saves, basis = situation.all_of_it("the service ran; a monitor that says so leaves it alone")
    files = files_of(primitive) if primitive is not None else ()
    file = f" in {files[0]}" if files else ""
    return Advice(
        "monitor_check",
        f"Make the monitor of {run.resource} tell a failed check from a dead service{file}: it returned {run.rc} while "
        "the service ran; retry inside the agent before answering",
        files=files,
        saves=saves,
        saves_basis=basis,
        risk="a check that retries finds a real failure later by the time it retries",
    )
