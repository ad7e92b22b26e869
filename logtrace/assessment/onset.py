"""When it truly began: the proof of a death, else the last moment at which what was lost is known to have been well."""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from logtrace.assessment.services import answers, processes_of
from logtrace.chains.agreement import told_tokens
from logtrace.chains.chain import Chain
from logtrace.chains.triggers import DaemonDied, RemoteLost
from logtrace.config.corosync import consensus_seconds, token_seconds
from logtrace.config.defaults import CONSENSUS_FACTOR, OP_TIMEOUT
from logtrace.config.model import ClusterConfig, Corosync
from logtrace.config.query import is_connection, monitor_interval, op_timeout
from logtrace.domain.durations import LONGEST
from logtrace.domain.kinds import Kind
from logtrace.events.store import cut
from logtrace.timeline import Run, Timeline, interval_of, lines_of

#: Lines that tell of the death of a process or unit.
PROOFS = (Kind.PROCESS_OOM, Kind.PROCESS_CRASHED, Kind.UNIT_DIED, Kind.UNIT_FAILED)

#: The other daemons notice at once that one died; times may be whole seconds.
_NOTICED = timedelta(seconds=2)

#: Syslog leaves out fractions: a line within this of the expected time stands where it is expected.
_SECOND = timedelta(seconds=1)

#: What says that a monitor is begun: to the DC's log and to the node's own.
_BEGINS = (Kind.OP_REQUESTED, Kind.OP_REQUESTED_LOCAL)


class Death(Struct, frozen=True):
    """`time` of death, the `events` that prove it, and the `basis` in words."""

    time: datetime
    events: tuple[int, ...]
    basis: str


def time_of_death(chain: Chain, timeline: Timeline, config: ClusterConfig, detected: datetime) -> Death | None:
    """The proof that fits the first trigger, or None: a death is never guessed."""
    first = chain.first
    if first.run is not None:
        run = first.run
        well = last_watched(timeline, config, run) if run.recurring or run.probe else run.start
        since = min(well or timeline.start or detected, run.start) - _SECOND
        for kind in PROOFS:
            for event in processes_of(config, run.resource, timeline.between(kind, since, detected, node=run.node)):
                if not _lived_on(timeline, config, run, event.time):
                    return Death(event.time, (event.event,), f"{event.daemon}: {kind.split('.')[1]}")
    if isinstance(first, DaemonDied):
        for kind in PROOFS:
            for event in timeline.between(kind, detected - _NOTICED, detected, node=first.node):
                if _is_daemon(first.daemon, event.child or ""):
                    return Death(event.time, (event.event,), f"{event.daemon}: {kind.split('.')[1]}")
    if first.loss is not None and not first.loss.mirrored and first.loss.heard is None:
        return _last_words(timeline, config, first.loss.node, detected)
    return None


def _is_daemon(name: str, child: str) -> bool:
    """Whether a process or unit is that daemon; the kernel keeps 15 characters of a name."""
    return name[:15] == child.removesuffix(".service")[:15]


def _lived_on(timeline: Timeline, config: ClusterConfig, run: Run, died: datetime) -> bool:
    """A service that answers a second or more after one of its processes died has more of them, or a new one."""
    return bool(answers(timeline, config, run.resource, run.node, died + _SECOND, run.end))


def _last_words(timeline: Timeline, config: ClusterConfig, node: str, detected: datetime) -> Death | None:
    """The last line of a lost node, when it fell silent within the time Corosync needs to miss it; an idle node that
    had nothing to say proves nothing.
    """
    heard = last_heard(timeline, config, detected)
    if heard is None:
        return None
    silence = detected - heard + _SECOND
    said = lines_of(timeline).get(node)
    near = cut(said, "time", detected - silence, detected + silence) if said is not None else None
    if near is None or near.is_empty() or near["time"][-1] >= detected:
        return None
    time, event = near.row(-1)
    return Death(time, (event,), f"the last line of {node}")


def last_well(
    chain: Chain, timeline: Timeline, config: ClusterConfig, detected: datetime, death: Death | None
) -> datetime | None:
    """What died at a proven moment was well until then. Else a resource was well when it was last watched, or when it
    answered a request later; a node was well when it was last heard of.
    """
    if not chain.is_fault:
        return None
    if death is not None:
        return death.time
    first = chain.first
    if first.loss is not None and first.loss.heard is not None:
        return first.loss.heard
    if first.node is not None and (first.loss is not None or isinstance(first, RemoteLost)):
        return last_heard_of(timeline, config, first.node, detected)
    run = first.run
    if run is None or not (run.recurring or run.probe):
        return None
    watched = last_watched(timeline, config, run)
    if watched is None:
        return None
    heard = answers(timeline, config, run.resource, run.node, watched, detected)
    return heard[-1].time if heard else watched


def last_heard(timeline: Timeline, config: ClusterConfig, detected: datetime) -> datetime | None:
    """The last moment a node can have been heard of whose membership ended at `detected`; None when nothing tells how
    long Corosync waits.

    That is token plus consensus: as a member tells them when its token times out (Corosync 2.4.6, 3.1.0), as
    configured, or as the release has them. Agreement may take a second round; then that line tells when it began.
    """
    told = told_tokens(timeline, detected)
    if not told:
        return _by_configuration(timeline, config, detected)
    time, token, consensus = told[-1]
    waited = _milliseconds(consensus or token * CONSENSUS_FACTOR)
    regular = detected - waited
    began = time if regular - waited <= time < regular - _SECOND else regular
    return began - _milliseconds(token)


def last_heard_of(timeline: Timeline, config: ClusterConfig, node: str, detected: datetime) -> datetime | None:
    """The last moment at which `node` can have been heard of. What has no Corosync is heard of by the monitor of the
    connection to it, which ends at once where the other end closes it, and otherwise in its own time.
    """
    if not is_connection(config, node):
        return last_heard(timeline, config, detected)
    interval = monitor_interval(config, node)
    if interval is None:
        return None
    return detected - timedelta(seconds=interval + (op_timeout(config, node, "monitor", interval) or OP_TIMEOUT))


def _milliseconds(number: float) -> timedelta:
    return timedelta(milliseconds=min(number, LONGEST * 1000))


def _by_configuration(timeline: Timeline, config: ClusterConfig, detected: datetime) -> datetime | None:
    if token_seconds(config) is None:
        release = next((one.version for one in reversed(timeline.rows.get(Kind.COROSYNC_START)) if one.version), None)
        known = config.corosync or Corosync(nodes=config.nodes)
        config = replace(config, corosync=replace(known, version=release))
    token, consensus = token_seconds(config), consensus_seconds(config)
    return None if token is None or consensus is None else detected - timedelta(seconds=token + consensus)


def last_watched(timeline: Timeline, config: ClusterConfig, run: Run) -> datetime | None:
    """The last moment at which the monitor before `run`, a recurring one that failed, can have been good; None when
    nothing was known of the resource before.

    That is one interval and one run earlier, for identical good results are not logged. A monitor that had only just
    begun, when maintenance ended or after a start, had none before it, and nor has a probe: what counts is the last
    good result of any operation, or one interval before the monitor was cancelled.
    """
    interval = timedelta(seconds=interval_of(timeline, config, run) or 0.0)
    regular = run.end - interval - timedelta(seconds=run.seconds if run.seconds < 600 else 0.0)
    begun = [
        event.time
        for kind in _BEGINS
        for event in timeline.between(kind, regular, run.end, resource=run.resource)
        if event.time < run.end  # what shares its second may have followed from it
        and (event.target or event.node) == run.node
        and event.operation == "monitor" and event.interval
    ]  # fmt: skip
    if not begun and not run.probe:
        return regular
    good = [
        other.end
        for other in timeline.history(run.resource, run.end)
        if other.end < run.end and other.node == run.node and other.ok
        and other.operation not in ("stop", "demote", "migrate_to")
        and not (other.probe and other.rc == 7)
    ]  # fmt: skip
    good += [
        event.time - interval
        for event in timeline.before(Kind.OP_CANCELLED, min(begun, default=run.start), resource=run.resource)
        if (event.target or event.node) == run.node
    ]
    return max(good, default=None)
