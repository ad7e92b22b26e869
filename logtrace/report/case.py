"""What logtrace knows about a case, as frozen values: the public model, and the form of the JSON document.

`Case` is the one value every renderer works on; it can be saved and loaded. All times are aware datetimes in UTC, all
durations seconds where nothing else is said. Unknown is None, never a guess without a mark.

The JSON document and its schema are these types (logtrace.render.document): a field is a key, its description is the
schema's. What is INTERNAL is no part of the document; a property whose type is annotated with a Meta is. Its `extra`
may hold `name`, the key, and `after`, the key it stands behind in the document ("" for the first).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import polars as pl
from msgspec import Meta, Struct, field

from logtrace.config.model import ClusterConfig
from logtrace.events.store import Events
from logtrace.intake.evidence import Input, Skipped
from logtrace.lint.finding import Finding
from logtrace.report import tables
from logtrace.report.incident import (
    INTERNAL,
    Cause,
    Evidence,
    Incident,
    IncidentKind,
    IncidentRun,
    IncidentTransition,
    SeenBefore,
)

__all__ = [
    "Carrier", "Case", "Cause", "ClockReading", "Cluster", "Coverage", "DcSpan", "Evidence", "Failures", "FencingTimes",
    "Frames", "Gap", "Incident", "IncidentKind", "IncidentRun", "IncidentTransition", "Monitor", "Node", "Note",
    "Placement", "RunTimes", "SeenBefore", "Statistics", "Window",
]  # fmt: skip

Count = Annotated[int, Meta(ge=0)]
Seconds = Annotated[float, Meta(ge=0)]


# --- the cluster, and what was read of it ---------------------------------------------------------------


class ClockReading(Struct, frozen=True):
    """At a time a node's clock is so many seconds ahead of the reference clock, give or take an error."""

    time: Annotated[datetime, Meta(description="When.")]
    offset: Annotated[float, Meta(description="Seconds the clock is ahead.")]
    error: Annotated[float, Meta(description="Half the width of the interval the offset is known to lie in.")]


class Node(Struct, frozen=True):
    """A node of the cluster.

    The clock's offset and error hold for the last moment at which the clock could be compared with another;
    `clock_course` tells of all others.
    """

    name: Annotated[str, Meta(description="Its cluster name.")]
    logs: Annotated[bool, Meta(description="Whether any of its own logs were read.")]
    first: Annotated[datetime | None, Meta(description="Its first dated line.")] = None
    last: Annotated[datetime | None, Meta(description="Its last dated line.")] = None
    clock_offset: Annotated[
        float | None,
        Meta(description="Seconds its clock is ahead of the case's reference clock; already taken out of all times."),
    ] = None
    clock_offset_error: Annotated[
        float | None, Meta(description="Half the width of the interval the offset is known to lie in.")
    ] = None
    clock_course: Annotated[
        tuple[ClockReading, ...],
        Meta(
            description="The offset and its error as time goes by, linear in between; two entries of one time: the "
            "clock was set then."
        ),
    ] = ()
    timezone: Annotated[str | None, Meta(description="Zone by which its local times became UTC.")] = None
    year_source: Annotated[str | None, Meta(description="Where the year came from, for lines that print none.")] = None


class DcSpan(Struct, frozen=True):
    """A time during which one node was DC."""

    node: Annotated[str, Meta(description="The DC.")]
    start: Annotated[datetime | None, Meta(description="Since when, as far as the logs tell.")] = field(name="from")
    end: Annotated[datetime | None, Meta(description="Until when, as far as the logs tell.")] = field(name="to")


class Cluster(Struct, frozen=True):
    """The cluster the logs are from."""

    name: Annotated[str | None, Meta(description="cluster_name of corosync.conf or the CIB.")]
    stack: Annotated[
        str | None, Meta(description="Communication layer, with version and transport where known: corosync knet.")
    ]
    pacemaker: Annotated[str | None, Meta(description="Version of Pacemaker.")]
    corosync: Annotated[str | None, Meta(description="Version of Corosync.")]
    nodes: Annotated[tuple[Node, ...], Meta(description="Its nodes.")]
    dc: Annotated[tuple[DcSpan, ...], Meta(description="Who was DC when.")]


class Window(Struct, frozen=True):
    """The time that was analysed."""

    start: Annotated[datetime | None, Meta(description="The first moment looked at.")]
    end: Annotated[datetime | None, Meta(description="The last moment looked at.")]
    timezone: Annotated[str | None, Meta(description="Zone by which local times became UTC.")]
    year_source: Annotated[str | None, Meta(description="Where the year came from, for lines that print none.")]
    only: Annotated[
        tuple[str, ...],
        Meta(description="Nodes and resources, or globs of them, the incidents were limited to; empty: all."),
    ] = ()
    zone_source: Annotated[
        str | None,
        Meta(description="Where the zone came from, for lines that print none.", extra={"after": "year_source"}),
    ] = None

    @property
    def assumed(self) -> tuple[str, ...]:
        """What nothing in the logs or the report proves: "year", "zone". A file's own time proves no year."""
        year, zone = self.year_source or "", self.zone_source or ""
        return (
            *(["year"] if year.startswith(("assumed", "time of ")) else []),
            *(["zone"] if zone.startswith("assumed") else []),
        )


class Carrier(Struct, frozen=True):
    """What the lines of a file were wrapped in, which was taken off before they were read."""

    path: Annotated[str, Meta(description="The file, inside the input.")]
    what: Annotated[str, Meta(description="What was taken off, in words.")]


class Gap(Struct, frozen=True):
    """A time of which lines of a node, or of one of its daemons, are missing."""

    node: Annotated[str, Meta(description="Whose lines.")]
    daemon: Annotated[str | None, Meta(description="Of which daemon; null: of all.")]
    start: Annotated[datetime | None, Meta(description="Since when; null: from the beginning.")] = field(name="from")
    end: Annotated[datetime | None, Meta(description="Until when; null: to the end.")] = field(name="to")
    why: Annotated[str, Meta(description="What shows it, in words.")]


class Coverage(Struct, frozen=True):
    """What was read and what was not."""

    files: Annotated[Count, Meta(description="Log files read.")]
    lines: Annotated[Count, Meta(description="Lines read.")]
    lines_recognised: Annotated[Count, Meta(description="Lines whose message is known.")]
    lines_undated: Annotated[Count, Meta(description="Lines without a time of their own.")]
    lines_earlier: Annotated[Count, Meta(description="Lines so far before --since that they were only counted.")] = 0
    skipped: Annotated[tuple[Skipped, ...], Meta(description="What was not read.")] = ()
    missing_nodes: Annotated[tuple[str, ...], Meta(description="Nodes of which no logs are at hand.")] = ()
    carriers: Annotated[
        tuple[Carrier, ...], Meta(description="What was taken off lines that came quoted, prefixed or exported.")
    ] = ()
    gaps: Annotated[tuple[Gap, ...], Meta(description="Times of which lines are missing.")] = ()
    excerpt: Annotated[
        bool, Meta(description="Whether this is a part of what a report would hold: absence proves nothing then.")
    ] = False
    notices: Annotated[
        tuple[str, ...], Meta(description="Bounds that were reached while incidents were put together, in words.")
    ] = ()


class Note(Struct, frozen=True):
    """Lines of one kind that a reader may take for an incident, and why they are none."""

    label: Annotated[str, Meta(description="Kind of lines.")]
    sentence: Annotated[str, Meta(description="Why they are no incident.")]
    count: Annotated[int, Meta(description="How many lines.", ge=1)]
    first: Annotated[datetime, Meta(description="Time of the first.")]
    last: Annotated[datetime, Meta(description="Time of the last.")]
    evidence: Annotated[str, Meta(description="One of them, as file:line.")]


class Complaint(Struct, frozen=True):
    """An error that a daemon or an agent printed and no incident explains; lines alike but for numbers are one."""

    text: Annotated[str, Meta(description="What the first such line says.")]
    node: Annotated[str | None, Meta(description="The node that logged it.")]
    count: Annotated[int, Meta(description="How many lines.", ge=1)]
    first: Annotated[datetime, Meta(description="Time of the first.")]
    last: Annotated[datetime, Meta(description="Time of the last.")]
    evidence: Annotated[str, Meta(description="The first of them, as file:line.")]


# --- counts over the window -----------------------------------------------------------------------------


class RunTimes(Struct, frozen=True):
    """How long the runs of one operation of a resource took, on all nodes.

    A good result of a recurring monitor that repeats is not logged, and not counted.
    """

    resource: Annotated[str, Meta(description="Its id in the CIB.")]
    operation: Annotated[str, Meta(description="start, stop, probe, monitor, promote, ...")]
    interval: Annotated[Seconds | None, Meta(description="Of a recurring monitor, in seconds.")]
    runs: Annotated[
        Count,
        Meta(description="Runs that ended in the window; repeated good results of a recurring monitor are not logged."),
    ]
    failures: Annotated[Count, Meta(description="How many of them failed.")]
    timed: Annotated[Count, Meta(description="Runs whose length is known.")]
    p50: Annotated[Seconds | None, Meta(description="Half of them took at most this, in seconds (nearest rank).")]
    p95: Annotated[Seconds | None, Meta(description="19 of 20 took at most this, in seconds (nearest rank).")]
    longest: Annotated[Seconds | None, Meta(description="The longest, in seconds.")]
    exact: Annotated[bool, Meta(description="No line it was measured by had whole seconds only.")]
    timeout: Annotated[Seconds | None, Meta(description="In force, in seconds; null without a CIB.")]

    @property
    def near_timeout(
        self,
    ) -> Annotated[bool, Meta(description="The longest run took more than half of the timeout.")]:
        return self.longest is not None and self.timeout is not None and self.longest > self.timeout / 2

    @property
    def share(self) -> float | None:
        """The longest run in percent of the timeout; None where either is unknown."""
        return None if self.longest is None or not self.timeout else 100 * self.longest / self.timeout


class Monitor(Struct, frozen=True):
    """A recurring monitor, configured or seen, with what came of it in the window."""

    resource: Annotated[str, Meta(description="Its id in the CIB.")]
    interval: Annotated[Seconds | None, Meta(description="Seconds between its runs; null where nothing tells.")]
    timeout: Annotated[Seconds | None, Meta(description="Timeout in force, in seconds; null without a CIB.")]
    role: Annotated[str | None, Meta(description="Role it runs in; null for any.")]
    configured: Annotated[bool, Meta(description="It is in the CIB; else it was only seen.")]
    failures: Annotated[Count, Meta(description="How many of them failed.")]
    nodes: Annotated[tuple[str, ...], Meta(description="Where it failed.")]


class FencingTimes(Struct, frozen=True):
    """Fencings of one node, from the request to the last word."""

    target: Annotated[str, Meta(description="The node that was fenced.")]
    count: Annotated[Count, Meta(description="How many.")]
    failures: Annotated[Count, Meta(description="Attempts that failed.")]
    p50: Annotated[Seconds | None, Meta(description="Half of them took at most this, in seconds.")]
    longest: Annotated[Seconds | None, Meta(description="The longest, in seconds.")]
    devices: Annotated[tuple[str, ...], Meta(description="Fence devices that were used.")]


class Failures(Struct, frozen=True):
    """Failed runs of a resource."""

    resource: Annotated[str, Meta(description="Its id in the CIB.")]
    operations: Annotated[
        dict[str, Annotated[int, Meta(ge=1)]], Meta(description="Operation -> how many of it failed.")
    ]
    nodes: Annotated[tuple[str, ...], Meta(description="Nodes on which they failed, sorted.")]
    first: Annotated[datetime, Meta(description="When the first one ended.")]
    last: Annotated[datetime, Meta(description="When the last one ended.")]

    @property
    def count(self) -> Annotated[int, Meta(description="How many.", ge=1, extra={"after": "resource"})]:
        return sum(self.operations.values())


class Placement(Struct, frozen=True):
    """The nodes on which a resource was seen running in the window."""

    resource: Annotated[str, Meta(description="Its id in the CIB.")]
    nodes: Annotated[tuple[str, ...], Meta(description="Nodes, sorted.")]


class Statistics(Struct, frozen=True):
    """Counts and durations of the whole window; resources by the id in the CIB, without instance numbers."""

    runs: Annotated[
        tuple[RunTimes, ...],
        Meta(description="One per resource and operation (and interval of a recurring monitor)."),
    ] = ()
    monitors: Annotated[
        tuple[Monitor, ...], Meta(description="Recurring monitors of the configuration, then those only seen.")
    ] = ()
    fencing: Annotated[tuple[FencingTimes, ...], Meta(description="One per node that was fenced.")] = ()
    failures: Annotated[
        tuple[Failures, ...],
        Meta(description="One per resource with failed runs, the one that failed most first."),
    ] = ()
    placements: Annotated[tuple[Placement, ...], Meta(description="Where resources were seen running.")] = ()


# --- all of it ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Frames:
    """The columnar side of a case: schemas in logtrace.domain.columns and logtrace.report.tables. `files` has columns
    file (u32), path, node; `events` are kept by kind, and `events.whole()` is one frame of all. `told`: the incidents
    that `incidents`, `phases` and `causes` are made of when they are asked for.

    No struct, for a struct has no place for what a cache reads only when it is asked for.
    """

    files: pl.DataFrame
    events: Events
    operations: pl.DataFrame
    transitions: pl.DataFrame
    membership: pl.DataFrame
    fencing: pl.DataFrame
    told: tuple[Incident, ...] = ()

    @property
    def incidents(self) -> pl.DataFrame:
        return tables.incidents(self.told)

    @property
    def phases(self) -> pl.DataFrame:
        return tables.phases(self.told)

    @property
    def causes(self) -> pl.DataFrame:
        return tables.causes(self.told)

    def telling(self, told: tuple[Incident, ...]) -> Frames:
        """The same of these incidents."""
        events, operations, transitions = self.events, self.operations, self.transitions
        return Frames(self.files, events, operations, transitions, self.membership, self.fencing, told)

    def between(self, start: datetime, end: datetime) -> Frames:
        """The same with the events from `start` to `end` only."""
        events = self.events.between(start, end)
        return Frames(self.files, events, self.operations, self.transitions, self.membership, self.fencing)


class Case(Struct, frozen=True):
    """What logtrace found in the logs of a Pacemaker cluster."""

    inputs: Annotated[tuple[Input, ...], Meta(description="One per PATH given.")]
    cluster: Cluster
    window: Window
    coverage: Coverage
    incidents: Annotated[tuple[Incident, ...], Meta(description="In order of time.")]
    findings: Annotated[
        tuple[Finding, ...],
        Meta(description="Weaknesses of the configuration; no incident is needed for one."),
    ]
    config: Annotated[ClusterConfig | None, INTERNAL]
    frames: Annotated[Frames, INTERNAL]
    quiet: Annotated[tuple[Note, ...], Meta(description="Lines that look like trouble and are none.")] = field(
        default=(), name="not_incidents"
    )
    unexplained: Annotated[
        tuple[Complaint, ...], Meta(description="Errors that were printed and that no incident explains.")
    ] = ()
    statistics: Statistics = field(default_factory=Statistics)
    name: Annotated[
        str,
        Meta(description="The name of the case: that of its cluster, or else of its input.", extra={"after": ""}),
    ] = field(default="", name="case")

    def __repr__(self) -> str:
        start, end = (f"{time:%Y-%m-%d %H:%M:%S}" if time else "?" for time in (self.window.start, self.window.end))
        name = f" {self.cluster.name}" if self.cluster.name else ""
        found, nodes = len(self.incidents), len(self.cluster.nodes)
        many = f"{found} incident{'s' * (found != 1)}, {nodes} node{'s' * (nodes != 1)}"
        return f"<Case{name}: {many}, {start} to {end} UTC>"

    def _repr_html_(self) -> str:
        """For notebooks."""
        return tables.html(repr(self).strip("<>"), self.incidents)
