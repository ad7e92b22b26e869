"""A zone by name gives each line its own offset, in the hours too that come twice or not at all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from stories import timed

from logtrace.clocks.summertime import offsets
from logtrace.domain.zones import parse_zone

PING = "{stamp} {node} pacemaker-controld  [117] (function) \tnotice: Node node9 state is now member | nodeid=9"


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def times(*stamps: str, zone: str = "Europe/Berlin", year: int = 2026) -> list[str]:
    log = "".join(PING.format(stamp=stamp, node="node1") + "\n" for stamp in stamps)
    events, _ = timed({"node1/pacemaker.log": log}, timezone=zone, year=year)
    return [f"{time:%d %H:%M}" for time in events.sort("line")["time"]]


def test_summer_time_begins_in_the_middle_of_a_log() -> None:
    assert times("Mar 29 01:50:00", "Mar 29 01:59:59", "Mar 29 03:00:00", "Mar 30 03:00:00") == [
        "29 00:50", "29 00:59", "29 01:00", "30 01:00",
    ]  # fmt: skip


def test_summer_time_ends_in_the_middle_of_a_log() -> None:
    assert times(
        "Oct 25 01:50:00", "Oct 25 02:10:00", "Oct 25 02:50:00", "Oct 25 02:05:00", "Oct 25 02:55:00", "Oct 25 03:01:00"
    ) == ["24 23:50", "25 00:10", "25 00:50", "25 01:05", "25 01:55", "25 02:01"]


@pytest.mark.parametrize(
    ("stamps", "found"),
    [
        (["01:59:00", "02:01:00", "04:00:00"], "00:01"),  # joined to what is before
        (["00:30:00", "02:58:00", "03:01:00"], "01:58"),  # and to what is behind
        (["00:30:00", "02:58:00"], "00:58"),
        (["02:58:00", "03:01:00"], "01:58"),
        (["02:58:00"], "00:58"),
    ],
)
def test_an_hour_that_comes_twice_without_a_step_in_the_log(stamps: list[str], found: str) -> None:
    at = next(index for index, stamp in enumerate(stamps) if stamp.startswith("02"))
    assert times(*(f"Oct 25 {stamp}" for stamp in stamps))[at] == f"25 {found}"


def test_lines_a_little_out_of_order_are_no_step() -> None:
    assert times("Oct 25 01:59:00", "Oct 25 02:10:03", "Oct 25 02:10:01", "Oct 25 02:10:05")[1:] == ["25 00:10"] * 3


def test_a_time_that_is_skipped_is_of_the_clock_before_it() -> None:
    assert times("Mar 29 02:30:00") == ["29 01:30"]


def test_each_file_has_its_own_step() -> None:
    def log(node: str, *stamps: str) -> str:
        return "".join(PING.format(stamp=f"Oct 25 {stamp}", node=node) + "\n" for stamp in stamps)

    files = {
        "node1/pacemaker.log": log("node1", "02:58:00", "02:01:00", "02:30:00"),
        "node2/pacemaker.log": log("node2", "01:58:00", "02:30:00"),
    }
    events, _ = timed(files, timezone="Europe/Berlin", year=2026)
    told = {node: [f"{time:%H:%M}" for time in part["time"]] for (node,), part in events.group_by("node")}
    assert told == {"node1": ["00:58", "01:01", "01:30"], "node2": ["23:58", "00:30"]}


def test_a_clock_may_change_at_midnight_itself() -> None:
    assert times("Mar 24 23:59:59", "Mar 25 01:00:00", zone="Asia/Beirut", year=2018) == ["24 21:59", "24 22:00"]


def test_a_fixed_offset_never_changes() -> None:
    assert times("Mar 29 01:00:00", "Mar 29 12:00:00", zone="+02:00") == ["28 23:00", "29 10:00"]


#: Zones whose clocks change at other hours: at midnight, by half an hour, in the south, never.
ZONES = ["Europe/Berlin", "America/New_York", "America/Asuncion", "Australia/Lord_Howe", "Asia/Beirut", "Asia/Kolkata"]


def offset(moment: datetime, zone: ZoneInfo) -> float:
    """Seconds at a UTC moment without a zone."""
    return (moment.replace(tzinfo=UTC).astimezone(zone).utcoffset() or timedelta()).total_seconds()


def changes(name: str) -> list[datetime]:
    """The hours in which the clock changes, and the first of all."""
    zone, first, hour = ZoneInfo(name), datetime(2018, 1, 1), timedelta(hours=1)  # noqa: DTZ001 - UTC
    hours = [first + number * hour for number in range(2 * 366 * 24)]
    return [first, *(at for at in hours if offset(at, zone) != offset(at + hour, zone))]


CHANGES = [(name, moment) for name in ZONES for moment in changes(name)]


def test_there_are_changes_to_try() -> None:
    assert len(CHANGES) > 20


@settings(max_examples=200)
@given(st.sampled_from(CHANGES), st.integers(60, 300), st.lists(st.integers(1, 25), min_size=30, max_size=60))
def test_a_log_without_long_silences_is_dated_exactly(
    change: tuple[str, datetime], before: int, pauses: list[int]
) -> None:
    """Lines at most 25 minutes apart: every step back of half an hour can be seen in the log."""
    name, moment = change
    zone = ZoneInfo(name)
    moments = [moment - timedelta(minutes=before)]
    for pause in pauses:
        moments.append(moments[-1] + timedelta(minutes=pause))
    local = [each.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None) for each in moments]
    lines = pl.DataFrame(
        {"file": 0, "node": "n", "local": local}, schema_overrides={"local": pl.Datetime("us")}, strict=False
    )
    told = parse_zone(name)
    assert told is not None
    # a log that begins or ends within the hour that comes twice need not show a step
    ambiguous = [
        each.replace(tzinfo=zone).utcoffset() != each.replace(tzinfo=zone, fold=1).utcoffset() for each in local
    ]
    assume(not ambiguous[0] and not ambiguous[-1])
    assert offsets(lines, told).to_list() == [offset(each, zone) for each in moments]
