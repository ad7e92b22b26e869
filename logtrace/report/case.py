"""What logtrace knows about a case, as frozen values.

`Case` is the one value every renderer works on; it can be saved and loaded. All times are aware
datetimes in UTC, all durations seconds. Unknown is None, never a guess without a mark.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import polars as pl
from msgspec import Struct, field

from logtrace.advice.advice import Advice
from logtrace.assessment.phases import Phase
from logtrace.causes.judgement import Verdict
from logtrace.config.model import ClusterConfig
from logtrace.events.store import Events
from logtrace.intake.evidence import Input, Skipped
from logtrace.lint.finding import Finding
from logtrace.timeline import Gap
from logtrace.whatif.model import Recovery


class IncidentKind(StrEnum):
    FAULT = "fault"
    SPURIOUS = "spurious"
    PLANNED = "planned"


class ClockReading(Struct, frozen=True):
    """At `time` a node's clock is `offset` seconds ahead of the reference clock, give or take `error`."""

    time: datetime
    offset: float
    error: float


class Node(Struct, frozen=True):
    """A cluster node. `logs` is False when none of its own logs are at hand.

    `clock_offset`: seconds this node's clock is ahead of the case's reference clock (already taken out of all
    times); `clock_offset_error`: half the width of the interval it is known to lie in. Both null when unknown. They
    hold for the last moment at which the clock could be compared with another; `clock_course` tells of all others.
    `timezone` and `year_source` say how its local times became UTC.
    """

    name: str
    logs: bool
    first: datetime | None = None
    last: datetime | None = None
    clock_offset: float | None = None
    clock_offset_error: float | None = None
    clock_course: tuple[ClockReading, ...] = ()  # linear in between; two at one time: it was set
    timezone: str | None = None
    year_source: str | None = None


class DcSpan(Struct, frozen=True):
    node: str
    start: datetime | None
    end: datetime | None


class Coverage(Struct, frozen=True):
    files: int
    lines: int
    lines_recognised: int
    lines_undated: int
    lines_earlier: int = 0  # before the window that was asked for, only counted
    skipped: tuple[Skipped, ...] = ()
    missing_nodes: tuple[str, ...] = ()
    gaps: tuple[Gap, ...] = ()
    excerpt: bool = False  # logs without the report around them


class IncidentRun(Struct, frozen=True):
    """One run of an agent. `interval` is milliseconds (0: one-shot); `rc` and `status` as the executor saw them.

    `transition` is the number on the DC that asked for it. `event` is the id of the line that told the result.
    `precise`: the times are of lines with fractions of a second.
    """

    node: str
    resource: str
    operation: str
    interval: int
    start: datetime
    end: datetime | None
    rc: int | None
    status: str | None
    transition: int | None
    critical: bool = False
    reason: str | None = None
    queued: float | None = None
    precise: bool = True

    @property
    def seconds(self) -> float | None:
        return None if self.end is None else (self.end - self.start).total_seconds()


class IncidentTransition(Struct, frozen=True):
    dc: str
    number: int
    pe_input: str | None
    start: datetime
    end: datetime | None
    outcome: str | None


class Evidence(Struct, frozen=True):
    """One cited log line. `id` is unique within its incident ("e1", ...); `file` is the path inside the input.

    `precise`: the line has fractions of a second.
    """

    id: str
    file: str
    line: int
    node: str | None
    time: datetime
    text: str
    precise: bool = True


class Cause(Struct, frozen=True):
    """What is to be said about one cause: `evidence` are ids of the incident's evidence."""

    label: str
    verdict: Verdict
    weight: float | None
    sentence: str
    evidence: tuple[str, ...] = ()


class Incident(Struct, frozen=True):
    """One fault, or one operator action, with everything that followed from it."""

    id: str
    kind: IncidentKind
    title: str
    trigger: str
    root_cause: str
    contributing: tuple[str, ...]
    confidence: float
    nodes: tuple[str, ...]
    resources: tuple[str, ...]
    t_fault: datetime | None
    t_fault_earliest: datetime | None
    t_fault_basis: str
    t_detected: datetime | None
    t_decided: datetime | None
    t_acted: datetime | None
    t_recovered: datetime | None
    t_end: datetime | None
    recovered: bool
    outage: float | None
    outage_max: float | None
    phases: tuple[Phase, ...]
    operations: tuple[IncidentRun, ...]
    transitions: tuple[IncidentTransition, ...]
    causes: tuple[Cause, ...]
    evidence: tuple[Evidence, ...]
    advice: tuple[Advice, ...]
    first_error: str | None = None  # id of the evidence that came first
    missing_witnesses: tuple[str, ...] = ()  # logs that would decide what is left open, in words
    recovery: Recovery | None = None  # its measured operations as a graph, for what-if; None where there is none
    silence_before: float | None = None  # seconds before the first line in which the cluster did and suffered nothing


class Note(Struct, frozen=True):
    """Lines a reader may take for an incident, and why they are none.

    `count` lines between `first` and `last`; `evidence` is one of them as file:line.
    """

    label: str
    sentence: str
    count: int
    first: datetime
    last: datetime
    evidence: str


class Cluster(Struct, frozen=True):
    name: str | None
    stack: str | None  # "corosync 3.1.7 knet", "heartbeat", ...
    pacemaker: str | None
    corosync: str | None
    nodes: tuple[Node, ...]
    dc: tuple[DcSpan, ...]


class Window(Struct, frozen=True):
    """What was looked at. `only`: nodes and resources (or globs) the incidents were limited to; empty: all of them."""

    start: datetime | None
    end: datetime | None
    timezone: str | None
    year_source: str | None
    only: tuple[str, ...] = ()


class RunTimes(Struct, frozen=True):
    """How long the runs of one operation of a resource took, on all nodes. `interval`: seconds of a recurring monitor.

    `runs` ended, `failures` of them badly; `timed` of them are known in length, and `p50`, `p95` and `longest` are
    seconds of these (nearest rank). A good result of a recurring monitor that repeats is not logged, and not counted.
    `exact`: no line it was measured by had whole seconds only. `timeout`: seconds in force; None without a CIB.
    """

    resource: str
    operation: str  # start, stop, probe, monitor, ...
    interval: float | None
    runs: int
    failures: int
    timed: int
    p50: float | None
    p95: float | None
    longest: float | None
    exact: bool
    timeout: float | None

    @property
    def near(self) -> bool:
        """Whether the longest run took more than half of the timeout."""
        return self.longest is not None and self.timeout is not None and self.longest > self.timeout / 2


class Monitor(Struct, frozen=True):
    """A recurring monitor, configured or seen (`interval` None: not told), with what came of it in the window."""

    resource: str
    interval: float | None
    timeout: float | None
    role: str | None
    configured: bool
    failures: int
    nodes: tuple[str, ...]  # where it failed


class FencingTimes(Struct, frozen=True):
    """Fencings of one node; seconds from the request to the last word. `failures`: attempts that failed."""

    target: str
    count: int
    failures: int
    p50: float | None
    longest: float | None
    devices: tuple[str, ...]


class Failures(Struct, frozen=True):
    """Runs of a resource that failed: how many of each operation, on which nodes, from when to when."""

    resource: str
    operations: dict[str, int]
    nodes: tuple[str, ...]
    first: datetime
    last: datetime

    @property
    def count(self) -> int:
        return sum(self.operations.values())


class Placement(Struct, frozen=True):
    """The nodes on which a resource was seen running in the window."""

    resource: str
    nodes: tuple[str, ...]


class Statistics(Struct, frozen=True):
    """Counts and durations of the whole window; resources by the id in the CIB, without instance numbers."""

    runs: tuple[RunTimes, ...] = ()
    monitors: tuple[Monitor, ...] = ()
    fencing: tuple[FencingTimes, ...] = ()
    failures: tuple[Failures, ...] = ()
    placements: tuple[Placement, ...] = ()


@dataclass(frozen=True, slots=True)
class Frames:
    """The columnar side of a case: schemas in logtrace.domain.columns. `files` has columns file (u32), path,
    node; `events` are kept by kind, and `events.whole()` is one frame of all.

    No struct, for a struct has no place for what a cache reads only when it is asked for.
    """

    files: pl.DataFrame
    events: Events
    operations: pl.DataFrame
    transitions: pl.DataFrame
    membership: pl.DataFrame
    fencing: pl.DataFrame

    def between(self, start: datetime, end: datetime) -> Frames:
        """The same with the events from `start` to `end` only."""
        events = self.events.between(start, end)
        return Frames(self.files, events, self.operations, self.transitions, self.membership, self.fencing)


class Case(Struct, frozen=True):
    inputs: tuple[Input, ...]
    cluster: Cluster
    window: Window
    coverage: Coverage
    incidents: tuple[Incident, ...]
    findings: tuple[Finding, ...]
    config: ClusterConfig | None
    frames: Frames
    quiet: tuple[Note, ...] = ()  # what is not an incident
    statistics: Statistics = field(default_factory=Statistics)
