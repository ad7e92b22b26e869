"""MEMBERSHIP: who saw whom leave or join, from Corosync's, Pacemaker's and the purge lines, as node names."""

from __future__ import annotations

from typing import Final

import polars as pl

from logtrace.domain.columns import UTC
from logtrace.domain.kinds import Kind
from logtrace.events.store import Events

#: Every daemon logs its own copy of a peer's state; those of the others are about their own peer processes.
_SEES_NODES: Final = ("pacemaker-controld", "pacemakerd")

#: Token and consensus of slow settings, and the time the membership takes to form.
_FORMED: Final = "60s"

#: The source of a loss that no list from before the failure confirms.
GUESSED: Final = "numbering"

#: The source of a loss that only other daemons than the controller tell: the loss of their own peers.
PEERS: Final = "peers"

#: Kinds that name who came or left.
_NAMED: Final = (Kind.QUORUM_LEFT, Kind.QUORUM_JOINED, Kind.TOTEM_LEAVE_MISSING, Kind.MEMBER_STATE, Kind.MEMBER_PROCESS)

MEMBERSHIP: Final[dict[str, pl.DataType]] = {
    "time": UTC,
    "observer": pl.String(),
    "target": pl.String(),
    "state": pl.String(),
    "orderly": pl.Boolean(),
    "source": pl.String(),
    "event": pl.UInt32(),
}


def membership(events: Events, node_ids: dict[str, str]) -> pl.DataFrame:
    """MEMBERSHIP, in order of time: one row per observation, `state` "lost" or "member".

    `node_ids`: Corosync node id -> node name. `orderly` is True when the line itself says that the node left on
    request, False when it says that it did not, null when it does not say.
    """
    names = pl.DataFrame(
        {"_id": list(node_ids), "_name": list(node_ids.values())}, schema={"_id": pl.String, "_name": pl.String}
    )
    state = pl.col("state").str.to_lowercase()
    pacemaker = (
        _states(events)
        .filter(state.is_in(["lost", "member"]))
        .select(
            time="time",
            observer="node",
            target="target",
            state=state,
            orderly=pl.lit(None, pl.Boolean),
            source=pl.when(pl.col("daemon").is_in(list(_SEES_NODES)))
            .then(pl.lit("pacemaker"))
            .otherwise(pl.lit(PEERS)),
            event="event",
        )
    )
    parts = [pacemaker]
    for kind, column, what, orderly in (
        (Kind.TOTEM_MEMBERSHIP, "left", "lost", None),
        (Kind.TOTEM_MEMBERSHIP, "joined", "member", None),
        (Kind.QUORUM_LEFT, "left", "lost", None),
        (Kind.QUORUM_JOINED, "joined", "member", None),
        (Kind.TOTEM_LEAVE_MISSING, "left", "lost", False),
        (Kind.COROSYNC_NODE_STOPPED, "nodeid", "lost", True),
    ):
        said = events.of(kind, columns=("time", "node", "event", column)).drop_nulls(column)
        if said.is_empty():
            continue
        parts.append(
            said.select(
                time="time",
                observer="node",
                _id=pl.col(column).str.extract_all("[0-9]+"),
                state=pl.lit(what),
                orderly=pl.lit(orderly, pl.Boolean),
                source=pl.lit("corosync"),
                event="event",
            )
            .explode("_id")
            .drop_nulls("_id")
            .pipe(_named, names)
        )
    if events.has(Kind.QUORUM_MEMBERS):
        parts.append(_shorter_lists(events).with_columns(orderly=pl.lit(None, pl.Boolean)).pipe(_named, names))
    return pl.concat(parts).filter(pl.col("target") != pl.col("observer")).sort("time", "event")


def _states(events: Events) -> pl.DataFrame:
    """The lines of Pacemaker's daemons about states of nodes: the controller's, and of the others what a node says
    before or after all that its controller and Corosync say in a log. Those speak of any change of the membership at
    once, so what they do not confirm is about a daemon; but a log that begins or ends there has lost their word.
    """
    told = events.of(Kind.MEMBER_STATE)
    sees = pl.col("daemon").is_in(list(_SEES_NODES))
    others = told.filter(~sees)
    if others.is_empty():
        return told
    lines = events.select("node", "file", "daemon", "time").drop_nulls()
    speaks = (
        lines.filter(pl.col("daemon").is_in([*_SEES_NODES, "corosync"]))
        .group_by("node")
        .agg(_first=pl.col("time").min(), _last=pl.col("time").max())
    )
    alone = others.join(speaks, on="node", how="left").filter(
        (~pl.col("time").is_between("_first", "_last")).fill_null(value=True)
    )
    return pl.concat([told.filter(sees), alone.select(told.columns)])


def _named(rows: pl.DataFrame, names: pl.DataFrame) -> pl.DataFrame:
    """Columns of MEMBERSHIP; a node whose name nothing tells is called by its id."""
    target = pl.coalesce("_name", pl.concat_str(pl.lit("node id "), "_id")).alias("target")
    return rows.join(names, on="_id", how="left", maintain_order="left").select(
        "time", "observer", target, "state", "orderly", "source", "event"
    )


def _shorter_lists(events: Events) -> pl.DataFrame:
    """Losses that only a shorter list of members tells: Corosync 1 and early 2 do not print who left. Columns time,
    observer, _id, state, source, event.

    `A processor failed` and then a list without some id: that node fell silent, for one that leaves in order says so
    and fails nobody. Where Pacemaker or Corosync itself names who left, the lists add nothing and are not looked at.
    """
    formed = events.of(Kind.TOTEM_MEMBERSHIP, columns=("node", "left", "joined"))
    names = pl.col("left").is_not_null() | pl.col("joined").is_not_null()
    tellers = pl.concat([events.of(*_NAMED, columns=("node",)), formed.filter(names).select("node")]).unique()
    ids = pl.col("members").str.extract_all("[0-9]+")
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


def learned_ids(events: Events) -> dict[str, str]:
    """Corosync node id -> node name, from the lines alone.

    Pacemaker prints both (`Node n2 state is now lost | nodeid=2`); a member list of one is the node itself; and a
    membership that one id left, told together with the one node Pacemaker lost, names that id. The best proof wins.
    """
    states = events.of(Kind.MEMBER_STATE, columns=("node", "time", "nodeid", "target", "state"))
    printed = states.drop_nulls(["nodeid", "target"]).select(id="nodeid", name="target", rank=pl.lit(0))
    alone = (
        events.of(Kind.QUORUM_MEMBERS, columns=("node", "members"))
        .filter(pl.col("members").str.contains(r"^\s*\d+\s*$"))
        .select(id=pl.col("members").str.strip_chars(), name="node", rank=pl.lit(1))
    )
    one_left = (
        events.of(Kind.TOTEM_MEMBERSHIP, columns=("node", "time", "left"))
        .filter(pl.col("left").str.contains(r"^\s*\d+\s*$"))
        .select("node", "time", id=pl.col("left").str.strip_chars())
        .sort("time")
    )
    lost = (
        states.filter(pl.col("state").str.to_lowercase() == "lost").select("node", "time", name="target").sort("time")
    )
    together = one_left.join_asof(
        lost, on="time", by="node", strategy="nearest", tolerance="2s", check_sortedness=False
    ).select("id", "name", rank=pl.lit(2))
    votes = (
        pl.concat([printed, alone, together])
        .drop_nulls()
        .group_by("id", "name", "rank")
        .len()
        .sort("rank", "len", "name", descending=[False, True, False])
        .unique("id", keep="first", maintain_order=True)
    )
    return dict(votes.select("id", "name").iter_rows())
