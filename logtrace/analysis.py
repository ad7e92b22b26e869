"""One way through: paths -> evidence -> lines -> events -> clocks -> timeline -> incidents -> Case."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatch

import polars as pl
from dateutil import parser as dates

from logtrace import catalogue, intake, lines, quiet, secrets
from logtrace import events as understanding
from logtrace.clocks import Clocks, canonical_names, resolve
from logtrace.clocks.anchors import parse_zone
from logtrace.config import choice, cib, corosync, sbd, versions
from logtrace.config.model import ClusterConfig, Corosync, Sbd, Snapshot
from logtrace.config.observed import with_devices
from logtrace.errors import DamagedFileError, NothingUsableError, UsageError
from logtrace.findings import findings
from logtrace.frames import LINES
from logtrace.incidents import incidents
from logtrace.intake import EvidenceKind, IntakeReport, Piece
from logtrace.model import Case, Cluster, Coverage, DcSpan, Frames, Incident, Node, Skipped, Window
from logtrace.statistics import statistics
from logtrace.timeline import Timeline, build
from logtrace.timeline.membership import learned_ids
from logtrace.timeline.witnesses import merge_witnesses

#: Configuration and text files larger than this are no such files.
_LARGEST = 64 * 1024 * 1024

#: The tag of one of the cluster's own daemons, of any age. Looked for at the beginning of each log, to tell a quiet log
#: from one that is not the cluster's at all.
_OWN = re.compile(
    rb"(?:^|\s)(?:corosync|pacemakerd|pacemaker[-_]\w|crmd|pengine|lrmd|cib|attrd|stonith-ng|stonithd|heartbeat|sbd)"
    rb"\w*(?:\s+\w+)?\s*(?:[:(]|\[[\dA-Z])|^\[(?:TOTEM|KNET|QUORUM|MAIN|CPG|VOTEQ) *\] ",
    re.MULTILINE,
)
_BEGINNING = 1 << 16


@dataclass(frozen=True, slots=True)
class Options:
    """What the user asked for, as typed. `since`, `until`: absolute, or relative (`-2h`) to the end of the logs."""

    since: str | None = None
    until: str | None = None
    nodes: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    timezone: str | None = None
    year: int | None = None
    jobs: int = 0


@dataclass(slots=True)
class _Gathered:
    """Everything read from the pieces, before it is put together."""

    report: IntakeReport = field(default_factory=IntakeReport)
    files: list[tuple[str, str | None]] = field(default_factory=list)  # path, node of its folder
    own: bool = False  # some log begins with lines of the cluster's own daemons
    scans: list[lines.Scan] = field(default_factory=list)
    snapshots: list[Snapshot] = field(default_factory=list)
    corosync: list[Corosync] = field(default_factory=list)
    members: list[str] = field(default_factory=list)
    hints: list[tuple[str | None, int, str]] = field(default_factory=list)  # node, epoch, source
    versions: list[versions.Versions] = field(default_factory=list)
    sbd: list[Sbd] = field(default_factory=list)


def analyze(paths: Sequence[str], options: Options = Options(), *, logs: bool = True) -> Case:
    """Read `paths` as one case and say what happened.

    `logs` False: a configuration alone is enough, and is judged as far as that goes without them.
    Raises UsageError, NothingUsableError or UnsafeInputError (see logtrace.errors); whatever else is wrong with the
    input is skipped and counted in the case.
    """
    zone = parse_zone(options.timezone)
    known = catalogue.load()
    gathered = _gather(paths, known)
    config = _config(gathered)
    candidates = pl.concat([scan.frame for scan in gathered.scans] or [pl.DataFrame(schema=LINES)])
    candidates = candidates.with_columns(secrets.masked(candidates["message"]))
    told = understanding.understand(candidates, known)
    enough = _only_quiet(gathered) or (not logs and config != ClusterConfig())
    if told["local"].is_not_null().sum() == 0 and not enough:
        raise _nothing(gathered, paths)
    names = _names(told, gathered, config)
    told = told.with_columns(pl.col("node").replace(names))
    timed, clocks = resolve(told, hints=gathered.hints, zone=zone, year=options.year)
    everything = merge_witnesses(timed)
    ids = {**config.nodes, **(config.corosync.nodes if config.corosync else {}), **learned_ids(everything)}
    history = [entry for snapshot in gathered.snapshots for entry in snapshot.history]
    timeline = build(everything, ids, history)
    config = with_devices(config, _devices(everything))
    files = pl.DataFrame(
        [(index, path, names.get(node, node) if node else None) for index, (path, node) in enumerate(gathered.files)],
        schema={"file": pl.UInt32, "path": pl.String, "node": pl.String},
        orient="row",
    )
    cluster = _cluster(timeline, config, clocks, gathered, names)
    _check_names("--node", options.nodes, [node.name for node in cluster.nodes])
    _check_names("--resource", options.resources, _resources(timeline, config))
    window = _window(timeline, options, clocks)
    found = _wanted(incidents(timeline, config, files), window, options)
    frames = _frames(timeline, files, window)
    return Case(
        inputs=tuple(gathered.report.inputs),
        cluster=cluster,
        window=window,
        coverage=_coverage(gathered, told.height, config, _with_logs(timeline, gathered, names)),
        incidents=found,
        findings=findings(config, timeline, history=choice.history(gathered.snapshots), files=files),
        config=config,
        frames=frames,
        quiet=quiet.notes(frames.events, timeline, found, files),
        statistics=statistics(frames, config, window),
    )


# --- reading ------------------------------------------------------------------------------------------


def _gather(paths: Sequence[str], known: catalogue.Catalogue) -> _Gathered:
    gathered = _Gathered()
    for piece in intake.read(paths, gathered.report):
        if piece.kind is EvidenceKind.LOG:
            _log(gathered, piece, known)
        else:
            _other(gathered, piece)
    _in_order(gathered)
    return gathered


def _in_order(gathered: _Gathered) -> None:
    """Number the logs by their names, those of a node's own folder before merged ones: the order of members in an
    archive must not matter.
    """
    files = gathered.files
    order = sorted(range(len(files)), key=lambda index: (files[index][1] is None, files[index][0], index))
    for number, index in enumerate(order):
        scan = gathered.scans[index]
        scan.frame = scan.frame.with_columns(file=pl.lit(number, LINES["file"]))
    gathered.files = [gathered.files[index] for index in order]
    gathered.scans = [gathered.scans[index] for index in order]


def _log(gathered: _Gathered, piece: Piece, known: catalogue.Catalogue) -> None:
    scan = lines.scan(_watched(piece.chunks(), gathered), file=len(gathered.files), node=piece.node, catalogue=known)
    gathered.files.append((piece.path, piece.node))
    gathered.scans.append(scan)
    if piece.modified:
        gathered.hints.append((piece.node, int(piece.modified), f"time of {piece.path}"))


def _watched(chunks: Iterator[bytes], gathered: _Gathered) -> Iterator[bytes]:
    """The same chunks; on the way it is noticed whether the cluster's own daemons speak in the first of them."""
    for number, chunk in enumerate(chunks):
        if number == 0 and not gathered.own:
            gathered.own = _OWN.search(chunk[:_BEGINNING]) is not None
        yield chunk


def _other(gathered: _Gathered, piece: Piece) -> None:
    """Configuration and texts: small files, read whole."""
    data = _whole(piece)
    if data is None:
        gathered.report.skipped.append(Skipped(piece.path, "larger than any such file; left out"))
        return
    try:
        if piece.kind in (EvidenceKind.CIB, EvidenceKind.PE_INPUT):
            gathered.snapshots.append(cib.read(data, source=piece.path, node=piece.node))
        elif piece.kind is EvidenceKind.COROSYNC_CONF:
            gathered.corosync.append(replace(corosync.read_conf(data), source=piece.path))
        elif piece.kind is EvidenceKind.COROSYNC_DUMP:
            gathered.corosync.append(replace(corosync.read_dump(data), source=piece.path))
        elif piece.kind is EvidenceKind.MEMBERS:
            gathered.members.extend(data.decode(errors="replace").split())
        elif piece.kind is EvidenceKind.TEXT:
            _text(gathered, piece, data.decode(errors="replace"))
    except DamagedFileError as error:
        gathered.report.skipped.append(
            Skipped(piece.path, f"{error.message}; {error.remedy}" if error.remedy else error.message)
        )


def _text(gathered: _Gathered, piece: Piece, text: str) -> None:
    gathered.versions.append(versions.read(text))
    if timeouts := sbd.read(text):
        gathered.sbd.append(timeouts)
    _, last = versions.log_epochs(text)
    if last:
        gathered.hints.insert(0, (None, last, f"end of the report in {piece.path}"))


def _whole(piece: Piece) -> bytes | None:
    parts, size = [], 0
    for chunk in piece.chunks():
        size += len(chunk)
        if size > _LARGEST:
            return None
        parts.append(chunk)
    return b"".join(parts)


def _only_quiet(gathered: _Gathered) -> bool:
    """Whether the logs are the cluster's and have times, and merely tell nothing of note."""
    return gathered.own and any(scan.first is not None for scan in gathered.scans)


def _nothing(gathered: _Gathered, paths: Sequence[str]) -> NothingUsableError:
    what, remedy = "holds no line of Pacemaker or Corosync", "give pacemaker.log, corosync.log, syslog or a crm_report"
    if not gathered.scans and gathered.report.skipped and not (gathered.snapshots or gathered.corosync):
        skipped = gathered.report.skipped[0]
        return NothingUsableError(skipped.reason, where=skipped.path)
    if not gathered.scans:
        what = "holds no log"
    elif sum(scan.lines for scan in gathered.scans) == 0:
        what = "holds only empty logs"
    elif gathered.own:
        what, remedy = (
            "holds lines of the cluster, but none with a time",
            "give the log with the times it was written with",
        )
    return NothingUsableError(what, where=", ".join(paths), remedy=remedy)


# --- putting together ---------------------------------------------------------------------------------


def _config(gathered: _Gathered) -> ClusterConfig:
    merged = corosync.merge(*gathered.corosync) if gathered.corosync else None
    release = next((one.corosync for one in gathered.versions if one.corosync), None)
    if merged is not None and release is not None and merged.version in (None, "2"):
        merged = replace(merged, version=release)
    chosen = choice.choose(gathered.snapshots, merged) or ClusterConfig()
    return replace(chosen, sbd=gathered.sbd[0]) if gathered.sbd else chosen


def _names(told: pl.DataFrame, gathered: _Gathered, config: ClusterConfig) -> dict[str, str]:
    """Host or folder name -> node name."""
    hosts = told["node"].drop_nulls().unique().to_list()
    trusted = [*config.nodes.values(), *gathered.members]
    if config.corosync is not None:
        trusted += [name for name in config.corosync.nodes.values() if not re.fullmatch(r"[\d.:a-f]+", name)]
    return canonical_names([*hosts, *gathered.report.nodes], [*trusted, *sorted(gathered.report.nodes)])


def _devices(events: pl.DataFrame) -> list[str]:
    """Fence devices the fencer registered or used."""
    told = events.filter(pl.col("kind").is_in(["fence.device", "fence.device_result"]) & pl.col("device").is_not_null())
    return told["device"].unique().sort().to_list()


def _cluster(
    timeline: Timeline, config: ClusterConfig, clocks: Clocks, gathered: _Gathered, names: dict[str, str]
) -> Cluster:
    present = _with_logs(timeline, gathered, names)
    members = list(dict.fromkeys([*config.nodes.values(), *sorted(timeline.logging_nodes)]))
    spans = timeline.events.group_by("node").agg(first=pl.col("time").min(), last=pl.col("time").max())
    times = {node: (first, last) for node, first, last in spans.iter_rows()}
    nodes = []
    for name in members:
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
                timezone=clock.local.zone if clock else None,
                year_source=clock.local.source if clock else None,
            )
        )
    release = _released(timeline, "corosync.start") or next(
        (one.corosync for one in gathered.versions if one.corosync), None
    )
    transport = config.corosync.transport if config.corosync else None
    stack = config.stack or ("corosync" if release or config.corosync else None)
    pacemaker = next((one.pacemaker for one in gathered.versions if one.pacemaker), None)
    return Cluster(
        name=config.cluster_name,
        stack=" ".join(part for part in (stack, transport) if part) or None,
        pacemaker=_plain_version(config.pacemaker) or _released(timeline, "daemon.starting") or pacemaker,
        corosync=release,
        nodes=tuple(nodes),
        dc=_dc_spans(timeline),
    )


def _released(timeline: Timeline, kind: str) -> str | None:
    return next((event.version for event in reversed(timeline.rows.get(kind, [])) if event.version), None)


def _plain_version(version: str | None) -> str | None:
    """`2.1.5-a3f44794f94` is release 2.1.5."""
    return None if version is None else re.sub(r"-[0-9a-f]{7,}$", "", version)


def _dc_spans(timeline: Timeline) -> tuple[DcSpan, ...]:
    """Who was DC when, from who planned and who took over."""
    moments = [(calc.calculated, calc.dc) for calc in timeline.calculations]
    moments += [(event.time, event.node) for event in timeline.rows.get("dc.taken", [])]
    spans: list[DcSpan] = []
    for time, node in sorted(moments):
        if spans and spans[-1].node == node:
            spans[-1] = DcSpan(node, spans[-1].start, time)
        else:
            spans.append(DcSpan(node, time, time))
    return tuple(spans)


def _with_logs(timeline: Timeline, gathered: _Gathered, names: dict[str, str]) -> frozenset[str]:
    """The nodes whose logs are at hand, also where these tell nothing of the cluster."""
    folders = [
        node for (_, node), scan in zip(gathered.files, gathered.scans, strict=True) if node and scan.first is not None
    ]
    return frozenset([*timeline.logging_nodes, *(names.get(node, node) for node in folders)])


def _coverage(gathered: _Gathered, recognised: int, config: ClusterConfig, present: frozenset[str]) -> Coverage:
    return Coverage(
        files=len(gathered.files),
        lines=sum(scan.lines for scan in gathered.scans),
        lines_recognised=recognised,
        lines_undated=sum(scan.undated for scan in gathered.scans),
        skipped=tuple(gathered.report.skipped),
        missing_nodes=tuple(sorted(set(config.nodes.values()) - present)),
    )


# --- what the user asked for --------------------------------------------------------------------------


def _window(timeline: Timeline, options: Options, clocks: Clocks) -> Window:
    local = next((clock.local for clock in clocks.by_node.values() if clock.local.sure), None) or next(
        (clock.local for clock in clocks.by_node.values()), None
    )
    start, end = timeline.start, timeline.end
    if end is not None:
        start = _moment(options.since, end, local.offset if local else timedelta()) or start
        end = _moment(options.until, end, local.offset if local else timedelta()) or end
    only = (*options.nodes, *options.resources)
    return Window(start, end, local.zone if local else None, local.source if local else None, only)


_RELATIVE = re.compile(r"^-(\d+(?:\.\d+)?)\s*([smhd])$")
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def _moment(text: str | None, end: datetime, offset: timedelta) -> datetime | None:
    """A time as typed: relative to the end of the logs, or absolute in the nodes' own zone unless it names one."""
    if text is None:
        return None
    relative = _RELATIVE.match(text.strip())
    try:
        if relative:
            return end - timedelta(seconds=float(relative[1]) * _UNITS[relative[2]])
        moment = dates.parse(text, default=end.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None))
    except (ValueError, OverflowError) as error:
        raise UsageError(f"cannot read the time {text!r}", remedy="write 2026-11-22 16:40, 16:40 or -2h") from error
    return moment.astimezone(UTC) if moment.tzinfo else (moment - offset).replace(tzinfo=UTC)


def _resources(timeline: Timeline, config: ClusterConfig) -> list[str]:
    """Every resource that is configured or spoken of."""
    spoken = timeline.events["resource"].drop_nulls().unique().to_list()
    return sorted({*config.primitives, *config.groups, *config.clones, *config.bundles, *spoken})


def _check_names(option: str, patterns: Sequence[str], names: Sequence[str]) -> None:
    """Raises UsageError for a name that nothing has: finding nothing about it must not read like good news."""
    for pattern in patterns:
        if not any(fnmatch(name, pattern) for name in names):
            more = f" and {len(names) - 12} more" if len(names) > 12 else ""
            there = f"there are {', '.join(names[:12])}{more}" if names else "leave it out"
            raise UsageError(f"nothing here is called {pattern!r}", where=option, remedy=there)


def _wanted(found: tuple[Incident, ...], window: Window, options: Options) -> tuple[Incident, ...]:
    def fits(names: Sequence[str], patterns: Sequence[str]) -> bool:
        return not patterns or any(fnmatch(name, pattern) for name in names for pattern in patterns)

    def inside(one: Incident) -> bool:
        first = one.t_fault or one.t_detected
        last = one.t_end or one.t_detected
        late = window.end is not None and first is not None and first > window.end
        early = window.start is not None and last is not None and last < window.start
        return not late and not early

    return tuple(
        one
        for one in found
        if inside(one) and fits(one.nodes, options.nodes) and fits(one.resources, options.resources)
    )


def _frames(timeline: Timeline, files: pl.DataFrame, window: Window) -> Frames:
    events = timeline.events
    if window.start is not None and window.end is not None:
        events = events.filter(pl.col("time").is_between(window.start, window.end))
    return Frames(
        files=files,
        events=events,
        operations=timeline.operations,
        transitions=timeline.transitions,
        membership=timeline.membership,
        fencing=timeline.fencing,
    )
