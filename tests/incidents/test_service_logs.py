"""Services' own logs tell when a service truly died.

The reports at hand have empty journals. These stories are therefore made: a report of a real cluster (of samples/),
and beside its logs such lines as Upstart, systemd and the services are documented to write.
"""

from __future__ import annotations

import io
import tarfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from logtrace.analysis import analyze
from logtrace.model import Incident, IncidentKind

REPORT = Path(__file__).resolve().parents[2] / "samples" / "service-crash" / "crm_report.tar.bz2"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with tarfile.open(REPORT) as report:
        report.extractall(tmp_path, filter="data")
    (found,) = tmp_path.iterdir()
    return found


def faults(path: Path) -> dict[str, Incident]:
    case = analyze([str(path)])
    return {one.resources[0]: one for one in case.incidents if one.kind is IncidentKind.FAULT}


def test_the_report_alone_does_not_know_when_the_services_died(folder: Path) -> None:
    assert {name: one.t_fault for name, one in faults(folder).items()} == {"p_keystone": None, "p_glance_api": None}


def test_upstart_and_systemd_know(folder: Path) -> None:
    (folder / "node1" / "syslog").write_text(
        "Nov 22 17:59:59 node1 init: glance-api main process (801) killed by TERM signal\n"
        "Nov 22 18:01:20 node1 init: keystone main process (802) killed by KILL signal\n"
        "Nov 22 18:01:20 node1 init: keystone main process ended, respawning\n"
    )
    (folder / "node2" / "syslog").write_text(
        "Nov 22 18:01:34 node2 systemd[1]: openstack-glance-api.service: Main process exited, code=killed, status=9\n"
    )
    before = faults(REPORT)
    found = faults(folder)
    assert {name: one.t_fault for name, one in found.items()} == {
        "p_keystone": datetime(2026, 11, 22, 18, 1, 20, tzinfo=UTC),
        "p_glance_api": datetime(2026, 11, 22, 18, 1, 34, tzinfo=UTC),
    }
    assert found["p_keystone"].t_fault_basis == "init: died"
    assert found["p_glance_api"].t_fault_basis == "systemd: died"
    for name, one in found.items():
        assert (one.root_cause, one.t_detected) == (before[name].root_cause, before[name].t_detected)


def test_a_death_on_another_node_or_of_another_service_is_none(folder: Path) -> None:
    (folder / "node3" / "syslog").write_text(
        "Nov 22 18:01:20 node3 init: keystone main process (802) killed by KILL signal\n"
    )
    (folder / "node1" / "syslog").write_text(
        "Nov 22 18:01:20 node1 init: cinder main process (9) killed by KILL signal\n"
    )
    assert {one.t_fault for one in faults(folder).values()} == {None}


def test_own_logs_of_services_are_read_beside_those_of_the_cluster(folder: Path) -> None:
    log = folder / "node1" / "keystone" / "keystone.log"
    log.parent.mkdir()
    log.write_text(
        "2026-11-22 18:01:20.123 802 ERROR keystone.service [-] Child 803 killed by signal 9\n"
        "2026-11-22 18:01:27.456 901 INFO eventlet.wsgi.server [-] (901) wsgi starting up on http://0.0.0.0:5000\n"
    )
    case = analyze([str(folder)])
    told = case.frames.events.filter(case.frames.events["message"].str.contains("killed by signal|wsgi"))
    assert told.select("node", "kind", "daemon").rows() == [
        ("node1", "process.crashed", "keystone.service"),
        ("node1", "unit.started", "eventlet.wsgi.server"),
    ]
    assert told["time"][0] == datetime(2026, 11, 22, 18, 1, 20, 123_000, tzinfo=UTC)


def test_a_case_may_be_packed_node_by_node(folder: Path, tmp_path: Path) -> None:
    """One archive per node, given as paths or packed again into one."""
    nodes = []
    for node in ("node1", "node2", "node3"):
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w:gz") as archive:
            archive.add(folder / node, f"{folder.name}/{node}")
        nodes.append(tmp_path / f"{node}.tar.gz")
        nodes[-1].write_bytes(packed.getvalue())
    with tarfile.open(tmp_path / "case.tar", "w") as archive:
        for path in nodes:
            archive.add(path, f"case/{path.name}")
    for paths in ([tmp_path / "case.tar"], nodes):
        case = analyze([str(path) for path in paths])
        assert [node.name for node in case.cluster.nodes if node.logs] == ["node1", "node2", "node3"]
        told = [(one.kind, one.root_cause, one.t_detected, one.t_recovered) for one in case.incidents]
        assert told == [
            (one.kind, one.root_cause, one.t_detected, one.t_recovered) for one in analyze([str(REPORT)]).incidents
        ]
