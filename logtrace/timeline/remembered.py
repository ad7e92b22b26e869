"""Runs of nodes whose logs are missing, as the cluster remembers them: the status sections of CIB and scheduler inputs.

Only the last result of each operation is remembered (lrm_rsc_op), so chains are told in part; several scheduler
inputs tell more than one CIB.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from logtrace.config.model import HistoryEntry
from logtrace.timeline.operations import SUCCESS_RC
from logtrace.timeline.rows import Run

#: A run told by a log line within this time is not told again.
_SAME = timedelta(seconds=3)

#: lrm_rsc_op: op-status of a run that ended, and of one that ran into its timeout (pacemaker, enum pcmk_exec_status).
_DONE, _TIMED_OUT = 0, 2

#: No line tells it.
NO_EVENT = -1


def remembered(
    history: Iterable[HistoryEntry], told: list[Run], silent: set[str], start: datetime, end: datetime
) -> list[Run]:
    """Runs on `silent` nodes that ended in start..end and that no line tells; `event` is NO_EVENT."""
    known: dict[tuple[str, str, str], list[datetime]] = defaultdict(list)
    for seen in told:
        known[seen.node, seen.resource, seen.operation].append(seen.end)
    found: dict[tuple[str, str, str, datetime], Run] = {}
    for entry in history:
        if entry.node not in silent:
            continue
        run = _run(entry)
        if run is None or not run.ok or not start <= run.end <= end:
            continue  # a failure is told by the fail count that attributes log everywhere, with a line to cite
        times = known[run.node, run.resource, run.operation]
        near = bisect_left(times, run.end - _SAME)
        if near == len(times) or times[near] > run.end + _SAME:
            found.setdefault((run.node, run.resource, run.operation, run.end), run)
    return list(found.values())


def _run(entry: HistoryEntry) -> Run | None:
    """last-rc-change is the start of a one-shot run and the moment a recurring one's result changed."""
    if entry.last_rc_change is None or entry.status not in (_DONE, _TIMED_OUT) or entry.rc is None:
        return None
    probe = entry.operation == "monitor" and entry.interval == 0
    begin = datetime.fromtimestamp(entry.last_rc_change, UTC)
    took = timedelta(seconds=entry.exec_time or 0.0) if entry.interval == 0 else timedelta()
    timed_out = entry.status == _TIMED_OUT
    return Run(
        run=-1,
        node=entry.node,
        resource=entry.resource.split(":")[0],
        operation=entry.operation,
        interval=round(entry.interval * 1000),
        call=entry.call,
        start=begin,
        end=begin + took,
        rc=None if timed_out else entry.rc,
        status="timed out" if timed_out else None,
        reason=entry.exit_reason or None,
        ok=not timed_out and entry.rc in ((*SUCCESS_RC, 7, 5) if probe else SUCCESS_RC),
        probe=probe,
        precise=False,
        transition=None,
        dc_uuid=None,
        queue_ms=None if entry.queue_time is None else entry.queue_time * 1000,
        witness="cib",
        event=NO_EVENT,
        request_event=None,
        begin_event=None,
    )
