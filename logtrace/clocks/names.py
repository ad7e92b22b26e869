"""One name per node: hosts in headers may be FQDN or short, cluster node names may be either."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from logtrace.domain.kinds import Kind
from logtrace.events.store import Events

#: The node of a log that nothing names; no name of a host has brackets.
UNNAMED = "(unnamed)"


def canonical_names(hosts: Iterable[str], known: Iterable[str]) -> dict[str, str]:
    """Map every host name seen in headers to the name the cluster uses for that node.

    `known`: names from the CIB, corosync.conf and per-node folders, most trusted first. A host equal to a known
    name keeps it; otherwise the short part (up to the first dot) decides when exactly one known name shares it.
    Hosts no known name fits map to the shortest spelling seen among hosts with the same short part.
    """
    trusted = list(dict.fromkeys(known))
    by_short: dict[str, list[str]] = {}
    for name in trusted:
        by_short.setdefault(short_name(name), []).append(name)
    strangers: dict[str, str] = {}
    result: dict[str, str] = {}
    for host in sorted(set(hosts), key=lambda name: (len(name), name)):
        if host in trusted and by_short[short_name(host)][0] == host:
            result[host] = host
        elif short_name(host) in by_short:
            same = by_short[short_name(host)]
            result[host] = host if host in same and len({name.count(".") > 0 for name in same}) == 1 else same[0]
        else:
            result[host] = strangers.setdefault(short_name(host), host)
    return result


def own_names(events: Events) -> list[str]:
    """What nodes call themselves: a node logs the results of its own operations only, with its name in the cluster,
    which may be the full name of a host that signs its lines with the short one.
    """
    told = events.of(Kind.OP_RESULT, columns=("node", "target"))
    pairs = told.drop_nulls().unique().sort("node", "target").iter_rows()
    return [target for node, target in pairs if short_name(node) == short_name(target)]


def with_nodes(events: Events) -> Events:
    """The same with a node for the lines of logs that name none: the one whose results the log tells, else UNNAMED."""
    if not any(table["node"].has_nulls() for table in events.tables.values()):
        return events
    told = events.of(Kind.OP_RESULT, columns=("file", "node", "target")).filter(pl.col("node").is_null())
    own = told.drop_nulls("target").group_by("file").agg(pl.col("target").mode().sort().first())
    node = pl.coalesce("node", pl.col("file").replace_strict(dict(own.iter_rows()), default=UNNAMED))
    return events.with_column(events.select("node", "file").select(node)["node"])


def short_name(name: str) -> str:
    """The host part of a name; addresses have none and stay whole."""
    return name if name.replace(".", "").isdigit() else name.split(".", 1)[0].lower()
