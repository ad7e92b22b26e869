"""Rows of EVENTS in one table per kind: what no line of a kind can tell takes no memory.

One frame of all would be mostly null, and a column of text takes 16 bytes a row, null or not. Whoever asks for some
kinds gets an ordinary frame with all columns, for columns that are null throughout cost nothing.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property, lru_cache
from itertools import accumulate
from typing import Any

import polars as pl

from logtrace.domain.kinds import Kind

#: Columns every table has, even where they are null.
_ALWAYS = ("event", "file", "line", "node", "local")


def tables(frame: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Kind -> the rows of `frame` of that kind, in their order, without `kind` and columns that are null throughout."""
    return {
        str(kind): _told(part) for (kind,), part in frame.partition_by("kind", as_dict=True, include_key=False).items()
    }


def _told(part: pl.DataFrame) -> pl.DataFrame:
    """`part` without columns that are null throughout."""
    nulls = zip(part.columns, part.null_count().row(0), strict=True)
    return part[[name for name, count in nulls if count < part.height or name in _ALWAYS]]


class Events:
    """Rows that have an order, which `event` (u32) tells; see frames.EVENTS for the columns.

    `tables`: kind -> its rows in order of `event`, each with `event` and whatever else is not null throughout.
    `schema`: name and type of all columns. Reports are small as a rule, and have many kinds: of polars' ways those are
    taken here that do not go through its query engine, which takes longer than the rows do.
    """

    def __init__(self, tables: Mapping[str, pl.DataFrame], schema: Mapping[str, pl.DataType]) -> None:
        self.tables = {kind: table for kind, table in tables.items() if table.height}
        self.schema = dict(schema)
        self._whole: dict[str, pl.DataFrame] = {}  # tables with all columns but `kind`, made when they are asked for

    @classmethod
    def of_frame(cls, frame: pl.DataFrame) -> Events:
        """The rows of `frame` (`kind` and others), numbered by `event` if it has that, else as they stand."""
        if "event" not in frame.columns:
            frame = frame.with_row_index("event")
        elif not frame["event"].is_sorted():
            frame = frame.sort("event")
        return cls(tables(frame), frame.schema)

    @cached_property
    def height(self) -> int:
        """The number of rows."""
        return sum(table.height for table in self.tables.values())

    def has(self, *kinds: Kind) -> bool:
        """Whether there are rows of any of `kinds`."""
        return any(kind in self.tables for kind in kinds)

    def of(self, *kinds: Kind, columns: Sequence[str] | None = None) -> pl.DataFrame:
        """The rows of `kinds` in order, with all columns or with `columns`."""
        names = list(self.schema) if columns is None else list(columns)
        known = [kind for kind in kinds if kind in self.tables]
        if not known:
            return _empty(tuple((name, self.schema[name]) for name in names)).clone()
        if len(known) == 1:
            return self._filled(known[0], names)
        order = pl.concat(self.tables[kind]["event"] for kind in known).arg_sort()
        return pl.concat(self._filled(kind, names) for kind in known)[order]

    def select(self, *names: str) -> pl.DataFrame:
        """The columns `names` of all rows, in order."""
        if not self.tables:
            return self.of(columns=names)
        first, *others = (pl.concat([self._column(kind, name) for kind in self.tables]) for name in names)
        return first.to_frame().hstack(others)[self._places]

    def __getitem__(self, name: str) -> pl.Series:
        """One column of all rows, in order."""
        return self.select(name)[name]

    def values(self, name: str) -> set[str]:
        """The texts that occur in a column."""
        told = [table[name] for table in self.tables.values() if name in table.columns]
        return set(pl.concat(told).drop_nulls().unique()) if told else set()

    def rows(self, events: Iterable[int], *names: str) -> pl.DataFrame:
        """The columns `names`, or all, of those rows whose `event` is one of `events`, in order."""
        names = names or tuple(self.schema)
        wanted = list(dict.fromkeys(["event", *names]))
        found = [self._filled(kind, wanted)[rows] for kind, rows in self._found(events).items()]
        return pl.concat(found).sort("event").select(names) if found else self.of(columns=names)

    def between(self, start: datetime, end: datetime) -> Events:
        """Those from `start` to `end`, with the numbers they have. Their order must be that of `time`."""
        return Events({kind: cut(table, "time", start, end) for kind, table in self.tables.items()}, self.schema)

    def whole(self) -> pl.DataFrame:
        """One frame of all rows in order, which takes several times the memory."""
        return self.select(*self.schema)

    def parts(self, size: int) -> Iterator[pl.DataFrame]:
        """The same in frames of `size` rows, made one after another."""
        numbers = self["event"]
        for start in range(0, self.height, size):
            first, last = numbers[start], numbers[min(start + size, self.height) - 1]
            part = {kind: cut(table, "event", first, last) for kind, table in self.tables.items()}
            yield Events(part, self.schema).whole()

    def each(self, kinds: Iterable[str], **changes: pl.Expr) -> Events:
        """The same with columns of the tables of `kinds` changed."""
        told = dict(self.tables)
        asked = {name for change in changes.values() for name in change.meta.root_names()}
        for kind in kinds:
            if kind in told:
                has = told[kind].columns
                told[kind] = self._filled(kind, [*has, *(asked - set(has))]).with_columns(**changes)
        return self._alike(told, self.schema)

    def changed(self, names: Iterable[str], change: Callable[[pl.Series], pl.Series]) -> Events:
        """The same with what `change` makes of each of the columns `names`; it is given all their rows at once."""
        told = dict(self.tables)
        for name in names:
            kinds = [kind for kind, table in told.items() if name in table.columns]
            if not kinds:
                continue
            column = change(pl.concat(told[kind][name] for kind in kinds)).alias(name)
            told |= dealt({kind: told[kind] for kind in kinds}, column)
        return self._alike(told, self.schema)

    def with_column(self, column: pl.Series) -> Events:
        """The same with `column`, which is in order. Rows must be numbered from 0 without gaps."""
        told = spread(self.tables, "event", column)
        return self._alike(told, {**self.schema, column.name: column.dtype})

    def numbered(self, rows: pl.Series) -> Events:
        """Those of `rows` (numbers, each at most once), numbered anew in this order. As for `with_column`."""
        number = pl.Series("event", [None], dtype=pl.UInt32).new_from_index(0, self.height)
        number = number.scatter(rows, pl.int_range(len(rows), dtype=pl.UInt32, eager=True))
        told = {}
        for kind, anew in spread(self.tables, "event", number).items():
            left = anew["event"].null_count()
            told[kind] = anew[anew["event"].arg_sort()[left:]] if left or not anew["event"].is_sorted() else anew
        return Events(told, self.schema)

    @cached_property
    def _places(self) -> pl.Series:
        """Where the rows in order stand in all tables, one behind the other."""
        return pl.concat(table["event"] for table in self.tables.values()).arg_sort()

    def _alike(self, told: Mapping[str, pl.DataFrame], schema: Mapping[str, pl.DataType]) -> Events:
        """The same rows with other columns."""
        other = Events(told, schema)
        if self.tables:
            other._places = self._places
        return other

    def _found(self, events: Iterable[int]) -> dict[str, list[int]]:
        """Kind -> the rows of its table that have these numbers."""
        wanted = pl.Series(sorted(set(events)), dtype=pl.UInt32)
        if wanted.is_empty() or not self.tables:
            return {}
        numbers = self["event"]
        at = numbers.search_sorted(wanted).clip(upper_bound=len(numbers) - 1)
        places = self._places[at.filter(numbers[at] == wanted)]
        kinds = list(self.tables)
        starts = list(accumulate((table.height for table in self.tables.values()), initial=0))
        found: dict[str, list[int]] = {}
        for place in places:
            index = bisect_right(starts, place) - 1
            found.setdefault(kinds[index], []).append(place - starts[index])
        return found

    @cached_property
    def _has(self) -> dict[str, frozenset[str]]:
        """Kind -> the names of the columns its table has."""
        return {kind: frozenset(table.columns) for kind, table in self.tables.items()}

    def _column(self, kind: str, name: str) -> pl.Series:
        return self.tables[kind].get_column(name) if name in self._has[kind] else self._missing(kind, name)

    def _missing(self, kind: str, name: str) -> pl.Series:
        """A column that the table of `kind` does not have."""
        one = _one(name, pl.String(), kind) if name == "kind" else _one(name, self.schema[name])
        return one.new_from_index(0, self.tables[kind].height)

    def _filled(self, kind: str, names: Sequence[str]) -> pl.DataFrame:
        """The table of `kind` with all of `names`, in their order."""
        if kind not in self._whole:
            has = self._has[kind]
            missing = [self._missing(kind, name) for name in self.schema if name not in has and name != "kind"]
            self._whole[kind] = self.tables[kind].hstack(missing)
        whole = self._whole[kind]
        return (whole.hstack([self._missing(kind, "kind")]) if "kind" in names else whole)[list(names)]


def cut(table: pl.DataFrame, column: str, first: Any, last: Any) -> pl.DataFrame:
    """The rows of `table` with first <= `column` <= last; they are in order of it."""
    start = bisect_left(table[column], first)
    return table.slice(start, max(0, bisect_right(table[column], last) - start))


@lru_cache(maxsize=256)
def _empty(schema: tuple[tuple[str, pl.DataType], ...]) -> pl.DataFrame:
    """Made once: a frame of all columns takes polars milliseconds, and most kinds do not occur in a report."""
    return pl.DataFrame(schema=dict(schema))


@lru_cache(maxsize=1024)
def _one(name: str, dtype: pl.DataType, value: str | None = None) -> pl.Series:
    """Made once, as above: a column of one row."""
    return pl.Series(name, [value], dtype=dtype)


def spread(tables: Mapping[str, pl.DataFrame], by: str, column: pl.Series) -> dict[str, pl.DataFrame]:
    """Each of `tables` with what stands in `column` at the places that its column `by` tells."""
    if not tables:
        return {}
    return dealt(tables, column[pl.concat(table[by] for table in tables.values())].alias(column.name))


def dealt(tables: Mapping[str, pl.DataFrame], column: pl.Series) -> dict[str, pl.DataFrame]:
    """Each of `tables` with its part of `column`, which goes through all of them, one behind the other."""
    told, start = {}, 0
    for kind, table in tables.items():
        told[kind] = having(table, column.slice(start, table.height))
        start += table.height
    return told


def having(table: pl.DataFrame, column: pl.Series) -> pl.DataFrame:
    """`table` with `column`, in the place of the one it has of this name, if it has one."""
    table = table.clone()
    if column.name in table.columns:
        return table.replace_column(table.get_column_index(column.name), column)
    return table.insert_column(table.width, column)
