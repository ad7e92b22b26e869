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

from logtrace.pipeline import analyze
from logtrace.report.case import Incident, IncidentKind

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
    events = case.frames.events.whole()
    told = events.filter(events["message"].str.contains("killed by signal|wsgi"))
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


SPURIOUS = REPORT.parents[1] / "three-faults" / "crm_report.tar.bz2"
OSLO = "2026-11-22 {time} 4711 INFO nova.osapi_compute.wsgi.server [-] 10.0.1.2 {request}\n"
GET = '"GET /v2.1/ HTTP/1.1" status: 200 len: 763 time: 0.0021'
FAILS = '"GET /v2.1/ HTTP/1.1" status: 503 len: 299 time: 4.0021'
ACCESS = '10.0.1.2 - - [22/Nov/2026:{time} +0000] "GET /v2.1/ HTTP/1.1" 200 763 "-" "curl/7.88.1"\n'
HAPROXY = (
    "Nov 22 {time} node2 {tag}[99]: 10.0.1.2:33317 [22/Nov/2026:{time}.655] api-in api/node2 10/0/30/69/109 200 2750 "
    '- - ---- 1/1/1/1/0 0/0 "GET /v2.1/ HTTP/1.1"\n'
)


@pytest.fixture
def timed_out(tmp_path: Path) -> Path:
    """p_nova_api on node2 (agent ocf:openstack:nova-api, timeout 6 s) has a monitor that ends at 18:06:12.147."""
    with tarfile.open(SPURIOUS) as report:
        report.extractall(tmp_path, filter="data")
    (found,) = tmp_path.iterdir()
    return found


def nova(path: Path) -> Incident:
    return next(one for one in analyze([str(path)]).incidents if one.resources[:1] == ("p_nova_api",))


def verdict(path: Path) -> str:
    return next(cause.sentence for cause in nova(path).causes if cause.label == "spurious_monitor")


def test_without_its_own_log_only_the_stop_tells(timed_out: Path) -> None:
    assert "the stop that followed had something to stop" in verdict(timed_out)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("nova/nova-api.log", OSLO.format(time="18:06:10.500", request=GET)),
        ("nova-api.log.1", OSLO.format(time="18:06:10.500", request=GET.replace("200", "401"))),
        ("nova-api/access.log", ACCESS.format(time="18:06:10")),
        ("syslog", HAPROXY.format(time="18:06:10", tag="nova-api")),
    ],
)
def test_what_answers_while_its_monitor_runs_lives(timed_out: Path, name: str, text: str) -> None:
    """oslo.log, Apache's combined format, haproxy's httplog; named by the file, its folder, or the tag."""
    log = timed_out / "node2" / name
    log.parent.mkdir(exist_ok=True)
    log.write_text(text)
    one = nova(timed_out)
    assert (one.root_cause, one.confidence) == ("spurious_monitor", 0.95)
    assert verdict(timed_out).endswith("its own log shows that it answered a request meanwhile")
    assert any("HTTP/1.1" in line.text for line in one.evidence)
    assert one.t_fault_earliest == datetime(2026, 11, 22, 18, 6, 10, 500_000 if "18:06:10.500" in text else 0, UTC)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        # another service, another node, a program of many, too early in the run, before it, and mixed with errors
        ("node2/nova-api-metadata.log", OSLO.format(time="18:06:10.500", request=GET)),
        ("node2/nova-scheduler.log", OSLO.format(time="18:06:10.500", request=GET)),
        ("node1/nova-api.log", OSLO.format(time="18:06:10.500", request=GET)),
        ("node2/syslog", HAPROXY.format(time="18:06:10", tag="haproxy")),
        ("node2/nova-api.log", OSLO.format(time="18:06:06.500", request=GET)),
        ("node2/nova-api.log", OSLO.format(time="18:06:02.000", request=GET)),
        (
            "node2/nova-api.log",
            OSLO.format(time="18:06:10.500", request=GET) + OSLO.format(time="18:06:11.000", request=FAILS),
        ),
    ],
)
def test_what_is_no_witness(timed_out: Path, name: str, text: str) -> None:
    (timed_out / name).write_text(text)
    assert "answered" not in verdict(timed_out)


def test_what_answers_between_a_monitor_and_the_stop_was_not_dead(folder: Path) -> None:
    """p_keystone is said not to run at 18:01:23.139, and its stop begins at 18:01:23.194."""
    log = folder / "node1" / "keystone.log"
    log.write_text(
        OSLO.format(time="18:01:23.160", request=GET.replace("v2.1", "v3")).replace("nova.osapi_compute", "eventlet")
    )
    assert "p_keystone" not in faults(folder)
    (one,) = [one for one in analyze([str(folder)]).incidents if one.root_cause == "spurious_monitor"]
    assert (one.kind, one.confidence) == (IncidentKind.SPURIOUS, 0.85)


CHILD = "2026-11-22 18:01:20.123 802 ERROR oslo_service.service [-] Child 803 killed by signal 9\n"


def test_a_child_that_was_killed_dates_the_death(folder: Path) -> None:
    (folder / "node1" / "keystone.log").write_text(CHILD)
    one = faults(folder)["p_keystone"]
    assert (one.t_fault, one.t_fault_basis) == (
        datetime(2026, 11, 22, 18, 1, 20, 123_000, tzinfo=UTC),
        "oslo_service.service: crashed",
    )
    (folder / "node1" / "keystone.log").rename(folder / "node1" / "glance-registry.log")
    assert faults(folder)["p_keystone"].t_fault is None


def test_a_service_that_answers_after_a_child_died_was_not_dead_then(folder: Path) -> None:
    (folder / "node1" / "keystone.log").write_text(CHILD + OSLO.format(time="18:01:21.900", request=GET))
    one = faults(folder)["p_keystone"]
    assert one.t_fault is None
    assert one.t_fault_earliest == datetime(2026, 11, 22, 18, 1, 21, 900_000, tzinfo=UTC)
