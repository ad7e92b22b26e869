"""A store of as many cases as are asked for, their rows derived from the real ones of another store.

    python tests/benchmark/made_store.py FROM INTO [CASES]

Each case is one of FROM under another name, moved in time over three years, of one of a tenth as many clusters, with
the release of one of FROM's cases. The same arguments give the same rows.
"""

from __future__ import annotations

import random
import sys
from datetime import UTC, datetime
from typing import Final

import polars as pl

from logtrace.fleet.store import KEPT, MONTH, Store, new_batch
from logtrace.tables.schemas import TABLES

MONTHS: Final = tuple((year, month) for year in (2024, 2025, 2026) for month in range(1, 13))
PER_CLUSTER: Final = 10


def make(source: Store, into: Store, cases: int, seed: int = 1) -> None:
    """Fills `into` with so many cases, a batch for each month."""
    contents = source.read()
    tables = {name: contents.table(name).drop(MONTH).collect() for name in TABLES}
    known = tables["cases"].drop_nulls("began").select("case_id", "began").rows()
    releases = tables["cases"]["pacemaker"].drop_nulls().unique().sort().to_list()
    chance = random.Random(seed)
    made = 0
    for number, (year, month) in enumerate(MONTHS, start=1):
        upto = cases * number // len(MONTHS)
        rows = []
        for each in range(made, upto):
            case_id, began = chance.choice(known)
            there = datetime(year, month, chance.randint(1, 28), chance.randint(0, 23), tzinfo=UTC)
            cluster = chance.randrange(max(1, cases // PER_CLUSTER))
            rows.append(
                (
                    case_id,
                    f"{each:016x}",
                    there - began,
                    f"c{cluster}",
                    f"{cluster:016x}",
                    releases[cluster % len(releases)],
                )
            )
        made = upto
        _put(into, tables, rows, f"{year}-{month:02d}")


#: What is hardly ever the same in two clusters, for it holds names and times.
_TEXTS: Final = ("title", "first_error", "first_error_place", "sentence", "what", "path", "crm", "pcs")

_CHANGES: Final = {
    "case_id": pl.String, "made": pl.String, "later": pl.Duration("us"), "name_": pl.String, "id_": pl.String,
    "release_": pl.String,
}  # fmt: skip


def _put(into: Store, tables: dict[str, pl.DataFrame], rows: list[tuple[object, ...]], month: str) -> None:
    changes = pl.DataFrame(rows, schema=_CHANGES, orient="row")
    batch = new_batch()
    for name in (*(name for name in TABLES if name != "cases"), "cases"):
        frame = tables[name].join(changes, on="case_id")
        times = [column for column, dtype in frame.schema.items() if dtype == pl.Datetime("us", "UTC")]
        moved = frame.with_columns(pl.col(times) + pl.col("later")).with_columns(case_id="made")
        texts = [column for column in _TEXTS if column in frame.columns]
        moved = moved.with_columns(pl.concat_str(pl.col(column), pl.lit(" of "), "name_") for column in texts)
        if "cluster_id" in frame.columns:
            moved = moved.with_columns(cluster_name="name_", cluster_id="id_", pacemaker="release_")
        if name == "cases":
            alone = {"ticket": "made", "analysis": "made", "evidence": pl.concat_list("made")}
            moved = moved.with_columns(ticket_cases=pl.lit(1, pl.Int64), **alone)
        wanted = [*TABLES[name], *(KEPT if name == "cases" else ())]
        if moved.height:
            into.put_file(name, month, batch, moved.select(wanted))


if __name__ == "__main__":
    make(Store.at(sys.argv[1]), Store.made(sys.argv[2], None), int(sys.argv[3]) if len(sys.argv) > 3 else 100_000)
