"""The state of a cluster, fed with steps: which chains each of them opens, carries on and closes.

A step is a trigger, a plan, a run of an agent, the end of a fencing, or the return of a node. Whoever has a whole case
feeds it in order of time (sweep.py), whoever follows a log feeds what has just been read. Chains that only overlap in
time stay apart. A chain is closed once nothing can be added to it: all it had down is up, the plan made for it is
carried out, no fencing of it is under way, its nodes are back or known to be down, and what could still follow from its
triggers would have followed by now.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from heapq import heappop, heappush
from itertools import count as counting

from msgspec import Struct

from logtrace.chains import counts
from logtrace.chains.belonging import again_after
from logtrace.chains.chain import Chain
from logtrace.chains.knowledge import Knowledge
from logtrace.chains.orderly import began_anew
from logtrace.chains.plans import on_transition
from logtrace.chains.runs import on_run
from logtrace.chains.trigger import Trigger
from logtrace.timeline import NodeLoss, Run, Transition
from logtrace.timeline.fencing import Fencing


class Return(Struct, frozen=True):
    """A node that was lost is a member again."""

    loss: NodeLoss
    time: datetime


Step = Trigger | Transition | Run | Fencing | Return


def time_of(step: Step) -> datetime:
    """When a step is taken: a plan when it is calculated, a run or a fencing when it ends."""
    match step:
        case Transition():
            return step.calculated
        case Run():
            return step.end
        case Fencing():
            assert step.ended is not None, "a fencing that goes on is no step"
            return step.ended
        case _:
            return step.time


class Effects(Struct, frozen=True):
    """What a step did to chains. One that closes is in `closed` once, and changes no more.

    `absorbed`: chains that turned out to be part of another one (`part_of`), which is among the changed.
    """

    opened: tuple[Chain, ...] = ()
    changed: tuple[Chain, ...] = ()
    closed: tuple[Chain, ...] = ()
    absorbed: tuple[Chain, ...] = ()


class Progress(StrEnum):
    """How far a chain has come. UNDER_WAY: something of it is down, or the cluster is at it. SETTLED: the cluster
    itself says that it has nothing more to do for it; more may follow. OVER: all that follows has followed.
    """

    UNDER_WAY = "under way"
    SETTLED = "settled"
    OVER = "over"


@dataclass
class ClusterState(Knowledge):
    """Knowledge that grows by steps."""

    _due: list[tuple[datetime, int, Chain]] = field(default_factory=list)  # when to look whether a chain is over
    _looks: dict[Chain, datetime] = field(default_factory=dict)  # of each chain the look that counts, one at a time
    _numbers: counting[int] = field(default_factory=counting)

    def apply(self, step: Step) -> Effects:
        """Take the next step; none may be earlier than the one before."""
        self.now = time_of(step)
        closed = self._close_due()
        match step:
            case Trigger():
                self._on_trigger(step)
            case Run():
                on_run(self, step)
            case Transition():
                self._on_plan(step)
            case Fencing():
                self._on_fencing_ended(step)
            case Return():
                self._on_return(step)
        absorbed = tuple(chain for chain in self._changed if chain.part_of is not None)
        changed = tuple(chain for chain in self._changed if chain.part_of is None)
        opened = tuple(chain for chain in changed if chain in self._begun)
        known = tuple(chain for chain in changed if chain not in self._begun)
        self._changed.clear()
        self._begun.clear()
        for chain in changed:
            self._look_again(chain)
        return Effects(opened, known, closed, absorbed)

    def reach(self, now: datetime) -> Effects:
        """Nothing happened up to `now`, which is not earlier than the last step."""
        self.now = now
        return Effects(closed=self._close_due())

    def progress(self) -> dict[Chain, Progress]:
        """How far the chains that are not closed have come by now. Neither a node that is lost for good, once all that
        was on it runs elsewhere, nor a fail count that stays keeps one from being over.
        """

        def of(chain: Chain) -> Progress:
            busy = chain.fencing_goes_on(self.now) or chain.quiet_since(self.now) <= timedelta() or self._settles(chain)
            if chain.still_down() or busy or (chain in self.pending and not chain.carried_out(self.now)):
                return Progress.UNDER_WAY
            answered = self._answered_at(chain)
            return Progress.SETTLED if answered is None or answered >= self.now else Progress.OVER

        return {chain: of(chain) for chain in self.open}

    def _settles(self, chain: Chain) -> bool:
        """Whether the DC has not become idle since the last of a chain, and since the controllers of it that began anew
        were taken in again, but for those whose nodes are still away.
        """
        since = chain.last
        away = {loss.node for loss in chain.away(self.now)}
        for trigger in chain.triggers:
            if trigger.rejoins and trigger.node is not None and trigger.node not in away:
                idle = self.idle_since(trigger.node)
                if idle is not None and idle > trigger.time:
                    continue  # it is the DC
                joined = self.joined_after(trigger.node, trigger.time)
                if joined is None and self.joining(chain.last):
                    return True
                since = max(since, joined or since)
        return self.settling(since - timedelta.resolution)  # the DC is idle in the moment its transition ends

    def finish(self) -> Effects:
        """No step will follow: what is still open is closed as it is."""
        closed = tuple(self.open)
        for chain in closed:
            self._close(chain)
        return Effects(closed=closed)

    # --- steps

    def _on_trigger(self, trigger: Trigger) -> None:
        chain = trigger.join(self)
        if chain is not None:
            chain.add(trigger)
        elif trigger.begins:
            chain = self.begin(trigger)
        else:
            self.waiting.append(trigger)
            return
        if chain not in self.pending and not _is_ordered(chain, trigger):
            self.pending[chain] = None
        chain.about(node=trigger.node, resource=trigger.resource)
        if trigger.resource is not None:
            self.of_resource[trigger.resource] = chain
        trigger.strike(self, chain)

    def _on_plan(self, transition: Transition) -> None:
        since = self.latest.calculated if self.latest is not None else self.timeline.start or self.now
        for chain in counts.forget(self, since):
            if not chain.closed:
                chain.active(chain.last)
        for first, *others in counts.reached(self, since):
            for other in others:
                self._absorb(first, other)
        on_transition(self, transition)

    def _absorb(self, chain: Chain, other: Chain) -> None:
        """`other` turns out to be part of `chain`: whatever was its is now the chain's."""
        chain.absorb(other)
        other.closed = True
        del self.open[other]
        self._changed[other] = None
        for owned in (self.of_resource, self.of_node):
            for name in [name for name, owner in owned.items() if owner is other]:
                owned[name] = chain
        self.pending = dict.fromkeys(chain if one is other else one for one in self.pending)
        for chains in self.plan.values():
            chains[:] = dict.fromkeys(chain if one is other else one for one in chains)
        for down in self._down_in.values():
            if down.pop(other, "") is None:
                down[chain] = None
        for counted in self.counted.values():
            if other in counted:
                counted[chain] = max(counted.pop(other), counted.get(chain, other.last))

    def _on_fencing_ended(self, fencing: Fencing) -> None:
        """A node whose fencing succeeded holds nothing any more, also where the membership loses it only later."""
        for chain in self.open:
            if chain.has_fencing(fencing):
                chain.active(self.now)
        about = self.chain_at(fencing.target)
        if about is not None and fencing.fenced is not None:
            self.node_down(about, fencing.target, fencing.fenced, believed=False)

    def _on_return(self, step: Return) -> None:
        """A node that is back and did not begin anew had lived on; where its log is not at hand, probes will tell."""
        node = step.loss.node
        for chain in self.open:
            if step.loss in chain.losses:
                chain.active(chain.last)
        anew = step.loss.heard is not None or began_anew(self.timeline, node, step.loss.time, step.time)
        if node in self.timeline.logging_nodes and not anew:
            self.node_lived(node)

    # --- the end of chains

    def _look_again(self, chain: Chain) -> None:
        """Have a chain that changed looked at when it may be over, unless it will be before: then that look decides."""
        over = self._over_at(chain)
        if over is not None and (chain not in self._looks or over < self._looks[chain]):
            self._looks[chain] = over
            heappush(self._due, (over, next(self._numbers), chain))

    def _close_due(self) -> tuple[Chain, ...]:
        closed: list[Chain] = []
        while self._due and self._due[0][0] < self.now:
            due, _, chain = heappop(self._due)
            if self._looks.get(chain) != due:
                continue  # an earlier look decided
            del self._looks[chain]
            over = None if chain.closed else self._over_at(chain)
            if over is not None and over < self.now:
                self._close(chain)
                closed.append(chain)
            elif over is not None:  # else it is closed, or waits for a step, which will have it looked at again
                self._looks[chain] = over
                heappush(self._due, (over, next(self._numbers), chain))
        return tuple(closed)

    def _close(self, chain: Chain) -> None:
        chain.closed = True
        del self.open[chain]

    def _over_at(self, chain: Chain) -> datetime | None:
        """When nothing can be added to a chain any more, as far as can be said now; None while it waits for a step."""
        if chain.still_down():
            return None
        if chain.fencing_goes_on(self.now) or chain.unproven(self.now):
            return None
        over = self._answered_at(chain)
        counted = None if over is None else counts.stands_until(self, chain)
        if over is None or counted is None:
            return over
        return None if counted == counts.ENDLESS else max(over, counted)

    def _answered_at(self, chain: Chain) -> datetime | None:
        """When all that follows from what has happened in a chain will have followed, but for what counts failures over
        a longer time; None while a transition of it goes on.
        """
        follows = [self.answered_within(), *(again_after(self, run) for run in chain.failed_ways.values())]
        over = chain.last + max(follows)
        if chain in self.pending:
            over = max(over, chain.last + self.answered_within())
        last = next((one for one in reversed(chain.transitions) if one.executed), None)
        if last is not None and last is self.latest:
            if last.ended is None:
                return None
            over = max(over, last.ended + self.answered_within())
        return over


def _is_ordered(chain: Chain, trigger: Trigger) -> bool:
    """A fencing that a chain's plan asked for asks for no other: the controller carries the plan out."""
    fencing = trigger.fencing
    return fencing is not None and any(
        action.fences and action.target == fencing.target for _, action in reversed(chain.actions)
    )
