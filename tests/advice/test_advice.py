"""What is advised: for every cause something, in this cluster's own names, with seconds only where measured."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest
from corpus_cases import read
from stories import case, clone, cluster, fence_device, group, primitive

from logtrace import causes
from logtrace.advice import MOST
from logtrace.advice.timeouts import p99
from logtrace.causes.declaration import Tier
from logtrace.config.services import SERVICES, Runs, known
from logtrace.domain.advice import Advice
from logtrace.report.case import Incident

pytestmark = pytest.mark.xdist_group("corpus")

THREE = ("node1", "node2", "node3")

#: What each headline is answered with, at least one of these.
ANSWERS = {
    "corosync_stall": {"corosync_realtime"},
    "quorum_loss": {"quorum_device", "second_link"},
    "network_partition": {"second_link", "separate_links"},
    "stop_failure": {"fix_stop", "stop_timeout", "enable_stonith"},
    "fencing_failure": {"fix_fencing"},
    "multiple_active": {"one_starter"},
    "daemon_crash": {"find_daemon_crash"},
    "missing_agent": {"install_agent", "complete_agent"},
    "no_pidfile": {"pid_file"},
    "promotion_failure": {"fix_promotion"},
    "spurious_monitor": {"monitor_timeout", "monitor_check"},
    "start_timeout": {"start_timeout"},
    "resource_agent_error": {"fix_agent_error"},
    "flapping": {"limit_retries", "move_at_once"},
    "clock_jump": {"slew_clock"},
    "unmanaged": {"manage"},
    "slow_detection": {"shorter_interval"},
    "slow_fencing": {"faster_fencing", "fencing_delay", "fix_fencing"},  # a level that fails costs its time as well
    "slow_init": {"shorten_start"},
    "group_cascade": {"group_split", "group_unordered", "find_crash"},
    "cold_failover": {"clone", "replicate", "group_split", "group_unordered", "find_node_failure"},
    "dc_loss": {"quicker_takeover"},
    "vip_switch": {"find_node_failure", "find_crash"},
    "service_crash": {"find_crash"},
    "node_failure": {"find_node_failure"},
}


def _labels(incident: Incident) -> list[str]:
    return [advice.label for advice in incident.advice]


def _named(incident: Incident, label: str) -> Advice:
    found = {advice.label: advice for advice in incident.advice}
    assert label in found, sorted(found)
    return found[label]


def test_every_cause_has_an_answer() -> None:
    """Of its own, or one that another stage computes the seconds of."""
    faults = causes.of_tier(Tier.FAULT, Tier.SHARE, Tier.PLAIN)
    assert [cause.label for cause in faults if cause.remedy is None and cause.label not in ANSWERS] == []


def test_every_incident_of_the_corpus_is_answered() -> None:
    for archive, incidents in read():
        for incident in incidents:
            found = set(_labels(incident))
            assert found & ANSWERS[incident.root_cause], f"{archive.parent.name}: {incident.root_cause}: {found}"


def test_advice_is_short_ranked_and_never_saves_more_than_there_was() -> None:
    for archive, incidents in read():
        for incident in incidents:
            saved = [advice.saves for advice in incident.advice]
            known_ = [seconds for seconds in saved if seconds is not None]
            assert len(saved) <= MOST
            assert saved[: len(known_)] == sorted(known_, reverse=True), archive.parent.name
            most = max(incident.outage or 0.0, incident.outage_max or 0.0)
            assert all(0 <= seconds <= most + 0.01 for seconds in known_), f"{archive.parent.name}: {saved} {most}"
            assert all(advice.saves_basis for advice in incident.advice)


def test_commands_name_what_the_cluster_has() -> None:
    for archive, incidents in read():
        for incident in incidents:
            for advice in incident.advice:
                assert set(advice.commands) in (set(), {"crm", "pcs"}), advice.label
                for text in (advice.sentence, *advice.commands.values()):
                    assert "None" not in text, f"{archive.parent.name}: {text}"


def test_a_group_cascade_is_worth_what_the_truth_says() -> None:
    """The members that were healthy were down for nothing: all that came after the failed one was back is saved."""
    for archive, incidents in read():
        told = json.loads((archive.parent / "truth.json").read_text())
        cascades = [one for one in told["incidents"] if one["label"] == "group_cascade"]
        found = [one for one in incidents if one.root_cause == "group_cascade"]
        if not cascades or len(found) != len(cascades):
            continue
        for incident in found:
            ended = {one.resource: one.end for one in incident.operations if one.operation == "start"}
            failed = incident.resources[0]
            assert incident.t_recovered is not None
            assert ended[failed] is not None
            rest = (incident.t_recovered - ended[failed]).total_seconds()
            saves = max(advice.saves or 0 for advice in incident.advice if advice.label.startswith("group_"))
            assert rest <= saves <= (incident.outage or 0), archive.parent.name


# --- by what a case contains --------------------------------------------------------------------------

CRASH = """
12:00:01.000 node1 db start in 0.5s: ok
12:00:02.000 node1 db monitor {every}s asked: ok
12:05:10.200 node1 db monitor {every}s: not running
12:05:10.240 node2 plan 7: Recover db ( node1 )
12:05:10.600 node1 db stop in 0.05s: ok
12:05:11.700 node1 db start in 1s: ok
12:05:11.900 node1 db monitor {every}s asked: ok
12:05:12.000 node2 done 7
"""


@pytest.mark.parametrize(("every", "advised"), [(120, True), (10, False)])
def test_the_interval_is_for_monitors_that_are_too_rare(every: int, *, advised: bool) -> None:
    one = case(CRASH.format(every=every), cib=cluster(primitive("db", monitor=every))).only
    assert ("shorter_interval" in _labels(one)) is advised
    if advised:
        advice = _named(one, "shorter_interval")
        assert advice.saves == pytest.approx(every / 2 - 5, abs=0.1)
        assert "timeout=20s" in advice.commands["pcs"]


def test_the_interval_is_left_alone_where_nothing_was_out_or_nobody_waits() -> None:
    """A fence device is asked once a node is lost, and what its monitor finds took nothing down."""
    failed = CRASH.format(every=120).replace("not running", "error (login failed)")
    for story, agent in (
        (failed, "stonith:fence_ipmilan"),
        ("12:00:01.000 node1 db probe: error (no)\n", "ocf:heartbeat:mysql"),
    ):
        one = case(story, cib=cluster(primitive("db", agent, monitor=120))).only
        assert "shorter_interval" not in _labels(one)


def _fencing(device: str, seconds: float, *, nodes: Sequence[str] = THREE, lines: str = "") -> Incident:
    end = 40.4 + seconds
    gone, dc, *_ = reversed(nodes)
    story = f"""
    12:00:01.000 {gone} db start in 0.5s: ok
    12:05:40.100 {",".join(node for node in nodes if node != gone)} lose {gone}
    12:05:40.300 {dc} plan 4: Fence (reboot) {gone} 'peer is no longer part of the cluster' | Move db ( {gone} -> {dc} )
    12:{5 + int(end // 60):02}:{end % 60:06.3f} {dc} fence {gone} in {seconds}s: OK
    12:{5 + int((end + 0.6) // 60):02}:{(end + 0.6) % 60:06.3f} {dc} db start in 0.5s: ok
    12:{5 + int((end + 0.8) // 60):02}:{(end + 0.8) % 60:06.3f} {dc} done 4
    {lines}
    """
    return case(story, cib=cluster(primitive("db"), device, nodes=nodes), nodes=tuple(nodes), dc=dc).only


def _device(**params: str) -> str:
    pairs = "".join(f'<nvpair id="st-{name}" name="{name}" value="{value}"/>' for name, value in params.items())
    return f'<primitive id="st" class="stonith" type="fence_ipmilan"><instance_attributes id="st-i">{pairs}</instance_attributes></primitive>'  # noqa: E501


def test_a_configured_delay_is_taken_out() -> None:
    one = _fencing(_device(pcmk_delay_max="30s", pcmk_host_list="node3"), 32)
    advice = _named(one, "fencing_delay")
    assert advice.commands["pcs"] == "pcs stonith update st pcmk_delay_max=0s"
    assert advice.saves == pytest.approx(30, abs=0.5)
    assert "faster_fencing" not in _labels(one)


def test_two_nodes_keep_a_short_delay() -> None:
    advice = _named(_fencing(_device(pcmk_delay_base="25s"), 27, nodes=("node1", "node2")), "fencing_delay")
    assert advice.commands["crm"] == "crm resource param st set pcmk_delay_base 5s"
    assert advice.saves == pytest.approx(20, abs=0.5)


def test_a_delay_that_only_the_fencer_tells_of_is_not_the_devices_slowness() -> None:
    told = "12:05:40.420 node2 fenced: Delaying 'reboot' action targeting node3 using st for 20s | timeout=60s"
    one = _fencing(_device(pcmk_host_list="node3"), 22, lines=told)
    advice = _named(one, "fencing_delay")
    assert advice.sentence.startswith("Shorten the delay of fencing node3 with st ")
    assert "it was 20 of the 22.0 s" in advice.sentence
    assert "faster_fencing" not in _labels(one)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("Couldn't find anyone to fence (reboot) node3 using any device", True),
        ("Requesting peer fencing (reboot) targeting node3", False),
    ],
)
def test_that_no_device_can_do_it_is_said_where_a_line_says_so(line: str, *, says: bool) -> None:
    story = f"""
    12:00:40.100 node1,node2 lose node3
    12:00:40.300 node2 plan 4: Fence (reboot) node3 'peer is no longer part of the cluster'
    12:00:40.400 node2 controld: Requesting fencing (reboot) of node node3
    12:00:40.410 node2 fenced: {line}
    12:00:50.000 node2 fenced error: Operation 'reboot' targeting node3 by <no-one> for pacemaker-controld.117@n2: Error
    """
    advice = _named(case(story, nodes=THREE, dc="node2").only, "fix_fencing")
    assert ("no device can do it" in advice.sentence) is says


def test_a_device_that_is_slow_by_itself_is_to_be_quicker() -> None:
    one = _fencing(_device(pcmk_host_list="node3"), 30)
    assert "fencing_delay" not in _labels(one)
    assert _named(one, "faster_fencing").saves == pytest.approx(25, abs=0.5)


def test_a_level_that_failed_is_to_be_repaired_not_the_device_that_worked() -> None:
    failed = (
        "12:06:00.400 node2 fenced error: Operation 'reboot' [401] targeting node3 using board returned 1 (no route to "
        "host) | call 3 from pacemaker-controld.117"
    )
    one = _fencing(_device(pcmk_host_list="node3"), 22, lines=failed)
    assert one.title.endswith("The fencing of node3 with st took 22.0 s, 20.0 s of it until board had failed.")
    advice = _named(one, "fix_fencing")
    assert advice.sentence.startswith("Repair board, which failed after 20.0 s before st fenced node3 in 2.0 s: ")
    assert advice.saves == pytest.approx(20, abs=0.5)
    assert "faster_fencing" not in _labels(one)


def test_a_watchdog_has_no_agent_to_change() -> None:
    wait = (
        "12:05:40.410 node2 fenced: Waiting 12s for node3 to self-fence (reboot) for client pacemaker-controld.117 | "
        "id=8e52b001"
    )
    one = _fencing("", 12, lines=wait)
    assert "12 s of it the time its own watchdog is given" in one.title
    advice = _named(one, "faster_fencing")
    assert "stonith-watchdog-timeout" in advice.sentence
    assert (advice.commands, advice.files) == ({}, ("/etc/sysconfig/sbd",))


def test_a_quick_fencing_is_left_alone() -> None:
    assert not {"fencing_delay", "faster_fencing"}.intersection(_labels(_fencing(fence_device(), 2)))


def test_an_operation_that_hung_is_told_from_one_that_was_slow() -> None:
    story = """
    12:00:01.000 node1 db start in {usual}s: ok
    12:00:02.000 node1 db monitor 10s asked: ok
    12:05:10.200 node1 db monitor 10s: not running
    12:05:10.240 node2 plan 7: Recover db ( node1 )
    12:05:10.600 node1 db stop in 0.05s: ok
    12:05:30.700 node1 db start in 20s: Timed Out
    12:05:30.800 node2 plan 8: Recover db ( node1 -> node2 )
    12:05:31.000 node1 db stop in 0.05s: ok
    12:05:51.200 node2 db start in 19s: ok
    12:05:51.300 node2 done 8
    """
    cib = cluster(primitive("db"))
    slow = _named(case(story.format(usual=18), cib=cib).only, "start_timeout")
    hung = _named(case(story.format(usual=0.3).replace("in 19s", "in 0.4s"), cib=cib).only, "start_timeout")
    assert slow.sentence.startswith("Give the start of db 40 s instead of 20 s")
    assert hung.sentence.startswith("Find out what the start of db hung on")
    assert hung.saves is None
    assert slow.commands == hung.commands


def test_the_timeout_in_force_is_that_of_the_log() -> None:
    """The configuration at hand may have been changed since: what the agent did not complete within is told."""
    story = CRASH.format(every=10).replace(
        "12:05:11.700 node1 db start in 1s: ok", "12:07:11.600 node1 db start in 60s: Timed Out"
    )
    one = case(story[: story.index("12:05:11.900")], cib=cluster(primitive("db", timeout=20))).only
    assert "longer than 60 s, give it 120 s" in _named(one, "start_timeout").sentence


def test_a_clock_that_was_stepped_is_slewed() -> None:
    story = CRASH.format(every=10).replace(
        "12:05:10.200", "12:05:01 node1 chronyd: System clock was stepped by 73.512345 seconds\n12:05:10.200", 1
    )
    assert "slew_clock" in _labels(case(story, cib=cluster(primitive("db"))).incidents[0])


@pytest.mark.parametrize(
    ("cib", "command"),
    [
        (cluster(primitive("db"), maintenance_mode="true"), "pcs property set maintenance-mode=false"),
        (cluster(primitive("db", is_managed="false")), "pcs resource meta db is-managed=true"),
        (cluster(group("g", primitive("db"), is_managed="false")), "pcs resource meta g is-managed=true"),
        (cluster(clone("c", primitive("db"), maintenance="true")), "pcs resource meta c maintenance=false"),
    ],
    ids=["maintenance-mode", "resource", "group", "clone"],
)
def test_what_was_unmanaged_is_given_back_where_it_was_taken(cib: str, command: str) -> None:
    story = """
    12:00:01.000 node1 db start in 0.5s: ok
    12:00:02.000 node1 db monitor 10s asked: ok
    12:05:10.200 node1 db monitor 10s: not running
    12:05:10.240 node2 plan 7:
    12:05:10.300 node2 done 7
    12:06:00.000 node2 controld: State transition S_IDLE -> S_POLICY_ENGINE | input=I_PE_CALC cause=C_TIMER_POPPED origin=crm_timer_popped
    """  # noqa: E501
    one = case(story, cib=cib).only
    assert one.root_cause == "unmanaged"
    assert _named(one, "manage").commands["pcs"] == command


def test_a_lost_dc_is_answered() -> None:
    story = """
    12:00:00.000 node3 plan 1: Start db ( node3 )
    12:00:01.000 node3 db start in 0.5s: ok
    12:05:40.100 node1,node2 lose node3
    12:05:40.110 node1,node2 controld info: Unset DC (was node3)
    12:05:52.000 node1 controld info: Taking over DC status for this partition
    12:05:52.300 node1 plan 0: Fence (reboot) node3 'peer is no longer part of the cluster' | Move db ( node3 -> node1 )
    12:05:54.400 node1 fence node3 in 2s: OK
    12:05:55.000 node1 db start in 0.5s: ok
    12:05:55.200 node1 done 0
    """
    cib = cluster(primitive("db"), fence_device(), nodes=THREE)
    one = case(story, cib=cib, nodes=THREE, dc="node3").only
    assert one.root_cause == "dc_loss"
    assert "quicker_takeover" in _labels(one)


def test_only_what_may_run_twice_is_to_be_cloned() -> None:
    members = ("keystone", "cinder-volume", "heat-engine", "something")
    services = [primitive(f"p_{name}", f"systemd:openstack-{name}") for name in members]
    cib = cluster(group("g", primitive("vip", "ocf:heartbeat:IPaddr2"), *services), fence_device(), nodes=THREE)
    starts, clock = [], 43.0
    for name in ("vip", *(f"p_{name}" for name in members)):
        clock += 3.1
        starts.append(f"12:05:{clock:06.3f} node1 {name} start in 3s: ok")
    moves = " | ".join(f"Move {name} ( node3 -> node1 )" for name in ("vip", *(f"p_{name}" for name in members)))
    up = "\n".join(
        f"12:00:0{n}.000 node3 {name} start in 0.1s: ok"
        for n, name in enumerate(("vip", *(f"p_{name}" for name in members)))
    )
    story = f"""
    {up}
    12:05:40.100 node1,node2 lose node3
    12:05:40.300 node1 plan 4: Fence (reboot) node3 'peer is no longer part of the cluster' | {moves}
    12:05:42.400 node1 fence node3 in 2s: OK
    {chr(10).join(starts)}
    12:06:00.000 node1 done 4
    """
    one = case(story, cib=cib, nodes=THREE, dc="node1").only
    advice = _named(one, "clone")
    assert "cl-p_keystone" in advice.commands["crm"]
    assert not any(name in advice.commands["crm"] for name in ("cinder", "heat", "something"))
    assert "p_cinder-volume" in advice.risk
    assert "p_heat-engine only if" in advice.risk
    assert "p_something" in advice.risk
    assert advice.saves == pytest.approx(3.1, abs=0.2)


# --- what is known of services ------------------------------------------------------------------------


def test_each_agent_is_in_the_table_once() -> None:
    names = [name for service in SERVICES for name in service.names]
    assert len(names) == len(set(names))
    assert all(name == name.lower() and "_" not in name for name in names)


@pytest.mark.parametrize(
    ("agent", "runs"),
    [
        ("keystone", Runs.ANYWHERE), ("openstack-nova-api", Runs.ANYWHERE), ("nova-api.service", Runs.ANYWHERE),
        ("cinder-volume", Runs.ONCE), ("openstack-cinder-volume", Runs.ONCE), ("neutron-l3-agent", Runs.IF),
        ("quantum_dhcp_agent", Runs.IF), ("galera", Runs.CLUSTERED), ("IPaddr2", Runs.ONCE),
        ("rabbitmq-server", Runs.CLUSTERED),
    ],
)  # fmt: skip
def test_a_service_is_known_by_its_agent(agent: str, runs: Runs) -> None:
    service = known(agent)
    assert service is not None
    assert service.runs is runs


def test_what_is_not_known_is_not_guessed() -> None:
    assert known("my-own-daemon") is None


@pytest.mark.parametrize(("seconds", "expected"), [([], 0.0), ([3.0], 3.0), ([1.0, 2.0], 2.0)])
def test_p99_of_few_is_the_largest(seconds: list[float], expected: float) -> None:
    assert p99(seconds) == expected


def test_p99_of_many_leaves_the_outliers_out() -> None:
    assert p99([float(number) for number in range(1, 1001)]) == 990.0
