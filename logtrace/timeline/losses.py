"""What members saw, folded into losses of nodes, and which of them only mirror the loss of whoever told them."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import polars as pl

from logtrace.config.defaults import CONSENSUS_FACTOR
from logtrace.domain.kinds import Kind
from logtrace.events.store import Events
from logtrace.timeline.fencing import Fencing
from logtrace.timeline.membership import GUESSED, PEERS

#: What members take to agree where no line tells their token and consensus: as vendors have them set on public clouds.
SLOWEST: Final = timedelta(seconds=30 + 36)


@dataclass(slots=True, eq=False)
class NodeLoss:
    """A node that others lost: `observers` told it, the first at `time`. `orderly`: it left on request.

    `back`: when somebody saw it as a member again. `unannounced`: Corosync says there was no leave message.
    `mirrored`: told only by nodes that were themselves lost at the same time, to more others or to one that lived on
    while they were reset: the view from the losing side of a split.
    `of_peers`: only daemons tell it that lose their peers also when Pacemaker stops there.
    `guessed`: a processor failed, and which one follows only from a gap in the numbers of those that stayed.
    `heard`: nobody saw it go; this is the last that is known of it before it began anew at `time`.
    """

    node: str
    time: datetime
    observers: set[str] = field(default_factory=set)
    orderly: bool = False
    unannounced: bool = False
    back: datetime | None = None
    mirrored: bool = False
    guessed: bool = True  # until a line tells better
    heard: datetime | None = None
    of_peers: bool = True  # likewise
    events: list[int] = field(default_factory=list)

    def away_at(self, time: datetime) -> bool:
        """Whether nobody had seen it as a member again by `time`."""
        return self.back is None or self.back > time


def losses(events: Events, seen: pl.DataFrame, fencings: Iterable[Fencing]) -> list[NodeLoss]:
    """One per node and occasion, in order of time. `seen`: MEMBERSHIP.

    A loss lasts until somebody who told of it sees the node again; whoever tells of it meanwhile tells of the same.
    """
    agreed = agreement(events)
    started = events.of(Kind.COROSYNC_START, Kind.BOOT, columns=("time", "node"))
    found = _folded(seen, agreed)
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
            any(_outweighs(other, loss, resets) for other in _during(of_node[observer], loss, agreed))
            for observer in loss.observers
        )
    return found


def agreement(events: Events) -> timedelta:
    """How long members take to agree that one is gone: token and consensus, the longest that Corosync tells
    (`token timed out (3000ms), waiting 3600ms for consensus`).
    """
    told = events.of(Kind.TOTEM_TOKEN, columns=("token_ms", "consensus_ms")).drop_nulls("token_ms")
    longest = (told["token_ms"] + told["consensus_ms"].fill_null(told["token_ms"] * CONSENSUS_FACTOR)).max()
    return timedelta(milliseconds=longest) if isinstance(longest, float) else SLOWEST


def _folded(seen: pl.DataFrame, agreed: timedelta) -> list[NodeLoss]:
    found: list[NodeLoss] = []
    current: dict[str, NodeLoss] = {}
    told: dict[str, dict[tuple[str, str], datetime]] = {}  # who told last of the current loss, from what source
    columns = ["time", "observer", "target", "state", "orderly", "source", "event"]
    for time, observer, target, state, orderly, source, event in _with_fractions(seen).select(columns).iter_rows():
        loss = current.get(target)
        if state == "member":
            # a line of somebody who did not lose it may be late
            if loss is not None and loss.back is None and (observer in loss.observers or time - loss.time > agreed):
                loss.back = time
            continue
        if loss is None or _is_another(loss, time, observer, agreed, told[target].get((observer, source))):
            loss = current[target] = NodeLoss(target, time)
            told[target] = {}
            found.append(loss)
        told[target][observer, source] = time
        loss.observers.add(observer)
        loss.events.append(event)
        loss.guessed = loss.guessed and source == GUESSED
        loss.of_peers = loss.of_peers and source == PEERS
        if orderly is True:
            loss.orderly = True
        if orderly is False:
            loss.unannounced = True
    return found


def _is_another(loss: NodeLoss, time: datetime, observer: str, agreed: timedelta, before: datetime | None) -> bool:
    """Whether the node was lost anew: it was back, or the same witness told so `before`, and saw it since."""
    if loss.back is not None and time > loss.back and (observer in loss.observers or time - loss.time > agreed):
        return True
    return before is not None and time - before > agreed


def _during(of_node: list[NodeLoss], loss: NodeLoss, agreed: timedelta) -> list[NodeLoss]:
    """The losses of a node that told of `loss` of the same change: neither ended before the other began."""
    first = bisect_left(of_node, (loss.back or loss.time) + agreed, key=lambda other: other.time)
    return [other for other in of_node[:first] if loss.time <= (other.back or other.time) + agreed]


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
