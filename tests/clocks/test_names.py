"""Hosts in headers and nodes in the CIB are spelled differently."""

from __future__ import annotations

from pathlib import Path

import pytest

from logtrace import analyze
from logtrace.clocks import canonical_names
from logtrace.clocks.names import UNNAMED


@pytest.mark.parametrize(
    ("hosts", "known", "names"),
    [
        (["a.example.com"], ["a"], {"a.example.com": "a"}),
        (["a"], ["a.example.com"], {"a": "a.example.com"}),
        (["a", "a.example.com"], ["a.example.com"], {"a": "a.example.com", "a.example.com": "a.example.com"}),
        (["a", "a.example.com"], [], {"a": "a", "a.example.com": "a"}),
        (["A"], ["a"], {"A": "a"}),
        (["a.x", "a.y"], ["a.x", "a.y"], {"a.x": "a.x", "a.y": "a.y"}),
        (["10.0.0.1", "10.0.0.2"], [], {"10.0.0.1": "10.0.0.1", "10.0.0.2": "10.0.0.2"}),
        (["stranger"], ["a", "b"], {"stranger": "stranger"}),
        (["a"], ["a", "a.example.com"], {"a": "a"}),
        (["a.example.com"], ["a", "a.example.com"], {"a.example.com": "a"}),
    ],
)
def test_one_name_per_node(hosts: list[str], known: list[str], names: dict[str, str]) -> None:
    assert canonical_names(hosts, known) == names
    assert canonical_names(reversed(hosts), known) == names


HOSTLESS = """\
Nov 22 10:00:00 crmd: [100]: info: process_lrm_event: LRM operation db_start_0 (call=4, rc=0, cib-update=2, confirmed=true) ok
Nov 22 10:05:00 crmd: [100]: info: process_lrm_event: LRM operation db_monitor_10000 (call=5, rc=7, cib-update=4, confirmed=false) not running
Nov 22 10:05:01 crmd: [100]: info: te_rsc_command: Initiating action 4: stop db_stop_0 on n1 (local)
Nov 22 10:05:01 crmd: [100]: info: process_lrm_event: LRM operation db_stop_0 (call=6, rc=0, cib-update=5, confirmed=true) ok
Nov 22 10:05:12 crmd: [100]: WARN: status_from_rc: Action 5 (app_monitor_10000) on n2 failed (target: 0 vs. rc: 7): Error
"""  # noqa: E501 - a line of a log is one line
NAMED = "Nov 22 10:05:02 crmd: [100]: notice: process_lrm_event: Result of start operation for db on n1: ok | call=7\n"


def test_a_log_that_names_no_host_is_of_the_node_whose_results_it_tells(tmp_path: Path) -> None:
    (tmp_path / "pacemaker.log").write_text(HOSTLESS + NAMED)
    case = analyze([str(tmp_path)])
    assert {node.name: node.logs for node in case.cluster.nodes} == {"n1": True, "n2": False}
    assert case.frames.operations["node"].unique().sort().to_list() == ["n1", "n2"]


def test_a_log_that_nothing_names_is_read_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "pacemaker.log").write_text(HOSTLESS)
    case = analyze([str(tmp_path)])
    assert [node.name for node in case.cluster.nodes if node.logs] == [UNNAMED]
    assert [incident.resources for incident in case.incidents] == [("db",), ("app",)]
