"""Events by kind and time, made into values only when somebody asks for them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from datetime import datetime

import polars as pl

from logtrace.timeline.rows import Event

#: Kinds that incidents look at line by line; the rest is reached through operations and transitions.
_KINDS = (
    "op.history",
    "quorum.lost", "quorum.gained", "sched.no_quorum", "sched.multiple_active", "sched.cannot_run", "probe.active",
    "daemon.died", "daemon.exited", "daemon.respawn", "daemon.gave_up", "daemon.unresponsive", "daemon.starting",
    "daemon.connection_lost", "daemon.evicted", "daemon.stopped", "corosync.not_scheduled", "totem.pause",
    "totem.token", "totem.leave_missing", "knet.link", "knet.host", "totem.interface", "totem.ring",
    "totem.failed_to_receive", "corosync.start", "corosync.stopping", "corosync.node_stopped", "fence.victim",
    "attr.shutdown",
    "attr.set", "shutdown.requested", "cib.done", "cib.request", "cib.config_change", "te.abort", "resource.refreshed",
    "failcount.set", "failure.cleared", "threshold.reached", "restart.prevented", "op.unexpected", "op.not_installed",
    "op.timed_out", "dc.set", "dc.unset", "dc.taken", "dc.lost", "dc.another", "fsa.state", "load.high", "load.mode",
    "fence.delay", "fence.device_result", "fence.result", "fence.no_device", "fence.wanted", "fence.confirmed",
    "agent.says", "op.output", "process.oom", "process.crashed", "unit.died", "unit.failed", "unit.stopping",
    "kernel.stall", "kernel.io_error", "kernel.nic", "boot", "clock.step", "sbd.event", "sbd.reset", "remote.lost",
    "service.answered", "service.erred",
    "member.unexpected_loss", "join.failed", "storage.replication", "op.lost", "sched.params_changed",
)  # fmt: skip

_COLUMNS = list(Event.__struct_fields__)

#: Windows of kinds with more rows than this are cut from the frame instead of making all rows values.
_MANY = 2000


class Rows:
    """The rows of EVENTS that incidents look at line by line, in order of time, by kind."""

    def __init__(self, events: pl.DataFrame) -> None:
        self._events = events.select(_COLUMNS)
        kinds = events.select("kind", at=pl.int_range(pl.len(), dtype=pl.UInt32))
        places = kinds.filter(pl.col("kind").is_in(list(_KINDS))).group_by("kind", maintain_order=True).agg("at")
        self._places: dict[str, pl.Series] = dict(zip(places["kind"], places["at"], strict=True))
        self._times: dict[str, pl.Series] = {}
        self._rows: dict[str, list[Event]] = {}

    def get(self, kind: str, _default: object = None) -> list[Event]:
        """All rows of `kind`."""
        if kind not in self._rows:
            self._rows[kind] = _values(self._events[self._places_of(kind)])
        return self._rows[kind]

    def where(self, kind: str, predicate: pl.Expr) -> list[Event]:
        """The rows of `kind` for which `predicate` holds."""
        asked = self._events.select(predicate.meta.root_names())  # rows are wide
        places = self._places_of(kind)
        fits = asked[places].select(predicate.fill_null(value=False)).to_series()
        return _values(self._events[places.filter(fits)])

    def times(self, kind: str) -> list[datetime]:
        """When the rows of `kind` were logged."""
        return self._times_of(kind).to_list()

    def between(self, kind: str, start: datetime, end: datetime) -> list[Event]:
        """Rows of `kind` with start <= time <= end."""
        places = self._places_of(kind)
        if kind not in self._rows and len(places) > _MANY:
            times = self._times_of(kind)
            first, last = times.search_sorted(start, "left"), times.search_sorted(end, "right")
            return _values(self._events[places.slice(first, max(0, last - first))])
        rows = self.get(kind)
        first = bisect_left(rows, start, key=lambda row: row.time)
        last = bisect_right(rows, end, key=lambda row: row.time)
        return rows[first:last]

    def _places_of(self, kind: str) -> pl.Series:
        return self._places.get(kind, pl.Series(dtype=pl.UInt32))

    def _times_of(self, kind: str) -> pl.Series:
        if kind not in self._times:
            self._times[kind] = self._events["time"].gather(self._places_of(kind))
        return self._times[kind]


def _values(frame: pl.DataFrame) -> list[Event]:
    return [Event(*row) for row in frame.iter_rows()]
