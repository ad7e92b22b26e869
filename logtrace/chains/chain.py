"""A chain of cause and effect: an incident while it is being put together."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from msgspec import Struct

from logtrace.chains.spans import Deciding, Spans
from logtrace.chains.trigger import Sort, Trigger
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
    """Everything that follows from one trigger. `last`: the last moment something happened in it.

    It is told of what happens by the methods below, each of which adds it to `journal`, the chains that changed.
    A closed chain takes in nothing more.
    """

    triggers: list[Trigger]
    nodes: dict[str, None] = field(default_factory=dict)  # insertion-ordered sets
    resources: dict[str, None] = field(default_factory=dict)
    runs: list[Run] = field(default_factory=list)
    transitions: list[Transition] = field(default_factory=list)
    actions: list[tuple[Transition, Action]] = field(default_factory=list)
    fencings: list[Fencing] = field(default_factory=list)
    losses: dict[NodeLoss, None] = field(default_factory=dict)
    outages: list[Outage] = field(default_factory=list)
    ran_on: dict[Thing, None] = field(default_factory=dict)  # taken for lost, and seen to have run all the time
    journal: dict[Chain, None] = field(default_factory=dict, repr=False)
    closed: bool = False
    part_of: Chain | None = None  # the chain it turned out to belong to, which has taken it in
    last: datetime = field(init=False)
    failed_runs: list[Run] = field(init=False, default_factory=list)  # of its triggers
    failed_on: dict[str, set[str]] = field(init=False, default_factory=dict)  # resource -> nodes
    _down: dict[Thing, Outage] = field(init=False, default_factory=dict)  # those that are not over
    failed_ways: dict[tuple[str, int | None, bool], Run] = field(init=False, default_factory=dict)  # one run of each
    _away: Spans[NodeLoss] = field(init=False, default_factory=Spans)
    _fenced: Spans[Fencing] = field(init=False, default_factory=Spans)  # those that were to end
    _of_node: Deciding[NodeLoss] = field(init=False, default_factory=Deciding)
    _of_target: Deciding[Fencing] = field(init=False, default_factory=Deciding)
    _unproven: Spans[NodeLoss] = field(init=False, default_factory=Spans)  # of nodes that no fencing proved to be down
    _lost_of: dict[str, list[NodeLoss]] = field(init=False, default_factory=dict)  # of such a node
    _proven: set[str] = field(init=False, default_factory=set)  # nodes that one did
    _own: set[Fencing] = field(init=False, default_factory=set)

    def __post_init__(self) -> None:
        self.last = self.triggers[0].time
        self._note(self.triggers[0])
        self._changed()

    # --- what it is

    @property
    def first(self) -> Trigger:
        return self.triggers[0]

    @property
    def sort(self) -> Sort:
        return self.first.sort

    def away(self, now: datetime) -> Collection[NodeLoss]:
        """The losses that nobody has seen to be over by `now`, which never goes back."""
        return self._away.open(now)

    def unproven(self, now: datetime) -> bool:
        """Whether a node is away by `now`, which never goes back, and no fencing proved it to be down."""
        return bool(self._unproven.open(now))

    def losses_of(self, node: str | None) -> Sequence[NodeLoss]:
        """Of the losses of `node` the ones that decide: see Deciding."""
        return self._of_node.of(node)

    def fencings_of(self, node: str | None) -> Sequence[Fencing]:
        """Of the fencings of `node` the ones that decide: see Deciding."""
        return self._of_target.of(node)

    def fencing_goes_on(self, now: datetime) -> bool:
        """Whether a fencing has not ended by `now`, which never goes back."""
        return bool(self._fenced.open(now))

    def has_fencing(self, fencing: Fencing) -> bool:
        """Whether it is one of its own."""
        return fencing in self._own

    @property
    def planned(self) -> bool:
        """Whether an operator asked for it."""
        return self.sort is Sort.PLANNED

    @property
    def is_fault(self) -> bool:
        """Whether something failed."""
        return self.sort is Sort.FAULT

    def still_down(self) -> list[Outage]:
        return list(self._down.values())

    def has_down(self, resource: str) -> bool:
        """Whether anything of `resource` is down: its one instance, a copy or its promoted role."""
        return any(thing.resource == resource for thing in self._down)

    def quiet_since(self, time: datetime) -> timedelta:
        """How long before `time` the last thing of it happened; nothing while a fencing of it is under way."""
        under_way = any(f.ended is not None and f.requested <= time for f in self._fenced.open(time))
        return timedelta() if under_way else time - self.last

    def carried_out(self, now: datetime) -> bool:
        """Whether by `now` a transition for it ended as it was planned, after all that began it. What comes meanwhile,
        such as the loss of the node that it has fenced, aborts it where the scheduler has to be asked again.
        """
        last = next((one for one in reversed(self.transitions) if one.executed), None)
        if last is None or last.ended is None or last.ended > now or last.outcome != "Complete":
            return False
        return all(trigger.time <= last.ended for trigger in self.triggers)

    # --- what happens to it

    def absorb(self, other: Chain) -> None:
        """Another chain turns out to be part of this one, which began before it."""
        for trigger in other.triggers:
            self.add(trigger)
        for name in ("nodes", "resources", "losses", "ran_on"):
            getattr(self, name).update(getattr(other, name))
        for loss in other.losses:
            self._lost(loss)
        for fencing in other.fencings:
            self._has_fenced(fencing)
        for name in ("runs", "transitions", "actions", "fencings", "outages"):
            getattr(self, name).extend(getattr(other, name))
        self._down.update(other._down)
        self.active(other.last)
        other.part_of = self

    def add(self, trigger: Trigger) -> None:
        """A trigger that follows from it."""
        self.triggers.append(trigger)
        self._note(trigger)
        self.active(trigger.time)

    def about(self, *, node: str | None = None, resource: str | None = None) -> None:
        """It is about this node or resource as well."""
        if node is not None and node not in self.nodes:
            self.nodes[node] = None
            self._changed()
        if resource is not None and resource not in self.resources:
            self.resources[resource] = None
            self._changed()

    def active(self, time: datetime) -> None:
        """Something of it happened at `time`."""
        self.last = max(self.last, time)
        self._changed()

    def add_run(self, run: Run) -> None:
        """A run that belongs to it; of runs told twice in a row once."""
        if not self.runs or self.runs[-1] is not run:
            self.runs.append(run)
        self.active(run.end)

    def plan(self, transition: Transition, action: Action | None = None) -> None:
        """A transition that answers it, with an action that is planned for it."""
        if not self.transitions or self.transitions[-1] is not transition:
            self.transitions.append(transition)
        if action is not None:
            self.actions.append((transition, action))
        self._changed()

    def lose(self, loss: NodeLoss) -> None:
        """A node is lost for it."""
        self.losses[loss] = None
        self._lost(loss)
        self._changed()

    def fence(self, fencing: Fencing) -> None:
        """A node is fenced for it."""
        self.fencings.append(fencing)
        self._has_fenced(fencing)
        self._changed()

    def down(self, thing: Thing, time: datetime) -> None:
        """It has `thing` down from `time` on, if it has not yet."""
        if thing not in self._down:
            self._down[thing] = Outage(thing, time)
            self.outages.append(self._down[thing])
            self._changed()

    def up(self, thing: Thing, run: Run) -> bool:
        """Mark `thing` up; True when this chain had it down."""
        outage = self._down.get(thing)
        if outage is None or run.end < outage.down:
            return False
        outage.up, outage.run = run.end, run
        del self._down[thing]
        self._changed()
        return True

    def undo(self, thing: Thing) -> bool:
        """`thing` was only believed to be down; True when this chain had it down."""
        outage = self._down.pop(thing, None)
        if outage is not None:
            self.outages.remove(outage)
            self.ran_on[thing] = None
            self._changed()
        return outage is not None

    def forget_down(self) -> None:
        """Nothing of this chain is down any more: what still was is another's."""
        self.outages = [outage for outage in self.outages if outage.up is not None]
        self._down.clear()
        self._changed()

    def _lost(self, loss: NodeLoss) -> None:
        self._away.add(loss, loss.back)
        self._of_node.add(loss.node, loss, loss.time, loss.back)
        if loss.node not in self._proven:
            self._unproven.add(loss, loss.back)
            self._lost_of.setdefault(loss.node, []).append(loss)

    def _has_fenced(self, fencing: Fencing) -> None:
        self._fenced.add(fencing, fencing.ended)
        self._of_target.add(fencing.target, fencing, fencing.requested, fencing.ended)
        self._own.add(fencing)
        if fencing.fenced is not None:
            self._proven.add(fencing.target)
            for loss in self._lost_of.pop(fencing.target, ()):
                self._unproven.drop(loss)

    def _note(self, trigger: Trigger) -> None:
        if trigger.run is not None:
            run = trigger.run
            self.failed_runs.append(run)
            self.failed_on.setdefault(run.resource, set()).add(run.node)
            self.failed_ways.setdefault((run.resource, run.interval if run.recurring else None, run.timed_out), run)

    def _changed(self) -> None:
        assert not self.closed, "a closed chain takes in nothing more"
        self.journal[self] = None
