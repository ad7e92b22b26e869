"""Whose a line is where its header does not tell: it names no host, or what looks like a name has blanks in it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import polars as pl

#: What `of_neighbours` needs to know of a line.
PLACE: Final = ("file", "line", "node", "local")


def doubted(hosts: Collection[str], node: str | None) -> set[str]:
    """Those of the `hosts` of a log that have blanks and may be no host: a line without a tag of its own that quotes
    another's (`node1 relayed corosync[7]: ...`) looks the same.

    It is one if it is the `node` the log belongs to, or if its first word signs no line of the log by itself.
    """
    spaced = {host for host in hosts if len(host.split()) > 1}
    plain = set(hosts) - spaced
    return {host for host in spaced if host != node and host.split()[0] in plain}


def of_neighbours(lines: pl.DataFrame) -> pl.Series:
    """The hosts of `lines` (PLACE, in order of file and line), those included that name none.

    Resource agents write to Pacemaker's log without a host (ocf_log of resource-agents). Where the logs of several
    nodes stand one behind the other, such a line is of the node that speaks before it and after it; between two nodes,
    of the one whose line is nearer in time, for where a log ends and the next begins the times leap.
    """
    said = pl.col("node").is_not_null()
    heard = pl.when(said).then("local")
    since = (pl.col("local") - heard.forward_fill().over("file")).abs()
    until = (pl.col("local") - heard.backward_fill().over("file")).abs()
    before, after = pl.col("node").forward_fill().over("file"), pl.col("node").backward_fill().over("file")
    near = pl.when(since <= until).then(before).otherwise(pl.coalesce(after, before))
    return lines.select(node=pl.when(said).then("node").otherwise(near))["node"]
