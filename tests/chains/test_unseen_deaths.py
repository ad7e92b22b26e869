"""A node that goes down when nobody is left to see it: the last member, which tells it itself when it begins anew."""

from __future__ import annotations

import pytest
from stories import at, case, cluster, primitive

CIB = cluster(primitive("db"))
ALONE = """
12:00:01.000 node2 db start in 0.5s: ok
12:00:02.000 node2 db monitor 10s asked: ok
12:04:00.000 node1 controld: Shutting down cluster resource manager | limit=1200000ms
12:04:00.100 node1,node2 attrd: Setting shutdown[node1]: (unset) -> 1795349040 | from node1
12:04:01.000 node2 lose node1 in order
12:05:10.000 node2 controld info: Timer popped
"""
BACK = """
12:07:30.000 node2 corosync MAIN: Corosync Cluster Engine 3.1.7 starting up
12:07:31.000 node2 pacemakerd: Starting Pacemaker 2.1.5 | build=a3f44794f94
12:07:33.000 node2 controld: State transition S_PENDING -> S_INTEGRATION | input=I_INTEGRATION cause=C_TIMER_POPPED
12:07:35.000 node2 plan 0: Start db ( node2 )
12:07:36.500 node2 db start in 1s: ok
12:07:36.600 node2 done 0
"""
LOST = "12:07:00.000 node2 {} crit: Lost connection to cluster layer, shutting down\n"


def faults(story: str) -> list[str]:
    told = case("\n".join(sorted(filter(None, story.splitlines()))), cib=CIB, dc="node2")
    return [one.root_cause for one in told.incidents if one.kind.value == "fault"]


def test_the_last_member_that_begins_anew_had_gone_down() -> None:
    told = case(ALONE + BACK, cib=CIB, dc="node2")
    (one,) = (each for each in told.incidents if each.kind.value == "fault")
    assert (one.root_cause, one.recovered, one.t_recovered) == ("node_failure", True, at("12:07:36.500"))
    assert (one.t_fault, one.t_detected) == (None, at("12:07:30"))  # when it died nothing tells
    assert one.t_fault_earliest is not None
    assert one.t_fault_earliest < at("12:05:11")
    assert one.confidence <= 0.7
    assert one.title == "node2 went down with nobody left to see it, and began anew; db started again on node2."


@pytest.mark.parametrize(
    "ended",
    [
        "12:07:00.000 node2 corosync MAIN: Node was shut down by a signal",
        "12:07:00.000 node2 pacemakerd: Shutting down Pacemaker",
        LOST.format("controld") + LOST.format("attrd"),
    ],
)
def test_what_its_own_lines_explain_is_none(ended: str) -> None:
    assert "node_failure" not in faults(ALONE + ended + BACK)


def test_what_a_member_saw_is_told_once() -> None:
    story = """
    12:00:01.000 node2 db start in 0.5s: ok
    12:05:20.000 node1 lose node2
    12:05:20.100 node1 plan 4: Move db ( node2 -> node1 )
    12:05:21.500 node1 db start in 1s: ok
    12:05:21.600 node1 done 4
    12:07:30.000 node2 corosync MAIN: Corosync Cluster Engine 3.1.7 starting up
    12:07:31.000 node1 see node2
    """
    assert faults(story) == ["node_failure"]


def test_a_power_cut_is_one_incident_of_all_its_nodes() -> None:
    """Nobody is left to see anybody go."""
    story = """
    12:00:01.000 node1 db start in 0.5s: ok
    12:00:02.000 node1 db monitor 10s asked: ok
    12:00:03.000 node2 web start in 0.5s: ok
    12:07:30.000 node1,node2 corosync MAIN: Corosync Cluster Engine 3.1.7 starting up
    12:07:31.000 node1,node2 pacemakerd: Starting Pacemaker 2.1.5 | build=a3f44794f94
    12:07:35.000 node1 plan 0: Start db ( node1 ) | Start web ( node2 )
    12:07:36.500 node1 db start in 1s: ok
    12:07:37.500 node2 web start in 2s: ok
    12:07:37.600 node1 done 0
    """
    one = case(story, cib=cluster(primitive("db"), primitive("web")), dc="node1").only
    assert one.title == (
        "node1 and node2 went down with nobody left to see it, and began anew; db and web started again on node1 and "
        "node2."
    )
    assert one.t_recovered == at("12:07:37.500")
