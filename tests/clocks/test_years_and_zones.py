"""Local times without year and zone become UTC."""

from __future__ import annotations

import warnings
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stories import read, tell, timed, write

from logtrace.clocks.anchors import _epoch_of, nearest_year
from logtrace.clocks.names import UNNAMED
from logtrace.domain.columns import NO_YEAR
from logtrace.domain.zones import parse_zone
from logtrace.errors import UsageError

#: A line that every node writes now and then, and which bears no date.
PING = "Nov 22 {time} {node} pacemaker-controld  [117] (function) \tnotice: Node node9 state is now member | nodeid=9"


def times(files: dict[str, str], **options: object) -> list[datetime]:
    events, _ = timed(files, **options)  # type: ignore[arg-type]
    return events.sort("file", "line")["time"].to_list()


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def epoch(text: str) -> int:
    return int(at(text).timestamp())


ANCHORS = {
    "scheduler reference": (
        "Mar 05 14:30:00 [60] node1       crmd:     info: do_te_invoke:\tProcessing graph 4 "
        "(ref=pe_calc-dc-{epoch}-44) derived from /var/lib/pacemaker/pengine/pe-input-4.bz2"
    ),
    "last-failure attribute": (
        "Mar 05 14:30:00 node1 pacemaker-attrd     [115] (update_attr_on_host) \tnotice: Setting "
        "last-failure-db#monitor_10000[node1]: (unset) -> {epoch} | from node1 with no write delay"
    ),
    "fail-count epoch": (
        "Mar 05 14:30:00 node1 crmd: [60]: WARN: update_failcount: Updating failcount for db on node1 after failed "
        "monitor: rc=7 (update=value++, time={epoch})"
    ),
    "shutdown attribute": (
        "Mar 05 14:30:00 node1 pacemaker-attrd     [115] (update_attr_on_host) \tnotice: Setting shutdown[node1]: "
        "(unset) -> {epoch}"
    ),
    "corosync pause line": (
        "Mar 05 14:30:00 [100] node1 corosync warning [MAIN  ] Corosync main process was not scheduled (@{epoch}312) "
        "for 2600.1 ms (threshold is 2400.0 ms). Consider token timeout increase."
    ),
}


@pytest.mark.parametrize("source", ANCHORS)
@pytest.mark.parametrize(("true", "hours"), [("14:30:00", 0), ("13:30:00", 1), ("08:45:00", 5.75), ("19:30:00", -5)])
def test_one_line_with_an_epoch_gives_year_and_zone(source: str, true: str, hours: float) -> None:
    line = ANCHORS[source].format(epoch=epoch(f"2019-03-05T{true}"))
    events, clocks = timed({"node1/log": line + "\n"})
    assert events["time"].to_list() == [at(f"2019-03-05T{true}")]
    clock = clocks.by_node["node1"].local
    assert (clock.year, clock.offset, clock.source, clock.sure) == (2019, timedelta(hours=hours), source, True)


def test_an_anchor_late_in_the_log_dates_all_of_it() -> None:
    told = tell("11:00:00 node1 controld: Node node9 state is now member\n12:00:00 node1 plan 3:", day="2021-08-09")
    first, *_, last = times(write(told, zones={"node1": 2}))
    assert first == at("2021-08-09T11:00:00")
    assert last == at("2021-08-09T12:00:00.002")


@pytest.mark.parametrize("anchored", ["2020-12-31 23:58:00", "2021-01-01 00:02:00"])
def test_a_new_year_inside_a_file(anchored: str) -> None:
    story = f"""
    2020-12-31 23:57:00 node1 controld: Node node9 state is now lost
    {anchored if anchored.startswith("2020") else "2020-12-31 23:58:00"} node1 controld: Quorum lost
    2020-12-31 23:59:59.900 node1 controld: Node node9 state is now member
    2021-01-01 00:00:00.100 node1 controld: Quorum acquired
    2021-01-01 00:03:00 node1 controld: Node node9 state is now lost
    """
    told = sorted([*tell(story), *tell(f"{anchored} node1 plan 3:")], key=lambda line: line.time)
    found = times(write(told))
    assert found == sorted(found)
    assert (found[0], found[-1]) == (at("2020-12-31T23:57:00"), at("2021-01-01T00:03:00"))
    assert found.count(at("2021-01-01T00:00:00.100")) == 1


def test_lines_out_of_order_at_midnight_are_no_second_new_year() -> None:
    """Two daemons write to one log, each in the order of its own clock readings."""
    story = """
    2020-12-31 22:00:00 node1 plan 3:
    2020-12-31 23:59:59.990 node1 controld: Quorum lost
    2021-01-01 00:00:00.010 node1 controld: Quorum acquired
    2020-12-31 23:59:59.995 node1 controld: Node node9 state is now lost
    2021-01-01 00:00:05 node1 controld: Node node9 state is now member
    """
    *lines, late, new_year, last = write(tell(story))["node1/pacemaker.log"].splitlines(keepends=True)
    assert "is now lost" in late
    found = times({"node1/pacemaker.log": "".join([*lines, new_year, late, last])})
    assert [time.isoformat(timespec="milliseconds")[:-6] for time in sorted(found)[-4:]] == [
        "2020-12-31T23:59:59.990",
        "2020-12-31T23:59:59.995",
        "2021-01-01T00:00:00.010",
        "2021-01-01T00:00:05.000",
    ]


def test_a_rotated_file_of_last_year_beside_the_one_with_the_anchor() -> None:
    old = write(tell("2020-12-30 10:00:00 node1 controld: Quorum lost"))["node1/pacemaker.log"]
    new = write(tell("2021-01-02 10:00:00 node1 plan 3:"))["node1/pacemaker.log"]
    found = times({"node1/pacemaker.log.1": old, "node1/pacemaker.log": new})
    assert min(found) == at("2020-12-30T10:00:00")
    assert found[0] == at("2021-01-02T10:00:00")


def test_lines_that_step_back_a_little_are_no_new_year() -> None:
    files = {
        "node1/pacemaker.log": "".join(
            PING.replace("Nov 22", day).format(time=time, node="node1") + "\n"
            for day, time in [("Jun 30", "23:59:59"), ("Jul 01", "00:00:03"), ("Jun 30", "23:59:58")]
        )
    }
    found = times(files, year=2022)
    assert [time.date().isoformat() for time in found] == ["2022-06-30", "2022-07-01", "2022-06-30"]


def test_the_29th_of_february() -> None:
    told = tell("12:00:00 node1 controld: Quorum lost\n12:00:01 node1 plan 3:", day="2024-02-29")
    assert times(write(told))[0] == at("2024-02-29T12:00:00")


def test_the_29th_of_february_without_an_anchor_is_in_a_leap_year() -> None:
    line = PING.replace("Nov 22", "Feb 29").format(time="12:00:00", node="node1")
    hint = (None, epoch("2026-03-01T00:00:00"), "file time")
    assert times({"node1/pacemaker.log": line + "\n"}, hints=[hint]) == [at("2024-02-29T12:00:00")]


def test_a_year_that_has_no_29th_of_february_is_refused() -> None:
    line = PING.replace("Nov 22", "Feb 29").format(time="12:00:00", node="node1")
    with pytest.raises(UsageError, match="29 February"):
        times({"node1/pacemaker.log": line + "\n"}, year=2023)


def test_each_node_has_its_own_zone() -> None:
    failed = "Updating failcount for db on node2 after failed monitor: rc=7"
    story = f"""
    12:00:00 node1 plan 3:
    12:00:00 node2 controld: {failed} (update=value++, time=1795348800)
    12:00:00 node3 attrd: Setting last-failure-db#monitor_10000[node3]: (unset) -> 1795348800
    """
    told = tell(story, nodes=("node1", "node2", "node3"))
    events, clocks = timed(write(told, zones={"node1": 0, "node2": 5.5, "node3": -8}))
    assert set(events["time"].dt.truncate("1s")) == {at("2026-11-22T12:00:00")}
    assert {node: clock.local.offset.total_seconds() / 3600 for node, clock in clocks.by_node.items()} == {
        "node1": 0,
        "node2": 5.5,
        "node3": -8,
    }


def test_an_epoch_that_disagrees_with_most_is_outvoted() -> None:
    story = "".join(f"12:0{minute}:00 node1 plan {minute}:\n" for minute in range(5))
    files = write(tell(story), zones={"node1": 1})
    stray = ANCHORS["last-failure attribute"].replace("Mar 05", "Nov 22").format(epoch=epoch("2026-11-22T11:30:00"))
    files["node1/pacemaker.log"] += stray + "\n"
    _, clocks = timed(files)
    assert clocks.by_node["node1"].local.offset == timedelta(hours=1)


def test_no_anchor_no_hint_is_assumed_and_says_so() -> None:
    local = datetime.now(UTC).replace(tzinfo=None) - timedelta(days=3)
    line = PING.replace("Nov 22", f"{local:%b %d}").format(time=f"{local:%H:%M:%S}", node="node1")
    events, clocks = timed({"node1/pacemaker.log": line + "\n"})
    assert events["time"].to_list() == [local.replace(microsecond=0, tzinfo=UTC)]
    clock = clocks.by_node["node1"].local
    assert not clock.sure
    assert "assumed" in clock.source
    assert "assumed" in clock.zone_source


def test_a_file_time_gives_the_year_and_the_zone_stays_assumed() -> None:
    line = PING.format(time="12:00:00", node="node1") + "\n"
    _, clocks = timed({"node1/pacemaker.log": line}, hints=[("node1", epoch("2018-01-05T08:00:00"), "time of x.log")])
    clock = clocks.by_node["node1"].local
    assert (clock.year, clock.source, clock.zone, clock.sure) == (2017, "time of x.log", "UTC", False)


def test_a_node_without_anchors_borrows_and_says_so() -> None:
    told = tell("12:00:00 node1 plan 3:\n12:00:00 node2 controld: Quorum lost", day="2019-06-01")
    events, clocks = timed(write(told, zones={"node1": 9, "node2": 9}))
    assert set(events["time"].dt.truncate("1s")) == {at("2019-06-01T12:00:00")}
    borrowed = clocks.by_node["node2"].local
    assert not borrowed.sure
    assert "node1" in borrowed.source
    assert clocks.by_node["node1"].local.sure


def test_a_line_with_year_and_zone_anchors_the_files_of_its_node() -> None:
    iso = "2019-03-22T10:34:47.602896+08:00 node1 corosync[1681]:   [QUORUM] Members[1]: 1\n"
    bare = PING.replace("Nov 22", "Mar 22").format(time="10:34:48", node="node1") + "\n"
    assert times({"node1/messages": iso, "node1/pacemaker.log": bare})[-1] == at("2019-03-22T02:34:48")


def test_the_zone_the_user_tells_wins() -> None:
    files = write(tell("12:00:00 node1 plan 3:", day="2019-06-01"))
    assert times(files, timezone="+03:00")[0] == at("2019-06-01T09:00:00")
    assert timed(files, timezone="+03:00")[1].by_node["node1"].local.zone_source == "as told"


def test_the_year_the_user_tells_wins() -> None:
    files = write(tell("12:00:00 node1 plan 3:", day="2019-06-01"))
    assert timed(files, year=2015)[1].by_node["node1"].local.source == "as told"
    assert times(files, year=2015)[0] == at("2015-06-01T12:00:00")


def test_the_year_the_user_tells_wins_where_nothing_else_is_known() -> None:
    line = PING.format(time="12:00:00", node="node1") + "\n"
    assert times({"node1/pacemaker.log": line}, year=2015) == [at("2015-11-22T12:00:00")]


@pytest.mark.parametrize(("month", "hour"), [("Jan", 11), ("Jul", 10)])
def test_a_zone_by_name_knows_summer_time(month: str, hour: int) -> None:
    line = PING.replace("Nov", month).format(time="12:00:00", node="node1") + "\n"
    found = times({"node1/pacemaker.log": line}, year=2022, timezone="Europe/Berlin")
    assert found == [at(f"2022-{'01' if month == 'Jan' else '07'}-22T{hour}:00:00")]


def test_a_printed_zone_is_not_overridden() -> None:
    iso = "2019-03-22T10:34:47.602896+08:00 node1 corosync[1681]:   [QUORUM] Members[1]: 1\n"
    assert times({"node1/messages": iso}, timezone="UTC", year=2011) == [at("2019-03-22T02:34:47.602896")]


@pytest.mark.parametrize(
    "name", ["Middle/Earth", "/etc/passwd", "../../../etc/passwd", "A/../../../etc/passwd", ":/etc/localtime", "", " "]
)
def test_an_unknown_zone_is_refused_with_a_remedy(name: str) -> None:
    """No file is opened for it, and no name at all is not the zone of this machine."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(UsageError) as caught:
            parse_zone(name)
    assert f"unknown time zone {name!r}; give a name" in str(caught.value)


@pytest.mark.parametrize(("name", "hours"), [("Europe/Berlin", 1), ("EST5EDT", -5), ("CET-1CEST,M3.5.0,M10.5.0/3", 1)])
def test_zones_are_known_by_name(name: str, hours: int) -> None:
    zone = parse_zone(name)
    assert zone is not None
    assert zone.utcoffset(datetime(2026, 1, 1)) == timedelta(hours=hours)  # noqa: DTZ001


def test_zones_are_known_by_offset() -> None:
    assert parse_zone(None) is None
    assert parse_zone("+02:00").utcoffset(datetime(2026, 1, 1)) == timedelta(hours=2)  # type: ignore[union-attr]  # noqa: DTZ001


@pytest.mark.parametrize(
    ("local", "true", "year"),
    [
        ((12, 31), "2021-01-01", 2020),
        ((1, 1), "2020-12-31", 2021),
        ((6, 1), "2021-06-01", 2021),
        ((2, 29), "2025-02-28", 2024),
    ],
)
def test_the_nearest_year(local: tuple[int, int], true: str, year: int) -> None:
    found = nearest_year(datetime(NO_YEAR, *local, 12), datetime.fromisoformat(true))  # noqa: DTZ001
    assert found.year == year


def test_undated_lines_are_dropped_and_the_rest_stays_whole() -> None:
    told = read(write(tell("12:00:00 node1 plan 3:\n12:00:01 node1 done 3")))
    assert told.events["time"].null_count() == 0
    assert told.events.filter(pl.col("kind") == "te.done").height == 1


def test_a_log_in_which_nobody_is_named() -> None:
    """A lone corosync.log of old: no host in its lines, no folder of a node around it."""
    log = "Nov 22 12:00:02 corosync [TOTEM ] A processor failed, forming new configuration.\n"
    events, _ = timed({"corosync.log": log}, year=2026)
    assert events.select("node", "time").rows() == [(UNNAMED, at("2026-11-22 12:00:02"))]


def test_an_epoch_that_cannot_be_is_no_anchor() -> None:
    said = f"Updating failcount for db on node1 after failed start: rc=1 (update=value++, time={2**62})"
    story = f"12:00:02 node1 controld: {said}"
    events, _ = timed(write(tell(story)), year=2026)
    assert events.select("kind", "time").rows() == [("failcount.update", at("2026-11-22 12:00:02"))]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 12), st.integers(0, 31), st.integers(0, 24), st.integers(0, 60)), min_size=1),
    st.sampled_from(["", "2019-03-05T14:30:00", "2100-03-01T00:00:00", "1999-12-31T23:59:59"]),
)
def test_any_date_that_syslog_can_print_ends_no_run(dates: list[tuple[int, int, int, int]], known: str) -> None:
    """In any year that epochs beside it tell, also in one without a 29 February; and dates that never were."""
    months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    stamps = [f"{months[month - 1]} {day:2} {hour:02}:{minute:02}:00" for month, day, hour, minute in dates]
    lines = [f"{stamp} node1 pacemaker-controld[7]: notice: Node n9 state is now member\n" for stamp in stamps]
    leap = "Feb 29 12:00:00 node1 pacemaker-controld[7]: notice: Node n9 state is now lost\n"
    anchor = ANCHORS["last-failure attribute"].format(epoch=epoch(known)) + "\n" if known else ""
    events, _ = timed({"node1/log": "".join([*lines, leap, anchor])})
    assert events["time"].null_count() == 0


RECORDED = "pengine[6]: warning: Unexpected result (error) was recorded for start of db on n2 at "


@pytest.mark.parametrize(
    ("line", "year"),
    [
        ("stonith-ng[5]:  warning: fence_vm[10] stderr: [ 2016-07-30 06:15:02,104 ERROR: no login ]", 2016),
        (RECORDED + "Jul 30 06:15:01 2014", 2014),
        # a failure of the year before, told again
        (RECORDED + "Dec 30 06:15:01 2014", 2015),
    ],
)  # fmt: skip
def test_a_date_with_its_year_in_a_message_tells_the_year(line: str, year: int) -> None:
    events, clocks = timed({"node1/log": f"Jul 30 06:15:02 node1 {line}\n"})
    assert [time.year for time in events["time"].to_list()] == [year]
    assert "a date in the lines" in clocks.by_node["node1"].local.source


def test_a_foreign_nodes_epoch_anchors_nothing() -> None:
    """All nodes print the attribute; whose clock made its epoch is told by its name."""
    foreign = ANCHORS["last-failure attribute"].replace("10000[node1]", "10000[node2]")
    line = foreign.format(epoch=epoch("2019-03-05T13:30:00"))
    own = ANCHORS["shutdown attribute"].format(epoch=epoch("2019-03-05T14:30:00"))
    _, clocks = timed({"node1/log": f"{line}\n{own}\n"})
    assert clocks.by_node["node1"].local.offset == timedelta()


@pytest.mark.parametrize(("hours", "shown"), [(14, 14), (-12, -12), (14.5, 0), (-13, 0)])
def test_an_epoch_that_puts_a_node_outside_of_all_zones_gives_it_none(hours: float, shown: int) -> None:
    local = at("2026-03-05T14:30:00")
    text = ANCHORS["shutdown attribute"].format(epoch=int((local - timedelta(hours=hours)).timestamp()))
    (time,) = times({"r/node1/pacemaker.log": text}, year=2026)
    assert time == local - timedelta(hours=shown)


@pytest.mark.parametrize(("printed", "believed"), [("+14:00", True), ("-12:00", True), ("+15:00", False)])
def test_a_log_store_in_no_zone_tells_nothing(printed: str, believed: bool) -> None:
    assert (_epoch_of(f"2026-03-05T14:30:00{printed}") is not None) == believed
