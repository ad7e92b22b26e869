"""What belongs to the fencing of a node, and what only comes after it."""

from __future__ import annotations

from stories import Told, at, case, cluster, fence_device, primitive

from logtrace.report.case import IncidentKind

PEERS = ("node1", "node2", "node3")
CIB = cluster(primitive("db"), primitive("web"), primitive("mail"), fence_device(), nodes=PEERS)

UP = """
12:00:00.000 node1 plan 0: Start web ( node3 ) | Start db ( node2 ) | Start mail ( node3 )
12:00:01.000 node3 web start in 0.5s: ok
12:00:01.000 node2 db start in 0.5s: ok
12:00:01.000 node3 mail start in 0.5s: ok
12:00:02.000 node3 web monitor 10s asked: ok
12:00:02.000 node2 db monitor 10s asked: ok
12:00:02.500 node1 done 0
"""

#: The controller logs that it asks for the fencing after the plan that ordered it, as it must.
NODE_DIES = (
    UP
    + """
12:05:40.100 node1,node2 lose node3
12:05:40.300 node1 plan 1: Fence (reboot) node3 'peer is no longer part of the cluster' | Move web ( node3 -> node2 ) | Move mail ( node3 -> node2 )
12:05:43.500 node1 fence node3 in 3s: OK
12:05:44.500 node2 web start in 0.9s: ok
12:05:44.600 node2 mail start in 0.9s: ok
12:05:45.200 node1 done 1
"""  # noqa: E501
)

BACK = """
12:08:00.000 node1,node2 see node3
12:08:01.000 node1 plan 2: Move web ( node2 -> node3 )
12:08:01.500 node2 web stop in 0.4s: ok
12:08:02.500 node3 web start in 0.9s: ok
12:08:02.700 node1 done 2
"""

MOVED = """
13:00:00.000 node1 based info: Completed cib_apply_diff operation for section 'all': OK (rc=0, origin=node1/cibadmin/2, version=0.10.0)
13:00:00.010 node1 controld info: Transition 2 aborted by rsc_location.cli-prefer-db 'create': Configuration change | cib=0.10.0 path=/cib/configuration/constraints complete=true
13:00:00.100 node1 plan 2: Move db ( node2 -> node1 )
13:00:00.500 node2 db stop in 0.2s: ok
13:00:01.500 node1 db start in 0.9s: ok
13:00:01.700 node1 done 2
"""  # noqa: E501


def _told(story: str) -> Told:
    return case(story, nodes=PEERS, dc="node1", cib=CIB)


def test_what_goes_back_to_a_fenced_node_is_no_part_of_its_outage() -> None:
    one, back = _told(NODE_DIES + BACK).incidents
    assert (back.kind, back.resources, back.outage) == (IncidentKind.POLICY, ("web",), 1.0)
    assert (one.t_recovered, one.outage) == (at("12:05:44.600"), 4.5)
    assert one.t_end is not None
    assert one.t_end < at("12:06:00")


def test_a_move_long_after_a_fencing_is_the_operators_alone() -> None:
    fault, command = _told(NODE_DIES + MOVED).incidents
    assert (fault.outage, fault.resources) == (4.5, ("web", "mail"))
    assert (command.kind, command.resources) == (IncidentKind.PLANNED, ("db",))
    assert [run.operation for run in command.operations] == ["stop", "start"]


def test_a_move_soon_after_a_fault_without_a_plan_is_the_operators_alone() -> None:
    """node3 held nothing, and no transition follows its loss before the command: the next plan is for the command."""
    story = f"""
    12:00:01.000 node2 db start in 0.5s: ok
    12:59:58.000 node1,node2 lose node3
    {MOVED}
    """
    fault, command = _told(story).incidents
    assert fault.resources == ()
    assert (command.kind, command.resources) == (IncidentKind.PLANNED, ("db",))


def test_a_crash_long_after_a_fencing_does_not_prolong_it() -> None:
    later = """
    13:00:00.000 node2 db monitor 10s: not running
    13:00:00.100 node1 plan 2: Recover db ( node2 )
    13:00:00.300 node2 db stop in 0.1s: ok
    13:00:01.300 node2 db start in 0.9s: ok
    13:00:01.500 node1 done 2
    """
    fenced, crashed = _told(NODE_DIES + later).incidents
    assert fenced.t_end is not None
    assert fenced.t_end < at("12:06:00")
    assert crashed.resources == ("db",)


#: on-fail=fence: node3 is well, but a failed monitor of `web` is enough to fence it.
FENCED_FOR_A_MONITOR = (
    UP
    + """
12:05:10.200 node3 web monitor 10s: not running
12:05:10.400 node1 plan 1: Fence (reboot) node3 'web failed there' | Recover web ( node3 -> node2 ) | Move mail ( node3 -> node2 )
12:05:12.500 node1 fence node3 in 2s: OK
12:05:13.500 node2 web start in 0.9s: ok
12:05:13.600 node2 mail start in 0.9s: ok
12:05:13.800 node1 done 1
"""  # noqa: E501
)


def test_a_node_that_is_fenced_for_a_failed_monitor_is_one_incident() -> None:
    one = _told(FENCED_FOR_A_MONITOR).only
    assert (one.trigger, one.root_cause) == ("service_crash", "service_crash")
    assert "fencing" in [phase.name for phase in one.phases]
    assert one.confidence >= 0.8


def test_a_node_is_fenced_for_what_the_plan_says_failed_there() -> None:
    """mail fails just before, on the same node; the fencing is for web."""
    story = FENCED_FOR_A_MONITOR.replace(
        "12:05:10.400", "12:05:10.100 node3 mail monitor 10s: not running\n12:05:10.400"
    ).replace("Move mail", "Recover mail")
    mail, web = _told(story).incidents
    assert "fencing" in [phase.name for phase in web.phases]
    assert not [phase for phase in mail.phases if phase.name == "fencing"]


RESET_LATE = """
12:05:18.000 node1,node2 lose node3
12:05:18.200 node1 plan 2:
12:05:18.300 node1 done 2
"""


def test_a_node_that_is_lost_after_its_fencing_takes_nothing_along() -> None:
    """Management boards confirm before the machine is off, and a node that was well until then is missed later."""
    one = _told(FENCED_FOR_A_MONITOR + RESET_LATE).only
    assert one.recovered
    assert (one.t_detected, one.t_recovered) == (at("12:05:10.200"), at("12:05:13.600"))
    assert "did not come back" not in one.title


def test_what_already_runs_elsewhere_is_not_lost_with_a_node() -> None:
    """No line tells how the fencing ended; that web and mail were started elsewhere does."""
    unconfirmed = "node1 controld: Requesting fencing (reboot) of node node3 | action=1 timeout=60000"
    story = FENCED_FOR_A_MONITOR.replace("12:05:12.500 node1 fence node3 in 2s: OK", f"12:05:10.500 {unconfirmed}")
    one = _told(story + RESET_LATE).only
    assert one.recovered
    assert "did not come back" not in one.title


def test_what_ran_on_a_node_that_was_fenced_alive_is_down_until_it_runs_elsewhere() -> None:
    """Nothing failed but a daemon: web and mail ran until node3 was reset, and nobody else could start them before."""
    story = (
        UP
        + """
    12:05:10.200 node3 pacemakerd err: pacemaker-based[112] terminated with signal 11 (Segmentation fault)
    12:05:10.400 node1 plan 1: Fence (reboot) node3 'peer process is no longer available' | Move web ( node3 -> node2 ) | Move mail ( node3 -> node2 )
    12:05:12.500 node1 fence node3 in 2s: OK
    12:05:13.500 node2 web start in 0.9s: ok
    12:05:13.800 node1 done 1
    """  # noqa: E501
    )
    one = _told(story).only
    assert not one.recovered
    assert one.title.endswith("mail did not come back.")


def test_who_shoots_first_in_a_race_keeps_its_services() -> None:
    """Both nodes of two lose each other and ask for the other's fencing; node1 is faster, and node2 boots later."""
    two = ("node1", "node2")
    story = """
    12:00:00.000 node1 plan 0: Start vip ( node2 ) | Start db ( node1 )
    12:00:01.000 node2 vip start in 0.3s: ok
    12:00:01.000 node1 db start in 0.5s: ok
    12:00:01.500 node1 done 0
    12:05:40.000 node1 lose node2
    12:05:40.010 node2 lose node1
    12:05:40.200 node1 plan 1: Fence (reboot) node2 'peer is no longer part of the cluster' | Move vip ( node2 -> node1 )
    12:05:40.300 node2 plan 0: Fence (reboot) node1 'peer is no longer part of the cluster' | Move db ( node1 -> node2 )
    12:05:40.310 node2 controld: Requesting fencing (reboot) of node node1 | action=5 timeout=60000
    12:05:42.500 node1 fence node2 in 2.2s: OK
    12:05:43.000 node1 vip start in 0.3s: ok
    12:05:43.100 node1 done 1
    12:08:00.000 node2 corosync MAIN: Corosync Cluster Engine 3.1.7 starting up
    12:08:02.000 node1 see node2
    12:08:03.000 node1 plan 2:
    12:08:03.100 node1 done 2
    """  # noqa: E501
    told = case(story, nodes=two, dc="node1", cib=cluster(primitive("vip"), primitive("db"), fence_device(), nodes=two))
    one = told.only
    assert one.root_cause == "network_partition"
    assert (one.resources, one.t_recovered) == (("vip",), at("12:05:43.000"))
    assert one.t_end is not None
    assert one.t_end < at("12:06:00")


def test_a_node_that_is_unfenced_when_it_starts_is_not_fenced() -> None:
    """Its own failure a minute later has nothing to do with the fault during which it came back."""
    story = (
        UP
        + """
    12:05:10.000 node2 db monitor 10s: not running
    12:05:10.200 node1 plan 1: Fence (on) node3 'required by fence_scsi monitor' | Recover db ( node2 )
    12:05:10.400 node2 db stop in 0.1s: ok
    12:05:11.400 node2 db start in 0.9s: ok
    12:05:11.500 node1 done 1
    12:06:00.000 node1 controld: Requesting fencing (reboot) of node node3 | action=1 timeout=60000
    """
    )
    assert [one.trigger for one in _told(story).incidents] == ["service_crash", "node_failure"]


def test_what_its_node_took_along_is_down_when_the_device_has_worked_not_when_it_is_heard() -> None:
    """The node had joined again: the word of its fencing waits until Corosync has lost it once more."""
    story = """
    12:00:01.000 node2 db start in 0.5s: ok
    12:00:02.000 node2 db monitor 10s asked: ok
    12:05:00.100 node1,node3 lose node2
    12:05:00.200 node1 plan 4: Fence node2 'peer is no longer part of the cluster' | Move db ( node2 -> node3 )
    12:05:00.300 node1 controld: Requesting fencing (reboot) of node2 | action=1 timeout=60000
    12:05:00.310 node1 fenced: Requesting peer fencing (reboot) targeting node2 | id=7d1d8f33 state=querying base_timeout=60
    12:05:00.320 node1 fenced: Requesting that node3 perform 'reboot' action targeting node2 | for client pacemaker-controld.117 (72s, 0s)
    12:05:03.900 node2 corosync MAIN warning: Corosync main process was not scheduled for 9700.0000 ms (threshold is 2400.0000 ms). Consider token timeout increase.
    12:05:04.000 node1,node3 see node2
    12:05:06.400 node3 fenced: Operation 'reboot' [222] targeting node2 using st returned 0 | call 7 from pacemaker-controld.117
    12:05:13.700 node1,node3 lose node2
    12:05:13.750 node1,node3 fenced: Operation 'reboot' targeting node2 by node3 for pacemaker-controld.117@node1: OK (complete) | id=7d1d8f33
    12:05:16.000 node3 db start in 2s: ok
    12:05:16.100 node1 done 4
    """  # noqa: E501
    nodes = ("node1", "node2", "node3")
    one = case(story, nodes=nodes, dc="node1", cib=cluster(primitive("db"), fence_device(), nodes=nodes)).only
    assert one.root_cause == "corosync_stall"
    assert one.outage == 9.6  # from 12:05:06.4
