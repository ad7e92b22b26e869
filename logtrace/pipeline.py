"""The way through, and the first file to read.

    paths ── gather ──> Collected   what all files hold: events of the logs, configurations, texts
          ── groups ──> Gathered    the same by cases: what is of one cluster at one time
          ── record ──> Record      what happened: each happening once, on one clock, as a timeline
          ── conclude > Whole       incidents with their causes, and whatever else follows from the record
          ── part ────> Case        the window, nodes and resources that were asked for

Each stage takes the value of the stage before and gives the next; none reaches back. Tests feed files in memory to the
same functions (`gather_texts` stands for `gather`), so there is no second way through.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Sequence
from datetime import datetime, timedelta

import polars as pl
from msgspec import Struct
from msgspec.structs import replace

from logtrace import catalogue
from logtrace.chains.sweep import follow
from logtrace.clocks import Clocks, canonical_names, own_names, resolve, settled, with_nodes
from logtrace.clocks.anchors import LocalClock
from logtrace.clocks.parts import apart, edges, joined
from logtrace.config import corosync, in_force
from logtrace.config.in_force import with_devices
from logtrace.config.model import ClusterConfig
from logtrace.config.query import is_bare_address
from logtrace.domain.kinds import Kind
from logtrace.domain.zones import parse_zone
from logtrace.errors import NothingUsableError, UsageError
from logtrace.events.programs import with_programs
from logtrace.events.store import Events
from logtrace.gather import Gathered, Watch, gather, in_order
from logtrace.grouping import groups, told_apart
from logtrace.intake.names import report_name
from logtrace.lint import findings
from logtrace.report.case import Carrier, Case, Coverage, Frames, Gap, Window
from logtrace.report.cluster import cluster, members
from logtrace.report.incidents import incidents
from logtrace.report.parts import with_parts
from logtrace.report.rereading import Rereading
from logtrace.report.scope import Cases, Options, Whole, beginning, several
from logtrace.report.selfcheck import contradictions
from logtrace.report.timeless import without_times
from logtrace.timeline import Timeline, build
from logtrace.timeline.coverage import speakers
from logtrace.timeline.membership import learned_ids
from logtrace.timeline.witnesses import merge_witnesses


def analyze(
    paths: Sequence[str], options: Options | None = None, *, logs: bool = True, watch: Watch | None = None
) -> Case:
    """Read `paths`, which are of one case, and say what happened; the rest is as for `cases`.

    Raises UsageError as well where they are of several clusters or times.
    """
    found = cases(paths, options, logs=logs, watch=watch).cases
    if len(found) > 1:
        raise several(paths, found)
    return found[0]


def cases(
    paths: Sequence[str], options: Options | None = None, *, logs: bool = True, watch: Watch | None = None
) -> Cases:
    """Read `paths` and say of each cluster and time that they tell of what happened.

    `logs` False: a configuration alone is enough, and is judged as far as that goes without them.
    `watch` is called while the input is read, see logtrace.gather.
    Raises UsageError, NothingUsableError or UnsafeInputError (see logtrace.errors); whatever else is wrong with the
    input is skipped and counted in the case, or is a case of its own that cannot be used.
    """
    wanted = options or Options()
    if wanted.cache is None:
        return _parts(*wholes(paths, wanted, logs=logs, watch=watch), wanted)
    from logtrace.cache import Cache  # few want it

    cache = Cache.of(paths, wanted, logs=logs)
    known = cache.read() if cache else None
    if known is not None:
        return _parts([known], [], wanted)
    found, unusable = wholes(paths, wanted, logs=logs, watch=watch)
    if cache is not None and len(found) == 1 and not unusable:
        cache.write(found[0])
    return _parts(found, unusable, wanted)


def wholes(
    paths: Sequence[str], options: Options, *, logs: bool = True, watch: Watch | None = None
) -> tuple[list[Whole], list[NothingUsableError]]:
    """All that is in `paths`, by cases, and why others are none; of `options`, what says how to read them counts."""
    parse_zone(options.timezone)  # a zone that is none is told before anything is read
    collected = gather(paths, catalogue.load(), options, watch, recorded=logs)
    grouped = [] if options.one_case else groups(collected)
    if len(grouped) <= 1:
        doubts = [told for group in grouped for told in group.doubts]
        return [_whole(collected.case(), options, ", ".join(paths), doubts, logs=logs)], []
    found, unusable, names = [], [], []
    for group in grouped:
        name = group.exhibits[0].name
        try:
            found.append(_whole(collected.case(group.exhibits), options, name, group.doubts, logs=logs))
        except NothingUsableError as error:
            unusable.append(error)
        else:
            names.append(name)
    if not found:
        raise unusable[0]
    names = told_apart([whole.case.name for whole in found], names)
    return [
        replace(whole, case=replace(whole.case, name=name)) for whole, name in zip(found, names, strict=True)
    ], unusable


def _whole(gathered: Gathered, options: Options, where: str, doubts: Sequence[str], *, logs: bool) -> Whole:
    """Raises NothingUsableError, which says `where` there is nothing to go on. `doubts`: what the case must tell of how
    it was put together.
    """
    found = record(gathered, options)
    if found.timeline.start is None and not _enough(gathered, found.config, logs=logs):
        raise _nothing(gathered, where)
    whole = conclude(found)
    coverage = whole.case.coverage
    told = replace(coverage, notices=(*coverage.notices, *doubts))
    return replace(whole, case=replace(whole.case, coverage=told))


def _parts(found: Sequence[Whole], unusable: Sequence[NothingUsableError], options: Options) -> Cases:
    """What `options` asks for of each. Raises UsageError where it makes no sense for any of them."""
    parts, refused = [], []
    for whole in found:
        try:
            parts.append(whole.part(options))
        except UsageError as error:  # such as a node of another cluster
            refused.append(error)
    if not parts:
        raise refused[0]
    return Cases(tuple(parts), tuple(unusable))


# --- from what was gathered to what happened ----------------------------------------------------------


class Record(Struct, frozen=True, eq=False):
    """What happened in the cluster as far as it can be known, before anything is concluded from it.

    `files`: columns file (its index), path, node. `recognised`: lines that were understood, those that repeat others
    included. `local`: the clock whose zone and year stand for the case's. `with_logs`: the nodes whose logs are at
    hand, also where these tell nothing of the cluster. `timeless`: no line has a time, only their order is known.
    `rereading`: where it was asked for.
    """

    gathered: Gathered
    config: ClusterConfig
    files: pl.DataFrame
    recognised: int
    clocks: Clocks
    local: LocalClock | None
    timeline: Timeline
    with_logs: frozenset[str]
    timeless: bool = False
    rereading: Rereading | None = None


def record(gathered: Gathered, options: Options) -> Record:
    """Bring what was gathered onto one clock, each happening once, and join it to a timeline."""
    config = configuration(gathered)
    events = understood(gathered)
    recognised = events.height - events.of(Kind.LINE_ERROR).height + gathered.repeated
    events, timeless = settled(events)
    names = node_names(events, gathered, config)
    events, parts = apart(named(events, names), len(gathered.files))
    events, clocks = timed(events, gathered, options, names)
    local = _leading(clocks)
    again = Rereading.of(joined(events, parts), gathered.files, names, gathered.secrets) if options.again else None
    heard = speakers(events, edges([(log.first, log.last) for log in gathered.logs], parts))
    events = _from_since(merge_witnesses(events), gathered, options, local)
    timeline = lined_up(events, gathered, config, heard, clocks, parts)
    return Record(
        gathered=gathered,
        config=with_devices(config, _devices(events)),
        files=_files(gathered, names),
        recognised=recognised,
        clocks=clocks,
        local=local,
        timeline=timeline,
        with_logs=timeline.logging_nodes | _folders_with_logs(gathered, names),
        timeless=timeless,
        rereading=again,
    )


def configuration(gathered: Gathered) -> ClusterConfig:
    """The newest CIB, with what corosync's and sbd's own files add; an empty one where there is none of these."""
    merged = corosync.merge(*gathered.corosync) if gathered.corosync else None
    release = next((one.corosync for one in gathered.versions if one.corosync), None)
    if merged is not None and release is not None and merged.version in (None, "2"):
        merged = replace(merged, version=release)
    chosen = in_force.choose(gathered.snapshots, merged) or ClusterConfig()
    return replace(chosen, sbd=gathered.sbd[0]) if gathered.sbd else chosen


def understood(gathered: Gathered) -> Events:
    """What all logs say, in one order, each line with its node and, of a service's own log, its program. Local times.

    Uses up the events of `gathered` and puts its files and logs in that order.
    """
    events = in_order(gathered)
    return with_nodes(with_programs(events, [path for path, _ in gathered.files]))


def node_names(events: Events, gathered: Gathered, config: ClusterConfig) -> dict[str, str]:
    """Host or folder name -> the name the cluster itself uses for that node."""
    hosts = sorted(events.values("node"))
    trusted = [*config.nodes.values(), *gathered.members]
    if config.corosync is not None:
        trusted += [name for name in config.corosync.nodes.values() if not is_bare_address(name)]
    trusted += own_names(events)
    return canonical_names([*hosts, *gathered.report.nodes], [*trusted, *sorted(gathered.report.nodes)])


def named(events: Events, names: dict[str, str]) -> Events:
    """The same events, their nodes by the cluster's own names."""
    return events.changed(["node"], lambda nodes: nodes.replace(names))


def timed(events: Events, gathered: Gathered, options: Options, names: dict[str, str]) -> tuple[Events, Clocks]:
    """The events with `time`, in UTC and on one clock; without those that have no local time. Raises UsageError for a
    zone that is none.
    """
    stored = [
        (names.get(node, node), local, text)
        for log in gathered.logs
        for host, local, text in log.stored
        if (node := host or log.name)
    ]
    zone = parse_zone(options.timezone)
    return resolve(events, hints=gathered.hints, zone=zone, year=options.year, stored=stored)


def lined_up(
    events: Events, gathered: Gathered, config: ClusterConfig, heard: pl.DataFrame, clocks: Clocks, parts: Sequence[int]
) -> Timeline:
    """The timeline of events that are told once each. `heard`: of all their lines, see speakers; `parts`: see apart."""
    ids = {**config.nodes, **(config.corosync.nodes if config.corosync else {}), **learned_ids(events)}
    history = [entry for snapshot in gathered.snapshots for entry in snapshot.history]
    excerpt = not _is_report(gathered)
    return build(events, ids, history, heard=heard, parts=parts, excerpt=excerpt, clocks_set=clocks.settings)


def _is_report(gathered: Gathered) -> bool:
    """Whether more was collected than logs: what is collected together is collected at one time."""
    return bool(gathered.snapshots or gathered.corosync or gathered.members or gathered.versions)


def _leading(clocks: Clocks) -> LocalClock | None:
    """The first node's clock whose zone and year are sure, else the first there is."""
    known = [clock.local for clock in clocks.by_node.values()]
    return next((local for local in known if local.sure), None) or next(iter(known), None)


def _from_since(events: Events, gathered: Gathered, options: Options, local: LocalClock | None) -> Events:
    """What all logs tell in full, where some were not read from their beginning."""
    end = events["time"].max()
    if options.since is None or not isinstance(end, datetime) or not any(log.earlier for log in gathered.logs):
        return events
    start = beginning(options.since, end, local.offset if local else timedelta())
    return events.numbered((events["time"] >= start).arg_true())


def _devices(events: Events) -> list[str]:
    """Fence devices the fencer registered or used."""
    return sorted(
        events.of(Kind.FENCE_DEVICE, Kind.FENCE_DEVICE_RESULT, columns=("device",))["device"].drop_nulls().unique()
    )


def _files(gathered: Gathered, names: dict[str, str]) -> pl.DataFrame:
    rows = [(index, path, names.get(node, node) if node else None) for index, (path, node) in enumerate(gathered.files)]
    return pl.DataFrame(rows, schema={"file": pl.UInt32, "path": pl.String, "node": pl.String}, orient="row")


def _folders_with_logs(gathered: Gathered, names: dict[str, str]) -> frozenset[str]:
    return frozenset(
        names.get(node, node)
        for (_, node), log in zip(gathered.files, gathered.logs, strict=True)
        if node and log.first is not None
    )


# --- from what happened to what it means --------------------------------------------------------------


def conclude(record: Record, now: datetime | None = None) -> Whole:
    """Find the incidents of a record and judge them, its configuration, and what only looks like trouble.

    `now`: up to when nothing more was logged, where that is later than the last event; it shows in `progress` alone.
    """
    timeline, config, files, local = record.timeline, record.config, record.files, record.local
    clock = (local.zone, local.source, (), local.zone_source) if local else (None, None)
    window = Window(timeline.start, timeline.end, *clock)
    nodes = members(timeline, config)
    configs = in_force.over_time(record.gathered.snapshots, config, _devices(timeline.events))
    followed = follow(timeline, configs, now)
    found = incidents(followed, timeline, config, files)
    if record.timeless:
        window, found = Window(None, None, None, "no line has a time: only their order is known"), without_times(found)
    frames = Frames(
        files=files,
        events=timeline.events,
        operations=timeline.frames.runs,
        transitions=timeline.frames.transitions,
        membership=timeline.frames.membership,
        fencing=timeline.frames.fencings,
    )
    gathered = record.gathered
    case = Case(
        inputs=tuple(gathered.report.inputs),
        cluster=cluster(timeline, config, record.clocks, nodes, versions=gathered.versions, with_logs=record.with_logs),
        window=window,
        coverage=replace(_coverage(record, nodes), notices=followed.notices),
        incidents=found,
        findings=findings(config, timeline, snapshot=in_force.newest(gathered.snapshots), files=files),
        config=config,
        frames=frames,
        name=config.cluster_name or next((report_name(each.path) for each in gathered.report.inputs), "report"),
    )
    if sys.flags.dev_mode:
        for told in contradictions(case):
            warnings.warn(f"the case contradicts itself: {told}", stacklevel=2)
    return Whole(
        with_parts(case, timeline.losses, timeline.fencings),
        local.offset.total_seconds() if local else 0.0,
        _resources(timeline, config),
        tuple(timeline.losses),
        tuple(timeline.fencings),
        record.rereading,
    )


def _coverage(record: Record, nodes: Sequence[str]) -> Coverage:
    """How much of the input was read and understood, and which nodes' logs are not there."""
    gathered, told = record.gathered, record.timeline.coverage
    return Coverage(
        files=len(gathered.files),
        lines=sum(log.lines for log in gathered.logs),
        lines_recognised=record.recognised,
        lines_undated=sum(log.undated for log in gathered.logs),
        lines_earlier=sum(log.earlier for log in gathered.logs),
        skipped=tuple(gathered.report.skipped),
        missing_nodes=tuple(sorted(set(nodes) - record.with_logs)),
        carriers=tuple(
            Carrier(path, "; ".join(log.carriers))
            for (path, _), log in zip(gathered.files, gathered.logs, strict=True)
            if log.carriers
        ),
        gaps=tuple(Gap(each.node, each.daemon, each.start, each.end, each.why) for each in told.gaps),
        excerpt=told.excerpt,
    )


def _resources(timeline: Timeline, config: ClusterConfig) -> tuple[str, ...]:
    """Every resource that is configured or spoken of."""
    spoken = timeline.events.values("resource")
    return tuple(sorted({*config.primitives, *config.groups, *config.clones, *config.bundles, *spoken}))


# --- nothing to go on ---------------------------------------------------------------------------------


def _enough(gathered: Gathered, config: ClusterConfig, *, logs: bool) -> bool:
    """Whether there is something to judge without any event: logs of the cluster that have times and merely tell
    nothing of note, or a configuration where that is all that was asked for.
    """
    quiet = gathered.own and any(log.first is not None for log in gathered.logs)
    return quiet or (not logs and config != ClusterConfig())


def _nothing(gathered: Gathered, where: str) -> NothingUsableError:
    what, remedy = "holds no line of Pacemaker or Corosync", "give pacemaker.log, corosync.log, syslog or a crm_report"
    empty = not any(log.lines for log in gathered.logs)
    if empty and gathered.report.skipped and not (gathered.snapshots or gathered.corosync):
        skipped = gathered.report.skipped[0]
        return NothingUsableError(skipped.reason, where=skipped.path)
    if not gathered.logs:
        what = "holds no log"
    elif empty:
        what = "holds only empty logs"
    elif gathered.own:
        what, remedy = (
            "holds lines of the cluster, but none with a time",
            "give the log with the times it was written with",
        )
    return NothingUsableError(what, where=where, remedy=remedy)
