"""How durations, times, labels and untrusted text read."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logtrace.render import words

NOON = datetime(2026, 11, 22, 12, 0, 5, 45_900, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "unknown"),
        (0, "0 s"),
        (0.001, "< 0.01 s"),
        (0.044, "0.04 s"),
        (0.0949, "0.09 s"),
        (0.096, "0.1 s"),
        (18.62, "18.6 s"),
        (99.94, "99.9 s"),
        (99.96, "100 s"),
        (119.4, "119 s"),
        (119.6, "2 min 00 s"),
        (185, "3 min 05 s"),
        (3599.4, "59 min 59 s"),
        (3599.6, "1 h 00 min"),
        (7380, "2 h 03 min"),
        (86_399, "1 d 00 h"),
        (97_200, "1 d 03 h"),
        (-2.5, "-2.5 s"),
    ],
)
def test_durations(value: float | None, text: str) -> None:
    assert words.seconds(value) == text


def test_an_estimate_is_not_more_precise_than_it_deserves() -> None:
    assert [words.about(value) for value in (0.83, 12.63, 130.2)] == ["about 0.8 s", "about 13 s", "about 2 min 10 s"]


def test_times() -> None:
    assert words.clock(NOON) == "12:00:05"
    assert words.clock_ms(NOON) == "12:00:05.045"
    assert words.iso(NOON) == "2026-11-22T12:00:05.045Z"
    assert words.span(NOON, NOON.replace(hour=13)) == "22 Nov 2026 12:00:05 - 13:00:05"
    assert words.span(NOON, NOON.replace(day=23)) == "22 Nov 2026 12:00:05 - 23 Nov 2026 12:00:05"
    assert words.span(None, NOON) == "unknown - 22 Nov 2026 12:00:05"
    assert words.iso(None) is None


def test_labels() -> None:
    assert words.label("group_cascade") == "group cascade"
    assert words.label("dc_loss") == "DC loss"
    assert words.label("new\x1b_thing") == r"new\x1b thing"


def test_counts_and_lists() -> None:
    assert words.plural(1, "fault") == "1 fault"
    assert words.plural(1200, "recovery", "recoveries") == "1,200 recoveries"
    assert words.listing([]) == "none"
    assert words.listing(["a"]) == "a"
    assert words.listing(["a", "b"]) == "a and b"
    assert words.listing(["a", "b", "c"]) == "a, b and c"
    assert words.listing(list("abcdefg")) == "a, b, c and 4 more"
    assert [words.size(n) for n in (0, 999, 1000, 1_234_567, 45_000_000, 10**13)] == [
        "0 B", "999 B", "1.0 kB", "1.2 MB", "45 MB", "10.0 TB",
    ]  # fmt: skip


def test_steering_characters_become_visible() -> None:
    assert words.clean("a\x1b[31mred\x1b[0m\r\nb\tc\x9b") == r"a\x1b[31mred\x1b[0m\r\nb c\x9b"
    assert words.clean("abc\u202edef\u2066\ufeff\u200b") == r"abc\u202edef\u2066\ufeff\u200b"
    assert words.clean("bytes \udcff") == r"bytes \udcff"


def test_a_limit_marks_what_was_cut() -> None:
    assert words.clean("abcdef", 6) == "abcdef"
    assert words.clean("abcdefg", 6) == "abcde…"


@given(st.text(), st.integers(1, 40))
def test_clean_text_is_one_printable_line_within_its_limit(text: str, limit: int) -> None:
    shown = words.clean(text, limit)
    assert len(shown) <= limit
    assert len(shown.splitlines()) <= 1
    assert not set(map(ord, shown)) & set(words.VISIBLE)


def test_columns_count_cells() -> None:
    assert [words.columns(text) for text in ("abc", "日本", "e\u0301", "█▏·")] == [3, 4, 1, 3]
