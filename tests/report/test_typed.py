"""Times as typed for a window: what is read as which, and that nothing is read as what was not meant."""

import warnings
from datetime import UTC, datetime, timedelta

import pytest

from logtrace.errors import UsageError
from logtrace.report import typed_times as typed

END = datetime(2026, 11, 22, 18, 30, 15, 250_000, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("text", "before"),
    [
        ("-90s", 90),
        ("-90 sec", 90),
        ("-5m", 300),
        ("-5min", 300),
        ("-2h", 7200),
        ("-1.5h", 5400),
        ("-1h30m", 5400),
        (" -1h 30m ", 5400),
        ("-1d12h", 129_600),
    ],
)
def test_relative_times_count_from_the_end(text: str, before: float) -> None:
    assert typed.is_relative(text)
    assert typed.since(text, END, HOUR) == typed.until(text, END, HOUR) == END - timedelta(seconds=before)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("16:40", "2026-11-22T15:40:00"),
        ("9:05:30", "2026-11-22T08:05:30"),
        ("16:40:05.123", "2026-11-22T15:40:05.123"),
        ("16:40Z", "2026-11-22T16:40:00"),
        ("16:40 UTC", "2026-11-22T16:40:00"),
        ("16:40+02:00", "2026-11-22T14:40:00"),
        ("2026-11-20 16:40", "2026-11-20T15:40:00"),
        ("2026-11-20T16:40:00.5Z", "2026-11-20T16:40:00.5"),
        ("2026/11/20 16:40 -0500", "2026-11-20T21:40:00"),
        ("Nov 20 16:40:05", "2026-11-20T15:40:05"),
        ("Nov  2 16:40:05", "2026-11-02T15:40:05"),
        ("20 Nov 2025 16:40", "2025-11-20T15:40:00"),
    ],
)
def test_absolute_times_are_in_the_zone_of_the_nodes_unless_they_name_one(text: str, told: str) -> None:
    moment = datetime.fromisoformat(told).replace(tzinfo=UTC)
    assert not typed.is_relative(text)
    assert typed.since(text, END, HOUR) == typed.until(text, END, HOUR) == moment


def test_a_window_begins_at_the_last_such_time() -> None:
    assert typed.since("19:29", END, HOUR) == datetime(2026, 11, 22, 18, 29, tzinfo=UTC)
    assert typed.since("19:31", END, HOUR) == datetime(2026, 11, 21, 18, 31, tzinfo=UTC)
    assert typed.until("19:31", END, HOUR) == datetime(2026, 11, 22, 18, 31, tzinfo=UTC)
    west = timedelta(hours=-8)
    late = datetime(2026, 11, 23, 3, tzinfo=UTC)  # the nodes still have the 22nd
    assert (
        typed.since("02:00Z", late, west) == typed.until("02:00Z", late, west) == datetime(2026, 11, 23, 2, tzinfo=UTC)
    )


@pytest.mark.parametrize("text", ["2026-11-22", "20261122", "2026/11/22", "Nov 22", "22 Nov", "November 22, 2026"])
def test_a_date_alone_is_from_its_beginning_or_to_its_end(text: str) -> None:
    assert typed.since(text, END, HOUR) == datetime(2026, 11, 21, 23, tzinfo=UTC)
    assert typed.until(text, END, HOUR) == datetime(2026, 11, 22, 22, 59, 59, 999_999, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "", "-", "-2", "-5", "-2x", "-m", "-1h30", "5m", "2h", "1h 30m", "-1h 10:00", "+2h", "18", "Sun", "Nov", "2026",
        "2026-11", "10am", "1795365638", "now", "02/03 10:00", "01.02.2026", "2026-13-01", "2026-02-30", "25:00",
        "16:40 EST", "16:40 CET", "16:40 GMT+2", "2026-11-22 16:40 Europe/Berlin", "9999-12-31", "0001-01-01",
        f"-{'9' * 400}d",
    ],
)  # fmt: skip
def test_what_may_mean_several_times_is_refused_with_a_remedy(text: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for read in (typed.since, typed.until):
            with pytest.raises(UsageError, match="cannot read the time") as refused:
                read(text, END, HOUR)
            assert refused.value.remedy
        with pytest.raises(UsageError):
            typed.check(text)


def test_a_leap_day_may_be_of_the_logs_year() -> None:
    typed.check("Feb 29 12:00")
    assert typed.since("Feb 29 12:00", END.replace(year=2024), HOUR) == datetime(2024, 2, 29, 11, tzinfo=UTC)
