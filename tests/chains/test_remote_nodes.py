"""Nodes without Corosync: their loss is told by the connection the cluster keeps to them."""

from __future__ import annotations

import pytest
from stories import at, case, cluster, fence_device, primitive

REMOTE = cluster(primitive("far"), primitive("web"), fence_device())
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
