"""Reports from other people's clusters, which lie beside a checkout and are read there.

What truly happened is told in their README.md; times here are UTC.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Final

import pytest

from logtrace import analyze
from logtrace.report.case import Case, Incident, IncidentKind

REAL: Final = Path(__file__).parents[2] / "shared" / "real"
STORIES: Final = ("sles11-2012", "opensuse13-quiet", "rhel7-failover")

pytestmark = pytest.mark.skipif(not REAL.is_dir(), reason="the shared reports are not beside this checkout")


@lru_cache
def story(name: str) -> Case:
    files = sorted(path for path in (REAL / name).iterdir() if path.suffix in (".bz2", ".log"))
    return analyze([str(path) for path in files])


def faults(case: Case) -> list[Incident]:
    return [one for one in case.incidents if one.kind is not IncidentKind.PLANNED]


def fault_at(case: Case, moment: datetime, within: float = 1.5) -> Incident:
    near = [one for one in faults(case) if one.t_detected and abs((one.t_detected - moment).total_seconds()) <= within]
    assert len(near) == 1, [(one.root_cause, one.t_detected) for one in faults(case)]
    return near[0]


def moments(case: Case) -> Iterator[datetime]:
    for one in case.incidents:
        yield from (time for time in (one.t_fault, one.t_detected, one.t_recovered) if time)


@pytest.mark.parametrize(
    ("name", "year", "zone"),
    [
        ("sles11-2012", 2012, "UTC+01:00"),
        ("opensuse13-quiet", 2015, "UTC+02:00"),
        ("rhel7-failover", 2017, "UTC+09:00"),
    ],
)
def test_year_and_zone(name: str, year: int, zone: str) -> None:
    case = story(name)
    assert case.window.start is not None
    assert case.window.start.year == year
    assert case.window.timezone == zone
    assert "assumed" not in (case.window.year_source or "assumed")


@pytest.mark.parametrize(("name", "nodes"), [("sles11-2012", 2), ("opensuse13-quiet", 4), ("rhel7-failover", 2)])
def test_every_node_has_its_logs(name: str, nodes: int) -> None:
    case = story(name)
    assert [node.logs for node in case.cluster.nodes] == [True] * nodes
    assert not case.coverage.missing_nodes


def test_a_quiet_cluster_has_no_incident() -> None:
    assert story("opensuse13-quiet").incidents == ()


def test_a_recheck_is_a_transition_all_the_same() -> None:
    assert story("opensuse13-quiet").frames.transitions["pe_input"].str.contains("pe-input-15").any()


def test_every_transition_is_there() -> None:
    told = story("sles11-2012").frames.transitions
    assert {1, 2, 3, 4, 5, 6, 7} <= set(told.filter(told["dc"] == "xen-e")["number"].to_list())


def test_a_dummy_is_restarted_in_place() -> None:
    found = fault_at(story("sles11-2012"), datetime(2012, 12, 14, 19, 7, 29, tzinfo=UTC))
    assert found.root_cause == "service_crash"
    assert (found.nodes, found.resources) == (("xen-d",), ("d1",))
    assert found.recovered
    assert found.outage is not None
    assert found.outage <= 1


def test_a_fence_device_fails_its_monitor_and_no_service_is_touched() -> None:
    found = fault_at(story("sles11-2012"), datetime(2012, 12, 14, 19, 7, 36, tzinfo=UTC))
    assert found.root_cause in ("resource_agent_error", "spurious_monitor", "service_crash")
    assert found.resources == ("s-libvirt",)
    assert found.recovered


def test_a_node_is_lost_and_fenced() -> None:
    found = fault_at(story("sles11-2012"), datetime(2012, 12, 14, 19, 7, 43, tzinfo=UTC))
    assert found.root_cause in ("daemon_crash", "node_failure")
    assert "xen-d" in found.nodes
    assert found.resources == ("d1",)
    assert found.recovered
    assert found.t_recovered is not None
    assert abs((found.t_recovered - datetime(2012, 12, 14, 19, 7, 57, tzinfo=UTC)).total_seconds()) <= 1
    fencing = story("sles11-2012").frames.fencing
    assert fencing.filter(fencing["target"] == "xen-d").height == 1


def test_the_node_was_lost_because_its_corosync_died() -> None:
    found = fault_at(story("sles11-2012"), datetime(2012, 12, 14, 19, 7, 43, tzinfo=UTC))
    assert found.root_cause == "daemon_crash"
    assert found.t_recovered is not None
    assert found.t_detected is not None
    assert abs((found.t_recovered - found.t_detected).total_seconds() - 14) <= 1.5


def test_what_ran_beside_the_dead_corosync_was_down_from_the_reset_of_its_node() -> None:
    """xen-d's crmd left d1 "active at shutdown"; the reset, from 19:07:54 to 19:07:56, ended it."""
    found = fault_at(story("sles11-2012"), datetime(2012, 12, 14, 19, 7, 43, tzinfo=UTC))
    assert found.outage_range == (0.0, 2.0)


def test_a_killed_database_takes_its_group_to_the_other_node() -> None:
    case = story("rhel7-failover")
    assert len(faults(case)) == 1
    found = fault_at(case, datetime(2017, 4, 23, 21, 19, 55, tzinfo=UTC))
    assert found.root_cause in ("service_crash", "cold_failover", "group_cascade")
    assert {"prmEx", "prmFs", "prmIp", "prmPg"} == set(found.resources)
    assert found.recovered
    assert all(time.year == 2017 for time in moments(case))


def test_a_clock_that_is_behind_is_set_right() -> None:
    offsets = {node.name: node for node in story("rhel7-failover").cluster.nodes}
    behind = (offsets["pm02"].clock_offset or 0.0) - (offsets["pm01"].clock_offset or 0.0)
    assert -1.5 <= behind <= -0.5


@pytest.mark.parametrize("name", STORIES)
def test_every_incident_is_proved_by_lines(name: str) -> None:
    for one in story(name).incidents:
        assert one.evidence
        assert all(line.file and line.line > 0 for line in one.evidence)
