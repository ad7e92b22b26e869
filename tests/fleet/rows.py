"""Rows of a store without reading anything: a case laid out once, under other names and times."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache

import polars as pl
from stories import case

from logtrace.fleet.store import KEPT, MONTH
from logtrace.tables.build import tables

STORY = """
12:00:00 node1 web monitor 10s: not running
12:00:00.1 node1 plan 7: Recover web ( node1 )
12:00:00.2 node1 web stop in 0.1s: ok
12:00:00.4 node1 web start in 1s: ok
12:00:02 node1 done 7
"""


@cache
def _laid_out() -> dict[str, pl.DataFrame]:
    return tables(case(STORY).case, "")


def ticket(
    name: str,
    *,
    evidence: Sequence[str] = (),
    analysis: str = "a1",
    months: Sequence[str] = ("2026-11",),
    logtrace: str = "0.1.0",
    root_cause: str = "service_crash",
) -> dict[str, pl.DataFrame]:
    """The rows of a ticket that gave a case for each of `months`."""
    parts: dict[str, list[pl.DataFrame]] = {}
    for number, month in enumerate(months, start=1):
        named = [pl.lit(f"{name}.{number}").alias("case_id"), pl.lit(month).alias(MONTH)]
        for table, frame in _laid_out().items():
            parts.setdefault(table, []).append(frame.with_columns(named))
    kept = {
        "ticket": name, "ticket_cases": len(months), "evidence": list(evidence or [name]), "analysis": analysis,
        "added": datetime(2026, 11, 28, tzinfo=UTC), "page": None,
    }  # fmt: skip
    made = {table: pl.concat(several) for table, several in parts.items()}
    made["cases"] = made["cases"].with_columns(
        [pl.lit(pl.Series(column, [kept[column]], dtype=each.dtype)).first() for column, each in KEPT.items()]
        + [pl.lit(logtrace).alias("logtrace")]
    )
    made["incidents"] = made["incidents"].with_columns(root_cause=pl.lit(root_cause))
    return made
