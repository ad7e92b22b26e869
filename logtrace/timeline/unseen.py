"""Nodes that went down when nobody was left to see it: the last member, or one whose peers' logs are not at hand.

A node's own log tells it afterwards: its stack begins anew, and had not ended in order. Whether it was reset, lost
power or crashed is not told, nor when; only that it was alive at its last line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import Final

import polars as pl

from logtrace.domain.kinds import Kind
from logtrace.events.store import Events
from logtrace.timeline.fencing import Fencing
from logtrace.timeline.gaps import BEGAN_ANEW, Gap
from logtrace.timeline.losses import NodeLoss, agreement

#: Two copies of a beginning, in logs without fractions, may be so far apart; no machine is up again so soon.
_SECOND: Final = timedelta(seconds=1)

#: What ends a stack without an order to stop, and is told by lines of its own.
_ENDED: Final = (
    Kind.DAEMON_CONNECTION_LOST,
    Kind.DAEMON_DIED,
    Kind.DAEMON_EXITED,
    Kind.DAEMON_GAVE_UP,
    Kind.FENCE_VICTIM,
)


def unseen(
    events: Events,
    gaps: Iterable[Gap],
    lost: Sequence[NodeLoss],
    fencings: Sequence[Fencing],
    seen: pl.DataFrame,
    runs: pl.DataFrame,
) -> Iterator[NodeLoss]:
    """A loss for each beginning that no orderly end, no loss, no fencing and no dead daemon explains, of a node that
    had been at work: it had run an agent since it began before.

    `gaps`: of the coverage; `lost`: what members told; `seen`: MEMBERSHIP; `runs`: RUNS. Its `time` is that of the
    beginning, when it became known; `heard` is the last line before.
    """
    agreed = agreement(events)
    ended = events.of(*_ENDED, columns=("time", "node"))
    members = seen.filter(pl.col("state") == "member").select("time", "target").drop_nulls().sort("time")
    begins = events.of(Kind.BOOT, Kind.COROSYNC_START, columns=("time", "node", "event")).sort("time")
    for gap in gaps:
        if gap.why != BEGAN_ANEW or gap.end is None or gap.end - gap.start <= _SECOND:
            continue
        mine = pl.col("node") == gap.node
        before = begins.filter(mine & (pl.col("time") <= gap.start))["time"]
        life = before[-1] if len(before) else events["time"].min()
        worked = runs.filter(mine & pl.col("end").is_between(life, gap.start, closed="right")).height
        told = any(
            loss.node == gap.node and loss.time - agreed <= gap.end and (loss.back is None or loss.back >= gap.start)
            for loss in lost
        )
        reset = any(
            each.target == gap.node and each.requested <= gap.end and (each.ended or gap.end) >= gap.start - agreed
            for each in fencings
        )
        if not worked or told or reset or ended.filter(mine & pl.col("time").is_between(life, gap.end)).height:
            continue
        back = members.filter((pl.col("target") == gap.node) & (pl.col("time") > gap.end))["time"]
        begin = begins.filter(mine & (pl.col("time") == gap.end))["event"]
        yield NodeLoss(
            gap.node,
            gap.end,
            back=back[0] if len(back) else None,
            heard=gap.start,
            guessed=False,
            events=begin.to_list()[:1],
        )
