"""One fencing from its first request to the last word about it."""

from __future__ import annotations

import pytest
from stories import at, case, read

from logtrace.timeline.fencing import Fencing, told_parts

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


def test_the_devices_of_a_topology_in_the_words_of_1_1() -> None:
    story = """
    12:00:50 node1 controld: Requesting fencing (reboot) of node node3
    12:00:54 node1 fenced: Call to board for 'node3 reboot' on behalf of crmd.117@node1: No data available (-61)
    12:00:59 node1 fenced: Call to pdu for 'node3 reboot' on behalf of crmd.117@node1: OK (0)
    """
    (one,) = fencings(story)
    assert (one.status, one.device) == ("ok", "pdu")
    assert [(attempt.device, attempt.ok) for attempt in one.tried] == [("board", False), ("pdu", True)]


def test_by_hand_where_the_cluster_asks_as_well_before_that_is_over() -> None:
    """The device reboots the node at once, the cluster loses it, and wants it fenced for that."""
    story = """
    12:00:47.000 node1 fenced: Client stonith_admin.4711 wants to fence (reboot) node3 using any device
    12:00:49.000 node1 fenced: Operation 'reboot' [27] targeting node3 using st returned 0 | call 2 from stonith_admin.4711
    12:00:55.000 node1,node2 lose node3
    12:00:55.300 node1 controld: Requesting fencing (reboot) of node node3 | action=1 timeout=60000
    12:00:55.301 node1 fenced: Client pacemaker-controld.62 wants to fence (reboot) node3 using any device
    12:00:55.500 node1 fenced: Operation 'reboot' targeting node3 by node1 for stonith_admin.4711@node1: OK (complete) | id=f16ba810
    12:00:57.000 node1 fenced: Operation 'reboot' targeting node3 by node1 for pacemaker-controld.62@node1: OK (complete) | id=d9a5a017
    """  # noqa: E501
    (one,) = fencings(story)
    assert (one.by_hand, one.client, one.ended) == (True, "stonith_admin.4711", at("12:00:55.500"))


def test_dlm_is_no_person() -> None:
    """Whose call of Pacemaker's library names itself stonith-api."""
    (one,) = fencings("12:00:50 node1 fence node3 by stonith-api.4711 in 3s: OK")
    assert not one.by_hand


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


HEARD = (
    "12:00:50.100 node2 controld: Peer node3 was{} terminated (reboot) by node1 on behalf of "
    "pacemaker-controld.117@node1: {} | event=8e52b09e\n"
)


@pytest.mark.parametrize(("words", "status"), [(("", "OK"), "ok"), ((" not", "No such device"), "failed")])
def test_that_only_another_node_hears_of(words: tuple[str, str], status: str) -> None:
    (one,) = fencings(HEARD.format(*words))
    assert (one.target, one.status, one.by_cluster) == ("node3", status, True)


def test_the_echo_on_other_nodes_is_none() -> None:
    (one,) = fencings("12:00:50 node1 fence node3 in 3s: OK\n" + HEARD.format("", "OK"))
    assert one.ended == at("12:00:50")


def test_a_node_that_is_written_off_later_is_not_fenced_again() -> None:
    late = "12:00:51 node1 controld: Marking node3, target of a previous fencing action, as clean\n"
    assert len(fencings("12:00:50 node1 fence node3 in 3s: OK\n" + late)) == 1
    assert fencings(late) == []


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


#: The node that asked hears that the agent was run; only the node that ran it knows that it failed.
RUN = (
    "fenced error: Operation 'reboot' [291] targeting node3 using board returned 1 | call 6 from pacemaker-controld.117"
)
HEARD_OF = (
    "node1 fenced: Action 'reboot' targeting node3 using board on behalf of pacemaker-controld.117@node1: complete"
)


@pytest.mark.parametrize(
    "told",
    [
        f"12:00:48.000 node2 {RUN}\n12:00:48.010 {HEARD_OF}\n",
        f"12:00:47.990 {HEARD_OF}\n12:00:48.000 node2 {RUN}\n",
    ],
)
def test_an_agent_that_was_run_to_its_end_need_not_have_worked(told: str) -> None:
    (one,) = fencings(told + "12:00:50.000 node1 fence node3 in 3s: OK\n")
    assert [(attempt.device, attempt.ok) for attempt in one.tried] == [("board", False), ("st", True)]
    assert (one.device, one.passed_over) == ("st", one.tried[0])


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


# --- what has no last word, and what the time went to ---------------------------------------------------

ASKED = "12:00:10 node1 controld: Requesting fencing (reboot) of node node3 | action=1 timeout=60000\n"
WAITS = (
    "12:00:11 node1 fenced: Waiting 10s for node3 to self-fence (reboot) for client pacemaker-controld.117 | id=8e\n"
)
RESET = "12:00:21 node1 fenced: Self-fencing (reboot) by node3 for pacemaker-controld.117 assumed complete | id=8e\n"
NOBODY = "12:00:10.5 node1 fenced: Couldn't find anyone to fence (reboot) node3 using any device\n"
WORKED = "Operation 'reboot' [469] targeting node3 using st returned {} | call 3 from pacemaker-controld.117"


def test_a_watchdog_that_was_given_its_time_has_fenced() -> None:
    (one,) = fencings(ASKED + NOBODY + WAITS + RESET)
    assert (one.status, one.ended, one.seconds, one.failures) == ("ok", at("12:00:21"), 11.0, 0)
    assert one.parts == (1.0, 10.0, 0.0)


def test_a_fencing_ends_when_the_cib_has_it() -> None:
    (one,) = fencings(ASKED + "12:01:07 node1 controld info: Fencing update 449 for node3: complete\n")
    assert (one.status, one.seconds) == ("ok", 57.0)


def test_a_device_that_worked_is_word_enough() -> None:
    (one,) = fencings(f"12:00:10 node1 fenced: {WORKED.format('0 (OK)')}\n")
    assert (one.status, one.device, one.ended, one.by_cluster) == ("ok", "st", at("12:00:10"), True)
    (failed,) = fencings(f"12:00:10 node1 fenced error: {WORKED.format('1 (no route)')}\n")
    assert failed.fenced is None


def test_a_peer_repeats_what_its_device_did() -> None:
    reply = "Action 'reboot' targeting node3 using st on behalf of pacemaker-controld.117@node1: OK"
    (one,) = fencings(f"12:00:10 node2 fenced: {WORKED.format('0 (OK)')}\n12:00:10.2 node1 fenced: {reply}\n")
    assert [attempt.ok for attempt in one.tried] == [True]
    assert (one.status, one.by_cluster) == ("ok", True)


def test_who_is_not_named_is_no_operator() -> None:
    (one,) = fencings("12:00:10 node1 fenced: Requesting peer fencing (reboot) targeting node3 | id=8e\n")
    assert one.by_cluster
    (confirmed,) = fencings("12:00:10 node1 fenced: Received manual confirmation that node3 has been fenced\n")
    assert confirmed.by_cluster is False


def test_the_parts_of_its_time_add_up() -> None:
    story = """
    12:00:12 node1 fenced: Requesting that node2 perform 'reboot' action targeting node3 using st | for client pacemaker-controld.117 (72s, 0s)
    12:00:12 node2 fenced: Delaying 'reboot' action targeting node3 using st for 5s | timeout=30s requested_delay=0s
    12:00:25 node2 fenced: Operation 'reboot' [469] targeting node3 using st returned 0 (OK) | call 3 from pacemaker-controld.117
    12:00:27 node1 fenced: Operation 'reboot' targeting node3 by node2 for pacemaker-controld.117@node1: OK (complete) | id=8e
    """  # noqa: E501
    (one,) = fencings(ASKED + story)
    assert one.parts == (7.0, 8.0, 2.0)
    assert sum(one.parts) == one.seconds
    assert told_parts(one) == "7.0 s until a device began, 8.0 s of the device, 2.0 s until that was known to all"


@pytest.mark.parametrize("minutes", [1, 9])
def test_a_request_is_open_until_its_last_word(minutes: int) -> None:
    end = (
        f"12:0{minutes}:30 node1 fenced: Operation 'reboot' targeting node3 by node2 for "
        "pacemaker-controld.117@node1: OK (complete) | id=8e\n"
    )
    (one,) = fencings(ASKED + end)
    assert (one.status, one.ended) == ("ok", at(f"12:0{minutes}:30"))


def test_a_second_device_that_comes_late_is_no_second_fencing() -> None:
    late = f"12:00:58 node1 fenced error: {WORKED.format('1 (timed out)').replace('using st', 'using board')}\n"
    (one,) = fencings("12:00:50 node1 fence node3 in 3s: OK\n" + late)
    assert (one.status, one.ended, one.device) == ("ok", at("12:00:50"), "st")


def test_the_fencers_own_choice_is_no_device() -> None:
    wanted = "12:00:10 node1 fenced: Client crmd.13.1a2b3c4d wants to fence (reboot) 'node3' with device '(any)'\n"
    (one,) = fencings(wanted)
    assert one.device is None


def test_how_long_it_took_is_not_known_where_only_its_end_is_told() -> None:
    (one,) = fencings("12:00:50 node1 fence node3 in 3s: OK", missing=("node1",))
    assert (one.status, one.fenced, one.seconds) == ("ok", at("12:00:50"), None)
