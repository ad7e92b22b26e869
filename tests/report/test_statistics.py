"""Counts and durations of a window, from stories whose lengths are known."""

from __future__ import annotations

from datetime import datetime

import polars as pl
import pytest
from stories import Told, at, case, clone, cluster, fence_device, primitive

from logtrace.report.case import Frames, Statistics, Window
from logtrace.report.statistics import statistics

CIB = cluster(primitive("db", timeout=20), clone("web-clone", primitive("web", monitor=5)), fence_device())
STORY = """
12:00:01.100 node1 db probe in 0.1s: not running
12:00:01.100 node2 db probe in 0.1s: not running
12:00:03 node1 db start in 1s: ok
12:00:04 node1 db monitor 10s asked: ok
12:01:00 node1 db monitor 10s: not running
12:01:02 node1 db stop in 1.5s: ok
12:01:15 node1 db start in 12s: error
12:01:20 node2 db start in 3s: ok
12:01:21 node1 web start in 0.5s: ok
12:01:21 node2 web start in 0.7s: ok
"""


def counted(told: Told, start: datetime | None = None, end: datetime | None = None, cib: bool = True) -> Statistics:
    timeline = told.timeline
    frames = Frames(
        files=pl.DataFrame(),
        events=timeline.events,
        operations=timeline.frames.runs,
        transitions=timeline.frames.transitions,
        membership=timeline.frames.membership,
        fencing=timeline.frames.fencings,
    )
    return statistics(frames, told.config if cib else None, Window(start, end, None, None))


def test_runs_are_measured_by_resource_and_operation() -> None:
    runs = {(each.resource, each.operation): each for each in counted(case(STORY, cib=CIB)).runs}
    assert set(runs) == {
        ("db", "probe"), ("db", "start"), ("db", "monitor"), ("db", "stop"), ("web", "start")
    }  # fmt: skip
    starts = runs["db", "start"]
    assert (starts.runs, starts.failures, starts.timed) == (3, 1, 3)
    assert (starts.p50, starts.p95, starts.longest) == pytest.approx((3, 12, 12), abs=0.01)
    assert (starts.timeout, starts.near_timeout, starts.exact, starts.interval) == (20.0, True, True, None)
    assert not runs["db", "stop"].near_timeout
    assert (runs["db", "probe"].runs, runs["db", "probe"].failures) == (2, 0)
    assert (runs["db", "monitor"].runs, runs["db", "monitor"].failures, runs["db", "monitor"].interval) == (2, 1, 10.0)
    web = runs["web", "start"]
    assert (web.runs, web.p50, web.longest) == pytest.approx((2, 0.5, 0.7), abs=0.01)


def test_a_late_result_of_a_monitor_is_no_long_run() -> None:
    """A recurring monitor is handed over once; ten minutes until its first logged result are no run time."""
    story = """
    12:00:03 node1 db start in 1s: ok
    12:10:00 node1 db monitor 10s: not running
    """
    (monitor,) = (each for each in counted(case(story, cib=CIB)).runs if each.operation == "monitor")
    assert monitor.runs == 1
    assert monitor.longest is None or monitor.longest < 1


def test_instances_of_a_clone_count_as_one_resource() -> None:
    story = "12:01:21 node1 web:0 start in 0.5s: ok\n12:01:21 node2 web:1 start in 0.7s: error"
    seen = counted(case(story, cib=CIB))
    assert [(each.resource, each.runs, each.failures) for each in seen.runs] == [("web", 2, 1)]
    assert [(each.resource, each.nodes) for each in seen.placements] == [("web", ("node1",))]


def test_monitors_of_the_configuration_come_with_their_failures() -> None:
    monitors = counted(case(STORY, cib=CIB)).monitors
    assert [(each.resource, each.interval, each.timeout, each.failures, each.nodes) for each in monitors] == [
        ("db", 10.0, 20.0, 1, ("node1",)),
        ("web", 5.0, 20.0, 0, ()),
    ]
    assert all(each.configured for each in monitors)
    unknown = counted(case(STORY, cib=CIB), cib=False).monitors
    assert [(each.resource, each.interval, each.timeout, each.configured) for each in unknown] == [
        ("db", 10.0, None, False)
    ]


def test_failures_and_places() -> None:
    seen = counted(case(STORY, cib=CIB))
    (db,) = seen.failures
    assert (db.resource, db.operations, db.count, db.nodes) == ("db", {"monitor": 1, "start": 1}, 2, ("node1",))
    assert (db.first, db.last) == (at("12:01:00"), at("12:01:15"))
    assert {each.resource: each.nodes for each in seen.placements} == {
        "db": ("node1", "node2"),
        "web": ("node1", "node2"),
    }


def test_only_the_window_counts() -> None:
    seen = counted(case(STORY, cib=CIB), at("12:01:10"), at("12:01:20"))
    assert [(each.resource, each.operation, each.runs) for each in seen.runs] == [("db", "start", 2)]


def test_fencing_is_counted_by_its_target() -> None:
    story = """
    12:00:10 node1 fence node3 in 3s: no route to host
    12:00:15 node1 fence node3 in 4s: OK
    12:30:00 node1 fence node3 in 2s: OK
    """
    told = case(story, nodes=("node1", "node2", "node3"), missing=("node2",))
    (fencing,) = counted(told).fencing
    assert (fencing.target, fencing.count, fencing.failures, fencing.devices) == ("node3", 2, 1, ("st",))
    assert (fencing.p50, fencing.longest) == (2.0, 8.0)


def test_nothing_gives_nothing() -> None:
    assert counted(case("12:00:00 node1 see node2")) == Statistics()


def test_a_failure_that_only_a_plan_tells_is_counted_as_the_incident_has_it() -> None:
    told = case("12:00:10 node2 plan 7: Recover db ( node1 )\n12:00:12 node2 done 7\n", missing=("node1",))
    (failed,) = counted(told, told.timeline.start, told.timeline.end).failures
    assert (failed.resource, failed.operations, failed.nodes) == ("db", {"monitor": 1}, ("node1",))
    assert [run.resource for run in told.only.operations if run.rc is None] == ["db"]


def test_a_run_that_ends_within_the_last_second_of_the_window_counts() -> None:
    told = case("12:00:10 node1 db stop in 0.2s: ok\n12:00:10.6 node1 db start in 0.3s: ok\n", carriers=("syslog",))
    end = told.timeline.end
    assert {each.operation for each in counted(told, told.timeline.start, end).runs} == {"stop", "start"}
