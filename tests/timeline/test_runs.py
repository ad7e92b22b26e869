"""Runs of agents: when they began and ended, how they ended, and who tells of them."""

from __future__ import annotations

import re

import pytest
from stories import Told, at, case, read, tell, write

from logtrace.config.cib import read as read_cib
from logtrace.timeline import NO_EVENT, Run, Witness, build
from logtrace.timeline.runs import RUNS

START = """
12:00:05.000 node2 plan 7: Start db ( node1 )
12:00:09.000 node1 db start in 3s: ok
"""


def runs(told: Told, operation: str) -> list[Run]:
    return [run for run in told.timeline.runs if run.operation == operation]


def without(*words: str) -> Run:
    """The start of START when lines with these words are lost."""
    files = {
        path: "".join(line + "\n" for line in text.splitlines() if not any(word in line for word in words))
        for path, text in write(tell(START)).items()
    }
    (run,) = runs(read(files), "start")
    return run


@pytest.mark.parametrize(
    "lost",
    [
        (),
        ("executing -",),
        ("executing -", "Requesting local"),
        ("exited with status",),
        ("exited with status", "executing -"),
        ("exited with status", "executing -", "Requesting local"),
    ],
)
def test_when_a_run_began_is_known_from_any_of_four_lines(lost: tuple[str, ...]) -> None:
    run = without(*lost)
    assert run.end == at("12:00:09")
    assert abs((run.start - at("12:00:06")).total_seconds()) <= 0.005


def test_without_any_of_them_a_run_has_no_length() -> None:
    run = without("exited with status", "executing -", "Requesting local", "Initiating")
    assert (run.start, run.end, run.seconds) == (at("12:00:09"), at("12:00:09"), 0.0)


def test_the_transition_is_that_of_its_key() -> None:
    assert without().transition == 7
    assert without("Requesting local").transition is None


def test_the_second_run_does_not_take_the_firsts_beginning() -> None:
    story = START + "12:01:00 node2 plan 8: Restart db ( node1 )\n12:01:05 node1 db start in 1s: ok\n"
    files = write(tell(story), carriers=("syslog",))
    asked = re.compile(r".*12:01:0.*(?:Initiating|Requesting).*\n")
    first, second = runs(read({path: asked.sub("", text) for path, text in files.items()}), "start")
    assert (first.start, second.start) == (at("12:00:05"), at("12:01:05"))


def test_whole_seconds() -> None:
    """In syslog a stop and a start may share their second: each keeps its own lines, in their order."""
    story = """
    12:00:10.100 node1 db monitor 10s: not running
    12:00:10.150 node1 plan 7: Recover db ( node1 )
    12:00:10.300 node1 db stop in 0.1s: ok
    12:00:10.900 node1 db start in 0.5s: ok
    12:00:13.100 node1 app start in 2s: ok
    """
    told = case(story, nodes=("node1",), carriers=("syslog",))
    assert [(run.resource, run.operation, run.end.second) for run in told.timeline.runs] == [
        ("db", "monitor", 10),
        ("db", "stop", 10),
        ("db", "start", 10),
        ("app", "start", 13),
    ]
    assert runs(told, "start")[0].seconds == 0
    assert runs(told, "start")[1].seconds == 2


def test_whole_seconds_of_two_nodes() -> None:
    """A transition starts what it moves after it has stopped it, though the other node's log shows the same second."""
    story = """
    12:00:10.100 node1 db monitor 10s: not running
    12:00:10.150 node1 plan 7: Move db ( node1 -> node2 ) | Move app ( node1 -> node2 )
    12:00:10.400 node1 app stop in 0.2s: ok
    12:00:10.600 node1 db stop in 0.2s: ok
    12:00:10.950 node2 db start in 0.3s: ok
    12:00:11.400 node2 app start in 0.3s: ok
    """
    files = write(tell(story, nodes=("node1", "node2")))
    told = read({path: re.sub(r"(:\d\d)\.\d+ ", r"\1 ", text) for path, text in files.items()})
    (stop,) = (run for run in runs(told, "stop") if run.resource == "db")
    (start,) = (run for run in runs(told, "start") if run.resource == "db")
    assert stop.end <= start.end
    assert (stop.end.second, start.end.second) == (10, 10)
    (incident,) = told.incidents
    assert incident.recovered


@pytest.mark.parametrize(
    ("result", "recorded", "rc", "timed_out"),
    [
        ("Timed Out", "error: Resource agent did not complete within 6s", None, True),
        ("error", "error: cannot connect", 1, False),
        ("error", "error", 1, False),
        ("not running", "error: cannot connect", 7, False),  # the record of another failure
    ],
)
def test_the_reason_is_that_of_the_record_where_only_the_dcs_log_is_at_hand(
    result: str, recorded: str, rc: int | None, *, timed_out: bool
) -> None:
    said = "node2 schedulerd warning: Unexpected result ({}) was recorded for monitor of db on node1 at {} | rc=1"
    story = f"""
    {START}
    12:00:20 node1 db monitor 10s: {result}
    12:00:20.100 {said.format(recorded, "Nov 22 12:00:20 2026")}
    12:05:20 {said.format("error: much later", "Nov 22 12:05:20 2026")}
    """
    (run,) = (run for run in runs(case(story, missing=("node1",)), "monitor") if run.witness == "dc")
    assert (run.rc, run.timed_out) == (rc, timed_out)
    assert run.reason == (recorded.partition(": ")[2] or None if rc != 7 else None)


def test_only_the_dcs_log_is_at_hand() -> None:
    story = (
        START
        + """
    12:00:20 node1 db monitor 10s: not running
    12:00:20.100 node2 plan 8: Recover db ( node1 )
    12:00:45 node1 db stop in 20s: Timed Out
    """
    )
    start, monitor, stop = case(story, missing=("node1",)).timeline.runs
    assert {run.witness for run in (start, monitor, stop)} == {"dc"}
    assert {run.node for run in (start, monitor, stop)} == {"node1"}
    assert (start.ok, monitor.ok, stop.ok) == (True, False, False)
    assert abs(start.seconds - 3) < 0.02
    assert abs(stop.seconds - 20) < 0.02
    assert (monitor.recurring, monitor.rc, monitor.interval, monitor.transition) == (True, 7, 10000, 7)


@pytest.mark.parametrize("carriers", [("detail",), ("syslog",), ("detail", "syslog")])
def test_what_two_nodes_tell_is_one_run(carriers: tuple[str, ...]) -> None:
    story = START + "12:00:20 node1 db monitor 10s: not running\n12:00:31 node1 app start in 5s: error (no way)\n"
    told = case(story, carriers=carriers)
    assert [(run.resource, run.operation, run.witness) for run in told.timeline.runs] == [
        ("db", "start", "executor"),
        ("db", "monitor", "executor"),
        ("app", "start", "executor"),
    ]


@pytest.mark.parametrize(
    ("what", "rc", "ok", "timed_out"),
    [
        ("db probe: not running", 7, True, False),
        ("db probe: ok", 0, True, False),
        ("db probe: Not installed (X: No such file or directory)", 5, True, False),
        ("db probe: error (no bus)", 1, False, False),
        ("db monitor 5s asked: ok", 0, True, False),
        ("db monitor 5s asked: promoted", 8, True, False),
        ("db monitor 5s asked: degraded", 190, True, False),
        ("db monitor 5s: not running", 7, False, False),
        ("db monitor 5s in 20s: Timed Out", None, False, True),
        ("db start in 5s: Timed Out", None, False, True),
        ("db start in 5s: error (cannot bind to port 8080: address in use)", 1, False, False),
        ("db start in 5s: not configured (no file)", 6, False, False),
        ("db promote in 1s: ok", 0, True, False),
        ("db stop in 1s: ok", 0, True, False),
    ],
)
def test_results(what: str, rc: int | None, ok: bool, timed_out: bool) -> None:
    (run,) = case(f"12:00:10 node1 {what}\n").timeline.runs
    assert (run.rc, run.ok, run.timed_out) == (rc, ok, timed_out)
    assert run.probe == (" probe" in what)
    assert run.recurring == ("monitor" in what)


def test_the_reason_is_kept() -> None:
    (run,) = case("12:00:10 node1 db start in 5s: error (cannot bind to port 8080: address in use)\n").timeline.runs
    assert run.reason == "cannot bind to port 8080: address in use"


def test_a_cancelled_monitor_did_not_fail() -> None:
    line = (
        "Result of monitor operation for db on node1: Cancelled | graph action confirmed; call=36 key=db_monitor_10000"
    )
    told = case(f"12:00:10 node1 controld info: {line}\n12:00:11 node1 db stop in 0.1s: ok")
    assert not any(run.failed for run in told.timeline.runs)
    assert told.incidents == ()


WORDINGS = {
    "1.1.7": (
        "Nov 22 12:00:10 node1 crmd: [58]: info: process_lrm_event: LRM operation db_monitor_5000 (call=15, rc=7, "
        "cib-update=21, confirmed=false) not running"
    ),
    "1.1.12": (
        "Nov 22 12:00:10 [58] node1       crmd:   notice: process_lrm_event:\tOperation db_monitor_5000: not running "
        "(node=node1, call=15, rc=7, cib-update=21, confirmed=false)"
    ),
    "1.1.24": (
        "Nov 22 12:00:10 [58] node1       crmd:     info: process_lrm_event:\tResult of monitor operation for db on "
        "node1: 7 (not running) | call=15 key=db_monitor_5000 confirmed=false cib-update=21"
    ),
    "2.0.5": (
        "Nov 22 12:00:10 node1 pacemaker-controld  [58] (process_lrm_event) \tnotice: Result of monitor operation for "
        "db on node1: not running | rc=7 call=15 key=db_monitor_5000 confirmed=false cib-update=21"
    ),
    "2.1.5": (
        "Nov 22 12:00:10.000 node1 pacemaker-controld  [58] (log_executor_event) \tnotice: Result of monitor operation "
        "for db on node1: not running | CIB update 45, graph action unconfirmed; call=15 key=db_monitor_5000 rc=7"
    ),
    "3.0.1": (
        "Nov 22 12:00:10.000 node1 pacemaker-controld  [58] (log_executor_event) \tnotice: Result of monitor operation "
        "for db on node1: Not running | graph action unconfirmed; call=15 key=db_monitor_5000 rc=7"
    ),
}


@pytest.mark.parametrize("release", WORDINGS)
def test_every_release_tells_the_same(release: str) -> None:
    (run,) = read({"node1/pacemaker.log": WORDINGS[release] + "\n"}, year=2026).timeline.runs
    assert (run.node, run.resource, run.operation, run.interval, run.call, run.rc, run.ok, run.end) == (
        "node1",
        "db",
        "monitor",
        5000,
        15,
        7,
        False,
        at("12:00:10"),
    )


def test_syslog_does_not_print_the_interval() -> None:
    (run,) = case("12:00:10 node1 db monitor 5s: not running\n", carriers=("syslog",), missing=("node2",)).timeline.runs
    assert run.interval is None
    assert run.recurring
    assert run.failed


def test_a_name_with_underscores_and_numbers() -> None:
    (run,) = case("12:00:10 node1 p_db_2 migrate_from in 1s: ok\n").timeline.runs
    assert (run.resource, run.operation) == ("p_db_2", "migrate_from")


def test_call_ids_begin_anew_with_the_executor() -> None:
    """The DC's log and the node's agree by call id and time, not by call id alone."""
    line = "Result of start operation for db on node1: ok | graph action confirmed; call=5 key=db_start_0 rc=0"
    told = "Transition {n} action 3 (db_start_0 on node1) confirmed: ok | rc=0 call-id=5"
    story = f"""
    12:00:10 node1 controld: {line}
    12:00:10 node2 controld info: {told.format(n=3)}
    12:10:10 node1 controld: {line}
    12:10:10 node2 controld info: {told.format(n=9)}
    """
    assert [run.end for run in case(story).timeline.runs] == [at("12:00:10"), at("12:10:10")]


def test_only_the_end_of_the_transition_is_at_hand() -> None:
    """The DC's syslog confirms nothing by name; what it asked a silent node for has succeeded when it is done."""
    story = """
    12:00:05.000 node1 plan 7: Start db ( node2 ) | Start app ( node2 )
    12:00:08.000 node2 db start in 2s: ok
    12:00:09.000 node2 app start in 1s: {app}
    12:00:09.500 node1 done 7{outcome}
    """
    options = {"missing": ("node2",), "carriers": ("syslog",), "dc": "node1"}
    told = case(story.format(app="ok", outcome=""), **options)
    assert [(run.resource, run.ok, run.witness, run.end.replace(microsecond=0)) for run in told.timeline.runs] == [
        ("db", True, "transition", at("12:00:09")),
        ("app", True, "transition", at("12:00:09")),
    ]
    failed = case(story.format(app="error (no way)", outcome=""), **options).timeline.runs
    assert {(run.resource, run.ok, run.witness) for run in failed} == {
        ("app", False, "dc"),
        ("db", True, "transition"),
    }


def test_what_an_aborted_transition_had_begun_is_done_when_it_is_reported() -> None:
    """The controller waits for what is under way; the first monitor, asked for after the start, says it better."""
    story = """
    12:00:05.000 node1 plan 7: Start db ( node2 ) | Start app ( node2 ) | Start web ( node2 )
    12:00:08.000 node2 db start in 2s: ok
    12:00:09.000 node1 controld: Initiating monitor operation db_monitor_10000 on node2 | action 5
    12:00:11.000 node2 app start in 1s: ok
    12:00:11.500 node1 done 7: Stopped
    """
    told = case(story, missing=("node2",), carriers=("syslog",), dc="node1").timeline.runs
    assert [(run.resource, run.ok, run.witness, run.end) for run in told] == [
        ("db", True, "dc", at("12:00:09")),
        ("app", True, "transition", at("12:00:11")),
    ]


COUNTED = "Setting fail-count-db#monitor_10000[node1]: {} -> {} | from node2 with no write delay"
FAILED, CLEANED = COUNTED.format("(unset)", 1), COUNTED.format(1, "(unset)")
#: Two nodes tell of what the third, of which there is no log, counted.
FAILS = f"12:00:00 node2 attrd: {FAILED}\n12:00:00.900 node3 attrd: {FAILED}\n"


@pytest.mark.parametrize(
    ("later", "times"),
    [
        ("", 1),
        (f"12:40:00 node2,node3 attrd: {CLEANED}\n13:00:00 node2,node3 attrd: {FAILED}", 2),
        (f"12:40:00 node2,node3 attrd: Removing all node1 attributes for peer loss\n13:00:00 node2 attrd: {FAILED}", 2),
        (f"13:00:00 node3 attrd: {FAILED}", 1),  # it was restarted, and is told what it missed
        (f"12:00:20 node2,node3 attrd: {COUNTED.format(1, 2)}", 2),
    ],
    ids=["once", "after a cleanup", "after the node was away", "told to who joins", "again"],
)
def test_a_fail_count_that_is_raised_again_is_another_failure(later: str, times: int) -> None:
    told = case(FAILS + later, nodes=("node1", "node2", "node3"), missing=("node1",))
    assert len([run for run in runs(told, "monitor") if run.failed]) == times


# --- one table ----------------------------------------------------------------------------------------


def test_witnesses_are_ordered_by_trust() -> None:
    assert sorted(Witness, key=lambda each: each.rank) == list(Witness)
    for better, worse in (("executor", "dc"), ("dc", "attributes"), ("attributes", "plan")):
        assert Witness(better).beats(Witness(worse))
        assert not Witness(worse).beats(Witness(better))
    assert not Witness.DC.beats(Witness.DC)


PLANNED = "12:00:10 node2 plan 7: Recover db ( node1 )\n12:00:12 node2 done 7\n"


@pytest.mark.parametrize(
    ("story", "options"),
    [
        (START, {}),
        (START, {"carriers": ("syslog",)}),
        (START + "12:00:20 node1 db monitor 10s: not running\n", {"missing": ("node1",)}),
        (PLANNED, {"missing": ("node1",)}),
        (FAILS, {"nodes": ("node1", "node2", "node3"), "missing": ("node1",)}),
    ],
    ids=["executor", "whole seconds", "dc", "plan", "fail count"],
)
def test_rows_and_values_are_the_same(story: str, options: dict[str, object]) -> None:
    timeline = case(story, **options).timeline
    frame = timeline.frames.runs
    assert dict(frame.schema) == RUNS
    assert frame["run"].to_list() == list(range(len(timeline.runs)))
    assert frame["end"].is_sorted()
    rows = frame.drop("event").rows()
    told = [tuple(getattr(run, name) for name in RUNS if name != "event") for run in timeline.runs]
    assert rows == told
    assert [NO_EVENT if event is None else event for event in frame["event"]] == [run.event for run in timeline.runs]


def test_a_plan_to_recover_is_a_failed_run() -> None:
    (run,) = case(PLANNED, missing=("node1",)).timeline.runs
    assert (run.witness, run.node, run.resource, run.operation, run.ok, run.recurring) == (
        Witness.PLAN, "node1", "db", "monitor", False, True,
    )  # fmt: skip
    assert run.start == run.end
    assert abs((run.end - at("12:00:10")).total_seconds()) < 0.02


@pytest.mark.parametrize("seconds", [14, 40])
def test_a_plan_tells_of_a_failure_once_until_it_is_repaired(seconds: int) -> None:
    cut = "12:00:10 node2 plan 7: Recover db ( node1 )\n"
    again = f"12:00:{seconds} node2 plan 8: Recover db ( node1 )\n"
    assert len(case(cut + again, missing=("node1",)).timeline.runs) == 1
    assert len(case(PLANNED + again, missing=("node1",)).timeline.runs) == 2


def test_a_plan_adds_nothing_to_what_is_told_better() -> None:
    told = case("12:00:09 node1 db monitor 10s: not running\n" + PLANNED).timeline.runs
    assert [run.witness for run in told] == [Witness.EXECUTOR]


def test_a_plan_tells_of_a_failure_whether_it_was_executed_or_not() -> None:
    overtaken = case("12:00:10 node2 plan 7 obsolete: Recover db ( node1 )\n", missing=("node1",)).timeline.runs
    cut = case("12:00:10 node2 schedulerd: Actions: Recover    db     ( Unpromoted node1 )\n").timeline.runs
    assert [(run.witness, run.node, run.resource) for run in (*overtaken, *cut)] == [(Witness.PLAN, "node1", "db")] * 2


@pytest.mark.parametrize(
    ("record", "operation"),
    [
        ("Processing failed op start for db on node1: unknown error (1)", "start"),
        ("", "stop"),
    ],
    ids=["recorded", "as a rule"],
)
def test_a_node_is_fenced_for_what_failed_there(record: str, operation: str) -> None:
    unclean = "12:00:10.1 node2 schedulerd warning: Cluster node node1 will be fenced: db failed there\n"
    plan = "12:00:10.2 node2 schedulerd notice:  * Fence (reboot) node1 'db failed there'\n"
    story = (f"12:00:10 node2 schedulerd warning: {record}\n" if record else "") + unclean + plan
    (run,) = case(story, missing=("node1",)).timeline.runs
    assert (run.witness, run.node, run.resource, run.operation, run.failed) == (
        Witness.PLAN, "node1", "db", operation, True,
    )  # fmt: skip


def test_of_several_records_that_of_the_node_in_the_plan_counts() -> None:
    said = "12:00:09.9 node2 schedulerd warning: Processing failed op monitor for db on {}: {} (1)\n"
    records = said.format("node1", "unknown error") + said.format("node2", "unknown error")
    (run,) = case(records + PLANNED, missing=("node1",)).timeline.runs
    assert (run.node, run.rc) == ("node1", 1)


RECORD = "node2 schedulerd warning: Unexpected result (error: {}) was recorded for {} of db on node1 at {} | rc=1"


@pytest.mark.parametrize(
    ("lines", "witnesses"),
    [
        (["12:00:10 " + RECORD.format("no way", "monitor", "Nov 22 12:00:10 2026")], ["record"]),
        (["12:00:10 " + RECORD.format("no way", "monitor", "Nov 22 12:00:10 2026")] * 2, ["record"]),
        (["12:09:00 " + RECORD.format("no way", "monitor", "Nov 22 12:00:10 2026")], []),  # before the log begins
        (
            [
                "12:00:09 node1 db monitor 10s: error (no way)",
                "12:00:10 " + RECORD.format("no way", "monitor", "Nov 22 12:00:09 2026"),
            ],
            ["executor"],
        ),
        (  # a start is recorded with the time it began
            [
                "12:00:40 node1 db start in 30s: Timed Out",
                "12:00:41 " + RECORD.format("did not complete within 30s", "start", "Nov 22 12:00:10 2026"),
            ],
            ["executor"],
        ),
    ],
    ids=["once", "again", "of old", "told better", "a start"],
)
def test_a_failure_that_is_recorded_with_its_date(lines: list[str], witnesses: list[str]) -> None:
    failed = [run for run in case("\n".join(lines)).timeline.runs if run.failed]
    assert [run.witness for run in failed] == witnesses
    if witnesses == ["record"]:
        assert (failed[0].end, failed[0].rc, failed[0].reason) == (at("12:00:10"), 1, "no way")


def test_the_dc_counts_a_failure() -> None:
    said = "Updating {} for db on node1 after failed stop: rc=1 (update=INFINITY, time=1795348810)"
    story = "".join(
        f"12:00:10 node2 controld warning: {said.format(what)}\n" for what in ("fail-count", "last-failure")
    )
    (run,) = case(story).timeline.runs
    assert (run.witness, run.node, run.operation, run.rc, run.interval, run.failed) == (
        Witness.DC, "node1", "stop", 1, 0, True,
    )  # fmt: skip


SET = "Setting fail-count-db#{}[node1]: {} -> {} | from node2 with no write delay"
FAILED_AT = "Setting last-failure-db#{}[node1]: (unset) -> {} | from node2 with no write delay"


@pytest.mark.parametrize(
    ("before", "after", "when", "counts"),
    [
        ("(unset)", "1", "12:00:10", True),
        ("(unset)", "1", "", True),
        ("1", "2", "12:00:10", True),
        ("(unset)", "INFINITY", "12:00:10", True),
        ("(unset)", "2", "", False),  # nobody fails twice at once
        ("(unset)", "2", "12:00:10", False),
        ("(unset)", "1", "09:07:33", False),  # it failed hours ago
        ("(unset)", "INFINITY", "09:07:33", False),
        ("3", "1", "", False),
        ("2", "(unset)", "", False),
    ],
)
def test_a_fail_count_tells_of_a_failure_that_is_new(before: str, after: str, when: str, *, counts: bool) -> None:
    key = "start_0" if after == "INFINITY" else "monitor_10000"
    story = f"12:00:10 node2 attrd: {SET.format(key, before, after)}\n"
    if when:
        story += f"12:00:10.1 node2 attrd: {FAILED_AT.format(key, int(at(when).timestamp()))}\n"
    assert [run.witness for run in case(story).timeline.runs] == ["attributes"] * counts


@pytest.mark.parametrize(("joined", "counts"), [("12:00:05", True), ("12:00:15", False)])
def test_a_node_that_joins_is_told_what_others_know(joined: str, *, counts: bool) -> None:
    state = "State transition S_PENDING -> S_NOT_DC | input=I_NOT_DC cause=C_HA_MESSAGE origin=do_cl_join_finalize"
    story = f"""
    12:00:01 node2 pacemakerd: Starting Pacemaker 2.1.5
    {joined} node2 controld: {state}
    12:00:10 node2 attrd: {SET.format("monitor_10000", "(unset)", "1")}
    """
    assert len(case(story).timeline.runs) == counts


STATUS = """<status><node_state id="1" uname="node1" crmd="online" in_ccm="true"><lrm id="1"><lrm_resources>
<lrm_resource id="db:0" type="Dummy" class="ocf"><lrm_rsc_op id="db_last_0" operation="{op}" interval="{interval}"
call-id="7" rc-code="{rc}" op-status="{status}" exec-time="2500" queue-time="30" last-rc-change="{when}"/>
</lrm_resource></lrm_resources></lrm></node_state></status>"""


@pytest.mark.parametrize(
    ("op", "interval", "rc", "status", "when", "found"),
    [
        ("start", 0, 0, 0, "12:00:06", True),
        ("monitor", 0, 7, 0, "12:00:06", True),  # a probe that found nothing
        ("monitor", 10000, 0, 0, "12:00:06", True),
        ("start", 0, 1, 0, "12:00:06", False),  # a failure is told by its fail count
        ("start", 0, 1, 2, "12:00:06", False),
        ("start", 0, 0, 0, "11:00:06", False),  # before the logs begin
        ("start", 0, 0, -1, "12:00:06", False),  # still pending
    ],
)
def test_what_the_cib_remembers_of_a_node_without_logs(
    op: str, interval: int, rc: int, status: int, when: str, *, found: bool
) -> None:
    xml = STATUS.format(op=op, interval=interval, rc=rc, status=status, when=int(at(when).timestamp()))
    cib = read_cib(f"<cib><configuration/>{xml}</cib>".encode(), source="cib.xml", node=None)
    events = case("12:00:00 node2 app probe: not running\n12:01:00 node2 app start in 1s: ok\n").timeline.events
    runs = [run for run in build(events, {}, cib.history).runs if run.node == "node1"]
    assert len(runs) == found
    for run in runs:
        assert (run.witness, run.event, run.resource, run.call, run.ok) == (Witness.CIB, NO_EVENT, "db", 7, True)
        assert run.seconds == (0 if interval else 2.5)
        assert run.interval == interval


def test_the_end_of_a_later_plan_tells_nothing_of_an_earlier_request() -> None:
    """Where the line about the end of its own transition is missing, when a run ended is not known."""
    story = """
    12:00:05.000 node1 plan 7: Start db ( node2 )
    12:00:06.000 node2 db start in 0.5s: ok
    12:05:00.000 node1 plan 8: Restart db ( node2 )
    12:05:01.000 node2 db stop in 0.5s: ok
    12:05:02.000 node2 db start in 0.5s: ok
    12:05:03.000 node1 done 8
    """
    told = case(story, missing=("node2",), carriers=("syslog",), dc="node1").timeline.runs
    assert [(run.operation, run.seconds <= 3) for run in told if run.resource == "db"] == [
        ("stop", True),
        ("start", True),
    ]


def test_a_timeout_tells_how_long_a_run_took_whose_beginning_is_missing() -> None:
    files = write(tell("12:05:20.000 node1 db start in 20s: Timed Out"))
    only = "".join(line for line in files["node1/pacemaker.log"].splitlines(True) if "Result of" in line)
    (run,) = read({"node1/pacemaker.log": only}).timeline.runs
    assert run.seconds == 20


def test_what_the_executor_says_of_another_call_is_not_of_this_run() -> None:
    """The result of the first start and the executor's last word on the second are lost."""
    story = "12:00:05.000 node1 db start in 0.5s: ok\n12:05:05.000 node1 db start in 0.5s: ok\n"
    lines = write(tell(story))["node1/pacemaker.log"].splitlines(keepends=True)
    first = next(line for line in lines if "Result of" in line)
    last = [line for line in lines if "exited with status" in line][-1]
    (run,) = read({"node1/pacemaker.log": "".join(line for line in lines if line not in (first, last))}).timeline.runs
    assert run.seconds == 0.5


def test_a_request_is_of_one_run_for_the_dc_as_well() -> None:
    """The request of the second start is lost: when it began is not known, and not when the first was asked for."""
    story = "12:00:05.000 node1 db start in 0.5s: ok\n12:05:05.000 node1 db start in 0.5s: ok\n"
    lines = write(tell(story), missing=("node1",))["node2/pacemaker.log"].splitlines(keepends=True)
    lost = [line for line in lines if "Initiating start" in line][-1]
    told = read({"node2/pacemaker.log": "".join(line for line in lines if line != lost)}).timeline.runs
    assert [run.seconds < 1 for run in told] == [True, True]
