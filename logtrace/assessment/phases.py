"""The critical path: the stretches an outage is made of, each named for what was done or waited for.

From the last recovery backwards: each step's predecessor is what ended last before it began. What lies between is
named for what was waited for. The phases cover the outage exactly, without gap or overlap.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import accumulate, islice
from typing import Annotated

from msgspec import Meta, Struct

from logtrace.chains.chain import Chain
from logtrace.timeline import Run, Timeline
from logtrace.timeline.fencing import Fencing, told_parts


class PhaseName(StrEnum):
    """What was going on. up: what had been lost ran, before it failed again."""

    DETECTION = "detection"
    DECISION = "decision"
    FENCING = "fencing"
    STOP = "stop"
    START = "start"
    PROMOTE = "promote"
    WAIT = "wait"
    VERIFY = "verify"
    UP = "up"


class Phase(Struct, frozen=True):
    """A stretch of an incident's critical path; phases do not overlap and leave no gap."""

    name: PhaseName
    start: Annotated[datetime, Meta(description="When it began.")]
    end: Annotated[datetime, Meta(description="When it ended, and the next one began.")]
    what: Annotated[str, Meta(description="What was waited for.")]

    @property
    def seconds(self) -> Annotated[float, Meta(description="Its length.", ge=0, extra={"after": "end"})]:
        return (self.end - self.start).total_seconds()


#: A predecessor may end this much after its successor began: the two are logged by different daemons.
_OVERLAP = timedelta(milliseconds=150)

#: Shorter gaps are messages on their way, not waits.
_GAP = timedelta(milliseconds=100)

#: What waited is begun this soon after what it waited for: the DC confirms, plans and asks in between.
_PROMPT = timedelta(seconds=1)

_PHASE = {
    "start": PhaseName.START,
    "stop": PhaseName.STOP,
    "promote": PhaseName.PROMOTE,
    "demote": PhaseName.STOP,
    "migrate_to": PhaseName.STOP,
    "migrate_from": PhaseName.START,
}


class Step(Struct, frozen=True):
    """One stretch of the critical path: a run of an agent, a fencing, or neither (a wait)."""

    start: datetime
    end: datetime
    run: Run | None = None
    fencing: Fencing | None = None

    @property
    def seconds(self) -> float:
        return (self.end - self.start).total_seconds()


def critical_path(
    chain: Chain,
    *,
    began: datetime,
    detected: datetime,
    decided: datetime | None,
    recovered: datetime | None,
    timeline: Timeline | None = None,
) -> tuple[tuple[Step, ...], tuple[Phase, ...]]:
    """(steps in order, phases covering began..recovered). Both empty when nothing recovered or nothing was down.

    `timeline`: tells what else ran in the cluster meanwhile.
    """
    if recovered is None or recovered <= began:
        return (), ()
    steps = _walk_back(chain, detected, recovered)
    return steps, tuple(_phases(_Meanwhile(chain, timeline), steps, began, detected, decided, recovered))


def _walk_back(chain: Chain, detected: datetime, recovered: datetime) -> tuple[Step, ...]:
    candidates = [
        Step(max(run.start, detected), run.end, run=run)
        for run in chain.runs
        if run.operation in _PHASE and detected <= run.end <= recovered
    ]
    candidates += [
        Step(max(fencing.requested, detected), fencing.ended, fencing=fencing)
        for fencing in chain.fencings
        if fencing.ended is not None and detected <= fencing.ended <= recovered
    ]
    path: list[Step] = []
    limit = recovered
    for step in sorted(candidates, key=lambda step: (step.end, step.start), reverse=True):
        if step.end <= limit and (not path or step.start < path[-1].start):
            path.append(step)
            limit = step.start + _OVERLAP
    return tuple(reversed(path))


def _phases(
    meanwhile: _Meanwhile,
    steps: tuple[Step, ...],
    began: datetime,
    detected: datetime,
    decided: datetime | None,
    recovered: datetime,
) -> Iterator[Phase]:
    """Phases in order; runs of the same name follow each other as one phase."""
    pieces: list[Phase] = []
    if detected > began:
        pieces.append(Phase(PhaseName.DETECTION, began, detected, "until the cluster knew"))
    at = max(began, detected)
    for step in steps:
        start, end = max(step.start, at), max(step.end, at)
        if start > at:
            pieces.extend(
                _between(
                    meanwhile,
                    at,
                    start,
                    decided,
                    first=not any(piece.name is not PhaseName.DETECTION for piece in pieces),
                )
            )
        if end > start:
            pieces.append(Phase(_name(step), start, end, _what(step)))
        at = end
    if at < recovered:
        pieces.append(Phase(PhaseName.WAIT, at, recovered, "until the service was seen running"))
    yield from _joined(pieces)


def _between(
    meanwhile: _Meanwhile, start: datetime, end: datetime, decided: datetime | None, *, first: bool
) -> Iterator[Phase]:
    """Name a gap: deciding until the plan was ready, then a wait for what the plan depended on."""
    if first:
        ready = min(max(decided, start), end) if decided is not None else end
        if ready > start:
            what = meanwhile.behind(start, ready) or "until the scheduler had a plan that was carried out"
            yield Phase(PhaseName.DECISION, start, ready, what)
        if end > ready:
            yield Phase(
                PhaseName.DECISION if end - ready <= _GAP else PhaseName.WAIT,
                ready,
                end,
                meanwhile.waited_for(ready, end),
            )
        return
    yield Phase(PhaseName.WAIT, start, end, meanwhile.waited_for(start, end))


def with_ups(phases: Iterable[Phase], ups: Iterable[tuple[datetime, datetime]]) -> tuple[Phase, ...]:
    """The phases, but for the times in between in which all that had been lost was up again."""
    times = list(ups)  # in order, without overlap
    if not times:
        return tuple(phases)
    told = [Phase(PhaseName.UP, start, end, "until it was down again") for start, end in times]
    told += [piece for phase in phases for piece in _without(phase, times)]
    return tuple(sorted(told, key=lambda phase: phase.start))


def _without(phase: Phase, times: Sequence[tuple[datetime, datetime]]) -> Iterator[Phase]:
    """What is left of a phase outside of `times`, which are in order and do not overlap."""
    at = phase.start
    for start, end in islice(times, bisect_right(times, at, key=lambda time: time[1]), None):
        if start >= phase.end:
            break
        if at < start:
            yield Phase(phase.name, at, start, phase.what)
        at = end
    if at < phase.end:
        yield Phase(phase.name, at, phase.end, phase.what)


def in_the_way(timeline: Timeline, chain: Chain, start: datetime, end: datetime) -> Run | None:
    """What of another chain was under way from the beginning of a wait to its end: the DC carries out a new plan only
    when all actions of the one before have ended (controld_te_callbacks.c, abort_transition).
    """
    mine = {run.run for run in chain.runs}
    runs = timeline.runs
    first = bisect_left(runs, end - _PROMPT, key=lambda run: run.end)
    last = bisect_right(runs, end + _GAP, key=lambda run: run.end)
    return next(
        (
            run
            for run in reversed(runs[first:last])
            if run.operation in _PHASE and run.start <= start and run.run not in mine
        ),
        None,
    )


class _Meanwhile:
    """What went on in an incident, in order of time: what a wait can have been for."""

    def __init__(self, chain: Chain, timeline: Timeline | None) -> None:
        self._chain, self._timeline = chain, timeline
        self._fencings = chain.fencings
        self._runs = sorted(chain.runs, key=lambda run: run.end)
        # when the first began of each and those that ended after it
        self._begun = list(accumulate((run.start for run in reversed(self._runs)), min))[::-1]
        self._planned = sorted(transition.calculated for transition in chain.transitions)

    def behind(self, start: datetime, end: datetime) -> str | None:
        """What of other chains was under way and had to end first."""
        if self._timeline is None or end - start < _PROMPT:
            return None
        run = in_the_way(self._timeline, self._chain, start, end)
        return f"behind the {run.operation} of {run.resource} on {run.node}, which was under way" if run else None

    def waited_for(self, start: datetime, end: datetime) -> str:
        """What went on between `start` and `end`."""
        for fencing in self._fencings:
            if fencing.requested < end and (fencing.ended is None or fencing.ended > start):
                return f"for the fencing of {fencing.target}"
        later = bisect_right(self._runs, start, key=lambda run: run.end)
        if later < len(self._runs) and self._begun[later] < end:
            run = next(run for run in islice(self._runs, later, None) if run.start < end)
            return f"for the {run.operation} of {run.resource} on {run.node}"
        if behind := self.behind(start, end):
            return behind
        plan = bisect_left(self._planned, start)
        if plan < len(self._planned) and self._planned[plan] <= end:
            return "for the next transition"
        return "between two actions" if end - start <= _GAP * 5 else "no line says for what"


def _name(step: Step) -> PhaseName:
    if step.fencing is not None:
        return PhaseName.FENCING
    assert step.run is not None
    return _PHASE[step.run.operation]


def _what(step: Step) -> str:
    if step.fencing is not None:
        told = told_parts(step.fencing)
        return f"fencing of {step.fencing.target}{f' ({told})' if told else ''}"
    assert step.run is not None
    outcome = "" if step.run.ok else " (failed)"
    return f"{step.run.operation} of {step.run.resource} on {step.run.node}{outcome}"


def _joined(pieces: list[Phase]) -> Iterator[Phase]:
    """Put short waits into the phase that follows them, and equal neighbours into one."""
    merged: list[Phase] = []
    for piece in pieces:
        phase = piece
        if merged and merged[-1].name is PhaseName.WAIT and merged[-1].end - merged[-1].start <= _GAP:
            phase = Phase(phase.name, merged.pop().start, phase.end, phase.what)
        if merged and merged[-1].name is phase.name and phase.name is not PhaseName.WAIT:
            before = merged.pop()
            phase = Phase(phase.name, before.start, phase.end, _both(before.what, phase.what))
        merged.append(phase)
    yield from merged


def _both(first: str, second: str) -> str:
    if first == second or second in first:
        return first
    named = first.split("; ")
    return (
        "; ".join([*named, second])
        if len(named) < 3
        else f"{'; '.join(named[:3])}; and more"
        if not first.endswith("and more")
        else first
    )
