"""An incident while it is being put together."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from msgspec import Struct

from logtrace.chains.triggers import OperatorActed, Trigger
from logtrace.timeline import Action, NodeLoss, Run, Transition
from logtrace.timeline.fencing import Fencing


class Thing(Struct, frozen=True):
    """What can be down: a primitive (node None), a clone's copy on a node, or the promoted role of a resource."""

    resource: str
    node: str | None = None
    promoted: bool = False


@dataclass(slots=True, eq=False)
class Outage:
    """One thing, down since `down`, up again at `up` (None: never in the window) by `run`."""

    thing: Thing
    down: datetime
    up: datetime | None = None
    run: Run | None = None


@dataclass(slots=True, eq=False)
class Chain:
    """One chain of cause and effect. `last`: the last moment something happened in it."""

    triggers: list[Trigger]
    nodes: dict[str, None] = field(default_factory=dict)  # insertion-ordered sets
    resources: dict[str, None] = field(default_factory=dict)
    runs: list[Run] = field(default_factory=list)
    transitions: list[Transition] = field(default_factory=list)
    actions: list[tuple[Transition, Action]] = field(default_factory=list)
    fencings: list[Fencing] = field(default_factory=list)
    losses: list[NodeLoss] = field(default_factory=list)
    outages: list[Outage] = field(default_factory=list)
    last: datetime = field(init=False)
    failed_on: dict[str, set[str]] = field(init=False, default_factory=dict)  # resource -> nodes
    _down: dict[Thing, Outage] = field(init=False, default_factory=dict)  # those that are not over

    def __post_init__(self) -> None:
        self.last = self.triggers[0].time
        self._note(self.triggers[0])

    @property
    def first(self) -> Trigger:
        return self.triggers[0]

    @property
    def planned(self) -> bool:
        return isinstance(self.first, OperatorActed)

    @property
    def failed_runs(self) -> list[Run]:
        return [trigger.run for trigger in self.triggers if trigger.run is not None]

    def add(self, trigger: Trigger) -> None:
        self.triggers.append(trigger)
        self._note(trigger)
        self.active(trigger.time)

    def _note(self, trigger: Trigger) -> None:
        if trigger.run is not None:
            self.failed_on.setdefault(trigger.run.resource, set()).add(trigger.run.node)

    def active(self, time: datetime) -> None:
        self.last = max(self.last, time)

    def add_run(self, run: Run) -> None:
        self.runs.append(run)
        self.active(run.end)

    def down(self, thing: Thing, time: datetime) -> None:
        if thing not in self._down:
            self._down[thing] = Outage(thing, time)
            self.outages.append(self._down[thing])

    def up(self, thing: Thing, run: Run) -> bool:
        """Mark `thing` up; True when this chain had it down."""
        outage = self._down.get(thing)
        if outage is None or run.end < outage.down:
            return False
        outage.up, outage.run = run.end, run
        del self._down[thing]
        return True

    def still_down(self) -> list[Outage]:
        return list(self._down.values())

    def forget_down(self) -> None:
        """Nothing of this chain is down any more: what still was is another's."""
        self.outages = [outage for outage in self.outages if outage.up is not None]
        self._down.clear()

    def quiet_since(self, time: datetime) -> timedelta:
        return time - self.last
