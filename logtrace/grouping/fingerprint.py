"""By what a cluster is known again: what an exhibit tells of the names, lives and marks of the cluster it is of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, TypeVar

import polars as pl

from logtrace.clocks.names import short_name
from logtrace.domain.columns import NO_TIME, NO_YEAR
from logtrace.domain.kinds import Kind
from logtrace.events import COLUMNS
from logtrace.gather import Collected, Papers
from logtrace.intake.evidence import Exhibit
from logtrace.lines import Log

#: From the first to the last moment of something, naive.
Span = tuple[datetime, datetime]

#: A daemon of a node: whoever logs there at one time under its name does so with one process id.
Daemon = tuple[str, str]

Key = TypeVar("Key", int, str)

#: Daemons that live as long as their cluster's stack runs on a node. Others are started for a job.
_LASTING: Final = r"^(?:corosync|pacemakerd|pacemaker-\w+)$"

#: What they say when they start.
_STARTS: Final = (Kind.COROSYNC_START, Kind.DAEMON_STARTING)

#: The DC's part of a transition key: a UUID that each controller makes when it starts (controld_te_utils.c,
#: controld_init_transition_trigger and its forerunners since 1.0).
_CONTROLLER: Final = r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$"

#: A request to fence: a UUID, or its first eight digits (fenced_remote.c). Digits alone may be anything.
_REQUEST: Final = r"^[0-9a-f]{8}(?:(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})?$"

#: Kinds whose lines name nodes of the cluster, by how they begin.
_OF_NODES: Final = ("member.", "op.", "fence.")


@dataclass(slots=True)
class Fingerprint:
    """What is known of the cluster of one or several exhibits. Nodes are told by their short names.

    `clusters`: its names. `members`: the nodes of its configuration, which are all there are. `hosts`: nodes that log;
    `peers`: nodes spoken of. `addresses`: of the nodes. `resources`: those that are configured. `proofs`: what no two
    clusters share: UUIDs of controllers and of requests to fence. `rings`: ids of memberships, of which strangers may
    share small ones. `lives`: when each process of a daemon spoke, `starts`: when the stack's daemons said that they
    start, `heard`: from when to when a node's lines are, all in the node's own time. `spans`: when the logs of
    each exhibit begin and end; of `zoned` ones in UTC, of others in the nodes' unknown zone.
    """

    clusters: set[str] = field(default_factory=set)
    members: set[str] = field(default_factory=set)
    hosts: set[str] = field(default_factory=set)
    peers: set[str] = field(default_factory=set)
    addresses: dict[str, set[str]] = field(default_factory=dict)
    resources: set[str] = field(default_factory=set)
    proofs: set[str] = field(default_factory=set)
    rings: set[str] = field(default_factory=set)
    lives: dict[Daemon, dict[int, Span]] = field(default_factory=dict)
    starts: dict[Daemon, set[datetime]] = field(default_factory=dict)
    heard: dict[str, Span] = field(default_factory=dict)
    spans: list[Span] = field(default_factory=list)
    zoned: bool = True

    @property
    def names(self) -> set[str]:
        """All nodes that are known in any way."""
        return self.members | self.hosts | self.peers

    def merge(self, other: Fingerprint) -> None:
        """Know what `other` knows as well."""
        for name in ("clusters", "members", "hosts", "peers", "resources", "proofs", "rings"):
            getattr(self, name).update(getattr(other, name))
        for node, known in other.addresses.items():
            self.addresses.setdefault(node, set()).update(known)
        for daemon, lives in other.lives.items():
            mine = self.lives.setdefault(daemon, {})
            for pid, span in lives.items():
                _widen(mine, pid, span)
        for daemon, times in other.starts.items():
            self.starts.setdefault(daemon, set()).update(times)
        for node, span in other.heard.items():
            _widen(self.heard, node, span)
        self.spans += other.spans
        self.zoned &= other.zoned


def fingerprints(collected: Collected) -> dict[Exhibit, Fingerprint]:
    """What each exhibit that holds evidence tells of its cluster."""
    found = {exhibit: _of_papers(papers) for exhibit, papers in collected.papers.items()}
    numbers = {exhibit: number for number, exhibit in enumerate(found)}
    owners = pl.Series("owner", [numbers[exhibit] for *_, exhibit in collected.files], dtype=pl.UInt32)
    ordered = list(found.values())
    for log, owner in zip(collected.logs, owners, strict=True):
        _add_log(ordered[owner], log)
    _add_lines(collected.told, [ordered[owner] for owner in owners])
    return found


def overlap(one: Span, other: Span, apart: timedelta = timedelta()) -> Span | None:
    """The time that both cover, or that lies between them where it is no longer than `apart`; None if there is none.

    Times that print no year are compared within a year.
    """
    if NO_YEAR in (one[0].year, other[0].year):
        one, other = _yearless(one), _yearless(other)
    first, last = max(one[0], other[0]), min(one[1], other[1])
    if first > last + apart:
        return None
    return min(first, last), max(first, last)


def _widen(spans: dict[Key, Span], key: Key, span: Span) -> None:
    first, last = spans.get(key, span)
    spans[key] = (min(first, span[0]), max(last, span[1]))


def _yearless(span: Span) -> Span:
    first, last = (time.replace(year=NO_YEAR) for time in span)
    return min(first, last), max(first, last)


def _of_papers(papers: Papers) -> Fingerprint:
    found = Fingerprint()
    found.members.update(map(short_name, papers.members))
    for snapshot in papers.snapshots:
        config = snapshot.config
        found.clusters.update(filter(None, [config.cluster_name]))
        found.members.update(map(short_name, [*config.nodes.values(), *config.remote_nodes]))
        found.resources.update(config.primitives)
        found.proofs.update(
            entry.transition_key.rpartition(":")[2] for entry in snapshot.history if entry.transition_key
        )
    for corosync in papers.corosync:
        found.clusters.update(filter(None, [corosync.cluster_name]))
        for address, node in corosync.addresses.items():
            found.addresses.setdefault(short_name(node), set()).add(address)
        found.members.update(short_name(node) for node in corosync.nodes.values() if node not in corosync.addresses)
    return found


def _add_log(found: Fingerprint, log: Log) -> None:
    if log.first is None or log.last is None or NO_TIME in (log.first, log.last):
        return
    first, last = min(log.first, log.last), max(log.first, log.last)
    ahead = timedelta(seconds=log.first_offset or 0)
    found.zoned &= log.first_offset is not None
    found.spans.append((first - ahead, last - ahead))
    if log.name is not None and len(log.hosts) <= 1:  # the node's own
        _widen(found.heard, short_name(log.name), (first, last))


def _add_lines(told: Mapping[str, Sequence[pl.DataFrame]], found: Sequence[Fingerprint]) -> None:
    """`told`: tables by kind; `found`: of the exhibit of each file. A column of all kinds is looked at in one go: there
    are many kinds, and little in most of them.
    """
    of_nodes = {kind: parts for kind, parts in told.items() if kind.startswith(_OF_NODES)}
    for file, host in _pairs(told, "node"):
        found[file].hosts.add(short_name(host))
    for file, node in _pairs(of_nodes, "target"):
        found[file].peers.add(short_name(node))
    for file, uuid in _pairs(told, "transition_key", pl.col("transition_key").str.extract(_CONTROLLER)):
        found[file].proofs.add(uuid)
    asked = pl.col("fence_id").str.contains(_REQUEST) & pl.col("fence_id").str.contains("[a-f]")
    for file, uuid in _pairs(told, "fence_id", pl.when(asked).then("fence_id")):
        found[file].proofs.add(uuid)
    for file, ring in _pairs(told, "membership"):
        found[file].rings.add(ring)
    lasting = _lasting(told)
    spoke = lasting.group_by("file", "node", "daemon", "pid", maintain_order=True).agg(
        first=pl.col("local").min(), last=pl.col("local").max()
    )
    for file, host, daemon, pid, *span in spoke.iter_rows():
        node, known = short_name(host), found[file]
        _widen(known.lives.setdefault((node, daemon), {}), pid, (span[0], span[1]))
        _widen(known.heard, node, (span[0], span[1]))
    starts = _lasting({kind: told[kind] for kind in _STARTS if kind in told})
    for file, host, daemon, time in starts.select("file", "node", "daemon", "local").iter_rows():
        found[file].starts.setdefault((short_name(host), daemon), set()).add(time)


def _lasting(told: Mapping[str, Sequence[pl.DataFrame]]) -> pl.DataFrame:
    """When the stack's daemons spoke: file, node, daemon, pid, local."""
    lines = _columns(told, "file", "node", "daemon", "pid", "local").drop_nulls(["node", "pid", "daemon"])
    return lines.filter(pl.col("daemon").str.contains(_LASTING), pl.col("local") != NO_TIME)


def _pairs(
    told: Mapping[str, Sequence[pl.DataFrame]], name: str, value: pl.Expr | None = None
) -> Iterator[tuple[int, str]]:
    """Each file with each of the values that its lines have, those of a column or `value` of it."""
    lines = _columns(told, "file", name).unique().select("file", value=pl.col(name) if value is None else value)
    yield from lines.drop_nulls().unique().iter_rows()


def _columns(told: Mapping[str, Sequence[pl.DataFrame]], *names: str) -> pl.DataFrame:
    """These columns of all tables that have them."""
    parts = [part[names] for parts in told.values() for part in parts if set(names) <= set(part.columns)]
    return pl.concat(parts) if parts else pl.DataFrame(schema={name: COLUMNS[name] for name in names})


def shared(one: Mapping[str, set[str]], other: Mapping[str, set[str]]) -> Iterable[tuple[set[str], set[str]]]:
    """What both know of the same names."""
    return ((one[name], other[name]) for name in one.keys() & other.keys())
