"""Hand-built cases for the page: a crash, a cascade of 20 members, a lost node, a planned action, a hostile one."""

from __future__ import annotations

import dataclasses
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

import polars as pl
from cases import CASCADE, FINDING, FRAMES, PLANNED, SKIPPED, SPURIOUS, STATISTICS, after, at, case
from msgspec import Struct
from msgspec.structs import replace

from logtrace.assessment.phases import PhaseName
from logtrace.causes.judgement import Verdict
from logtrace.config.model import Bundle, Clone, ClusterConfig, Corosync, Group, Op, Primitive, Sbd
from logtrace.domain.columns import EVENTS
from logtrace.events.store import Events
from logtrace.report.case import (
    Case,
    Cause,
    Cluster,
    Coverage,
    Evidence,
    Frames,
    Incident,
    IncidentRun,
    IncidentTransition,
    Window,
)

MEMBERS = tuple(
    f"{project}_{daemon}"
    for project, daemons in (
        ("keystone", ("api",)),
        ("glance", ("registry", "api")),
        ("nova", ("api", "conductor", "scheduler", "consoleauth", "novncproxy", "cert")),
        ("neutron", ("server", "dhcp_agent", "l3_agent", "metadata_agent", "openvswitch_agent")),
        ("cinder", ("api", "scheduler", "volume")),
        ("heat", ("api", "api_cfn", "engine")),
    )
    for daemon in daemons
)

LONG_NAME = "rabbitmq-with-a-very-long-resource-name-in-it"


def operation(node: str, resource: str, name: str, start: datetime, seconds: float | None, **more: Any) -> IncidentRun:
    """An operation that ended well, unless `more` says otherwise."""
    end = None if seconds is None else start + timedelta(seconds=seconds)
    given = {"interval": 0, "rc": 0, "status": "complete", "transition": 42} | more
    return IncidentRun(node=node, resource=resource, operation=name, start=start, end=end, **given)


def crash() -> Incident:
    """One service dies on osp-b, is found after 4 s and restarted in place."""
    fault = at("16:46:58.400")
    return replace(
        CASCADE,
        title="haproxy was killed on osp-b; its monitor found it 4.1 s later, and it was restarted in place.",
        trigger="service_crash",
        root_cause="service_crash",
        contributing=(),
        confidence=0.88,
        nodes=("osp-b",),
        resources=("haproxy",),
        t_fault=fault,
        t_fault_earliest=fault,
        t_fault_basis="systemd reported the main process exited",
        t_detected=at("16:47:02.512"),
        t_decided=at("16:47:02.603"),
        t_acted=at("16:47:02.610"),
        t_recovered=at("16:47:03.871"),
        t_end=at("16:47:03.9"),
        outage=5.471,
        outage_max=5.471,
        phases=after(
            fault,
            (PhaseName.DETECTION, 4.112, "monitor every 10 s"),
            (PhaseName.DECISION, 0.091, "transition 12 on osp-a"),
            (PhaseName.STOP, 0.21, "stop of haproxy"),
            (PhaseName.START, 1.058, "start of haproxy"),
        ),
        operations=(
            operation("osp-b", "haproxy", "monitor", at("16:47:02.480"), 0.032, interval=10_000, rc=7, critical=True),
            operation("osp-b", "haproxy", "stop", at("16:47:02.610"), 0.2, critical=True),
            operation("osp-b", "haproxy", "start", at("16:47:02.813"), 1.05, critical=True, queued=0.03),
        ),
        transitions=(IncidentTransition("osp-a", 12, "pe-input-12.bz2", at("16:47:02.603"), at("16:47:03.9"), "Complete"),),  # noqa: E501
        causes=(
            Cause("service_crash", Verdict.SUPPORTED, None, "The process died and was restarted in place.", ("e1",)),
            Cause("slow_detection", Verdict.RULED_OUT, 4.1, "Found within half an interval of 10 s.", ("e1",)),
            Cause("no_pidfile", Verdict.NOT_ENOUGH, None, "No line of the init script is at hand."),
        ),
        evidence=(
            Evidence(
                "e1", "osp-b/pacemaker.log", 311, "osp-b", at("16:47:02.512"),
                "Result of monitor operation for haproxy on osp-b: not running "
                "| graph action confirmed; call=41 key=haproxy_monitor_10000 rc=7",
            ),
        ),
        advice=(),
        missing_witnesses=("/var/log/messages of osp-b", "the init script of haproxy"),
    )  # fmt: skip


def cascade() -> Incident:
    """The third member of a group of 20 dies; 17 healthy ones behind it are stopped and started one by one."""
    failed, fault, detected = "glance_api", at("16:47:45.210"), at("16:47:48.110")
    behind = MEMBERS[MEMBERS.index(failed) :]
    operations = [
        operation("osp-c", failed, "monitor", at("16:47:48.06"), 0.05, interval=10_000, rc=7, critical=True,
                  reason="no process matches the pid file", transition=None),
    ]  # fmt: skip
    moment = at("16:47:48.215")
    for member in reversed(behind):
        operations.append(operation("osp-c", member, "stop", moment, 0.21, critical=True))
        moment += timedelta(seconds=0.24)
    for number, member in enumerate(behind):
        run = 0.55 + 0.11 * (number % 5)
        operations.append(operation("osp-c", member, "start", moment, run, critical=True))
        operations.append(
            operation("osp-c", member, "monitor", moment + timedelta(seconds=run + 0.01), 0.04, interval=10_000)
        )
        moment += timedelta(seconds=run + 0.03)
    stops = at("16:47:48.215") + timedelta(seconds=0.24 * len(behind))
    lines = tuple(
        Evidence(
            f"e{number}", "crm_report/osp-c/pacemaker.log", 800 + 7 * number, "osp-c", op.end or op.start,
            f"Result of {op.operation} operation for {op.resource} on osp-c: {'not running' if op.rc else 'ok'} "
            f"| graph action confirmed; call={100 + number} key={op.resource}_{op.operation}_{op.interval} rc={op.rc}",
        )
        for number, op in enumerate(operations, 1)
    )  # fmt: skip
    return replace(
        CASCADE,
        title=f"{failed} died on osp-c; the {len(behind) - 1} healthy members after it were bounced one by one.",
        resources=(failed, *behind[1:]),
        t_recovered=moment,
        t_end=moment + timedelta(seconds=0.2),
        outage=(moment - fault).total_seconds(),
        outage_max=(moment - fault).total_seconds() + 2.21,
        phases=after(
            fault,
            (PhaseName.DETECTION, (detected - fault).total_seconds(), "the next monitor of glance_api, every 10 s"),
            (PhaseName.DECISION, 0.105, "transition 42 on osp-a"),
            (PhaseName.STOP, (stops - at("16:47:48.215")).total_seconds(), f"{len(behind)} members, one by one"),
            (PhaseName.START, (moment - stops).total_seconds(), f"{len(behind)} members, one by one"),
        ),
        operations=tuple(operations),
        causes=(
            Cause("group_cascade", Verdict.SUPPORTED, 13.2,
                    f"{len(behind) - 1} healthy members of g_openstack were bounced because they stand behind it.",
                    tuple(line.id for line in lines[1:14])),
            Cause("slow_detection", Verdict.SUPPORTED, 2.9, "The monitor runs every 10 s.", ("e1",)),
            Cause("slow_init", Verdict.RULED_OUT, 0.99, "The longest start took 0.99 s.", ("e20",)),
            Cause("spurious_monitor", Verdict.RULED_OUT, None, "The kernel tells of its death.", ("e1",)),
            Cause("no_pidfile", Verdict.NOT_ENOUGH, None, "The init script's own messages are not at hand."),
        ),
        evidence=lines,
    )  # fmt: skip


def node_loss() -> Incident:
    """A node vanishes, is fenced after a failed attempt, and its services start cold on a peer; one never comes up."""
    fault = at("16:47:10")
    return replace(
        CASCADE,
        id="i4",
        title="osp-b vanished; fencing it took 34 s, and its services were started from nothing on osp-a.",
        trigger="node_failure",
        root_cause="slow_fencing",
        contributing=("cold_failover", "dc_loss"),
        nodes=("osp-b",),
        resources=("mariadb", LONG_NAME),
        t_fault=None,
        t_fault_earliest=fault,
        t_fault_basis="its last line",
        t_detected=at("16:47:12"),
        t_decided=at("16:47:13.3"),
        t_acted=at("16:47:13.31"),
        t_recovered=None,
        recovered=False,
        t_end=at("16:48:11"),
        outage=59.0,
        outage_max=61.0,
        phases=after(
            at("16:47:12"),
            (PhaseName.DECISION, 1.3, "election of a new DC"),
            (PhaseName.FENCING, 34.2, "ipmi-b: reboot of osp-b, the first attempt failed"),
            (PhaseName.START, 8.5, "mariadb on osp-a"),
            (PhaseName.PROMOTE, 2.0, "mariadb on osp-a"),
            (PhaseName.WAIT, 9.0, "start of rabbitmq ran into its timeout"),
            (PhaseName.VERIFY, 4.0, "monitor of mariadb"),
        ),
        operations=(
            operation("osp-a", "osp-b", "reboot", at("16:47:13.31"), 20.0, rc=1, status="Error", critical=True,
                      reason="Connection timed out"),
            operation("osp-a", "osp-b", "reboot", at("16:47:33.4"), 14.1, critical=True),
            operation("osp-a", "mariadb", "start", at("16:47:47.5"), 8.5, critical=True),
            operation("osp-a", "mariadb", "promote", at("16:47:56"), 2.0, critical=True),
            operation("osp-a", "mariadb", "monitor", at("16:47:58.1"), 0.2, rc=8, interval=20_000),
            operation("osp-a", LONG_NAME, "start", at("16:47:47.6"), None, rc=None, status="Timed Out"),
            operation("osp-c", "vip", "start", at("16:47:47.6"), 0.3),
            operation("osp-c", "haproxy", "notify", at("16:47:48.6"), 0.1),
            operation("osp-c", "galera", "demote", at("16:47:49.6"), 3.1),
        ),
    )  # fmt: skip


def planned() -> Incident:
    """An operator put a node into standby."""
    return replace(
        PLANNED,
        t_detected=None,
        t_decided=at("16:48:05.1"),
        t_acted=at("16:48:05.11"),
        operations=(operation("osp-b", "vip", "stop", at("16:48:05.11"), 0.31),
                    operation("osp-a", "vip", "start", at("16:48:05.5"), 0.42)),
        transitions=(IncidentTransition("osp-a", 50, "pe-input-50.bz2", at("16:48:05.1"), at("16:48:06"), "Complete"),),
    )  # fmt: skip


def busy() -> Case:
    """A case with one incident of every kind, findings, and skipped and missing evidence."""
    incidents = (
        replace(crash(), id="i1"),
        replace(node_loss(), id="i2"),
        replace(SPURIOUS, id="i3", t_fault=None, t_detected=at("16:47:30")),
        replace(cascade(), id="i4"),
        replace(planned(), id="i5"),
    )
    advised = replace(FINDING, commands={"crm": "crm configure monitor p_glance 10s:30s"})
    made = case(*incidents, findings=(FINDING, advised))
    first, second, third = made.cluster.nodes
    silent = replace(second, logs=False, first=None, last=None, clock_offset=None)
    return replace(
        made,
        cluster=replace(made.cluster, nodes=(first, silent, third)),
        coverage=replace(made.coverage, skipped=(SKIPPED,), missing_nodes=("osp-b",)),
        config=CONFIG,
        statistics=STATISTICS,
        frames=recognised(*(line for incident in incidents for line in incident.evidence)),
    )


def recognised(*cited: Evidence) -> Frames:
    """Frames in which every cited line has three recognised neighbours on either side."""
    told = {(line.file, line.line): line for line in cited}
    files = {file: index for index, file in enumerate(sorted({line.file for line in cited}))}
    rows = []
    for file, number in sorted({(file, number + step) for file, number in told for step in range(-3, 4)}):
        line = told.get((file, number))
        message = line.text if line else f"neighbour {number} of {file}"
        rows.append((len(rows), files[file], number, at("16:47:48"), "osp-c", message))
    columns = ("event", "file", "line", "time", "node", "message")
    schema = {name: EVENTS[name] for name in columns}
    events = pl.DataFrame(rows, schema=schema, orient="row")
    others = [pl.lit(None, kind).alias(name) for name, kind in EVENTS.items() if name not in columns]
    paths = pl.DataFrame([(index, path, "osp-c") for path, index in files.items()],
                         schema={"file": pl.UInt32, "path": pl.String, "node": pl.String}, orient="row")  # fmt: skip
    told = Events.of_frame(events.with_columns(others).with_columns(kind=pl.lit("agent.says")).select(list(EVENTS)))
    return dataclasses.replace(FRAMES, events=told, files=paths)


CONFIG = ClusterConfig(
    source="osp-a/cib.xml",
    epoch=(0, 9, 1),
    feature_set="3.16.1",
    properties={"no-quorum-policy": "freeze", "stonith-timeout": "90s", "maintenance-mode": "false"},
    node_attributes={"osp-c": {"standby": "on"}},
    primitives={
        each.id: each
        for each in (
            Primitive("vip", "ocf", "heartbeat", "IPaddr2", params={"ip": "192.0.2.7"}),
            Primitive("nova_api", "systemd", None, "nova-api", parents=("g_nova", "c_nova")),
            Primitive("nova_conductor", "ocf", "openstack", "nova", meta={"migration-threshold": "3"},
                      ops=(Op("monitor", 10.0, 20.0),), parents=("g_nova", "c_nova")),
            Primitive("galera", "ocf", "heartbeat", "galera", parents=("db",)),
            Primitive("ipmi-b", "stonith", None, "fence_ipmilan",
                      params={"pcmk_host_list": "osp-b", "pcmk_delay_base": "5s", "passwd": "hunter2"}),
        )
    },
    groups={"g_nova": Group("g_nova", ("nova_api", "nova_conductor"))},
    clones={"c_nova": Clone("c_nova", "g_nova", False, {"interleave": "true"})},
    bundles={"db": Bundle("db", "galera", "podman", {})},
    corosync=Corosync(version="3.1.7", transport="knet", token=5.0, nodes={"1": "a", "2": "b", "3": "c"}, two_node=True,
                      expected_votes=2, links=2),
    sbd=Sbd(watchdog=5.0, msgwait=10.0),
)  # fmt: skip


def empty() -> Case:
    """A case in which nothing is known and nothing happened."""
    return Case(
        inputs=(),
        cluster=Cluster(None, None, None, None, (), ()),
        window=Window(None, None, None, None),
        coverage=Coverage(0, 0, 0, 0),
        incidents=(),
        findings=(),
        config=None,
        frames=FRAMES,
    )


HOSTILE = (
    "</script><img src=x onerror=alert(1)>{{7*7}}{% raw %}<!--<script>\x1b[31m\x1b]8;;http://evil.example/\x07"
    "\u202eabc\u2066\u200b\x00\x9b\x7f\ud800\"' onmouseover='alert(2)' javascript:alert(3)\r\n$$\\href{x}{y}$$"
)


def hostile(text: str = HOSTILE + "A" * 1_000_000) -> Case:
    """`busy`, with every string of every value replaced by `text` (times, numbers and enumerations stay)."""

    def poisoned(value: Any) -> Any:
        if isinstance(value, Enum | pl.DataFrame | Events) or value is None:
            return value
        if isinstance(value, str):
            return text
        if isinstance(value, tuple):
            return tuple(poisoned(each) for each in value)
        if isinstance(value, dict):
            return {poisoned(key): poisoned(each) for key, each in value.items()}
        if isinstance(value, Struct):
            return type(value)(**{each: poisoned(getattr(value, each)) for each in value.__struct_fields__})
        if isinstance(value, Frames):
            return Frames(**{each.name: poisoned(getattr(value, each.name)) for each in dataclasses.fields(value)})
        return value

    made: Case = poisoned(busy())
    return made


def large(incidents: int, operations: int) -> Case:
    """Many incidents with many operations and lines, far more than a page holds."""
    base = cascade()
    many = tuple(base.operations[n % len(base.operations)] for n in range(operations))
    lines = tuple(
        replace(base.evidence[n % len(base.evidence)], id=f"e{n + 1}", text="x" * 3000) for n in range(operations)
    )
    return case(*(replace(base, id=f"i{n + 1}", operations=many, evidence=lines) for n in range(incidents)))
