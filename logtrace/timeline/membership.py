"""MEMBERSHIP: who saw whom leave or join, from Corosync's, Pacemaker's and the purge lines, as node names."""

from __future__ import annotations

import polars as pl

from logtrace.domain.columns import UTC
from logtrace.domain.kinds import Kind
from logtrace.events.store import Events
from logtrace.timeline import member_lists

#: Every daemon logs its own copy of a peer's state; those of the others are about their own peer processes.
_SEES_NODES = ("pacemaker-controld", "pacemakerd")


def membership(events: Events, node_ids: dict[str, str]) -> pl.DataFrame:
    """One row per observation: time, observer, target, state ("lost" or "member"), orderly (Boolean), source, event.

    `node_ids`: Corosync node id -> node name. `orderly` is True when the line itself says that the node left on
    request, False when it says that it did not, null when it does not say.
    """
    names = pl.DataFrame(
        {"_id": list(node_ids), "_name": list(node_ids.values())}, schema={"_id": pl.String, "_name": pl.String}
    )
    state = pl.col("state").str.to_lowercase()
    pacemaker = (
        events.of(Kind.MEMBER_STATE)
        .filter(state.is_in(["lost", "member"]) & pl.col("daemon").is_in(list(_SEES_NODES)))
        .select(
            time="time",
            observer="node",
            target="target",
            state=state,
            orderly=pl.lit(None, pl.Boolean),
            source=pl.lit("pacemaker"),
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
        parts.append(
            events.of(kind, columns=("time", "node", "event", column))
            .drop_nulls(column)
            .select(
                time="time",
                observer="node",
                _id=pl.col(column).str.extract_all(r"\d+"),
                state=pl.lit(what),
                orderly=pl.lit(orderly, pl.Boolean),
                source=pl.lit("corosync"),
                event="event",
            )
            .explode("_id")
            .drop_nulls("_id")
            .pipe(_named, names)
        )
    parts.append(member_lists.changes(events).with_columns(orderly=pl.lit(None, pl.Boolean)).pipe(_named, names))
    return pl.concat(parts).filter(pl.col("target") != pl.col("observer")).sort("time", "event")


def _named(rows: pl.DataFrame, names: pl.DataFrame) -> pl.DataFrame:
    """Columns of MEMBERSHIP; a node whose name nothing tells is called by its id."""
    target = pl.coalesce("_name", pl.concat_str(pl.lit("node id "), "_id")).alias("target")
    return rows.join(names, on="_id", how="left", maintain_order="left").select(
        "time", "observer", target, "state", "orderly", "source", "event"
    )


MEMBERSHIP: dict[str, pl.DataType] = {
    "time": UTC,
    "observer": pl.String(),
    "target": pl.String(),
    "state": pl.String(),
    "orderly": pl.Boolean(),
    "source": pl.String(),
    "event": pl.UInt32(),
}


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
