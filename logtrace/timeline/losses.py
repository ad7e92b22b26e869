"""What members saw, folded into losses of nodes, and which of them only mirror the loss of whoever told them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import polars as pl

from logtrace.timeline.fencing import Fencing
from logtrace.timeline.membership import GUESSED

#: Observations of one node's loss that are further apart belong to different losses.
_ONE_LOSS: Final = timedelta(seconds=45)


@dataclass(slots=True, eq=False)
class NodeLoss:
    """A node that others lost: `observers` told it, the first at `time`. `orderly`: it left on request.

    `back`: when somebody saw it as a member again. `unannounced`: Corosync says there was no leave message.
    `mirrored`: told only by nodes that were themselves lost at the same time, to more others or to one that lived on
    while they were reset: the view from the losing side of a split.
    `guessed`: a processor failed, and which one follows only from a gap in the numbers of those that stayed.
    """

    node: str
    time: datetime
    observers: set[str] = field(default_factory=set)
    orderly: bool = False
    unannounced: bool = False
    back: datetime | None = None
    mirrored: bool = False
    guessed: bool = True  # until a line tells better
    events: list[int] = field(default_factory=list)

    def away_at(self, time: datetime) -> bool:
        """Whether nobody had seen it as a member again by `time`."""
        return self.back is None or self.back > time


def losses(seen: pl.DataFrame, fencings: Iterable[Fencing], started: pl.DataFrame) -> list[NodeLoss]:
    """One per node and occasion, in order of time. `seen`: MEMBERSHIP. `started`: columns time, node of machines and
    corosyncs that began anew.
    """
    found = _folded(seen)
    of_node: dict[str, list[NodeLoss]] = defaultdict(list)
    for loss in found:
        of_node[loss.node].append(loss)
    resets: dict[str, list[datetime]] = defaultdict(list)
    for fencing in fencings:
        if fencing.fenced is not None:
            resets[fencing.target].append(fencing.fenced)
    for time, node in started.select("time", "node").iter_rows():
        resets[node].append(time)
    for times in resets.values():
        times.sort()
    for loss in found:
        loss.mirrored = all(
            any(_outweighs(other, loss, resets) for other in _at(of_node[observer], loss.time))
            for observer in loss.observers
        )
    return found


def _folded(seen: pl.DataFrame) -> list[NodeLoss]:
    found: list[NodeLoss] = []
    current: dict[str, NodeLoss] = {}
    seen = _with_fractions(seen)
    columns = ["time", "observer", "target", "state", "orderly", "source", "event"]
    for time, observer, target, state, orderly, source, event in seen.select(columns).iter_rows():
        loss = current.get(target)
        if state == "member":
            if loss is not None and loss.back is None and (observer in loss.observers or time - loss.time > _ONE_LOSS):
                loss.back = time
            continue
        if (
            loss is None
            or time - loss.time > _ONE_LOSS
            or (loss.back is not None and observer in loss.observers and time > loss.back)
        ):
            loss = current[target] = NodeLoss(target, time)
            found.append(loss)
        loss.observers.add(observer)
        loss.events.append(event)
        loss.guessed = loss.guessed and source == GUESSED
        if orderly is True:
            loss.orderly = True
        if orderly is False:
            loss.unannounced = True
    return found


def _at(of_node: list[NodeLoss], time: datetime) -> list[NodeLoss]:
    """The losses of a node that belong to the same change of the membership as one at `time`."""
    first = bisect_left(of_node, time - _ONE_LOSS, key=lambda loss: loss.time)
    last = bisect_right(of_node, time + _ONE_LOSS, key=lambda loss: loss.time)
    return of_node[first:last]


def _outweighs(other: NodeLoss, loss: NodeLoss, resets: dict[str, list[datetime]]) -> bool:
    """Whether the loss of who told of `loss` is the true one: more members told it; or as many, as in a cluster of
    two, and that one alone was reset before they met again. Who shot first lived on.
    """
    if len(other.observers) != len(loss.observers):
        return len(other.observers) > len(loss.observers)
    began = min(loss.time, other.time)
    met = min((back for back in (loss.back, other.back) if back is not None), default=None)
    return _was_reset(resets[other.node], began, met) and not _was_reset(resets[loss.node], began, met)


def _was_reset(times: list[datetime], began: datetime, met: datetime | None) -> bool:
    first = bisect_left(times, began)
    return first < len(times) and (met is None or times[first] <= met)


def _with_fractions(seen: pl.DataFrame) -> pl.DataFrame:
    """A line with whole seconds about the same change as a more precise one of the same second takes its time."""
    whole = pl.col("time").dt.truncate("1s") == pl.col("time")
    exact = (
        seen.filter(~whole)
        .group_by("target", "state", second=pl.col("time").dt.truncate("1s"))
        .agg(_exact=pl.col("time").min())
    )
    return (
        seen.with_columns(second=pl.col("time").dt.truncate("1s"))
        .join(exact, on=["target", "state", "second"], how="left", maintain_order="left")
        .with_columns(time=pl.when(whole).then(pl.coalesce("_exact", "time")).otherwise(pl.col("time")))
        .drop("second", "_exact")
        .sort("time", "event")
    )
