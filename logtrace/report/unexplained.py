"""Errors that no incident explains: what the cluster's daemons and agents complain of, and nobody has made a fault of.

They are shown as they are printed. Where they stand, nothing is said to have been well.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
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
    spans = _spans(case.incidents)
    for row in _errors(frames.events).iter_rows(named=True):
        if any(_covers(spans.get(row[name], ()), row["time"]) for name in ("node", "target", "resource")):
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


def _spans(incidents: Sequence[Incident]) -> dict[str, list[tuple[datetime, datetime]]]:
    """Whom and what incidents are about -> when, with what may still follow; in order, and apart from each other."""
    found: defaultdict[str, list[tuple[datetime, datetime]]] = defaultdict(list)
    for one in incidents:
        known = (one.t_fault, one.t_detected, one.t_end, *(each.time for each in one.evidence))
        times = [time for time in known if time is not None]
        for name in {*one.nodes, *one.resources, *(each.node or "" for each in one.evidence)} if times else ():
            found[name].append((min(times) - _AROUND, max(times) + _AROUND))
    return {name: _apart(spans) for name, spans in found.items()}


def _apart(spans: Sequence[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    """The same times in spans that do not overlap, in order."""
    apart: list[tuple[datetime, datetime]] = []
    for start, end in sorted(spans):
        if apart and start <= apart[-1][1]:
            apart[-1] = apart[-1][0], max(apart[-1][1], end)
        else:
            apart.append((start, end))
    return apart


def _covers(spans: Sequence[tuple[datetime, datetime]], time: datetime) -> bool:
    at = bisect_right(spans, time, key=lambda span: span[0])
    return at > 0 and time <= spans[at - 1][1]
