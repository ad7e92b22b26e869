"""A start that takes long by itself."""

from __future__ import annotations

from collections.abc import Iterator

from logtrace.advice.situation import Situation
from logtrace.config.commands import files_of
from logtrace.config.query import primitive_of
from logtrace.domain.advice import Advice
from logtrace.whatif.model import Change

#: What a service should need from its start to its first answer.
_QUICK = 5.0


def advise(situation: Situation) -> Iterator[Advice]:
    """The longest start on the critical path, where its own run time is a cause."""
    recovery = situation.recovery
    if recovery is None or not situation.concerns("slow_init"):
        return
    starts = [one for one in recovery.activities if one.what == "start" and one.ok and one.resource is not None]
    if not starts:
        return
    longest = max(starts, key=lambda one: one.seconds)
    if longest.seconds <= _QUICK or longest.resource is None:
        return
    saves, basis = situation.saves(Change("start", _QUICK, names=(longest.resource,)))
    primitive = primitive_of(situation.config, longest.resource)
    yield Advice(
        "shorten_start",
        f"Find out what the start of {longest.resource} does for {longest.seconds:.1f} s on {longest.node}: sleeps in "
        "its script, waits for a database or a port, schema checks, cold caches, DNS",
        files=files_of(primitive) if primitive is not None else (),
        saves=saves,
        saves_basis=f"{basis}; with a start of {_QUICK:g} s",
        risk="a start that returns before the service answers makes the next monitor fail",
    )
