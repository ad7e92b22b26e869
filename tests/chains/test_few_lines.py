"""Faults that few lines tell: what cannot start, an arbiter that is lost, storage that failed, a signal."""

from __future__ import annotations

import pytest
from stories import case, read

from logtrace.report.case import Incident, IncidentKind

#: No cause is made for these: the nearest is told, and never as if it were sure.
SURE = 0.6


def faults(story: str) -> list[Incident]:
    return [one for one in case(story).incidents if one.kind is IncidentKind.FAULT]


def only(story: str) -> Incident:
    (found,) = faults(story)
    return found


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("pacemakerd crit: Could not connect to Corosync CMAP: CS_ERR_LIBRARY | rc=2", "Pacemaker could not start"),
        ("pacemakerd error: Could not connect to corosync after 5 retries", "Pacemaker could not start"),
        ("controld error: Could not complete CIB registration 30 times... hard error", "pacemaker-controld could not"),
        ("controld error: Corosync quorum is not configured", "quorum is not configured"),
        ("based crit: Cannot sign in to the cluster... terminating", "pacemaker-based could not start"),
        ("attrd error: Signon to CIB failed: Transport endpoint is not connected (-107)", "pacemaker-attrd could not"),
        ("fenced error: Could not connect to the CPG API: CS_ERR_LIBRARY (2)", "pacemaker-fenced could not start"),
        ("sbd error: watchdog_init: Cannot open watchdog device '/dev/watchdog': Device or resource busy (16)", "sbd"),
        ("sbd error: watchdog_init: Cannot open watchdog device: /dev/watchdog: No such file or directory", "sbd"),
        ("corosync MAIN error: parse error in config: No interfaces defined", "Corosync could not start"),
        ("corosync MAIN error: Could not open /etc/corosync/authkey: No such file or directory", "authkey"),
        (
            "corosync SERV error: Service engine 'corosync_quorum' failed to load for reason 'no nodelist'",
            "no nodelist",
        ),
        ("heartbeat error: Configuration error, heartbeat not started.", "heartbeat could not start"),
        ("systemd: Dependency failed for Pacemaker High Availability Cluster Manager.", "Pacemaker could not start"),
        ("systemd: corosync.service: start operation timed out. Terminating.", "Corosync could not start"),
    ],
)
def test_what_cannot_start_is_a_fault_in_its_own_words(line: str, told: str) -> None:
    found = only(f"12:00:00.000 node1 {line}\n")
    assert told in found.title
    assert found.nodes == ("node1",)
    assert found.root_cause == "daemon_crash"
    assert found.confidence < SURE
    assert found.outage is None
    assert any(each.label == "mend_startup" for each in found.advice)


def test_what_was_not_tried_for_want_of_another_part_is_that_parts_failure() -> None:
    found = only(
        "12:00:00 node1 systemd: Dependency failed for Pacemaker High Availability Cluster Manager.\n"
        "12:00:00 node1 systemd: sbd.service: Start operation timed out. Terminating.\n"
    )
    assert found.title.startswith("sbd could not start on node1")


RETRIES = """
12:00:00.000 node1 pacemakerd info: Could not connect to Corosync CMAP: CS_ERR_LIBRARY (retrying in 1s) | rc=2
12:00:01.000 node1 pacemakerd info: Could not connect to Corosync CMAP: CS_ERR_LIBRARY (retrying in 3s) | rc=2
"""


def test_tries_that_nothing_followed_are_a_fault_with_little_confidence() -> None:
    found = only(RETRIES)
    assert "tried in vain" in found.title
    assert found.confidence <= 0.4


def test_tries_that_succeeded_are_none() -> None:
    assert not faults(RETRIES + "12:00:05.000 node1 pacemakerd: Starting Pacemaker 2.1.5\n")


def test_one_try_is_none() -> None:
    assert not faults(RETRIES.splitlines()[1] + "\n")


def test_daemons_that_fail_to_come_up_with_pacemaker_are_one_fault() -> None:
    found = only(
        "12:00:00.000 node1 corosync MAIN error: parse error in config: No interfaces defined\n"
        "12:00:00.000 node1 corosync MAIN error: Corosync Cluster Engine exiting with status 8 at main.c:1834.\n"
        "12:00:20.000 node1 pacemakerd crit: Could not connect to Corosync CMAP: CS_ERR_LIBRARY | rc=2\n"
    )
    assert "No interfaces defined" in found.title


def test_a_daemon_without_corosync_while_its_node_stops_is_none() -> None:
    assert not faults(
        "12:00:00.000 node1 pacemakerd: Shutting down Pacemaker\n"
        "12:00:03.000 node1 attrd error: Could not connect to the CPG API: CS_ERR_LIBRARY (2)\n"
    )


SIGNAL = "12:00:00.000 node1 corosync MAIN: Node was shut down by a signal\n"
LOST = "12:00:00.100 node1 controld crit: Lost connection to Corosync service!\n"


def test_corosync_that_a_signal_ends_under_pacemaker_died() -> None:
    found = only(SIGNAL + LOST)
    assert "signal" in found.title
    assert (found.root_cause, found.confidence < SURE) == ("daemon_crash", True)


def test_corosync_that_a_signal_ends_after_pacemaker_stopped_in_order() -> None:
    assert not faults(SIGNAL)
    assert not faults("11:59:50.000 node1 pacemakerd: Shutting down Pacemaker\n" + SIGNAL + LOST)


ARBITER = "12:00:{:02}.000 node1 corosync-qdevice error: Can't connect to qnetd host. (-5986): No route to host\n"


def test_a_quorum_device_out_of_reach_is_one_fault() -> None:
    found = only(ARBITER.format(0) + ARBITER.format(8))
    assert "quorum device" in found.title
    assert found.confidence < SURE
    assert any("qdevice-tool" in each.sentence for each in found.advice)


def test_a_node_that_begins_before_its_network_is_quick_and_not_cut_off() -> None:
    began = "11:59:58.000 node1 corosync MAIN: Corosync Cluster Engine 3.1.7 starting up\n" + ARBITER.format(0)
    assert not faults(began + "12:02:00.000 node1 corosync QUORUM: Members[2]: 1 2\n")
    assert len(faults(began + "".join(ARBITER.format(second) for second in (10, 20, 30, 40, 50)))) == 1


def test_the_arbiter_hears_nothing_of_a_node() -> None:
    at = "12:00:00.000 node3 corosync-qnetd"
    client = "Client ::ffff:10.0.0.101:55488"
    found = only(
        f"{at} warning: {client} doesn't sent any message during 10000ms. Disconnecting\n"
        f"{at} info: {client} (init_received 1, cluster east, node_id 1) disconnect\n"
    )
    assert found.root_cause == "node_failure"
    assert "10.0.0.101" in found.title
    assert found.confidence < SURE
    assert not faults(f"{at} info: {client} closed connection\n")


SPLIT = "12:00:00.000 {} kernel err: {}: Split-Brain detected but unresolved, dropping connection!\n"


def test_a_split_brain_of_both_nodes_is_one_fault() -> None:
    found = only(SPLIT.format("node1", "block drbd0") + SPLIT.format("node2", "drbd r0/0 drbd0 node1"))
    assert "split brain of drbd0" in found.title
    assert found.confidence < SURE
    assert not faults(
        "12:00:00.000 node1 kernel: drbd r0: Split-Brain detected, manually solved. Sync from peer node\n"
    )


def test_only_the_last_path_is_a_failure() -> None:
    path = "12:00:0{}.000 node1 multipathd: mpatha: remaining active paths: {}\n"
    assert not faults(path.format(0, 1))
    found = only(path.format(0, 1) + path.format(1, 0) + path.format(2, 0))
    assert "mpatha" in found.title
    assert only(path.format(1, 0) + path.format(5, 2)).confidence < SURE


def test_a_node_that_its_own_sbd_reset_was_fenced() -> None:
    """Nobody else is heard, and the log ends there."""
    lines = (
        "May  6 04:04:24 s2 sbd[1199]:  warning: inquisitor_child: Servant /dev/disk/d1 is outdated (age: 20)\n"
        "May  6 04:04:44 s2 sbd[1199]:    emerg: do_exit: Rebooting system: reboot\n"
    )
    one = read({"messages": lines}).only
    assert (one.root_cause, one.nodes) == ("node_failure", ("s2",))
    assert "its own sbd reset it" in one.title
    assert one.confidence < 0.6


def test_a_shutdown_that_the_scheduler_follows_was_asked_for() -> None:
    lines = (
        "May 24 11:24:46 vm1 pengine[62301]: notice: Scheduling shutdown of node vm2\n"
        "May 24 11:24:46 vm1 pengine[62301]: notice: * Shutdown vm2\n"
        "May 24 11:24:50 vm1 pengine[62301]: notice: * Shutdown vm2\n"
    )
    one = read({"messages": lines}).only
    assert (one.kind.value, one.title) == ("planned", "Orderly stop of Pacemaker on vm2.")


@pytest.mark.parametrize("when", ["", ", last-rc-change='Sat Mar 31 02:20:26 2018', queued=0ms, exec=0ms"])
def test_a_status_tells_a_failed_action_with_and_without_its_date(when: str) -> None:
    """Up to 1.1.10 none is printed."""
    record = f"    fs_stop_0 (node=ha2, call=88, rc=1, status=Timed Out{when}): unknown error\n"
    one = read({"status.txt": f"Failed actions:\n{record}"}).only
    assert (one.root_cause, one.nodes, one.resources) == ("stop_failure", ("ha2",), ("fs",))


def test_a_probe_alone_does_not_tell_whether_its_agent_is_ever_needed_there() -> None:
    record = "    app_monitor_0 (node=ha1, call=5, rc=5, status=complete): not installed\n"
    one = read({"status.txt": f"Failed actions:\n{record}"}).only
    assert one.root_cause == "missing_agent"
    assert one.confidence < 0.6


STATUS = """\
  * Last updated: Thu Mar  9 23:00:00 2023 on wren
  * Current DC: wren (version 2.1.6) - partition with quorum
  * Node gull: UNCLEAN (offline)
  * Online: [ wren ]
Failed Resource Actions:
  * st-gull start on wren returned 'error' at Thu Mar  9 22:59:55 2023 after 1.3s
  * web 10s-interval monitor on wren returned 'not running' at Thu Mar  9 22:01:00 2023
"""


def test_a_status_records_failures_and_no_outages() -> None:
    """A record stands until it is cleaned up, whether the resource runs again or not."""
    web, device, node = read({"status.txt": STATUS}).incidents
    assert (web.outage, web.recovered) == (None, False)
    assert web.title.endswith("Whether web came back is not in these logs.")
    assert device.resources == ("st-gull",)
    assert node.nodes == ("gull",)
