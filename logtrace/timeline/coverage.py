"""What could have been seen: would a line be here, if this had happened?

A witness that could not have spoken rules nothing out. Before anybody says "ruled out", "nothing", "never" or "did
not", Coverage tells whether the line that would say otherwise would be at hand: per node, per family of daemons (who
writes to which log), per level (Pacemaker's own log, or a copy of its notices), for a span of time.

Every bound is the logs' own: a file covers what lies between its first and its last dated line; a gap is bounded by the
lines around it; how often a daemon speaks is taken from how often it spoke. The one exception is the end of a log in a
report: logs of a report are collected together, so a node that nobody lost was silent after its last line.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache, cached_property
from typing import Final

import polars as pl
from msgspec import Struct
from msgspec.structs import replace

from logtrace import catalogue
from logtrace.domain.columns import NO_PROCESS, NO_YEAR
from logtrace.domain.kinds import Kind
from logtrace.events.store import Events
from logtrace.timeline.gaps import Family, Gap, family, gaps_of
from logtrace.timeline.losses import NodeLoss

#: Levels that syslog does not get by default (PCMK_logpriority; Corosync's syslog_priority is info).
_DETAIL_LEVELS: Final = ("info", "debug", "trace")

_NOTHING: Final = pl.duration(seconds=0)

#: When a gap ends that goes on to the end of the logs.
_NEVER: Final = datetime.max.replace(tzinfo=UTC)

#: What Pacemaker's daemons log at info: it is in their own log only. Some of it was a notice in some releases
#: (log calls of te_rsc_command, process_lrm_event, match_graph_event, abort_transition_as, log_executor, attrd).
_DETAILS: Final = frozenset(
    {
        Kind.OP_CONFIRMED,
        Kind.OP_EXECUTING,
        Kind.OP_FINISHED,
        Kind.OP_REQUESTED_LOCAL,
        Kind.OP_OUTPUT,
        Kind.OP_CANCELLED,
        Kind.FAILCOUNT_UPDATE,
        Kind.FAILURE_CLEARED,
        Kind.SCHED_LEAVE,
        Kind.CIB_REQUEST,
        Kind.CIB_DONE,
        Kind.CIB_CONFIG_CHANGE,
        Kind.FSA_STATE,
        Kind.MEMBER_PROCESS,
        Kind.MEMBER_PURGED,
    }
)


class Span(Struct, frozen=True):
    """A span in which what `families` say of a node is in `file`; `detail`: also what Pacemaker logs at info."""

    file: int
    start: datetime
    end: datetime
    families: frozenset[Family]
    detail: bool


class Coverage(Struct, frozen=True, dict=True):
    """What the logs of a case could have told. `excerpt`: they came without the report around them."""

    spans: dict[str, tuple[Span, ...]]  # by node
    gaps: tuple[Gap, ...] = ()
    excerpt: bool = False

    def reaches(self, node: str, moment: datetime) -> bool:
        """Whether some log of `node` covers `moment`."""
        return _holds(self._covered(node, None, detail=False), moment, moment)

    def would_tell(self, kind: Kind, node: str, start: datetime, end: datetime) -> bool:
        """Whether a line of `kind` that `node` logged between `start` and `end` would be at hand."""
        return _holds(self._covered(node, families_of(kind), detail=kind in _DETAILS), start, end)

    def whole(self, nodes: Collection[str], start: datetime, end: datetime) -> bool:
        """Whether whatever Pacemaker and the membership logged as notices on all of `nodes` would be at hand."""
        return bool(nodes) and all(
            _holds(self._covered(node, frozenset({family}), detail=False), start, end)
            for node in nodes
            for family in (Family.PACEMAKER, Family.MEMBERSHIP)
        )

    def missing(self, kind: Kind, node: str, start: datetime, end: datetime) -> tuple[str, ...]:
        """What keeps a line of `kind` that `node` logged between `start` and `end` from being at hand, as names of
        what one would have to get; nothing where `would_tell`.
        """
        if self.would_tell(kind, node, start, end):
            return ()
        families, spans = families_of(kind), self.spans.get(node, ())
        if not spans:
            return (f"the logs of {node}",)
        speaking = [span for span in spans if families & span.families]
        if not speaking:
            return (f"{_log(families)} of {node}",)
        if kind in _DETAILS and not any(span.detail for span in speaking):
            return (f"pacemaker.log of {node}, for its syslog has notices only",)
        words = [
            f"what {node} logged between {gap.start:%H:%M:%S} and {_clock(gap.end)} UTC: {gap.why}"
            for gap in self.gaps
            if gap.node == node and gap.start < end and (gap.end is None or start < gap.end)
        ]
        first, last = min(span.start for span in speaking), max(span.end for span in speaking)
        if start < first:
            words.append(f"{_log(families)} of {node} before {first:%H:%M:%S} UTC")
        if end > last:
            words.append(f"{_log(families)} of {node} after {last:%H:%M:%S} UTC")
        return tuple(words) or (f"{_log(families)} of {node} for the whole of that time",)

    def lacks_some(self, node: str, start: datetime, end: datetime) -> bool:
        """Whether lines are missing that Pacemaker's daemons on `node` logged between `start` and `end`."""
        begins, latest = self._holes.get(node, ([], []))
        begun = bisect_right(begins, end)
        return begun > 0 and latest[begun - 1] >= start

    @cached_property
    def _holes(self) -> dict[str, tuple[list[datetime], list[datetime]]]:
        """By node, when gaps in what Pacemaker logged begin, in order, and when the longest so far ends."""
        found: dict[str, tuple[list[datetime], list[datetime]]] = {}
        for gap in self.gaps:
            if gap.daemon == Family.PACEMAKER or gap.file is not None:
                begins, latest = found.setdefault(gap.node, ([], []))
                begins.append(gap.start)
                latest.append(max(gap.end or _NEVER, latest[-1] if latest else gap.start))
        return found

    @cached_property
    def _known(self) -> dict[tuple[str, frozenset[Family] | None, bool], list[tuple[datetime, datetime]]]:
        """What was asked of `_covered` before: each incident asks the same again."""
        return {}

    def _covered(
        self, node: str, families: frozenset[Family] | None, *, detail: bool
    ) -> list[tuple[datetime, datetime]]:
        """The spans in which the logs of `node` have what one of `families` says (None: any), joined and in order."""
        asked = (node, families, detail)
        if asked not in self._known:
            self._known[asked] = self._spans_of(node, families, detail=detail)
        return self._known[asked]

    def _spans_of(
        self, node: str, families: frozenset[Family] | None, *, detail: bool
    ) -> list[tuple[datetime, datetime]]:
        parts: list[tuple[datetime, datetime]] = []
        for span in self.spans.get(node, ()):
            speaks = span.families if families is None else span.families & families
            if not speaks or (detail and Family.PACEMAKER in speaks and not span.detail):
                continue
            gaps = [
                gap
                for gap in self.gaps
                if gap.node == node
                and (gap.file is None or gap.file == span.file)
                and (gap.daemon is None or gap.daemon in speaks)
            ]
            parts += _without(span.start, span.end, gaps)
        return _joined(parts)


@cache
def families_of(kind: Kind) -> frozenset[Family]:
    """Whose programs log a kind, as the catalogue has it; any of them may. What the machine tells of itself is in the
    system's log.
    """
    stanzas = [one for one in catalogue.load().messages if one.kind == kind]
    if not all(one.daemons for one in stanzas):
        return frozenset(Family)
    told = {family(daemon) for one in stanzas for daemon in one.daemons} - {None}
    return frozenset({Family.SYSTEM} if Family.SYSTEM in told or not told else filter(None, told))


# --- what there is ------------------------------------------------------------------------------------


def speakers(events: Events, edges: Sequence[tuple[datetime | None, datetime | None]] = ()) -> pl.DataFrame:
    """Who speaks in which log: columns file, node, daemon, detail (at info as well), start, end (of this node in the
    file). To be asked before copies of lines are dropped.

    `edges`: by file, the local times of its first and last line, whatever they say, as its lines print them; a file
    that several nodes share is as long as each of them speaks. A status tells what is recorded, and is no log.
    """
    told = events.select("file", "node", "daemon", "pid", "level", "time", "local").drop_nulls(["node", "time"])
    by_status = (pl.col("pid") == NO_PROCESS).fill_null(value=False)
    stated = told.filter(by_status)["file"].unique()
    told = told.filter(~by_status)
    said = told.group_by("file", "node", "daemon").agg(
        detail=pl.col("level").is_in(_DETAIL_LEVELS).any().fill_null(value=False)
    )
    of_file = told.group_by("file", "node").agg(
        start=pl.col("time").min(),
        end=pl.col("time").max(),
        _first=pl.col("local").sort_by("time").first(),
        _last=pl.col("local").sort_by("time").last(),
    )
    known = pl.DataFrame(
        [(file, first, last) for file, (first, last) in enumerate(edges)],
        schema={"file": told.schema["file"], "_begin": told.schema["local"], "_finish": told.schema["local"]},
        orient="row",
    )
    alone = (pl.len().over("file") == 1) & ~pl.col("file").is_in(stated.implode())  # its last line may be a status's
    of_file = of_file.join(known, on="file", how="left").with_columns(
        start=pl.col("start") - pl.when(alone).then(_since("_begin", "_first")).otherwise(_NOTHING),
        end=pl.col("end") + pl.when(alone).then(_since("_last", "_finish")).otherwise(_NOTHING),
    )
    return said.join(of_file.select("file", "node", "start", "end"), on=["file", "node"]).sort("file", "node", "daemon")


def _since(earlier: str, later: str) -> pl.Expr:
    """How long after another a local time was, less than a year: as printed, few have one. Nothing where unknown."""
    year = pl.duration(days=366)  # NO_YEAR is a leap year
    took = pl.col(later).dt.replace(year=NO_YEAR) - pl.col(earlier).dt.replace(year=NO_YEAR)
    took = pl.when(took < -year / 2).then(took + year).otherwise(took)
    return pl.when(took > _NOTHING).then(took).otherwise(_NOTHING)


def _spans(told: pl.DataFrame, until: Mapping[str, datetime]) -> dict[str, tuple[Span, ...]]:
    """Spans by node; the log of a node that ends last reaches as far as `until` says."""
    found: dict[str, dict[int, list[tuple[str | None, bool, datetime, datetime]]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for file, node, daemon, detail, first, last in told.iter_rows():
        found[node][file].append((daemon, detail, first, last))
    return {node: _spans_of(files, until.get(node)) for node, files in found.items()}


def _spans_of(
    files: Mapping[int, list[tuple[str | None, bool, datetime, datetime]]], until: datetime | None
) -> tuple[Span, ...]:
    """The spans of a node's files (daemon, detail, start, end of each). `until`: how far the last of each family
    reaches, whatever its last line.
    """
    spans = []
    for file, rows in files.items():
        families = frozenset(filter(None, (family(daemon) for daemon, *_ in rows)))
        if Family.SYSTEM in families:  # where the machine's own programs speak is the system's log, and there all do
            families = frozenset(Family)
        detail = any(detail and family(daemon) is Family.PACEMAKER for daemon, detail, *_ in rows)
        spans.append(Span(file, rows[0][2], rows[0][3], families, detail))
    if until is not None:
        last = {each: max((span.end for span in spans if each in span.families), default=until) for each in Family}
        spans = [
            replace(span, end=max(span.end, until)) if any(span.end == last[each] for each in span.families) else span
            for span in spans
        ]
    return tuple(sorted(spans, key=lambda span: (span.start, span.file)))


# --- putting together ---------------------------------------------------------------------------------


def coverage(
    events: Events, told: pl.DataFrame, runs: pl.DataFrame, losses: Iterable[NodeLoss], *, excerpt: bool = False
) -> Coverage:
    """What the logs of a case cover. `told`: see `speakers`; `runs`: RUNS. `excerpt`: no report is around them."""
    end = events["time"].max()
    gone = {loss.node for loss in losses if loss.back is None and not loss.orderly}
    until = {}
    if not excerpt and isinstance(end, datetime):
        until = dict.fromkeys(set(told["node"]) - gone, end)
    return Coverage(_spans(told, until), gaps_of(events, runs), excerpt)


# --- intervals ----------------------------------------------------------------------------------------


def _without(start: datetime, end: datetime, gaps: Iterable[Gap]) -> list[tuple[datetime, datetime]]:
    """What of start..end lies outside of `gaps`."""
    parts = []
    for gap in sorted(gaps, key=lambda gap: gap.start):
        until = end if gap.end is None else gap.end
        if until < start or gap.start > end:
            continue
        if gap.start >= start:
            parts.append((start, gap.start))
        start = max(start, until)
        if gap.end is None:
            return parts
    return [*parts, (start, end)] if start <= end else parts


def _joined(parts: Iterable[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    """Overlapping spans as one."""
    joined: list[tuple[datetime, datetime]] = []
    for start, end in sorted(parts):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def _holds(spans: Sequence[tuple[datetime, datetime]], start: datetime, end: datetime) -> bool:
    """Whether start..end lies in one of `spans`, which are apart and in order."""
    begun = bisect_right(spans, start, key=lambda span: span[0])
    return begun > 0 and end <= spans[begun - 1][1]


def _log(families: Collection[Family]) -> str:
    """What the log of these programs is called."""
    if Family.PACEMAKER in families:
        return "pacemaker.log"
    return "corosync's log" if Family.MEMBERSHIP in families else "the system's log"


def _clock(moment: datetime | None) -> str:
    return "the end" if moment is None else f"{moment:%H:%M:%S}"
