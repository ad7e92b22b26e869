"""What can start a chain or carry one on. Each kind of it declares itself in a file of `logtrace.chains.triggers`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from enum import Enum, auto
from typing import TYPE_CHECKING, ClassVar, Self

from msgspec import Struct

from logtrace.config.model import ClusterConfig
from logtrace.timeline import NodeLoss, Run, Timeline, Transition
from logtrace.timeline.fencing import Fencing

if TYPE_CHECKING:  # what is known holds chains, and chains hold triggers
    from logtrace.chains.chain import Chain
    from logtrace.chains.knowledge import Knowledge


class Sort(Enum):
    """What sort of incident a trigger starts: something failed, somebody asked for it, or the cluster's rules did."""

    FAULT = auto()
    PLANNED = auto()
    POLICY = auto()


class Trigger(Struct, frozen=True, eq=False, kw_only=True):
    """`time`: UTC; `node` and `resource`: what it is about; `events`: ids of the lines that tell it.

    `run`, `loss` and `fencing`: the row of the timeline that it is told by, where it is one.
    `inferred`: no line tells it, what followed does.

    `begins`: it can start a chain of its own. `by_plan`: a line of the scheduler tells it, so that within one moment
    it has its place among the plans. `rejoins`: after it a controller has to be taken in again.
    """

    sort: ClassVar[Sort] = Sort.FAULT
    begins: ClassVar[bool] = True
    by_plan: ClassVar[bool] = False
    rejoins: ClassVar[bool] = False

    time: datetime
    node: str | None = None
    resource: str | None = None
    events: tuple[int, ...] = ()
    run: Run | None = None
    loss: NodeLoss | None = None
    fencing: Fencing | None = None
    inferred: bool = False

    @classmethod
    def find(cls, timeline: Timeline, config: ClusterConfig) -> Iterator[Self]:
        """All of this kind that lines of the case tell, in any order."""
        yield from ()

    @classmethod
    def of_plan(cls, state: Knowledge, transition: Transition) -> Self | None:
        """The one of this kind that a plan for healthy resources gives away, where nothing known explains it."""
        return None

    @property
    def takes_node_down(self) -> bool:
        """Whether its node leaves the membership for it."""
        return False

    def join(self, state: Knowledge) -> Chain | None:
        """The chain it follows from, or None when it starts one: the rule of its kind."""
        return None

    def strike(self, state: Knowledge, chain: Chain) -> None:
        """Note in `chain`, which it is now part of, what it takes down and what it makes the chain responsible for."""

    @property
    def beginning(self) -> str:
        """One sentence without its full stop: what its lines say and no more."""
        return f"there was trouble on {self.node or 'a node'}"
