"""The report of a store, put together. Of each table only the columns that are needed are read, and no more than the
incidents, in a few columns, are ever held as a whole.
"""

from __future__ import annotations

import polars as pl
from msgspec.structs import replace

from logtrace.fleet.statistics import clusters, groups
from logtrace.fleet.statistics.columns import columns
from logtrace.fleet.statistics.reading import listed
from logtrace.fleet.statistics.values import FleetReport, Overview, Reference, Wanted
from logtrace.fleet.views import Tables


def report(tables: Tables, wanted: Wanted) -> FleetReport:
    """What the cases of `tables` (those of a store, with `month`) say together of the incidents that are `wanted`."""
    cases = _cases(tables, wanted)
    told = groups.incidents(tables, wanted)
    dimensions = {column: groups.dimension(told, column) for column in groups.DIMENSIONS}
    months = groups.months(told, cases)
    reading, list_ = listed(tables, told)
    trend, since = clusters.trend(told)
    repeats, repeating = clusters.repeats(tables, told)
    weaknesses = clusters.weaknesses(tables, told, wanted)
    changes = clusters.changes(tables, told)
    references = [each.example for each in weaknesses] + [each.example for each in changes]
    references += [reference for each in repeats for reference in each.references]
    pages = _pages(tables, references)

    def paged(reference: Reference) -> Reference:
        return replace(reference, page=pages.get(reference.case_id))

    return FleetReport(
        wanted=wanted,
        overview=_overview(tables, cases, told),
        dimensions=tuple(dimensions.values()),
        months=months,
        trend=trend,
        trend_since=since,
        phases=groups.phases(told),
        changes=tuple(replace(each, example=paged(each.example)) for each in changes),
        weaknesses=tuple(replace(each, example=paged(each.example)) for each in weaknesses),
        repeats=tuple(replace(each, references=tuple(map(paged, each.references))) for each in repeats),
        repeating=repeating,
        reading=reading,
        told=list_,
        columns=columns(told, dimensions, [each.name for each in months]),
    )


def _cases(tables: Tables, wanted: Wanted) -> pl.DataFrame:
    """The cases of the period and release, whatever befell them."""
    release = [] if wanted.release is None else [pl.col("pacemaker") == wanted.release]
    return (
        tables["cases"]
        .filter(*groups.months_within(wanted), *release)
        .select("case_id", "month", "cluster_id", "pacemaker", "seconds", "began", "ended", "planned", "policies")
        .collect(engine="streaming")
    )


def _overview(tables: Tables, cases: pl.DataFrame, told: pl.DataFrame) -> Overview:
    refused = tables["refused"].select(pl.len()).collect().item() if "refused" in tables else 0
    kinds = dict(told.group_by("kind").len().iter_rows())
    return Overview(
        cases=cases.height,
        clusters=cases["cluster_id"].drop_nulls().n_unique(),
        strangers=cases["cluster_id"].null_count(),
        hours=float(cases["seconds"].sum() or 0.0) / 3600,
        faults=kinds.get("fault", 0),
        spurious=kinds.get("spurious", 0),
        planned=int(cases["planned"].sum()),
        policies=int(cases["policies"].sum()),
        refused=refused,
        first=cases["began"].min(),  # type: ignore[arg-type]  # of a column of times
        last=cases["ended"].max(),  # type: ignore[arg-type]
        releases=tuple(sorted(cases["pacemaker"].drop_nulls().unique())),
        all=groups.whole(told),
    )


def _pages(tables: Tables, references: list[Reference]) -> dict[str, str]:
    """Case -> its page, for those that have one."""
    ids = pl.Series(sorted({each.case_id for each in references}), dtype=pl.String).implode()
    there = tables["cases"].filter(pl.col("case_id").is_in(ids)).select("case_id", "page").drop_nulls()
    return dict(there.collect().iter_rows())
