"""How labels, durations, times, counts and lists read."""

from __future__ import annotations

import json
import subprocess
from datetime import UTC, datetime

import pytest
from cases import CASCADE, case
from msgspec.structs import replace

from logtrace.render import document, page, words

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
    assert words.clock(NOON) == "12:00:05.045"
    assert words.clock(None) == "unknown"
    assert words.span(NOON, NOON.replace(hour=13)) == "22 Nov 2026 12:00:05 to 13:00:05 UTC"
    assert words.span(NOON, NOON.replace(day=23)) == "22 Nov 2026 12:00:05 to 23 Nov 2026 12:00:05 UTC"
    assert words.span(None, NOON) == "22 Nov 2026 12:00:05 UTC"
    assert words.span(None, None) == "unknown"


def test_a_column_of_times_tells_each_day_once() -> None:
    later = NOON.replace(day=23)
    assert words.clocks([NOON, NOON, None, later], NOON.date()) == [
        "12:00:05.045",
        "12:00:05.045",
        "unknown",
        "23 Nov 2026 12:00:05.045",
    ]


def test_no_output_rounds_a_moment_into_the_next_day() -> None:
    """A time of day and its date are told apart, and the JSON cuts: so must everything else."""
    late = datetime(2026, 11, 22, 23, 59, 59, 999_900, tzinfo=UTC)
    assert words.clock(late) == "23:59:59.999"
    assert words.clocks([late], None) == ["22 Nov 2026 23:59:59.999"]
    assert words.span(late, late) == "22 Nov 2026 23:59:59 to 23:59:59 UTC"
    base = CASCADE.evidence[0]
    told = case(replace(CASCADE, evidence=(replace(base, time=late),)))
    assert json.loads(document.render(told))["incidents"][0]["evidence"][0]["time"] == "2026-11-22T23:59:59.999Z"
    assert "22 Nov 2026 23:59:59.999" in page.render(told, light=True)


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
    assert [words.size(n) for n in (0, 1, 999, 1000, 1_234_567, 45_000_000)] == [
        "0 bytes", "1 byte", "999 bytes", "1.0 kB", "1.2 MB", "45.0 MB",
    ]  # fmt: skip


def test_a_range_is_one_number_where_both_ends_are_said_alike() -> None:
    assert words.spread(1.5, 9.6) == "1.5 to 9.6 s"
    assert words.spread(59.0, 65.0) == "59.0 s to 1 min 05 s"
    assert words.spread(0.0, 4.2) == "0 to 4.2 s"
    assert words.spread(18.61, 18.64) == "18.6 s"
    assert words.spread(18.6, None) == "18.6 s"
    assert words.spread(None, None) == "unknown"


def test_what_saves_next_to_nothing_is_not_said_to_save() -> None:
    assert words.saves(0.8) == "about 0.8 s"
    assert words.saves(12.63) == "about 13 s"
    assert [words.saves(seconds) for seconds in (None, 0.0, 0.04)] == ["", "", ""]


def test_a_long_command_goes_on_after_backslashes_and_means_the_same() -> None:
    command = (
        "printf '%s|' 'modgroup g remove a' \"it's b\" 'colocation c inf: ( "
        + "x " * 60
        + ") g' commit | cat && echo end"
    )
    broken = words.shell(command)
    lines = broken.splitlines()
    assert lines[0] == "printf '%s|' \\"
    assert "  'modgroup g remove a' \\" in lines
    told = [
        subprocess.run(["sh", "-c", each], capture_output=True, text=True, check=True).stdout
        for each in (command, broken)
    ]
    assert told[0] == told[1]
    assert words.shell("crm resource cleanup vip") == "crm resource cleanup vip"
    assert words.shell("one\ntwo") == "one\ntwo"
