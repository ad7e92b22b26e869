"""What may be said of a few lines: nothing is ruled out, ended or lasted that they could not have told."""

from __future__ import annotations

import pytest
from stories import case, cluster, finding, primitive, read, tell, write

from logtrace.causes.judgement import Verdict
from logtrace.report.case import Incident

LOST = """
12:00:01.000 node2 db start in 0.5s: ok
12:05:00.000 node1 lose node2
12:05:00.500 node1 plan 4: Fence (reboot) node2 'peer is no longer part of the cluster' | Move db ( node2 -> node1 )
12:05:03.500 node1 fence node2 in 2.5s: OK
12:05:05.000 node1 db start in 1s: ok
12:05:05.100 node1 done 4
"""


def of(story: str, name: str, *words: str, nodes: tuple[str, ...] = ("node1", "node2")) -> Incident:
    """The one incident in those lines of one log that hold one of some words (without: in all of them)."""
    text = write(tell(story, nodes=nodes, dc="node1"))[name].splitlines(keepends=True)
    return read({name: "".join(line for line in text if not words or any(word in line for word in words))}).only


def test_corosyncs_log_alone_rules_out_nothing_that_pacemaker_would_tell() -> None:
    one = of(LOST, "node1/corosync.log")
    assert (one.root_cause, one.outage) == ("node_failure", None)
    for label in ("stop_failure", "fencing_failure", "missing_agent", "multiple_active", "cold_failover", "flapping"):
        told = finding(one, label)
        assert told.verdict is Verdict.NOT_ENOUGH
        assert "what Pacemaker logged then on" in told.sentence


def test_the_dcs_own_log_rules_out_what_it_would_tell() -> None:
    one = of(LOST, "node1/pacemaker.log")
    assert finding(one, "stop_failure").verdict is Verdict.RULED_OUT


def test_a_fail_count_alone_tells_neither_an_end_nor_a_length() -> None:
    story = "12:05:10.000 node1 db monitor 10s: not running\n12:06:00.000 node2 attrd: Setting x[node2]: (unset) -> 1"
    one = case(story, missing=("node1",), dc="node1").only
    assert (one.outage, one.recovered) == (None, False)
    assert one.title.endswith("Whether db came back is not in these logs.")


def test_a_log_that_ends_while_it_is_being_recovered() -> None:
    """That something is down still is no word about what came later."""
    until = "\n".join(LOST.splitlines()[:5]) + "\n12:05:03.600 node1 attrd: Setting x[node1]: (unset) -> 1\n"
    one = case(until, missing=("node2",), dc="node1").only
    assert one.title.endswith("db had not come back when the logs end.")


def test_the_end_of_a_fencing_does_not_tell_how_long_it_took() -> None:
    nodes = ("node1", "node2", "node3")
    story = LOST.replace("node1 lose node2", "node1,node3 lose node2")
    one = of(story, "node3/pacemaker.log", nodes=nodes)
    told = finding(one, "slow_fencing")
    assert told.verdict is Verdict.NOT_ENOUGH
    assert "who asked for the fencing of node2, and when, is not in these logs" in told.sentence


@pytest.mark.parametrize(
    ("later", "blocked"), [("", False), ("12:05:31.000 node1 plan 5: Stop db ( node1 blocked )", True)]
)
def test_a_failed_stop_at_the_end_of_the_lines_is_not_known_to_block(later: str, *, blocked: bool) -> None:
    story = f"""
    12:00:02.000 node1 db monitor 10s asked: ok
    12:05:10.000 node1 db monitor 10s: not running
    12:05:10.200 node1 plan 4: Recover db ( node1 )
    12:05:30.500 node1 db stop in 20s: Timed Out
    {later}
    """
    one = case(story, cib=cluster(primitive("db")), dc="node1").only
    assert ("stays blocked" in finding(one, "stop_failure").sentence) is blocked


def test_a_start_that_only_the_end_of_its_transition_tells_took_at_most_so_long() -> None:
    story = """
    12:00:02.000 node1 db monitor 10s asked: ok
    12:05:10.000 node1 db monitor 10s: not running
    12:05:10.200 node2 plan 4: Recover db ( node1 )
    12:05:10.500 node1 db stop in 0.2s: ok
    12:05:30.500 node1 db start in 15s: ok
    12:05:30.600 node2 done 4
    """
    one = case(story, missing=("node1",), carriers=("syslog",)).only
    told = finding(one, "slow_init")
    assert (told.verdict, "at most" in told.sentence) == (Verdict.SUPPORTED, True)
    assert one.confidence < 0.6


def test_a_planned_fencing_alone_is_told_and_not_believed_far() -> None:
    one = of(LOST, "node1/pacemaker.log", "Actions: Fence")
    assert (one.root_cause, one.nodes, one.outage) == ("node_failure", ("node2",), None)
    assert one.title == "node2 was to be fenced: peer is no longer part of the cluster."
    assert one.confidence <= 0.3


def test_a_loss_in_pieces_of_logs_is_not_known_to_have_cost_nothing() -> None:
    """What ran on a node is told by the DC: that no line tells of it here says nothing."""
    nodes = ("node1", "node2", "node3")
    story = "12:00:00.500 node2 db probe: not running\n" + LOST.replace("node1 lose node2", "node1,node3 lose node2")
    one = of(story, "node3/pacemaker.log", nodes=nodes)
    assert (one.root_cause, one.outage) == ("node_failure", None)


def test_of_the_last_line_of_an_excerpt_nothing_followed_yet() -> None:
    one = of("12:05:10.000 node1 db monitor 10s: not running", "node1/pacemaker.log", "Result of")
    assert one.title.endswith("db had not come back when the logs end.")


def test_lines_that_are_missing_lower_the_confidence() -> None:
    """The end of a transition is told and its plan is not."""
    story = """
    12:00:01.000 node1 db start in 0.5s: ok
    12:00:02.000 node1 db monitor 10s asked: ok
    12:05:10.000 node1 db monitor 10s: not running
    12:05:10.100 node2 plan 4: Recover db ( node1 )
    12:05:10.300 node1 db stop in 0.1s: ok
    12:05:11.500 node1 db start in 1s: ok
    12:05:11.600 node2 done 4
    """
    whole = case(story, cib=cluster(primitive("db"))).only
    files = write(tell(story))
    kept = [line for line in files["node2/pacemaker.log"].splitlines(keepends=True) if "-> S_IDLE" not in line]
    holed = read(
        {**files, "node2/pacemaker.log": "".join(kept).replace("Transition 4 (", "Transition 5 (")},
        cib=cluster(primitive("db")),
    ).only
    assert holed.root_cause == whole.root_cause
    assert holed.confidence < whole.confidence
    assert any("node2" in each for each in holed.missing_witnesses)


def test_a_plan_does_not_tell_which_operation_failed() -> None:
    recover = "12:05:00 node2 schedulerd:  * Recover    db    ( node1 )\n"
    assert of(recover, "node2/pacemaker.log").title == (
        "db failed on node1, for a plan recovers it; what failed is not told. "
        "Whether db came back is not in these logs."
    )
    fence = "12:05:00 node2 schedulerd warning: Cluster node node1 will be fenced: db failed there\n"
    one = of(fence, "node2/pacemaker.log")
    assert one.title.startswith("db failed on node1, which is to be fenced for it, as after a failed stop.")
    assert not any("None" in advice.sentence for advice in one.advice)


def test_a_fencing_whose_request_is_missing_began_with_the_plan_and_has_no_length() -> None:
    story = """
    12:05:00.500 node1 schedulerd warning: Cluster node node2 will be fenced: peer is no longer part of the cluster
    12:05:12.000 node1 fenced: Operation 'off' [27] (call 7 from pacemaker-controld.117) targeting node2 using st returned 0 (OK)
    12:05:12.100 node1 fenced: Operation 'off' targeting node2 by node1 for pacemaker-controld.117@node1: OK
    """  # noqa: E501 - as the fencer prints it
    one = of(story, "node1/pacemaker.log")
    assert one.title == "node2 was fenced: peer is no longer part of the cluster."
    assert f"{one.t_detected:%H:%M:%S}" == "12:05:00"
    assert finding(one, "slow_fencing").verdict is Verdict.NOT_ENOUGH


def test_a_fencing_by_hand_that_failed_fenced_nobody() -> None:
    told = read(write(tell("12:05:00 node1 fence node2 by stonith_admin.4711 in 3s: No such device")))
    assert told.only.title == "Manual fencing of node2, which failed."
    assert not any("fenced" in each.sentence for each in told.case.quiet)


def test_what_the_executor_killed_has_failed_though_no_result_is_at_hand() -> None:
    story = """
    12:05:00.100 node1 execd warning: db_stop_0 process (PID 4711) timed out
    12:05:00.200 node1 execd warning: db_stop_0[4711] timed out after 20000ms
    12:05:00.300 node1 controld: Requesting fencing (reboot) of node node1
    """
    one = of(story, "node1/pacemaker.log")
    assert (one.root_cause, one.title) == (
        "stop_failure",
        (
            "The stop of db on node1 ran into its timeout after 20.0 s; node1 was to be fenced for it. "
            "db had not come back when the logs end."
        ),
    )


@pytest.mark.parametrize(
    "result",
    [
        "12:05:09.100 node1 db monitor 10s: Timed Out",
        "12:05:00.200 node1 controld error: Result of monitor operation for db on alias1: Timed Out",
    ],
)
def test_a_kill_and_the_result_that_tells_of_it_are_one_failure(result: str) -> None:
    story = f"""
    12:05:00.100 node1 execd warning: db_monitor_10000[4711] timed out after 20000ms
    {result}
    """
    one = of(story, "node1/pacemaker.log")
    assert len([each for each in one.operations if each.operation == "monitor"]) == 1


@pytest.mark.parametrize(
    ("line", "who", "remedy"),
    [
        (
            "fenced warning: fence_azure_arm[912] stderr: [ Failed: Azure Error: AuthenticationFailed ]",
            "The fence agent fence_azure_arm told an error on node1",
            "Renew the application's secret",
        ),
        ("IPaddr2(vip) error: [findif] failed", "The agent of vip told an error on node1", "no interface for this"),
    ],
)
def test_an_agents_complaint_alone_is_told_with_what_it_means(line: str, who: str, remedy: str) -> None:
    one = of(f"12:05:00 node1 {line}\n", "node1/pacemaker.log")
    assert one.root_cause == "resource_agent_error"
    assert one.title.startswith(who)
    assert one.confidence <= 0.4
    assert any(remedy in advice.sentence for advice in one.advice)


def test_what_a_fence_agent_prints_is_the_reason_of_the_result_beside_it() -> None:
    story = """
    12:05:00.100 node1 fenced warning: fence_azure_arm[912] stderr: [ Failed: Azure Error: AuthenticationFailed ]
    12:05:00.200 node1 st start in 1s: error
    """
    assert of(story, "node1/pacemaker.log").title.startswith("The start of st on node1 failed with rc 1")


def test_an_outage_does_not_go_on_to_another_piece_of_the_logs() -> None:
    """A DC is not silent for longer than cluster-recheck-interval: what stands between was left out."""
    story = """
    12:05:00.000 node1 db monitor 61s: not running
    15:40:00.000 node1 attrd: Setting ping[node1]: 100 -> 0 | from node1
    """
    one = of(story, "node1/pacemaker.log")
    assert one.root_cause == "service_crash"
    assert (one.outage, one.recovered) == (None, False)
    assert one.title.endswith("Whether db came back is not in these logs.")
