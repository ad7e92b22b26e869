"""Host names with blanks in them: where a name ends is then not told by the layout alone."""

from __future__ import annotations

from typing import Final

import polars as pl

_BLANK: Final = r"\s"


def believed(read: pl.DataFrame, node: str | None) -> pl.DataFrame:
    """`read` without lines whose host has blanks and may be no host: a line without a tag of its own that quotes
    another's (`node1 relayed corosync[7]: ...`) looks the same.

    It is one if it is the `node` the file belongs to, or if its first word signs no line of the file by itself.
    """
    spaced = read["host"].str.contains(_BLANK).fill_null(value=False)
    if not spaced.any():
        return read
    plain = read["host"].filter(~spaced).drop_nulls().unique()
    first = pl.col("host").str.extract(r"^(\S+)")
    known = pl.col("host") == node if node else pl.lit(value=False)
    return read.filter(~spaced | known | ~first.is_in(plain.implode()))
