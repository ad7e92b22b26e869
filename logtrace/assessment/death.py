"""When it truly died: the line of the kernel, systemd, the application or a dead node that proves it."""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl
from msgspec import Struct

from logtrace.assessment.answers import answers
from logtrace.assessment.heard import last_heard
from logtrace.assessment.processes import is_process_of
from logtrace.chains.chain import Chain
from logtrace.chains.triggers import DaemonDied
from logtrace.config.model import ClusterConfig
from logtrace.config.query import monitor_interval
from logtrace.domain.kinds import Kind
from logtrace.timeline import Run, Timeline

#: Lines that tell of the death of a process or unit.
PROOFS = (Kind.PROCESS_OOM, Kind.PROCESS_CRASHED, Kind.UNIT_DIED, Kind.UNIT_FAILED)

#: The other daemons notice at once that one died; times may be whole seconds.
_NOTICED = timedelta(seconds=2)


class Death(Struct, frozen=True):
    """`time` of death, the `events` that prove it, and the `basis` in words."""

    time: datetime
    events: tuple[int, ...]
    basis: str


def time_of_death(chain: Chain, timeline: Timeline, config: ClusterConfig, detected: datetime) -> Death | None:
    """The proof that fits the first trigger, or None: a death is never guessed."""
    first = chain.first
    if first.run is not None:
        window = timedelta(seconds=2 * (monitor_interval(config, first.run.resource) or 30) + 60)
        for kind in PROOFS:
            for event in timeline.between(kind, detected - window, detected):
                mine = event.node == first.run.node and is_process_of(config, first.run.resource, event)
                if mine and not _lived_on(timeline, config, first.run, event.time):
                    return Death(event.time, (event.event,), f"{event.daemon}: {kind.split('.')[1]}")
    if isinstance(first, DaemonDied):
        for kind in PROOFS:
            for event in timeline.between(kind, detected - _NOTICED, detected):
                if event.node == first.node and _is_daemon(first.daemon, event.child or ""):
                    return Death(event.time, (event.event,), f"{event.daemon}: {kind.split('.')[1]}")
    if first.loss is not None and not first.loss.mirrored:
        return _last_words(timeline, config, first.loss.node, detected)
    return None


def _is_daemon(name: str, child: str) -> bool:
    """Whether a process or unit is that daemon; the kernel keeps 15 characters of a name."""
    return name[:15] == child.removesuffix(".service")[:15]


def _lived_on(timeline: Timeline, config: ClusterConfig, run: Run, died: datetime) -> bool:
    """A service that answers a second or more after one of its processes died has more of them, or a new one."""
    return bool(answers(timeline, config, run.resource, run.node, died + timedelta(seconds=1), run.end))


def _last_words(timeline: Timeline, config: ClusterConfig, node: str, detected: datetime) -> Death | None:
    """The last line of a lost node, when it fell silent within the time Corosync needs to miss it; an idle node that
    had nothing to say proves nothing.
    """
    heard = last_heard(timeline, config, detected)
    if heard is None:
        return None
    silence = detected - heard + timedelta(seconds=1)
    near = timeline.events.between(detected - silence, detected + silence).select("node", "time", "event")
    said = near.filter(pl.col("node") == node)
    before = said.filter(pl.col("time") <= detected)
    if before.is_empty() or not said.filter(pl.col("time") >= detected).is_empty():
        return None
    _, time, event = before.row(-1)
    return Death(time, (event,), f"the last line of {node}")
