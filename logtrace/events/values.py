"""Printed words -> typed values in one spelling."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from logtrace.domain import codes
from logtrace.domain.columns import FIELDS, LONGEST_MS

_UNITS = {"d": 86_400_000.0, "h": 3_600_000.0, "m": 60_000.0, "s": 1000.0, "ms": 1.0, "us": 0.001}


def typed(found: pl.DataFrame) -> pl.DataFrame:
    """Give the field columns of `found` (as printed) the types of frames.FIELDS; empty strings become null."""
    found = _with_spans(found, [name for name, dtype in found.schema.items() if _is_span(name) and dtype == pl.String])
    return found.with_columns(_typed(name, found.schema[name]) for name in found.columns if name in FIELDS)


def _is_span(name: str) -> bool:
    return name in FIELDS and FIELDS[name].unit == "ms"


def _with_spans(found: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    """`found` with columns of spans as numbers, read as one: a few values of each take polars as long as many."""
    if not names:
        return found
    texts = pl.concat(found[name].alias("text") for name in names).to_frame()
    told = texts.select(milliseconds(pl.col("text"))).to_series()
    height = found.height
    return found.with_columns(told.slice(place * height, height).alias(name) for place, name in enumerate(names))


def _typed(name: str, dtype: pl.DataType) -> pl.Expr:
    field, column = FIELDS[name], pl.col(name)
    if field.dtype == pl.String:
        return pl.when(column != "").then(column)
    printed = dtype == pl.String
    value = column.str.strip_chars().cast(field.dtype, strict=False) if printed else column.cast(field.dtype)
    if _is_span(name) or name == "interval":
        value = pl.when(value.is_between(0, LONGEST_MS)).then(value)
    return value.alias(name)


def milliseconds(column: pl.Expr) -> pl.Expr:
    """`5s`, `4.002s`, `1m30s`, `200ms`, or a bare number of milliseconds -> Float64 milliseconds."""
    bare = column.cast(pl.Float64, strict=False)
    total = pl.lit(0.0)
    for unit, factor in _UNITS.items():
        part = column.str.extract(rf"([0-9]+(?:\.[0-9]+)?){unit}(?:[0-9]|$)").cast(pl.Float64, strict=False)
        total = total + part.fill_null(0.0) * factor
    return pl.when(bare.is_null() & column.str.contains("[0-9](?:d|h|m|s|us)")).then(total).otherwise(bare)


def normalise(found: pl.DataFrame) -> pl.DataFrame:
    """Spell results as in logtrace.domain.codes and derive what follows from them; `found` is typed.

    rc from its words and words from rc; a probe is a monitor with interval 0, all notify forms are notify, operations
    that never recur have interval 0; resources lose the number of their clone instance (`rsc:0`).
    """
    strings = [name for name in ("resource", "operation", "rc_text", "expected", "status") if name not in found.columns]
    numbers = [name for name in ("interval", "rc") if name not in found.columns]
    found = found.with_columns(
        *(pl.lit(None, pl.String).alias(name) for name in strings),
        *(pl.lit(None, pl.Int64).alias(name) for name in numbers),
    )
    operation, words = pl.col("operation"), pl.col("rc_text").str.to_lowercase()
    is_probe, is_notify = operation == "probe", operation.str.contains("_notify_", literal=True)
    return found.with_columns(
        pl.col("resource").str.replace(r":[0-9]+$", ""),
        pl.when(is_probe)
        .then(pl.lit("monitor"))
        .when(is_notify)
        .then(pl.lit("notify"))
        .otherwise(operation)
        .alias("operation"),
        pl.when(is_probe | is_notify | operation.is_in(codes.ONE_SHOT))
        .then(pl.coalesce("interval", 0))
        .otherwise("interval")
        .alias("interval"),
        pl.coalesce(
            words.replace_strict(codes.CANONICAL_WORD, default=words),
            pl.col("rc").replace_strict(codes.WORD_OF_RC, default=None, return_dtype=pl.String),
        ).alias("rc_text"),
        pl.coalesce("rc", words.replace_strict(codes.RC_OF_WORD, default=None, return_dtype=pl.Int64)).alias("rc"),
        pl.col("expected").str.to_lowercase().replace(codes.CANONICAL_WORD),
        _canonical_status().alias("status"),
    )


def _canonical_status() -> pl.Expr:
    status = pl.col("status")
    return status.str.to_lowercase().replace_strict(codes.CANONICAL_STATUS, default=status)
