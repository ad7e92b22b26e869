"""What the judges of a configuration are given, and what they answer."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Final, Literal

from msgspec import Struct, field

from logtrace.config.commands import Commands
from logtrace.config.model import ClusterConfig, HistoryEntry, Primitive
from logtrace.config.query import base_name
from logtrace.timeline import Timeline

Severity = Literal["error", "warning", "info"]

#: From worst to mildest.
SEVERITIES: Final[tuple[Severity, ...]] = ("error", "warning", "info")


class Weakness(Struct, frozen=True):
    """One thing that is wrong with `subject`: an id of the CIB, a property, a node, or a file."""

    severity: Severity
    subject: str
    sentence: str
    commands: Commands = field(default_factory=dict)
    evidence: tuple[str, ...] = ()


class Known(Struct, frozen=True):
    """The configuration, what was seen to happen under it, and what its status section remembers.

    `paths`: index of a log file -> its path.
    """

    config: ClusterConfig
    timeline: Timeline
    history: tuple[HistoryEntry, ...] = ()
    paths: dict[int, str] = field(default_factory=dict)

    @property
    def cib(self) -> tuple[str, ...]:
        """The CIB as evidence."""
        return (self.config.source,) if self.config.source else ()

    @property
    def corosync(self) -> tuple[str, ...]:
        """The file that tells corosync's configuration, as evidence."""
        source = self.config.corosync.source if self.config.corosync else ""
        return (source,) if source else ()

    def lines(self, events: Iterable[int]) -> tuple[str, ...]:
        """Events as `file:line`, in order of time; those of files without a known path are left out."""
        rows = self.timeline.events.rows((event for event in events if event >= 0), "file", "line")
        return tuple(f"{self.paths[file]}:{line}" for file, line in rows.iter_rows() if file in self.paths)

    @property
    def services(self) -> Iterator[Primitive]:
        """Every primitive that is no fence device."""
        return (one for one in self.config.primitives.values() if one.klass != "stonith")

    @property
    def devices(self) -> list[Primitive]:
        """Every fence device."""
        return [one for one in self.config.primitives.values() if one.klass == "stonith"]

    @property
    def nodes(self) -> list[str]:
        """The cluster's nodes, as the CIB, else corosync, names them."""
        corosync = self.config.corosync
        return list(self.config.nodes.values()) or (list(corosync.nodes.values()) if corosync else [])

    def last_of(self) -> dict[tuple[str, str], HistoryEntry]:
        """(node, resource) -> the operation that ended last there, as the status section remembers it.

        Call numbers of an executor rise; only the one record of each operation is kept (lrm_rsc_op).
        """
        last: dict[tuple[str, str], HistoryEntry] = {}
        for entry in self.history:
            key = (entry.node, base_name(entry.resource))
            if key not in last or (entry.call or 0) >= (last[key].call or 0):
                last[key] = entry
        return last


def said(seconds: float) -> str:
    """A duration in a sentence: 10 s, 2.5 s."""
    return f"{seconds:.1f}".removesuffix(".0") + " s"


def rounded_up(seconds: float) -> str:
    """A timeout nobody needs to be ashamed of: the next ten seconds above."""
    return f"{math.ceil(seconds / 10) * 10}s"
