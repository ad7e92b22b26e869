"""Runs that only the end of their transition tells: copies at notice level of the DC's log, the executing node's log
missing.

The controller reports a transition when nothing that it began is under way any more. What it asked a silent node for,
and nothing calls failed, has succeeded by then; when exactly is not told, so `end` is the latest it can have been.
"""

from __future__ import annotations

import polars as pl

from logtrace.domain.kinds import Kind
from logtrace.events.store import Events

_ACTIONS = ("start", "stop", "promote", "demote", "migrate_to", "migrate_from")
_BY = ["node", "resource", "operation"]


def concluded(events: Events) -> pl.DataFrame:
    """Rows of OPERATIONS as operations.py puts them together, without those columns that are unknown."""
    heard = events.of(Kind.OP_RESULT, columns=("node", "target")).select(node=pl.coalesce("target", "node")).unique()
    confirming = events.of(Kind.OP_CONFIRMED, columns=("node",)).select(_dc="node").unique()
    asked = (
        events.of(Kind.OP_REQUESTED)
        .filter(pl.col("operation").is_in(_ACTIONS) & pl.col("target").is_not_null())
        .select("event", "resource", "operation", "precise", "transition", node="target", _dc="node", start="time")
        .join(heard, on="node", how="anti")
        .join(confirming, on="_dc", how="anti")
        .sort("event")
    )
    done = events.of(Kind.TE_DONE).select("event", _dc="node", end="time", _number="transition", **_left())
    failed = (
        events.of(Kind.OP_UNEXPECTED)
        .drop_nulls("target")
        .select("event", "resource", "operation", node="target", _failed="event")
    )
    ended = asked.join_asof(
        done.sort("event"), on="event", by="_dc", strategy="forward", check_sortedness=False
    ).join_asof(failed.sort("event"), on="event", by=_BY, strategy="forward", check_sortedness=False)
    whole = pl.sum_horizontal("_pending", "_fired", "_incomplete") == 0
    return ended.filter(whole & pl.col("_failed").is_null() & pl.col("end").is_not_null()).select(
        *_BY, "start", "end", "precise", "event", transition="_number"
    )


def _left() -> dict[str, pl.Expr]:
    """What a transition left undone; a line that does not say leaves it open."""
    return {f"_{name}": pl.col(name).fill_null(1) for name in ("pending", "fired", "incomplete")}
