"""Lines that say nothing known are dated as what is understood near them."""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl

from logtrace.clocks.corrections import CORRECTIONS, times
from logtrace.domain.columns import NAIVE, NO_TIME, NO_YEAR


def known(*rows: tuple[int, str, int, str, float]) -> pl.DataFrame:
    """File, node, line, what it says, and hours by which that is corrected."""
    told = [(*row[:3], datetime.fromisoformat(row[3]), timedelta(hours=row[4])) for row in rows]
    return pl.DataFrame(told, schema=CORRECTIONS, orient="row")


def dated(file: int, told: pl.DataFrame, *rows: tuple[str, int, datetime | None]) -> list[str | None]:
    lines = pl.DataFrame(rows, schema={"node": pl.String, "line": pl.UInt32, "local": NAIVE}, orient="row")
    return [f"{time:%Y-%m-%d %H:%M}" if time else None for time in times(lines, file, told)]


def local(text: str) -> datetime:
    """Without a year, as most layouts print."""
    return datetime.fromisoformat(f"{NO_YEAR}-{text}")


TOLD = known(
    (0, "a", 1, "2026-11-22 12:00", -1),
    (0, "a", 100, "2026-11-22 13:00", -2),
    (0, "b", 5, "2026-11-22 12:00", 3),
    (2, "c", 1, "2026-11-22 12:00", -5),
)


def test_the_line_before_tells_and_the_first_for_those_ahead_of_all() -> None:
    at = local("11-22 14:00")
    rows = (("a", 150, at), ("a", 100, at), ("a", 99, at), ("b", 4, at), ("b", 6, at))
    hours = ("12", "12", "13", "17", "17")
    assert dated(0, TOLD, *rows) == [f"2026-11-22 {hour}:00" for hour in hours]


def test_a_file_that_tells_nothing_is_as_the_nodes_other_one_and_a_stranger_as_any() -> None:
    at = local("11-22 14:00")
    assert dated(1, TOLD, ("a", 150, at), ("c", 1, at), ("z", 1, at)) == [
        "2026-11-22 13:00",
        "2026-11-22 09:00",
        "2026-11-22 13:00",
    ]


def test_the_year_is_the_nearest_and_a_printed_one_is_kept() -> None:
    told = known((0, "a", 1, "2026-12-31 23:59", 0), (0, "a", 9, "2028-02-29 12:00", 0))
    assert dated(0, told, ("a", 2, local("12-31 23:59")), ("a", 2, local("01-01 00:01"))) == [
        "2026-12-31 23:59",
        "2027-01-01 00:01",
    ]
    assert dated(0, told, ("a", 9, local("02-29 13:00")), ("a", 2, datetime.fromisoformat("2020-05-01T01:00"))) == [
        "2028-02-29 13:00",
        "2020-05-01 01:00",
    ]


def test_a_line_without_a_time_has_none() -> None:
    assert dated(0, TOLD, ("a", 2, None), ("a", 2, NO_TIME)) == [None, None]
