"""Give each event the class of its reason: what the scheduler's, an agent's or a program's words come to."""

from __future__ import annotations

from typing import Final

import polars as pl

from logtrace.catalogue.model import Catalogue
from logtrace.catalogue.reasons import first_fitting, rules_of
from logtrace.events import values

#: The columns that hold what an event gives as its reason.
TEXTS: Final = ("reason", "detail", "text")


def with_reasons(events: pl.DataFrame, catalogue: Catalogue) -> pl.DataFrame:
    """`events` (kind and fields) with `why` and what else their reasons tell, where they did not say it themselves."""
    texts = [name for name in TEXTS if name in events.columns]
    if not texts:
        return events
    agent = pl.col("agent").str.extract(r"([^:/]+)$") if "agent" in events.columns else pl.lit(None, pl.String)
    said = events.select(
        place=pl.int_range(pl.len(), dtype=pl.UInt32),
        kind="kind",
        agent=agent,
        text=pl.concat_str(texts, separator=" ", ignore_nulls=True),
    ).filter(pl.col("text") != "")
    parts = []
    for (kind,), mine in said.group_by("kind"):
        rules = rules_of(catalogue, str(kind))
        if rules:
            wordings = mine.group_by("text", "agent").agg("place")
            found = first_fitting(wordings, rules)
            parts.append(found.with_columns(wordings["place"][found["row"]]).drop("row", "rule"))
    known = pl.concat(parts, how="diagonal") if parts else pl.DataFrame()
    if known.is_empty():
        return events
    told = said.select("place").join(values.typed(known).explode("place"), on="place").sort("place")
    every = (
        events.select(place=pl.int_range(pl.len(), dtype=pl.UInt32)).join(told, on="place", how="left").drop("place")
    )
    here = [name for name in every.columns if name in events.columns]
    return events.with_columns(*every.drop(here), *(pl.coalesce(name, every[name]).alias(name) for name in here))
