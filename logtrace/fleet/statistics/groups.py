"""Incidents counted by what they share: cause, release, agent, size of the cluster, fencing, month; and by phase.

The frame that all functions here take has a row for each incident: the columns of INCIDENTS.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import polars as pl

from logtrace.assessment.phases import PhaseName
from logtrace.fleet.statistics.values import Dimension, Group, Month, PhaseTime, Spread, Wanted
from logtrace.fleet.views import Tables, recoveries

_PHASES: Final = tuple(f"seconds_{name.value}" for name in PhaseName)

#: Column of the frame -> name, column in SQL, and whether groups are in the order of their names: else in that of what
#: they cost.
DIMENSIONS: Final[dict[str, tuple[str, str, bool]]] = {
    "cause": ("cause", "root_cause", False),
    "agent": ("agent", "agent", False),
    "release": ("release", "pacemaker", True),
    "size": ("size", "cluster_size", True),
    "fencing": ("fencing", "fencing", True),
}

#: Groups of a dimension that are named; what is left is one group.
MOST: Final = 60

INCIDENTS: Final = (
    "month", "case_id", "incident", "kind", "cause", "agent", "release", "size", "fencing", "cluster_id", "trigger",
    "confidence", "began", "recovered", "outage", "recovery", *_PHASES, "wording",
)  # fmt: skip


def incidents(tables: Tables, wanted: Wanted) -> pl.DataFrame:
    """A row for each incident that is wanted, each once: columns INCIDENTS, names as text, `wording` as a number."""
    fencing = pl.when(pl.col("fencing")).then(pl.lit("on")).when(~pl.col("fencing")).then(pl.lit("off"))
    return (
        recoveries(tables)
        .filter(*_conditions(wanted))
        .with_columns(
            cause=pl.col("root_cause"),
            release=pl.col("pacemaker"),
            size=pl.col("cluster_size").cast(pl.String),
            fencing=fencing,
            wording=pl.when(pl.col("first_error_class").is_not_null()).then(pl.col("first_error_class").hash()),
        )
        .select(INCIDENTS)
        .collect(engine="streaming")
    )


def _conditions(wanted: Wanted) -> Iterator[pl.Expr]:
    equal = {"root_cause": wanted.cause, "pacemaker": wanted.release, "agent": wanted.agent}
    yield from (pl.col(column) == value for column, value in equal.items() if value is not None)
    yield from months_within(wanted)


def months_within(wanted: Wanted) -> Iterator[pl.Expr]:
    """What holds for a `month` that is wanted; an unknown one is in no period."""
    dated = pl.col("month").str.contains(r"^\d")
    if wanted.since is not None:
        yield dated & (pl.col("month") >= wanted.since)
    if wanted.until is not None:
        yield dated & (pl.col("month") <= wanted.until)


def whole(told: pl.DataFrame) -> Group:
    """All incidents as one group."""
    return _group(told.select(*_sums()).row(0, named=True), "all")


def dimension(told: pl.DataFrame, column: str) -> Dimension:
    """The incidents parted by a column of DIMENSIONS."""
    name, in_sql, by_name = DIMENSIONS[column]
    found = told.group_by(column).agg(*_sums())
    most = found.sort("incidents", "outage", column, descending=[True, True, False], nulls_last=True)[:MOST]
    groups = [_group(row, row[column]) for row in most.iter_rows(named=True)]
    groups.sort(key=(lambda group: _natural(group.name)) if by_name else _costly)
    if found.height > MOST:
        others = told.join(most.select(column), on=column, how="anti", nulls_equal=True)
        groups.append(_group(others.select(*_sums()).row(0, named=True), str(found.height - MOST), rest=True))
    return Dimension(name, in_sql, tuple(groups))


def months(told: pl.DataFrame, cases: pl.DataFrame) -> tuple[Month, ...]:
    """Each month in order, "unknown" last, with what its cases (`month`, `seconds`) came to."""
    there = cases.group_by("month").agg(cases=pl.len(), hours=pl.col("seconds").sum() / 3600)
    befell = {
        row["month"]: _group(row, row["month"]) for row in told.group_by("month").agg(*_sums()).iter_rows(named=True)
    }
    rows = sorted(there.iter_rows(named=True), key=lambda row: str(row["month"]))
    return tuple(
        Month(row["month"], row["cases"], row["hours"], befell.get(row["month"]) or _nothing(row["month"]))
        for row in rows
    )


def phases(told: pl.DataFrame) -> tuple[PhaseTime, ...]:
    """The phases, those that took most first."""
    whole_seconds = sum(float(told[column].sum()) for column in _PHASES) or 1.0
    found = []
    for name, column in zip(PhaseName, _PHASES, strict=True):
        there = told[column].drop_nulls()
        there = there.filter(there > 0)
        if there.is_empty():
            continue
        seconds, median, p90 = float(there.sum()), _number(there.median()), _number(there.quantile(0.9))
        assert median is not None
        assert p90 is not None
        found.append(PhaseTime(name.value, len(there), seconds, seconds / whole_seconds, median, p90))
    return tuple(sorted(found, key=lambda each: -each.seconds))


def _sums() -> Iterable[pl.Expr]:
    return (
        pl.len().alias("incidents"),
        pl.col("cluster_id").drop_nulls().n_unique().alias("clusters"),
        pl.col("outage").sum().alias("outage"),
        (~pl.col("recovered")).sum().alias("not_recovered"),
        pl.col("recovery").count().alias("known"),
        pl.col("recovery").median().alias("median"),
        pl.col("recovery").quantile(0.9, interpolation="nearest").alias("p90"),
    )


def _group(row: Mapping[str, Any], name: str | None, *, rest: bool = False) -> Group:
    spread = Spread(row["known"], row["median"], row["p90"])
    return Group(name, row["incidents"], row["clusters"], row["outage"], row["not_recovered"], spread, rest)


def _nothing(name: str) -> Group:
    return Group(name, 0, 0, 0.0, 0, Spread(0, None, None))


def _costly(group: Group) -> tuple[float, int, str]:
    return (-group.outage, -group.incidents, group.name or "")


def _natural(name: str | None) -> tuple[bool, list[tuple[int, str]]]:
    """Names in order, numbers in them as numbers, so that 1.1.10 comes behind 1.1.9; what is unknown last."""
    parts = (name or "").replace("-", ".").split(".")
    return name is None, [(int(part), "") if part.isdecimal() and len(part) < 19 else (0, part) for part in parts]


def _number(value: Any) -> float | None:
    return None if value is None else float(value)
