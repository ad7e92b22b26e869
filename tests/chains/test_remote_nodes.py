"""Nodes without Corosync: their loss is told by the connection the cluster keeps to them."""

from __future__ import annotations

import pytest
from stories import at, case, cluster, fence_device, primitive

REMOTE = cluster(primitive("far"), primitive("web"), fence_device())
REMOTE_AGENT = cluster(primitive("far", "ocf:pacemaker:remote"), primitive("web"), fence_device())
BUNDLE = cluster(
    '<bundle id="b"><podman image="x" replicas="1"/><primitive id="httpd" class="ocf" provider="heartbeat" type="apache"/></bundle>'  # noqa: E501
)

LOST = """
12:00:01.000 node1 far start in 0.5s: ok
12:00:02.000 far web start in 0.5s: ok
12:05:00.000 node1 controld error: Lost connection to Pacemaker Remote node far
12:05:00.001 node1 far monitor 60s: error (Lost connection to remote executor)
12:05:00.200 node2 plan 4: Fence (reboot) far 'remote connection is unrecoverable' | Recover far ( node1 ) | Move web ( far -> node2 )
12:05:03.500 node2 fence far in 3s: OK
12:05:04.500 node2 web start in 0.9s: ok
12:05:04.600 node1 far stop in 0.1s: ok
"""  # noqa: E501


@pytest.mark.parametrize(
    "reconnected", ["12:05:17.000 node1 far start in 12s: ok", "12:06:03.000 node1 far start in 58s: Timed Out"]
)
def test_a_lost_remote_node_is_one_incident_of_what_ran_there(reconnected: str) -> None:
    """The connection has the node's name; nobody misses it while the services run elsewhere."""
    one = case(f"{LOST}{reconnected}\n12:06:05.000 node2 done 4", cib=REMOTE).only
    assert (one.trigger, one.root_cause) == ("node_failure", "node_failure")
    assert one.title == "The connection to the remote node far was lost; web moved to node2."
    assert (one.recovered, one.t_recovered) == (True, at("12:05:04.500"))
    assert not [advice for advice in one.advice if "far" in advice.sentence]


CONTAINER = "12:05:00.{ms} node1 b-podman-0 monitor 10s: not running"
CONNECTION = "12:05:00.{ms} node1 controld error: Lost connection to Pacemaker Remote node b-0"


@pytest.mark.parametrize(("first", "second"), [(CONTAINER, CONNECTION), (CONNECTION, CONTAINER)])
def test_a_container_and_what_runs_in_it_fall_together(first: str, second: str) -> None:
    story = f"""
    12:00:01.000 node1 b-podman-0 start in 0.5s: ok
    12:00:02.000 node1 b-0 start in 0.5s: ok
    12:00:03.000 b-0 httpd start in 0.5s: ok
    {first.format(ms="000")}
    {second.format(ms="050")}
    12:05:00.060 node1 b-0 monitor 30s: error (Lost connection to remote executor)
    12:05:00.200 node2 plan 4: Recover b-podman-0 ( node1 ) | Recover b-0 ( node1 ) | Recover httpd:0 ( b-0 )
    12:05:00.500 node1 b-0 stop in 0.1s: ok
    12:05:00.900 node1 b-podman-0 stop in 0.1s: ok
    12:05:02.000 node1 b-podman-0 start in 1s: ok
    12:05:03.000 node1 b-0 start in 0.5s: ok
    12:05:04.000 b-0 httpd start in 0.5s: ok
    12:05:04.200 node2 done 4
    """
    one = case(story, cib=BUNDLE).only
    assert one.recovered
    assert one.root_cause in ("node_failure", "service_crash")
    assert not [advice for advice in one.advice if advice.label in ("fix_agent_error", "shorter_interval")]


FAR = cluster(
    primitive("far", "ocf:pacemaker:remote", monitor=6, timeout=15), primitive("web"), primitive("db"),
    nodes=("node1", "node2", "far"),
)  # fmt: skip

RECONNECTED = """
12:00:01.000 node1 far start in 0.5s: ok
12:00:02.000 far web start in 0.5s: ok
12:05:00.000 node1 controld error: Lost connection to Pacemaker Remote node far
12:05:00.001 node1 far monitor 6s: error (Lost connection to remote executor)
12:05:00.040 node2 plan 4: Stop far ( node1 )  due to node availability | Stop web ( far )  blocked
12:05:00.100 node1 far stop in 0.1s: ok
12:05:00.200 node2 done 4
{remoted}
12:05:20.000 node2 plan 5: Start far ( node1 ) | Start web ( far )
12:05:20.600 node1 far start in 0.5s: ok
12:05:21.000 far web probe: {found}
12:05:21.100 node2 done 5
"""

BEGAN_ANEW = "12:05:07.000 far execd: Starting Pacemaker remote executor"


def test_a_remote_executor_that_dies_leaves_its_services_running() -> None:
    one = case(RECONNECTED.format(remoted=BEGAN_ANEW, found="ok"), cib=FAR).only
    assert (one.trigger, one.root_cause, one.outage) == ("daemon_crash", "daemon_crash", 0.0)
    assert one.outage_max == pytest.approx(42.0, abs=0.1)  # the monitor's interval and timeout before it, at most


def test_a_remote_node_that_was_only_cut_off_is_no_dead_daemon() -> None:
    one = case(RECONNECTED.format(remoted="", found="ok"), cib=FAR).only
    assert one.root_cause == "node_failure"


def test_a_remote_node_that_asked_to_stop_is_no_dead_daemon() -> None:
    story = RECONNECTED.format(remoted=BEGAN_ANEW, found="not running")
    asked = "12:04:59.000 node2 attrd: Setting shutdown[far]: (unset) -> 1795777153 | from node1 with no write delay"
    told = case(story + asked, cib=FAR)
    assert "daemon_crash" not in [one.root_cause for one in told.incidents]


def test_what_a_remote_node_ran_is_its_own_where_the_dc_names_the_host_of_the_connection() -> None:
    """pacemaker-controld, process_graph_event: `Transition 3 action 6 (web_start_0 on node1) confirmed`."""
    story = """
    12:00:01.000 node1 far start in 0.5s: ok
    12:00:01.500 node2 controld: Initiating start operation web_start_0 on far | action 6
    12:00:02.000 node2 controld info: Transition 3 action 6 (web_start_0 on node1) confirmed: ok | rc=0 call-id=11
    12:05:00.000 node1 controld error: Lost connection to Pacemaker Remote node far
    12:05:00.040 node2 plan 4: Stop far ( node1 )  due to node availability | Stop web ( far )  blocked
    12:05:00.200 node2 done 4
    """
    one = case(story, cib=FAR).only
    assert (one.resources, one.recovered, one.t_detected) == (("web", "far"), False, at("12:05:00.000"))


DROPPED = """
12:05:00.000 node1 controld error: Result of monitor operation for web on far: Internal communication failure (Action was pending when executor connection was dropped) | CIB update 82, graph action confirmed; call=13 key=web_monitor_10000
12:05:00.000 node1 controld error: Lost connection to Pacemaker Remote node far
12:05:00.010 node1 controld: Transition 2 action 19 (web_monitor_10000 on node1): expected 'ok' but got 'error' | target-rc=0 rc=1 call-id=13 event='arrived after initial scheduling'
"""  # noqa: E501


def test_what_was_under_way_on_a_lost_remote_node_did_not_fail() -> None:
    """The controller makes up results for it, under the remote node's name and, as the DC, under its own."""
    lost = LOST.replace(
        "12:05:00.000 node1 controld error: Lost connection to Pacemaker Remote node far\n", DROPPED[1:]
    )
    one = case(f"{lost}12:05:17.000 node1 far start in 12s: ok\n12:06:05.000 node2 done 4", cib=REMOTE_AGENT).only
    assert (one.trigger, one.root_cause) == ("node_failure", "node_failure")
    assert one.t_recovered == at("12:05:04.500")


def test_a_connection_that_goes_with_its_host_takes_no_service_along() -> None:
    """It is made again from another node, and what runs on the remote node runs on."""
    story = """
    12:00:01.000 node2 far start in 0.5s: ok
    12:00:02.000 far web start in 0.5s: ok
    12:05:00.100 node1 lose node2
    12:05:00.200 node1 plan 4: Fence (reboot) node2 'peer is gone' | Move far ( node2 -> node1 )
    12:05:01.500 node1 far start in 0.9s: ok
    12:05:03.500 node1 fence node2 in 3s: OK
    12:05:04.600 node1 done 4
    """
    one = case(story, cib=REMOTE_AGENT).only
    assert one.root_cause == "node_failure"
    assert one.title == "node2 stopped answering and was fenced."
    assert one.outage == 0.0


def test_the_reason_of_a_failed_monitor_is_enough_to_know_a_connection() -> None:
    """Nothing but the connection to a remote node can fail for that; what ran on the node is not told here."""
    story = """
    12:00:02.000 far web start in 0.5s: ok
    12:05:00.001 node1 far monitor 60s: error (Lost connection to remote executor)
    12:05:41.000 node1 far start in 40s: Timed Out
    """
    one = case(story, missing=("node2",)).only
    assert (one.trigger, one.root_cause, one.outage) == ("node_failure", "node_failure", None)
    assert one.title.startswith("The connection to the remote node far was lost")
