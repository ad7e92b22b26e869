"""When it truly died: the line of the kernel, systemd, the application or a dead node that proves it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from logtrace.config.model import ClusterConfig
from logtrace.config.query import monitor_interval, primitive_of
from logtrace.incidents.draft import Draft
from logtrace.timeline import Event, Timeline

_PROOFS = ("process.oom", "process.crashed", "unit.died", "unit.failed")

#: A node's last line stands for its death only when the node fell silent this shortly before it was missed.
_SILENCE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Death:
    """`time` of death, the `events` that prove it, and the `basis` in words."""

    time: datetime
    events: tuple[int, ...]
    basis: str


def time_of_death(draft: Draft, timeline: Timeline, config: ClusterConfig, detected: datetime) -> Death | None:
    """The proof that fits the first trigger, or None: a death is never guessed."""
    first = draft.first
    if first.run is not None:
        window = timedelta(seconds=2 * (monitor_interval(config, first.run.resource) or 30) + 60)
        for kind in _PROOFS:
            for event in timeline.between(kind, detected - window, detected):
                if event.node == first.run.node and _is_process_of(config, first.run.resource, event):
                    return Death(event.time, (event.event,), f"{event.daemon}: {kind.split('.')[1]}")
    return None


def _is_process_of(config: ClusterConfig, resource: str, event: Event) -> bool:
    """Whether a process or unit belongs to a resource: by its agent's type, its unit, or its id."""
    name = _plain(event.child or "")
    if len(name) < 3:
        return False
    primitive = primitive_of(config, resource)
    own = [_plain(resource)]
    if primitive is not None:
        own += [_plain(primitive.type), *(_plain(value) for key, value in primitive.params.items() if "bin" in key)]
    return any(name == other or (len(name) >= 5 and (name in other or other in name)) for other in own if other)


def _plain(name: str) -> str:
    base = name.rsplit("/", 1)[-1].removesuffix(".service").lower()
    return re.sub(r"^(?:openstack|p|res|rsc|prm)[-_]|[-_.]", "", base)


def last_line_of(timeline: Timeline, node: str, before: datetime) -> tuple[datetime, int] | None:
    """The last event a node logged before it was missed: (time, event id), when it then fell silent."""
    rows = timeline.events.filter((pl.col("node") == node) & (pl.col("time") <= before)).tail(1)
    if rows.is_empty():
        return None
    time: datetime = rows["time"].item()
    return (time, rows["event"].item()) if before - time <= _SILENCE else None
