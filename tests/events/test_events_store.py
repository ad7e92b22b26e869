"""Events by kind are what one frame of all would be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from logtrace.domain.columns import EVENTS
from logtrace.events.store import Events

COLUMNS: Final = ("event", "time", "local", "node", "file", "line", "kind", "resource", "rc")
NOON: Final = datetime(2026, 11, 22, 12, tzinfo=UTC)
KINDS: Final = ("op.result", "te.done", "attr.set", "boot")

ROW: Final = st.fixed_dictionaries(
    {
        "second": st.integers(0, 20),
        "node": st.sampled_from(("node1", "node2", None)),
        "file": st.integers(0, 3),
        "line": st.integers(1, 9),
        "kind": st.sampled_from(KINDS),
        "resource": st.sampled_from(("db", "app", None)),
        "rc": st.sampled_from((0, 7, None)),
    }
)


def framed(rows: list[dict[str, Any]]) -> pl.DataFrame:
    times = sorted(NOON + timedelta(seconds=row["second"]) for row in rows)
    held = {name: [row[name] for row in rows] for name in ("node", "file", "line", "kind", "resource", "rc")}
    stamps = {"event": range(len(rows)), "time": times, "local": [time.replace(tzinfo=None) for time in times]}
    return pl.DataFrame(stamps | held, schema={name: EVENTS[name] for name in COLUMNS})


FRAMES: Final = st.lists(ROW, max_size=30).map(framed)
CHOICE: Final = st.lists(st.sampled_from((*KINDS, "never.told")), unique=True)


@given(FRAMES)
def test_nothing_is_lost(frame: pl.DataFrame) -> None:
    events = Events.of_frame(frame)
    assert events.whole().equals(frame)
    assert events.height == frame.height
    assert [part.height for part in events.parts(7)][:-1] == [7] * ((frame.height - 1) // 7)
    assert pl.concat([frame.clear(), *events.parts(7)]).equals(frame)
    assert events["kind"].equals(frame["kind"])
    assert events.select("line", "rc").equals(frame.select("line", "rc"))
    assert events.values("resource") == set(frame["resource"].drop_nulls())
    assert Events.of_frame(events.whole()).whole().equals(frame)


@given(FRAMES, CHOICE)
def test_those_of_some_kinds(frame: pl.DataFrame, kinds: list[str]) -> None:
    events, wanted = Events.of_frame(frame), frame.filter(pl.col("kind").is_in(kinds))
    assert events.of(*kinds).equals(wanted)
    assert events.of(*kinds, columns=("rc", "node")).equals(wanted.select("rc", "node"))


@given(FRAMES, st.sets(st.integers(0, 40)))
def test_those_of_some_numbers(frame: pl.DataFrame, numbers: set[int]) -> None:
    wanted = frame.filter(pl.col("event").is_in(list(numbers))).select("kind", "rc")
    assert Events.of_frame(frame).rows(numbers, "kind", "rc").equals(wanted)


@given(FRAMES, st.integers(0, 20), st.integers(0, 20), st.sets(st.integers(0, 40)))
def test_those_of_a_window_keep_their_numbers(frame: pl.DataFrame, first: int, last: int, numbers: set[int]) -> None:
    start, end = NOON + timedelta(seconds=first), NOON + timedelta(seconds=last)
    window, wanted = Events.of_frame(frame).between(start, end), frame.filter(pl.col("time").is_between(start, end))
    assert window.whole().equals(wanted)
    some = wanted.filter(pl.col("event").is_in(list(numbers)))
    assert window.rows(numbers, "event", "line").equals(some.select("event", "line"))


@given(FRAMES, st.randoms(use_true_random=False))
def test_some_of_them_in_another_order(frame: pl.DataFrame, random: Any) -> None:
    rows = random.sample(range(frame.height), random.randint(0, frame.height))
    order = pl.Series(rows, dtype=pl.UInt32)
    anew = frame[order].with_columns(event=pl.int_range(len(rows), dtype=pl.UInt32))
    events = Events.of_frame(frame).numbered(order)
    assert events.whole().equals(anew)
    assert events.of("te.done").equals(anew.filter(pl.col("kind") == "te.done"))


@given(FRAMES)
def test_columns_are_replaced_and_added(frame: pl.DataFrame) -> None:
    events, rc = Events.of_frame(frame), frame["line"].cast(pl.Int64).alias("rc")
    assert events.with_column(rc).whole().equals(frame.with_columns(rc))
    assert events.with_column(rc.alias("new")).whole().equals(frame.with_columns(rc.alias("new")))
    told = pl.coalesce("resource", pl.lit("none"))
    changed = pl.when(pl.col("kind") == "boot").then(told).otherwise("resource")
    assert events.each(["boot", "never.told"], resource=told).whole().equals(frame.with_columns(resource=changed))
    assert events.whole().equals(frame), "what it was made of stays as it was"


@given(FRAMES)
def test_texts_are_changed_all_at_once(frame: pl.DataFrame) -> None:
    asked: list[int] = []

    def loud(texts: pl.Series) -> pl.Series:
        asked.append(len(texts))
        return texts.str.to_uppercase()

    changed = Events.of_frame(frame).changed(["resource", "node", "never"], loud)
    assert changed.whole().equals(frame.with_columns(pl.col("resource", "node").str.to_uppercase()))
    assert len(asked) <= 2


def test_numbers_count_and_not_the_order_of_rows() -> None:
    frame = framed([{"second": at, "node": None, "file": 0, "line": at + 1, "kind": KINDS[at % 2], "resource": None,
                     "rc": None} for at in range(6)])  # fmt: skip
    assert Events.of_frame(frame.reverse()).whole().equals(frame)
