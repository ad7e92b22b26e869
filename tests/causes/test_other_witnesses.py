"""The same stories told by other logs: syslog alone, copies in several files, skewed clocks, zones, missing nodes."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from stories import case, cluster, fence_device, group, primitive
from test_causes import (
    DB,
    DB60,
    DC_DIES,
    ELECTION,
    NO_PID,
    NODE_LOST,
    ON_THREE,
    PROMOTABLE,
    SPLIT,
    STALLED,
    TWICE,
    TWO_COPIES,
    fenced,
    restarted,
    retried,
)

from logtrace.report.case import Incident

STOPPED = "12:05:10.750 node1 mysql(db) info: MySQL stopped"
STOP_FAILS = """
12:00:01.000 node1 db start in 0.5s: ok
12:05:10.200 node1 db monitor 10s: not running
12:05:10.240 node2 plan 7: Recover db ( node1 )
12:05:30.400 node1 db stop in 20s: Timed Out
12:05:30.600 node2 plan 8: Fence (reboot) node1 'db failed there' | Move db ( node1 -> node2 )
12:05:33.000 node2 lose node1
12:05:34.600 node2 fence node1 in 4s: OK
12:05:36.000 node2 db start in 1s: ok
12:05:36.200 node2 done 8
"""
NO_FENCING = NODE_LOST + "".join(f"12:05:{second}.000 node1 fence node3 in 3s: No route\n" for second in (44, 48, 52))
PROMOTION = (
    TWO_COPIES
    + """
12:05:31.000 node2 st promote in 20s: Timed Out
12:05:31.200 node2 plan 8: Promote st:1 ( Unpromoted -> Promoted node2 )
12:05:33.200 node2 st promote in 1.8s: ok
12:05:33.400 node2 done 8
"""
)
TOO_ACTIVE = "ocf resource db might be active on 2 nodes (attempting recovery)"
TWO = {"cib": DB}

STORIES: dict[str, tuple[str, str, Mapping[str, object]]] = {
    "crash": ("service_crash", restarted(), TWO),
    "slow start": ("slow_init", restarted(start="12"), TWO),
    "rare monitor": ("slow_detection", restarted("db monitor 60s: not running"), {"cib": DB60}),
    "spurious": ("spurious_monitor", restarted("db monitor 10s in 20s: Timed Out", stop="0.5", said=STOPPED), TWO),
    "start times out": ("start_timeout", retried("Timed Out", 20), TWO),
    "start refused": ("resource_agent_error", retried("error (cannot bind)"), TWO),
    "not installed": ("missing_agent", retried("not installed (no mysqld)"), TWO),
    "no pid file": ("no_pidfile", NO_PID, TWO),
    "stop fails": ("stop_failure", STOP_FAILS, TWO),
    "node dies": ("node_failure", fenced(), ON_THREE),
    "fencing is slow": ("slow_fencing", fenced(15), ON_THREE),
    "fencing fails": ("fencing_failure", NO_FENCING, ON_THREE),
    "split": ("network_partition", SPLIT, {"cib": DB, "dc": "node1"}),
    "stall": ("corosync_stall", STALLED, ON_THREE),
    "election": ("dc_loss", DC_DIES.format(election=ELECTION), {**ON_THREE, "dc": "node3"}),
    "promotion": ("promotion_failure", PROMOTION, {"cib": PROMOTABLE}),
    "active twice": ("multiple_active", TWICE.format(message=TOO_ACTIVE).replace(" err:", " error:"), TWO),
}


def told(name: str, **more: object) -> Incident:
    _, story, options = STORIES[name]
    return case(story, **{**options, **more}).incidents[0]


@pytest.mark.parametrize("name", STORIES)
@pytest.mark.parametrize("carriers", [("syslog",), ("detail", "iso")])
def test_the_headline_does_not_hang_on_the_carrier(name: str, carriers: tuple[str, ...]) -> None:
    one = told(name, carriers=carriers)
    plain = told(name)
    assert one.root_cause == plain.root_cause == STORIES[name][0]
    assert one.kind is plain.kind
    assert one.recovered == plain.recovered
    assert one.outage == pytest.approx(plain.outage, abs=1.05)


@pytest.mark.parametrize("name", ["crash", "stop fails", "split", "stall", "election"])
def test_clocks_and_zones_apart_change_nothing(name: str) -> None:
    one, plain = told(name, zones={"node1": 1, "node2": 1, "node3": 1}), told(name)
    assert (one.root_cause, one.t_detected, one.t_recovered) == (plain.root_cause, plain.t_detected, plain.t_recovered)


@pytest.mark.parametrize("name", ["crash", "slow start", "start refused", "stop fails", "node dies", "fencing is slow"])
@pytest.mark.parametrize("seconds", [-129.0])
def test_a_clock_that_is_off_changes_no_headline(name: str, seconds: float) -> None:
    one, plain = told(name, skew={"node2": seconds}), told(name)
    assert one.root_cause == plain.root_cause
    assert one.outage == pytest.approx(plain.outage, abs=0.6)


@pytest.mark.parametrize("name", ["crash", "slow start", "rare monitor", "start refused", "not installed"])
def test_the_dcs_log_alone(name: str) -> None:
    """The executing node's logs are missing: the DC's view is late by milliseconds and says less, but it says what."""
    one, plain = told(name, missing=("node1",)), told(name)
    assert one.root_cause == plain.root_cause
    assert one.outage == pytest.approx(plain.outage, abs=0.1)
    assert one.nodes == plain.nodes


@pytest.mark.parametrize("name", ["crash", "slow start", "start refused", "no pid file", "spurious"])
def test_without_the_dcs_log(name: str) -> None:
    """Only the executing nodes' own lines: nobody says what was planned, the operations speak for themselves."""
    _, story, options = STORIES[name]
    cib = options["cib"]
    with_dc_elsewhere = story.replace("node2 plan", "node3 plan").replace("node2 done", "node3 done")
    one = case(with_dc_elsewhere, cib=cib, nodes=("node1", "node2", "node3"), missing=("node3",)).incidents[0]
    plain = told(name)
    assert one.root_cause == plain.root_cause
    assert one.recovered == plain.recovered
    assert one.confidence < plain.confidence
    assert any("DC" in doubt for doubt in one.missing_witnesses)


def test_without_a_cib() -> None:
    """Times and headline of a crash do not need the configuration; who depends on whom does."""
    story = restarted()
    one, plain = case(story).only, case(story, cib=DB).only
    assert (one.root_cause, one.outage, one.resources) == (plain.root_cause, plain.outage, plain.resources)


def test_a_group_is_known_from_the_plan_without_a_cib() -> None:
    story = restarted().replace(
        "Recover db ( node1 )", "Recover db ( node1 ) | Restart app ( node1 )  due to required db start"
    )
    story = "12:00:00 node1 app start in 0.5s: ok\n" + story.replace(
        "12:05:10.800", "12:05:10.500 node1 app stop in 0.1s: ok\n12:05:10.800"
    ).replace("12:05:12.100", "12:05:12.050 node1 app start in 0.1s: ok\n12:05:12.100")
    cib = cluster(group("g", primitive("db", "ocf:heartbeat:mysql"), primitive("app")), fence_device())
    assert case(story).only.resources == case(story, cib=cib).only.resources == ("db", "app")
