"""Whether two cases can be of one cluster at all: a difference between strangers is no change of anything."""

from __future__ import annotations

from logtrace.clocks.names import short_name
from logtrace.report.case import Case


def two_clusters(first: Case, second: Case) -> str | None:
    """A sentence that tells by what the cases are of two clusters; None where nothing shows it.

    Shown it is by nodes: names of clusters are changed and shared, and a node is added or replaced, but not all of them
    at once. Nodes of the same names whose ring addresses all differ are other machines, or have moved to another
    network.
    """
    names = [case.cluster.name for case in (first, second)]
    known = f" ({names[0]}, {names[1]})" if all(names) and names[0] != names[1] else ""
    nodes, others = ({short_name(node.name) for node in case.cluster.nodes} for case in (first, second))
    if nodes and others and not nodes & others:
        said = "These are two clusters" if known else "These seem to be two clusters"
        return f"{said}{known}: they have no node in common, and what differs need not have changed"
    rings, their_rings = _addresses(first), _addresses(second)
    both = rings.keys() & their_rings.keys()
    if both and not any(rings[node] & their_rings[node] for node in both):
        return f"These may be two clusters{known}: nodes of the same names have other addresses"
    return None


def _addresses(case: Case) -> dict[str, set[str]]:
    """The ring addresses of each node, by its short name."""
    found: dict[str, set[str]] = {}
    corosync = case.config.corosync if case.config is not None else None
    for address, node in corosync.addresses.items() if corosync is not None else ():
        if address != node:
            found.setdefault(short_name(node), set()).add(address)
    return found
