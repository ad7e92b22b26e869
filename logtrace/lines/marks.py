"""Marks that journalctl puts between lines, without a time of their own: the machine was booted here."""

from __future__ import annotations

from typing import Final

import polars as pl

_BOOT: Final = r"^-- (?:Reboot|Boot [0-9a-f]{32}) --$"
#: Time and host of a line of journalctl, in its layouts short, short-iso and short-full.
_HEADER: Final = (
    r"^((?:[A-Z][a-z]{2} +[0-9]{1,2} [0-9:.]+|[0-9]{4}-[0-9]{2}-[0-9]{2}T\S+"
    r"|[A-Z][a-z]{2} [0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:.]+ \S+) \S+) "
)


def are_among(text: pl.Series) -> bool:
    """Whether some line of `text` is such a mark."""
    return text.str.contains(_BOOT).any()


def dated(kept: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """`kept` (line, text; some of `lines`) with marks as lines of the journal, dated by the next line that is."""
    marks = kept["text"].str.contains(_BOOT)
    if not marks.any():
        return kept
    headers = lines.select("line", header=pl.col("text").str.extract(_HEADER).backward_fill())
    return (
        kept.join(headers, on="line", how="left", maintain_order="left")
        .with_columns(
            text=pl.when(marks & pl.col("header").is_not_null())
            .then(pl.concat_str("header", pl.lit(" journal: "), "text"))
            .otherwise("text")
        )
        .drop("header")
    )
