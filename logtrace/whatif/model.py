"""An incident's recovery as a graph of measured operations. All times are seconds, counted from the detection."""

from __future__ import annotations

from msgspec import Struct, field


class Activity(Struct, frozen=True):
    """One measured operation of the recovery, or a fencing (`resource` is None and `node` its target).

    `ends_outage`: with it something that had been lost was back. `moved`: a start on another node than before.
    `hold`: seconds for which its place among the node's parallel actions stays taken after its end (the first monitor).
    """

    resource: str | None
    node: str
    what: str  # start, stop, promote, demote, migrate_to, migrate_from or fencing
    start: float
    end: float
    ok: bool = True
    timed_out: bool = False
    ends_outage: bool = False
    moved: bool = False
    hold: float = 0.0

    @property
    def seconds(self) -> float:
        return self.end - self.start

    @property
    def name(self) -> str:
        return f"fencing of {self.node}" if self.resource is None else f"{self.what} of {self.resource}"


class Link(Struct, frozen=True):
    """`then` starts after `first`, and stops before it. `group`, `order`: the group or the order that says so."""

    first: str
    then: str
    group: str | None = None
    order: str | None = None


class Recovery(Struct, frozen=True):
    """What an incident's recovery consisted of, and what the configuration says depended on what.

    `began`: when the outage began (negative: a death proven before the detection). `outage`: as observed.
    `loss`: index of the activity with whose end the outage began, where the service had run on until then.
    `detection`: seconds from the fault to its detection; `proven` where a line tells, else to be expected. Only an
    unproven one is not part of the outage. `interval`, `run`: of the monitor that had to find it; `token`, `consensus`:
    of Corosync where a node had to be missed.
    `failed`: resources that failed themselves; `lost`: those that went down with their node.
    `groups`: group -> its members here, in order; `base`: members that others need (addresses, storage, database, ...).
    `known_good`: (resource, operation) -> the longest run of it that ended well in this case.
    `jobs`: how many actions a node runs at once (None: not known).
    """

    decided: float
    began: float
    outage: float
    activities: tuple[Activity, ...]
    links: tuple[Link, ...] = ()
    loss: int | None = None
    detection: float = 0.0
    proven: bool = False
    interval: float | None = None
    run: float = 0.0
    token: float | None = None
    consensus: float | None = None
    failed: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    groups: dict[str, tuple[str, ...]] = field(default_factory=dict)
    base: tuple[str, ...] = ()
    known_good: dict[tuple[str, str], float] = field(default_factory=dict)
    jobs: int | None = None

    @property
    def whole(self) -> float:
        """From the fault, proven or to be expected, to the last thing that was back."""
        return self.outage + (0.0 if self.proven else self.detection)


class Change(Struct, frozen=True):
    """One change of the configuration: `interval` 10.0, `group` "split", `clone` of some resources, ...

    `seconds`: the new duration; `mode`: split or unordered; `names`: the resources (or groups) it is for, empty: all
    that it can be for; `operation`: of a timeout, or the one that is to take `seconds`.
    """

    kind: str
    seconds: float | None = None
    mode: str = ""
    names: tuple[str, ...] = ()
    operation: str = ""


class Row(Struct, frozen=True):
    """One activity before and after; None where there is none."""

    name: str
    node: str
    before: tuple[float, float] | None
    after: tuple[float, float] | None


class Prediction(Struct, frozen=True):
    """Before and after, seconds. `rows` count from the detection. `notes`: what was assumed or could not be told."""

    detection: tuple[float, float]
    outage: tuple[float, float]
    whole: tuple[float, float]
    rows: tuple[Row, ...]
    residual: float
    notes: tuple[str, ...] = ()

    @property
    def saves(self) -> float:
        return round(min(max(self.whole[0] - self.whole[1], 0.0), self.whole[0]), 6)  # times are microseconds
