"""Hand-built cases for the renderers: a plain value with every field set, and small ways to vary it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

import polars as pl
from msgspec import Struct
from msgspec.structs import replace

from logtrace.assessment.phases import Phase, PhaseName
from logtrace.causes.judgement import Verdict
from logtrace.domain.advice import Advice
from logtrace.domain.columns import EVENTS
from logtrace.events.store import Events
from logtrace.intake.evidence import Input, Skipped
from logtrace.lint.finding import Finding
from logtrace.report.case import (
    Case,
    Cause,
    ClockReading,
    Cluster,
    Coverage,
    DcSpan,
    Evidence,
    Failures,
    FencingTimes,
    Frames,
    Incident,
    IncidentKind,
    IncidentRun,
    IncidentTransition,
    Monitor,
    Node,
    Note,
    Placement,
    RunTimes,
    Statistics,
    Window,
)


def at(clock: str) -> datetime:
    """`16:47:45` or `16:47:45.12` on the day all these cases happened."""
    return datetime.fromisoformat(f"2022-11-22T{clock}").replace(tzinfo=UTC)


def after(start: datetime, *steps: tuple[PhaseName, float, str]) -> tuple[Phase, ...]:
    """Phases one after another from `start`: name, seconds, what."""
    phases = []
    for name, seconds, what in steps:
        end = start + timedelta(seconds=seconds)
        phases.append(Phase(name, start, end, what))
        start = end
    return tuple(phases)


CASCADE = Incident(
    id="i1",
    kind=IncidentKind.FAULT,
    title="nova_conductor died on osp-c; the 16 healthy members after it were stopped and started one by one.",
    trigger="service_crash",
    root_cause="group_cascade",
    contributing=("slow_detection",),
    confidence=0.94,
    nodes=("osp-c",),
    resources=("nova_conductor", "g_openstack"),
    t_fault=at("16:47:45.210"),
    t_fault_earliest=at("16:47:43"),
    t_fault_basis="the kernel told of its death",
    t_detected=at("16:47:48.110"),
    t_decided=at("16:47:48.210"),
    t_acted=at("16:47:48.215"),
    t_recovered=at("16:48:03.810"),
    t_end=at("16:48:03.9"),
    recovered=True,
    outage=18.6,
    outage_max=20.8,
    phases=after(
        at("16:47:45.210"),
        (PhaseName.DETECTION, 2.9, "until the next monitor of nova_conductor"),
        (PhaseName.DECISION, 0.1, "the scheduler"),
        (PhaseName.STOP, 4.0, "16 members, one by one"),
        (PhaseName.START, 11.6, "17 members, one by one"),
    ),
    operations=(
        IncidentRun(
            node="osp-c",
            resource="nova_conductor",
            operation="monitor",
            interval=10_000,
            start=at("16:47:48.06"),
            end=at("16:47:48.11"),
            rc=7,
            status=None,
            transition=None,
        ),
        IncidentRun(
            node="osp-c",
            resource="nova_conductor",
            operation="start",
            interval=0,
            start=at("16:47:52.3"),
            end=at("16:47:53.04"),
            rc=0,
            status="complete",
            transition=42,
            critical=True,
            queued=0.002,
        ),
    ),
    transitions=(IncidentTransition("osp-a", 42, "pe-input-42", at("16:47:48.21"), at("16:48:03.9"), "Complete"),),
    causes=(
        Cause("group_cascade", Verdict.SUPPORTED, 13.2, "16 healthy members were stopped and started.", ("e1",)),
        Cause("slow_init", Verdict.RULED_OUT, None, "No start took longer than 0.8 s."),
    ),
    evidence=(
        Evidence(
            "e1",
            "crm_report/osp-c/pacemaker.log",
            812,
            "osp-c",
            at("16:47:48.11"),
            "Result of monitor operation for nova_conductor on osp-c: not running",
        ),
    ),
    advice=(
        Advice(
            "regroup",
            "Take the 16 members out of the ordered group.",
            {
                "crm": "crm configure modgroup g_openstack remove nova_conductor",
                "pcs": "pcs resource group remove g_openstack nova_conductor",
            },
            (),
            13.2,
            "stops and starts of healthy members on the critical path",
            "They may then start before what they need.",
        ),
        Advice(
            "monitor_interval",
            "Monitor nova_conductor every 5 s.",
            {"crm": 'crm configure monitor nova_conductor 5s:20s && crm configure property note="two words"'},
            ("/etc/corosync/corosync.conf",),
            0.8,
            "half of the interval saved",
        ),
    ),
    first_error="e1",
    silence_before=35.2,
)

PLANNED = replace(
    CASCADE,
    id="i2",
    kind=IncidentKind.PLANNED,
    title="osp-b was put into standby.",
    trigger="manual_action",
    root_cause="manual_action",
    contributing=(),
    t_fault=None,
    t_fault_earliest=None,
    t_detected=at("16:48:05"),
    t_recovered=None,
    t_end=at("16:48:09.4"),
    outage=None,
    outage_max=None,
    phases=(),
    advice=(),
)

SPURIOUS = replace(
    CASCADE,
    id="i3",
    kind=IncidentKind.SPURIOUS,
    title="The monitor of neutron timed out on osp-a while neutron answered; it was restarted for nothing.",
    trigger="spurious_monitor",
    root_cause="spurious_monitor",
    contributing=(),
    confidence=0.7,
    outage=4.2,
    outage_max=4.2,
    missing_witnesses=("/var/log/messages of osp-a",),
)

FINDING = Finding("no_monitor", "warning", "p_glance", "It has no recurring monitor; nobody would notice its death.")

NOTE = Note(
    "recheck",
    "4 times the recheck timer had the scheduler look again; nothing had happened.",
    4,
    at("16:46:50"),
    at("16:48:10"),
    "crm_report/osp-a/pacemaker.log:77",
)

FRAMES = Frames(
    files=pl.DataFrame(
        {"file": [0], "path": ["crm_report/osp-c/pacemaker.log"], "node": ["osp-c"]},
        schema_overrides={"file": pl.UInt32},
    ),
    events=Events({}, EVENTS),
    operations=pl.DataFrame(schema={"node": pl.String}),
    transitions=pl.DataFrame(schema={"dc": pl.String}),
    membership=pl.DataFrame(schema={"node": pl.String}),
    fencing=pl.DataFrame(schema={"target": pl.String}),
)


STATISTICS = Statistics(
    runs=(
        RunTimes("galera", "promote", None, 2, 1, 2, 4.1, 61.5, 61.5, True, 120.0),
        RunTimes("nova_conductor", "monitor", 10.0, 3, 1, 2, 0.05, 0.07, 0.07, True, 20.0),
        RunTimes("nova_conductor", "start", None, 4, 0, 4, 0.74, 0.99, 0.99, False, None),
    ),
    monitors=(
        Monitor("nova_conductor", 10.0, 20.0, None, True, 1, ("osp-c",)),
        Monitor("galera", None, None, "Promoted", False, 0, ()),
    ),
    fencing=(FencingTimes("osp-b", 2, 1, 2.0, 34.2, ("ipmi-b",)), FencingTimes("osp-a", 1, 0, None, None, ())),
    failures=(Failures("nova_conductor", {"monitor": 2, "start": 1}, ("osp-c",), at("16:47:48.11"), at("16:48:01")),),
    placements=(Placement("nova_conductor", ("osp-a", "osp-c")),),
)


#: A clock that was set by a second and a quarter.
COURSE = (
    ClockReading(at("16:46:48"), 0.0, 0.3),
    ClockReading(at("16:47:20"), 0.0, 0.004),
    ClockReading(at("16:47:20"), 1.25, 0.004),
    ClockReading(at("16:48:11"), 1.25, 0.004),
)


def case(*incidents: Incident, **changes: Any) -> Case:
    """A case of three nodes with these incidents; `changes` replace its other fields."""
    made = Case(
        inputs=(Input("crm_report.tar.bz2", "archive", 123_456, "0" * 64),),
        cluster=Cluster(
            name="osp-cluster",
            stack="corosync 3.1.7 knet",
            pacemaker="2.1.5",
            corosync="3.1.7",
            nodes=tuple(
                Node(name, True, at("16:46:48"), at("16:48:11"), offset, 0.004, course, "Etc/UTC", "corosync.log")
                for name, offset, course in (
                    ("osp-a", 0.0, ()),
                    ("osp-b", -0.012, (ClockReading(at("16:46:48"), -0.012, 0.004),)),
                    ("osp-c", 1.25, COURSE),
                )
            ),
            dc=(DcSpan("osp-a", at("16:46:50"), None),),
        ),
        window=Window(at("16:46:48"), at("16:48:11"), "Etc/UTC", "corosync.log"),
        coverage=Coverage(files=14, lines=23_456, lines_recognised=3_210, lines_undated=7),
        incidents=incidents,
        findings=(),
        config=None,
        frames=FRAMES,
        name="osp-cluster",
    )
    return replace(made, **changes)


SKIPPED = Skipped("crm_report/osp-b/messages.bz2", "damaged after 1,204 bytes; what came before was read")

#: What a log may hold to fool a terminal, a reader, rich, Markdown, HTML or a spreadsheet.
HOSTILE = (
    "=cmd|'/c calc'!A1 \x1b[31m\x1b]0;owned\x07 [red]x[/red] [link=http://evil]y[/link] \u202egnp.exe\u2066 \x9b2J "
    "\r\n# heading\n- item\t| cell | `tick` ``` <script>alert(1)</script> <!-- & &lt; @root [l](http://evil) "
    "![i](http://evil) www.evil.example *b* _u_ ~~s~~ $1 \\ #12 !3 :smile: a\u2028b \ufeff\u200b 日本 \ue000"
)


def infested(value: Any, text: str = HOSTILE) -> Any:
    """`value` with every text in it, however deep, replaced; enumerations, ids and frames stay."""
    if isinstance(value, str) and not isinstance(value, StrEnum):
        return text
    if isinstance(value, tuple):
        return tuple(infested(each, text) for each in value)
    if isinstance(value, dict):
        return {key: infested(each, text) for key, each in value.items()}
    if isinstance(value, Struct):
        kept = ("id", "first_error")
        return replace(
            value,
            **{each: infested(getattr(value, each), text) for each in value.__struct_fields__ if each not in kept},
        )
    return value
