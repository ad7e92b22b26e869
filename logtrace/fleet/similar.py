"""Whether a store has seen an incident like this before.

Two incidents are alike where their root cause agrees and at least two of three more parts do: the agent of what failed
first, the wording of the first line (without names and numbers), and the shape of the recovery (its phases in order).
The score is the number of parts that agree, of four. Nothing is weighed or learned: what agrees can be named. What is
unknown on either side agrees with nothing, so without a CIB, which tells of agents, all the rest must agree.

Limits: another release says the same in other words, and a cluster that got a node or lost its name is another one (see
`cluster_id` in logtrace.tables.schemas). A store of pseudonyms knows no cluster by its name: all it has is of others.
Whether an advice was followed nobody tells.

An incident is not its own precedent: whatever was detected in the same second, began with the same trigger and says the
same in its first line is that incident, from this archive or another, unless it is known to be of another cluster.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import polars as pl
from msgspec import Struct
from msgspec.structs import replace

from logtrace.fleet.views import Tables, recoveries
from logtrace.report.case import Case
from logtrace.report.incident import Advised, SeenBefore
from logtrace.tables.build import tables as tables_of

#: Parts beside the root cause -> columns of `recoveries`.
PARTS: Final[dict[str, str]] = {"agent": "agent", "wording": "first_error_class", "shape": "shape"}
#: How many of all four parts agree at least.
LEAST: Final = 3

_EXAMPLES: Final = 5
_COLUMNS: Final = (
    "case_id", "incident", "cluster_name", "cluster_id", "root_cause", "trigger", "t_detected", "began", "recovery",
    "title", *PARTS.values(),
)  # fmt: skip


class Alike(Struct, frozen=True):
    """Incidents of a store that are like one, the most alike and latest first.

    `rows`: columns of `recoveries`, one for each part that tells whether it agrees, `score`, and `here`: whether the
    cluster is the same. `cases`: how many cases there are in the store.
    """

    rows: pl.DataFrame
    cases: int


def alike(tables: Tables, incidents: pl.DataFrame) -> dict[str, Alike]:
    """Number of each incident -> what the store has that is like it. `incidents`: rows of that table, of one case."""
    causes = incidents["root_cause"].unique().implode()
    candidates = recoveries({**tables, "incidents": tables["incidents"].filter(pl.col("root_cause").is_in(causes))})
    found = candidates.select(_COLUMNS).collect(engine="streaming")
    cases = tables["cases"].select(pl.len()).collect().item()
    return {row["incident"]: Alike(_like(found, row), cases) for row in incidents.iter_rows(named=True)}


def _like(found: pl.DataFrame, row: dict[str, Any]) -> pl.DataFrame:
    agree = {part: _equal(column, row[column]) for part, column in PARTS.items()}
    other = pl.lit(value=False) if row["cluster_id"] is None else pl.col("cluster_id") != row["cluster_id"]
    itself = pl.all_horizontal(
        ~other.fill_null(value=False),
        pl.col("t_detected").dt.truncate("1s").eq_missing(pl.lit(_second(row["t_detected"]))),
        *(pl.col(column).eq_missing(pl.lit(row[column])) for column in ("trigger", "first_error_class")),
    )
    return (
        found.filter(pl.col("root_cause") == row["root_cause"], ~itself)
        .with_columns(**agree, here=_equal("cluster_id", row["cluster_id"]))
        .with_columns(score=1 + pl.sum_horizontal(pl.col(part).cast(pl.Int64) for part in PARTS))
        .filter(pl.col("score") >= LEAST)
        .sort("score", "began", "case_id", descending=[True, True, False], nulls_last=True)
    )


def _equal(column: str, value: Any) -> pl.Expr:
    """Whether a column has a value that is known."""
    return pl.lit(value=False) if value is None else (pl.col(column) == value).fill_null(value=False)


def _second(moment: Any) -> Any:
    return moment and moment.replace(microsecond=0)


def seen(tables: Tables, incidents: pl.DataFrame) -> dict[str, SeenBefore]:
    """The same in sums, with what was advised for them and whether it came back."""
    return _seen(tables, incidents, alike(tables, incidents))


def _seen(tables: Tables, incidents: pl.DataFrame, found: dict[str, Alike]) -> dict[str, SeenBefore]:
    keys = [each.rows.select("case_id", "incident") for each in found.values()]
    wanted = pl.concat(keys).unique() if keys else pl.DataFrame(schema={"case_id": pl.String, "incident": pl.String})
    advice = tables["advice"].select("case_id", "incident", "label")
    advised = advice.join(wanted.lazy(), on=["case_id", "incident"], how="semi").unique().collect(engine="streaming")
    clusters = dict(incidents.select("incident", "cluster_id").iter_rows())
    return {number: _summed(each, advised, clusters[number]) for number, each in found.items()}


def _summed(told: Alike, advised: pl.DataFrame, cluster: str | None) -> SeenBefore:
    rows = told.rows
    here = int(rows["here"].sum())
    others = rows.filter(~pl.col("here"))
    times = rows.drop_nulls("cluster_id").group_by("cluster_id").len()
    more = times.filter((pl.col("len") > 1) | _equal("cluster_id", cluster))
    return SeenBefore(
        cases=told.cases,
        here=here,
        elsewhere=others.height,
        clusters=others["cluster_id"].drop_nulls().n_unique(),
        alike={part: int(rows[part].sum()) for part in PARTS},
        first=rows["began"].min(),  # type: ignore[arg-type]  # of a column of times
        last=rows["began"].max(),  # type: ignore[arg-type]
        recovery=rows["recovery"].median(),  # type: ignore[arg-type]
        came_back=more.height,
        advised=tuple(_advised(rows, advised)),
        examples=tuple(
            f"{case_id}#{number}" for case_id, number in rows[:_EXAMPLES].select("case_id", "incident").iter_rows()
        ),
    )


def _advised(rows: pl.DataFrame, advised: pl.DataFrame) -> Iterator[Advised]:
    """For each change the clusters that were told of it, and those that had such an incident again after that."""
    known = rows.drop_nulls(["cluster_id", "began"]).select("case_id", "incident", "cluster_id", "began")
    told = advised.join(known, on=["case_id", "incident"], how="inner")
    since = told.group_by("label", "cluster_id").agg(since=pl.col("began").min())
    last = known.group_by("cluster_id").agg(last=pl.col("began").max())
    counted = (
        since.join(last, on="cluster_id")
        .group_by("label")
        .agg(clusters=pl.len(), came_back=(pl.col("last") > pl.col("since")).sum())
        .sort("clusters", "label", descending=[True, False])
    )
    yield from (Advised(**row) for row in counted.iter_rows(named=True))


def of_store(tables: Tables, case_id: str, number: str) -> tuple[dict[str, Any], SeenBefore, Alike] | None:
    """An incident of the store itself (its row), and what is like it; None: there is none."""
    rows = tables["incidents"].filter(pl.col("case_id") == case_id, pl.col("incident") == number).collect()
    if rows.is_empty():
        return None
    told = alike(tables, rows)
    return rows.row(0, named=True), _seen(tables, rows, told)[number], told[number]


def with_seen(case: Case, tables: Tables, *, redacted: bool = False) -> Case:
    """`case`, of which each fault and unnecessary recovery says what the store has that is like it. `redacted`: names
    in the store are pseudonyms.
    """
    rows = tables_of(case, "")["incidents"].filter(pl.col("kind").is_in(["fault", "spurious"]))
    if rows.is_empty():
        return case
    if redacted:
        rows = rows.with_columns(cluster_id=pl.lit(None, dtype=pl.String))
    found = seen(tables, rows)
    return replace(case, incidents=tuple(replace(one, seen_before=found.get(one.id)) for one in case.incidents))
