"""Services that leave a node because it lost a network, with no failed operation and no lost node."""

from __future__ import annotations

import pytest
from stories import Told, at, case, cluster, finding, primitive

from logtrace.causes.judgement import Verdict
from logtrace.report.case import IncidentKind

CIB = cluster(primitive("db", "ocf:heartbeat:mysql"), primitive("p_ping", "ocf:pacemaker:ping"))
MOVED = """
12:00:01.000 node1 db start in 0.5s: ok
12:00:02.000 node1 db monitor 10s asked: ok
{why}
12:05:10.240 node2 plan 7: Move db ( node1 -> node2 )
12:05:10.800 node1 db stop in 0.5s: ok
12:05:14.900 node2 db start in 4s: ok
12:05:15.000 node2 done 7
"""
RING = "12:05:01.000 node1 corosync TOTEM: Marking ringid 1 interface 10.0.8.31 FAULTY"
FALLS = "12:05:10.100 node1 attrd: Setting pingd[node1]: 1000 -> 0 | from node1 with no write delay"


def told(*why: str) -> Told:
    return case(MOVED.format(why="\n".join(why)), cib=CIB)


@pytest.mark.parametrize(
    "why",
    [
        (FALLS,),
        (RING, FALLS),
        ("12:05:10.100 node2 controld: Transition 6 aborted by status-1-pingd doing modify pingd=0: Transient attribute change | cib=0.6.32 source=abort_unless_down:299 path=/cib/status/node_state[@id='1'] complete=true",),  # noqa: E501
        ("12:05:09.000 node1 ping(p_ping) warning: 10.0.8.1 is inactive: PING 10.0.8.1",),
    ],
)  # fmt: skip
def test_a_lost_network_moves_services(why: tuple[str, ...]) -> None:
    one = told(*why).only
    assert (one.kind, one.trigger, one.root_cause) == (IncidentKind.FAULT, "network_partition", "cold_failover")
    assert (one.nodes, one.resources, one.recovered) == (("node1", "node2"), ("db",), True)
    assert one.t_recovered == at("12:05:14.900")
    assert finding(one, "network_partition").verdict is Verdict.SUPPORTED


@pytest.mark.parametrize(
    "why",
    [
        (),
        (RING,),
        (FALLS.replace("[node1]", "[node2]"),),
        (FALLS.replace("pingd", "master-db"),),
        ("12:05:09.000 node1 ping(p_ping) info: 10.0.8.1 is active",),
    ],
)
def test_what_does_not_prove_it(why: tuple[str, ...]) -> None:
    """A faulty ring moves nothing by itself; nor does the value of another node or another agent."""
    asked = (IncidentKind.PLANNED, IncidentKind.POLICY)
    assert not [one for one in told(*why).incidents if one.kind not in asked]


def test_what_moves_when_a_network_is_back_is_moved_by_the_clusters_rules() -> None:
    one = told(FALLS.replace("1000 -> 0", "0 -> 1000")).only
    assert (one.kind, one.root_cause) == (IncidentKind.POLICY, "policy_move")
    assert "rose again" in one.title


def test_what_was_written_for_the_move_before_is_not_about_the_node_of_this_one() -> None:
    """The controller's line of an attribute names no node: it is the first one's that lost the network."""
    story = """
    12:00:01.000 node1 db start in 0.5s: ok
    12:05:05.100 node1,node2 attrd: Setting pingd[node1]: 1000 -> 0 | from node1 with 3s write delay
    12:05:08.100 node2 controld: Transition 6 aborted by status-1-pingd doing modify pingd=0: Transient attribute change | cib=0.6.32 source=abort_unless_down:299 path=/cib/status/node_state[@id='1'] complete=true
    12:05:08.240 node2 plan 7: Move db ( node1 -> node2 )
    12:05:08.800 node1 db stop in 0.5s: ok
    12:05:10.900 node2 db start in 2s: ok
    12:05:11.000 node2 done 7
    12:05:11.010 node2 controld: State transition S_TRANSITION_ENGINE -> S_IDLE | input=I_TE_SUCCESS cause=C_FSA_INTERNAL
    12:05:20.100 node1,node2 attrd: Setting pingd[node1]: 0 -> 1000 | from node1 with 3s write delay
    12:05:23.100 node2 controld: Transition 7 aborted by status-1-pingd doing modify pingd=1000: Transient attribute change | cib=0.6.33 source=abort_unless_down:299 path=/cib/status/node_state[@id='1'] complete=true
    12:05:23.240 node2 plan 8: Move db ( node2 -> node1 )
    12:05:23.800 node2 db stop in 0.5s: ok
    12:05:25.900 node1 db start in 2s: ok
    12:05:26.000 node2 done 8
    """  # noqa: E501
    there, back = case(story, cib=CIB).incidents
    assert (there.kind, there.trigger) == (IncidentKind.FAULT, "network_partition")
    assert (back.kind, back.root_cause) == (IncidentKind.POLICY, "policy_move")


def test_it_is_known_when_the_attribute_falls_not_when_it_is_written() -> None:
    """attrd tells the fall on every node and waits for the dampening to pass."""
    fell = "12:05:05.100 node1,node2 attrd: Setting pingd[node1]: 1000 -> 0 | from node1 with 5s write delay"
    written = "12:05:10.100 node2 controld: Transition 6 aborted by status-1-pingd doing modify pingd=0: Transient attribute change | cib=0.6.32 source=abort_unless_down:299 path=/cib/status/node_state[@id='1'] complete=true"  # noqa: E501
    assert told(fell, written).only.t_detected == at("12:05:05.100")


def test_it_comes_after_an_operators_command() -> None:
    """Somebody moved it while the network was faulty: the command is why."""
    command = "12:05:10.150 node2 based: ++ /cib/configuration/constraints: <rsc_location id=\"cli-prefer-db\" rsc=\"db\" role=\"Started\" node=\"node2\" score=\"INFINITY\"/>"  # fmt: skip  # noqa: E501
    done = "12:05:10.160 node2 based info: Completed cib_modify operation for section constraints: OK (rc=0, origin=node2/crm_resource/5, version=0.9.0)"  # noqa: E501
    assert [one.kind for one in told(FALLS, command, done).incidents] == [IncidentKind.PLANNED]


def test_the_advice_is_about_that_network() -> None:
    """The membership held: a second link of Corosync or a delay of fencing would have changed nothing."""
    labels = {advice.label for advice in told(RING, FALLS).only.advice}
    assert "find_link_failure" in labels
    assert not labels & {"second_link", "fence_delay", "find_node_failure"}
