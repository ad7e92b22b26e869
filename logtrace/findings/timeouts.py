"""Timeouts of operations against what was seen and against what the agent asks for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from logtrace import commands
from logtrace.config.model import Op, Primitive
from logtrace.config.query import base_name, op_timeout
from logtrace.findings.advertised import OPERATIONS, advertised
from logtrace.findings.known import Known, Weakness, rounded_up, said, spelled

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
    for (resource, operation), seen in sorted(_seen(known).items()):
        timeout = op_timeout(known.config, resource, operation)
        primitive = known.config.primitives.get(resource)
        if timeout is None or primitive is None:
            continue
        if seen.overran:
            told, severity = _overran(seen, operation, timeout), "warning"
        elif seen.longest >= timeout * TIGHT:
            told = f"Its {operation} took {said(seen.longest)} on {seen.node}; it may take {said(timeout)}."
            severity = "error" if seen.longest >= timeout else "warning"
        else:
            continue
        wanted = max(2 * max(seen.longest, timeout if seen.overran else 0.0), advertised(primitive, operation) or 0.0)
        events = [event for event in (seen.overran_event, seen.event) if event is not None]
        yield Weakness(
            "error" if severity == "error" else "warning",
            resource,
            told,
            _change(primitive, operation, rounded_up(wanted)),
            (*known.cib, *known.lines(events)),
        )


def below_advertised(known: Known) -> Iterator[Weakness]:
    """Timeouts below the agent's own minimum, all of a resource in one finding."""
    for primitive in known.services:
        short: list[tuple[str, float, float]] = []
        for operation in OPERATIONS:
            least = advertised(primitive, operation)
            timeout = op_timeout(known.config, primitive.id, operation)
            if least is None or timeout is None or timeout >= least:
                continue
            if operation in ("promote", "demote") and not any(op.name == operation for op in primitive.ops):
                continue
            short.append((operation, timeout, least))
        if short:
            told = ", ".join(f"{name} {said(timeout)} (at least {said(least)})" for name, timeout, least in short)
            yield Weakness(
                "warning" if any(timeout * 2 < least for _, timeout, least in short) else "info",
                primitive.id,
                f"Timeouts below what {primitive.agent} asks for: {told}.",
                commands.together(_change(primitive, name, spelled(least)) for name, _, least in short),
                known.cib,
            )


def _overran(seen: _Seen, operation: str, timeout: float) -> str:
    often = "once" if seen.overran == 1 else f"{seen.overran} times"
    return f"Its {operation} ran into its timeout of {said(timeout)} {often}; how long it needs is not known."


def _change(primitive: Primitive, operation: str, timeout: str) -> commands.Commands:
    configured = [op for op in primitive.ops if op.name == operation]
    interval = spelled(min(configured, key=_often).interval) if configured and operation == "monitor" else "0"
    return commands.set_timeout(primitive.id, operation, timeout, configured=bool(configured), interval=interval)


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
