"""What belongs together is bounded by the domain: requests, returns and agreement, and not by seconds of ours."""

from __future__ import annotations

import pytest
from stories import case, cluster, primitive

from logtrace.report.case import IncidentKind

PEERS = ("node1", "node2", "node3")


@pytest.mark.parametrize("left", ["12:05:10", "12:08:00", "12:20:00"])
def test_a_stop_of_a_node_is_one_command_however_long_it_takes(left: str) -> None:
    story = f"""
    12:05:00.000 node3 controld: Shutting down cluster resource manager | limit=1200000ms
    12:05:00.100 node1,node2,node3 attrd: Setting shutdown[node3]: (unset) -> 1795349100 | from node3
    {left} node1,node2 lose node3 in order
    """
    one = case(story, nodes=PEERS, dc="node1").only
    assert (one.kind, one.title) == (IncidentKind.PLANNED, "Orderly stop of Pacemaker on node3.")


def test_a_stop_after_a_fatal_failure_is_nobodys() -> None:
    story = """
    12:05:00.000 node3 pacemakerd: Shutting cluster down because pacemaker-controld[117] had fatal failure
    12:05:00.050 node3 pacemakerd: Shutting down Pacemaker
    """
    assert not [one for one in case(story, nodes=PEERS).incidents if one.kind is IncidentKind.PLANNED]


@pytest.mark.parametrize(("before", "seconds"), [(0.6, 7.0), (3.0, 5.0), (-110.0, 120.0)])
def test_a_pause_belongs_to_the_loss_it_covers_whichever_line_comes_first(before: float, seconds: float) -> None:
    """A pause of so many seconds whose line stands so long before the loss."""
    at = 300.0 - before
    said = f"12:{int(at // 60):02}:{at % 60:06.3f}"
    story = f"""
    12:05:00.000 node1,node2 lose node3
    {said} node3 corosync MAIN warning: Corosync main process was not scheduled for {seconds * 1000:.4f} ms (threshold is 2400.0000 ms). Consider token timeout increase.
    12:07:30.000 node1,node2 see node3
    """  # noqa: E501
    assert "corosync_stall" in case("\n".join(sorted(story.splitlines())), nodes=PEERS).only.trigger


def test_who_starts_alone_has_no_quorum_to_lose() -> None:
    story = """
    12:00:00.000 node1 pacemakerd: Starting Pacemaker 2.1.5 | build=a3f44794f94
    12:03:00.000 node1 controld warning: Quorum lost | membership=4 members=1
    """
    assert case(story).incidents == ()


def test_a_controller_that_began_long_ago_loses_quorum() -> None:
    """Pacemaker 3 does not tell the quorum that its controller finds when it begins."""
    story = """
    12:00:00.000 node1 corosync QUORUM: This node is within the primary component and will provide service.
    12:00:01.000 node1 controld: Starting Pacemaker controller
    12:05:00.000 node1 controld warning: Quorum lost | membership=13 members=1
    12:05:00.010 node1 lose node2,node3
    """
    assert [one.root_cause for one in case(story, nodes=PEERS).incidents] == ["quorum_loss"]


def test_a_controller_that_is_still_starting_tells_what_it_finds() -> None:
    """Nor need its first line be at hand: it leaves S_STARTING afterwards."""
    story = """
    12:00:00.100 node1 controld warning: Quorum lost | membership=4 members=1
    12:00:00.200 node1 controld: State transition S_STARTING -> S_PENDING | input=I_PENDING cause=C_FSA_INTERNAL
    """
    assert case(story).incidents == ()


def test_a_pacemakerd_that_has_just_joined_tells_what_it_finds() -> None:
    """The next member it tells of is its own node; of a loss it would be another."""
    story = """
    12:00:00.100 node1 pacemakerd warning: Quorum lost | membership=4 members=1
    12:00:00.100 node1 pacemakerd: Node node1 state is now member | nodeid=1 previous=unknown source=pcmk_quorum_notification
    12:00:00.200 node1 pacemakerd: Quorum acquired | membership=9 members=2
    """  # noqa: E501
    assert case(story).incidents == ()


def test_quorum_that_is_lost_before_a_boot_is_lost() -> None:
    """What the daemon finds when it begins anew does not tell of what it lost before."""
    story = """
    12:00:00.000 node1 controld: Quorum acquired | membership=9 members=3
    12:05:00.000 node1 controld warning: Quorum lost | membership=13 members=1
    12:09:00.000 node1 pacemakerd: Starting Pacemaker 2.1.5 | build=a3f44794f94
    12:09:01.000 node1 controld: Node node1 state is now member | nodeid=1 previous=unknown source=pcmk_quorum_notification
    12:09:01.100 node1 controld: State transition S_STARTING -> S_PENDING | input=I_PENDING cause=C_FSA_INTERNAL
    """  # noqa: E501
    assert [one.root_cause for one in case(story, nodes=PEERS).incidents] == ["quorum_loss"]


def test_of_a_side_without_quorum_alone_it_is_open_whether_the_other_had_it() -> None:
    """Two of three are gone, and nothing tells that anything was stopped or refused: they may have taken over."""
    story = """
    12:00:00.000 node3 corosync QUORUM: This node is within the primary component and will provide service.
    12:05:00.000 node3 lose node1,node2
    12:05:00.010 node3 corosync QUORUM: This node is within the non-primary component and will NOT provide any services.
    """
    one = case(story, nodes=PEERS, dc="node1").only
    assert one.root_cause == "quorum_loss"
    assert one.confidence < 0.6


def test_a_pacemakerd_that_finds_children_running_tells_of_a_death() -> None:
    story = """
    12:05:00.000 node1 pacemakerd: Starting Pacemaker 2.1.5 | build=a3f44794f94
    12:05:00.010 node1 pacemakerd: Tracking existing pacemaker-based process (pid=59)
    12:05:00.020 node1 pacemakerd: Tracking existing pacemaker-controld process (pid=64)
    """
    one = case(story).only
    assert (one.root_cause, one.nodes) == ("daemon_crash", ("node1",))


TWICE = """
12:00:01.000 node1 db start in 0.5s: ok
12:05:00.000 node1 db monitor 10s: not running
12:05:00.100 node2 plan 4: Recover db ( node1 )
12:05:00.300 node1 db stop in 0.1s: ok
12:05:01.000 node1 db start in 0.5s: ok
12:05:01.100 node2 done 4
{again} node1 db monitor 10s: not running
"""


@pytest.mark.parametrize(
    ("again", "interval", "timeout", "faults"),
    [("12:05:25.000", 10, 20, 1), ("12:05:45.000", 10, 20, 2), ("12:05:45.000", 10, 60, 1), ("12:06:25", 30, 20, 2)],
)
def test_a_failure_is_the_old_one_until_the_second_monitor_has_ended(
    again: str, interval: int, timeout: int, faults: int
) -> None:
    """It comes an interval after the first, which is begun with the start, and has its timeout."""
    cib = cluster(primitive("db", monitor=interval, timeout=timeout))
    story = TWICE.format(again=again).replace("monitor 10s", f"monitor {interval}s")
    assert len(case(story, cib=cib).incidents) == faults


ASKED = (
    "12:05:01.030 node1 controld: Requesting local execution of monitor operation for db on node1 | "
    "transition_key=7:4:0:0a0b0c0d-1111-2222-3333-444455556666 op_key=db_monitor_10000"
)


@pytest.mark.parametrize(("again", "faults"), [("12:05:11.500", 1), ("12:05:21.500", 2)])
def test_a_failure_is_a_new_one_where_more_monitors_have_passed_than_one(again: str, faults: int) -> None:
    """The agent answers at once: what fails after two intervals had been well twice, whatever its timeout allows."""
    cib = cluster(primitive("db", monitor=10, timeout=60))
    story = TWICE.format(again=again).replace(
        "12:05:01.100", f"{ASKED}\n12:05:01.050 node1 db monitor 10s: ok\n12:05:01.100"
    )
    assert len(case(story, cib=cib).incidents) == faults


@pytest.mark.parametrize(("overlap", "incidents"), [("12:05:12.000", 1), ("12:05:45.000", 2)])
def test_timeouts_of_two_services_have_one_cause_where_they_overlap(overlap: str, incidents: int) -> None:
    """When a recurring monitor began is not logged; one that timed out began its timeout before."""
    cib = cluster(primitive("db", timeout=20), primitive("web", timeout=20))
    story = f"""
    12:00:01.000 node1 db start in 0.5s: ok
    12:00:01.000 node1 web start in 0.5s: ok
    12:05:00.000 node1 db monitor 10s in 20s: Timed Out
    12:05:00.100 node2 plan 4: Recover db ( node1 )
    12:05:00.300 node1 db stop in 0.1s: ok
    12:05:01.000 node1 db start in 0.5s: ok
    12:05:01.100 node2 done 4
    {overlap} node1 web monitor 10s in 20s: Timed Out
    """
    assert len(case(story, cib=cib).incidents) == incidents


def test_what_the_scheduler_says_at_every_run_is_one_find() -> None:
    """Runs may be minutes apart: it is the same find until one does not say so."""
    said = "schedulerd error: Resource db is active on 2 nodes (attempting recovery)"
    story = f"""
    12:00:01.000 node1 db start in 0.5s: ok
    12:05:00.000 node2 {said}
    12:05:00.010 node2 plan 4: Stop db ( node1 )  blocked
    12:05:00.020 node2 done 4
    12:20:00.000 node2 {said}
    12:20:00.010 node2 plan 5: Stop db ( node1 )  blocked
    12:20:00.020 node2 done 5
    """
    assert len(case(story, cib=cluster(primitive("db"))).incidents) == 1
