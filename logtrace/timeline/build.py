"""EVENTS become the timeline: frames for whoever wants columns, rows for those who follow chains."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

import polars as pl
from msgspec import Struct, field

from logtrace.config.model import HistoryEntry
from logtrace.domain.kinds import Kind
from logtrace.domain.reasons import Why
from logtrace.events.store import Events
from logtrace.timeline.details import nodes_of
from logtrace.timeline.fencing import Fencing, fencing_frame, fencings
from logtrace.timeline.fractions import within_seconds
from logtrace.timeline.lookup import Rows
from logtrace.timeline.losses import losses
from logtrace.timeline.membership import membership
from logtrace.timeline.operations import operations
from logtrace.timeline.remembered import remembered
from logtrace.timeline.rows import Action, Event, NodeLoss, Run, Transition
from logtrace.timeline.transitions import actions, transitions
from logtrace.timeline.untold import recovered_untold

#: How many runs of a resource are looked back on.
_HISTORY = 400


class Timeline(Struct, frozen=True, eq=False, weakref=True):
    """Frames and rows of one case. Rows are in order of time; indexes are by name."""

    events: Events
    operations: pl.DataFrame
    transition_table: pl.DataFrame
    membership: pl.DataFrame
    fencing: pl.DataFrame
    rows: Rows
    runs: list[Run]
    runs_of: dict[str, list[Run]]
    transitions: list[Transition]
    losses: list[NodeLoss]
    fencings: list[Fencing]
    start: datetime | None
    end: datetime | None
    logging_nodes: frozenset[str] = field(default_factory=frozenset)
    probed: dict[str, datetime] = field(default_factory=dict)  # node -> its first probe

    def between(self, kind: Kind, start: datetime, end: datetime) -> list[Event]:
        """Rows of `kind` with start <= time <= end."""
        return self.rows.between(kind, start, end)

    def dc_at(self, time: datetime) -> str | None:
        """Who planned last before `time`."""
        last = bisect_left(self.transitions, time, key=_calculated)
        return self.transitions[last - 1].dc if last else None

    def transitions_between(self, start: datetime, end: datetime) -> list[Transition]:
        """Scheduler runs finished in start..end, both included."""
        first = bisect_left(self.transitions, start, key=_calculated)
        last = bisect_right(self.transitions, end, key=_calculated)
        return self.transitions[first:last]

    def runs_between(self, resource: str, start: datetime, end: datetime) -> list[Run]:
        """Runs of `resource` that ended in start..end, both included, in order of their end."""
        runs = self.runs_of.get(resource, [])
        first = bisect_left(runs, start, key=lambda run: run.end)
        last = bisect_right(runs, end, key=lambda run: run.end)
        return runs[first:last]

    def history(self, resource: str, until: datetime) -> list[Run]:
        """The last runs of `resource` that ended up to `until`, in order of their end; long logs have thousands."""
        runs = self.runs_of.get(resource, [])
        last = bisect_right(runs, until, key=lambda run: run.end)
        return runs[max(0, last - _HISTORY) : last]


def build(events: Events, node_ids: dict[str, str], history: Sequence[HistoryEntry] = ()) -> Timeline:
    """`events`: EVENTS, witnesses merged. `node_ids`: Corosync node id -> name. `history`: what CIBs remember."""
    runs_frame = operations(events)
    runs_table = transitions(events)
    planned = actions(events, runs_table)
    seen = membership(events, node_ids)
    fenced = fencings(events)
    started = events.of(Kind.COROSYNC_START, Kind.BOOT, columns=("time", "node"))
    told = [Run(*row) for row in runs_frame.select(Run.__struct_fields__).iter_rows()]
    logging = frozenset(events.values("node"))
    start, end = _span(events)
    runs = within_seconds(told)
    silent = {entry.node for entry in history} - logging
    if silent and start is not None and end is not None:
        lost = remembered(history, runs, silent, start, end)
        runs = sorted([*runs, *lost], key=lambda run: (run.end, run.event))
    rows = Rows(events)
    planned_transitions = _transitions(runs_table, planned)
    untold = recovered_untold(planned_transitions, runs, rows)
    runs = sorted([*runs, *untold], key=lambda run: (run.end, run.event)) if untold else runs
    runs_of: dict[str, list[Run]] = defaultdict(list)
    for run in runs:
        runs_of[run.resource].append(run)
    return Timeline(
        events=events,
        operations=runs_frame,
        transition_table=runs_table,
        membership=seen,
        fencing=fencing_frame(fenced),
        rows=rows,
        runs=runs,
        runs_of=dict(runs_of),
        transitions=planned_transitions,
        losses=losses(seen, fenced, started),
        fencings=fenced,
        start=start,
        end=end,
        logging_nodes=logging,
        probed={run.node: run.end for run in reversed(runs) if run.probe},
    )


def _calculated(transition: Transition) -> datetime:
    return transition.calculated


def _span(events: Events) -> tuple[datetime | None, datetime | None]:
    """The first and the last time."""
    times = events["time"]
    start, end = times.min(), times.max()
    return (start, end) if isinstance(start, datetime) and isinstance(end, datetime) else (None, None)


def _transitions(runs: pl.DataFrame, planned: pl.DataFrame) -> list[Transition]:
    by_run: dict[int, list[Action]] = defaultdict(list)
    for row in _telling(planned).iter_rows(named=True):
        source, dest = nodes_of(row["detail"])
        reason = row["reason"] or None
        by_run[row["run"]].append(
            Action(
                verb=row["verb"] or "",
                resource=row["resource"],
                target=row["target"],
                source=source,
                dest=dest,
                reason=reason,
                blocked=row["state"] == "blocked" or row["why"] == Why.BLOCKED,
                event=row["event"],
                why=row["why"],
                due_to=row["due_to"],
                detail=row["detail"],
                fence_action=row["fence_action"],
            )
        )
    *columns, _actions = Transition.__struct_fields__
    return [Transition(*(*row, tuple(by_run.get(row[0], ())))) for row in runs.select(columns).iter_rows()]


def _telling(planned: pl.DataFrame) -> pl.DataFrame:
    """Without most `Leave` lines: they repeat at every run. The first of a resource tells where it runs, and those of
    unmanaged ones tell why nothing was done.
    """
    leave = pl.col("verb") == "Leave"
    first = pl.int_range(pl.len()).over("resource") == 0
    return planned.filter(~leave | first | (pl.col("why") == Why.UNMANAGED))
