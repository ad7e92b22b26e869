"""One way through: paths -> evidence -> lines -> events -> clocks -> timeline -> incidents -> Case."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import polars as pl
from msgspec.structs import replace

from logtrace import catalogue
from logtrace.clocks import Clocks, canonical_names, own_names, resolve, with_nodes
from logtrace.clocks.anchors import LocalClock, parse_zone
from logtrace.clocks.skew import Skew
from logtrace.config import choice, corosync
from logtrace.config.model import ClusterConfig
from logtrace.config.observed import with_devices
from logtrace.domain.kinds import Kind
from logtrace.errors import NothingUsableError
from logtrace.events.programs import with_programs
from logtrace.events.store import Events
from logtrace.gather import Gathered, Watch, gather, in_order
from logtrace.intake.names import report_name
from logtrace.lint import findings
from logtrace.report.case import Case, ClockReading, Cluster, Coverage, DcSpan, Frames, Node, Window
from logtrace.report.incidents import incidents
from logtrace.report.parts import with_parts
from logtrace.report.scope import Options, Whole, beginning
from logtrace.timeline import Timeline, build
from logtrace.timeline.membership import learned_ids
from logtrace.timeline.peers import peers
from logtrace.timeline.witnesses import merge_witnesses


def analyze(
    paths: Sequence[str], options: Options | None = None, *, logs: bool = True, watch: Watch | None = None
) -> Case:
    """Read `paths` as one case and say what happened.

    `logs` False: a configuration alone is enough, and is judged as far as that goes without them.
    `watch` is called while the input is read, see logtrace.gather.
    Raises UsageError, NothingUsableError or UnsafeInputError (see logtrace.errors); whatever else is wrong with the
    input is skipped and counted in the case.
    """
    wanted = options or Options()
    if wanted.cache is None:
        return _whole(paths, wanted, logs=logs, watch=watch).part(wanted)
    from logtrace.cache import Cache  # few want it

    cache = Cache.of(paths, wanted, logs=logs)
    whole = cache.read() if cache else None
    if whole is None:
        whole = _whole(paths, wanted, logs=logs, watch=watch)
        if cache is not None:
            cache.write(whole)
    return whole.part(wanted)


def _whole(paths: Sequence[str], options: Options, *, logs: bool, watch: Watch | None) -> Whole:
    """All that is in `paths`; of `options`, what says how to read them counts."""
    zone = parse_zone(options.timezone)
    known = catalogue.load()
    gathered = gather(paths, known, options, watch)
    config = _config(gathered)
    told = with_nodes(with_programs(in_order(gathered), [path for path, _ in gathered.files]))
    enough = _only_quiet(gathered) or (not logs and config != ClusterConfig())
    if told["local"].is_not_null().sum() == 0 and not enough:
        raise _nothing(gathered, paths)
    understood = told.height + sum(gathered.repeated)
    names = _names(told, gathered, config)
    told = told.changed(["node"], lambda nodes: nodes.replace(names))
    told, clocks = resolve(told, hints=gathered.hints, zone=zone, year=options.year)
    local = next((clock.local for clock in clocks.by_node.values() if clock.local.sure), None) or next(
        (clock.local for clock in clocks.by_node.values()), None
    )
    told = _from_since(merge_witnesses(told), gathered, options, local)
    ids = {**config.nodes, **(config.corosync.nodes if config.corosync else {}), **learned_ids(told)}
    history = [entry for snapshot in gathered.snapshots for entry in snapshot.history]
    timeline = build(told, ids, history)
    config = with_devices(config, _devices(told))
    files = pl.DataFrame(
        [(index, path, names.get(node, node) if node else None) for index, (path, node) in enumerate(gathered.files)],
        schema={"file": pl.UInt32, "path": pl.String, "node": pl.String},
        orient="row",
    )
    start, end = timeline.start, timeline.end
    members = [*config.nodes.values(), *sorted(timeline.logging_nodes), *sorted(peers(timeline, config))]
    present = _with_logs(timeline, gathered, names)
    window = Window(start, end, *((local.zone, local.source, (), local.zone_source) if local else (None, None)))
    found = incidents(timeline, config, files)
    frames = Frames(
        files=files,
        events=told,
        operations=timeline.operations,
        transitions=timeline.transition_table,
        membership=timeline.membership,
        fencing=timeline.fencing,
    )
    case = Case(
        inputs=tuple(gathered.report.inputs),
        cluster=_cluster(timeline, config, clocks, gathered, members, present),
        window=window,
        coverage=_coverage(gathered, understood, members, present),
        incidents=found,
        findings=findings(config, timeline, history=choice.history(gathered.snapshots), files=files),
        config=config,
        frames=frames,
        name=config.cluster_name or report_name(paths[0]),
    )
    return Whole(
        with_parts(case, timeline.losses, timeline.fencings),
        local.offset.total_seconds() if local else 0.0,
        tuple(_resources(timeline, config)),
        tuple(timeline.losses),
        tuple(timeline.fencings),
    )


def _only_quiet(gathered: Gathered) -> bool:
    """Whether the logs are the cluster's and have times, and merely tell nothing of note."""
    return gathered.own and any(log.first is not None for log in gathered.logs)


def _nothing(gathered: Gathered, paths: Sequence[str]) -> NothingUsableError:
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
    return NothingUsableError(what, where=", ".join(paths), remedy=remedy)


# --- putting together ---------------------------------------------------------------------------------


def _from_since(told: Events, gathered: Gathered, options: Options, local: LocalClock | None) -> Events:
    """What all logs tell in full, where some were not read from their beginning."""
    end = told["time"].max()
    if options.since is None or not isinstance(end, datetime) or not any(log.earlier for log in gathered.logs):
        return told
    start = beginning(options.since, end, local.offset if local else timedelta())
    return told.numbered((told["time"] >= start).arg_true())


def _config(gathered: Gathered) -> ClusterConfig:
    merged = corosync.merge(*gathered.corosync) if gathered.corosync else None
    release = next((one.corosync for one in gathered.versions if one.corosync), None)
    if merged is not None and release is not None and merged.version in (None, "2"):
        merged = replace(merged, version=release)
    chosen = choice.choose(gathered.snapshots, merged) or ClusterConfig()
    return replace(chosen, sbd=gathered.sbd[0]) if gathered.sbd else chosen


def _names(told: Events, gathered: Gathered, config: ClusterConfig) -> dict[str, str]:
    """Host or folder name -> node name."""
    hosts = sorted(told.values("node"))
    trusted = [*config.nodes.values(), *gathered.members]
    if config.corosync is not None:
        trusted += [name for name in config.corosync.nodes.values() if not re.fullmatch(r"[\d.:a-f]+", name)]
    trusted += own_names(told)
    return canonical_names([*hosts, *gathered.report.nodes], [*trusted, *sorted(gathered.report.nodes)])


def _devices(events: Events) -> list[str]:
    """Fence devices the fencer registered or used."""
    return sorted(
        events.of(Kind.FENCE_DEVICE, Kind.FENCE_DEVICE_RESULT, columns=("device",))["device"].drop_nulls().unique()
    )


def _cluster(
    timeline: Timeline,
    config: ClusterConfig,
    clocks: Clocks,
    gathered: Gathered,
    members: Sequence[str],
    present: frozenset[str],
) -> Cluster:
    told = timeline.events.select("node", "time")
    spans = told.group_by("node").agg(first=pl.col("time").min(), last=pl.col("time").max())
    times = {node: (first, last) for node, first, last in spans.iter_rows()}
    nodes = []
    for name in dict.fromkeys(members):
        clock = clocks.by_node.get(name)
        first, last = times.get(name, (None, None))
        nodes.append(
            Node(
                name=name,
                logs=name in present,
                first=first,
                last=last,
                clock_offset=clock.skew.offset if clock and clock.skew.error is not None else None,
                clock_offset_error=clock.skew.error if clock else None,
                clock_course=_course(clock.skew, first, last) if clock and first and last else (),
                timezone=clock.local.zone if clock else None,
                year_source=clock.local.source if clock else None,
            )
        )
    release = _released(timeline, Kind.COROSYNC_START) or next(
        (one.corosync for one in gathered.versions if one.corosync), None
    )
    transport = config.corosync.transport if config.corosync else None
    stack = config.stack or ("corosync" if release or config.corosync else None)
    pacemaker = next((one.pacemaker for one in gathered.versions if one.pacemaker), None)
    return Cluster(
        name=config.cluster_name,
        stack=" ".join(part for part in (stack, transport) if part) or None,
        pacemaker=_plain_version(config.pacemaker) or _released(timeline, Kind.DAEMON_STARTING) or pacemaker,
        corosync=release,
        nodes=tuple(nodes),
        dc=_dc_spans(timeline),
    )


def _course(skew: Skew, first: datetime, last: datetime) -> tuple[ClockReading, ...]:
    if skew.course is None:
        return ()
    known = skew.course.between(first.timestamp(), last.timestamp())
    return tuple(
        ClockReading(datetime.fromtimestamp(each.at, UTC), round(each.offset, 6), round(each.error, 6))
        for each in known
    )


def _released(timeline: Timeline, kind: Kind) -> str | None:
    return next((event.version for event in reversed(timeline.rows.get(kind, [])) if event.version), None)


def _plain_version(version: str | None) -> str | None:
    """`2.1.5-a3f44794f94` is release 2.1.5."""
    return None if version is None else re.sub(r"-[0-9a-f]{7,}$", "", version)


def _dc_spans(timeline: Timeline) -> tuple[DcSpan, ...]:
    """Who was DC when, from who planned and who took over."""
    moments = [(transition.calculated, transition.dc) for transition in timeline.transitions]
    moments += [(event.time, event.node) for event in timeline.rows.get(Kind.DC_TAKEN)]
    spans: list[DcSpan] = []
    for time, node in sorted(moments):
        if spans and spans[-1].node == node:
            spans[-1] = DcSpan(node, spans[-1].start, time)
        else:
            spans.append(DcSpan(node, time, time))
    return tuple(spans)


def _with_logs(timeline: Timeline, gathered: Gathered, names: dict[str, str]) -> frozenset[str]:
    """The nodes whose logs are at hand, also where these tell nothing of the cluster."""
    folders = [
        node for (_, node), log in zip(gathered.files, gathered.logs, strict=True) if node and log.first is not None
    ]
    return frozenset([*timeline.logging_nodes, *(names.get(node, node) for node in folders)])


def _coverage(gathered: Gathered, recognised: int, members: Sequence[str], present: frozenset[str]) -> Coverage:
    return Coverage(
        files=len(gathered.files),
        lines=sum(log.lines for log in gathered.logs),
        lines_recognised=recognised,
        lines_undated=sum(log.undated for log in gathered.logs),
        lines_earlier=sum(log.earlier for log in gathered.logs),
        skipped=tuple(gathered.report.skipped),
        missing_nodes=tuple(sorted(set(members) - present)),
    )


def _resources(timeline: Timeline, config: ClusterConfig) -> list[str]:
    """Every resource that is configured or spoken of."""
    spoken = timeline.events.values("resource")
    return sorted({*config.primitives, *config.groups, *config.clones, *config.bundles, *spoken})
