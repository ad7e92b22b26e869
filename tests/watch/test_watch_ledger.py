"""What is told of an incident while its logs grow: opened, changed, closed, reopened once, withdrawn; never in vain."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from stories import CRASH
from told import AGAIN, LATER, Growing, whats

from logtrace.report.scope import Options
from logtrace.watch.look import look


@pytest.fixture
def growing() -> Iterator[Any]:
    made: list[Growing] = []

    def make(story: str, **layout: Any) -> Growing:
        made.append(Growing(story, **layout))
        return made[-1]

    yield make
    for each in made:
        each.close()


def test_an_incident_opens_when_it_begins_and_closes_when_the_cluster_is_idle(growing: Any) -> None:
    story = growing(CRASH)
    assert story.until("12:05:00") == []
    (opened,) = story.until("12:05:10.21")
    assert (opened.what.value, opened.number, opened.incident.recovered) == ("opened", 1, False)
    assert story.until("12:05:10.22") == []
    (closed,) = story.until("12:05:12")
    assert (closed.what.value, closed.incident_id, closed.number) == ("closed", opened.incident_id, 2)
    assert closed.incident.recovered
    assert closed.incident.outage == pytest.approx(1.5)


def test_nothing_is_told_of_lines_that_change_nothing(growing: Any) -> None:
    story = growing(CRASH + LATER)
    story.until("12:06:00")
    assert story.until("13:00:00") == []
    assert whats(story.until("13:36:00")) == ["opened", "closed"]
    assert story.until("13:36:00", last=True) == []


def test_what_fails_again_before_it_is_over_reopens_it_once(growing: Any) -> None:
    story = growing(CRASH + AGAIN)
    first = story.until("12:05:12")
    again = story.until("12:05:40.21")
    assert whats(first) == ["opened", "closed"]
    assert whats(again) == ["reopened"]
    assert again[0].reason == "what had recovered is down"
    assert whats(story.until("12:05:42")) == ["changed"]  # more may follow: it was closed too early once
    assert whats(story.until("12:05:42", last=True)) == ["closed"]


def test_a_stop_that_fails_and_blocks_stays_open(growing: Any) -> None:
    story = growing(
        """
12:00:01.000 node1 db monitor 10s: ok
12:05:10.200 node1 db monitor 10s: not running
12:05:10.240 node2 plan 7: Recover db ( node1 )
12:05:31.400 node1 db stop in 20s: Timed Out
12:05:31.900 node2 done 7
12:40:00.000 node1 mail monitor 10s: ok
"""
    )
    told = story.until("12:05:11") + story.until("12:05:32")
    assert whats(told) == ["opened", "changed"]
    assert told[-1].reason == "the cause is now stop_failure, not service_crash"
    assert story.until("12:41:00") == []
    assert whats(story.until("12:41:00", last=True)) == ["closed"]


def test_a_late_log_that_changes_the_verdict_reopens_it_with_the_reason(growing: Any) -> None:
    """What the kernel logged comes later than all else: the service had died seconds before its monitor failed."""
    killed = "Out of memory: Killed process 1234 (mysqld) total-vm:1kB"
    story = growing(CRASH.replace("db", "mysqld") + f"12:05:03.000 node1 kernel: {killed}\n" + LATER)
    first = story.until("12:20:00", missing=("node1/messages",))
    assert whats(first) == ["opened", "closed"]
    late = story.until("12:20:00")
    assert whats(late)[0] == "reopened"
    assert late[0].reason == "the outage was 8.7 s, not 1.5 s"
    assert whats(late + story.until("13:36:00"))[:2] == ["reopened", "closed"]
    assert late[0].incident_id == first[0].incident_id


def test_a_nodes_log_that_comes_minutes_later_and_says_the_same_is_no_news(growing: Any) -> None:
    story = growing(CRASH + LATER)
    assert whats(story.until("12:20:00", missing=("node1",))) == ["opened", "closed"]
    assert story.until("12:20:00") == []


def test_what_is_over_before_the_watch_begins_is_not_told(growing: Any) -> None:
    story = growing(CRASH + LATER)
    story.read("13:35:10.21")
    found = look(story.window, Options(year=2026))
    story.ledger.known(found.incidents, found.names)
    told = story.until("13:35:10.21")
    assert [(each.what.value, each.incident.resources) for each in told] == [("opened", ("mail",))]


def test_the_same_incident_has_the_same_id_whoever_finds_it(growing: Any) -> None:
    one, other = growing(CRASH), growing(CRASH)
    assert [each.key for each in one.until("12:05:12")] == [each.key for each in other.until("12:05:12")]


def test_what_is_old_is_let_go_and_what_is_held_gives_the_same_verdict(growing: Any) -> None:
    story = growing(CRASH + LATER)
    story.until("13:36:00")
    before, held = story.found.incidents[1], story.window.events
    story.window.release(timedelta(minutes=30))
    assert story.window.events < held / 2
    found = look(story.window, Options(year=2026)).incidents
    assert [one.title for one in found] == [before.title]
    assert (found[0].outage, found[0].root_cause) == (before.outage, before.root_cause)
    assert {each.line for each in found[0].evidence} == {each.line for each in before.evidence}
    assert story.ledger.compare(found, ["story"], found[0].t_detected - timedelta(minutes=30)) == []


def test_an_incident_that_later_lines_take_away_is_withdrawn(growing: Any) -> None:
    story = growing(CRASH)
    (opened, *_) = story.until("12:06:00")
    (gone,) = story.ledger.compare([], [], None)
    assert (gone.what.value, gone.incident_id, gone.incident) == ("withdrawn", opened.incident_id, None)
    assert story.ledger.compare([], [], None) == []
    back = story.ledger.compare(story.found.incidents, story.found.names, None)
    assert whats(back) == ["reopened"]
    assert back[0].reason == "later lines show it again"
    assert whats(story.ledger.compare(story.found.incidents, story.found.names, None, last=True)) == ["closed"]


def test_a_dc_that_is_idle_in_the_millisecond_its_transition_ends_is_idle(growing: Any) -> None:
    story = growing(
        """
12:00:01.000 node1 db monitor 10s: ok
12:05:10.200 node1 db monitor 10s: not running
12:05:10.240 node2 plan 7: Recover db ( node1 )
12:05:10.400 node1 db stop in 0.1s: ok
12:05:11.900 node1 db start in 1s: ok
12:05:11.900 node2 done 7
"""
    )
    assert whats(story.until("12:05:11.9")) == ["opened"]
    assert whats(story.until("12:05:11.95")) == ["closed"]


FENCED = """
12:00:00.000 node1 db start in 0.5s: ok
12:00:01.000 node1 db monitor 10s: ok
12:05:10.200 node2 lose node1
12:05:10.300 node2 plan 7: Fence (reboot) node1 'peer is no longer part of the cluster' | Move db ( node1 -> node2 )
12:05:13.400 node2 fence node1 in 3s: OK
12:05:14.700 node2 db start in 1s: ok
12:05:14.900 node2 done 7
"""


def test_a_recovery_is_over_though_the_fenced_node_is_still_away(growing: Any) -> None:
    """The DC is idle and nothing is down: what the node does when it is back is no part of the recovery."""
    story = growing(FENCED + "12:05:44.000 node2 see node1\n12:05:46.000 node2 plan 8:\n12:05:46.500 node2 done 8\n")
    assert whats(story.until("12:05:12")) == ["opened"]
    assert "closed" not in whats(story.until("12:05:14.8"))
    told = story.until("12:05:15")
    assert told[-1].what.value == "closed"
    assert told[-1].incident.recovered
    assert story.until("12:05:44.5") == []
    assert story.until("12:05:50") == []


def test_the_loss_of_a_node_that_is_being_fenced_needs_no_other_plan(growing: Any) -> None:
    """It is seen after the transition began that fences it; the transition ends as it was planned."""
    story = growing(
        """
12:00:00.000 node1 db start in 0.5s: ok
12:00:01.000 node1 db monitor 10s: ok
12:05:10.200 node1 db monitor 10s: not running
12:05:10.240 node2 plan 7: Recover db ( node1 )
12:05:31.400 node1 db stop in 20s: Timed Out
12:05:31.440 node2 plan 8: Fence (reboot) node1 'db failed there' | Move db ( node1 -> node2 )
12:05:33.900 node2 lose node1
12:05:34.400 node2 fence node1 in 3s: OK
12:05:35.700 node2 db start in 1s: ok
12:05:35.900 node2 done 8
12:06:05.000 node2 see node1
"""
    )
    story.until("12:05:35.8")
    told = story.until("12:05:36")
    assert told[-1].what.value == "closed"
    assert told[-1].incident.root_cause == "stop_failure"
    assert story.until("12:06:10") == []


def test_a_daemon_that_died_is_waited_for_until_its_controller_is_a_member_again(growing: Any) -> None:
    """Its node tells that (S_NOT_DC), and the DC that it is idle again."""
    died = """
12:00:01.000 node1 db monitor 10s: ok
12:05:10.200 node1 pacemakerd error: pacemaker-controld[117] terminated with signal 9 (Killed)
12:05:10.210 node1 pacemakerd: Respawning pacemaker-controld subdaemon after unexpected exit
12:05:10.400 node2 controld: State transition S_POLICY_ENGINE -> S_IDLE | input=I_PE_SUCCESS
12:05:11.000 node2 controld: State transition S_IDLE -> S_INTEGRATION | input=I_NODE_JOIN
"""
    joined = """
12:05:12.000 node1 controld: State transition S_PENDING -> S_NOT_DC | input=I_NOT_DC
12:05:12.200 node2 plan 8:
12:05:12.500 node2 done 8
"""
    story = growing(died + joined)
    assert whats(story.until("12:05:11.5")) == ["opened"]
    assert story.until("12:05:12.1") == []
    assert whats(story.until("12:05:13")) == ["closed"]
