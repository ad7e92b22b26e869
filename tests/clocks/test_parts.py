"""Logs that stand one behind the other in one file are told apart, and a log whose clock was set is left whole."""

from __future__ import annotations

from datetime import datetime

import pytest
from stories import read

from logtrace.clocks.parts import edges

LOST = "pacemaker-controld  [117] (function) \tnotice: Node node9 state is now lost | nodeid=9"
TO_SYSLOG = "pacemaker-controld[117]:  notice: Node node9 state is now lost"


def log(node: str, *times: str, message: str = LOST) -> str:
    return "".join(f"Nov 22 {time} {node} {message}\n" for time in times)


def told(text: str) -> list[tuple[str, str, int]]:
    """Of each line its time, its node, and by how many lines it is told."""
    events = read({"all.log": text}, year=2026, timezone="UTC").record.timeline.events
    rows = events.select("time", "node", "witnesses").sort("time", "node").iter_rows()
    return [(f"{time:%H:%M:%S}", node, count) for time, node, count in rows]


ONE = log("node1", "10:00:00.100", "10:05:00.100")
COPY = log("node1", "10:00:00", "10:05:00", message=TO_SYSLOG)
TWO = log("node2", "10:00:00.200", "10:05:00.200")


@pytest.mark.parametrize("text", [ONE + COPY, COPY + ONE, ONE + TWO + COPY, TWO + COPY + ONE])
def test_a_copy_behind_the_log_is_a_witness_of_its_own(text: str) -> None:
    rows = [row for row in told(text) if row[1] == "node1"]
    assert rows == [("10:00:00", "node1", 2), ("10:05:00", "node1", 2)]


@pytest.mark.parametrize(
    "text",
    [
        # an administrator sets the clock back, and both go on
        log("node1", "10:00:00.100", "10:05:00.100") + log("node1", "10:01:00.100", "10:06:00.100"),
        # a log server, to which a node sends whose clock is a minute behind
        ONE + log("node2", "10:04:00.100") + log("node1", "10:05:01.100") + log("node2", "10:04:01.100"),
        # a daemon writes a line of a few seconds ago
        log("node1", "10:00:00.100") + log("node1", "09:59:50", message=TO_SYSLOG),
    ],
)
def test_what_may_be_one_log_is_left_whole(text: str) -> None:
    assert {count for _, _, count in told(text)} == {1}
    assert len(told(text)) == text.count("\n")


def test_a_part_ends_where_its_file_does() -> None:
    """Of where a part within a file begins and ends, the first and last time of the file tell nothing."""
    one, two, three = (datetime(2026, 11, 22, hour) for hour in (10, 11, 12))  # noqa: DTZ001 - local, as logs print
    assert edges([(one, two), (one, three)], [0, 1, 1, 1]) == [(one, two), (one, None), (None, None), (None, three)]
    assert edges([], []) == []
