"""A machine that boots with a wrong clock: its first lines are moved to where they belong, and nothing else is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from stories import timed

from logtrace.clocks.leaps import leaps

DAY = datetime(2026, 11, 22, tzinfo=UTC)
STARTED = "pacemakerd          [90] (main) \tnotice: Starting Pacemaker 2.1.5 | build=a3f44794f94"
LOST = "pacemaker-controld  [117] (function) \tnotice: Node node9 state is now lost | nodeid=9"


def log(*lines: tuple[str, str]) -> str:
    return "".join(f"Nov {day} node1 {message}\n" for day, message in lines)


def times(text: str) -> list[str]:
    events, clocks = timed({"node1/pacemaker.log": text}, year=2026, timezone="UTC")
    zone = clocks.by_node["node1"].local.zone
    return [*(f"{time:%d %H:%M:%S}" for time in events.sort("file", "line")["time"]), zone]


def test_a_clock_ahead_since_the_boot() -> None:
    """The real-time clock was eight hours ahead until the time daemon set it."""
    text = log(
        ("22 10:00:00.000", LOST),
        ("22 18:02:00.000", STARTED),
        ("22 18:02:10.000", LOST),
        ("22 10:02:20.000", LOST),
    )
    assert times(text) == [
        "22 10:00:00", "22 10:02:10", "22 10:02:20", "22 10:02:20", "UTC, 2 lines after a boot 28790 s ahead",
    ]  # fmt: skip


def test_a_clock_behind_since_the_boot() -> None:
    text = log(
        ("22 10:00:00.000", LOST),
        ("22 02:02:00.000", STARTED),
        ("22 02:02:10.000", LOST),
        ("22 10:02:20.000", LOST),
    )
    assert times(text) == [
        "22 10:00:00", "22 10:02:10", "22 10:02:20", "22 10:02:20", "UTC, 2 lines after a boot 28810 s behind",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "lines",
    [
        # an administrator sets the clock: which side is right?
        [("22 10:00:00.000", STARTED), ("22 12:00:00.000", LOST), ("22 11:00:00.000", LOST)],
        # two logs of the same time, one behind the other, as in a supportconfig
        [("22 10:00:00.000", STARTED), ("22 10:20:00.000", LOST), ("22 10:00:01.000", LOST), ("22 10:21:00.000", LOST)],
        [
            *(("22 10:00:00.000", LOST), ("22 12:00:00.000", LOST)),
            *(("22 10:00:01.000", STARTED), ("22 11:00:00.000", LOST), ("22 12:10:00.000", LOST)),
        ],
        # writers of one file a few seconds apart
        [("22 10:00:00.000", STARTED), ("22 10:00:25.000", LOST), ("22 10:00:00.000", LOST)],
        # a plain boot
        [("22 10:00:00.000", LOST), ("22 10:05:00.000", STARTED), ("22 10:05:10.000", LOST)],
    ],
)
def test_other_steps_are_left_alone(lines: list[tuple[str, str]]) -> None:
    assert times(log(*lines)) == [*(f"{stamp[:11]}" for stamp, _ in lines), "UTC"]


def test_what_the_time_daemon_told_is_taken() -> None:
    """Also where the log begins with the boot, so that only its word tells that the first lines are wrong."""
    chrony = "chronyd[7]: System clock was stepped by -28800.000000 seconds"
    lines = [("18:02:00", STARTED_SYSLOG), ("18:02:10", chrony), ("10:02:15", MEMBER)]
    text = "".join(f"2026-11-22T{stamp}.000000+00:00 node1 {message}\n" for stamp, message in lines)
    events, _ = timed({"node1/messages": text})
    shown = [f"{time:%H:%M:%S}" for time in events.sort("line")["time"]]
    assert shown == ["10:02:00", "10:02:10", "10:02:15"]


STARTED_SYSLOG = "pacemakerd[90]:  notice: Starting Pacemaker 2.1.5"
MEMBER = "pacemaker-controld[117]:  notice: Node node9 state is now lost"


def test_leaps_of_one_node_leave_the_other_alone() -> None:
    moments = [0, 28_920, 28_930, 140, 150]
    frame = pl.DataFrame(
        {
            "file": [0] * 10,
            "node": ["a", "b"] * 5,
            "time": [DAY + timedelta(seconds=second) for second in moments for _ in "ab"],
            "kind": ["op.result", "op.result", "boot", "op.result", *["op.result"] * 6],
            "value": [None] * 10,
        },
        schema_overrides={"value": pl.String},
    )
    assert [(leap.node, leap.rows) for leap in leaps(frame)] == [("a", (2, 4))]
