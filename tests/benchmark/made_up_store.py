"""A store of as many cases as are asked for, made of the rows of a few real ones: to measure what reads a store.

    python tests/benchmark/made_up_store.py STORE 100000

Each made-up case is one of the samples under another name, at another time, of a cluster with a release, a size,
agents and weaknesses of its own; how long it took is scaled, by half as much again where its cluster has the weakness
SLOW. The tables operations, coverage and files stay empty. All of it follows from the number of cases: nothing is drawn
by chance.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import polars as pl

from logtrace import pipeline
from logtrace.fleet.store import KEPT, MONTH, Store, new_batch
from logtrace.report.scope import Options
from logtrace.tables.build import tables

SAMPLES: Final = sorted((Path(__file__).parents[2] / "samples").glob("*/crm_report.tar.bz2"))
MADE: Final = ("nodes", "incidents", "phases", "causes", "advice", "findings", "cases")
SLOW: Final = "stonith-disabled"

FIRST: Final = datetime(2024, 11, 1, tzinfo=UTC)
MONTHS: Final = 24
RELEASES: Final = ("1.1.12", "1.1.18", "1.1.24", "2.0.1", "2.0.5", "2.1.2", "2.1.5", "2.1.7", "2.1.9", "3.0.0", "3.0.1")
SIZES: Final = (2, 2, 2, 3, 3, 4, 5, 7)
AGENTS: Final = (
    "ocf:heartbeat:IPaddr2", "ocf:heartbeat:Filesystem", "ocf:heartbeat:galera", "ocf:heartbeat:rabbitmq-cluster",
    "ocf:heartbeat:pgsql", "ocf:suse:SAPHana", "ocf:heartbeat:LVM-activate", "systemd:haproxy",
    "systemd:openstack-cinder-volume", "stonith:fence_ipmilan", "ocf:linbit:drbd", "ocf:heartbeat:nfsserver",
)  # fmt: skip
#: Cases that are made together.
_PART: Final = 20_000


def make(place: str, cases: int) -> None:
    """Make a store of so many cases at a path."""
    store = Store.made(place, None)
    bases = [tables(case, "") for sample in SAMPLES for case in pipeline.cases([str(sample)], Options(jobs=2)).cases]
    for start in range(0, cases, _PART):
        made = _part(bases, range(start, min(start + _PART, cases)), max(cases // 5, 1))
        batch = new_batch()
        for table in MADE:
            for (month,), part in made[table].partition_by(MONTH, as_dict=True).items():
                store.put_file(table, str(month), batch, part)


def _part(bases: Sequence[dict[str, pl.DataFrame]], numbers: range, clusters: int) -> dict[str, pl.DataFrame]:
    told = _cases(numbers, clusters, len(bases))
    found = {}
    for table in MADE:
        rows = [_rows(table, base[table], told.filter(base=place)) for place, base in enumerate(bases)]
        found[table] = pl.concat(rows)
    return found


def _cases(numbers: range, clusters: int, bases: int) -> pl.DataFrame:
    """What makes each case another one."""
    number = pl.Series("number", numbers, dtype=pl.Int64).to_frame()
    cluster = (_chance("number", 1) ** 2 * clusters).cast(pl.Int64)  # a few clusters have many cases
    told = number.with_columns(cluster_number=cluster).with_columns(
        made_id=_hex("number"),
        made_cluster_id=_hex("cluster_number"),
        made_cluster_name=pl.concat_str(pl.lit("cluster-"), pl.col("cluster_number")),
        base=(_chance("number", 2) * bases).cast(pl.Int64),
        made_start=pl.lit(FIRST) + pl.duration(seconds=_chance("number", 3) * MONTHS * 30.4 * 86400),
        made_release=_one_of(RELEASES, "cluster_number", 4),
        made_size=_one_of(SIZES, "cluster_number", 5),
        made_agent=_one_of(AGENTS, "number", 6),
        weak=_chance("cluster_number", 7) < 0.3,
        made_fencing=_chance("cluster_number", 8) < 0.7,
        scale=(1.2 * _normal("number", 9) + 0.5 * _normal("cluster_number", 12)).exp(),
    )
    slower = pl.when("weak").then(1.5).otherwise(1.0)
    return told.with_columns(scale=pl.col("scale") * slower, month=pl.col("made_start").dt.strftime("%Y-%m"))


def _rows(table: str, base: pl.DataFrame, told: pl.DataFrame) -> pl.DataFrame:
    """The rows of a real case once for each of the made-up ones."""
    rows = told.join(base, how="cross")
    columns = {"case_id": pl.col("made_id")}
    if "cluster_id" in base.columns:
        columns |= {name: pl.col(f"made_{name}") for name in ("cluster_name", "cluster_id", "fencing")}
        columns |= {"pacemaker": pl.col("made_release"), "cluster_size": pl.col("made_size")}
    moved = pl.col("made_start") - pl.lit(datetime(2026, 11, 22, tzinfo=UTC))  # when the samples are of
    columns |= {name: pl.col(name) + moved for name, dtype in base.schema.items() if dtype == pl.Datetime("us", "UTC")}
    scaled = {"recovery", "outage", "outage_max", "saves"} | {
        name for name in base.columns if name.startswith("seconds_")
    }
    columns |= {name: pl.col(name) * pl.col("scale") for name in scaled & set(base.columns)}
    if table == "incidents":
        columns["agent"] = pl.when(pl.col("agent").is_not_null()).then(pl.col("made_agent"))
        columns["confidence"] = (pl.col("confidence") - 0.3 * _chance("number", 10)).clip(0.05, 1)
        columns["first_error_class"] = pl.concat_str(
            "first_error_class", pl.lit(" "), (_chance("number", 11) * 300).cast(pl.Int64)
        )
    if table == "findings":
        rows = rows.filter((pl.col("label") != SLOW) | pl.col("weak"))
    if table == "cases":
        columns |= _kept()
    return rows.with_columns(**columns).select([*base.columns, *(KEPT if table == "cases" else ()), MONTH])


def _kept() -> dict[str, pl.Expr]:
    id_ = pl.col("made_id")
    told = {"ticket": id_, "ticket_cases": pl.lit(1), "evidence": pl.concat_list(id_), "analysis": id_,
            "added": pl.lit(FIRST + timedelta(days=800)), "page": pl.lit(None)}  # fmt: skip
    return {name: expression.cast(KEPT[name].dtype) for name, expression in told.items()}


def _chance(column: str, seed: int) -> pl.Expr:
    """Numbers from 0 to 1 that look like chance, and follow from the column."""
    return (pl.col(column).hash(seed) % 1_000_003) / 1_000_003


def _normal(column: str, seed: int) -> pl.Expr:
    """Nearly normal ones."""
    return sum((_chance(column, 100 * seed + part) for part in range(12)), start=pl.lit(-6.0))


def _hex(column: str) -> pl.Expr:
    return pl.col(column).hash(31).map_batches(lambda told: pl.Series([f"{each:016x}" for each in told]), pl.String)


def _one_of(values: Iterable[str | int], column: str, seed: int) -> pl.Expr:
    series = pl.Series(list(values))
    return pl.lit(series).gather((_chance(column, seed) * len(series)).cast(pl.Int64))


def _arguments() -> Iterator[str]:
    if len(sys.argv) != 3 or not sys.argv[2].isdecimal():
        sys.exit("usage: made_up_store.py STORE CASES")
    yield from sys.argv[1:]


if __name__ == "__main__":
    where, how_many = _arguments()
    make(where, int(how_many))
