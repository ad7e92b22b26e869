"""MEMBERSHIP: who saw whom leave or join, from Corosync's, Pacemaker's and the purge lines, as node names."""

from __future__ import annotations

import polars as pl

from logtrace.frames import UTC

#: Every daemon logs its own copy of a peer's state; those of the others are about their own peer processes.
_SEES_NODES = ("pacemaker-controld", "pacemakerd")


def membership(events: pl.DataFrame, node_ids: dict[str, str]) -> pl.DataFrame:
    """One row per observation: time, observer, target, state ("lost" or "member"), orderly (Boolean), source, event.

    `node_ids`: Corosync node id -> node name. `orderly` is True when the line itself says that the node left on
    request, False when it says that it did not, null when it does not say.
    """
    names = pl.DataFrame(
        {"_id": list(node_ids), "_name": list(node_ids.values())}, schema={"_id": pl.String, "_name": pl.String}
    )
    state = pl.col("state").str.to_lowercase()
    pacemaker = events.filter(
        (pl.col("kind") == "member.state") & state.is_in(["lost", "member"]) & pl.col("daemon").is_in(list(_SEES_NODES))
    ).select(
        time="time",
        observer="node",
        target="target",
        state=state,
        orderly=pl.lit(None, pl.Boolean),
        source=pl.lit("pacemaker"),
        event="event",
    )
    parts = [pacemaker]
    for kind, column, what, orderly in (
        ("totem.membership", "left", "lost", None),
        ("totem.membership", "joined", "member", None),
        ("quorum.left", "left", "lost", None),
        ("quorum.joined", "joined", "member", None),
        ("totem.leave_missing", "left", "lost", False),
        ("corosync.node_stopped", "nodeid", "lost", True),
    ):
        parts.append(
            events.filter((pl.col("kind") == kind) & pl.col(column).is_not_null())
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
            .join(names, on="_id", how="left")
            .select(
                "time",
                "observer",
                pl.coalesce("_name", pl.format("node id {}", pl.col("_id"))).alias("target"),
                "state",
                "orderly",
                "source",
                "event",
            )
        )
    return pl.concat(parts).filter(pl.col("target") != pl.col("observer")).sort("time", "event")


MEMBERSHIP: dict[str, pl.DataType] = {
    "time": UTC,
    "observer": pl.String(),
    "target": pl.String(),
    "state": pl.String(),
    "orderly": pl.Boolean(),
    "source": pl.String(),
    "event": pl.UInt32(),
}


def learned_ids(events: pl.DataFrame) -> dict[str, str]:
    """Node ids that Pacemaker prints beside names (`Node n2 state is now lost | nodeid=2`): id -> name."""
    rows = (
        events.filter(
            (pl.col("kind") == "member.state") & pl.col("nodeid").is_not_null() & pl.col("target").is_not_null()
        )
        .select("nodeid", "target")
        .unique(maintain_order=True)
    )
    return dict(rows.iter_rows())
