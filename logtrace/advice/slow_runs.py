"""Starts, promotes and stops that take long by themselves, and recoveries that wait behind one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from logtrace.advice.situation import Situation
from logtrace.assessment.phases import PhaseName, in_the_way
from logtrace.config.commands import files_of
from logtrace.config.query import primitive_of
from logtrace.domain.advice import Advice
from logtrace.whatif.model import Activity, Change

#: What a service should need from its start to its first answer, or to let go when it is asked to.
_QUICK = 5.0

#: Less is not worth a search.
_LEAST = 1.0

_WHERE: Final = {
    "start": "sleeps in its script, waits for a database or a port, schema checks, cold caches, DNS",
    "promote": "replay of a log, a sync with the peer, waits for clients or for the old primary",
    "stop": "clients that do not let go, a flush or checkpoint, a script that waits longer than it must",
}

_RISKS: Final = {
    "start": "a start that returns before the service answers makes the next monitor fail",
    "promote": "a promote that returns before the service takes writes makes what depends on it fail",
    "stop": "a stop that returns before the service is down lets it run twice",
}


def advise(situation: Situation) -> Iterator[Advice]:
    """The longest run of each kind, where it is a cause or a large part of the outage; and what came first."""
    yield from _behind(situation)
    if situation.recovery is None or situation.is_headline("start_timeout", "stop_failure", "flapping"):
        return
    for what in _WHERE:
        yield from _shorter(situation, what)


def _shorter(situation: Situation, what: str) -> Iterator[Advice]:
    recovery = situation.recovery
    assert recovery is not None
    found = [one for one in recovery.activities if one.what == what and one.ok and one.resource is not None]
    longest: Activity | None = max(found, key=lambda one: one.seconds, default=None)
    if longest is None or longest.resource is None or longest.seconds <= _QUICK:
        return
    saves, basis = situation.saves(Change("run", _QUICK, names=(longest.resource,), operation=what))
    named = what != "stop" and situation.concerns("slow_init")
    if not named and (saves is None or saves < max(_LEAST, 0.1 * recovery.outage)):
        return
    primitive = primitive_of(situation.config, longest.resource)
    yield Advice(
        f"shorten_{what}",
        f"Find out what the {what} of {longest.resource} does for {longest.seconds:.1f} s on {longest.node}: "
        f"{_WHERE[what]}",
        files=files_of(primitive) if primitive is not None else (),
        saves=saves,
        saves_basis=f"{basis}; with a {what} of {_QUICK:g} s",
        risk=_RISKS[what],
    )


def _behind(situation: Situation) -> Iterator[Advice]:
    """The DC plans anew only when the actions under way have ended: a recovery waits behind another one's start."""
    one = situation.one
    waits = [
        (phase.seconds, run)
        for phase in one.phases
        if phase.name in (PhaseName.WAIT, PhaseName.DECISION) and phase.seconds >= _LEAST
        and (run := in_the_way(one.timeline, one.chain, phase.start, phase.end)) is not None
    ]  # fmt: skip
    if not waits:
        return
    waited, run = max(waits, key=lambda wait: wait[0])
    primitive = primitive_of(situation.config, run.resource)
    yield Advice(
        "head_of_line",
        f"Shorten the {run.operation} of {run.resource} ({run.seconds:.1f} s on {run.node}), behind which this "
        f"recovery waited {waited:.1f} s: the DC begins what a new failure needs only when all that is under way has "
        "ended",
        files=files_of(primitive) if primitive is not None else (),
        saves=round(min(waited, max(0.0, run.seconds - _QUICK)), 3),
        saves_basis=f"the wait, less what a {run.operation} of {_QUICK:g} s would have left of it",
        risk=_RISKS.get(run.operation, "none known"),
    )
