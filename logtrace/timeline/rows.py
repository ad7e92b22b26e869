"""The rows of the timeline as Python values: incidents are few, and plain code on frozen rows is clearer there."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from msgspec import Struct


class Event(Struct, frozen=True):
    """A row of EVENTS that incidents look at one by one; fields as in logtrace.domain.columns."""

    event: int
    time: datetime
    node: str
    daemon: str | None
    kind: str
    message: str
    resource: str | None = None
    operation: str | None = None
    interval: int | None = None
    target: str | None = None
    peer: str | None = None
    rc: int | None = None
    reason: str | None = None
    attribute: str | None = None
    old_value: str | None = None
    value: str | None = None
    state: str | None = None
    old_state: str | None = None
    cause: str | None = None
    child: str | None = None
    signal: int | None = None
    pause_ms: float | None = None
    token_ms: float | None = None
    nodeid: str | None = None
    link: int | None = None
    count: int | None = None
    client: str | None = None
    origin: str | None = None
    cib_op: str | None = None
    section: str | None = None
    path: str | None = None
    text: str | None = None
    version: str | None = None
    agent: str | None = None
    rc_text: str | None = None
    why: str | None = None
    level: str | None = None
    precise: bool = False


class Run(Struct, frozen=True, eq=False):
    """One run of an agent (a row of OPERATIONS). `interval` is milliseconds, 0 one-shot, None recurring but unknown."""

    run: int
    node: str
    resource: str
    operation: str
    interval: int | None
    call: int | None
    start: datetime
    end: datetime
    rc: int | None
    status: str | None
    reason: str | None
    ok: bool | None
    probe: bool
    precise: bool
    transition: int | None
    dc_uuid: str | None
    queue_ms: float | None
    witness: str
    event: int
    request_event: int | None
    begin_event: int | None  # the node's own line of handing it over or beginning

    @property
    def seconds(self) -> float:
        return (self.end - self.start).total_seconds()

    @property
    def timed_out(self) -> bool:
        return self.status is not None and "timed out" in self.status

    @property
    def recurring(self) -> bool:
        return self.operation == "monitor" and self.interval != 0

    @property
    def failed(self) -> bool:
        return self.ok is False


class Action(Struct, frozen=True):
    """One planned action. `source` and `dest` are nodes; equal when the resource stays. Roles only where printed."""

    verb: str
    resource: str | None
    target: str | None
    source: str | None
    dest: str | None
    reason: str | None
    blocked: bool
    event: int
    why: str | None = None
    due_to: str | None = None
    detail: str | None = None
    fence_action: str | None = None

    @property
    def fences(self) -> bool:
        """Whether a node is to be fenced; `on` is unfencing, of a node that starts."""
        return self.verb == "Fence" and self.fence_action != "on"


class Transition(Struct, frozen=True, eq=False):
    """One scheduler run and, if `executed`, the transition that followed."""

    id: int
    dc: str
    number: int | None
    pe_input: str | None
    calculated: datetime
    started: datetime | None
    ended: datetime | None
    executed: bool
    outcome: str | None
    complete: int | None
    skipped: int | None
    incomplete: int | None
    event: int
    end_event: int | None
    actions: tuple[Action, ...] = ()


@dataclass(slots=True, eq=False)
class NodeLoss:
    """A node that others lost: `observers` told it, the first at `time`. `orderly`: it left on request.

    `back`: when somebody saw it as a member again. `unannounced`: Corosync says there was no leave message.
    `mirrored`: told only by nodes that were themselves lost at the same time, to more others or to one that lived on
    while they were reset: the view from the losing side of a split.
    `guessed`: a processor failed, and which one follows only from a gap in the numbers of those that stayed.
    """

    node: str
    time: datetime
    observers: set[str] = field(default_factory=set)
    orderly: bool = False
    unannounced: bool = False
    back: datetime | None = None
    mirrored: bool = False
    guessed: bool = True  # until a line tells better
    events: list[int] = field(default_factory=list)
