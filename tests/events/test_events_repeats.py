"""What the scheduler says again at every run is counted and not kept, however the lines are cut into batches."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from stories import tell, write

from logtrace import catalogue, pipeline
from logtrace.events.reasons import with_reasons
from logtrace.events.repeats import KIND, news
from logtrace.lines import reader

COLUMNS = ("file", "node", "resource", "detail")

DB = (0, "node1", "db", "Started node1")


def kept(*said: tuple[int, str, str, str | None]) -> list[tuple[object, ...]]:
    rows = pl.DataFrame(said, schema=dict.fromkeys(COLUMNS, pl.String) | {"file": pl.UInt32}, orient="row")
    told = with_reasons(rows.with_columns(kind=pl.lit(KIND)), catalogue.load())
    return rows.filter(news(told)).rows()


def test_the_first_of_each_wording_is_kept() -> None:
    other = (0, "node1", "db", "Started node2")
    assert kept(DB, DB, other, DB, other) == [DB, other]


@pytest.mark.parametrize(
    "other",
    [
        (1, "node1", "db", "Started node1"),
        (0, "node2", "db", "Started node1"),
        (0, "node1", "app", "Started node1"),
    ],
)
def test_what_another_says_is_no_repetition(other: tuple[int, str, str, str]) -> None:
    assert kept(DB, other) == [DB, other]


@pytest.mark.parametrize("detail", ["Started node1 unmanaged", None])
def test_that_an_unmanaged_resource_was_left_alone_says_each_time_why(detail: str | None) -> None:
    said = (0, "node1", "db", detail)
    assert kept(said, said) == [said, said]


def test_lines_that_say_nothing_of_a_resource_stay_as_they_are() -> None:
    assert news(pl.DataFrame({"file": [0, 0], "node": ["node1", "node1"]})).to_list() == [True, True]


@pytest.mark.parametrize("batch", [1, 7, 100_000])
def test_they_count_as_recognised_and_batches_do_not_matter(
    batch: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = "".join(
        f"12:0{minute}:00 node1 plan {minute}:\n"
        f"12:0{minute}:00.1 node1 schedulerd info: Leave   db\t(Started node2)\n"
        f"12:0{minute}:01 node1 done {minute}\n"
        for minute in range(6)
    )
    for path, text in write(tell(story)).items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    monkeypatch.setattr(reader, "BATCH", batch)
    case = pipeline.analyze([str(tmp_path)])
    events = case.frames.events
    assert events.of("sched.leave").height == 1
    assert case.coverage.lines_recognised == events.height + 5
