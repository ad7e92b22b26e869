"""Which nodes the logs at hand speak of, whether these have logs or not: a node's log alone names its peers.

Names count where only a node of the cluster can stand: a peer's state, the node of an operation, the target of a
fencing the cluster itself asked for. A Pacemaker Remote connection, a guest or a bundle's replica is a resource of the
same name, whose host runs it. And what a node tells results of is itself, whatever its lines are signed with.
"""

from __future__ import annotations

import re

from logtrace.clocks import canonical_names
from logtrace.config.model import ClusterConfig
from logtrace.domain.kinds import Kind
from logtrace.timeline.build import Timeline


def peers(timeline: Timeline, config: ClusterConfig) -> frozenset[str]:
    """Names of nodes that are spoken of, without those that have logs or are configured under this or a longer name."""
    seen = timeline.membership
    spoken = set(seen.filter(seen["source"] == "pacemaker")["target"].drop_nulls())
    spoken |= {run.node for run in timeline.runs}
    spoken |= {fencing.target for fencing in timeline.fencings if fencing.by_cluster}
    spoken |= _targets(timeline, Kind.OP_REQUESTED)
    spoken -= _targets(timeline, Kind.OP_RESULT)
    spoken -= {*timeline.events.values("resource"), *config.primitives}
    guests = {primitive.meta.get("remote-node") for primitive in config.primitives.values()}
    known = [*config.nodes.values(), *sorted(timeline.logging_nodes)]
    named = canonical_names([name for name in spoken - guests if not _is_replica(name, config)], known)
    return frozenset(named.values()) - frozenset(known)


def _targets(timeline: Timeline, kind: Kind) -> set[str]:
    return set(timeline.events.of(kind, columns=("target",))["target"].drop_nulls())


def _is_replica(node: str, config: ClusterConfig) -> bool:
    """Whether the node is a container of a bundle, called `BUNDLE-0` and so on."""
    return re.sub(r"-\d+$", "", node) in config.bundles
