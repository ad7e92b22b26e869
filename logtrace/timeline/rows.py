"""Rows of EVENTS by kind and time, made into values only when somebody asks for them.

Incidents are few, and plain code on frozen values is clearer there than columns are.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from datetime import datetime
from functools import cached_property
from itertools import islice, repeat
from typing import Final

import polars as pl
from msgspec import Struct

from logtrace.domain.kinds import Kind
from logtrace.events.store import Events

#: So many rows in a row become values together: of a kind with a hundred thousand, few incidents look at many.
_NEIGHBOURS: Final = 128


class Event(Struct, frozen=True):
    """A row of EVENTS that incidents look at one by one; fields as in logtrace.domain.columns."""

    event: int
    time: datetime
    node: str
    daemon: str | None
    kind: str
    message: str
    resource: str | None = None
    operation: str | None = None
    interval: int | None = None
    target: str | None = None
    peer: str | None = None
    rc: int | None = None
    reason: str | None = None
    attribute: str | None = None
    old_value: str | None = None
    value: str | None = None
    state: str | None = None
    old_state: str | None = None
    cause: str | None = None
    child: str | None = None
    signal: int | None = None
    pause_ms: float | None = None
    token_ms: float | None = None
    nodeid: str | None = None
    link: int | None = None
    count: int | None = None
    client: str | None = None
    origin: str | None = None
    cib_op: str | None = None
    section: str | None = None
    path: str | None = None
    text: str | None = None
    version: str | None = None
    agent: str | None = None
    rc_text: str | None = None
    why: str | None = None
    level: str | None = None
    device: str | None = None
    address: str | None = None
    precise: bool = False


_COLUMNS: Final = list(Event.__struct_fields__)

#: What daemons print before and behind what they say: the function, the level, facts for developers.
_BEFORE: Final = re.compile(r"(?:\S+: +){0,2}[a-z]\w*_\w+: *|[a-z0-9_]+\.c:(?:\w+:)?\d+:? +")
_BEHIND: Final = re.compile(r" \| .*")


def said(event: Event) -> str:
    """What a daemon says in a line, in its own words and without what it adds for its developers."""
    return _BEHIND.sub("", event.message[(found.end() if (found := _BEFORE.match(event.message)) else 0) :]).strip(" .")


class Rows:
    """The rows of EVENTS that incidents look at line by line, in order of time, by kind."""

    def __init__(self, events: Events) -> None:
        self._events = events
        self._kinds: dict[str, _OfKind] = {}

    def get(self, kind: Kind, _default: object = None) -> list[Event]:
        """All rows of `kind`."""
        known = self._of(kind)
        return known.cut(0, known.frame.height)

    def where(self, kind: Kind, predicate: pl.Expr) -> list[Event]:
        """The rows of `kind` for which `predicate` holds."""
        return _values(self._of(kind).frame.filter(predicate))

    def times(self, kind: Kind) -> list[datetime]:
        """When the rows of `kind` were logged."""
        return self._of(kind).times

    def between(self, kind: Kind, start: datetime, end: datetime, **same: str | None) -> list[Event]:
        """Rows of `kind` with start <= time <= end, of those that have these texts in columns of these names."""
        known = self._of(kind)
        if not same:
            return known.cut(bisect_left(known.times, start), bisect_right(known.times, end))
        places = known.places(tuple(same), tuple(same.values()))
        first = bisect_left(places, start, key=known.times.__getitem__)
        last = bisect_right(places, end, key=known.times.__getitem__)
        return [known.row(place) for place in places[first:last]]

    def after(self, event: Event, kind: Kind, **same: str | None) -> Event | None:
        """The next row of `kind` that stands behind `event` and has these texts."""
        known = self._of(kind)
        places = known.places(tuple(same), tuple(same.values()))
        behind = bisect_left(places, event.time, key=known.times.__getitem__)
        rows = (known.row(place) for place in islice(places, behind, None))
        return next((row for row in rows if (row.time, row.event) > (event.time, event.event)), None)

    def _of(self, kind: Kind) -> _OfKind:
        if kind not in self._kinds:
            self._kinds[kind] = _OfKind(self._events.of(kind, columns=_COLUMNS))
        return self._kinds[kind]


class _OfKind:
    """The rows of a kind, which become values, some neighbours at a time, when one of them is asked for."""

    def __init__(self, frame: pl.DataFrame) -> None:
        self.frame = frame
        self._rows: dict[int, list[Event]] = {}  # by the number of the neighbourhood
        self._places: dict[tuple[str, ...], dict[tuple[str | None, ...], list[int]]] = {}

    @cached_property
    def times(self) -> list[datetime]:
        return self.frame["time"].to_list()

    def row(self, place: int) -> Event:
        return self._near(place // _NEIGHBOURS)[place % _NEIGHBOURS]

    def cut(self, first: int, last: int) -> list[Event]:
        """The rows at `first` and behind it, up to `last`, which is not among them."""
        found: list[Event] = []
        for number in range(first // _NEIGHBOURS, -(-last // _NEIGHBOURS)):
            begin = number * _NEIGHBOURS
            found += self._near(number)[max(0, first - begin) : last - begin]
        return found

    def _near(self, number: int) -> list[Event]:
        if number not in self._rows:
            self._rows[number] = _values(self.frame.slice(number * _NEIGHBOURS, _NEIGHBOURS))
        return self._rows[number]

    def places(self, names: tuple[str, ...], texts: tuple[str | None, ...]) -> list[int]:
        """Where the rows stand that have these texts in the columns `names`."""
        if names not in self._places:
            found: defaultdict[tuple[str | None, ...], list[int]] = defaultdict(list)
            for place, told in enumerate(self.frame.select(names).iter_rows()):
                found[told].append(place)
            self._places[names] = dict(found)
        return self._places[names].get(texts, [])


def _values(frame: pl.DataFrame) -> list[Event]:
    columns = (repeat(None) if told.null_count() == frame.height else told.to_list() for told in frame.iter_columns())
    return list(map(Event, *columns)) if frame.height else []  # most columns of a kind tell nothing
