"""EVENTS become the timeline: what happened, one row per thing, all nodes in one order, each thing told once.

Each thing stands in a frame, for whoever wants columns, and as values of the same name, for those who follow chains.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import wraps
from typing import Final, TypeVar
from weakref import WeakKeyDictionary

import polars as pl
from msgspec import Struct

from logtrace.clocks import ClockSet, canonical_names
from logtrace.clocks.parts import joined, of_files
from logtrace.config.model import ClusterConfig, HistoryEntry
from logtrace.domain.kinds import Kind
from logtrace.events.store import Events
from logtrace.timeline import runs as run_table
from logtrace.timeline import transitions as plans
from logtrace.timeline.coverage import Coverage, coverage, speakers
from logtrace.timeline.fencing import Fencing, fencing_frame, fencings
from logtrace.timeline.losses import NodeLoss, losses
from logtrace.timeline.membership import membership
from logtrace.timeline.rows import Event, Rows
from logtrace.timeline.runs import Run
from logtrace.timeline.transitions import Transition
from logtrace.timeline.unseen import unseen

#: How many runs of a resource are looked back on.
_HISTORY: Final = 400

_Answer = TypeVar("_Answer")


class TimelineFrames(Struct, frozen=True, eq=False):
    """The tables of a timeline; what their rows are is told where they are made, in the module of that name."""

    runs: pl.DataFrame
    transitions: pl.DataFrame
    membership: pl.DataFrame
    fencings: pl.DataFrame


class Timeline(Struct, frozen=True, eq=False, weakref=True):
    """What happened in one case. Values are in order of time; `start` and `end` are those of all events.

    `frames`: the same as tables. `rows`: single lines by kind. `runs_of`: runs by resource. `coverage`: what could have
    been seen of it. `logging_nodes`: nodes that say something. `probed`: node -> when its first probe ended.
    `clocks_set`: when clocks were set, as their lines show beside those of other nodes.
    """

    events: Events
    frames: TimelineFrames
    rows: Rows
    runs: list[Run]
    runs_of: dict[str, list[Run]]
    transitions: list[Transition]
    losses: list[NodeLoss]
    fencings: list[Fencing]
    coverage: Coverage
    start: datetime | None
    end: datetime | None
    logging_nodes: frozenset[str]
    probed: dict[str, datetime]
    clocks_set: tuple[ClockSet, ...] = ()

    @property
    def membership(self) -> pl.DataFrame:
        """Who saw whom leave or join."""
        return self.frames.membership

    def between(self, kind: Kind, start: datetime, end: datetime, **same: str | None) -> list[Event]:
        """Rows of `kind` with start <= time <= end, of those that have these texts in columns of these names."""
        return self.rows.between(kind, start, end, **same)

    def before(self, kind: Kind, end: datetime, **same: str | None) -> list[Event]:
        """Rows of `kind` from the beginning of the logs up to `end`; the rest is as for `between`."""
        return self.rows.between(kind, self.start or end, end, **same)

    def lost_between(self, since: datetime, until: datetime) -> list[NodeLoss]:
        """Losses after `since` and up to `until`."""
        first = bisect_right(self.losses, since, key=_lost)
        return self.losses[first : bisect_right(self.losses, until, key=_lost)]

    def back_between(self, since: datetime, until: datetime) -> list[NodeLoss]:
        """Losses that were over in since..until, both included, in order of their beginning."""
        over = _over(self)
        first = bisect_left(over, since, key=_time)
        last = bisect_right(over, until, key=_time)
        return [self.losses[place] for place in sorted(place for _, place in over[first:last])]

    def came_back(self, node: str | None, since: datetime, until: datetime) -> bool:
        """Whether members saw `node`, which had been lost, as one of them again after `since` and before `until`."""
        times = _returns(self).get(node or "", [])
        first = bisect_right(times, since)
        return first < len(times) and times[first] < until

    def dc_at(self, time: datetime) -> str | None:
        """Who planned last before `time`."""
        last = bisect_left(self.transitions, time, key=_calculated)
        return self.transitions[last - 1].dc if last else None

    def transitions_between(self, start: datetime, end: datetime) -> list[Transition]:
        """Scheduler runs finished in start..end, both included."""
        first = bisect_left(self.transitions, start, key=_calculated)
        last = bisect_right(self.transitions, end, key=_calculated)
        return self.transitions[first:last]

    def plans_before(self, time: datetime, number: int = 2) -> list[Transition]:
        """The last scheduler runs that were finished before `time`, or at it, in their order."""
        last = bisect_right(self.transitions, time, key=_calculated)
        return self.transitions[max(0, last - number) : last]

    def plan_after(self, time: datetime) -> Transition | None:
        """The first scheduler run that was finished at `time` or later."""
        first = bisect_left(self.transitions, time, key=_calculated)
        return self.transitions[first] if first < len(self.transitions) else None

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


def build(
    events: Events,
    node_ids: dict[str, str],
    history: Sequence[HistoryEntry] = (),
    *,
    heard: pl.DataFrame | None = None,
    parts: Sequence[int] = (),
    excerpt: bool = False,
    clocks_set: Sequence[ClockSet] = (),
) -> Timeline:
    """`events`: EVENTS, witnesses merged. `node_ids`: Corosync node id -> name. `history`: what CIBs remember.

    `heard`: who speaks in which log (see coverage.speakers), where copies of lines were dropped since. `parts`: of
    which file each part is, where `events` have parts for files (see clocks.parts); the timeline has files. `excerpt`:
    the logs came without the report around them. `clocks_set`: see Timeline.
    """
    calculated = plans.transitions(events)
    planned = plans.actions(events, calculated)
    run_frame = run_table.reconcile(events, calculated, planned, history)
    seen = membership(events, node_ids)
    fenced = fencings(events)
    runs = run_table.values(run_frame)
    runs_of: dict[str, list[Run]] = defaultdict(list)
    for run in runs:
        runs_of[run.resource].append(run)
    lost = losses(events, seen, fenced)
    heard = speakers(events) if heard is None else heard
    covered = coverage(events, heard, run_frame, lost, excerpt=excerpt)
    if not excerpt:  # else what would tell of an orderly end may have been left out
        lost = sorted([*lost, *unseen(events, covered.gaps, lost, fenced, seen, run_frame)], key=lambda loss: loss.time)
    if parts:
        events, clocks_set = joined(events, parts), [of_files(each, parts) for each in clocks_set]
    start, end = _span(events)
    return Timeline(
        events=events,
        frames=TimelineFrames(run_frame, calculated, seen, fencing_frame(fenced)),
        rows=Rows(events),
        runs=runs,
        runs_of=dict(runs_of),
        transitions=plans.values(calculated, planned),
        losses=lost,
        fencings=fenced,
        coverage=covered,
        start=start,
        end=end,
        logging_nodes=frozenset(events.values("node")),
        probed={run.node: run.end for run in reversed(runs) if run.probe},
        clocks_set=tuple(clocks_set),
    )


def _calculated(transition: Transition) -> datetime:
    return transition.calculated


def _lost(loss: NodeLoss) -> datetime:
    return loss.time


def _time(moment: tuple[datetime, int]) -> datetime:
    return moment[0]


def _span(events: Events) -> tuple[datetime | None, datetime | None]:
    """The first and the last time."""
    times = events["time"]
    start, end = times.min(), times.max()
    return (start, end) if isinstance(start, datetime) and isinstance(end, datetime) else (None, None)


# --- what many ask of it ------------------------------------------------------------------------------


def computed_once(compute: Callable[[Timeline], _Answer]) -> Callable[[Timeline], _Answer]:
    """`compute`, whose answer is kept as long as the timeline: else each of thousands of incidents would look at all
    of it.
    """
    known: WeakKeyDictionary[Timeline, _Answer] = WeakKeyDictionary()

    @wraps(compute)
    def answer(timeline: Timeline) -> _Answer:
        if timeline not in known:
            known[timeline] = compute(timeline)
        return known[timeline]

    return answer


@computed_once
def _over(timeline: Timeline) -> list[tuple[datetime, int]]:
    """When losses were over, in order, each with its place among them."""
    return sorted((loss.back, place) for place, loss in enumerate(timeline.losses) if loss.back is not None)


@computed_once
def _returns(timeline: Timeline) -> dict[str, list[datetime]]:
    """By node, when lost nodes were back, in order."""
    times: dict[str, list[datetime]] = defaultdict(list)
    for loss in timeline.losses:
        if loss.back is not None:
            times[loss.node].append(loss.back)
    return {node: sorted(found) for node, found in times.items()}


@computed_once
def lines_of(timeline: Timeline) -> dict[str, pl.DataFrame]:
    """By node its lines in order: time, event."""
    lines = timeline.events.select("node", "time", "event").drop_nulls(["node", "time"])
    parts = lines.sort("time", maintain_order=True).partition_by("node", as_dict=True, include_key=False)
    return {str(node): part for (node,), part in parts.items()}


def peers(timeline: Timeline, config: ClusterConfig) -> frozenset[str]:
    """Names of nodes that are spoken of, without those that have logs or are configured under this or a longer name.

    Names count where only a node of the cluster can stand: a peer's state, the node of an operation, the target of a
    fencing the cluster itself asked for. A Pacemaker Remote connection, a guest or a bundle's replica is a resource of
    the same name, whose host runs it. And what a node tells results of is itself, whatever its lines are signed with.
    """
    spoken = _spoken_of(timeline) - config.primitives.keys()
    guests = {primitive.meta.get("remote-node") for primitive in config.primitives.values()}
    known = [*config.nodes.values(), *sorted(timeline.logging_nodes)]
    named = canonical_names([name for name in spoken - guests if not _is_replica(name, config)], known)
    return frozenset(named.values()) - frozenset(known)


@computed_once
def _spoken_of(timeline: Timeline) -> set[str]:
    seen = timeline.membership
    spoken = set(seen.filter(seen["source"] == "pacemaker")["target"].drop_nulls())
    spoken |= {run.node for run in timeline.runs}
    spoken |= {fencing.target for fencing in timeline.fencings if fencing.by_cluster}
    spoken |= _targets(timeline, Kind.OP_REQUESTED)
    spoken -= _targets(timeline, Kind.OP_RESULT)
    return spoken - timeline.events.values("resource")


def _targets(timeline: Timeline, kind: Kind) -> set[str]:
    return set(timeline.events.of(kind, columns=("target",))["target"].drop_nulls())


def _is_replica(node: str, config: ClusterConfig) -> bool:
    """Whether the node is a container of a bundle, called `BUNDLE-0` and so on."""
    return re.sub(r"-\d+$", "", node) in config.bundles
