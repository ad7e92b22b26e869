"""What is known at the moment the state over a case's happenings has reached."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

from logtrace.chains.chain import Chain, Thing
from logtrace.config.model import ClusterConfig
from logtrace.config.query import is_clone, is_stonith
from logtrace.domain.kinds import Kind
from logtrace.timeline import Timeline

#: What follows a chain's last activity within this time on the same node or thing still belongs to it.
AFTERMATH = timedelta(seconds=10)

#: A daemon's death is followed by its node's rejoin, loss or fencing within this time.
DAEMON_AFTERMATH = timedelta(seconds=90)


@dataclass
class ClusterState:
    """`active`, `promoted`: where each resource runs; `of_resource`, `of_node`: the last chain about it."""

    config: ClusterConfig
    timeline: Timeline
    chains: list[Chain] = field(default_factory=list)
    active: dict[str, set[str]] = field(default_factory=dict)  # resource -> nodes it runs on
    promoted: dict[str, set[str]] = field(default_factory=dict)
    of_resource: dict[str, Chain] = field(default_factory=dict)  # the last chain that touched it
    of_node: dict[str, Chain] = field(default_factory=dict)
    plan: dict[str, list[Chain]] = field(default_factory=dict)  # resource -> chains its planned actions belong to
    plans: dict[tuple[int, str], list[Chain]] = field(default_factory=dict)  # the same by transition number
    pending: list[Chain] = field(default_factory=list)  # chains with a trigger no executed transition answered yet

    @cached_property
    def blind(self) -> bool:
        """The logs hold no line that says why a transition was calculated: they are copies at notice level."""
        return not any(self.timeline.rows.times(kind) for kind in (Kind.TE_ABORT, Kind.CIB_DONE))

    @cached_property
    def _connections(self) -> frozenset[str]:
        """Resources that are the connections to remote nodes which were lost; they have the nodes' names."""
        return frozenset(event.target for event in self.timeline.rows.get(Kind.REMOTE_LOST, []) if event.target)

    def is_service(self, resource: str) -> bool:
        """Whether somebody misses `resource` while it is down: not of a fence device or a connection."""
        return not is_stonith(self.config, resource) and resource not in self._connections

    def thing(self, resource: str, node: str) -> Thing:
        """What is down when `resource` fails on `node`: a clone's copy there, or the one instance."""
        return Thing(resource, node) if is_clone(self.config, resource) else Thing(resource)

    def started(self, resource: str, node: str) -> None:
        """Of what runs in one copy none is left elsewhere when the cluster starts it."""
        if resource in self.config.primitives and not is_clone(self.config, resource):
            self.active[resource] = set()
        self.active.setdefault(resource, set()).add(node)

    def in_trouble(self, node: str | None, time: datetime) -> Chain | None:
        """The last chain about `node`, unless the node is back, all is up and it has been quiet: then it is over."""
        chain = self.of_node.get(node or "")
        if chain is None:
            return None
        away = any(loss.node == node and (loss.back is None or loss.back > time) for loss in chain.losses)
        return chain if away or chain.still_down() or chain.quiet_since(time) <= DAEMON_AFTERMATH else None

    def recent(self) -> list[Chain]:
        """The chains a new happening may still belong to, latest first."""
        return self.chains[:-9:-1]
