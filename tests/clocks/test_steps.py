"""Summer time that begins or ends in the middle of a log, where nobody said which zone it is in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from stories import timed
from test_summertime import CHANGES, PING

from logtrace.clocks import Clocks

GRAPH = (
    "{stamp} {node} pacemaker-controld  [117] (function) \tnotice: Processing graph 4 "
    "(ref=pe_calc-pacemaker-controld-{epoch}-38) derived from /var/lib/pacemaker/pengine/pe-input-4.bz2"
)

Moments = list[tuple[datetime, str]]  # naive, UTC; and the line


def log(moments: Moments, zone: ZoneInfo, node: str = "node1") -> str:
    lines = []
    for moment, line in moments:
        local = moment.replace(tzinfo=UTC).astimezone(zone)
        lines.append(
            line.format(stamp=f"{local:%b %d %H:%M:%S}", node=node, epoch=int(moment.replace(tzinfo=UTC).timestamp()))
        )
    return "".join(f"{line}\n" for line in lines)


def read(files: dict[str, str]) -> tuple[dict[str, list[datetime]], Clocks]:
    events, clocks = timed(files)
    events = events.sort("file", "line")
    return {
        f"node{number}": events.filter(events["node"] == f"node{number}")["time"].dt.replace_time_zone(None).to_list()
        for number in (1, 2)
    }, clocks


@settings(max_examples=150)
@given(
    change=st.sampled_from([change for change in CHANGES if change[1].day != 1 or change[1].hour]),
    before=st.integers(60, 600),
    pauses=st.lists(st.tuples(st.integers(1, 25), st.booleans()), min_size=30, max_size=80),
)
def test_a_log_without_long_silences_is_dated_exactly(
    change: tuple[str, datetime], before: int, pauses: list[tuple[int, bool]]
) -> None:
    """Wherever the anchors are, two on each side: lines at most 25 minutes apart show where the clock changed."""
    name, moment = change
    zone = ZoneInfo(name)
    now = moment - timedelta(minutes=before)
    moments: Moments = [(now, GRAPH)]
    for minutes, anchor in pauses:
        now += timedelta(minutes=minutes)
        moments.append((now, GRAPH if anchor else PING))
    offsets = [at.replace(tzinfo=UTC).astimezone(zone).utcoffset() for at, line in moments if line is GRAPH]
    sides = [offsets.count(offset) for offset in dict.fromkeys(offsets)]
    assume(len(sides) == 2 and min(sides) >= 2)
    times, clocks = read({"node1/pacemaker.log": log(moments, zone)})
    assert times["node1"] == [at for at, _ in moments]
    assert "from 20" in clocks.by_node["node1"].local.zone


SPRING, AUTUMN = datetime.fromisoformat("2026-03-29T01:00"), datetime.fromisoformat("2026-10-25T01:00")
BERLIN = ZoneInfo("Europe/Berlin")


def around(change: datetime, *minutes: int, anchors: tuple[int, ...] = (-300, -200, 200, 300)) -> Moments:
    """Lines so many minutes from a change, among anchors."""
    return [(change + timedelta(minutes=at), GRAPH if at in anchors else PING) for at in sorted({*minutes, *anchors})]


def test_a_change_that_no_line_shows_is_uncertain() -> None:
    """Silence from an hour before to an hour behind: anywhere in it, and the clock's zone says so."""
    quiet = around(AUTUMN, -90, 90)
    times, clocks = read({"node1/pacemaker.log": log(quiet, BERLIN)})
    assert times["node1"] == [at for at, _ in quiet]
    assert "from about 2026-10-25" in clocks.by_node["node1"].local.zone
    dense = around(AUTUMN, *range(-120, 121, 20))
    _, clocks = read({"node1/pacemaker.log": log(dense, BERLIN)})
    assert clocks.by_node["node1"].local.zone == "UTC+02:00, from 2026-10-25 01:00 UTC on UTC+01:00"


def test_a_node_without_epochs_shares_the_zone() -> None:
    """Only the DC logs them; on the other the lines of its own file show the step."""
    told = around(AUTUMN, *range(-120, 121, 20))
    other = [(at, PING) for at, _ in told]
    files = {"node1/pacemaker.log": log(told, BERLIN), "node2/pacemaker.log": log(other, BERLIN, "node2")}
    times, _ = read(files)
    assert times["node2"] == [at for at, _ in other]


@pytest.mark.parametrize("change", [SPRING, AUTUMN])
def test_a_single_stray_anchor_is_no_change(change: datetime) -> None:
    told = around(change, anchors=(-300, -200, 60))
    _, clocks = read({"node1/pacemaker.log": log(told, BERLIN)})
    assert "from" not in clocks.by_node["node1"].local.zone


def test_a_year_has_two_changes() -> None:
    minutes = range(-220, 121, 20)
    told = around(AUTUMN, *minutes) + around(SPRING + timedelta(days=364), *minutes)
    times, clocks = read({"node1/pacemaker.log": log(told, BERLIN)})
    assert times["node1"] == [at for at, _ in told]
    assert clocks.by_node["node1"].local.zone.count("UTC+02:00") == 2
