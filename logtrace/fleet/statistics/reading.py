"""Which incidents to list: those worth reading, and for each group some to begin with."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import polars as pl

from logtrace.fleet.statistics.groups import DIMENSIONS
from logtrace.fleet.statistics.values import Reading, Reference, Told
from logtrace.fleet.views import Tables

#: Of each group, and of each list of what is worth reading.
EACH: Final = 12
#: Incidents in the list; groups that come later have fewer than EACH then.
MOST: Final = 1_500

_KEY: Final = ("case_id", "incident")


def listed(tables: Tables, told: pl.DataFrame) -> tuple[Reading, tuple[Told, ...]]:
    """What is worth reading, and the longest of each group, the longest first."""
    longest = told.sort("outage", *_KEY, descending=[True, False, False], nulls_last=True)
    unsure = told.sort("confidence", "outage", *_KEY, descending=[False, True, False, False], nulls_last=True)
    lists = {"longest": longest[:EACH], "least_sure": unsure[:EACH], "new_wording": _new(told)[:EACH]}
    rows = _details(tables, _unique([*lists.values(), *_some(longest)]))
    reading = Reading(
        **{name: tuple(rows[key] for key in each.select(_KEY).iter_rows()) for name, each in lists.items()}
    )
    every = sorted(rows.values(), key=lambda each: (-(each.outage or 0.0), str(each.reference)))
    return reading, tuple(every)


def _new(told: pl.DataFrame) -> pl.DataFrame:
    """The first incident of each wording, the latest first; an incident without a time is no first one."""
    dated = told.drop_nulls(["wording", "began"]).sort("began", *_KEY)
    return dated.unique("wording", keep="first", maintain_order=True).reverse()


def _some(longest: pl.DataFrame) -> Iterable[pl.DataFrame]:
    """The longest of all, and of each group and month."""
    yield longest[: MOST // 3]
    for column in ("month", *DIMENSIONS):
        yield longest.group_by(column, maintain_order=True).head(EACH)


def _unique(frames: Iterable[pl.DataFrame]) -> pl.DataFrame:
    keys = pl.concat([frame.select(_KEY) for frame in frames])
    return keys.unique(maintain_order=True)[:MOST]


def _details(tables: Tables, keys: pl.DataFrame) -> dict[tuple[str, str], Told]:
    """What is told of the incidents `keys`, which are few."""
    case_ids = keys["case_id"].unique().implode()
    pages = tables["cases"].filter(pl.col("case_id").is_in(case_ids)).select("case_id", "page")
    wanted = tables["incidents"].filter(pl.col("case_id").is_in(case_ids)).join(keys.lazy(), on=list(_KEY), how="semi")
    rows = wanted.join(pages, on="case_id", how="left").collect(engine="streaming")
    on_off = {True: "on", False: "off", None: None}
    return {
        (row["case_id"], row["incident"]): Told(
            reference=Reference(row["case_id"], row["incident"], row["page"]),
            month=row["month"],
            cluster=row["cluster_name"],
            root_cause=row["root_cause"],
            agent=row["agent"],
            release=row["pacemaker"],
            size=None if row["cluster_size"] is None else str(row["cluster_size"]),
            fencing=on_off[row["fencing"]],
            began=row["began"],
            outage=row["outage"],
            recovery=row["recovery"],
            confidence=row["confidence"],
            title=row["title"],
            wording=row["first_error_class"],
        )
        for row in rows.iter_rows(named=True)
    }
