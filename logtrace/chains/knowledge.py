"""What is known of the cluster at one moment: what runs where, what is down, and which chains may still go on."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from itertools import islice

import polars as pl

from logtrace.chains.agreement import agreement
from logtrace.chains.chain import Chain, Thing
from logtrace.chains.limits import MOST_OPEN
from logtrace.chains.trigger import Trigger
from logtrace.config.defaults import OP_TIMEOUT, PROPERTIES
from logtrace.config.in_force import Configurations
from logtrace.config.model import ClusterConfig
from logtrace.config.query import is_clone, is_connection, is_stonith, op_timeout, property_of
from logtrace.domain import durations
from logtrace.domain.kinds import Kind
from logtrace.timeline import Run, Timeline, Transition


@dataclass
class Knowledge:
    """`now`: the moment that was reached; of `timeline` nothing later is looked at, but for what one row puts together
    from several lines: when a transition, a loss or a fencing that has begun will end is asked only of moments passed.

    `active`, `promoted`: where each resource runs; `of_resource`, `of_node`: the last chain about it; `open`: the
    chains that something can still be added to, in order of their beginning; `notices`: bounds that were reached.
    """

    configs: Configurations
    timeline: Timeline
    now: datetime = field(init=False)
    open: dict[Chain, None] = field(default_factory=dict)
    active: dict[str, set[str]] = field(default_factory=dict)  # resource -> nodes it runs on
    promoted: dict[str, set[str]] = field(default_factory=dict)
    of_resource: dict[str, Chain] = field(default_factory=dict)
    of_node: dict[str, Chain] = field(default_factory=dict)
    latest: Transition | None = None  # the last plan that was carried out
    before: Transition | None = None  # the one before
    plan: dict[str, list[Chain]] = field(default_factory=dict)  # resource -> chains its planned actions belong to
    plans: dict[tuple[int, str], list[Chain]] = field(default_factory=dict)  # the same by transition number
    pending: dict[Chain, None] = field(default_factory=dict)  # chains that no executed transition answered yet
    counted: dict[tuple[str, str], dict[Chain, datetime]] = field(default_factory=dict)  # by resource and node
    waiting: list[Trigger] = field(default_factory=list)  # that start nothing and may yet turn out to explain something
    notices: dict[str, None] = field(default_factory=dict)
    _changed: dict[Chain, None] = field(default_factory=dict)  # since the step began
    _begun: set[Chain] = field(default_factory=set)  # likewise
    _down_in: defaultdict[Thing, dict[Chain, None]] = field(default_factory=lambda: defaultdict(dict))
    _believed: dict[str, list[tuple[Chain, str, bool]]] = field(default_factory=dict)  # by node: what went with it
    _lost_connections: set[str] = field(default_factory=set)

    # --- the cluster

    @property
    def config(self) -> ClusterConfig:
        """The configuration in force now."""
        return self.configs.at(self.now)

    @cached_property
    def blind(self) -> bool:
        """The logs hold no line that says why a transition was calculated: they are copies at notice level. How much
        logs tell is a property of them all, not of a moment.
        """
        return not any(self.timeline.rows.times(kind) for kind in (Kind.TE_ABORT, Kind.CIB_DONE))

    def lost_connection(self, resource: str) -> None:
        """`resource` has shown itself to be the connection to a remote node, whose name it has."""
        self._lost_connections.add(resource)

    def is_service(self, resource: str) -> bool:
        """Whether somebody misses `resource` while it is down: not of a fence device or a connection."""
        connection = resource in self._lost_connections or is_connection(self.config, resource)
        return not connection and not is_stonith(self.config, resource)

    def thing(self, resource: str, node: str) -> Thing:
        """What is down when `resource` fails on `node`: a clone's copy there, or the one instance."""
        return Thing(resource, node) if is_clone(self.config, resource) else Thing(resource)

    def is_promoted(self, resource: str, node: str) -> bool:
        """Whether it is in its promoted role there, as far as any line told."""
        return node in self.promoted.get(resource, ())

    def runs(self, resource: str, node: str, *, promoted: bool = False) -> None:
        """It was found or brought to run on `node`."""
        self.active.setdefault(resource, set()).add(node)
        if promoted:
            self.promoted.setdefault(resource, set()).add(node)

    def started(self, resource: str, node: str) -> None:
        """Of what runs in one copy none is left elsewhere when the cluster starts it."""
        if resource in self.config.primitives and not is_clone(self.config, resource):
            self.active[resource] = set()
        self.runs(resource, node)

    def stopped(self, resource: str, node: str) -> None:
        """It runs on `node` no more, in whatever role."""
        self.active.get(resource, set()).discard(node)
        self.demoted(resource, node)

    def demoted(self, resource: str, node: str) -> None:
        """It is promoted on `node` no more."""
        self.promoted.get(resource, set()).discard(node)

    def agreement(self) -> timedelta:
        """How long Corosync takes to miss a node and to agree on a membership without it."""
        return agreement(self.timeline, self.config, self.now)

    def answered_within(self) -> timedelta:
        """How long a trigger may wait for the plan that answers it: what is in flight ends, or where the DC is gone,
        one is elected (election-timeout).
        """
        return self._property("election-timeout")

    def result_within(self, run: Run) -> timedelta:
        """How long the DC waits for the result of an operation it asked for: its timeout and the cluster-delay, which
        counts again for what it waited in the executor.
        """
        limit = max(op_timeout(self.config, run.resource, run.operation) or OP_TIMEOUT, run.seconds)
        return timedelta(seconds=limit) + 2 * self._property("cluster-delay")

    def settling(self, since: datetime | None) -> bool:
        """Whether what the cluster does about a happening at `since` may still go on: the DC has not become idle after
        it, and the time has not passed in which a DC is elected; where no controller tells its states, the time in
        which members agree.
        """
        if since is None or self.now - since > (self.answered_within() if self._idle else self.agreement()):
            return False
        return not any(_any_between(times, since, self.now) for times in self._idle.values())

    def joining(self, since: datetime | None) -> bool:
        """Whether a controller that began anew at `since` may still be on its way into the cluster, whose DC may be
        idle meanwhile: it looks for a DC for so long (dc-deadtime).
        """
        return since is not None and self.now - since <= self._property("dc-deadtime")

    def _property(self, name: str) -> timedelta:
        """A time that the cluster sets, or its default."""
        told = property_of(self.config, name) or PROPERTIES[name]
        return timedelta(seconds=durations.seconds(told) or 0)

    def planned_before(self, transition: Transition) -> datetime:
        """When the plan before `transition` was made: what made the scheduler run again came after it."""
        before = self.before.calculated if self.before is not None else self.timeline.start
        return before or transition.calculated

    # --- chains

    def begin(self, trigger: Trigger) -> Chain:
        """A chain that `trigger` starts."""
        chain = Chain([trigger], journal=self._changed)
        self.open[chain] = None
        self._begun.add(chain)
        return chain

    def recent(self) -> list[Chain]:
        """The chains a new happening may still belong to, latest first."""
        if len(self.open) > MOST_OPEN:
            self.notices[f"what happened next compared with only {MOST_OPEN} of the incidents under way at once"] = None
        return list(islice(reversed(self.open), MOST_OPEN))

    def idle_since(self, dc: str) -> datetime | None:
        """When the controller of `dc` had last nothing to do (S_IDLE), as far as its log tells."""
        times = self._idle.get(dc, [])
        last = bisect_right(times, self.now)
        return times[last - 1] if last else None

    def joined_after(self, node: str, time: datetime) -> datetime | None:
        """When a DC had taken the controller of `node` in after `time`; None while none has."""
        times = self._joined.get(node, [])
        first = bisect_right(times, time)
        return times[first] if first < len(times) and times[first] <= self.now else None

    @cached_property
    def _idle(self) -> dict[str, list[datetime]]:
        """When controllers came to be idle, by node."""
        return self._told_state("S_IDLE")

    @cached_property
    def _joined(self) -> dict[str, list[datetime]]:
        """When a DC had taken controllers in (do_cl_join_finalize_respond), by node."""
        return self._told_state("S_NOT_DC")

    def _told_state(self, state: str) -> dict[str, list[datetime]]:
        times: defaultdict[str, list[datetime]] = defaultdict(list)
        for row in self.timeline.rows.where(Kind.FSA_STATE, pl.col("state") == state):
            times[row.node].append(row.time)
        return times

    def chain_about(self, resource: str | None) -> Chain | None:
        """The last chain that touched `resource`, unless it is closed."""
        chain = self.of_resource.get(resource or "")
        return None if chain is None or chain.closed else chain

    def chain_at(self, node: str | None) -> Chain | None:
        """The last chain about `node`, unless it is closed."""
        chain = self.of_node.get(node or "")
        return None if chain is None or chain.closed else chain

    def planned_for(self, resource: str, transition: int | None = None) -> list[Chain]:
        """The chains for which the transition with that number, else the latest, plans actions of `resource`."""
        found = self.plans.get((transition, resource)) if transition is not None else None
        return [chain for chain in (found or self.plan.get(resource, [])) if not chain.closed]

    def in_trouble(self, node: str | None) -> Chain | None:
        """The last chain about `node`, unless the node is back, all is up and it has been quiet: then it is over."""
        chain = self.chain_at(node)
        if chain is None:
            return None
        away = any(loss.away_at(self.now) for loss in chain.losses_of(node))
        return chain if away or chain.still_down() or self.busy_with(chain) else None

    def busy_with(self, chain: Chain) -> bool:
        """Whether something of `chain` is under way, or the cluster has not settled since the last of it."""
        joining = any(trigger.rejoins for trigger in chain.triggers) and self.joining(chain.last)
        return joining or chain.quiet_since(self.now) <= timedelta() or self.settling(chain.last)

    # --- what goes down and comes back

    def down(self, chain: Chain, thing: Thing, time: datetime) -> None:
        """`chain` has taken `thing` down."""
        chain.down(thing, time)
        self._down_in[thing][chain] = None

    def up(self, things: Iterable[Thing], run: Run) -> None:
        """`run` brings back what any chain has down of `things`, and belongs to each of these."""
        for thing in things:
            for chain in list(self._down_in.get(thing, ())):
                if chain.closed or chain.up(thing, run):
                    del self._down_in[thing][chain]
                    if not chain.closed:
                        chain.add_run(run)

    def take_over(self, planned: Chain, chain: Chain) -> None:
        """A command that runs into a fault leaves what it has stopped to the fault."""
        for outage in planned.still_down():
            self.down(chain, outage.thing, outage.down)
            self._down_in[outage.thing].pop(planned, None)
            chain.about(resource=outage.thing.resource)
        planned.forget_down()

    def node_down(self, chain: Chain, node: str, time: datetime, *, believed: bool) -> None:
        """What ran on `node` is down, but for what runs elsewhere as well. `believed`: the node was only lost, and may
        turn out to have lived on; else it is proven to hold nothing.
        """
        if not believed:
            self._believed.pop(node, None)
        for resource, nodes in self.active.items():
            if node not in nodes or not self.is_service(resource):
                continue
            chain.about(resource=resource)
            self.of_resource[resource] = chain
            promoted = self.is_promoted(resource, node)
            self.stopped(resource, node)
            if believed:
                self._believed.setdefault(node, []).append((chain, resource, promoted))
            if promoted:
                self.down(chain, Thing(resource, promoted=True), time)
            if not nodes and not is_clone(self.config, resource):
                self.down(chain, Thing(resource), time)

    def truly_stopped(self, resource: str, node: str) -> None:
        """`resource` was stopped on `node`: if that node was believed lost, at least this is down there."""
        if node in self._believed:
            self._believed[node] = [each for each in self._believed[node] if each[1] != resource]

    def node_lived(self, node: str) -> None:
        """`node`, which was lost, is back and had lived on: what is still taken to be down with it never was."""
        for chain, resource, promoted in self._believed.pop(node, ()):
            things = [Thing(resource), *([Thing(resource, promoted=True)] if promoted else [])]
            undone = [thing for thing in things if not chain.closed and chain.undo(thing)]
            for thing in undone:
                self._down_in[thing].pop(chain, None)
            if undone or is_clone(self.config, resource):
                self.runs(resource, node, promoted=promoted)


def _any_between(times: list[datetime], after: datetime, until: datetime) -> bool:
    """Whether one of `times`, in order, lies after `after` and up to `until`."""
    first = bisect_right(times, after)
    return first < len(times) and times[first] <= until
