"""What can start an incident or carry one on: one type per kind of happening."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from msgspec import Struct

from logtrace.timeline import NodeLoss, Run
from logtrace.timeline.fencing import Fencing


class Trigger(Struct, frozen=True, eq=False, kw_only=True):
    """`time`: UTC; `node` and `resource`: what it is about; `events`: ids of the lines that tell it.

    `run`, `loss` and `fencing`: the row of the timeline that it is told by, where it is one.
    `inferred`: no line tells it, what followed does. Of those of one moment the one with the lower `rank` explains the
    others.
    """

    rank: ClassVar[int]

    time: datetime
    node: str | None = None
    resource: str | None = None
    events: tuple[int, ...] = ()
    run: Run | None = None
    loss: NodeLoss | None = None
    fencing: Fencing | None = None
    inferred: bool = False

    @property
    def takes_node_down(self) -> bool:
        """Whether its node leaves the membership for it."""
        return False


class DaemonDied(Trigger, frozen=True, eq=False, kw_only=True):
    """A daemon of Pacemaker, or Corosync itself, ended without having been told to."""

    rank = 0
    daemon: str


class NodeLost(Trigger, frozen=True, eq=False, kw_only=True):
    """A node left the membership, and nobody had asked it to."""

    rank = 1


class OperationFailed(Trigger, frozen=True, eq=False, kw_only=True):
    """An operation ended with another result than it should have."""

    rank = 2


class QuorumLost(Trigger, frozen=True, eq=False, kw_only=True):
    """A partition that had quorum has it no more."""

    rank = 3


class CorosyncPaused(Trigger, frozen=True, eq=False, kw_only=True):
    """Corosync was not scheduled for `seconds`; its line is printed when the pause is over."""

    rank = 4
    seconds: float


class MultiplyActive(Trigger, frozen=True, eq=False, kw_only=True):
    """A resource that may run once was found running on several nodes, so many where that is printed."""

    rank = 5
    count: int | None
    why: str | None


class FencingAsked(Trigger, frozen=True, eq=False, kw_only=True):
    """The cluster asked for a node to be fenced."""

    rank = 6


class AgentMissing(Trigger, frozen=True, eq=False, kw_only=True):
    """A resource's agent is missing wherever it was looked for; `run` is the first probe that found so."""

    rank = 7


class ClockStepped(Trigger, frozen=True, eq=False, kw_only=True):
    """A node's clock was set, as its time daemon or kernel says."""

    rank = 8


class RemoteLost(Trigger, frozen=True, eq=False, kw_only=True):
    """The connection to a Pacemaker Remote node was lost."""

    rank = 9


class ConnectivityLost(Trigger, frozen=True, eq=False, kw_only=True):
    """A node lost a network that its services need, while the cluster itself still sees it."""

    rank = 10


class Verb(StrEnum):
    """What an operator did, as far as chains must know."""

    STOP_NODE = "orderly stop of Pacemaker"
    FENCE = "manual fencing"
    CONFIRM = "confirmation"
    CHANGE = "change"


class OperatorActed(Trigger, frozen=True, eq=False, kw_only=True):
    """An operator's command. `what`: the command in words; `fencing`: the one that was asked for by hand."""

    rank = 11
    verb: Verb
    what: str

    @property
    def takes_node_down(self) -> bool:
        return self.verb in (Verb.STOP_NODE, Verb.FENCE)
