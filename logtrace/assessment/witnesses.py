"""Who else can say whether a service or node lived.

The kernel and the init system, the agent's own words, the stop that followed, a node that was thought dead and spoke.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from logtrace.assessment.assessment import Assessment, asked_once
from logtrace.assessment.onset import PROOFS
from logtrace.assessment.operations import NOT_RUNNING, timeout_of
from logtrace.assessment.services import answers, processes_of
from logtrace.chains.triggers import CorosyncPaused, DaemonDied
from logtrace.config import defaults
from logtrace.domain import durations
from logtrace.domain.kinds import Kind
from logtrace.domain.reasons import Why
from logtrace.timeline import Event, NodeLoss, Run, Timeline, computed_once, lines_of, peers

#: Agents, the kernel and others often print whole seconds: a line may stand so much before what it follows.
_SECOND = timedelta(seconds=1)

#: A DC is silent for less: it asks the scheduler again at this interval, and says so; of two times it is heard once. An
#: excerpt has no CIB that could tell of another interval.
_SILENT = 2 * timedelta(seconds=durations.seconds(defaults.PROPERTIES["cluster-recheck-interval"]) or 0)

#: What agents say when a stop found nothing to stop.
_NOTHING = (Why.NOT_RUNNING, Why.NO_PID_FILE)


class Testimony(Struct, frozen=True):
    """Whether a service ran (None: nobody can tell), the `events` and the words (`how`) that tell it.

    `proof`: whether that is proof, or only likely.
    """

    ran: bool | None
    events: tuple[int, ...]
    how: str
    proof: bool = True


def signs_of_death(facts: Assessment, resource: str) -> list[Event]:
    """Lines of kernel, systemd or Upstart that tell of the death of this resource's process during the incident."""
    run = facts.chain.first.run
    start = min(facts.earliest or facts.detected, run.start if run is not None else facts.detected) - _SECOND
    told = [event for kind in PROOFS for event in facts.timeline.between(kind, start, facts.end)]
    return processes_of(facts.config, resource, told)


def stop_after(facts: Assessment, run: Run) -> Run | None:
    """The stop of the same resource on the same node that followed a failed operation."""
    runs = facts.timeline.runs_between(run.resource, run.end, facts.end)
    return next(
        (other for other in runs if other.operation == "stop" and other.node == run.node),
        None,
    )


def said_during(facts: Assessment, resource: str, node: str, start: datetime, end: datetime) -> list[Event]:
    """The agent's own lines about a resource on a node. Seconds are often all the agent prints."""
    return facts.timeline.between(Kind.AGENT_SAYS, start - _SECOND, end + _SECOND, node=node, resource=resource)


@asked_once
def was_running(facts: Assessment, run: Run) -> Testimony:
    """Whether the service ran when its monitor failed, by whoever can tell."""
    deaths = signs_of_death(facts, run.resource)
    died = max((event.time for event in deaths), default=None)
    answered = tuple(event.event for event in _answered(facts, run) if died is None or event.time > died)
    if answered:
        many = "a request" if len(answered) == 1 else f"{len(answered)} requests"
        return Testimony(True, answered, f"its own log shows that it answered {many} meanwhile")
    if deaths:
        told = tuple(event.event for event in deaths)
        return Testimony(False, told, "the kernel or init system reports the death of its process")
    stop = stop_after(facts, run)
    if stop is None:
        return Testimony(None, (), "no stop followed that could tell")
    words = said_during(facts, run.resource, run.node, stop.start, stop.end)
    # the failed monitor's own "is not running" may share the second with the stop; the last word decides
    for word in reversed(words):
        if word.why in _NOTHING:
            return Testimony(False, (word.event, stop.event), "the stop that followed found nothing to stop")
        if word.why == Why.SIGNALLED:
            return Testimony(True, (word.event, stop.event), "the stop that followed ended a process that still ran")
        if word.why == Why.STOPPED and run.rc != NOT_RUNNING:
            likely = "the stop that followed had something to stop"
            return Testimony(True, (word.event, stop.event), likely, proof=False)
    return Testimony(None, (stop.event,), "the agent does not say whether there was anything to stop")


def ran_on(facts: Assessment, run: Run) -> bool:
    """Whether a service ran on when its monitor failed: a witness says so, or several monitors timed out together."""
    alive = was_running(facts, run).ran
    return alive is True or (
        alive is None and run.timed_out and len({each.resource for each in starved(facts, run)}) > 1
    )


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
        for event in facts.timeline.between(kind, _began(facts, run) - _SECOND, run.end, node=run.node)
    ]


def could_tell(facts: Assessment, kind: Kind, node: str, moment: datetime) -> bool:
    """Whether a line of `kind` that `node` logged about `moment` would be here: its log covers that, and goes on after
    it without a boot, at which what had not been written yet is lost.
    """
    if not facts.timeline.coverage.would_tell(kind, node, moment, moment):
        return False
    after = _next_line(facts.timeline, node, moment)
    return after is None or not any(
        facts.timeline.between(boot, moment, after, node=node) for boot in (Kind.COROSYNC_START, Kind.BOOT)
    )


def mute(facts: Assessment, kind: Kind, nodes: Iterable[str]) -> list[str]:
    """Those of `nodes` whose line of `kind`, about what was detected, would not be here."""
    return [node for node in nodes if not could_tell(facts, kind, node, facts.detected)]


@asked_once
def unheard(facts: Assessment, *, everywhere: bool = False) -> list[str]:
    """Nodes whose Pacemaker may have told of more in the course of the incident, and whose log of it is not here; none
    where a DC of it, which hears of all that is done and fails, or each node of it could have told.

    `everywhere`: of all nodes that are spoken of, for a service may be started on any.
    """

    def told(node: str) -> bool:
        return facts.timeline.coverage.would_tell(Kind.OP_RESULT, node, facts.detected, facts.end)

    if facts.chain.planned or any(told(dc) for dc in _deciding(facts)):
        return []
    concerned = set(facts.chain.nodes) or facts.timeline.logging_nodes
    if everywhere:
        concerned = concerned | peers(facts.timeline, facts.config)
    return sorted(node for node in concerned if not told(node))


def cut_off(facts: Assessment) -> bool:
    """Whether an excerpt leaves out what became of an incident: somewhere behind its last line there is none for longer
    than a DC is silent.
    """
    if facts.recovered or not facts.timeline.coverage.excerpt:
        return False
    silence = _last_silence(facts.timeline)
    return silence is not None and silence >= facts.chain.last


@computed_once
def _last_silence(timeline: Timeline) -> datetime | None:
    """Since when nobody said anything for longer than a DC is silent, the last time this was so."""
    times = timeline.events["time"].drop_nulls().unique().sort()
    since = times.filter((times.diff() > _SILENT).shift(-1)).max()
    return since if isinstance(since, datetime) else None


def heard_since(facts: Assessment, start: datetime) -> bool:
    """Whether the log of a DC, which hears what is started where, covers all from `start` to the detection."""
    coverage = facts.timeline.coverage
    return any(coverage.would_tell(Kind.OP_RESULT, dc, start, facts.detected) for dc in _deciding(facts))


def _deciding(facts: Assessment) -> set[str]:
    dcs = {transition.dc for transition in facts.chain.transitions} | {facts.timeline.dc_at(facts.detected)}
    return {dc for dc in dcs if dc is not None}


def _next_line(timeline: Timeline, node: str, moment: datetime) -> datetime | None:
    lines = lines_of(timeline).get(node)
    if lines is None:
        return None
    times = lines["time"]
    place = bisect_right(times, moment)
    return times[place] if place < len(times) else None


def mutual(losses: Sequence[NodeLoss]) -> tuple[NodeLoss, NodeLoss] | None:
    """The first two nodes that lost each other: both lived to tell."""
    told: dict[tuple[str, str], int] = {}  # by who lost whom the first loss
    for at, loss in enumerate(losses):
        for observer in loss.observers:
            told.setdefault((observer, loss.node), at)
    for one in losses:
        others = [told[one.node, node] for node in one.observers if (one.node, node) in told]
        if others:
            return one, losses[min(others)]
    return None


def lived(facts: Assessment, loss: NodeLoss) -> bool:
    """Whether a node that its peers lost lived on, and its services with it: its corosync was paused, or it or a daemon
    of it had died under a living machine, or it lost its peers as they lost it.
    """
    if any(isinstance(each, DaemonDied) and each.node == loss.node for each in facts.chain.triggers):
        return True
    if facts.triggers(CorosyncPaused):
        return True
    both = mutual(list(facts.chain.losses))
    return (both is not None and loss in both) or logged_on(facts, loss) is not None


@asked_once
def logged_on(facts: Assessment, loss: NodeLoss) -> int | None:
    """A line the lost node wrote well after it was lost, before it was back or started anew."""
    until = loss.back or facts.end
    for fencing in facts.chain.fencings:
        if fencing.target == loss.node and fencing.ended is not None:
            until = min(until, fencing.ended)
    after = loss.time + _SECOND
    booted = [
        event.time
        for kind in (Kind.COROSYNC_START, Kind.DAEMON_STARTING, Kind.BOOT)
        for event in facts.timeline.between(kind, loss.time, until, node=loss.node)
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
        if said := facts.timeline.between(kind, after, until, node=loss.node):
            return said[0].event
    return None
