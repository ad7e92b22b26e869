"""Every incident in a few bytes, so that the page counts the same again under its filters.

Seconds are kept as logarithms, a step for each 0.04 %: the middle one of many is wrong by half of that at most, which
no reader sees. Rows are in the order of clusters, for what is alike stands together then and is compressed well.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping, Sequence
from typing import Final

import polars as pl

from logtrace.fleet.statistics.groups import DIMENSIONS
from logtrace.fleet.statistics.values import Columns, Dimension

#: Incidents of a page at most: with more of them it would be too large to be sent around, and has no filters.
MOST: Final = 150_000

#: 0: unknown; 1: less than LEAST seconds; from there each next number is STEP times as long, up to seven years.
LEAST: Final = 0.001
STEP: Final = 1.0004
_LAST: Final = 65_535

#: A cluster that is not known. Places beyond the named groups are of the group of all others.
UNKNOWN: Final = 2**32 - 1
_OTHERS: Final = 255


def columns(told: pl.DataFrame, dimensions: Mapping[str, Dimension], months: Sequence[str]) -> Columns | None:
    """The incidents (logtrace.fleet.statistics.groups.INCIDENTS) in columns; None where they are too many."""
    if told.height > MOST or len(months) >= _OTHERS:
        return None
    rows = told.with_columns(cluster=pl.col("cluster_id").rank("dense").cast(pl.UInt32).fill_null(UNKNOWN))
    rows = rows.sort("cluster", "month", "cause", maintain_order=True)
    places = {
        name: _places(rows, name, [each.name for each in dimensions[name].groups if not each.rest])
        for name in DIMENSIONS
    }
    return Columns(
        length=rows.height,
        places={**places, "month": _places(rows, "month", months)},
        clusters=_bytes(rows, pl.col("cluster")),
        recovery=_bytes(rows, _logarithm("recovery")),
        outage=_bytes(rows, _logarithm("outage")),
        recovered=_bytes(rows, pl.col("recovered").cast(pl.UInt8)),
    )


def _places(rows: pl.DataFrame, column: str, names: Sequence[str | None]) -> bytes:
    place = {name: number for number, name in enumerate(names)}
    return _bytes(rows, pl.col(column).replace_strict(place, default=_OTHERS, return_dtype=pl.UInt8))


def _logarithm(column: str) -> pl.Expr:
    """See LEAST. What took no time at all is 1."""
    value = pl.col(column).clip(lower_bound=LEAST)
    steps = ((value / LEAST).log() / math.log(STEP)).round().clip(0, _LAST - 1) + 1
    return steps.fill_null(0).cast(pl.UInt16)


def _bytes(rows: pl.DataFrame, expression: pl.Expr) -> bytes:
    values = rows.select(expression.alias("value"))["value"]
    return struct.pack(f"<{len(values)}{_FORMAT[values.dtype]}", *values)


_FORMAT: Final[dict[pl.DataType | type[pl.DataType], str]] = {pl.UInt8: "B", pl.UInt16: "H", pl.UInt32: "I"}
