"""The init script or agent starts the service and leaves nothing by which it can be found again."""

from __future__ import annotations

import re

from logtrace.causes.judgement import Judgement, ruled_out, supported
from logtrace.causes.witnesses import signs_of_death
from logtrace.incidents.facts import Facts
from logtrace.timeline import Run

#: A monitor that begins within this many seconds of the start's end is "at once": nothing had time to crash.
_AT_ONCE = 3.0

_PID_TEXT = re.compile(r"\bpid[ _-]?file|\.pid\b|no pid\b", re.IGNORECASE)


def judge(facts: Facts) -> Judgement:
    """Proof: every start of the resource ended ok and the very next monitor, at once, said not running (rc 7)."""
    resource = facts.failed_resource
    if resource is None:
        return ruled_out("it did not begin with a failed operation")
    pairs = _start_then_not_running(facts, resource)
    if not pairs:
        return ruled_out("no start was followed at once by a monitor that found nothing")
    lasting = [start for start, monitor in pairs if monitor is None]
    denied = [(start, monitor) for start, monitor in pairs if monitor is not None]
    if not denied or lasting or len(denied) < 2:
        return ruled_out(
            "a start held: the service was found by the monitor after it", [run.event for run in lasting[:2]]
        )
    deaths = signs_of_death(facts, resource)
    if deaths:
        return ruled_out("the process died after its start", deaths)
    told = [
        event.event
        for kind in ("agent.says", "op.output")
        for event in facts.timeline.between(kind, facts.detected, facts.end)
        if event.resource == resource and _PID_TEXT.search(event.text or event.message)
    ]
    nodes = sorted({start.node for start, _ in denied})
    return supported(
        f"all {len(denied)} starts of {resource} on {', '.join(nodes)} returned ok, and each time the very next "
        "monitor said not running: the service is not identified by what its script leaves behind (no pid file)",
        [event for start, monitor in denied[:4] for event in (start.event, monitor.event)] + told[:2],
        strength=0.97 if told else 0.9,
    )


def _start_then_not_running(facts: Facts, resource: str) -> list[tuple[Run, Run | None]]:
    """Each ok start with the monitor that denied it at once, or None where the next monitor found the service."""
    runs = facts.timeline.runs_of.get(resource, [])
    first = facts.detected
    pairs: list[tuple[Run, Run | None]] = []
    for index, start in enumerate(runs):
        if start.operation != "start" or not start.ok or start.end > facts.end:
            continue
        following = next(
            (run for run in runs[index + 1 :] if run.node == start.node and run.operation in ("monitor", "stop")), None
        )
        if following is None or following.end < first:
            continue
        at_once = (following.start - start.end).total_seconds() <= _AT_ONCE
        if following.operation == "monitor" and following.rc == 7 and at_once:
            pairs.append((start, following))
        elif following.operation == "monitor" and following.ok:
            pairs.append((start, None))
    return pairs
