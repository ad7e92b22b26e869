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
        ("2h", 7200),
        ("5m", 300),
        ("1h 30m", 5400),
        ("2h ago", 7200),
        ("2 hours ago", 7200),
        ("1 Hour 5 Minutes ago", 3900),
        ("90 secs", 90),
        ("1 week", 604_800),
        ("now", 0),
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
        ("20 Nov at 16:40", "2026-11-20T15:40:00"),
        ("20.11.2025 16:40", "2025-11-20T15:40:00"),
        ("11/20/2025 16:40", "2025-11-20T15:40:00"),
        ("11-11-2025 16:40", "2025-11-11T15:40:00"),
        ("4:40pm", "2026-11-22T15:40:00"),
        ("10 am", "2026-11-22T09:00:00"),
        ("10am Z", "2026-11-22T10:00:00"),
        ("today 16:40", "2026-11-22T15:40:00"),
        ("yesterday 16:40", "2026-11-21T15:40:00"),
        ("Yesterday at 23:59", "2026-11-21T22:59:00"),
        ("yesterday 23:30 UTC", "2026-11-21T23:30:00"),
        ("1795365638", "2026-11-22T16:40:38"),
        ("@1795365638", "2026-11-22T16:40:38"),
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
        "", "-", "-2", "-5", "-2x", "-m", "-1h30", "1h30", "-1h 10:00", "1h 10:00", "+2h", "18", "Sun", "Nov", "2026",
        "2026-11", "2 months", "2hago", "-2h ago", "ago", "now 10:00", "at 10:00", "yesterday10:00", "Nov 2210:00",
        "yesterday Nov 22", "tomorrow", "midnight", "14pm", "T10:00", "2026-11-22T", "yesterday at",
        "02/03 10:00", "32.11.2026", "2026-13-01", "2026-02-30", "25:00", "9999999999", "@12",
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


def test_a_day_by_its_name_is_as_a_date() -> None:
    assert typed.since("today", END, HOUR) == datetime(2026, 11, 21, 23, tzinfo=UTC)
    assert typed.since("yesterday", END, HOUR) == datetime(2026, 11, 20, 23, tzinfo=UTC)
    assert typed.until("yesterday", END, HOUR) == datetime(2026, 11, 21, 22, 59, 59, 999_999, tzinfo=UTC)
    assert not typed.is_relative("yesterday")


@pytest.mark.parametrize("text", ["02/03/2026", "1.2.2026 16:40", "03-02-2026"])
def test_a_date_whose_numbers_may_be_swapped_is_refused_and_both_days_are_named(text: str) -> None:
    with pytest.raises(UsageError, match=r"either of two days; write 2026-0[12]-0[123] or 2026-0[23]-0[12]"):
        typed.since(text, END, HOUR)


def test_a_leap_day_may_be_of_the_logs_year() -> None:
    typed.check("Feb 29 12:00")
    assert typed.since("Feb 29 12:00", END.replace(year=2024), HOUR) == datetime(2024, 2, 29, 11, tzinfo=UTC)
