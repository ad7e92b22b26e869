"""SQL over tables: one SELECT, answered by polars, which reads nothing but the tables it was given."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Final

import polars as pl

from logtrace.errors import UsageError, there_are
from logtrace.tables.schemas import TABLES

#: What a question begins with; the rest of polars' SQL changes or drops tables.
_BEGINS: Final = re.compile(r"\s*\(*\s*(?:select|with|from|values)\b", re.IGNORECASE)

#: Functions of polars' SQL that open files and addresses (read_csv, read_parquet, ...), or may in a later release. Also
#: where they stand in a text or comment: who parses SQL once more may be fooled about what is one.
_FILES: Final = re.compile(r"\b(?:read|scan)_\w+", re.IGNORECASE)

#: How polars tells of a name that is none.
_NO_COLUMN: Final = re.compile(r"(?:unable to find column|no column named) [\"'`](?P<name>[^\"'`]*)[\"'`]")
_NO_TABLE: Final = re.compile(r"relation '(?P<name>[^']*)' was not found")

_NEAR: Final = 4


def ask(tables: Mapping[str, pl.LazyFrame], query: str) -> pl.DataFrame:
    """The answer to one SELECT (polars' SQL) over `tables`.

    Raises UsageError for what is no SELECT, would read files, or cannot be answered; a name that is none is told with
    those near it.
    """
    check(query)
    try:
        with pl.SQLContext(dict(tables), eager=False) as context:
            return context.execute(query).collect(engine="streaming")
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        raise _explained(str(error), tables) from error


def check(query: str) -> None:
    """Raises UsageError for what is no SELECT or would read files."""
    if _BEGINS.match(query) is None:
        raise UsageError("a question is a SELECT", where="SQL", remedy="write SELECT ... FROM incidents")
    if found := _FILES.search(query):
        raise UsageError(f"{found[0]} is refused: only tables are read", where="SQL", remedy=there_are(TABLES))


def _explained(told: str, tables: Mapping[str, pl.LazyFrame]) -> UsageError:
    said = next(iter(told.splitlines()), "") or "it cannot be answered"
    if missing := _NO_TABLE.search(said):
        return UsageError(f"there is no table {missing['name']!r}", where="SQL", remedy=there_are(sorted(tables), 20))
    if missing := _NO_COLUMN.search(said):
        return UsageError(f"there is no column {missing['name']!r}", where="SQL", remedy=_near(missing["name"], tables))
    return UsageError(said, where="SQL", remedy="see the tables and columns with no question at all")


def _near(name: str, tables: Mapping[str, pl.LazyFrame]) -> str:
    """Columns that are nearly called `name`, with the tables that have them."""
    holders: dict[str, list[str]] = {}
    for table, frame in tables.items():
        for column in frame.collect_schema().names():
            holders.setdefault(column, []).append(table)
    near = get_close_matches(name.lower(), holders, n=_NEAR, cutoff=0.6)
    near += sorted(column for column in holders if name.lower() in column.lower() and column not in near)[:_NEAR]
    told = [f"{column} (of {', '.join(holders[column][:3])})" for column in near[:_NEAR]]
    return f"near it are {', '.join(told)}" if told else "see the columns with no question at all"


def described(tables: Mapping[str, pl.LazyFrame]) -> Iterator[str]:
    """Lines that tell every table and column there is, with type and meaning."""
    for table, frame in tables.items():
        known = TABLES.get(table, {})
        columns = frame.collect_schema()
        yield table
        for column, dtype in columns.items():
            meaning = f"  {known[column].meaning}" if column in known else ""
            yield f"  {column:<18} {_type(dtype):<9}{meaning}".rstrip()
        yield ""


def _type(dtype: pl.DataType) -> str:
    if dtype.is_nested():
        return "texts" if dtype == pl.List(pl.String) else "nested"
    if dtype.is_temporal():
        return "time"
    if dtype.is_numeric():
        return "number"
    return {pl.String: "text", pl.Boolean: "flag"}.get(type(dtype), str(dtype).lower())
