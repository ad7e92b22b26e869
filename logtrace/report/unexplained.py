"""Errors that no incident explains: what the cluster's daemons and agents complain of, and nobody has made a fault of.

They are shown as they are printed. Where they stand, nothing is said to have been well.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

import polars as pl

from logtrace.config.defaults import PROPERTIES
from logtrace.domain import durations
from logtrace.events.store import Events
from logtrace.report.case import Case, Complaint, Incident
from logtrace.report.parts import Part
from logtrace.timeline import NodeLoss
from logtrace.timeline.fencing import Fencing

#: What is judged as a whole elsewhere: operations, plans, fail counts, membership, fencing requests, the CIB's changes.
_JUDGED: Final = (
    "op.", "probe.", "sched.", "te.", "failcount.", "lastfailure.", "attr.", "threshold.", "failure.", "member.",
    "fence.result", "fence.notified", "fence.failed", "fence.no_device", "fence.device_result", "fence.device_done",
    "cib.done", "cib.request", "cib.config", "log.",
)  # fmt: skip

#: What is trouble at whatever level it is logged.
_ALWAYS: Final = (
    "kernel.io_error", "kernel.stall", "daemon.unresponsive", "daemon.evicted", "watchdog.expiring", "join.failed",
    "totem.failed_to_receive", "fence.device_error", "startup.failed",
)  # fmt: skip

_SEVERE: Final = ("error", "crit", "alert", "emerg")

#: How long the DC by default waits for what it has asked for; what is complained of so close to an incident is of it.
_AROUND: Final = timedelta(seconds=durations.seconds(PROPERTIES["cluster-delay"]) or 0)

#: More wordings than this nobody reads.
_MOST: Final = 40

_COLUMNS: Final = ("time", "event", "node", "daemon", "kind", "level", "message", "resource", "target", "file", "line")


def _of_case(case: Case, _losses: Sequence[NodeLoss], _fencings: Sequence[Fencing]) -> tuple[Complaint, ...]:
    """One entry for each wording of a daemon on a node, the first to be told first."""
    frames = case.frames
    paths = dict(frames.files.select("file", "path").iter_rows())
    found: dict[tuple[str, str, str], Complaint] = {}
    spans = [*_spans(case.incidents)]
    for row in _errors(frames.events).iter_rows(named=True):
        if any(_explains(span, row) for span in spans):
            continue
        place = f"{paths.get(row['file'], '')}:{row['line']}"
        key = row["node"] or "", row["daemon"] or "", row["wording"]
        known = found.get(key)
        if known is None and len(found) < _MOST:
            daemon = f"{row['daemon']}: " if row["daemon"] else ""
            text = f"{daemon}{row['message']}"
            found[key] = Complaint(text, row["node"], 1, row["time"], row["time"], place)
        elif known is not None:
            found[key] = Complaint(known.text, known.node, known.count + 1, known.first, row["time"], known.evidence)
    return tuple(found.values())


PART: Final = Part("unexplained", _of_case)


def _errors(events: Events) -> pl.DataFrame:
    """The lines that complain, in order of time, each with its wording: what it says but for its numbers."""
    mine = {kind: table for kind, table in events.tables.items() if not kind.startswith(_JUDGED)}
    lines = Events(mine, events.schema).select(*_COLUMNS)
    severe = pl.col("level").is_in(_SEVERE).fill_null(value=False) | pl.col("kind").is_in(_ALWAYS)
    wording = pl.col("message").str.replace_all(r"\d+", "0")
    return lines.filter(severe).sort("time", "event").with_columns(wording=wording)


def _spans(incidents: Sequence[Incident]) -> Iterator[tuple[datetime, datetime, frozenset[str]]]:
    """When each incident began and ended, with what may still follow, and whom and what it is about."""
    for one in incidents:
        known = (one.t_fault, one.t_detected, one.t_end, *(each.time for each in one.evidence))
        times = [time for time in known if time is not None]
        about = frozenset((*one.nodes, *one.resources, *(each.node or "" for each in one.evidence)))
        if times:
            yield min(times) - _AROUND, max(times) + _AROUND, about


def _explains(span: tuple[datetime, datetime, frozenset[str]], row: dict[str, object]) -> bool:
    start, end, about = span
    time = row["time"]
    assert isinstance(time, datetime)
    return start <= time <= end and not about.isdisjoint((row["node"], row["target"], row["resource"]))
