"""What clusters have in common: weaknesses of their configuration, what would help them, and what comes back."""

from __future__ import annotations

from typing import Final

import polars as pl

from logtrace.fleet.statistics.groups import months_within
from logtrace.fleet.statistics.medians import compare
from logtrace.fleet.statistics.values import Change, Comparison, Reference, Repeat, Wanted, Weakness
from logtrace.fleet.views import RETURNS, Tables
from logtrace.lint.finding import SEVERITIES

#: Rows that are told: of kinds, of which there are not many more, and of clusters.
MOST: Final = 60
_CLUSTERS: Final = 30
_REFERENCES: Final = 5


def medians(told: pl.DataFrame) -> pl.DataFrame:
    """`cluster_id` and `median` of its recoveries, for each cluster that is known and has one."""
    known = told.drop_nulls(["cluster_id", "recovery"])
    return known.group_by("cluster_id").agg(median=pl.col("recovery").median())


def trend(told: pl.DataFrame) -> tuple[Comparison, str | None]:
    """The later half of the months compared with the earlier one, and the month with which it begins.

    A cluster with incidents in both has a median in each, which makes the interval too wide rather than too narrow.
    """
    dated = told.filter(pl.col("month").str.contains(r"^\d"))
    months = sorted(dated["month"].unique())
    if len(months) < 2:
        return compare([], []), None
    since = months[len(months) // 2]
    sides = (dated.filter(pl.col("month") >= since), dated.filter(pl.col("month") < since))
    later, earlier = (medians(side)["median"].to_list() for side in sides)
    return compare(later, earlier), since


def changes(tables: Tables, told: pl.DataFrame) -> tuple[Change, ...]:
    """Kinds of changes, those that would save most first. In an incident a kind saves what its best change does."""
    advised = tables["advice"].select("case_id", "incident", "label", "saves").collect(engine="streaming")
    keys = told.select("case_id", "incident", "cluster_id")
    best = (
        advised.join(keys, on=["case_id", "incident"], how="inner")
        .sort("saves", "case_id", "incident", descending=[True, False, False], nulls_last=True)
        .unique(["case_id", "incident", "label"], keep="first", maintain_order=True)
    )
    found = (
        best.group_by("label", maintain_order=True)
        .agg(
            incidents=pl.len(),
            clusters=pl.col("cluster_id").drop_nulls().n_unique(),
            saves=pl.col("saves").sum(),
            median=pl.col("saves").median(),
            unknown=pl.col("saves").null_count(),
            case_id=pl.col("case_id").first(),
            incident=pl.col("incident").first(),
        )
        .sort("saves", "incidents", "label", descending=[True, True, False])
    )
    return tuple(
        Change(**{key: row[key] for key in ("label", "incidents", "clusters", "saves", "median", "unknown")},
               example=Reference(row["case_id"], row["incident"]))
        for row in found[:MOST].iter_rows(named=True)
    )  # fmt: skip


def weaknesses(tables: Tables, told: pl.DataFrame, wanted: Wanted) -> tuple[Weakness, ...]:
    """Findings, the most frequent first, among clusters whose configuration is known.

    A cluster has what any of its cases tells. Whether it recovers slower is asked of the incidents in `told`.
    """
    cases = (
        tables["cases"]
        .filter(pl.col("resources").is_not_null(), pl.col("cluster_id").is_not_null(), *months_within(wanted))
        .select("case_id", "cluster_id")
        .collect(engine="streaming")
    )
    worst = pl.col("severity").replace_strict(
        {each: place for place, each in enumerate(SEVERITIES)}, default=len(SEVERITIES)
    )
    findings = tables["findings"].select("case_id", "label", worst.cast(pl.Int64).alias("severity")).unique()
    having = (
        findings.collect(engine="streaming")
        .join(cases, on="case_id", how="inner")
        .sort("case_id")
        .group_by("label", "cluster_id", maintain_order=True)
        .agg(severity=pl.col("severity").min(), case_id=pl.col("case_id").first())
    )
    clusters = cases.select("cluster_id").unique()
    of = medians(told).join(clusters, on="cluster_id", how="semi")
    prevalence = having.group_by("label", maintain_order=True).agg(
        clusters=pl.len(), severity=pl.col("severity").min(), case_id=pl.col("case_id").first()
    )
    found = []
    for row in prevalence.sort("clusters", "label", descending=[True, False]).iter_rows(named=True):
        theirs = having.filter(label=row["label"])
        one, other = (of.join(theirs, on="cluster_id", how=how)["median"].to_list() for how in ("semi", "anti"))
        comparison = compare(one, other, prevalence.height)
        severity = [*SEVERITIES, "info"][row["severity"]]
        example = Reference(row["case_id"], "")
        found.append(Weakness(row["label"], severity, row["clusters"], clusters.height, comparison, example))
    return tuple(found[:MOST])


def repeats(tables: Tables, told: pl.DataFrame) -> tuple[tuple[Repeat, ...], int]:
    """Clusters in which a root cause came back at the same agent, the most often first, and how many there are."""
    found = (
        told.drop_nulls("cluster_id")
        .sort("began", "case_id", nulls_last=True)
        .group_by("cluster_id", "cause", "agent", maintain_order=True)
        .agg(
            **RETURNS,
            references=pl.struct("case_id", "incident").tail(_REFERENCES),
        )
        .filter(pl.col("incidents") > 1)
        .sort("incidents", "outage", "cluster_id", descending=[True, True, False])
    )
    some = found[:_CLUSTERS]
    ids = some["cluster_id"].unique().implode()
    named = (
        tables["cases"]
        .filter(pl.col("cluster_id").is_in(ids))
        .select("cluster_id", "cluster_name")
        .unique("cluster_id")
    )
    names = dict(named.collect().iter_rows())
    return tuple(
        Repeat(
            names.get(row["cluster_id"]), row["cluster_id"], row["cause"], row["agent"], row["incidents"], row["cases"],
            row["first"], row["last"], row["outage"],
            tuple(Reference(each["case_id"], each["incident"]) for each in reversed(row["references"])),
        )
        for row in some.iter_rows(named=True)
    ), found.height  # fmt: skip
