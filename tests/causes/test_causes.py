"""For every label a story it is true of, and its trap: a story that looks alike and is something else."""

from __future__ import annotations

import pytest
from stories import Told, at, case, clone, cluster, fence_device, finding, group, order, primitive, promotable, read

from logtrace.causes.judgement import Verdict
from logtrace.report.case import Incident, IncidentKind

THREE = ("node1", "node2", "node3")

UP = """
12:00:01.000 node1 db start in 0.5s: ok
12:00:02.000 node1 db monitor 10s asked: ok
"""
DB = cluster(primitive("db", "ocf:heartbeat:mysql"), fence_device())
DB60 = cluster(primitive("db", "ocf:heartbeat:mysql", monitor=60), fence_device())


def restarted(
    failure: str = "db monitor 10s: not running", *, stop: str = "0.05", start: str = "0.8", said: str = ""
) -> str:
    """`db` fails on node1 at 12:05:10.2 and is restarted there."""
    every = failure.split()[2].rstrip(":")
    return f"""
    {UP}
    12:05:10.200 node1 {failure}
    12:05:10.240 node2 plan 7: Recover db ( node1 )
    {said}
    12:05:10.800 node1 db stop in {stop}s: ok
    12:05:{11 + float(start):06.3f} node1 db start in {start}s: ok
    12:05:{11.2 + float(start):06.3f} node1 db monitor 10s asked: ok
    12:05:{11.3 + float(start):06.3f} node2 done 7
    """.replace("10s asked", f"{every} asked")


NODE_LOST = """
12:00:01.000 node3 db start in 0.5s: ok
12:05:40.100 node1,node2 lose node3
12:05:40.300 node1 plan 4: Fence (reboot) node3 'peer is no longer part of the cluster' | Move db ( node3 -> node1 )
"""


def clock(seconds: float) -> str:
    """So many seconds after 12:05."""
    return f"12:{5 + int(seconds // 60):02}:{seconds % 60:06.3f}"


def fenced(seconds: float = 2, *, start: float = 0.5) -> str:
    """node3 dies, is fenced within so many seconds, and `db` is started on node1."""
    end = 40.4 + seconds
    return (
        NODE_LOST
        + f"""
    {clock(end)} node1 fence node3 in {seconds}s: OK
    {clock(end + start + 0.1)} node1 db start in {start}s: ok
    {clock(end + start + 0.3)} node1 done 4
    """
    )


DB3 = cluster(primitive("db", "ocf:heartbeat:mysql"), fence_device(), nodes=THREE)
ON_THREE = {"nodes": THREE, "dc": "node1", "cib": DB3}


def first(told: Told) -> Incident:
    assert told.incidents, "no incident"
    return told.incidents[0]


def assert_headline(told: Told, label: str) -> Incident:
    one = first(told)
    reasons = {cause.label: cause.sentence for cause in one.causes if cause.verdict is Verdict.SUPPORTED}
    assert one.root_cause == label, reasons
    return one


def assert_not(told: Told, label: str) -> Incident:
    one = first(told)
    assert finding(one, label).verdict is not Verdict.SUPPORTED, finding(one, label).sentence
    return one


# --- services -----------------------------------------------------------------------------------------


def test_service_crash() -> None:
    killed = "12:05:08.000 node1 kernel: Out of memory: Killed process 4711 (mysqld) total-vm:1kB\n"
    one = assert_headline(case(restarted().replace("12:05:10.200", killed + "12:05:10.200"), cib=DB), "service_crash")
    assert one.t_fault is not None
    assert finding(one, "service_crash").evidence


def test_service_crash_is_not_a_monitor_that_could_not_tell() -> None:
    story = restarted("db monitor 10s: error (cannot connect)", said="12:05:10.750 node1 mysql(db) info: MySQL stopped")
    one = assert_not(case(story, cib=DB), "service_crash")
    assert one.kind is IncidentKind.SPURIOUS


def test_spurious_monitor() -> None:
    story = restarted(
        "db monitor 10s in 20s: Timed Out", stop="0.5", said="12:05:10.750 node1 mysql(db) info: MySQL stopped"
    )
    one = assert_headline(case(story, cib=DB), "spurious_monitor")
    assert one.kind is IncidentKind.SPURIOUS
    assert one.outage is not None
    assert one.outage < 2  # the service ran until the cluster stopped it


def test_a_timeout_alone_is_no_proof_that_the_service_ran() -> None:
    """Nothing followed that could tell, or the network was failing meanwhile."""
    told = case(UP + "12:05:30.200 node1 db monitor 10s: Timed Out\n", cib=DB)
    assert finding(first(told), "spurious_monitor").verdict is Verdict.NOT_ENOUGH
    nic = "12:05:05.000 node1 kernel: igb: eth4 NIC Link is Down\n"
    told = case(nic + restarted("db monitor 10s in 20s: Timed Out"), cib=DB)
    assert finding(first(told), "spurious_monitor").verdict is Verdict.NOT_ENOUGH
    assert first(told).confidence < 0.5
    told = case(nic.replace("node1", "node2") + restarted("db monitor 10s in 20s: Timed Out"), cib=DB)
    assert finding(first(told), "spurious_monitor").verdict is Verdict.NOT_ENOUGH  # the stop took as long as ever


def test_spurious_monitor_is_not_a_service_that_was_down() -> None:
    story = restarted(
        "db monitor 10s: error (no answer)", said="12:05:10.750 node1 mysql(db) info: MySQL is already stopped"
    )
    one = assert_not(case(story, cib=DB), "spurious_monitor")
    assert one.kind is IncidentKind.FAULT


def test_spurious_monitor_is_not_a_process_that_was_killed() -> None:
    story = restarted("db monitor 10s in 20s: Timed Out").replace(
        "12:05:10.200",
        "12:05:05 node1 kernel: Out of memory: Killed process 4711 (mysqld) total-vm:1kB\n12:05:10.200",
        1,
    )
    assert_not(case(story, cib=DB), "spurious_monitor")


def test_slow_detection() -> None:
    one = assert_headline(case(restarted("db monitor 60s: not running"), cib=DB60), "slow_detection")
    assert finding(one, "slow_detection").weight == pytest.approx(20, abs=0.5)


def test_slow_detection_is_not_a_death_that_was_found_at_once() -> None:
    """With a monitor every minute, but the kernel says that it died only a second before."""
    story = restarted("db monitor 60s: not running").replace(
        "12:05:10.200",
        "12:05:09 node1 kernel: Out of memory: Killed process 4711 (mysqld) total-vm:1kB\n12:05:10.200",
        1,
    )
    assert_not(case(story, cib=DB60), "slow_detection")


NO_MONITOR = cluster(primitive("spool", monitor=None), primitive("web", monitor=10))

FOUND_BY_A_PROBE = """
12:00:01.000 node1 spool start in 0.5s: ok
{death}
12:05:00.000 node2 plan 7: Start spool ( node1 )
12:05:00.200 node1 spool probe: not running
12:05:00.800 node1 spool start in 0.5s: ok
12:05:01.000 node2 done 7
"""


def test_slow_detection_of_what_has_no_monitor() -> None:
    """Only a probe can find it dead, after a refresh or a restart of Pacemaker."""
    one = assert_headline(case(FOUND_BY_A_PROBE.format(death=""), cib=NO_MONITOR), "slow_detection")
    assert (one.outage, one.outage_max) == (0.6, pytest.approx(299.8, abs=0.1))
    assert one.t_decided == at("12:05:00.000")


def test_slow_detection_is_not_a_death_that_a_probe_found_at_once() -> None:
    killed = "12:04:59.000 node1 kernel: Out of memory: Killed process 812 (spool) total-vm:9kB"
    assert_not(case(FOUND_BY_A_PROBE.format(death=killed), cib=NO_MONITOR), "slow_detection")


def test_slow_detection_is_not_known_of_what_may_have_a_monitor() -> None:
    one = first(case(FOUND_BY_A_PROBE.format(death="")))
    assert finding(one, "slow_detection").verdict is Verdict.NOT_ENOUGH


def test_slow_detection_is_not_a_lost_node() -> None:
    slow = cluster(primitive("db", monitor=120), fence_device(), nodes=THREE)
    assert_not(case(fenced(), nodes=THREE, dc="node1", cib=slow), "slow_detection")


def test_slow_init() -> None:
    one = assert_headline(case(restarted(start="12"), cib=DB), "slow_init")
    assert finding(one, "slow_init").weight == pytest.approx(7, abs=0.1)


QUEUED = """
12:05:11.000 node1 controld: Requesting local execution of start operation for db on node1 | transition_key=5:7:0:30be0bb3-d5ff-4692-a6a7-1ccc3c8cffa9 op_key=db_start_0
12:05:22.000 node1 execd info: executing - rsc:db action:start call_id:44
12:05:23.000 node1 execd info: db start (call 44, PID 602) exited with status 0 (execution time 1s after being queued 11s)
12:05:23.000 node1 controld: Result of start operation for db on node1: ok | CIB update 49, graph action confirmed; call=44 key=db_start_0 rc=0
12:05:23.300 node2 done 7
"""  # noqa: E501


def test_slow_init_is_not_a_start_that_waited_in_a_queue() -> None:
    """Execution time is the agent's own; the time in the queue comes before it and is not part of it."""
    story = restarted().split("12:05:11.8")[0] + QUEUED
    one = assert_not(case(story, cib=DB), "slow_init")
    assert one.outage == pytest.approx(12.8)


def test_a_start_that_waited_in_a_queue_took_its_own_time() -> None:
    one = first(case(restarted().split("12:05:11.8")[0] + QUEUED, cib=DB))
    assert "took 1.0 s of its own" in finding(one, "slow_init").sentence


def test_slow_init_is_not_a_start_that_waited_for_fencing() -> None:
    one = assert_not(case(fenced(25, start=0.5), **ON_THREE), "slow_init")
    assert one.root_cause == "slow_fencing"


def test_group_cascade() -> None:
    cib = cluster(group("g", *(primitive(name) for name in ("fs", "db", "app", "web"))), fence_device())
    up = "".join(
        f"12:00:0{n}.000 node1 {name} start in 0.5s: ok\n" for n, name in enumerate(("fs", "db", "app", "web"), 1)
    )
    story = (
        up
        + """
    12:05:10.200 node1 fs monitor 10s: not running
    12:05:10.240 node2 plan 7: Recover fs ( node1 ) | Restart db ( node1 )  due to required fs start | Restart app ( node1 )  due to required db start | Restart web ( node1 )  due to required app start
    12:05:11.300 node1 web stop in 1s: ok
    12:05:12.400 node1 app stop in 1s: ok
    12:05:13.500 node1 db stop in 1s: ok
    12:05:13.700 node1 fs stop in 0.1s: ok
    12:05:13.900 node1 fs start in 0.1s: ok
    12:05:15.000 node1 db start in 1s: ok
    12:05:16.100 node1 app start in 1s: ok
    12:05:17.200 node1 web start in 1s: ok
    12:05:17.400 node2 done 7
    """  # noqa: E501
    )
    one = assert_headline(case(story, cib=cib), "group_cascade")
    assert finding(one, "group_cascade").weight == pytest.approx(6, abs=0.7)


def test_group_cascade_is_not_a_changed_definition() -> None:
    cib = cluster(group("g", primitive("db"), primitive("app")))
    story = """
    12:00:01.000 node1 db start in 0.5s: ok
    12:00:02.000 node1 app start in 0.5s: ok
    12:05:00.000 node1 based info: Completed cib_apply_diff operation for section 'all': OK (rc=0, origin=node1/cibadmin/2, version=0.10.0)
    12:05:00.010 node2 controld info: Transition 3 aborted by db-instance_attributes-fake doing modify fake=b: Configuration change | cib=0.10.0 path=/cib/configuration/resources/group[@id='g']/primitive[@id='db']/instance_attributes[@id='db-instance_attributes'] complete=true
    12:05:00.100 node2 plan 4: Restart db ( node1 )  due to resource definition change | Restart app ( node1 )  due to required db start
    12:05:01.500 node1 app stop in 1s: ok
    12:05:02.500 node1 db stop in 1s: ok
    12:05:04.500 node1 db start in 1.9s: ok
    12:05:06.500 node1 app start in 1.9s: ok
    12:05:06.700 node2 done 4
    """  # noqa: E501
    assert [one.kind for one in case(story, cib=cib).incidents] == [IncidentKind.PLANNED]


def test_flapping() -> None:
    cib = cluster(primitive("db", migration_threshold="3"))
    story = UP + "".join(
        f"""
        12:05:{second}.200 node1 db monitor 10s: not running
        12:05:{second}.240 node2 plan {number}: Recover db ( node1 )
        12:05:{second}.400 node1 db stop in 0.05s: ok
        12:05:{second}.900 node1 db start in 0.4s: ok
        12:05:{second + 1}.000 node1 db monitor 10s asked: ok
        12:05:{second + 1}.100 node2 done {number}
        """
        for number, second in enumerate((10, 20, 30), 7)
    )
    one = assert_headline(case(story, cib=cib), "flapping")
    assert "3 times" in finding(one, "flapping").sentence


def test_flapping_is_not_a_failure_that_is_replayed() -> None:
    again = "".join(f"12:06:{second}.000 node2 plan {second}: Start other ( node2 )\n" for second in range(10, 14))
    one = assert_not(case(restarted() + again, cib=DB), "flapping")
    assert one.root_cause == "service_crash"


def test_flapping_is_not_several_nodes_once_each() -> None:
    cib = cluster(clone("c", primitive("agent")), nodes=THREE)
    story = "12:00:01.000 node1,node2,node3 agent start in 0.5s: ok\n" + "".join(
        f"""
        12:05:{second}.200 node{number} agent monitor 10s: not running
        12:05:{second}.240 node1 plan {second}: Recover agent:{number} ( node{number} )
        12:05:{second}.400 node{number} agent stop in 0.05s: ok
        12:05:{second}.900 node{number} agent start in 0.4s: ok
        12:05:{second + 1}.100 node1 done {second}
        """
        for number, second in ((1, 10), (2, 25), (3, 40))
    )
    told = case(story, nodes=THREE, dc="node1", cib=cib)
    assert "flapping" not in told.labels


# --- agents -------------------------------------------------------------------------------------------

STARTED = """
12:00:01.000 node1 db start in 0.5s: ok
12:05:10.200 node1 db monitor 10s: not running
12:05:10.240 node2 plan 7: Recover db ( node1 )
12:05:10.400 node1 db stop in 0.1s: ok
"""


def retried(result: str, seconds: float = 1, *, second: str = "ok") -> str:
    """The restart of `db` ends with `result` on node1; on node2 it ends with `second`."""
    begun = 11 + seconds
    return (
        STARTED
        + f"""
    12:05:{begun:06.3f} node1 db start in {seconds}s: {result}
    12:05:{begun + 0.2:06.3f} node2 plan 8: Recover db ( node1 -> node2 )
    12:05:{begun + 0.4:06.3f} node1 db stop in 0.1s: ok
    12:05:{begun + 2:06.3f} node2 db start in 1s: {second}
    12:05:{begun + 2.2:06.3f} node2 done 8
    """
    )


def test_start_timeout() -> None:
    one = assert_headline(case(retried("Timed Out", 20), cib=DB), "start_timeout")
    assert finding(one, "start_timeout").weight == pytest.approx(20, abs=0.1)


def test_start_timeout_of_the_dc_that_got_no_result() -> None:
    """`Action lost`: which start it was, the request tells that was made so long before."""
    story = restarted().replace(
        "12:05:11.800 node1 db start in 0.8s: ok",
        """
    12:05:11.000 node2 controld: Initiating start operation web_start_0 on node1 | action 4
    12:05:31.000 node2 controld: Initiating start operation db_start_0 on node1 | action 5
    12:07:31.000 node2 controld error: Node node1 did not send start result (via controller) within 120000ms (action timeout plus cluster-delay)
    12:07:31.100 node2 plan 8: Recover db ( node1 -> node2 )
    12:07:31.400 node1 db stop in 0.1s: ok
    12:07:33.000 node2 db start in 1s: ok""",  # noqa: E501
    )
    one = assert_headline(case(story[: story.index("12:05:12.000 node1 db monitor")], cib=DB), "start_timeout")
    assert one.title.startswith("The start of MySQL (db) on node1 gave no result within 120 s")
    assert "find_lost_result" in [advice.label for advice in one.advice]
    assert "start_timeout" not in [advice.label for advice in one.advice]
    assert any("start of db on node1 (failed)" in phase.what and phase.seconds > 119 for phase in one.phases)
    assert one.recovered


def test_start_timeout_is_not_a_start_that_was_refused() -> None:
    one = assert_not(case(retried("error (cannot bind to port 8080: address in use)"), cib=DB), "start_timeout")
    assert one.root_cause == "resource_agent_error"


def test_start_timeout_is_inferred_from_the_dcs_log_where_the_configured_time_was_up() -> None:
    """The DC says `error` for a timeout as for any failure; only the executing node knows."""
    one = assert_headline(case(retried("Timed Out", 20), cib=DB, missing=("node1",)), "start_timeout")
    assert "as the DC saw it" in finding(one, "start_timeout").sentence


def test_start_timeout_is_not_claimed_from_the_dcs_log_of_an_earlier_failure() -> None:
    assert_not(case(retried("error (cannot bind)", 12), cib=DB, missing=("node1",)), "start_timeout")


@pytest.mark.parametrize(
    "result",
    [
        "error (cannot bind to port)",
        "invalid parameter (no such user)",
        "not configured (no file)",
        "insufficient privileges (root only)",
    ],
)
def test_resource_agent_error(result: str) -> None:
    one = assert_headline(case(retried(result), cib=DB), "resource_agent_error")
    assert result.split("(")[1].rstrip(")") in finding(one, "resource_agent_error").sentence


def test_a_start_that_finds_nothing_running_is_the_agents_failure() -> None:
    assert_headline(case(retried("not running"), cib=DB), "resource_agent_error")


def test_resource_agent_error_is_not_a_missing_program() -> None:
    assert_not(case(retried("not installed (no mysqld)"), cib=DB), "resource_agent_error")


def test_an_agent_that_speaks_while_its_stop_fails_is_not_missing() -> None:
    """Such as one that finds no configuration file: the start is refused, and so is the stop, which blocks."""
    stop = "12:00:32.100 node1 db stop in 0.1s: not installed"
    start = "12:00:30.000 node1 db start in 0.1s: not installed"
    speaks = "12:00:32.050 node1 mysql(db) error: /etc/my.cnf does not exist"
    assert_headline(case(f"{start}\n{speaks}\n{stop}", cib=DB), "stop_failure")
    assert_headline(case(f"{start}\n{stop}", cib=DB), "missing_agent")


@pytest.mark.parametrize(
    "result", ["not installed (no mysqld)", "Not installed (mysql: No such file or directory)", "unimplemented feature"]
)
def test_missing_agent(result: str) -> None:
    assert_headline(case(retried(result), cib=DB), "missing_agent")


def test_missing_agent_wherever_it_is_looked_for() -> None:
    story = """
    12:05:00.100 node2 plan 7: Start miss ( node1 )
    12:05:00.300 node1 miss probe: Not installed (NoSuchAgent: No such file or directory)
    12:05:00.300 node2 miss probe: Not installed (NoSuchAgent: No such file or directory)
    12:05:00.500 node2 done 7
    """
    one = assert_headline(case(story), "missing_agent")
    assert one.resources == ("miss",)


def test_missing_agent_is_not_a_probe_where_it_never_has_to_run() -> None:
    story = """
    12:05:00.100 node2 plan 7: Start db ( node1 )
    12:05:00.300 node1 db probe: not running
    12:05:00.300 node2 db probe: Not installed (mysql: No such file or directory)
    12:05:01.500 node1 db start in 1s: ok
    12:05:01.700 node2 done 7
    """
    assert case(story, cib=DB).incidents == ()


NO_PID = """
12:05:00.100 node2 plan 6: Start db ( node1 )
12:05:01.000 node1 db start in 0.5s: ok
12:05:01.100 node1 db monitor 10s asked: not running
12:05:01.200 node2 plan 7: Recover db ( node1 )
12:05:01.300 node1 db stop in 0.05s: ok
12:05:02.000 node1 db start in 0.5s: ok
12:05:02.100 node1 db monitor 10s asked: not running
12:05:02.200 node2 plan 8: Recover db ( node1 -> node2 )
12:05:02.300 node1 db stop in 0.05s: ok
12:05:03.000 node2 db start in 0.5s: ok
12:05:03.100 node2 db monitor 10s asked: not running
12:05:03.200 node2 plan 9: Stop db ( node2 )  due to node availability
12:05:03.400 node2 db stop in 0.05s: ok
12:05:03.600 node2 done 9
"""


def test_no_pidfile() -> None:
    bare = assert_headline(case(NO_PID, cib=DB), "no_pidfile")
    told = NO_PID + "12:05:03.150 node2 mysql(db) error: /run/db.pid does not exist\n"
    rows = sorted(filter(None, told.splitlines()))
    assert first(case("\n".join(rows), cib=DB)).confidence > bare.confidence


def test_no_pidfile_is_not_a_process_that_is_killed_after_each_start() -> None:
    story = NO_PID
    for second in (1, 2):
        story = story.replace(
            f"12:05:0{second}.100 node1",
            f"12:05:0{second}.050 node1 kernel: mysqld[99]: segfault at 0 ip 00 sp 00 error 4 in libc\n12:05:0{second}.100 node1",  # noqa: E501
        )
    assert_not(case(story, cib=DB), "no_pidfile")


def test_no_pidfile_is_not_a_service_that_ran_for_a_while() -> None:
    story = NO_PID.replace(
        "12:05:01.100 node1 db monitor 10s asked: not running",
        "12:05:01.100 node1 db monitor 10s asked: ok\n12:05:01.150 node1 db monitor 10s: not running",
    )
    assert_not(case(story, cib=DB), "no_pidfile")


#: On a busy DC the first monitor comes late; only the DC's syslog tells of it, and the fail count names its interval.
LATE_MONITORS = """
12:05:00.400 node1 web start in 0.3s: ok
12:05:07.400 node1 web monitor 15s asked: not running
12:05:07.600 node1 web stop in 0.1s: ok
12:05:08.200 node1 web start in 0.4s: ok
12:05:15.300 node1 web monitor 15s asked: not running
12:05:15.500 node1 web stop in 0.1s: ok
"""


def test_no_pidfile_of_monitors_that_come_late() -> None:
    """Within one interval of the start it was the first monitor, wherever that interval is named."""
    one = assert_headline(case(LATE_MONITORS, carriers=("syslog",)), "no_pidfile")
    assert (one.recovered, len(one.operations) >= 4) == (False, True)


def test_no_pidfile_is_not_a_program_that_says_why_it_exits() -> None:
    words = "CRITICAL cannot listen on [::]:8080, address in use; exiting"
    told = case(LATE_MONITORS, carriers=("syslog",)).files
    (name,) = (name for name in told if "node1" in name)
    own = f"Nov 22 12:05:01 node1 web[4711]: {words}\n"
    lines = told[name].splitlines(keepends=True)
    lines.insert(next(at for at, line in enumerate(lines) if "12:05:07" in line), own)
    assert_not(read({**told, name: "".join(lines)}), "no_pidfile")


def test_stop_failure_that_is_fenced() -> None:
    story = (
        STARTED.replace("db stop in 0.1s: ok", "").replace("12:05:10.400 node1 \n", "")
        + """
    12:05:30.400 node1 db stop in 20s: Timed Out
    12:05:30.600 node2 plan 8: Fence (reboot) node1 'db failed there' | Move db ( node1 -> node2 )
    12:05:33.000 node2 lose node1
    12:05:34.600 node2 fence node1 in 4s: OK
    12:05:36.000 node2 db start in 1s: ok
    12:05:36.200 node2 done 8
    """
    )
    one = assert_headline(case(story, cib=DB), "stop_failure")
    assert "fenced" in finding(one, "stop_failure").sentence
    assert "node_failure" not in one.contributing or one.trigger == "service_crash"


def test_stop_failure_that_blocks() -> None:
    story = """
    12:00:01.000 node1 db start in 0.5s: ok
    12:05:10.200 node1 db monitor 10s: not running
    12:05:10.240 node2 plan 7: Recover db ( node1 )
    12:05:10.400 node1 db stop in 0.1s: error (umount: busy)
    12:05:10.600 node2 plan 8:
    12:06:00.000 node2 done 8
    """
    one = assert_headline(case(story, cib=cluster(primitive("db"), stonith_enabled="false")), "stop_failure")
    assert not one.recovered
    assert "blocked" in finding(one, "stop_failure").sentence


def test_stop_failure_is_not_a_stop_on_a_node_already_lost() -> None:
    story = fenced(3).replace(
        "12:05:43.400 node1 fence", "12:05:42.000 node3 db stop in 1s: error (gone)\n12:05:43.400 node1 fence"
    )
    assert_not(case(story, **ON_THREE), "stop_failure")


PROMOTABLE = cluster(promotable("st-clone", primitive("st", monitor=5)))
TWO_COPIES = """
12:00:01.000 node1 st start in 0.5s: ok
12:00:01.000 node2 st start in 0.5s: ok
12:00:02.000 node1 st promote in 0.5s: ok
12:05:10.200 node1 st monitor 5s: not running
12:05:10.240 node2 plan 7: Promote st:1 ( Unpromoted -> Promoted node2 ) | Recover st:0 ( Promoted -> Unpromoted node1 )
12:05:10.600 node1 st demote in 0.1s: ok
12:05:10.800 node1 st stop in 0.1s: ok
"""


@pytest.mark.parametrize("result", ["Timed Out", "error (not in sync)"])
def test_promotion_failure(result: str) -> None:
    story = (
        TWO_COPIES
        + f"""
    12:05:31.000 node2 st promote in 20s: {result}
    12:05:31.200 node2 plan 8: Promote st:1 ( Unpromoted -> Promoted node2 )
    12:05:33.200 node2 st promote in 1.8s: ok
    12:05:33.400 node2 done 8
    """
    )
    assert_headline(case(story, cib=PROMOTABLE), "promotion_failure")


def test_promotion_failure_is_not_a_promotion_that_waited_for_the_demotion() -> None:
    story = (
        TWO_COPIES.replace("demote in 0.1s", "demote in 0.3s")
        + """
    12:05:13.200 node2 st promote in 0.8s: ok
    12:05:13.400 node2 done 7
    """
    )
    assert_not(case(story, cib=PROMOTABLE), "promotion_failure")


NONE_LEFT = """
12:00:01.000 node1 st start in 0.5s: ok
12:00:01.000 node2 st start in 0.5s: ok
12:00:02.000 node1 st promote in 0.5s: ok
12:00:03.000 node1 vip start in 0.1s: ok
12:05:10.100 node2 lose node1
12:05:10.200 node2 {}
12:05:10.240 node2 plan 7: Fence (reboot) node1 'peer is no longer part of the cluster' | Stop st:0 ( Promoted node1 )  due to node availability | Stop vip ( node1 )  due to node availability{}
12:05:12.400 node2 fence node1 in 2s: OK
12:05:12.600 node2 done 7
12:08:00.000 node2 attrd: Setting x[node2]: (unset) -> 1
"""  # noqa: E501
NONE_CHOSEN = "schedulerd info: st-clone: Promoted 0 instances of a possible 1"
WITH_VIP = cluster(
    promotable("st-clone", primitive("st", monitor=5)), primitive("vip", "ocf:heartbeat:IPaddr2"), fence_device("fence")
)


@pytest.mark.parametrize("line", [NONE_CHOSEN, "attrd: Setting master-st[node2]: 100 -> -INFINITY"])
def test_promotion_failure_that_nothing_could_be_promoted(line: str) -> None:
    one = assert_headline(case(NONE_LEFT.format(line, ""), cib=WITH_VIP), "promotion_failure")
    assert one.title.startswith("No instance of st could be promoted: ")
    assert "node_failure" in one.contributing
    assert [advice.label for advice in one.advice if "promot" in advice.sentence] == ["fix_promotion"]


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ("hana_ha1_sync_state[node2]: SOK -> SFAIL", "data were not in step (hana_ha1_sync_state=SFAIL on node2)"),
        ("st-data-status[node2]: STREAMING|SYNC -> DISCONNECT", "data were not in step (st-data-status=DISCONNECT on"),
        ("hana_ha1_sync_state[node2]: SFAIL -> SOK", None),
        ("hana_ha1_sync_state[node1]: PRIM -> SFAIL", None),  # the lost node's
    ],
)
def test_why_nothing_was_promoted_is_told_by_the_agents_attributes(told: str, why: str | None) -> None:
    story = NONE_LEFT.format(NONE_CHOSEN, "").replace(
        "12:05:10.200", f"12:04:00.000 node2 attrd: Setting {told}\n12:05:10.200", 1
    )
    sentence = finding(assert_headline(case(story, cib=WITH_VIP), "promotion_failure"), "promotion_failure").sentence
    assert (why in sentence) if why else ("in step" not in sentence)


@pytest.mark.parametrize(
    ("line", "planned"),
    [
        ("attrd: Setting master-st[node2]: 100 -> 90", ""),  # fit, and no line says why it was not chosen
        ("attrd: Setting x[node2]: (unset) -> 2", ""),
        (NONE_CHOSEN, " | Promote st:1 ( Unpromoted -> Promoted node2 )"),  # it may be under way
        (NONE_CHOSEN.replace("st-clone", "other"), ""),
    ],
)
def test_promotion_failure_is_not_a_promotion_that_is_to_come(line: str, planned: str) -> None:
    assert_not(case(NONE_LEFT.format(line, planned), cib=WITH_VIP), "promotion_failure")


# --- nodes and networks -------------------------------------------------------------------------------


def test_node_failure() -> None:
    one = assert_headline(case(fenced(2, start=0.5), **ON_THREE), "node_failure")
    assert one.trigger == "node_failure"


def test_node_failure_is_not_an_orderly_stop() -> None:
    story = """
    12:00:01.000 node3 db start in 0.5s: ok
    12:05:00.050 node3 controld: Shutting down cluster resource manager | limit=1200000ms
    12:05:00.100 node1,node2,node3 attrd: Setting shutdown[node3]: (unset) -> 1795349100 | from node3
    12:05:00.300 node1 plan 4: Shutdown node3 | Move db ( node3 -> node1 )
    12:05:00.600 node3 db stop in 0.2s: ok
    12:05:02.000 node1 db start in 1.3s: ok
    12:05:03.000 node1 done 4
    12:05:04.000 node1,node2 lose node3 in order
    """
    assert case(story, **ON_THREE).labels == ["manual_action"]


SPLIT = """
12:00:01.000 node2 db start in 0.5s: ok
12:05:33.000 node1 corosync KNET: link: host: 2 link: 0 is down
12:05:33.000 node2 corosync KNET: link: host: 1 link: 0 is down
12:05:40.100 node1 lose node2
12:05:40.150 node2 lose node1
12:05:40.400 node1 plan 5: Fence (reboot) node2 'peer is no longer part of the cluster' | Move db ( node2 -> node1 )
12:05:40.500 node2 plan 9: Fence (reboot) node1 'peer is no longer part of the cluster'
12:05:42.500 node1 fence node2 in 2s: OK
12:05:43.500 node1 db start in 0.9s: ok
12:05:43.700 node1 done 5
"""


def test_network_partition() -> None:
    one = assert_headline(case(SPLIT, cib=DB, dc="node1"), "network_partition")
    assert set(one.nodes) >= {"node1", "node2"}


def test_network_partition_is_not_a_link_that_has_a_second() -> None:
    story = (
        UP
        + """
    12:05:33.000 node1 corosync KNET: link: host: 2 link: 0 is down
    12:05:33.000 node2 corosync KNET: link: host: 1 link: 0 is down
    12:05:33.001 node1 corosync KNET: host: host: 2 (passive) best link: 1 (pri: 1)
    12:06:33.000 node1 corosync KNET: rx: host: 2 link: 0 is up
    """
    )
    assert case(story, cib=DB).incidents == ()


def test_network_partition_is_not_a_node_that_fell_silent() -> None:
    """Nor is it ruled out: a node that was reset before it could write looks alike, dead, stalled or cut off."""
    one = assert_not(case(fenced(), **ON_THREE), "network_partition")
    assert finding(one, "network_partition").verdict is Verdict.NOT_ENOUGH
    assert finding(one, "corosync_stall").verdict is Verdict.NOT_ENOUGH


def test_network_partition_is_open_where_the_lost_nodes_log_is_missing() -> None:
    one = first(case(fenced(), missing=("node3",), **ON_THREE))
    assert finding(one, "network_partition").verdict is Verdict.NOT_ENOUGH
    assert any("node3" in doubt for doubt in one.missing_witnesses)


STALLED = """
12:00:01.000 node3 db start in 0.5s: ok
12:05:40.100 node1,node2 lose node3
12:05:41.000 node3 corosync MAIN warning: Corosync main process was not scheduled (@1795349141000) for 9000.5 ms (threshold is 2400.0 ms). Consider token timeout increase.
12:05:41.010 node3 corosync TOTEM: Process pause detected for 9000 ms, flushing membership messages.
12:05:41.300 node1 plan 4: Fence (reboot) node3 'peer is no longer part of the cluster' | Move db ( node3 -> node1 )
12:05:43.400 node1 fence node3 in 2s: OK
12:05:44.500 node1 db start in 1s: ok
12:05:44.700 node1 done 4
"""  # noqa: E501


def test_corosync_stall() -> None:
    one = assert_headline(case(STALLED, **ON_THREE), "corosync_stall")
    assert finding(one, "network_partition").verdict is Verdict.RULED_OUT
    assert one.kind is IncidentKind.FAULT


def test_corosync_stall_is_not_a_pause_that_moved_nobody() -> None:
    story = (
        UP
        + "12:05:41.000 node1 corosync MAIN: Corosync main process was not scheduled (@1795349141000) for 2600.5 ms (threshold is 2400.0 ms). Consider token timeout increase.\n"  # noqa: E501
    )
    assert case(story, cib=DB).incidents == ()


def test_corosync_stall_is_not_a_pause_at_another_time() -> None:
    """A virtual machine paused for a moment ten minutes before it died."""
    pause = "11:55:41.000 node3 corosync MAIN: Corosync main process was not scheduled (@1795348541000) for 2600.5 ms (threshold is 2400.0 ms). Consider token timeout increase.\n"  # noqa: E501
    assert_not(case(pause + fenced(), **ON_THREE), "corosync_stall")


QUORATE = "12:00:00 node1,node2,node3 controld: Quorum acquired\n"


def test_quorum_loss() -> None:
    story = (
        QUORATE
        + """
    12:00:01.000 node1 db start in 0.5s: ok
    12:05:40.100 node1 lose node2,node3
    12:05:40.110 node1 controld: Quorum lost | membership=13 members=1
    12:05:40.200 node1 schedulerd: Fencing and resource management disabled due to lack of quorum
    12:05:40.300 node1 plan 5: Stop db ( node1 )  due to no quorum
    12:05:41.500 node1 db stop in 1s: ok
    12:05:41.700 node1 done 5
    """
    )
    told = case(story, missing=("node2", "node3"), **ON_THREE)
    one = assert_headline(told, "quorum_loss")
    assert not one.recovered


def test_quorum_loss_is_not_the_side_that_lost_while_the_other_kept_it() -> None:
    story = (
        QUORATE
        + """
    12:00:01.000 node3 db start in 0.5s: ok
    12:05:40.100 node1,node2 lose node3
    12:05:40.150 node3 lose node1,node2
    12:05:40.160 node3 controld: Quorum lost | membership=13 members=1
    12:05:40.300 node3 plan 9: Stop db ( node3 )  due to no quorum
    12:05:40.350 node1 plan 4: Fence (reboot) node3 'peer is no longer part of the cluster' | Move db ( node3 -> node1 )
    12:05:40.700 node3 db stop in 0.2s: ok
    12:05:42.500 node1 fence node3 in 2s: OK
    12:05:43.500 node1 db start in 0.9s: ok
    12:05:43.700 node1 done 4
    """
    )
    one = assert_not(case(story, **ON_THREE), "quorum_loss")
    assert one.root_cause == "network_partition"


def test_quorum_loss_is_not_two_nodes_that_keep_it() -> None:
    assert_not(case(SPLIT, cib=DB, dc="node1"), "quorum_loss")


def test_quorum_loss_is_not_a_node_that_starts_alone() -> None:
    story = """
    12:00:00.000 node1 corosync MAIN: Corosync Cluster Engine 3.1.7 starting up
    12:00:03.000 node1 controld: Quorum lost | membership=1 members=1
    12:00:20.000 node1 see node2
    12:00:20.100 node1 controld: Quorum acquired
    """
    assert case(story, cib=DB).incidents == ()


DC_DIES = """
12:00:00.000 node3 plan 1: Start db ( node3 )
12:00:01.000 node3 db start in 0.5s: ok
12:05:40.100 node1,node2 lose node3
12:05:40.110 node1,node2 controld info: Unset DC (was node3)
{election}
12:05:52.300 node1 plan 0: Fence (reboot) node3 'peer is no longer part of the cluster' | Move db ( node3 -> node1 )
12:05:54.400 node1 fence node3 in 2s: OK
12:05:55.000 node1 db start in 0.5s: ok
12:05:55.200 node1 done 0
"""
ELECTION = """
12:05:40.120 node1 controld: State transition S_NOT_DC -> S_ELECTION | input=I_ELECTION cause=C_FSA_INTERNAL origin=reap_dead_nodes
12:05:52.000 node1 controld info: Taking over DC status for this partition
"""  # noqa: E501


def test_dc_loss() -> None:
    one = assert_headline(case(DC_DIES.format(election=ELECTION), **{**ON_THREE, "dc": "node3"}), "dc_loss")
    assert finding(one, "dc_loss").weight == pytest.approx(11.2, abs=0.1)


def test_dc_loss_is_not_the_loss_of_another_node() -> None:
    assert_not(case("12:00:00 node1 plan 1: Start db ( node3 )\n" + fenced(), **ON_THREE), "dc_loss")


def test_dc_loss_that_costs_little_contributes() -> None:
    story = (
        DC_DIES.format(election=ELECTION)
        .replace("12:05:52.000", "12:05:40.200")
        .replace("12:05:52.300", "12:05:40.300")
    )
    story = (
        story.replace("12:05:54", "12:05:42")
        .replace("12:05:55.000", "12:05:43.000")
        .replace("12:05:55.200", "12:05:43.200")
    )
    one = first(case(story, **{**ON_THREE, "dc": "node3"}))
    assert one.root_cause == "node_failure"
    assert "dc_loss" in one.contributing


# --- fencing ------------------------------------------------------------------------------------------


def test_slow_fencing() -> None:
    one = assert_headline(case(fenced(15, start=0.5), **ON_THREE), "slow_fencing")
    assert finding(one, "slow_fencing").weight == pytest.approx(10, abs=0.2)


def test_slow_fencing_is_not_fencing_as_fast_as_it_gets() -> None:
    assert_not(case(fenced(3), **ON_THREE), "slow_fencing")


def test_fencing_failure() -> None:
    story = NODE_LOST + "".join(
        f"12:05:{second}.000 node1 fence node3 in 3s: No route to host\n" for second in (44, 48, 52)
    )
    one = assert_headline(case(story, **ON_THREE), "fencing_failure")
    assert not one.recovered
    assert one.resources == ("db",)


def test_fencing_failure_until_somebody_confirms() -> None:
    story = (
        NODE_LOST
        + """
    12:05:44.000 node1 fence node3 in 3s: No route to host
    12:05:48.000 node1 fence node3 in 3s: No route to host
    12:06:40.000 node1 fenced: Received manual confirmation that node3 has been fenced
    12:06:40.300 node1 plan 5: Move db ( node3 -> node1 )
    12:06:41.500 node1 db start in 1s: ok
    12:06:41.700 node1 done 5
    """
    )
    fault, command = case(story, **ON_THREE).incidents
    assert (fault.root_cause, command.root_cause) == ("fencing_failure", "manual_action")
    assert fault.recovered


def test_fencing_failure_is_not_fencing_that_took_long() -> None:
    assert_not(case(fenced(15), **ON_THREE), "fencing_failure")


def test_fencing_failure_is_not_a_node_that_nobody_fences() -> None:
    story = (
        NODE_LOST.replace("Fence (reboot) node3 'peer is no longer part of the cluster' | ", "")
        + "12:05:42.000 node1 db start in 1s: ok\n"
    )
    assert_not(case(story, **ON_THREE), "fencing_failure")


# --- moves --------------------------------------------------------------------------------------------


def test_cold_failover() -> None:
    cib = cluster(group("g", *(primitive(name) for name in ("fs", "db", "app"))), fence_device(), nodes=THREE)
    story = """
    12:00:01.000 node3 fs start in 0.5s: ok
    12:00:02.000 node3 db start in 0.5s: ok
    12:00:03.000 node3 app start in 0.5s: ok
    12:05:40.100 node1,node2 lose node3
    12:05:40.300 node1 plan 4: Fence (reboot) node3 'peer is no longer part of the cluster' | Move fs ( node3 -> node1 ) | Move db ( node3 -> node1 ) | Move app ( node3 -> node1 )
    12:05:42.400 node1 fence node3 in 2s: OK
    12:05:46.500 node1 fs start in 4s: ok
    12:05:50.600 node1 db start in 4s: ok
    12:05:54.700 node1 app start in 4s: ok
    12:05:54.900 node1 done 4
    """  # noqa: E501
    one = assert_headline(case(story, nodes=THREE, dc="node1", cib=cib), "cold_failover")
    assert finding(one, "cold_failover").weight == pytest.approx(12, abs=0.5)


VIP = """
12:00:01.000 node1,node2 haproxy start in 0.5s: ok
12:00:02.000 node1 vip start in 0.1s: ok
12:05:40.100 node2 lose node1
12:05:40.300 node2 plan 4: Fence (reboot) node1 'peer is no longer part of the cluster' | Move vip ( node1 -> node2 ) | Stop haproxy:0 ( node1 )  due to node availability
12:05:42.400 node2 fence node1 in 2s: OK
12:05:42.600 node2 vip start in 0.1s: ok
12:05:42.800 node2 done 4
"""  # noqa: E501


def test_vip_switch() -> None:
    cib = cluster(
        clone("haproxy-clone", primitive("haproxy", "systemd:haproxy")),
        primitive("vip", "ocf:heartbeat:IPaddr2"),
        fence_device(),
        rules=order("haproxy-clone", "vip"),
    )
    one = assert_headline(case(VIP, cib=cib), "vip_switch")
    assert "vip" in finding(one, "vip_switch").sentence


def test_vip_switch_is_not_the_move_of_a_service() -> None:
    assert_not(
        case(
            VIP.replace("node1,node2 haproxy", "node1 haproxy"),
            cib=cluster(
                primitive("haproxy", "systemd:haproxy"), primitive("vip", "ocf:heartbeat:IPaddr2"), fence_device()
            ),
        ),
        "vip_switch",
    )


def test_vip_switch_is_not_an_address_that_never_came_back() -> None:
    told = case(VIP.replace("12:05:42.600 node2 vip start in 0.1s: ok\n", ""), cib=cluster(
        clone("haproxy-clone", primitive("haproxy", "systemd:haproxy")), primitive("vip", "ocf:heartbeat:IPaddr2")
    ))  # fmt: skip
    assert assert_not(told, "vip_switch").root_cause == "node_failure"


def test_vip_switch_is_not_a_promotion_the_address_waits_for() -> None:
    promote = " | Promote st:1 ( Unpromoted -> Promoted node2 )"
    end = """12:05:12.500 node2 st promote in 0.1s: ok
    12:05:12.550 node2 vip start in 0.1s: ok
    12:05:12.600 node2 done 7"""
    story = NONE_LEFT.format("attrd: Setting x[node2]: (unset) -> 2", promote).replace("12:05:12.600 node2 done 7", end)
    assert assert_not(case(story, cib=WITH_VIP), "vip_switch").recovered


def test_cold_failover_is_not_a_restart_in_place() -> None:
    one = assert_not(case(restarted(start="12"), cib=DB), "cold_failover")
    assert one.root_cause == "slow_init"


TWICE = """
12:00:01.000 node1 db start in 0.5s: ok
12:05:00.000 node2 plan 5: Start db ( node2 )
12:05:00.300 node2 db probe: ok
12:05:00.400 node2 schedulerd err: {message}
12:05:00.500 node2 plan 6: Restart db ( node1 )
12:05:00.900 node1 db stop in 0.2s: ok
12:05:00.900 node2 db stop in 0.2s: ok
12:05:02.000 node1 db start in 1s: ok
12:05:02.200 node2 done 6
"""


@pytest.mark.parametrize(
    "message",
    [
        "ocf resource db might be active on 2 nodes (attempting recovery)",
        "Resource db is active on 2 nodes (attempting recovery)",
        "Resource db (ocf::mysql) is active on 2 nodes attempting recovery",
    ],
)
def test_multiple_active(message: str) -> None:
    one = assert_headline(case(TWICE.format(message=message).replace(" err:", " error:"), cib=DB), "multiple_active")
    assert one.recovered
    assert one.t_detected is not None
    assert one.t_detected.second == 0
    assert one.title.endswith("it was stopped on node1 and node2 and started on node1.")


@pytest.mark.parametrize(
    ("reason", "then"),
    [
        ("waiting for an administrator", "the cluster left it to an administrator (multiple-active=block)"),
        ("attempting recovery", "what was done about it is not in these logs"),
    ],
)
def test_multiple_active_tells_only_what_was_done(reason: str, then: str) -> None:
    story = TWICE[: TWICE.index("12:05:00.500")].replace(" err:", " error:")
    one = first(case(story.format(message=f"ocf resource db might be active on 3 nodes ({reason})"), cib=DB))
    assert one.title == f"db was found active on 3 nodes; {then}."


def test_multiple_active_is_not_a_probe_that_finds_what_runs() -> None:
    story = "12:00:01.000 node1 db start in 0.5s: ok\n12:05:00.000 node2 plan 5: Start db ( node1 )\n12:05:00.300 node1 db probe: ok\n12:05:00.500 node2 done 5\n"  # noqa: E501
    assert case(story, cib=DB).incidents == ()


# --- daemons, clocks, people --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        "warning: pacemaker-execd[114] terminated with signal 9 (Killed)",
        "error: pacemaker-attrd[115] exited with status 1 (Error occurred)",
    ],
)
def test_daemon_crash(line: str) -> None:
    child = line.split()[1].split("[")[0]
    story = (
        UP
        + f"""
    12:05:10.200 node1 pacemakerd {line}
    12:05:10.210 node1 pacemakerd: Respawning {child} subdaemon after unexpected exit
    """
    )
    one = assert_headline(case(story, cib=DB), "daemon_crash")
    assert one.nodes == ("node1",)
    assert one.outage == 0.0
    assert one.title == f"{child} died on node1; pacemakerd started it again."


@pytest.mark.parametrize(
    ("line", "then"),
    [
        ("error: Subdaemon pacemaker-attrd exceeded maximum respawn count", "; pacemakerd gave it up"),
        ("info: something else", ""),
    ],
)
def test_a_daemon_is_started_again_only_where_a_line_says_so(line: str, then: str) -> None:
    died = "node1 pacemakerd error: pacemaker-attrd[115] exited with status 1 (Error occurred)"
    again = "12:05:10.201 node1 pacemakerd: Respawning pacemaker-attrd subdaemon after unexpected exit" if then else ""
    told = case(
        f"{UP}\n12:05:10.200 {died}\n{again}\n12:05:11.200 {died}\n12:05:11.201 node1 pacemakerd {line}", cib=DB
    )
    assert first(told).title == f"pacemaker-attrd died on node1{then}."


@pytest.mark.parametrize(
    "words",
    [
        "pacemaker-execd[114] is unresponsive to ipc after 5 tries but we found the pid so have it killed that we can restart",  # noqa: E501
        "Subdaemon pacemaker-execd[114] is unresponsive to IPC after 5 attempts and will now be killed",
    ],
)
def test_a_daemon_that_hung_is_told_from_one_that_died(words: str) -> None:
    died = "pacemakerd warning: pacemaker-execd[114] terminated with signal 9 (Killed)"
    again = "pacemakerd: Respawning pacemaker-execd subdaemon after unexpected exit"
    lines = f"12:05:10.100 node1 pacemakerd error: {words}\n12:05:10.200 node1 {died}\n12:05:10.200 node1 {again}"
    one = assert_headline(case(f"{UP}\n{lines}", cib=DB), "daemon_crash")
    assert one.title == "pacemaker-execd hung and was killed on node1; pacemakerd started it again."
    # a later death of the next process is its own
    later = f"12:35:10.200 node1 {died}\n12:35:10.210 node1 {again}"
    told = case(f"{UP}\n{lines}\n{later}", cib=DB).incidents[-1]
    assert told.title.startswith("pacemaker-execd died")


def test_daemon_crash_is_not_a_stop_of_pacemaker() -> None:
    story = (
        UP
        + """
    12:05:00.050 node1 controld: Shutting down cluster resource manager | limit=1200000ms
    12:05:00.100 node1,node2 attrd: Setting shutdown[node1]: (unset) -> 1795349100 | from node1
    12:05:05.100 node1 pacemakerd info: pacemaker-controld[117] exited with status 0 (OK)
    12:05:05.200 node1 pacemakerd: Shutdown complete
    """
    )
    assert case(story, cib=DB).labels == ["manual_action"]


def test_daemon_crash_is_not_the_end_of_a_node_that_was_fenced() -> None:
    """`allegedly just fenced`: the daemons of a victim that lives end for it (exit 100)."""
    story = (
        fenced()
        + """
    12:05:43.000 node3 controld crit: We were allegedly just fenced by node1 for node1!
    12:05:43.100 node3 pacemakerd error: pacemaker-controld[117] exited with status 100 (Fatal error)
    """
    )
    assert_not(case("\n".join(sorted(filter(None, map(str.strip, story.splitlines())))), **ON_THREE), "daemon_crash")


def test_clock_jump() -> None:
    story = restarted(
        "db monitor 10s: error (token not yet valid)",
        said="12:05:10.750 node1 mysql(db) info: MySQL is already stopped",
    )
    story = story.replace(
        "12:05:10.200", "12:05:01 node1 chronyd: System clock was stepped by 73.512345 seconds\n12:05:10.200", 1
    )
    told = case(story, cib=DB)
    assert "clock_jump" in {told.incidents[0].root_cause, *told.incidents[0].contributing}
    assert finding(told.incidents[0], "clock_jump").verdict is Verdict.SUPPORTED


def test_clock_jump_is_not_an_adjustment_nobody_notices() -> None:
    story = UP + "12:05:01 node1 chronyd: System clock was stepped by -0.012345 seconds\n"
    assert case(story, cib=DB).incidents == ()


@pytest.mark.parametrize("where", ["property", "resource"])
def test_unmanaged(where: str) -> None:
    cib = (
        cluster(primitive("db"), maintenance_mode="true")
        if where == "property"
        else cluster(primitive("db", is_managed="false"))
    )
    story = (
        UP
        + """
    12:05:10.200 node1 db monitor 10s: not running
    12:05:10.240 node2 plan 7:
    12:05:10.300 node2 done 7
    12:06:00.000 node2 controld: State transition S_IDLE -> S_POLICY_ENGINE | input=I_PE_CALC cause=C_TIMER_POPPED origin=crm_timer_popped
    """  # noqa: E501
    )
    one = assert_headline(case(story, cib=cib), "unmanaged")
    assert not one.recovered


def test_unmanaged_for_on_fail_is_told_by_that_name() -> None:
    """The scheduler calls it unmanaged all the same, and so it is for nobody who looks for maintenance."""
    on_fail = '<op id="db-monitor" name="monitor" interval="10s" on-fail="block" timeout="20s"/>'
    cib = cluster(primitive("db")).replace('<op id="db-monitor" name="monitor" interval="10s" timeout="20s"/>', on_fail)
    story = (
        UP
        + """
    12:05:10.200 node1 db monitor 10s: not running
    12:05:10.230 node2 schedulerd info: Leave   db	(Started node1 blocked)
    12:05:10.240 node2 plan 7:
    12:05:10.300 node2 done 7
    """
    )
    one = assert_headline(case(story, cib=cib), "unmanaged")
    assert "on-fail=block of its monitor" in finding(one, "unmanaged").sentence


def test_unmanaged_is_not_a_failure_the_cluster_acted_on() -> None:
    assert_not(case(restarted(), cib=cluster(primitive("db", is_managed="false"))), "unmanaged")


def test_manual_action() -> None:
    story = (
        UP
        + """
    12:05:00.000 node1 based info: Completed cib_modify operation for section resources: OK (rc=0, origin=node1/crm_resource/6, version=0.10.0)
    12:05:00.010 node2 controld info: Transition 3 aborted by db-meta_attributes-target-role doing create target-role=Stopped: Configuration change | cib=0.10.0 path=/cib/configuration/resources/primitive[@id='db'] complete=true
    12:05:00.100 node2 plan 4: Stop db ( node1 )  due to node availability
    12:05:00.500 node1 db stop in 0.2s: ok
    12:05:00.700 node2 done 4
    """  # noqa: E501
    )
    one = assert_headline(case(story, cib=DB), "manual_action")
    assert one.kind is IncidentKind.PLANNED
    assert "db" in one.resources


def test_manual_action_is_not_a_score_that_an_agent_sets() -> None:
    """Agents set attributes with crm_attribute all the time: a status section changes, not the configuration."""
    story = (
        UP
        + """
    12:05:00.000 node1 based info: Completed cib_modify operation for section status: OK (rc=0, origin=node1/crm_attribute/6, version=0.9.44)
    12:05:00.010 node2 controld info: Transition 3 aborted by status-1-hana_ha1_roles doing modify hana_ha1_roles=4:P: Transient attribute change | cib=0.9.44 complete=true
    12:05:00.100 node2 plan 4:
    12:05:00.700 node2 done 4
    """  # noqa: E501
    )
    assert case(story, cib=DB).incidents == ()


FAILBACK = (
    UP
    + """
    12:05:00.000 node2 controld info: Transition 3 aborted: Node join | source=do_dc_join_finalize:464 complete=true
    12:05:00.100 node2 plan 4: Move db ( node1 -> node2 )
    12:05:00.500 node1 db stop in 0.2s: ok
    12:05:01.500 node2 db start in 0.9s: ok
    12:05:01.700 node2 done 4
    """
)


def test_policy_move() -> None:
    one = assert_headline(case(FAILBACK, cib=DB), "policy_move")
    assert one.kind is IncidentKind.POLICY
    assert one.outage == 1.0


def test_policy_move_is_not_what_a_failure_asked_for() -> None:
    told = case(restarted(), cib=DB)
    assert [one.kind for one in told.incidents] == [IncidentKind.FAULT]
