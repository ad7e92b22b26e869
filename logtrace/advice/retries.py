"""When to give up on a node, and when to forget a failure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from logtrace.advice.situation import Situation
from logtrace.config.commands import meta
from logtrace.config.query import meta_of, primitive_of
from logtrace.domain import durations
from logtrace.domain.advice import Advice
from logtrace.domain.values import whole

_FORGET = "10min"


def advise(situation: Situation) -> Iterator[Advice]:
    """migration-threshold and failure-timeout for a resource that flaps."""
    failed = [run for run in situation.one.failures("monitor") if not run.probe]
    if not situation.true("flapping") or not failed:
        return
    ((resource, times),) = Counter(run.resource for run in failed).most_common(1)
    primitive = primitive_of(situation.config, resource)
    if primitive is None:
        return
    threshold = whole(meta_of(situation.config, primitive.id, "migration-threshold"))
    forgets = durations.seconds(meta_of(situation.config, primitive.id, "failure-timeout")) or 0.0
    limited = threshold is not None and threshold <= 3
    if not limited or not forgets:
        values = {} if limited else {"migration_threshold": "3"}
        if not forgets:
            values["failure_timeout"] = _FORGET
        told = " and ".join(f"{name.replace('_', '-')}={value}" for name, value in values.items())
        yield Advice(
            "limit_retries",
            f"Set {told} for {primitive.id}: {'' if limited else 'it moves away after the third failure, and '}"
            "a failure is forgotten after a while instead of being counted for ever",
            meta(primitive.id, **values),
            saves_basis="not computed: it bounds how often the service may die, not how long one death takes",
            risk="a move starts the service from nothing elsewhere; a short failure-timeout lets it flap for ever",
        )
    saves, basis = _moved_at_once(situation, primitive.id)
    if saves is not None:
        yield Advice(
            "move_at_once",
            f"Move {primitive.id} at its first failure (migration-threshold=1): it failed {times} times "
            "here and held once it had moved",
            meta(primitive.id, migration_threshold="1", failure_timeout=_FORGET),
            saves=saves,
            saves_basis=basis,
            risk="any single crash then moves it, with all that is tied to it; find out why it dies here first",
        )


def _moved_at_once(situation: Situation, resource: str) -> tuple[float | None, str]:
    """The stop after the first failure and the start elsewhere, both as measured, instead of all the retries."""
    recovery = situation.recovery
    if recovery is None:
        return None, ""
    mine = [one for one in recovery.activities if one.resource == resource]
    starts = [one for one in mine if one.what == "start" and one.ok]
    if len(starts) < 2 or not starts[-1].moved:
        return None, ""
    first, last = starts[0], starts[-1]
    rest = recovery.outage - (last.end - recovery.began)  # what came up after it
    needed = first.start - recovery.began + last.seconds + max(0.0, rest)
    saves = round(max(0.0, recovery.outage - needed), 3)
    return saves, (
        f"computed from measured operations: {first.start - recovery.began:.1f} s to the first stop's end and "
        f"{last.seconds:.1f} s for the start on {last.node}, instead of {recovery.outage:.1f} s with all retries"
    )
