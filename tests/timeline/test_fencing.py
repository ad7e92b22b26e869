"""One fencing from its first request to the last word about it."""

from __future__ import annotations

import pytest
from stories import at, case, read

from logtrace.timeline.fencing import Fencing

THREE = ("node1", "node2", "node3")


def fencings(text: str, **options: object) -> list[Fencing]:
    return case(text, nodes=THREE, **options).timeline.fencings


def test_at_the_first_try() -> None:
    (one,) = fencings("12:00:50 node1 fence node3 in 3s: OK")
    assert (one.target, one.status, one.fence_action) == ("node3", "ok", "reboot")
    assert (one.requested, one.ended, one.seconds) == (at("12:00:47"), at("12:00:50"), 3.0)
    assert (one.attempts, one.failures, one.by_cluster) == (1, 0, True)
    assert (one.device, one.peer) == ("st", "node1")


@pytest.mark.parametrize("carriers", [("syslog",), ("detail", "syslog")])
def test_in_syslog(carriers: tuple[str, ...]) -> None:
    (one,) = fencings("12:00:50 node1 fence node3 in 3s: OK", carriers=carriers)
    assert (one.status, round(one.seconds or 0)) == ("ok", 3)


def test_retries_are_one_fencing() -> None:
    story = """
    12:00:50 node1 fence node3 in 3s: no route to host
    12:00:54 node1 fence node3 in 3s: no route to host
    12:00:58 node1 fence node3 in 3s: OK
    """
    (one,) = fencings(story, missing=("node2",))
    assert (one.status, one.attempts, one.failures) == ("ok", 3, 2)
    assert (one.requested, one.ended) == (at("12:00:47"), at("12:00:58"))


def test_that_never_succeeds() -> None:
    story = "".join(f"12:00:{second} node1 fence node3 in 3s: no route to host\n" for second in (10, 14, 18))
    (one,) = fencings(story, missing=("node2",))
    assert (one.status, one.failures) == ("failed", 3)


def test_a_failure_that_all_nodes_tell_is_one() -> None:
    (one,) = fencings("12:00:50 node1 fence node3 in 3s: no route to host\n12:00:58 node1 fence node3 in 3s: OK")
    assert (one.attempts, one.failures) == (2, 1)


def test_a_person_confirms() -> None:
    story = """
    12:00:50 node1 fence node3 in 3s: no route to host
    12:03:00 node1 fenced: Received manual confirmation that node3 has been fenced
    """
    (one,) = fencings(story)
    assert (one.status, one.ended, one.by_cluster) == ("confirmed", at("12:03:00"), True)


def test_by_hand() -> None:
    (one,) = fencings("12:00:50 node1 fence node3 by stonith_admin.4711 in 3s: OK")
    assert (one.status, one.by_cluster, one.client) == ("ok", False, "stonith_admin.4711")


def test_a_configured_delay() -> None:
    story = """
    12:00:49 node1 fenced: Delaying 'reboot' action targeting node3 using st for 2s | timeout=30s requested_delay=0s
    12:00:50 node1 fence node3 in 3s: OK
    """
    (one,) = fencings(story)
    assert one.delay_ms == 2000


def test_two_targets_at_once() -> None:
    story = "12:00:50 node1 fence node2 in 3s: OK\n12:00:50.5 node1 fence node3 in 3s: OK\n"
    assert [one.target for one in fencings(story)] == ["node2", "node3"]


def test_again_a_little_later() -> None:
    story = "12:00:50 node1 fence node3 in 3s: OK\n12:02:50 node1 fence node3 in 3s: OK\n"
    first, second = fencings(story)
    assert (first.ended, second.requested) == (at("12:00:50"), at("12:02:47"))


def test_again_much_later_after_no_last_word() -> None:
    story = """
    12:00:50 node1 controld: Requesting fencing (reboot) of node node3 | action=1 timeout=60000
    12:30:50 node1 fence node3 in 3s: OK
    """
    assert [one.status for one in fencings(story)] == ["unknown", "ok"]


def test_unfencing_is_none() -> None:
    story = """
    12:00:50 node1 fenced: Client pacemaker-controld.117 wants to fence (on) node3 using any device
    12:00:51 node1 fenced: Operation 'on' targeting node3 by node1 for pacemaker-controld.117@node1: OK | id=1
    """
    assert fencings(story) == []


def test_the_echo_on_other_nodes_is_none() -> None:
    """A node that only hears of a fencing that another log already told, or that happened before its own log began."""
    story = (
        "12:00:50 node2 controld: Peer node3 was terminated (reboot) by node1 on behalf of "
        "pacemaker-controld.117@node1: OK | event=8e52b09e\n"
    )
    assert fencings(story) == []


def test_one_one_words() -> None:
    text = (
        "Nov 22 12:00:10 [58] node1       crmd:   notice: te_fence_node:\tExecuting reboot fencing operation (21) on "
        "node2 (timeout=60000)\n"
        "Nov 22 12:00:13 [54] node1 stonith-ng:    error: remote_op_done:\tOperation reboot of node2 by node1 for "
        "crmd.58@node1.9c3171dc: No route to host\n"
        "Nov 22 12:00:13 [58] node1       crmd:   notice: tengine_stonith_notify:\tPeer node2 was not terminated "
        "(reboot) by node1 for node1: No route to host (ref=9c3171dc) by client crmd.58\n"
    )
    (one,) = read({"node1/corosync.log": text}, year=2026).timeline.fencings
    assert (one.target, one.status, one.failures, one.by_cluster) == ("node2", "failed", 1, True)
    assert one.requested == at("12:00:10")


LEVELS = """
12:00:47.900 node1 fenced: Requesting that node1 perform 'reboot' action targeting node3 using board | for client pacemaker-controld.117 (72s, 0s)
12:00:48.000 node1 fenced error: Operation 'reboot' [401] targeting node3 using board returned 1 (no route to host) | call 3 from pacemaker-controld.117
12:00:50.000 node1 fence node3 in 3s: OK
"""  # noqa: E501


def test_the_device_that_worked_and_the_level_before_it() -> None:
    (one,) = fencings(LEVELS)
    assert one.device == "st"
    assert [(attempt.device, attempt.ok) for attempt in one.tried] == [("board", False), ("st", True)]
    assert one.passed_over == one.tried[0]


def test_a_device_that_works_at_the_second_try_was_not_passed_over() -> None:
    (one,) = fencings("12:00:50 node1 fence node3 in 3s: no route\n12:00:54 node1 fence node3 in 3s: OK")
    assert [attempt.ok for attempt in one.tried] == [False, True]
    assert one.passed_over is None


def test_a_node_that_resets_itself_has_no_delay() -> None:
    wait = (
        "12:00:48 node1 fenced: Waiting 10s for node3 to self-fence (reboot) for client pacemaker-controld.117 | id=8e"
    )
    (one,) = fencings(f"12:00:58 node1 fence node3 in 11s: OK\n{wait}")
    assert (one.self_ms, one.delay_ms) == (10_000, None)
