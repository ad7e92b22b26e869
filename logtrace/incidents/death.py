"""When it truly died: the line of the kernel, systemd, the application or a dead node that proves it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from logtrace.config.corosync import consensus_seconds, token_seconds
from logtrace.config.model import ClusterConfig
from logtrace.config.query import monitor_interval, primitive_of
from logtrace.incidents.draft import Draft
from logtrace.timeline import Event, Timeline

_PROOFS = ("process.oom", "process.crashed", "unit.died", "unit.failed")


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
    if first.loss is not None and not first.loss.mirrored:
        return _last_words(timeline, config, first.loss.node, detected)
    return None


def _last_words(timeline: Timeline, config: ClusterConfig, node: str, detected: datetime) -> Death | None:
    """The last line of a lost node, when it fell silent within the time Corosync needs to miss it; an idle node that
    had nothing to say proves nothing.
    """
    silence = timedelta(seconds=(token_seconds(config) or 1.0) + (consensus_seconds(config) or 1.2) + 1.0)
    rows = timeline.events.filter((pl.col("node") == node) & (pl.col("time") <= detected)).tail(1)
    if rows.is_empty():
        return None
    time: datetime = rows["time"].item()
    after = timeline.events.filter((pl.col("node") == node) & pl.col("time").is_between(detected, detected + silence))
    if detected - time > silence or not after.is_empty():
        return None
    return Death(time, (rows["event"].item(),), f"the last line of {node}")


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
