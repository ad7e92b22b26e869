"""The title of an incident: the proven cause, else what began it and no more."""

from __future__ import annotations

import pytest
from stories import case, cluster, finding, group, primitive, promotable

from logtrace.causes.judgement import Verdict
from logtrace.config.model import ClusterConfig, Primitive
from logtrace.diagnosis.names import service_name
from logtrace.report.case import Incident

DB = cluster(primitive("db", "ocf:heartbeat:mysql"))
PG = cluster(promotable("ms", primitive("pg", "ocf:heartbeat:pgsql")))

UP = """
12:00:01.000 node1 db start in 0.5s: ok
12:00:02.000 node1 db monitor 10s asked: ok
"""

DEMOTE = """
12:00:01.000 node1 pg start in 0.5s: ok
12:00:02.000 node1 pg promote in 0.5s: ok
12:00:03.000 node2 pg start in 0.5s: ok
12:05:40.000 node2 plan 4: Demote pg:0 ( Promoted -> Unpromoted node1 ) | Promote pg:1 ( Unpromoted -> Promoted node2 )
12:06:00.100 node1 pg demote in 20s: {}
12:06:00.200 node2 plan 5: Recover pg:0 ( Unpromoted node1 ) | Promote pg:1 ( Unpromoted -> Promoted node2 )
12:06:01.000 node1 pg stop in 0.5s: ok
12:06:02.000 node1 pg start in 0.5s: ok
12:06:03.000 node2 pg promote in 0.5s: ok
12:06:03.100 node2 done 5
"""

FENCED = """
12:05:40.000 node2 {}
12:05:41.000 node2 fence node1 in 2s: OK
12:10:00.000 node2 attrd: Setting x[node2]: (unset) -> 1
"""


def beginning(one: Incident) -> str:
    """The title of an incident whose cause is not proven, which it is not told by."""
    cause = finding(one, one.root_cause)
    assert cause.verdict is Verdict.NOT_ENOUGH
    assert one.confidence <= 0.4
    return one.title


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("node1 db monitor 10s: Timed Out", "ran into its timeout (Resource agent did not complete within 0s)"),
        ("node2 attrd: Setting fail-count-db#monitor_10000[node1]: (unset) -> 1", "failed"),
    ],
)
def test_a_monitor_that_could_not_tell_is_no_death(line: str, said: str) -> None:
    one = case(UP + f"12:05:30.200 {line}\n", cib=DB).incidents[-1]
    assert (
        beginning(one)
        == f"The monitor of MySQL (db) on node1 {said}; whether db had died is not known. MySQL (db) did not come back."
    )
    assert "find_crash" not in [advice.label for advice in one.advice]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("attrd: Setting y[node2]: (unset) -> 1", "no line that was understood says why"),
        (
            "schedulerd warning: Cluster node node1 will be fenced: peer process is no longer available",
            "peer process is no longer available",
        ),
        (
            "schedulerd warning: Node node1 will be fenced because our peer process is no longer available",
            "our peer process is no longer available",
        ),
    ],
)
def test_a_fencing_says_why_where_the_scheduler_does(said: str, expected: str) -> None:
    one = case(FENCED.format(said), cib=DB).only
    assert beginning(one).rstrip(".") in (f"node1 was fenced: {expected}", f"node1 was fenced; {expected}")
    assert one.root_cause == "node_failure"


def test_a_node_fenced_for_what_failed_there_is_one_incident_with_that_failure() -> None:
    said = "schedulerd warning: Cluster node node1 will be fenced: db failed there"
    one = case(FENCED.format(said).replace("12:05:41.000", "12:05:43.000"), cib=DB).only  # said before it is asked for
    assert one.root_cause == one.trigger == "stop_failure"
    assert one.title.startswith("The stop of MySQL (db) on node1 failed; node1 was fenced for it.")


def test_a_lost_connection_to_a_remote_node_is_about_the_node() -> None:
    lost = "12:05:30.200 node2 controld error: Lost connection to Pacemaker Remote node web1\n"
    one = case(UP + lost, cib=DB).only
    assert one.root_cause == one.trigger == "node_failure"
    assert one.title == "The connection to the remote node web1 was lost."


@pytest.mark.parametrize("result", ["Timed Out", "error (cannot demote)"])
def test_a_demote_that_fails_is_the_agents_failure_and_no_death(result: str) -> None:
    one = case(DEMOTE.format(result), cib=PG).incidents[-1]
    assert one.root_cause == one.trigger == "resource_agent_error"
    assert one.title.startswith("The demote of PostgreSQL (pg) on node1 ")
    assert "find_crash" not in [advice.label for advice in one.advice]


@pytest.mark.parametrize("operation", ["monitor 10s", "probe", "migrate_to in 0.1s", "start in 0.1s"])
def test_what_is_ruled_out_neither_begins_nor_contributes(operation: str) -> None:
    one = case(f"12:00:01.000 node1 st start: ok\n12:05:30.200 node1 db {operation}: error (no)\n", cib=DB).only
    assert one.trigger == one.root_cause == "resource_agent_error"
    assert "service_crash" not in one.contributing


def test_a_start_of_which_only_the_fail_count_tells_is_undecided() -> None:
    story = UP + "12:05:30.200 node2 attrd: Setting fail-count-db#start_0[node1]: (unset) -> INFINITY\n"
    one = case(story, cib=DB).only
    assert one.root_cause == one.trigger == "resource_agent_error"
    assert beginning(one) == "The start of MySQL (db) on node1 failed. MySQL (db) did not come back."


def test_a_monitor_that_is_not_implemented_begins_with_the_agent_though_the_service_ran() -> None:
    story = """
    12:05:30.200 node1 db monitor 10s: unimplemented (no monitor)
    12:05:30.300 node2 plan 7: Recover db ( node1 )
    12:05:30.500 node1 mysql(db) info: MySQL stopped
    12:05:30.600 node1 db stop in 0.3s: ok
    12:05:31.600 node1 db start in 0.9s: ok
    12:05:31.700 node2 done 7
    """
    one = case(UP + story, cib=DB).only
    assert one.trigger == one.root_cause == "missing_agent"
    assert "spurious_monitor" in one.contributing


GROUP = cluster(group("grp", primitive("disk", "ocf:heartbeat:Filesystem"), primitive("pg", "ocf:heartbeat:pgsql")))


def test_a_title_says_what_died_where_and_what_moved_with_it() -> None:
    story = """
    12:00:01.000 node1 disk start in 0.5s: ok
    12:00:02.000 node1 pg start in 0.5s: ok
    12:00:03.000 node1 pg monitor 10s asked: ok
    12:05:10.200 node1 pg monitor 10s: not running
    12:05:10.240 node2 plan 7: Move disk ( node1 -> node2 ) | Recover pg ( node1 -> node2 )
    12:05:10.700 node1 pgsql(pg) info: PostgreSQL is already stopped.
    12:05:10.800 node1 pg stop in 0.2s: ok
    12:05:11.800 node1 disk stop in 0.5s: ok
    12:05:12.800 node2 disk start in 0.5s: ok
    12:05:13.800 node2 pg start in 0.5s: ok
    12:05:14.000 node2 done 7
    """
    one = case(story, cib=GROUP).only
    assert one.title == "PostgreSQL (pg) died on node1; its group of 2 moved to node2."


def test_a_lost_node_is_told_with_what_it_ran() -> None:
    story = """
    12:00:01.000 node3 db start in 0.5s: ok
    12:05:40.100 node1,node2 lose node3
    12:05:40.300 node1 plan 4: Fence (reboot) node3 'peer is no longer part of the cluster' | Move db ( node3 -> node1 )
    12:05:42.400 node1 fence node3 in 2s: OK
    12:05:43.000 node1 db start in 0.5s: ok
    12:05:43.200 node1 done 4
    """
    three = ("node1", "node2", "node3")
    one = case(story, nodes=three, dc="node1", cib=cluster(primitive("db", "ocf:heartbeat:mysql"), nodes=three)).only
    assert one.title.startswith("node3 stopped answering and was fenced; MySQL (db) moved to node1.")


@pytest.mark.parametrize(
    ("agent", "name", "called"),
    [
        ("ocf:heartbeat:pgsql", "prmPg", "PostgreSQL (prmPg)"),
        ("systemd:haproxy", "haproxy", "haproxy"),
        ("systemd:openstack-glance-api.service", "p_glance", "the Glance API (p_glance)"),
        ("ocf:acme:unheard-of", "x", "x"),
        ("ocf:heartbeat:IPaddr2", "vip", "address (vip)"),
    ],
)
def test_services_are_called_what_people_call_them(agent: str, name: str, called: str) -> None:
    klass, *rest = agent.split(":")
    one = Primitive(id=name, klass=klass, provider=None, type=rest[-1])
    assert service_name(ClusterConfig(primitives={name: one}), name) == called


def test_an_address_and_a_file_system_are_called_by_their_parameters() -> None:
    vip = Primitive(id="vip", klass="ocf", provider="heartbeat", type="IPaddr2", params={"ip": "10.0.0.5"})
    disk = Primitive(id="d", klass="ocf", provider="heartbeat", type="Filesystem", params={"directory": "/data"})
    config = ClusterConfig(primitives={"vip": vip, "d": disk})
    assert service_name(config, "vip:0") == "address 10.0.0.5 (vip)"
    assert service_name(config, "d") == "the file system /data (d)"
    assert service_name(config, "unknown") == "unknown"


@pytest.mark.parametrize(
    ("on_fail", "plan", "told"),
    [
        ("standby", "Move db ( node1 -> node2 ) | Move web ( node1 -> node2 )", "What else ran on node1 was sent away"),
        ("restart", "Recover db ( node1 )", ""),
        ("fence", "Recover db ( node1 )", ""),
    ],
)
def test_a_title_says_what_on_fail_made_of_a_failure(on_fail: str, plan: str, told: str) -> None:
    """Only what is seen to have been done for it."""
    db = primitive("db").replace('name="monitor"', f'name="monitor" on-fail="{on_fail}"')
    story = f"""
    12:00:01.000 node1 db start in 0.5s: ok
    12:00:02.000 node1 web start in 0.5s: ok
    12:05:00.000 node1 db monitor 10s: not running
    12:05:00.100 node2 plan 4: {plan}
    12:05:00.300 node1 db stop in 0.1s: ok
    12:05:01.000 node{2 if "->" in plan else 1} db start in 0.5s: ok
    12:05:01.100 node2 done 4
    """
    one = case(story, cib=cluster(db, primitive("web"))).only
    assert (told in one.title) if told else "on-fail" not in one.title
