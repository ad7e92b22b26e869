"""What looks like an incident and is none, and how quiet it was before one."""

from __future__ import annotations

from datetime import timedelta

import pytest
from stories import Told, at, case, cluster, fence_device, primitive, read, tell, write

from logtrace.report import lookalikes as quiet
from logtrace.report.case import IncidentKind, Note
from logtrace.report.silence import silence_before

CIB = cluster(primitive("web"), fence_device())

CRASH = """
12:00:00.000 node2 plan 0: Start web ( node1 )
12:00:01.000 node1 web start in 0.5s: ok
12:00:02.000 node1 web monitor 10s asked: ok
12:00:02.500 node2 done 0
12:05:10.000 node1 web monitor 10s: not running
12:05:10.100 node2 plan 1: Recover web ( node1 )
12:05:10.200 node1 web stop in 0.1s: ok
12:05:11.300 node1 web start in 1s: ok
12:05:11.500 node2 done 1
"""


def notes(story: str, cib: str = CIB) -> dict[str, Note]:
    """The notes of a story by label; every one cites a line that is there, at a time of its own."""
    return noted(case(story, cib=cib))


def noted(told: Told) -> dict[str, Note]:
    """The same of what was read already."""
    found = told.case.quiet
    for note in found:
        path, _, line = note.evidence.rpartition(":")
        assert 0 < int(line) <= len(told.files[path].splitlines())
        assert note.count >= 1
        assert note.first <= note.last
    assert len({note.label for note in found}) == len(found)
    return {note.label: note for note in found}


def test_a_plain_crash_leaves_nothing_to_explain() -> None:
    assert notes(CRASH) == {}


@pytest.mark.parametrize(("after", "says"), [("Members[2]: 1 2", True), (None, False)])
def test_a_token_that_is_lost_and_no_member_with_it(after: str | None, *, says: bool) -> None:
    """Nothing came of it, as far as somebody listed the members afterwards."""
    lost = "A processor failed, forming new configuration: token timed out (5000ms), waiting 36000ms for consensus."
    story = f"12:05:00 node1,node2 corosync TOTEM: {lost}\n"
    story += f"12:05:03.5 node1,node2 corosync QUORUM: {after}\n" if after else ""
    found = noted(read(write(tell(story))))
    assert ("token_lost" in found) is says
    if says:
        assert found["token_lost"].sentence.startswith("node1, node2 lost Corosync's token 2 times, and no member: ")


def test_replayed_failures_are_counted_without_their_first_line() -> None:
    later = "".join(f"12:0{n}:00.000 node2 plan {n}: \n12:0{n}:00.100 node2 done {n}\n" for n in (6, 7))
    note = notes(CRASH + later)["failure_replayed"]
    assert note.count == 2
    assert (note.first, note.last) == (at("12:05:59.992"), at("12:06:59.992"))
    assert note.sentence == (
        "2 lines only repeat failures recorded earlier, most of all the monitor of web on node1: the scheduler says "
        "them again in every run until they are cleaned up or expire."
    )


def test_probes_that_found_what_was_to_be_found() -> None:
    probed = """
11:59:00.000 node2 plan 0: Start web ( node1 )
11:59:01.000 node1 web probe: not running
11:59:01.000 node2 web probe: not running
"""
    note = notes(probed)["probe_as_expected"]
    assert note.count == 2
    assert note.sentence.startswith("2 probes only asked what runs where; 2 found nothing")


def test_a_failed_probe_is_not_among_them() -> None:
    assert "probe_as_expected" not in notes("11:59:01.000 node1 web probe: error\n")


RECHECK = (
    "12:20:00.000 node2 controld: State transition S_IDLE -> S_POLICY_ENGINE | input=I_PE_CALC cause={0} origin=x\n"
)


@pytest.mark.parametrize(("cause", "told"), [("C_TIMER_POPPED", True), ("C_FSA_INTERNAL", False)])
def test_the_recheck_timer(cause: str, told: bool) -> None:
    assert ("recheck" in notes(CRASH + RECHECK.format(cause))) is told


def test_fencing_that_somebody_asked_for() -> None:
    asked = "12:10:00.000 node2 lose node1\n12:10:03.000 node2 fence node1 by stonith_admin.4711 in 3s: OK\n"
    note = notes(CRASH + asked)["fencing_requested"]
    assert note.sentence == "node1 was fenced at somebody's request, not by the cluster's decision."


def test_fencing_that_the_cluster_decided() -> None:
    own = "12:10:00.000 node2 lose node1\n12:10:03.000 node2 fence node1 in 3s: OK\n"
    assert "fencing_requested" not in notes(CRASH + own)


@pytest.mark.parametrize(("how", "told"), [(" in order", True), ("", False)])
def test_a_node_that_left(how: str, told: bool) -> None:
    found = notes(f"{CRASH}12:10:00.000 node2 lose node1{how}\n")
    assert ("node_left_in_order" in found) is told
    if told:
        assert found["node_left_in_order"].sentence.startswith("node1 left in order")


START = "12:09:{0}.000 node1 pacemakerd: Starting Pacemaker 2.1.5 | build=a3f44794f94 features: agent-manpages\n"
DIED = "12:09:00.000 node1 pacemakerd error: pacemaker-execd[114] terminated with signal 9 (Killed)\n"


def test_a_start_of_pacemaker_is_normal_unless_something_died() -> None:
    assert notes(CRASH + START.format(30))["daemon_started"].count == 1
    assert "daemon_started" not in notes(CRASH + DIED + START.format(30))


PAUSE = (
    "12:30:00.000 node1 corosync MAIN warning: Corosync main process was not scheduled for 900.5 ms "
    "(threshold is 800.0000 ms). Consider token timeout increase.\n"
)


def test_a_pause_is_told_only_when_the_membership_bore_it() -> None:
    loss = "12:30:03.000 node2 lose node1\n"
    assert "corosync_short_pause" not in notes(CRASH + PAUSE + loss)


SBD = "2026-11-22T12:40:00.000000+00:00 node1 sbd[42]: {0}\n"
OUTDATED = SBD.format(" warning: inquisitor_child: Servant pcmk is outdated (age: 5)")
RESET = SBD.format("   emerg: do_exit: Rebooting system: reboot")


@pytest.mark.parametrize(("lines", "told"), [(OUTDATED, True), (OUTDATED + RESET, False)])
def test_servants_of_sbd_in_a_healthy_cluster(lines: str, told: bool) -> None:
    found = noted(read({**write(tell(CRASH)), "node1/messages": lines}, cib=CIB))
    assert ("sbd_servant" in found) is told
    if told:
        said = "1 line of sbd's servants on node1: they lost touch for a while; no line tells that sbd reset it."
        assert found["sbd_servant"].sentence == said


def test_load_probe_results_and_merged_requests() -> None:
    found = notes(
        CRASH
        + "12:41:00.000 node2 controld: High CPU load detected: 4.250000\n"
        + "12:41:10.000 node2 schedulerd: Treating probe result 'not installed' for web on node2 as 'not running'\n"
        + "12:41:20.000 node2 fenced: Merging fencing action 'reboot' targeting node1 originating from client "
        + "pacemaker-controld.117 with identical request from stonith_admin.9@node2 | original=1 duplicate=2\n"
    )
    assert found["load_high"].sentence.startswith("1 line about load on node2")
    assert "node2" in found["probe_not_installed"].sentence
    assert found["fencing_merged"].sentence.startswith("1 line tells of a second request")


def test_the_order_is_that_of_the_rules() -> None:
    later = "12:06:00.000 node2 plan 2: \n12:06:00.100 node2 done 2\n"
    found = list(notes(CRASH + later + RECHECK.format("C_TIMER_POPPED")))
    assert found == [label for label, *_ in quiet.RULES if label in found]
    assert len(found) >= 2


# --- the first line and the silence before it ---------------------------------------------------------


def test_the_silence_before_a_crash_goes_back_to_the_last_activity() -> None:
    incident = next(one for one in case(CRASH, cib=CIB).incidents if one.root_cause != "manual_action")
    assert incident.first_error is not None
    first = next(each for each in incident.evidence if each.id == incident.first_error)
    assert first.time == at("12:05:10.000")
    assert incident.silence_before == 307.5


def test_the_line_of_a_proved_death_comes_first() -> None:
    oom = "12:05:03.250 node1 kernel err: Out of memory: Killed process 4711 (web) total-vm:100kB, anon-rss:1kB\n"
    incident = case(CRASH + oom, cib=CIB).only
    first = next(each for each in incident.evidence if each.id == incident.first_error)
    assert "Killed process 4711" in first.text
    assert incident.silence_before is not None
    assert incident.silence_before == pytest.approx((at("12:05:03.250") - at("12:00:02.500")).total_seconds(), abs=1.0)


def test_silence_counts_from_the_last_moment_before_else_from_the_beginning() -> None:
    start = at("12:00:00.000")
    moments = [start + timedelta(seconds=seconds) for seconds in (5, 10, 20)]
    assert silence_before(start + timedelta(seconds=18), moments, start) == 8.0
    assert silence_before(start + timedelta(seconds=20), moments, start) == 10.0
    assert silence_before(start + timedelta(seconds=5), moments, start) == 5.0
    assert silence_before(start, [], None) is None


FAILBACK = """
12:00:00.000 node2 plan 0: Start web ( node1 )
12:00:01.000 node1 web start in 0.5s: ok
12:00:02.500 node2 done 0
{command}
12:10:00.000 node2 controld info: Transition 1 aborted: {why} | source=do_dc_join_finalize:464 complete=true
12:10:00.100 node2 plan 1: Move {name} ( node1 -> node2 )
12:10:00.500 node1 {name} stop in 0.3s: ok
12:10:02.000 node2 {name} start in 1s: ok
12:10:02.100 node2 done 1
"""


@pytest.mark.parametrize("missing", [(), ("node1",)])
def test_what_the_cluster_moved_by_its_own_rules_is_an_incident_and_not_noted_again(missing: tuple[str, ...]) -> None:
    told = case(FAILBACK.format(command="", why="Node join", name="web"), cib=CIB, missing=missing)
    assert told.only.kind is IncidentKind.POLICY
    assert "moved_by_cluster" not in noted(told)


def test_what_was_moved_by_rules_without_the_plan_for_it_is_noted() -> None:
    told = case(FAILBACK.format(command="", why="Node join", name="web"), cib=CIB, missing=("node2",))
    assert told.incidents == ()
    note = noted(told)["moved_by_cluster"]
    assert note.sentence.startswith("web was stopped on node1 while well, and no fault or command")
    assert note.count == 1


@pytest.mark.parametrize(
    ("command", "name"),
    [
        ("", "st"),  # a fence device
        ("12:09:59.900 node2 controld info: Transition 0 aborted by nodes-1-standby doing create standby=on: Configuration change | cib=0.9.0 source=te_update_diff_v2:465 path=/cib/configuration/nodes/node[@id='1']/instance_attributes[@id='nodes-1'] complete=true", "web"),  # noqa: E501
    ],
)  # fmt: skip
def test_what_somebody_asked_for_or_nobody_waits_for_was_not_moved(command: str, name: str) -> None:
    assert "moved_by_cluster" not in notes(FAILBACK.format(command=command, why="Node join", name=name))


def test_the_recovery_of_a_fault_was_not_moved_by_itself() -> None:
    assert "moved_by_cluster" not in notes(CRASH)


def test_of_a_few_lines_it_is_not_said_that_a_service_was_well() -> None:
    told = write(tell("12:05:00.000 node1 web stop in 0.5s: ok"))["node1/pacemaker.log"]
    (note,) = [each for each in read({"node1.log": told}).case.quiet if each.label == "moved_by_cluster"]
    assert note.sentence == (
        "web was stopped on node1; these lines do not tell why: a fault, a command, or a rule of the cluster."
    )
