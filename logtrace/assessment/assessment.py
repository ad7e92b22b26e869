"""A finished chain with its times worked out: what the causes are judged on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from msgspec import Struct, field

from logtrace.assessment.onset import Death
from logtrace.assessment.phases import Phase, Step
from logtrace.chains.agreement import agreement
from logtrace.chains.chain import Chain, Thing
from logtrace.chains.orderly import SECOND
from logtrace.chains.triggers import Trigger
from logtrace.config.model import ClusterConfig, Primitive
from logtrace.config.query import base_name, primitive_of
from logtrace.timeline import Run, Timeline

_Trigger = TypeVar("_Trigger", bound=Trigger)
_Asked = ParamSpec("_Asked")
_Answer = TypeVar("_Answer")


class Down(Struct, frozen=True):
    """One thing that was lost: down from `start` until `end` (None: it never came back in the window).

    `earliest`: since when it may have been down, at most: since the monitor before, the last sign of a node, the
    beginning of the stop or of the fencing that took it down.
    """

    thing: Thing
    start: datetime
    end: datetime | None
    earliest: datetime


class Downtime(Struct, frozen=True):
    """What of an incident was an outage, computed once (downtime.py).

    `down`: what was truly down, and when; what ran on until the cluster stopped it is down from then.
    `spans`: when anything of it was down, in order and apart. `seconds`: how long together; `widest`: at most, by what
    each may have been down before it is known to be. None: not known.
    """

    down: tuple[Down, ...] = ()
    spans: tuple[tuple[datetime, datetime], ...] = ()
    seconds: float | None = 0.0
    widest: float | None = None

    @property
    def began(self) -> datetime | None:
        """When the first of it went down; None: nothing was lost."""
        return self.spans[0][0] if self.spans else min((each.start for each in self.down), default=None)


class Assessment(Struct, frozen=True):
    """Times are UTC. `recovered_at` is None when something that was lost never came back in the window.

    `path`: the critical path; `death`: the proof of when the service or node died, if a line proves it.
    `earliest`: the last moment it is known, or can be inferred, to have been well. `known`: see asked_once.
    """

    chain: Chain
    timeline: Timeline
    config: ClusterConfig
    detected: datetime
    death: Death | None
    earliest: datetime | None
    decided: datetime | None
    acted: datetime | None
    recovered_at: datetime | None
    end: datetime
    path: tuple[Step, ...]
    phases: tuple[Phase, ...]
    downtime: Downtime = Downtime()
    known: dict[tuple[object, ...], Any] = field(default_factory=dict)

    @property
    def recovered(self) -> bool:
        return not self.chain.still_down()

    @property
    def began(self) -> datetime:
        """Where the phases begin: the death, or where no line proves one the detection."""
        return self.death.time if self.death is not None else self.detected

    @property
    def last_agreed(self) -> datetime:
        """The last moment at which the members, who then missed somebody, can still have heard of each other."""
        agreed = self.detected - agreement(self.timeline, self.config, self.detected)
        return min(agreed, self.earliest) if self.earliest is not None else agreed

    @property
    def answered(self) -> datetime:
        """When the scheduler had answered all that happened in it: it says of what fell due while it makes its plan."""
        plan = self.timeline.plan_after(max((run.end for run in self.chain.failed_runs), default=self.detected))
        return self.end if plan is None else max(self.end, plan.calculated + SECOND)

    @property
    def outage(self) -> float | None:
        """Seconds for which something was down; None when that is not known."""
        return self.downtime.seconds

    @property
    def failed_resource(self) -> str | None:
        """The resource whose failure started the chain, as its lines name it."""
        return self.chain.first.resource if self.chain.first.run is not None else None

    @property
    def failed_name(self) -> str | None:
        """The id of the resource whose failure started the chain, in the CIB or not."""
        return None if self.failed_resource is None else base_name(self.failed_resource)

    @property
    def failed_primitive(self) -> Primitive | None:
        """The primitive whose failure started the chain."""
        return None if self.failed_resource is None else primitive_of(self.config, self.failed_resource)

    def triggers(self, *kinds: type[_Trigger]) -> list[_Trigger]:
        return [trigger for trigger in self.chain.triggers if isinstance(trigger, kinds)]

    def failures(self, *operations: str) -> list[Run]:
        """Failed runs of the chain, in order, optionally of some operations only."""
        runs = [run for run in self.chain.failed_runs if not operations or run.operation in operations]
        return sorted(runs, key=lambda run: run.end)

    def critical_runs(self, *operations: str) -> list[Run]:
        return [step.run for step in self.path if step.run is not None and step.run.operation in operations]


def asked_once(
    answer: Callable[Concatenate[Assessment, _Asked], _Answer],
) -> Callable[Concatenate[Assessment, _Asked], _Answer]:
    """`answer`, which is kept with the assessment, for many causes ask the same. It must not depend on the downtime,
    which is worked out last.
    """

    @wraps(answer)
    def asked(facts: Assessment, /, *args: _Asked.args, **options: _Asked.kwargs) -> _Answer:
        key = (answer, *args, *options.items())
        if key not in facts.known:
            facts.known[key] = answer(facts, *args, **options)
        told: _Answer = facts.known[key]
        return told

    return asked
