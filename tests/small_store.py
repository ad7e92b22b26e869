"""Tables of a store, made of the few columns a test is about; everything else is null."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from logtrace.fleet.store import MONTH, STORED

Row = dict[str, Any]


def tables(**rows: Sequence[Row]) -> dict[str, pl.LazyFrame]:
    """Every table of a store, with the rows that are given."""
    found = {}
    for name, columns in STORED.items():
        schema = {column: each.dtype for column, each in columns.items()} | {MONTH: pl.String()}
        told = [[row.get(column) for column in schema] for row in rows.get(name, ())]
        found[name] = pl.DataFrame(told, schema=schema, orient="row").lazy()
    return found


def case(case_id: str, cluster: str | None, month: str = "2026-01", **more: Any) -> Row:
    """A case of an hour; `cluster`: name and identity of its cluster."""
    began = None if month == "unknown" else datetime.strptime(f"{month}-10", "%Y-%m-%d").replace(tzinfo=UTC)
    known = {
        "name": case_id, "cluster_name": cluster, "cluster_id": cluster, "seconds": 3600.0, "planned": 0, "policies": 0,
        "began": began, "ended": began and began + timedelta(hours=1), "resources": 3, "pacemaker": "2.1.5",
    }  # fmt: skip
    return {"case_id": case_id, MONTH: month} | known | more


def incident(of: Row, id_: str, cause: str, recovery: float | None, **more: Any) -> Row:
    """A fault in a case, which lasted as long as its recovery; each another minute."""
    moment = of["began"] and of["began"] + timedelta(minutes=int(id_[1:]))
    known = {
        "kind": "fault", "root_cause": cause, "trigger": "OperationFailed", "confidence": 0.9,
        "title": f"{cause} in {of['name']}.",
        "began": moment, "t_detected": moment, "recovered": recovery is not None, "outage": recovery or 0.0,
        "recovery": recovery, "agent": "ocf:heartbeat:IPaddr2", "fencing": True, "cluster_size": 2,
        "first_error_class": f"it says {cause}", "shape": "decision>stop>start",
    }  # fmt: skip
    same = {key: of[key] for key in ("case_id", MONTH, "cluster_name", "cluster_id", "pacemaker")}
    return {"incident": id_} | same | known | more
