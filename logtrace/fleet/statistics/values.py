"""The report of a store as values. Durations are seconds, times UTC, what is unknown is None.

A `median` is the mean of the two in the middle of an even number; `p90` is the one at nine tenths of the way from the
shortest to the longest, rounded to the next place: both as the page's script computes them again under its filters.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from msgspec import Struct


class Wanted(Struct, frozen=True):
    """Which incidents are asked for: from month `since` to month `until` (2026-11), both included, in which their cases
    begin; of this root cause, release of Pacemaker and agent. None: all.
    """

    since: str | None = None
    until: str | None = None
    cause: str | None = None
    release: str | None = None
    agent: str | None = None


class Reference(Struct, frozen=True):
    """An incident by its case and its number there; `page`: that of the case, below the store."""

    case_id: str
    incident: str
    page: str | None = None

    def __str__(self) -> str:
        return f"{self.case_id}#{self.incident}"


class Spread(Struct, frozen=True):
    """How long some recoveries took, of which `known` have an end."""

    known: int
    median: float | None
    p90: float | None


class Group(Struct, frozen=True):
    """Incidents that share a cause, a release, an agent, ... `name` None: that is unknown. `rest`: these are several
    names with few incidents each, and `name` is how many.
    """

    name: str | None
    incidents: int
    clusters: int
    outage: float
    not_recovered: int
    recovery: Spread
    rest: bool = False


class Month(Struct, frozen=True):
    """A month, with the cases that begin in it and the hours they tell of."""

    name: str
    cases: int
    hours: float
    group: Group


class PhaseTime(Struct, frozen=True):
    """A phase of recoveries: in how many there was one, its seconds together, and their share of all phases."""

    name: str
    incidents: int
    seconds: float
    share: float
    median: float
    p90: float


class Change(Struct, frozen=True):
    """A kind of change: in how many incidents and clusters it was advised, and what it would have saved.

    Changes for one incident overlap, so seconds of different kinds do not add up. `unknown`: incidents for which nobody
    can say. `example`: where it would have saved most.
    """

    label: str
    incidents: int
    clusters: int
    saves: float
    median: float | None
    unknown: int
    example: Reference


class Answer(StrEnum):
    """What a comparison of clusters comes to."""

    SLOWER = "slower"
    FASTER = "faster"
    NONE_SHOWN = "no difference shown"
    NOT_ENOUGH = "not enough clusters"


class Side(Struct, frozen=True):
    """Some clusters, and the median of their own medians."""

    clusters: int
    median: float | None


class Comparison(Struct, frozen=True):
    """How much slower the clusters of `one` recover than those of `other`: the `difference` of medians, and the
    interval it lies in; see logtrace.fleet.statistics.medians.
    """

    one: Side
    other: Side
    difference: float | None
    low: float | None
    high: float | None

    @property
    def answer(self) -> Answer:
        if self.low is None or self.high is None:
            return Answer.NOT_ENOUGH
        return Answer.SLOWER if self.low > 0 else Answer.FASTER if self.high < 0 else Answer.NONE_SHOWN


class Weakness(Struct, frozen=True):
    """A finding: how many of the `of` clusters whose configuration is known have it, and whether they recover slower.

    `severity`: the worst it was told with.
    """

    label: str
    severity: str
    clusters: int
    of: int
    recovery: Comparison
    example: Reference


class Repeat(Struct, frozen=True):
    """A cluster in which a root cause came back, at the same agent."""

    cluster: str | None
    cluster_id: str
    root_cause: str
    agent: str | None
    incidents: int
    cases: int
    first: datetime | None
    last: datetime | None
    outage: float
    references: tuple[Reference, ...]


class Told(Struct, frozen=True):
    """An incident that is listed."""

    reference: Reference
    month: str
    cluster: str | None
    root_cause: str
    agent: str | None
    release: str | None
    size: str | None
    fencing: str | None
    began: datetime | None
    outage: float | None
    recovery: float | None
    confidence: float
    title: str
    wording: str | None


class Dimension(Struct, frozen=True):
    """One way to part incidents: `column` of the view `recoveries` in SQL; groups in the order they are shown."""

    name: str
    column: str
    groups: tuple[Group, ...]


class Columns(Struct, frozen=True):
    """Every incident in a few bytes, so that a page can count again under filters: `length` incidents, the same in each
    column.

    `places`: name of a dimension, or `month` -> a byte each, the place among its groups (of months: among `months`).
    `clusters`: numbers of clusters, 4 bytes each, little endian; the greatest number: unknown. `recovery`, `outage`:
    logarithms of seconds in 2 bytes each (see logtrace.fleet.statistics.columns). `recovered`: a byte each, 0 or 1.
    """

    length: int
    places: dict[str, bytes]
    clusters: bytes
    recovery: bytes
    outage: bytes
    recovered: bytes


class Reading(Struct, frozen=True):
    """Incidents worth reading: the longest, those whose root cause is least sure, and those whose first line has a
    wording that no incident had before, the latest first.
    """

    longest: tuple[Told, ...]
    least_sure: tuple[Told, ...]
    new_wording: tuple[Told, ...]


class Overview(Struct, frozen=True):
    """The whole. `clusters`: those that can be told apart; `strangers`: cases of which no cluster is known. `hours`:
    what the windows of all cases come to. `refused`: inputs that could not be used.
    """

    cases: int
    clusters: int
    strangers: int
    hours: float
    faults: int
    spurious: int
    planned: int
    policies: int
    refused: int
    first: datetime | None
    last: datetime | None
    releases: tuple[str, ...]
    all: Group


class FleetReport(Struct, frozen=True):
    """What a store says. `trend`: the later half of its months compared with the earlier one, as cluster against
    cluster. `told`: incidents to be found by the filters, at most so many of each group, the longest first.
    """

    wanted: Wanted
    overview: Overview
    dimensions: tuple[Dimension, ...]
    months: tuple[Month, ...]
    trend: Comparison
    trend_since: str | None
    phases: tuple[PhaseTime, ...]
    changes: tuple[Change, ...]
    weaknesses: tuple[Weakness, ...]
    repeats: tuple[Repeat, ...]
    repeating: int
    reading: Reading
    told: tuple[Told, ...]
    columns: Columns | None
