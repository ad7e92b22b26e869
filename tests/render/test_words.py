"""How labels, durations, times, counts and lists read."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from logtrace.render import words

NOON = datetime(2026, 11, 22, 12, 0, 5, 45_900, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "unknown"),
        (0, "0.00 s"),
        (0.001, "< 0.01 s"),
        (0.044, "0.04 s"),
        (18.62, "18.6 s"),
        (59.94, "59.9 s"),
        (59.96, "1 min 00 s"),
        (185, "3 min 05 s"),
        (3599.6, "1 h 00 min"),
        (7380, "2 h 03 min"),
        (97_200, "1 d 03 h"),
        (-2.5, "\N{MINUS SIGN}2.5 s"),
    ],
)
def test_durations(value: float | None, text: str) -> None:
    assert words.duration(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.83, "about 0.8 s"), (0.97, "about 1 s"), (12.63, "about 13 s"), (130.2, "about 2 min 10 s")],
)
def test_an_estimate_is_not_more_precise_than_it_deserves(value: float, text: str) -> None:
    assert words.about(value) == text


def test_times() -> None:
    assert words.clock(NOON) == "12:00:05.046"
    assert words.clock(None) == "unknown"
    assert words.span(NOON, NOON.replace(hour=13)) == "22 Nov 2026 12:00:05 to 13:00:05 UTC"
    assert words.span(NOON, NOON.replace(day=23)) == "22 Nov 2026 12:00:05 to 23 Nov 2026 12:00:05 UTC"
    assert words.span(None, NOON) == "22 Nov 2026 12:00:05 UTC"
    assert words.span(None, None) == "unknown"


def test_a_column_of_times_tells_each_day_once() -> None:
    later = NOON.replace(day=23)
    assert words.clocks([NOON, NOON, None, later], NOON.date()) == [
        "12:00:05.046",
        "12:00:05.046",
        "unknown",
        "23 Nov 2026 12:00:05.046",
    ]


def test_labels() -> None:
    assert words.label("group_cascade") == "group cascade"
    assert words.label("dc_loss") == "DC loss"
    assert words.label("vip_switch") == "VIP switch"


def test_counts_and_lists() -> None:
    assert words.count(1, "fault") == "1 fault"
    assert words.count(1200, "recovery", "recoveries") == "1,200 recoveries"
    assert words.listing([]) == "none"
    assert words.listing(["a"]) == "a"
    assert words.listing(["a", "b"]) == "a and b"
    assert words.listing(["a", "b", "c"]) == "a, b and c"
    assert words.listing(list("abcdefg")) == "a, b, c and 4 more"
    assert [words.size(n) for n in (0, 999, 1000, 1_234_567, 45_000_000)] == [
        "0 B", "999 B", "1.0 kB", "1.2 MB", "45.0 MB",
    ]  # fmt: skip
