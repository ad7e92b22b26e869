"""Scheduler runs: which were carried out, how they ended, and what each planned."""

from __future__ import annotations

import pytest
from stories import at, case, read

from logtrace.timeline import Transition

FAULT = """
12:00:10.200 node1 db monitor 10s: not running
12:00:10.220 node2 plan 6 obsolete: Recover db ( node1 )
12:00:10.240 node2 plan 7: Recover db ( node1 ) | Restart app ( node1 )  due to required db start
12:00:10.400 node1 db stop in 0.1s: ok
12:00:11.000 node1 db start in 0.5s: ok
12:00:11.100 node2 done 7
"""


def calculations(text: str, **options: object) -> list[Transition]:
    return case(text, **options).timeline.transitions


@pytest.mark.parametrize("carriers", [("detail",), ("detail", "syslog")])
def test_a_run_that_is_overtaken_is_no_fact(carriers: tuple[str, ...]) -> None:
    first, second = calculations(FAULT, carriers=carriers)
    assert (first.number, first.executed, first.started, first.ended) == (6, False, None, None)
    assert (second.number, second.executed, second.outcome) == (7, True, "Complete")
    assert (second.started, second.ended) == (at("12:00:10.242"), at("12:00:11.100"))
    assert (second.dc, second.pe_input) == ("node2", "pe-input-7")


def test_each_run_has_its_own_plan() -> None:
    first, second = calculations(FAULT)
    assert [(one.verb, one.resource, one.source, one.dest) for one in first.actions] == [
        ("Recover", "db", "node1", "node1")
    ]
    assert [(one.verb, one.resource, one.reason) for one in second.actions] == [
        ("Recover", "db", None),
        ("Restart", "app", "required db start"),
    ]


def test_in_syslog_a_run_was_carried_out_when_something_came_of_it() -> None:
    """Syslog has neither `Processing graph` nor `is obsolete`, and all of it shares a second."""
    first, second = calculations(FAULT, carriers=("syslog",))
    assert (first.executed, second.executed) == (False, True)
    assert second.ended == at("12:00:11")


def test_an_aborted_run() -> None:
    story = FAULT.replace("done 7", "done 7: Stopped")
    run = calculations(story)[1]
    assert (run.outcome, run.incomplete) == ("Stopped", 2)


def test_a_new_dc_counts_from_zero_again() -> None:
    """Numbers are per controller instance: the same number twice on one node is two runs, each with its own end."""
    story = """
    12:00:10 node2 plan 1: Start db ( node1 )
    12:00:11 node1 db start in 0.5s: ok
    12:00:12 node2 done 1
    12:05:00 node2 pacemakerd warning: pacemaker-controld[117] terminated with signal 9 (Killed)
    12:05:10 node2 plan 1: Start app ( node1 )
    12:05:11 node1 app start in 0.5s: ok
    12:05:12 node2 done 1
    """
    first, second = calculations(story)
    assert (first.number, first.ended) == (1, at("12:00:12"))
    assert (second.number, second.ended) == (1, at("12:05:12"))
    assert [one.resource for one in first.actions] == ["db"]
    assert [one.resource for one in second.actions] == ["app"]


def test_a_run_that_never_ended_does_not_take_the_end_of_its_namesake() -> None:
    story = """
    12:00:10 node2 plan 1: Start db ( node1 )
    12:05:10 node2 plan 1: Start app ( node1 )
    12:05:12 node2 done 1
    """
    first, second = calculations(story)
    assert (first.executed, first.ended, first.outcome) == (True, None, None)
    assert second.ended == at("12:05:12")


def test_two_dcs_at_once_have_their_own_numbers() -> None:
    """Two halves of a split both plan; their transitions have the same numbers and nothing in common."""
    story = """
    12:00:10.000 node1 plan 3: Start db ( node1 )
    12:00:10.000 node2 plan 3: Start web ( node2 )
    12:00:11.000 node2 done 3
    12:00:14.000 node1 done 3: Stopped
    """
    found = {run.dc: run for run in calculations(story)}
    assert {dc: ([one.resource for one in run.actions], run.ended, run.outcome) for dc, run in found.items()} == {
        "node1": (["db"], at("12:00:14"), "Stopped"),
        "node2": (["web"], at("12:00:11"), "Complete"),
    }


@pytest.mark.parametrize(
    ("action", "verb", "reason", "blocked"),
    [
        ("Stop db ( node1 )  due to node availability", "Stop", "node availability", False),
        ("Stop db ( node1 )  due to no quorum (blocked)", "Stop", "no quorum", True),
        pytest.param(
            "Stop db ( node1 )  blocked",
            "Stop",
            None,
            True,
        ),
        ("Move db ( node1 -> node2 )", "Move", None, False),
        ("Promote db:0 ( Unpromoted -> Promoted node1 )", "Promote", None, False),
        ("Migrate db ( node1 -> node2 )", "Migrate", None, False),
    ],
)
def test_actions(action: str, verb: str, reason: str | None, blocked: bool) -> None:
    (run,) = calculations(f"12:00:10 node2 plan 3: {action}\n")
    (found,) = run.actions
    assert (found.verb, found.resource, found.blocked) == (verb, "db", blocked)
    assert (found.reason or "").removesuffix(" (blocked)") == (reason or "")


def test_actions_on_nodes() -> None:
    (run,) = calculations(
        "12:00:10 node2 plan 3: Fence (reboot) node1 'peer is no longer part of the cluster' | Shutdown node1\n"
    )
    assert ("Fence", "node1", "reboot") in [(one.verb, one.target, one.fence_action) for one in run.actions]
    assert ("Shutdown", "node1") in [(one.verb, one.target) for one in run.actions]
    assert run.pe_input == "pe-warn-3"


def test_the_placeholder_of_a_new_dc_is_no_run() -> None:
    story = (
        "12:00:10 node2 controld info: Transition -1 aborted: Peer Cancelled | source=do_te_invoke:129 complete=true"
    )
    assert calculations(story) == []


def test_one_one_prints_actions_without_a_heading() -> None:
    lines = (
        "LogAction:\t * Recover    db     ( node1 )",
        "LogActions:\tMove    vip\t(Started node1 -> node2)",
        "process_pe_message:\tCalculated Transition 4: /var/lib/pacemaker/pengine/pe-input-9.bz2",
    )
    text = "".join(f"Nov 22 12:00:10 [59] node1    pengine:   notice: {line}\n" for line in lines)
    (run,) = read({"node1/corosync.log": text}, year=2026).timeline.transitions
    assert (run.number, run.pe_input) == (4, "pe-input-9")
    assert [(one.verb, one.resource, one.source, one.dest) for one in run.actions] == [
        ("Recover", "db", "node1", "node1"),
        ("Move", "vip", "node1", "node2"),
    ]
