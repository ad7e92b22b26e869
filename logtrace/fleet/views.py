"""Ready answers over a store, to be asked like tables. All but `recoveries` are sums of it or of other tables.

Only faults and spurious recoveries count, each once: archives of one cluster that overlap tell of the same incident,
which is known by the cluster, what started it and the second in which the cluster knew.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import polars as pl

from logtrace.assessment.phases import PhaseName

Tables = Mapping[str, pl.LazyFrame]

#: Of a root cause that came back in a cluster: how often, in how many cases, from when to when, and its outage.
RETURNS: Final[Mapping[str, pl.Expr]] = {
    "incidents": pl.len(),
    "cases": pl.col("case_id").n_unique(),
    "first": pl.col("began").min(),
    "last": pl.col("began").max(),
    "outage": pl.col("outage").sum(),
}

_TROUBLE: Final = ("fault", "spurious")
_KNOWN: Final = ("cluster_name", "cluster_id", "pacemaker", "corosync", "cluster_size", "fencing")


def recoveries(tables: Tables) -> pl.LazyFrame:
    """One row per fault or spurious recovery, with seconds per phase, each once."""
    told = tables["incidents"].filter(pl.col("kind").is_in(_TROUBLE))
    second = pl.col("t_detected").dt.truncate("1s")
    known = pl.col("cluster_id").is_not_null() & second.is_not_null()
    alone = pl.concat_str("case_id", "incident", separator="#")
    same = pl.when(known).then(pl.concat_str("cluster_id", "trigger", second.dt.epoch("s"), separator="#"))
    once = (
        told.with_columns(same=same.otherwise(alone)).sort("case_id").unique("same", keep="first", maintain_order=True)
    )
    return once.select(
        "month", "case_id", "incident", "kind", "root_cause", "trigger", "confidence", "resource", "agent", "began",
        "t_detected", "recovered", "outage", "outage_max", "recovery", *(f"seconds_{name.value}" for name in PhaseName),
        "shape", "first_error_kind", "first_error_class", *_KNOWN, "title",
    )  # fmt: skip


def root_causes(tables: Tables) -> pl.LazyFrame:
    """What each root cause came to: incidents, clusters, seconds of outage, median and p90 of recovery."""
    return _summed(recoveries(tables), "root_cause").sort("outage", descending=True)


def advice_value(tables: Tables) -> pl.LazyFrame:
    """What each kind of change would have saved: incidents, clusters, seconds together and at the median.

    Changes for one incident overlap: seconds of different kinds do not add up.
    """
    counted = recoveries(tables).select("case_id", "incident", "cluster_id")
    told = tables["advice"].join(counted, on=["case_id", "incident"], how="inner")
    return (
        told.group_by("label")
        .agg(
            incidents=pl.struct("case_id", "incident").n_unique(),
            clusters=pl.col("cluster_id").n_unique(),
            saves=pl.col("saves").sum(),
            saves_median=pl.col("saves").median(),
            unknown=pl.col("saves").null_count(),
        )
        .sort("saves", descending=True)
    )


def repeat_offenders(tables: Tables) -> pl.LazyFrame:
    """Clusters in which a root cause came back: how often, from when to when, in how many cases."""
    return (
        recoveries(tables)
        .drop_nulls("cluster_id")
        .group_by("cluster_id", "cluster_name", "root_cause", "agent")
        .agg(**RETURNS)
        .filter(pl.col("incidents") > 1)
        .sort("incidents", "outage", descending=True)
    )


def monitors(tables: Tables) -> pl.LazyFrame:
    """Recurring monitors by agent and the seconds between two: results told, failures, and how long a run takes.

    Good results that repeat are not logged, so `told` is not how often they ran.
    """
    length = (pl.col("ended") - pl.col("began")).dt.total_microseconds() / 1_000_000
    cluster = tables["cases"].select("case_id", "cluster_id")
    told = tables["operations"].filter(pl.col("operation") == "monitor", pl.col("interval_ms") > 0)
    return (
        told.join(cluster, on="case_id", how="left")
        .group_by("agent", seconds_between=pl.col("interval_ms") / 1000)
        .agg(
            cases=pl.col("case_id").n_unique(),
            clusters=pl.col("cluster_id").n_unique(),
            told=pl.len(),
            failures=(~pl.col("ok")).sum(),
            median=length.median(),
            p95=length.quantile(0.95),
            longest=length.max(),
        )
        .sort("failures", "told", descending=True)
    )


def releases(tables: Tables) -> pl.LazyFrame:
    """Releases of Pacemaker: cases, clusters, hours told of, and what befell them."""
    cases = tables["cases"].group_by("pacemaker").agg(
        cases=pl.len(), clusters=pl.col("cluster_id").n_unique(), hours=pl.col("seconds").sum() / 3600
    )  # fmt: skip
    befell = _summed(recoveries(tables), "pacemaker").drop("clusters", "cases")
    return cases.join(befell, on="pacemaker", how="left", nulls_equal=True).sort("pacemaker")


def _summed(told: pl.LazyFrame, by: str) -> pl.LazyFrame:
    return told.group_by(by).agg(
        incidents=pl.len(),
        cases=pl.col("case_id").n_unique(),
        clusters=pl.col("cluster_id").n_unique(),
        outage=pl.col("outage").sum(),
        outage_max=pl.col("outage_max").sum(),
        recovery_median=pl.col("recovery").median(),
        recovery_p90=pl.col("recovery").quantile(0.9),
        not_recovered=(~pl.col("recovered")).sum(),
        confidence=pl.col("confidence").mean(),
    )


VIEWS: Final[dict[str, Callable[[Tables], pl.LazyFrame]]] = {
    view.__name__: view for view in (recoveries, root_causes, advice_value, repeat_offenders, monitors, releases)
}


def with_views(tables: Tables) -> dict[str, pl.LazyFrame]:
    """The tables of a store and all views of them."""
    return {**tables, **{name: view(tables) for name, view in VIEWS.items()}}
