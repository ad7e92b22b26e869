"""Everything that can be read from the paths, before it is put together: what logs say, configurations, texts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl
from msgspec.structs import replace

from logtrace import catalogue, intake, lines
from logtrace import events as understanding
from logtrace.config import cib, corosync, texts
from logtrace.config.model import Corosync, Sbd, Snapshot
from logtrace.config.recorded import as_log
from logtrace.domain import codes
from logtrace.domain.columns import LINES
from logtrace.errors import DamagedFileError
from logtrace.events import repeats
from logtrace.events.store import Events, having
from logtrace.intake import EvidenceKind, IntakeReport, Limits, Piece, in_memory, memory
from logtrace.intake.ending import ending
from logtrace.intake.evidence import Skipped
from logtrace.lines import carriers, recurring
from logtrace.report.scope import Options, reach

#: Configuration and text files larger than this are no such files.
_LARGEST = 64 * 1024 * 1024

#: The tag of one of the cluster's own daemons, of any age. Looked for at the beginning of each log, to tell a quiet log
#: from one that is not the cluster's at all.
_OWN = re.compile(
    rb"(?:^|[\s\"'>|/])(?:corosync[\w-]*|pacemakerd|pacemaker[-_]\w|crmd|pengine|lrmd|cib|attrd|stonith-ng|stonithd|heartbeat|sbd)"
    rb"\w*(?:\s+\w+)?\s*(?:[:(]|\[[\dA-Z])|^\[(?:TOTEM|KNET|QUORUM|MAIN|CPG|VOTEQ) *\] ",
    re.MULTILINE,
)
_BEGINNING = 1 << 16

#: Smaller logs are looked at as a whole, whatever window is asked for.
_LARGE = 64 << 20
#: Bytes at the end of a log in which its last time is looked for.
_ENDING = 1 << 16


#: Columns of what daemons and agents say in their own words; the others hold names and numbers.
_TEXTS = (
    "message", "reason", "detail", "text", "value", "old_value", "path", "section", "client", "origin", "ref", "child",
)  # fmt: skip
_DAEMONS = {*codes.DAEMON_NAMES, *codes.DAEMON_NAMES.values()}


@dataclass(slots=True)
class Gathered:
    """Everything read from the pieces, before it is put together."""

    report: IntakeReport = field(default_factory=IntakeReport)
    files: list[tuple[str, str | None]] = field(default_factory=list)  # path, node of its folder
    own: bool = False  # some log begins with lines of the cluster's own daemons
    logs: list[lines.Log] = field(default_factory=list)
    told: dict[str, list[pl.DataFrame]] = field(default_factory=dict)  # what their lines mean, by kind, in order
    repeated: list[int] = field(default_factory=list)  # numbers of lines that say again what others say
    snapshots: list[Snapshot] = field(default_factory=list)
    corosync: list[Corosync] = field(default_factory=list)
    members: list[str] = field(default_factory=list)
    hints: list[tuple[str | None, int, str]] = field(default_factory=list)  # node, epoch, source
    versions: list[texts.Versions] = field(default_factory=list)
    sbd: list[Sbd] = field(default_factory=list)
    records: list[tuple[str, str | None, bytes]] = field(default_factory=list)  # path, node, what is no log as one


#: The share of the available memory that is taken when nothing else was said.
_SHARE = 0.75

#: Told while the input is read: bytes read, bytes in all (0 where that cannot be known), logs begun.
Watch = Callable[[int, int, int], None]


def gather(
    paths: Sequence[str],
    known: catalogue.Catalogue,
    options: Options,
    watch: Watch | None,
    *,
    recorded: bool = True,
) -> Gathered:
    """Read all of `paths`; raises what `intake.read` raises, and UnsafeInputError for what does not fit into memory.

    `recorded`: where there are no logs, what a status or a CIB remembers of failures is read as one.
    """
    report = IntakeReport()
    limits = Limits(threads=options.jobs) if options.jobs else Limits()
    total = intake.size(paths) if watch else 0
    gathered = Gathered(report)

    def told() -> None:
        if watch:
            watch(report.read, total, len(gathered.files))

    _take(gathered, intake.read(paths, report, limits=limits), known, options, told, recorded=recorded)
    return gathered


def gather_texts(files: Mapping[str, str], known: catalogue.Catalogue, options: Options) -> Gathered:
    """The same of files in memory: path below the report's top folder -> text."""
    gathered = Gathered()
    encoded = {path: text.encode() for path, text in files.items()}
    _take(gathered, in_memory.read(encoded, gathered.report, Limits()), known, options, lambda: None)
    return gathered


def _take(
    gathered: Gathered,
    pieces: Iterator[Piece],
    known: catalogue.Catalogue,
    options: Options,
    told: Callable[[], None],
    *,
    recorded: bool = True,
) -> None:
    """Read the pieces into `gathered`, the logs by many threads; `told` is called while it goes on."""
    free = memory.available()
    share = 0 if free is None else (memory.used() or 0) + int(free * _SHARE)
    bound = share if options.max_memory is None else options.max_memory

    def understand(lines: pl.DataFrame) -> dict[str, pl.DataFrame]:
        found = understanding.understand(lines, known, errors=True).tables
        if repeats.KIND in found:
            found[repeats.KIND] = _news(found[repeats.KIND], gathered)
        return found

    with lines.Reader(known, understand, jobs=options.jobs, max_memory=bound) as reader:
        for piece in pieces:
            if piece.kind is EvidenceKind.LOG:
                _log(gathered, piece, reader, told, _earlier(piece, options))
            else:
                _other(gathered, piece)
            told()
        if recorded and not gathered.files:
            for path, node, log in gathered.records:
                gathered.files.append((path, node))
                gathered.own = True
                reader.read(iter([log]), node)
        gathered.told, gathered.logs = reader.finish(), reader.logs
    _mask(gathered, known)


def _mask(gathered: Gathered, known: catalogue.Catalogue) -> None:
    """Take out of what the logs tell what the configurations hold as secrets, wherever it stands."""
    values = {value for snapshot in gathered.snapshots for value in snapshot.secrets}
    if not values:
        return
    hosts = {host for log in gathered.logs for host in log.hosts} | gathered.report.nodes
    words = {pattern.template for message in known.messages for pattern in message.patterns}
    secrets = recurring.telling(values, hosts | words | _DAEMONS)
    for tables in gathered.told.values():
        for number, table in enumerate(tables):
            texts = [name for name in _TEXTS if name in table.columns]
            tables[number] = table.with_columns(recurring.without(table[name], secrets) for name in texts)


def in_order(gathered: Gathered) -> Events:
    """What all logs say, and the logs numbered by their names, those of a node's own folder before merged ones: the
    order of members in an archive must not matter. Uses up what was told.
    """
    files = gathered.files
    order = sorted(range(len(files)), key=lambda index: (files[index][1] is None, files[index][0], index))
    gathered.files = [gathered.files[index] for index in order]
    gathered.logs = [gathered.logs[index] for index in order]
    number = pl.Series(order, dtype=LINES["file"]).arg_sort()
    told, by_kind = gathered.told, {}
    for kind in list(told):
        first, *others = told.pop(kind)
        table = pl.concat([first, *others], how="diagonal", rechunk=True) if others else first
        if kind == repeats.KIND:
            table = _news(table, gathered)
        by_kind[kind] = having(table, number[table["file"]].alias("file"))
    if not by_kind:
        return Events({}, understanding.COLUMNS)
    places = pl.concat(table["file", "line", "event"] for table in by_kind.values())
    place = pl.col("line").cast(pl.UInt64)
    if backwards := [index for index, log in enumerate(gathered.logs) if log.backwards]:
        place = pl.when(pl.col("file").is_in(backwards)).then(2**32 - 1 - place).otherwise(place)
    line = pl.col("file").cast(pl.UInt64) * 2**32 + place  # one key is sorted by in a tenth of the time
    numbers = places.select(pl.arg_sort_by(line, "event").arg_sort().alias("event")).to_series()
    start = 0
    for kind, table in by_kind.items():
        mine = numbers.slice(start, table.height)
        start += table.height
        anew = having(table, mine)
        by_kind[kind] = anew if mine.is_sorted() else anew[mine.arg_sort()]
    return Events(by_kind, understanding.COLUMNS)


def _news(left: pl.DataFrame, gathered: Gathered) -> pl.DataFrame:
    """Of lines that may be repeated, those that say something new; the others are counted. It is asked within each
    batch, and once more over all, for the number of lines in a batch must not matter.
    """
    new = left.filter(repeats.news(left))
    gathered.repeated.append(left.height - new.height)
    return new


def _earlier(piece: Piece, options: Options) -> lines.Earlier | None:
    """What of a large log is so much earlier than the window that was asked for that it need not be looked at."""
    if options.since is None or piece.size < _LARGE:
        return None
    last = lines.last_time(ending(piece, _ENDING))
    if last is None:
        return None
    back = reach(options, last)
    return None if back is None else lines.Earlier(last, back)


def _log(
    gathered: Gathered,
    piece: Piece,
    reader: lines.Reader,
    told: Callable[[], None],
    earlier: lines.Earlier | None,
) -> None:
    gathered.files.append((piece.path, piece.node))
    reader.read(_watched(piece.chunks(), gathered, told), piece.node, earlier)
    if piece.modified:
        gathered.hints.append((piece.node, int(piece.modified), f"time of {piece.path}"))


def _watched(chunks: Iterator[bytes], gathered: Gathered, told: Callable[[], None]) -> Iterator[bytes]:
    """The same chunks; on the way it is noticed whether the cluster's own daemons speak in the first of them."""
    for number, chunk in enumerate(chunks):
        if number == 0 and not gathered.own:
            gathered.own = _OWN.search(chunk[:_BEGINNING]) is not None
        told()
        yield chunk


def _other(gathered: Gathered, piece: Piece) -> None:
    """Configuration and texts: small files, read whole."""
    data = _whole(piece)
    if data is None:
        gathered.report.skipped.append(Skipped(piece.path, "larger than any such file; left out", lost=False))
        return
    try:
        if piece.kind in (EvidenceKind.CIB, EvidenceKind.PE_INPUT):
            snapshot = cib.read(data, source=piece.path, node=piece.node)
            gathered.snapshots.append(snapshot)
            if piece.kind is EvidenceKind.CIB and (log := as_log(snapshot.history)):
                gathered.records.append((piece.path, None, log))
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


def _text(gathered: Gathered, piece: Piece, text: str) -> None:
    if carriers.is_status(text):
        gathered.records.append((piece.path, None, text.encode()))
    gathered.versions.append(texts.releases(text))
    if timeouts := texts.sbd_timeouts(text):
        gathered.sbd.append(timeouts)
    _, last = texts.log_epochs(text)
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
