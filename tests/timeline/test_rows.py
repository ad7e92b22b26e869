"""Single rows by kind, time and what they tell, beside a plain search through all of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from logtrace.domain.columns import EVENTS
from logtrace.domain.kinds import Kind
from logtrace.events.store import Events
from logtrace.timeline.rows import Event, Rows

START = datetime(2026, 3, 1, tzinfo=UTC)
NUMBER = 700  # several neighbourhoods
TOLD = [
    {
        "event": number,
        "time": START + timedelta(seconds=number // 3),  # several share a second
        "node": f"node{number % 2}",
        "kind": Kind.AGENT_SAYS if number % 5 else Kind.LOAD_HIGH,
        "message": f"line {number}",
        "resource": ("db", "web", None)[number % 3],
    }
    for number in range(NUMBER)
]
EVENTS_TOLD = Events.of_frame(pl.DataFrame(TOLD, schema=EVENTS))
SECONDS = st.integers(-5, NUMBER // 3 + 5).map(lambda seconds: START + timedelta(seconds=seconds))


def numbers(rows: list[Event]) -> list[int]:
    return [row.event for row in rows]


@given(SECONDS, SECONDS)
def test_rows_of_a_time_are_those_a_search_finds(start: datetime, end: datetime) -> None:
    rows = Rows(EVENTS_TOLD)
    wanted = [row["event"] for row in TOLD if row["kind"] == Kind.AGENT_SAYS and start <= row["time"] <= end]  # type: ignore[operator]
    assert numbers(rows.between(Kind.AGENT_SAYS, start, end)) == wanted
    of_db = [number for number in wanted if number % 3 == 0 and number % 2 == 1]
    assert numbers(rows.between(Kind.AGENT_SAYS, start, end, node="node1", resource="db")) == of_db
    nameless = [number for number in wanted if number % 3 == 2]
    assert numbers(rows.between(Kind.AGENT_SAYS, start, end, resource=None)) == nameless
    assert rows.between(Kind.AGENT_SAYS, start, end, resource="mail") == []


def test_the_next_row_stands_behind_also_within_a_second() -> None:
    rows = Rows(EVENTS_TOLD)
    load = rows.get(Kind.LOAD_HIGH)
    assert numbers(load) == list(range(0, NUMBER, 5))
    for event in (load[0], load[17], load[-1]):
        behind = [number for number in range(event.event + 1, NUMBER) if number % 5 and number % 2 == 0]
        found = rows.after(event, Kind.AGENT_SAYS, node="node0")
        assert (found.event if found else None) == next(iter(behind), None)


def test_a_kind_that_nobody_tells_has_no_rows() -> None:
    rows = Rows(EVENTS_TOLD)
    assert rows.get(Kind.BOOT) == []
    assert rows.times(Kind.BOOT) == []
    assert rows.between(Kind.BOOT, START, START + timedelta(days=1), node="node0") == []
