"""Losses that only a shorter list of members tells: Corosync 1 and early 2 do not print who left.

`A processor failed` and then a list without some id: that node fell silent, for one that leaves in order says so and
fails nobody. Where Pacemaker or Corosync itself names who left, the lists add nothing and are not looked at.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from logtrace.domain.kinds import Kind
from logtrace.events.store import Events

#: Token and consensus of slow settings, and the time the membership takes to form.
_FORMED: Final = "60s"

#: The source of a loss that no list from before the failure confirms.
GUESSED: Final = "numbering"

#: Kinds that name who came or left.
_NAMED: Final = (Kind.QUORUM_LEFT, Kind.QUORUM_JOINED, Kind.TOTEM_LEAVE_MISSING, Kind.MEMBER_STATE, Kind.MEMBER_PROCESS)


def changes(events: Events) -> pl.DataFrame:
    """Columns time, observer, _id, state ("lost" or "member"), source, event; see membership.py."""
    formed = events.of(Kind.TOTEM_MEMBERSHIP, columns=("node", "left", "joined"))
    names = pl.col("left").is_not_null() | pl.col("joined").is_not_null()
    tellers = pl.concat([events.of(*_NAMED, columns=("node",)), formed.filter(names).select("node")]).unique()
    ids = pl.col("members").str.extract_all(r"\d+")
    lists = (
        events.of(Kind.QUORUM_MEMBERS)
        .drop_nulls("members")
        .join(tellers, on="node", how="anti")
        .select("time", "event", observer="node", count="count", ids=ids)
        .filter(pl.col("ids").list.len() == pl.col("count"))  # long lists go on in the next line
        .sort("time", "event")
    )
    failed = events.of(Kind.TOTEM_TOKEN).filter(pl.col("state") == "lost")
    lists = lists.join_asof(
        failed.select("time", observer="node", _failed="time").sort("time"),
        on="time",
        by="observer",
        strategy="backward",
        tolerance=_FORMED,
        check_sortedness=False,
    ).with_columns(_before=pl.col("ids").shift().over("observer"))
    gone = pl.coalesce(pl.col("_before"), _counted_on()).list.set_difference("ids")
    came = pl.col("ids").list.set_difference("_before")
    few = pl.col("_before").is_not_null() | (gone.list.len() < pl.col("count"))
    lost = lists.filter(pl.col("_failed").is_not_null() & few).select(
        "time",
        "observer",
        gone.alias("_id"),
        pl.lit("lost").alias("state"),
        pl.when(pl.col("_before").is_null()).then(pl.lit(GUESSED)).otherwise(pl.lit("member list")).alias("source"),
        "event",
    )
    back = lists.filter(pl.col("_before").is_not_null()).select(
        "time", "observer", came.alias("_id"), pl.lit("member").alias("state"), pl.lit("member list").alias("source"),
        "event",
    )  # fmt: skip
    return pl.concat([lost, back]).explode("_id").drop_nulls("_id").sort("time", "event")


def _counted_on() -> pl.Expr:
    """The ids that a cluster numbered from 1 has, up to the highest in sight: the log begins with the failure."""
    highest = pl.col("ids").list.eval(pl.element().cast(pl.Int64)).list.max()
    return pl.int_ranges(1, pl.when(highest <= 64).then(highest + 1).otherwise(1)).cast(pl.List(pl.String))
