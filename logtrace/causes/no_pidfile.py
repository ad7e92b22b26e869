"""The init script or agent starts the service and leaves nothing by which it can be found again."""

from __future__ import annotations

from logtrace.assessment.assessment import Assessment
from logtrace.causes.judgement import Judgement, ruled_out, supported
from logtrace.causes.witnesses import signs_of_death
from logtrace.domain.kinds import Kind
from logtrace.domain.reasons import Why
from logtrace.timeline import Run

#: A monitor that begins within this many seconds of the start's end is "at once": nothing had time to crash.
_AT_ONCE = 3.0

#: What an agent says that looks for a pid file.
_OF_A_PID_FILE = (Why.NO_PID_FILE, Why.PID_FILE)


def judge(facts: Assessment) -> Judgement:
    """Proof: every start of the resource ended ok and the very next monitor, at once, said not running (rc 7)."""
    resource = facts.failed_resource
    if resource is None:
        return ruled_out("it did not begin with a failed operation")
    pairs = _start_then_not_running(facts, resource)
    lasting = [start for start, monitor in pairs if monitor is None]
    denied = [(start, monitor) for start, monitor in pairs if monitor is not None]
    if len(denied) < 2 or denied[0][1] is not facts.chain.first.run:
        return ruled_out("it did not begin with starts that were followed at once by a monitor that found nothing")
    if lasting:
        return ruled_out("a start held: the monitor after it found the service", [run.event for run in lasting[:2]])
    deaths = signs_of_death(facts, resource)
    if deaths:
        return ruled_out("the process died after its start", [event.event for event in deaths])
    told = [
        event.event
        for kind in (Kind.AGENT_SAYS, Kind.OP_OUTPUT)
        for event in facts.timeline.between(kind, facts.detected, facts.end)
        if event.resource == resource and event.why in _OF_A_PID_FILE
    ]
    nodes = sorted({start.node for start, _ in denied})
    return supported(
        f"all {len(denied)} starts of {resource} on {', '.join(nodes)} returned ok, and each time the very next "
        "monitor said not running: the service is not identified by what its script leaves behind (no pid file)",
        [event for start, monitor in denied[:4] for event in (start.event, monitor.event)] + told[:2],
        strength=0.97 if told else 0.9,
    )


def _start_then_not_running(facts: Assessment, resource: str) -> list[tuple[Run, Run | None]]:
    """Each ok start, from the beginning of the logs, with the monitor that denied it at once, or None where the next
    monitor found the service: a script that leaves a pid file once leaves it always.
    """
    runs = facts.timeline.history(resource, facts.end)
    pairs: list[tuple[Run, Run | None]] = []
    for index, start in enumerate(runs):
        if start.operation != "start" or not start.ok:
            continue
        following = next(
            (run for run in runs[index + 1 :] if run.node == start.node and run.operation in ("monitor", "stop")), None
        )
        if following is None or following.operation != "monitor":
            continue
        if following.ok:
            pairs.append((start, None))
        elif following.rc == 7 and (following.start - start.end).total_seconds() <= _AT_ONCE:
            pairs.append((start, following))
    return pairs
