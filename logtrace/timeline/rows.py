"""Rows of EVENTS by kind and time, made into values only when somebody asks for them.

Incidents are few, and plain code on frozen values is clearer there than columns are.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from datetime import datetime
from typing import Final

import polars as pl
from msgspec import Struct

from logtrace.domain.kinds import Kind
from logtrace.events.store import Events, cut

#: Windows of kinds with more rows than this are cut from the frame instead of making all rows values.
_MANY: Final = 2000


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
        self._frames: dict[str, pl.DataFrame] = {}
        self._rows: dict[str, list[Event]] = {}

    def get(self, kind: Kind, _default: object = None) -> list[Event]:
        """All rows of `kind`."""
        if kind not in self._rows:
            self._rows[kind] = _values(self._frame(kind))
        return self._rows[kind]

    def where(self, kind: Kind, predicate: pl.Expr) -> list[Event]:
        """The rows of `kind` for which `predicate` holds."""
        return _values(self._frame(kind).filter(predicate))

    def times(self, kind: Kind) -> list[datetime]:
        """When the rows of `kind` were logged."""
        return self._frame(kind)["time"].to_list()

    def between(self, kind: Kind, start: datetime, end: datetime) -> list[Event]:
        """Rows of `kind` with start <= time <= end."""
        frame = self._frame(kind)
        if kind not in self._rows and frame.height > _MANY:
            return _values(cut(frame, "time", start, end))
        rows = self.get(kind)
        first = bisect_left(rows, start, key=lambda row: row.time)
        last = bisect_right(rows, end, key=lambda row: row.time)
        return rows[first:last]

    def _frame(self, kind: Kind) -> pl.DataFrame:
        if kind not in self._frames:
            self._frames[kind] = self._events.of(kind, columns=_COLUMNS)
        return self._frames[kind]


def _values(frame: pl.DataFrame) -> list[Event]:
    return [Event(*row) for row in frame.iter_rows()]
