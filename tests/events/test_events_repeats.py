"""What the scheduler says again at every run is counted and not kept, however the lines are cut into batches."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from stories import tell, write

from logtrace import analysis
from logtrace.events.repeats import news
from logtrace.lines import reader

COLUMNS = ("kind", "file", "node", "resource", "detail")


def rows(*said: tuple[str, int, str, str, str]) -> pl.DataFrame:
    types = dict.fromkeys(COLUMNS, pl.String) | {"file": pl.UInt32}
    return pl.DataFrame(said, schema=types, orient="row")


def kept(*parts: pl.DataFrame) -> list[tuple[object, ...]]:
    return pl.concat(parts).filter(news(parts)).rows()


DB = ("sched.leave", 0, "node1", "db", "Started node1")


def test_the_first_of_each_wording_is_kept() -> None:
    other = ("sched.leave", 0, "node1", "db", "Started node2")
    assert kept(rows(DB, DB, other), rows(DB, other)) == [DB, other]


@pytest.mark.parametrize(
    "other",
    [
        ("sched.leave", 1, "node1", "db", "Started node1"),
        ("sched.leave", 0, "node2", "db", "Started node1"),
        ("sched.leave", 0, "node1", "app", "Started node1"),
        ("sched.action", 0, "node1", "db", "Started node1"),
    ],
)
def test_what_another_says_is_no_repetition(other: tuple[str, int, str, str, str]) -> None:
    assert kept(rows(DB, other)) == [DB, other]


def test_that_an_unmanaged_resource_was_left_alone_says_each_time_why() -> None:
    said = ("sched.leave", 0, "node1", "db", "Started node1 unmanaged")
    assert kept(rows(said, said)) == [said, said]


def test_parts_without_such_lines_stay_as_they_are() -> None:
    part = pl.DataFrame({"kind": ["te.start"], "file": [0], "node": ["node1"]})
    assert news([part]).to_list() == [True]
    assert news([]).to_list() == []


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
    case = analysis.analyze([str(tmp_path)])
    events = case.frames.events
    assert events.filter(pl.col("kind") == "sched.leave").height == 1
    assert case.coverage.lines_recognised == events.height + 5
