"""The phases of an outage follow each other from its beginning to its end, and name what took the time."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from corpus_score import CORPUS, archives, incidents_of
from stories import Told, at, case, cluster, fence_device, group, primitive, promotable, read, tell, write

from logtrace.assessment.phases import PhaseName
from logtrace.report.case import Incident, IncidentKind

pytestmark = pytest.mark.xdist_group("corpus")

CIB = cluster(group("g", primitive("db", "ocf:heartbeat:mysql"), primitive("app")), primitive("web"), fence_device())

UP = """
12:00:01.000 node1 db start in 0.5s: ok
12:00:01.800 node1 app start in 0.5s: ok
12:00:02.000 node1 db monitor 10s asked: ok
"""

STORIES = {
    "restarted in place": UP + """
    12:05:10.200 node1 db monitor 10s: not running
    12:05:10.240 node2 plan 7: Recover db ( node1 ) | Restart app ( node1 )  due to required db start
    12:05:10.400 node1 app stop in 0.1s: ok
    12:05:10.600 node1 db stop in 0.1s: ok
    12:05:14.600 node1 db start in 3.9s: ok
    12:05:15.000 node1 app start in 0.3s: ok
    12:05:15.200 node2 done 7
    """,
    "death is proven": UP + """
    12:05:03.000 node1 kernel: Out of memory: Killed process 1234 (mysqld) total-vm:1kB
    12:05:10.200 node1 db monitor 10s: not running
    12:05:10.240 node2 plan 7: Recover db ( node1 )
    12:05:10.600 node1 db stop in 0.1s: ok
    12:05:14.600 node1 db start in 3.9s: ok
    12:05:15.200 node2 done 7
    """,
    "fenced": UP + """
    12:05:40.100 node2 lose node1
    12:05:40.500 node2 plan 8: Fence (reboot) node1 'peer is no longer part of the cluster' | Move db ( node1 -> node2 ) | Move app ( node1 -> node2 )
    12:05:55.600 node2 fence node1 in 15s: OK
    12:05:57.700 node2 db start in 2s: ok
    12:05:58.000 node2 app start in 0.2s: ok
    12:05:58.200 node2 done 8
    """,  # noqa: E501
    "a stop times out": UP + """
    12:05:10.200 node1 db monitor 10s: not running
    12:05:10.240 node2 plan 7: Recover db ( node1 ) | Restart app ( node1 )  due to required db start
    12:05:10.400 node1 app stop in 0.1s: ok
    12:05:30.500 node1 db stop in 20s: Timed Out
    12:05:30.700 node2 plan 8: Fence (reboot) node1 'db failed there' | Move db ( node1 -> node2 ) | Move app ( node1 -> node2 )
    12:05:35.000 node2 fence node1 in 4s: OK
    12:05:37.000 node2 db start in 1.5s: ok
    12:05:38.000 node2 app start in 0.5s: ok
    12:05:38.300 node2 done 8
    """,  # noqa: E501
    "promoted elsewhere": """
    12:00:01.000 node1 st start in 0.5s: ok
    12:00:01.000 node2 st start in 0.5s: ok
    12:00:02.000 node1 st promote in 0.5s: ok
    12:05:10.200 node1 st monitor 5s: not running
    12:05:10.240 node2 plan 7: Promote st:1 ( Unpromoted -> Promoted node2 ) | Recover st:0 ( Promoted -> Unpromoted node1 )
    12:05:10.600 node1 st demote in 0.1s: ok
    12:05:10.800 node1 st stop in 0.1s: ok
    12:05:11.800 node1 st start in 0.9s: ok
    12:05:13.800 node2 st promote in 1.9s: ok
    12:05:14.000 node2 done 7
    """,  # noqa: E501
}  # fmt: skip


def assert_cover(one: Incident) -> None:
    """Phases begin with the outage, end with it, and neither leave gaps nor overlap."""
    began = one.t_fault or one.t_detected
    assert one.phases[0].start == began
    assert one.phases[-1].end == one.t_recovered
    for before, after in pairwise(one.phases):
        assert before.end == after.start
    assert all(phase.end > phase.start for phase in one.phases)
    whole = sum((phase.end - phase.start for phase in one.phases), timedelta())
    assert one.t_recovered is not None
    assert began is not None
    assert whole == one.t_recovered - began


@pytest.mark.parametrize("name", STORIES)
@pytest.mark.parametrize("carriers", [("detail",), ("syslog",)])
def test_phases_cover_the_outage_exactly(name: str, carriers: tuple[str, ...]) -> None:
    one = case(STORIES[name], cib=CIB, carriers=carriers).incidents[0]
    assert_cover(one)


def test_phases_cover_every_outage_of_the_corpus() -> None:
    with_phases = 0
    for archive in (archive for folder in CORPUS.iterdir() for archive in archives(folder)):
        for one in incidents_of(archive):
            if one.phases:
                assert_cover(one)
                with_phases += 1
            else:
                assert not one.recovered or not one.outage or one.kind is IncidentKind.PLANNED, (archive.name, one.id)
    assert with_phases > 50


def seconds(one: Incident) -> dict[str, float]:
    total: dict[str, float] = {}
    for phase in one.phases:
        total[phase.name.value] = round(total.get(phase.name.value, 0.0) + phase.seconds, 3)
    return total


def test_what_took_the_time() -> None:
    restarted = seconds(case(STORIES["restarted in place"], cib=CIB).only)
    assert restarted["start"] == pytest.approx(4.2, abs=0.3)
    assert restarted["stop"] == pytest.approx(0.2, abs=0.15)
    assert restarted["decision"] == pytest.approx(0.1, abs=0.1)


def test_until_there_is_a_plan_it_is_decision_and_then_a_wait() -> None:
    story = STORIES["restarted in place"].replace(
        "12:05:10.240 node2 plan", "12:05:10.240 node2 plan 6 obsolete:\n12:05:13.200 node2 plan"
    )
    for second in (14, 15):
        story = story.replace(f"12:05:{second}.", f"12:05:{second + 6}.")
    story = story.replace("12:05:10.400", "12:05:15.400").replace("12:05:10.600", "12:05:15.600")
    one = case(story, cib=CIB).only
    assert [phase.name.value for phase in one.phases][:2] == ["decision", "wait"]
    assert one.phases[0].end == one.t_decided == at("12:05:13.200")
    assert one.phases[0].seconds == pytest.approx(3.0)


def test_fencing_is_a_phase_of_its_own() -> None:
    fenced = seconds(case(STORIES["fenced"], cib=CIB).only)
    assert fenced["fencing"] == pytest.approx(15, abs=0.2)
    assert fenced["start"] == pytest.approx(2.2, abs=0.3)


def test_a_proven_death_makes_detection_a_phase() -> None:
    one = case(STORIES["death is proven"], cib=CIB).only
    assert one.t_fault == at("12:05:03")
    assert one.phases[0].name is PhaseName.DETECTION
    assert one.phases[0].seconds == pytest.approx(7.2)
    assert one.outage == pytest.approx(11.6)


def test_a_stop_that_times_out_is_time_spent_stopping() -> None:
    escalated = seconds(case(STORIES["a stop times out"], cib=CIB).only)
    assert escalated["stop"] == pytest.approx(20.1, abs=0.3)
    assert escalated["fencing"] == pytest.approx(4, abs=0.2)


def test_the_promoted_role_is_down_until_it_is_promoted_elsewhere() -> None:
    one = case(STORIES["promoted elsewhere"], cib=cluster(promotable("st-clone", primitive("st")))).only
    assert one.t_recovered == at("12:05:13.800")
    assert seconds(one)["promote"] == pytest.approx(1.9, abs=0.15)


def test_the_critical_path_is_marked() -> None:
    one = case(STORIES["restarted in place"], cib=CIB).only
    critical = [(run.operation, run.resource) for run in one.operations if run.critical]
    assert critical == [("stop", "app"), ("stop", "db"), ("start", "db"), ("start", "app")]


def test_what_runs_beside_the_path_is_not_on_it() -> None:
    story = STORIES["fenced"] + "12:05:56.000 node2 web start in 0.1s: ok\n"
    story = "12:00:01 node1 web start in 0.5s: ok\n" + story.replace(
        "| Move app", "| Move web ( node1 -> node2 ) | Move app"
    )
    one = case(story, cib=CIB).only
    assert [run.resource for run in one.operations if run.critical] == ["db", "app"]


def test_what_never_came_back_has_no_phases() -> None:
    story = (
        UP
        + """
    12:05:10.200 node1 db monitor 10s: not running
    12:05:10.240 node2 plan 7: Recover db ( node1 ) | Restart app ( node1 )  due to required db start
    12:05:10.400 node1 app stop in 0.1s: ok
    12:05:10.600 node1 db stop in 0.1s: ok
    12:05:14.600 node1 db start in 3.9s: not configured (no such file)
    12:05:14.800 node2 plan 8: Stop db ( node1 )  due to node availability
    12:05:15.200 node1 db stop in 0.1s: ok
    12:06:00.000 node2 done 8
    """
    )
    one = case(story, cib=CIB).only
    assert (one.recovered, one.t_recovered, one.phases) == (False, None, ())
    assert one.outage == pytest.approx((at("12:06:00") - at("12:05:10.2")).total_seconds())


def test_outage_max_counts_from_the_last_moment_it_can_have_been_well() -> None:
    """A recurring monitor that fails was good at most one interval before."""
    one = case(STORIES["restarted in place"], cib=CIB).only
    assert one.t_fault is None
    assert one.t_fault_earliest == at("12:05:00.200")
    assert (one.outage, one.outage_max) == (4.8, 14.8)


MAINTAINED = """
12:00:01.000 node1 db start in 0.5s: ok
12:00:01.100 node1 db monitor 10s asked: ok
12:02:00.000 node2 controld: Initiating cancel operation db_monitor_10000 on node1 | action 3
12:02:00.100 node1 controld info: Result of monitor operation for db on node1: Cancelled | graph action confirmed; call=13 key=db_monitor_10000
12:10:00.200 node1 db monitor 10s asked: not running
12:10:00.240 node2 plan 7: Recover db ( node1 )
12:10:00.600 node1 db stop in 0.1s: ok
12:10:04.600 node1 db start in 3.9s: ok
12:10:05.200 node2 done 7
"""  # noqa: E501


@pytest.mark.parametrize(
    ("lost", "earliest"),
    [((), "12:01:50.100"), (("cancel", "Cancelled"), "12:00:01.100"), (("cancel", "Cancelled", "12:00:0"), None)],
    ids=["cancelled", "no line of that", "nothing before"],
)
def test_what_was_not_watched_may_be_dead_since(lost: tuple[str, ...], earliest: str | None) -> None:
    story = "\n".join(row for row in MAINTAINED.splitlines() if not any(word in row for word in lost))
    one = case(story, cib=CIB).only
    assert one.t_fault_earliest == (at(earliest) if earliest else None)


def test_a_monitor_begun_in_the_second_of_the_failure_was_not_the_one_that_failed() -> None:
    """Syslog has whole seconds: the recovery, and the monitor that it begins, share that of the failure."""
    story = """
    12:00:01.000 node1 db start in 0.5s: ok
    12:00:02.000 node1 db monitor 60s asked: ok
    12:05:10.200 node1 db monitor 60s: not running
    12:05:10.240 node2 plan 7: Recover db ( node1 )
    12:05:10.400 node1 db stop in 0.1s: ok
    12:05:10.600 node1 db start in 0.1s: ok
    12:05:10.800 node1 db monitor 60s asked: ok
    12:05:10.900 node2 done 7
    """
    one = case(story, cib=CIB, carriers=("syslog",)).only
    assert one.t_fault_earliest == at("12:04:10")


def test_a_proven_death_leaves_nothing_open() -> None:
    one = case(STORIES["death is proven"], cib=CIB).only
    assert one.t_fault == one.t_fault_earliest == at("12:05:03")
    assert one.outage_max == one.outage


@pytest.mark.parametrize(("killed", "fault"), [("corosync", "12:05:32"), ("mysqld", None)])
def test_the_kernel_tells_when_a_daemon_died(killed: str, fault: str | None) -> None:
    died = f"12:05:32.000 node1 kernel: Out of memory: Killed process 100 ({killed}) total-vm:1kB"
    lines = "".join(
        f"12:05:32.500 node1 {daemon} error: Connection to the CPG API failed: Library error (2)\n"
        for daemon in ("based", "fenced", "attrd")
    )
    one = case(f"{STORIES['fenced']}\n{died}\n{lines}", cib=CIB).only
    assert one.root_cause == "daemon_crash"
    assert one.t_fault == (at(fault) if fault else None)


def lost(story: str, token: str, cib: str = CIB) -> Told:
    """A lost node of whose token Corosync says `token`; no corosync.conf is at hand."""
    files = write(tell(story))
    told = ": token timed out (3000ms), waiting 3600ms for consensus."
    return read({path: text.replace(told, token) for path, text in files.items()}, cib=cib)


def test_a_lost_node_was_heard_of_until_its_token_began_to_time_out() -> None:
    """It is lost at 12:05:40.100; its token timed out at 36.500."""
    three = lost(STORIES["fenced"], ": token timed out (3000ms), waiting 3600ms for consensus.").only
    assert three.t_fault_earliest == at("12:05:33.500")
    assert three.outage_max == pytest.approx(three.outage + 6.6)
    longer = lost(STORIES["fenced"], ": token timed out (5650ms), waiting 3600ms for consensus.").only
    assert longer.t_fault_earliest == at("12:05:30.850")


@pytest.mark.parametrize(
    ("release", "nodes", "earliest"),
    [("2.3.3", 3, "12:05:37.900"), ("2.4.5", 3, "12:05:36.470"), ("3.1.0", 2, "12:05:33.500"), (None, 3, None)],
)
def test_where_no_line_tells_it_the_release_does(release: str | None, nodes: int, earliest: str | None) -> None:
    started = f"11:59:00 node2 corosync MAIN: Corosync Cluster Engine {release} starting up\n" if release else ""
    cib = cluster(
        primitive("db"), primitive("app"), fence_device(), nodes=[f"node{one}" for one in range(1, nodes + 1)]
    )
    one = lost(started + STORIES["fenced"], ".", cib).only
    assert one.t_fault_earliest == (at(earliest) if earliest else None)
    assert (one.outage_max is None) == (earliest is None)


def test_last_words_are_those_since_it_was_heard_of() -> None:
    """What is silent for longer had nothing to say."""
    for said, died in (("12:05:33.900", at("12:05:33.900")), ("12:05:20", None)):
        one = case(f"{STORIES['fenced']}\n{said} node1 controld: New throttle mode: low load (was negligible)", cib=CIB)
        assert one.only.t_fault == died, said


def test_a_second_round_of_agreement_does_not_make_it_live_longer() -> None:
    """The token timed out at 12:05:33, and the membership took twice as long as consensus."""
    files = write(tell(STORIES["fenced"]))
    earlier = {path: text.replace("12:05:36.500", "12:05:33.000") for path, text in files.items()}
    assert read(earlier, cib=CIB).only.t_fault_earliest == at("12:05:30")
