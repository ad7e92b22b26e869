"""Runs whose result the DC waited for in vain, and gave up when their timeout and the cluster-delay were over.

The controller's line names node and operation; which resource, the request so long before tells.
"""

from __future__ import annotations

import polars as pl

from logtrace.domain.kinds import Kind
from logtrace.events.store import Events

#: The controller's timer begins with the request, give or take a second of the log's.
_SENT = "2s"


def unanswered(events: Events) -> pl.DataFrame:
    """Rows of OPERATIONS as operations.py puts them together, without those columns that are unknown."""
    given_up = (
        events.of(Kind.OP_LOST)
        .drop_nulls(["operation", "target", "timeout_ms"])
        .select(
            "operation",
            "event",
            "precise",
            end="time",
            node="target",
            _dc="node",
            _sent=pl.col("time") - pl.duration(milliseconds=pl.col("timeout_ms").cast(pl.Int64)),
        )
    )
    asked = (
        events.of(Kind.OP_REQUESTED)
        .drop_nulls(["resource", "operation", "target"])
        .select("resource", "operation", "interval", node="target", _dc="node", start="time", request_event="event")
    )
    found = given_up.sort("_sent").join_asof(
        asked.sort("start"),
        left_on="_sent",
        right_on="start",
        by=["_dc", "node", "operation"],
        strategy="nearest",
        tolerance=_SENT,
        coalesce=False,
        check_sortedness=False,
    )
    return found.drop_nulls("resource").unique(["_dc", "request_event"], keep="first", maintain_order=True)
