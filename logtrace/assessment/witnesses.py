"""Who else can say whether a service or node lived.

The kernel and the init system, the agent's own words, the stop that followed, a node that was thought dead and spoke.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from logtrace.assessment.assessment import Assessment
from logtrace.assessment.onset import PROOFS
from logtrace.assessment.operations import timeout_of
from logtrace.assessment.services import answers, is_process_of
from logtrace.chains.triggers import CorosyncPaused, DaemonDied
from logtrace.config import defaults
from logtrace.domain.kinds import Kind
from logtrace.domain.reasons import Why
from logtrace.timeline import Event, NodeLoss, Run

#: What agents say when a stop found nothing to stop.
_NOTHING = (Why.NOT_RUNNING, Why.NO_PID_FILE)

#: A stop that takes less than this returned at once.
_AT_ONCE = 0.02


def signs_of_death(facts: Assessment, resource: str) -> list[Event]:
    """Lines of kernel, systemd or Upstart that tell of the death of this resource's process during the incident."""
    start = (facts.earliest or facts.detected) - timedelta(seconds=60)
    return [
        event
        for kind in PROOFS
        for event in facts.timeline.between(kind, start, facts.end)
        if is_process_of(facts.config, resource, event)
    ]


def stop_after(facts: Assessment, run: Run) -> Run | None:
    """The stop of the same resource on the same node that followed a failed operation."""
    runs = facts.timeline.runs_between(run.resource, run.end, facts.end)
    return next(
        (other for other in runs if other.operation == "stop" and other.node == run.node),
        None,
    )


def said_during(facts: Assessment, resource: str, node: str, start: datetime, end: datetime) -> list[Event]:
    """The agent's own lines about a resource on a node. Seconds are often all the agent prints."""
    return [
        event
        for event in facts.timeline.between(Kind.AGENT_SAYS, start - timedelta(seconds=1), end + timedelta(seconds=1))
        if event.node == node and event.resource == resource
    ]


def was_running(facts: Assessment, run: Run) -> tuple[bool | None, list[int], str]:
    """Whether the service ran when its monitor failed: (True, False or None for unknown, lines, how it is known)."""
    deaths = signs_of_death(facts, run.resource)
    died = max((event.time for event in deaths), default=None)
    answered = [event.event for event in _answered(facts, run) if died is None or event.time > died]
    if answered:
        many = "a request" if len(answered) == 1 else f"{len(answered)} requests"
        return True, answered, f"its own log shows that it answered {many} meanwhile"
    if deaths:
        return False, [event.event for event in deaths], "the kernel or init system reports the death of its process"
    stop = stop_after(facts, run)
    if stop is None:
        return None, [], "no stop followed that could tell"
    words = said_during(facts, run.resource, run.node, stop.start, stop.end)
    # the failed monitor's own "is not running" may share the second with the stop; the last word decides
    for word in reversed(words):
        if word.why in _NOTHING:
            return False, [word.event, stop.event], "the stop that followed found nothing to stop"
        if word.why == Why.STOPPED:
            return True, [word.event, stop.event], "the stop that followed had something to stop"
    usual = _usual_stops(facts, run.resource)
    if usual and stop.ok and stop.precise:
        typical = sorted(usual)[len(usual) // 2]
        if stop.seconds < 0.5 * typical and typical > _AT_ONCE:
            return (
                False,
                [stop.event],
                f"the stop that followed took {stop.seconds:.2f} s, not the usual {typical:.2f} s",
            )
        if stop.seconds > 0.8 * typical and typical > 0.1:
            return True, [stop.event], f"the stop that followed took its usual {stop.seconds:.2f} s"
    return None, [stop.event], "the agent does not say whether there was anything to stop"


def ran_on(facts: Assessment, run: Run) -> bool:
    """Whether a service ran on when its monitor failed: a witness says so; or the monitor, which timed out, told
    nothing of the service, and no network of the node failed that would explain it.
    """
    alive = was_running(facts, run)[0]
    if alive is not None or not run.timed_out:
        return alive is True
    if len({other.resource for other in starved(facts, run)}) > 1:
        return True
    return stop_after(facts, run) is not None and not network_during(facts, run)


def starved(facts: Assessment, run: Run) -> list[Run]:
    """Monitors that timed out on the node of `run`, of the same incident: it itself, and others with it."""
    return [other for other in facts.failures("monitor") if other.timed_out and other.node == run.node]


def _answered(facts: Assessment, run: Run) -> list[Event]:
    """Requests the service answered in the second half of its monitor's run, or after it and before the stop that
    followed. An earlier one leaves room for a death that the monitor then saw.
    """
    stop = stop_after(facts, run)
    began = _began(facts, run)
    late, until = began + (run.end - began) / 2, stop.start if stop else run.end
    return answers(facts.timeline, facts.config, run.resource, run.node, late, until)


def _began(facts: Assessment, run: Run) -> datetime:
    """When a failed operation began at the earliest: one that timed out had its timeout; of others only those that
    were asked for anew have a beginning in the logs.
    """
    if not run.timed_out:
        return run.start
    allowed = timeout_of(facts.config, run)
    return min(run.start, run.end - timedelta(seconds=allowed or defaults.OP_TIMEOUT))


def network_during(facts: Assessment, run: Run) -> list[int]:
    """Lines that a network card or link of the node went down or came back while an operation ran there: an agent that
    needs the network, or watches it, did not fail for nothing.
    """
    return [
        event.event
        for kind in (Kind.KERNEL_NIC, Kind.TOTEM_INTERFACE, Kind.TOTEM_RING, Kind.KNET_LINK)
        for event in facts.timeline.between(kind, _began(facts, run) - timedelta(seconds=1), run.end)
        if event.node == run.node
    ]


def _usual_stops(facts: Assessment, resource: str) -> list[float]:
    """Run times of stops before which the service was well: those that follow a failure may have found nothing."""
    usual = []
    well = True
    for run in facts.timeline.history(resource, facts.end):
        if run.failed:
            well = False
        elif run.operation == "start" and run.ok:
            well = True
        elif run.operation == "stop" and run.ok and well:
            usual.append(run.seconds)
    return usual


def mutual(losses: Sequence[NodeLoss]) -> tuple[NodeLoss, NodeLoss] | None:
    """Two nodes that lost each other: both lived to tell."""
    return next(
        (
            (one, other)
            for one in losses
            for other in losses
            if one.node in other.observers and other.node in one.observers
        ),
        None,
    )


def lived(facts: Assessment, loss: NodeLoss) -> bool:
    """Whether a node that its peers lost lived on, and its services with it: its corosync was paused, or it or a daemon
    of it had died under a living machine, or it lost its peers as they lost it.
    """
    if any(isinstance(each, DaemonDied) and each.node == loss.node for each in facts.chain.triggers):
        return True
    if facts.triggers(CorosyncPaused):
        return True
    both = mutual(facts.chain.losses)
    return (both is not None and loss in both) or logged_on(facts, loss) is not None


def logged_on(facts: Assessment, loss: NodeLoss) -> int | None:
    """A line the lost node wrote well after it was lost, before it was back or started anew."""
    until = loss.back or facts.end
    for fencing in facts.chain.fencings:
        if fencing.target == loss.node and fencing.ended is not None:
            until = min(until, fencing.ended)
    after = loss.time + timedelta(seconds=1)
    booted = [
        event.time
        for kind in (Kind.COROSYNC_START, Kind.DAEMON_STARTING, Kind.BOOT)
        for event in facts.timeline.between(kind, loss.time, until)
        if event.node == loss.node
    ]
    until = min([until, *booted])
    for kind in (
        Kind.QUORUM_LOST,
        Kind.TE_ABORT,
        Kind.FSA_STATE,
        Kind.DC_TAKEN,
        Kind.AGENT_SAYS,
        Kind.ATTR_SET,
        Kind.KNET_LINK,
    ):
        for event in facts.timeline.between(kind, after, until):
            if event.node == loss.node:
                return event.event
    return None
