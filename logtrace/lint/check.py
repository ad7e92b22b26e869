"""A check of the configuration: one declaration of its code, severity, source, explanation and judge.

    @check("node-standby", "warning", Source.CIB, line="...", means="...", proves="...", disproves="...", fix="...")
    def standby(look: Look) -> Iterator[Finding]:
        ...
        yield look.finding(node, "The node is in standby ...", commands.node_online(node))

The registry, `--ignore` and `logtrace explain` are derived from the declarations.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from enum import Enum

from msgspec import Struct, field

from logtrace.config.commands import Commands
from logtrace.config.model import ClusterConfig, HistoryEntry, Primitive, Snapshot
from logtrace.config.query import base_name, member_names
from logtrace.domain.explanation import Explanation
from logtrace.lint.finding import Finding, Severity
from logtrace.timeline import Timeline


class Source(Enum):
    """The file a check looks at. Without it the check has nothing to say."""

    CIB = "the CIB"
    COROSYNC = "corosync.conf, or a dump of the cmap"


class Facts(Struct, frozen=True):
    """The configuration, what was seen to happen under it, and the CIB with what its status section remembers.

    `paths`: index of a log file -> its path.
    """

    config: ClusterConfig
    timeline: Timeline
    snapshot: Snapshot = field(default_factory=lambda: Snapshot(ClusterConfig()))
    paths: dict[int, str] = field(default_factory=dict)


class Look(Struct, frozen=True):
    """What one check is given: the facts, and the way to say what it found."""

    check: Check
    facts: Facts

    @property
    def config(self) -> ClusterConfig:
        return self.facts.config

    @property
    def timeline(self) -> Timeline:
        return self.facts.timeline

    @property
    def history(self) -> tuple[HistoryEntry, ...]:
        return self.facts.snapshot.history

    @property
    def transient(self) -> dict[str, dict[str, str]]:
        """Attributes that last until a node restarts, by node; those of nodes that are away are gone."""
        return {node: values for node, values in self.facts.snapshot.transient.items() if not self.away(node)}

    def away(self, node: str) -> bool:
        """Whether the status section says that a node is no member: what it remembers of it is past."""
        return node in self.facts.snapshot.away

    @property
    def source(self) -> tuple[str, ...]:
        """The file the check looks at, as evidence."""
        if self.check.source is Source.CIB:
            path = self.config.source
        else:
            path = self.config.corosync.source if self.config.corosync else ""
        return (path,) if path else ()

    def finding(
        self,
        subject: str,
        sentence: str,
        commands: Commands | None = None,
        *,
        severity: Severity | None = None,
        events: Iterable[int] = (),
        evidence: tuple[str, ...] | None = None,
    ) -> Finding:
        """One thing that is wrong with `subject`: an id of the CIB, a property, a node, or a file.

        `severity`: where this one is not as bad as the check's are, or worse. Its evidence is the file the check looks
        at and the lines of `events`, unless `evidence` says otherwise.
        """
        shown = (*self.source, *self.lines(events)) if evidence is None else evidence
        return Finding(self.check.code, severity or self.check.severity, subject, sentence, dict(commands or {}), shown)

    def lines(self, events: Iterable[int]) -> tuple[str, ...]:
        """Events as `file:line`, in order of time; those of files without a known path are left out."""
        paths = self.facts.paths
        rows = self.timeline.events.rows((event for event in events if event >= 0), "file", "line")
        return tuple(f"{paths[file]}:{line}" for file, line in rows.iter_rows() if file in paths)

    @property
    def services(self) -> Iterator[Primitive]:
        """Every primitive that is no fence device."""
        return (one for one in self.config.primitives.values() if one.klass != "stonith")

    @property
    def devices(self) -> list[Primitive]:
        """Every fence device, also those that only logs tell of."""
        return [one for one in self.config.primitives.values() if one.klass == "stonith"]

    @property
    def nodes(self) -> list[str]:
        """The nodes that vote, as the CIB, else corosync, names them."""
        return member_names(self.config)

    def last_of(self) -> dict[tuple[str, str], HistoryEntry]:
        """(node, resource) -> the operation that ended last there, as the status section remembers it of members.

        Call numbers of an executor rise; only the one record of each operation is kept (lrm_rsc_op).
        """
        last: dict[tuple[str, str], HistoryEntry] = {}
        for entry in self.history:
            key = (entry.node, base_name(entry.resource))
            if self.away(entry.node):
                continue
            if key not in last or (entry.call or 0) >= (last[key].call or 0):
                last[key] = entry
        return last


Judge = Callable[[Look], Iterator[Finding]]


class Check(Struct, frozen=True):
    """`code` is public (`--ignore`, `logtrace explain`, the JSON's `label`) and never changes its meaning."""

    code: str
    severity: Severity
    source: Source
    explanation: Explanation
    judge: Judge

    def findings(self, facts: Facts) -> Iterator[Finding]:
        """What is wrong in this respect; nothing where the file it looks at is not at hand."""
        there = facts.config.epoch if self.source is Source.CIB else facts.config.corosync
        return self.judge(Look(self, facts)) if there is not None else iter(())


def check(
    code: str, severity: Severity, source: Source, *, line: str, means: str, proves: str, disproves: str, fix: str
) -> Callable[[Judge], Check]:
    """Declare the function below as the judge of a check; the texts explain its code, see Explanation."""
    texts = (" ".join(text.split()) for text in (line, means, proves, disproves, fix))
    explanation = Explanation(code, *texts)
    return lambda judge: Check(code, severity, source, explanation, judge)


def said(seconds: float) -> str:
    """A duration in a sentence: 10 s, 2.5 s."""
    return f"{seconds:.1f}".removesuffix(".0") + " s"


def rounded_up(seconds: float) -> str:
    """A timeout nobody needs to be ashamed of: the next ten seconds above."""
    return f"{math.ceil(seconds / 10) * 10}s"
