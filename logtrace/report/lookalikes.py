"""Not an incident: lines that look like trouble and are none, each kind of them counted and explained in a sentence."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final, Protocol

import polars as pl
from msgspec import Struct

from logtrace.config.model import ClusterConfig
from logtrace.config.query import is_stonith
from logtrace.domain.columns import LINES, UTC
from logtrace.domain.kinds import Kind
from logtrace.events.store import Events
from logtrace.report.case import Case, Incident, IncidentKind, Note
from logtrace.report.parts import Part
from logtrace.timeline.fencing import Fencing
from logtrace.timeline.losses import SLOWEST, NodeLoss

#: Healthy services that the cluster stopped of its own accord: no trouble, but no peace either.
MOVED: Final = "moved_by_cluster"

#: Two nodes that stamp whole seconds may be so far apart about one happening.
_TWO_STAMPS: Final = timedelta(seconds=2)


class Seen(Protocol):
    """What lines tell beside what they say one by one: the timeline, or a whole case."""

    @property
    def losses(self) -> Sequence[NodeLoss]: ...
    @property
    def fencings(self) -> Sequence[Fencing]: ...
    @property
    def membership(self) -> pl.DataFrame: ...


class _OfCase(Struct, frozen=True):
    losses: Sequence[NodeLoss]
    fencings: Sequence[Fencing]
    membership: pl.DataFrame


Rule = Callable[[Events, Seen], pl.DataFrame]
Sentence = Callable[[pl.DataFrame], str]


def _of_case(case: Case, losses: Sequence[NodeLoss], fencings: Sequence[Fencing]) -> tuple[Note, ...]:
    frames = case.frames
    seen = _OfCase(losses, fencings, frames.membership)
    whole = not case.coverage.excerpt
    return notes(frames.events, seen, case.incidents, frames.files, case.config, whole=whole)


PART: Final = Part("quiet", _of_case)


def notes(
    events: Events,
    seen: Seen,
    incidents: Sequence[Incident],
    files: pl.DataFrame,
    config: ClusterConfig | None,
    *,
    whole: bool = True,
) -> tuple[Note, ...]:
    """One note for every kind of harmless line among `events`, in the order of RULES.

    `files`: columns file, path. `whole`: False for an excerpt, in which what is not told may have been. Pauses and
    stops at the time of an incident are not told again here, and of what a fault cites only records and requests are.
    """
    paths = dict(files.select("file", "path").iter_rows())
    cited = _cited(incidents, files)
    found = []
    for label, rule, sentence in RULES:
        lines = rule(events, seen)
        if lines.is_empty():
            continue
        if label not in ALSO_CITED:
            lines = lines.join(cited, on=["file", "line"], how="anti", maintain_order="left")
        if label in _OUTSIDE:
            lines = _outside(lines, incidents)
        if label == MOVED:
            lines = _unowned(lines.filter(~pl.col("resource").is_in(_fence_devices(config))), incidents)
        if lines.height:
            first = lines.row(0, named=True)
            place = f"{paths.get(first['file'], '')}:{first['line']}"
            last = lines["time"].max()
            assert isinstance(last, datetime)
            say = _say_stopped if label == MOVED and not whole else sentence
            found.append(Note(label, say(lines), lines.height, first["time"], last, place))
    return tuple(found)


# --- which lines --------------------------------------------------------------------------------------


def _replayed(events: Events, _: Seen) -> pl.DataFrame:
    """All but the first line about each recorded failure."""
    same = ["resource", "operation", "target", "at"]
    return events.of(Kind.OP_HISTORY).filter(pl.int_range(pl.len()).over(same) > 0)


def _probes(events: Events, _: Seen) -> pl.DataFrame:
    probe = (pl.col("operation") == "monitor") & (pl.col("interval") == 0)
    return events.of(Kind.OP_RESULT).filter(probe & pl.col("rc").is_in([0, 7, 8]))


def _not_installed(events: Events, _: Seen) -> pl.DataFrame:
    return events.of(Kind.PROBE_NOT_INSTALLED)


def _rechecks(events: Events, _: Seen) -> pl.DataFrame:
    timer = (pl.col("cause") == "C_TIMER_POPPED") & (pl.col("state") == "S_POLICY_ENGINE")
    return events.of(Kind.FSA_STATE).filter(timer)


def _asked_fencing(events: Events, seen: Seen) -> pl.DataFrame:
    asked = [fencing.events[0] for fencing in seen.fencings if fencing.by_hand and fencing.fenced and fencing.events]
    return events.rows(asked)


def _merged(events: Events, _: Seen) -> pl.DataFrame:
    return events.of(Kind.FENCE_MERGED)


def _servants(events: Events, _: Seen) -> pl.DataFrame:
    """Messages of sbd's servants on nodes that sbd did not reset."""
    reset = events.of(Kind.SBD_RESET)["node"].unique()
    said = events.of(Kind.SBD_SERVANT)
    return said.filter(~pl.col("node").is_in(reset.implode()))


def _stopped(events: Events, _: Seen) -> pl.DataFrame:
    """Stops and demotes that ended well, by the executing nodes' lines and, for nodes without any, the DC's."""
    told = events.of(Kind.OP_RESULT).with_columns(target=pl.coalesce("target", "node"))
    seen = events.of(Kind.OP_CONFIRMED).join(told.select("target").unique(), on="target", how="anti")
    stops = pl.col("operation").is_in(["stop", "demote"]) & (pl.col("rc") == 0)
    return pl.concat([each.filter(stops) for each in (told, seen)], how="vertical_relaxed").sort("time", "event")


def _left(events: Events, seen: Seen) -> pl.DataFrame:
    left = [loss.events[0] for loss in seen.losses if loss.orderly and not loss.unannounced and loss.events]
    return events.rows(left).with_columns(
        target=pl.col("event").replace_strict(
            {loss.events[0]: loss.node for loss in seen.losses if loss.events}, default=None, return_dtype=pl.String
        )
    )


def _started(events: Events, _: Seen) -> pl.DataFrame:
    """Starts of Pacemaker itself that no death on that node precedes, since it was started before."""
    started = events.of(Kind.DAEMON_STARTING).filter(pl.col("daemon") == "pacemakerd").sort("time", "event")
    died = events.of(Kind.DAEMON_DIED, Kind.DAEMON_EXITED).select("node", "time", _died="time").sort("time")
    last = started.with_columns(_before=pl.col("time").shift().over("node"))
    last = last.join_asof(died, on="time", by="node", check_sortedness=False)
    return last.filter((pl.col("_died") < pl.col("_before")).fill_null(pl.col("_died").is_null())).drop(
        "_died", "_before"
    )


def _load(events: Events, _: Seen) -> pl.DataFrame:
    return events.of(Kind.LOAD_HIGH)


def _pauses(events: Events, seen: Seen) -> pl.DataFrame:
    """Pauses beside which no membership changed, in the time that members take at most to agree."""
    paused = events.of(Kind.COROSYNC_NOT_SCHEDULED, Kind.TOTEM_PAUSE).sort("time")
    changed = seen.membership.select("time", _changed="time").sort("time")
    near = paused.join_asof(changed, on="time", strategy="nearest", tolerance=SLOWEST, check_sortedness=False)
    return near.filter(pl.col("_changed").is_null()).drop("_changed")


def _tokens(events: Events, seen: Seen) -> pl.DataFrame:
    """Losses of the token after which all members are listed again, in the time that they take at most to agree."""
    failed = events.of(Kind.TOTEM_TOKEN).filter(pl.col("state") == "lost").sort("time", "event")
    listed = events.of(Kind.QUORUM_MEMBERS, columns=("node", "time")).select("node", "time", _listed="time")
    again = failed.join_asof(
        listed.sort("time"), on="time", by="node", strategy="forward", tolerance=SLOWEST, check_sortedness=False
    ).drop_nulls("_listed")
    lost = seen.membership.filter(pl.col("state") == "lost")["time"]
    return _apart(again.drop("_listed"), [(time - SLOWEST, time + _TWO_STAMPS) for time in lost])


def _outside(lines: pl.DataFrame, incidents: Iterable[Incident]) -> pl.DataFrame:
    """Lines at no time of an incident that was not planned."""
    spans = [
        (first - _TWO_STAMPS, (incident.t_end or first) + _TWO_STAMPS)
        for incident in incidents
        if incident.kind is not IncidentKind.PLANNED and (first := incident.t_fault or incident.t_detected) is not None
    ]
    return _apart(lines, spans)


def _apart(lines: pl.DataFrame, spans: Iterable[tuple[datetime, datetime]]) -> pl.DataFrame:
    """Lines at a time in none of `spans`, to which both their ends belong."""
    in_order = sorted(spans)
    if not in_order:
        return lines
    starts, ends = (pl.Series(each, dtype=UTC) for each in zip(*in_order, strict=True))
    begun = starts.search_sorted(lines["time"], "right")  # so many spans have begun by then
    last = ends.cum_max()[(begun.cast(pl.Int64) - 1).clip(lower_bound=0)]  # and so long the longest of them lasts
    return lines.filter((begun == 0) | (lines["time"] > last))


def _cited(incidents: Iterable[Incident], files: pl.DataFrame) -> pl.DataFrame:
    """The lines that faults cite: columns file, line, of the types that the tables of events have."""
    places = [(one.file, one.line) for incident in incidents if incident.trouble for one in incident.evidence]
    cited = pl.DataFrame(places, schema={"path": pl.String, "line": LINES["line"]}, orient="row")
    return cited.join(files.select("file", "path"), on="path").select("file", "line")


def _unowned(lines: pl.DataFrame, incidents: Iterable[Incident]) -> pl.DataFrame:
    """Lines about resources that no incident of their time is about, a command's included."""
    spans: dict[object, list[tuple[datetime, datetime]]] = defaultdict(list)
    for incident in incidents:
        first = incident.t_fault or incident.t_detected or incident.t_acted
        if first is not None:
            for resource in incident.resources:
                spans[resource].append((first - _TWO_STAMPS, (incident.t_end or first) + _TWO_STAMPS))
    parts = [_apart(part, spans[resource]) for (resource,), part in lines.group_by("resource")]
    return pl.concat(parts).sort("time", "event") if parts else lines


def _fence_devices(config: ClusterConfig | None) -> list[str]:
    """They move whenever a node comes or goes, and nobody waits for one."""
    return [] if config is None else [name for name in config.primitives if is_stonith(config, name)]


# --- what is said of them -----------------------------------------------------------------------------


def _say_replayed(lines: pl.DataFrame) -> str:
    most = lines.group_by("resource", "operation", "target", maintain_order=True).agg(times=pl.len(), at=pl.min("time"))
    top = most.sort("times", descending=True, maintain_order=True).row(0, named=True)
    what = f"the {top['operation'] or 'operation'} of {top['resource']} on {top['target']}"
    return (
        f"{_lines(lines)} only repeat{_s(lines)} failures recorded earlier, most of all {what}: the scheduler says "
        "them again in every run until they are cleaned up or expire."
    )


def _say_probes(lines: pl.DataFrame) -> str:
    idle = lines.filter(pl.col("rc") == 7).height
    return (
        f"{_count(lines, 'probe')} only asked what runs where; {idle:,} found nothing, the right answer on a node "
        "where the resource is not to run."
    )


def _say_not_installed(lines: pl.DataFrame) -> str:
    return (
        f"{_lines(lines)} say{_s(lines)} that an agent or its program is missing on {_nodes(lines, 'target')}: "
        "it matters only if the resource is ever to run there."
    )


def _say_rechecks(lines: pl.DataFrame) -> str:
    return f"{_count(lines, 'time')} the recheck timer had the scheduler look again, as it does at every interval."


def _say_asked_fencing(lines: pl.DataFrame) -> str:
    nodes = _nodes(lines, "target")
    return f"{nodes} {_was(lines, 'target')} fenced at somebody's request, not by the cluster's decision."


def _say_merged(lines: pl.DataFrame) -> str:
    return f"{_lines(lines)} tell{_s(lines)} of a second request to fence the same node; it was merged with the first."


def _say_servants(lines: pl.DataFrame) -> str:
    lost = f"{_lines(lines)} of sbd's servants on {_nodes(lines)}: they lost touch for a while"
    return f"{lost}; no line tells that sbd reset it."


def _say_moved(lines: pl.DataFrame) -> str:
    return (
        f"{_what_stopped(lines)} while well, and no fault or command in these logs asked for it: the cluster follows "
        "its own rules when a node is back, a failure expires or a score changes."
    )


def _say_stopped(lines: pl.DataFrame) -> str:
    return f"{_what_stopped(lines)}; these lines do not tell why: a fault, a command, or a rule of the cluster."


def _what_stopped(lines: pl.DataFrame) -> str:
    names = lines["resource"].unique(maintain_order=True).to_list()
    how = "stopped" if "stop" in lines["operation"] else "demoted"
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return f"{', '.join(names[:3])}{more} {_was(lines, 'resource')} {how} on {_nodes(lines, 'target')}"


def _say_left(lines: pl.DataFrame) -> str:
    return f"{_nodes(lines, 'target')} left in order: the loss was announced, and nothing had to be fenced."


def _say_started(lines: pl.DataFrame) -> str:
    started = f"Pacemaker was started on {_nodes(lines)} {_count(lines, 'time')}"
    return f"{started}; no line before tells of a death there."


def _say_load(lines: pl.DataFrame) -> str:
    return f"{_lines(lines)} about load on {_nodes(lines)}: the controller ran fewer actions at once for a while."


def _say_pauses(lines: pl.DataFrame) -> str:
    longest = lines["pause_ms"].max()
    most = f", at most {longest / 1000:.1f} s" if isinstance(longest, float) else ""
    paused = f"Corosync paused {_count(lines, 'time')} on {_nodes(lines)}{most}"
    return f"{paused}; no line near it tells of a change of the membership."


def _say_tokens(lines: pl.DataFrame) -> str:
    return (
        f"{_nodes(lines)} lost Corosync's token {_count(lines, 'time')}, and no member: packets were lost or late, or "
        "a node was not scheduled, for longer than the token timeout and no longer than it takes to agree."
    )


#: (label, the lines, the sentence), what readers ask about most first.
RULES: Final[tuple[tuple[str, Rule, Sentence], ...]] = (
    (MOVED, _stopped, _say_moved),
    ("failure_replayed", _replayed, _say_replayed),
    ("probe_as_expected", _probes, _say_probes),
    ("fencing_requested", _asked_fencing, _say_asked_fencing),
    ("node_left_in_order", _left, _say_left),
    ("corosync_short_pause", _pauses, _say_pauses),
    ("token_lost", _tokens, _say_tokens),
    ("probe_not_installed", _not_installed, _say_not_installed),
    ("fencing_merged", _merged, _say_merged),
    ("sbd_servant", _servants, _say_servants),
    ("daemon_started", _started, _say_started),
    ("load_high", _load, _say_load),
    ("recheck", _rechecks, _say_rechecks),
)

#: Notes about lines that incidents cite as well: a record that is repeated, a fencing that somebody asked for.
ALSO_CITED: Final = ("failure_replayed", "fencing_requested", "fencing_merged")

_OUTSIDE: Final = ("corosync_short_pause", "probe_not_installed")


def _count(lines: pl.DataFrame, noun: str) -> str:
    return f"{lines.height:,} {noun}{'' if lines.height == 1 else 's'}"


def _lines(lines: pl.DataFrame) -> str:
    return _count(lines, "line")


def _s(lines: pl.DataFrame) -> str:
    return "s" if lines.height == 1 else ""


def _was(lines: pl.DataFrame, column: str) -> str:
    return "was" if lines[column].n_unique() == 1 else "were"


def _nodes(lines: pl.DataFrame, column: str = "node") -> str:
    names = sorted(lines[column].drop_nulls().unique())
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return f"{', '.join(names[:3]) or 'a node'}{more}"
