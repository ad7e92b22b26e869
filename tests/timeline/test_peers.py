"""Nodes that are known from the logs of others, and names that are none."""

from __future__ import annotations

from pathlib import Path

from stories import Told, case, cluster, read, tell, write

from logtrace import analyze
from logtrace.timeline import peers

THREE = ("node1", "node2", "node3")
STORY = """
12:00:01.000 node1 db start in 0.5s: ok
12:05:40.100 node2 lose node3
12:05:40.300 node2 plan 4: Fence (reboot) node3 'peer is no longer part of the cluster' | Start db ( node1 )
12:05:43.000 node2 fence node3 in 2s: OK
12:05:44.000 node1 db start in 0.5s: ok
"""
PING = "Nov 22 12:00:{second} {node} pacemaker-controld  [117] (f) \tnotice: {message}\n"


def spoken(told: Told) -> set[str]:
    return set(peers(told.timeline, told.config))


def said(node: str, *messages: str, cib: str = "") -> Told:
    lines = [PING.format(second=f"{second:02}.100", node=node, message=said) for second, said in enumerate(messages)]
    return read({f"{node}/pacemaker.log": "".join(lines)}, cib=cib, year=2026)


def test_the_log_of_one_node_names_its_peers() -> None:
    assert spoken(case(STORY, nodes=THREE, missing=("node1", "node3"))) == {"node1", "node3"}
    assert spoken(case(STORY, nodes=THREE, missing=("node3",))) == {"node3"}


def test_what_is_configured_or_has_logs_is_no_news_under_a_longer_name_either() -> None:
    told = said(
        "node1",
        "Node node2.example.com state is now lost | nodeid=2 previous=member source=crm_update_peer_proc",
        "Initiating monitor operation db_monitor_10000 on node2 | action 9",
        "Node node1.example.com state is now member | nodeid=1 previous=unknown source=x",
    )
    assert len(spoken(told)) == 1
    named = said("node1", "Node node2.example.com state is now lost | nodeid=2 previous=member source=x", cib=cluster())
    assert spoken(named) == set()


def test_a_remote_connection_is_a_resource_and_what_has_results_told_is_the_teller_itself() -> None:
    told = said(
        "node1",
        "Initiating start operation rn1_start_0 locally on node1 | action 9",
        "Node rn1 state is now member | nodeid=0 previous=unset source=remote_node_up",
        "Initiating monitor operation db_monitor_10000 on rn1 | action 11",
        "Result of monitor operation for db on node1-priv: ok | graph action confirmed; call=7 key=db_monitor_0 rc=0",
    )
    assert spoken(told) == set()


def test_a_fencing_that_an_operator_asked_for_may_name_anything() -> None:
    told = case("12:05:43.000 node1 fence typo by stonith_admin.99 in 2s: No such device")
    assert "typo" not in spoken(told)


def test_a_case_counts_them_as_nodes_without_logs(tmp_path: Path) -> None:
    for name, text in write(tell(STORY, nodes=THREE), missing=("node1", "node3")).items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    found = analyze([str(tmp_path / "node2" / "pacemaker.log")])
    assert {node.name: node.logs for node in found.cluster.nodes} == {"node1": False, "node2": True, "node3": False}
    assert found.coverage.missing_nodes == ("node1", "node3")
