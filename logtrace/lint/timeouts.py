"""Timeouts of operations against what was seen and against what the agent asks for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from logtrace.config.commands import Commands, duration, joined, operation
from logtrace.config.model import ClusterConfig, Op, Primitive
from logtrace.config.query import base_name, op_timeout
from logtrace.lint.advertised import OPERATIONS, advertised
from logtrace.lint.known import Known, Weakness, rounded_up, said

#: An operation that has used this share of its timeout when all was well will overrun it when all is not.
TIGHT: Final = 0.7
#: Recurring monitors are left out: a good one is not logged, and a hung one says nothing about the timeout it needs.
_ONE_SHOT: Final = ("start", "stop", "promote", "demote", "migrate_to", "migrate_from")


@dataclass(slots=True)
class _Seen:
    longest: float = 0.0
    node: str = ""
    event: int | None = None
    overran: int = 0
    overran_event: int | None = None


def below_seen(known: Known) -> Iterator[Weakness]:
    """Runs that took nearly as long as they may, or longer."""
    for (resource, name), seen in sorted(_seen(known).items()):
        timeout = op_timeout(known.config, resource, name)
        primitive = known.config.primitives.get(resource)
        if timeout is None or primitive is None:
            continue
        if seen.overran:
            told, severity = _overran(seen, name, timeout), "warning"
        elif seen.longest >= timeout * TIGHT:
            told = f"Its {name} took {said(seen.longest)} on {seen.node}; it may take {said(timeout)}."
            severity = "error" if seen.longest >= timeout else "warning"
        else:
            continue
        wanted = max(2 * max(seen.longest, timeout if seen.overran else 0.0), advertised(primitive, name) or 0.0)
        events = [event for event in (seen.overran_event, seen.event) if event is not None]
        yield Weakness(
            "error" if severity == "error" else "warning",
            resource,
            told,
            _change(known.config, primitive, name, rounded_up(wanted)),
            (*known.cib, *known.lines(events)),
        )


def below_advertised(known: Known) -> Iterator[Weakness]:
    """Timeouts below the agent's own minimum, all of a resource in one finding."""
    for primitive in known.services:
        short: list[tuple[str, float, float]] = []
        for name in OPERATIONS:
            least = advertised(primitive, name)
            timeout = op_timeout(known.config, primitive.id, name)
            if least is None or timeout is None or timeout >= least:
                continue
            if name in ("promote", "demote") and not any(op.name == name for op in primitive.ops):
                continue
            short.append((name, timeout, least))
        if short:
            told = ", ".join(f"{name} {said(timeout)} (at least {said(least)})" for name, timeout, least in short)
            yield Weakness(
                "warning" if any(timeout * 2 < least for _, timeout, least in short) else "info",
                primitive.id,
                f"Timeouts below what {primitive.agent} asks for: {told}.",
                joined(*(_change(known.config, primitive, name, duration(least)) for name, _, least in short)),
                known.cib,
            )


def _overran(seen: _Seen, name: str, timeout: float) -> str:
    often = "once" if seen.overran == 1 else f"{seen.overran} times"
    return f"Its {name} ran into its timeout of {said(timeout)} {often}; how long it needs is not known."


def _change(config: ClusterConfig, primitive: Primitive, name: str, timeout: str) -> Commands:
    configured = [op for op in primitive.ops if op.name == name]
    if not configured and name == "monitor":
        return {}  # what is missing there is the monitor
    return operation(config, primitive, min(configured, key=_often, default=None), name, timeout=timeout)


def _often(op: Op) -> float:
    return op.interval or float("inf")


def _seen(known: Known) -> dict[tuple[str, str], _Seen]:
    """(resource, operation) -> the longest run that ended by itself, and how many overran their timeout."""
    found: dict[tuple[str, str], _Seen] = {}
    for run in known.timeline.runs:
        if run.operation not in _ONE_SHOT:
            continue
        seen = found.setdefault((base_name(run.resource), run.operation), _Seen())
        if run.timed_out:
            seen.overran += 1
            seen.overran_event = run.event
        elif run.seconds > seen.longest:
            seen.longest, seen.node, seen.event = run.seconds, run.node, run.event
    for entry in known.history:
        if entry.operation in _ONE_SHOT and entry.exec_time and entry.status in (0, None):
            seen = found.setdefault((base_name(entry.resource), entry.operation), _Seen())
            if entry.exec_time > seen.longest:
                seen.longest, seen.node, seen.event = entry.exec_time, entry.node, None
    return found
