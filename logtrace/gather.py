"""Everything that can be read from the paths, before it is put together: what logs say, configurations, texts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

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
from logtrace.events.store import Events, dealt, spread
from logtrace.intake import EvidenceKind, IntakeReport, Limits, Piece, in_memory, memory
from logtrace.intake.ending import ending
from logtrace.intake.evidence import Exhibit, Skipped
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

#: A time at which something was written: the node it is of, an epoch, and what tells it.
Hint = tuple[str | None, int, str]

#: What is no log, as one: path, node, exhibit, lines.
Recorded = tuple[str, str | None, Exhibit, bytes]

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
class Papers:
    """What an exhibit holds beside its logs; `own`: some log of it begins with lines of the cluster's own daemons;
    `read`: its CIBs by their digests.
    """

    own: bool = False
    read: dict[bytes, Snapshot] = field(default_factory=dict)
    snapshots: list[Snapshot] = field(default_factory=list)
    corosync: list[Corosync] = field(default_factory=list)
    members: list[str] = field(default_factory=list)
    ends: list[Hint] = field(default_factory=list)  # when a report says that it ends
    hints: list[Hint] = field(default_factory=list)
    versions: list[texts.Versions] = field(default_factory=list)
    sbd: list[Sbd] = field(default_factory=list)


@dataclass(slots=True)
class Collected:
    """Everything read from the pieces, of however many clusters.

    `told`: what the logs' lines mean, by kind, in order of file and line. `repeated`: the files (their indexes) of
    lines that say again what others say, one for each line.
    """

    report: IntakeReport = field(default_factory=IntakeReport)
    papers: dict[Exhibit, Papers] = field(default_factory=dict)
    files: list[tuple[str, str | None, Exhibit]] = field(default_factory=list)  # path, node of its folder
    logs: list[lines.Log] = field(default_factory=list)
    told: dict[str, list[pl.DataFrame]] = field(default_factory=dict)
    repeated: list[pl.Series] = field(default_factory=list)
    records: list[Recorded] = field(default_factory=list)
    secrets: frozenset[str] = frozenset()  # what the configurations hold that must not be told

    def case(self, exhibits: Sequence[Exhibit] | None = None) -> Gathered:
        """What `exhibits` hold, as one; None: all of it, and what was told is given away: whoever uses it up must not
        have it twice. Files are numbered anew.
        """
        chosen = dict.fromkeys(self.papers if exhibits is None else exhibits)
        papers = [self.papers[each] for each in chosen]
        mine = [number for number, (*_, exhibit) in enumerate(self.files) if exhibit in chosen]
        told, repeated = self.told, sum(map(len, self.repeated))
        if exhibits is None:
            self.told = {}
        if len(mine) < len(self.files):
            told = {kind: only for kind, parts in self.told.items() if (only := of_files(parts, mine))}
            repeated = sum(int(files.is_in(mine).sum()) for files in self.repeated)
        return Gathered(
            report=self.report if exhibits is None else self._report(chosen),
            files=[self.files[number][:2] for number in mine],
            own=any(each.own for each in papers),
            logs=[self.logs[number] for number in mine],
            told=dict(told),
            repeated=repeated,
            secrets=self.secrets,
            snapshots=[one for each in papers for one in each.snapshots],
            corosync=[one for each in papers for one in each.corosync],
            members=[one for each in papers for one in each.members],
            hints=[
                *(one for each in reversed(papers) for one in each.ends),
                *(one for each in papers for one in each.hints),
            ],
            versions=[one for each in papers for one in each.versions],
            sbd=[one for each in papers for one in each.sbd],
        )

    def _report(self, exhibits: Iterable[Exhibit]) -> IntakeReport:
        outer = [each.outer for each in exhibits if each.outer is not None]
        return IntakeReport(list(exhibits), [each for each in dict.fromkeys(outer) if each not in self.papers])


@dataclass(slots=True)
class Gathered:
    """Everything read of one case, before it is put together. `told`: as in Collected."""

    report: IntakeReport = field(default_factory=IntakeReport)
    files: list[tuple[str, str | None]] = field(default_factory=list)  # path, node of its folder
    own: bool = False  # some log begins with lines of the cluster's own daemons
    logs: list[lines.Log] = field(default_factory=list)
    told: dict[str, list[pl.DataFrame]] = field(default_factory=dict)
    repeated: int = 0  # lines that say again what others say
    secrets: frozenset[str] = frozenset()  # as in Collected
    snapshots: list[Snapshot] = field(default_factory=list)
    corosync: list[Corosync] = field(default_factory=list)
    members: list[str] = field(default_factory=list)
    hints: list[Hint] = field(default_factory=list)
    versions: list[texts.Versions] = field(default_factory=list)
    sbd: list[Sbd] = field(default_factory=list)


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
) -> Collected:
    """Read all of `paths`; raises what `intake.read` raises, and UnsafeInputError for what does not fit into memory.

    `recorded`: where there are no logs, what a status or a CIB remembers of failures is read as one.
    """
    limits = Limits(threads=options.jobs) if options.jobs else Limits()
    total = intake.size(paths) if watch else 0
    collected = Collected()

    def told() -> None:
        if watch:
            watch(collected.report.read, total, len(collected.files))

    pieces = intake.read(paths, collected.report, limits=limits)
    _take(collected, pieces, known, options, told, recorded=recorded)
    return collected


def gather_texts(files: Mapping[str, str], known: catalogue.Catalogue, options: Options) -> Gathered:
    """The same of files in memory, as one case: path below the report's top folder -> text."""
    collected = Collected()
    encoded = {path: text.encode() for path, text in files.items()}
    _take(collected, in_memory.read(encoded, collected.report, Limits()), known, options, lambda: None)
    return collected.case()


def _take(
    collected: Collected,
    pieces: Iterator[Piece],
    known: catalogue.Catalogue,
    options: Options,
    told: Callable[[], None],
    *,
    recorded: bool = True,
) -> None:
    """Read the pieces into `collected`, the logs by many threads; `told` is called while it goes on."""
    free = memory.available()
    share = 0 if free is None else (memory.used() or 0) + int(free * _SHARE)
    bound = share if options.max_memory is None else options.max_memory

    def understand(lines: pl.DataFrame) -> dict[str, pl.DataFrame]:
        found = understanding.understand(lines, known, errors=True).tables
        if repeats.KIND in found:
            found[repeats.KIND], again = _news(found[repeats.KIND])
            collected.repeated.append(again)
        return found

    with lines.Reader(known, understand, jobs=options.jobs, max_memory=bound) as reader:
        for piece in pieces:
            papers = collected.papers.setdefault(piece.exhibit, Papers())
            if piece.kind is EvidenceKind.LOG:
                _log(collected, papers, piece, reader, told, _earlier(piece, options))
            else:
                collected.records += document(papers, piece)
            told()
        if recorded and not collected.files:
            for path, node, exhibit, log in collected.records:
                collected.files.append((path, node, exhibit))
                collected.papers[exhibit].own = True
                reader.read(iter([log]), node)
        collected.told, collected.logs = reader.finish(), reader.logs
    mask(collected, known)


def mask(collected: Collected, known: catalogue.Catalogue) -> None:
    """Take out of what the logs tell what the configurations hold as secrets, wherever it stands."""
    snapshots = (snapshot for papers in collected.papers.values() for snapshot in papers.snapshots)
    values = {value for snapshot in snapshots for value in snapshot.secrets}
    if not values:
        return
    hosts = {host for log in collected.logs for host in log.hosts} | collected.report.nodes
    words = {pattern.template for message in known.messages for pattern in message.patterns}
    secrets = collected.secrets = recurring.telling(values, hosts | words | _DAEMONS)
    for tables in collected.told.values():
        for number, table in enumerate(tables):
            texts = [name for name in _TEXTS if name in table.columns]
            tables[number] = table.with_columns(recurring.without(table[name], secrets) for name in texts)


def of_files(parts: Sequence[pl.DataFrame], files: Sequence[int]) -> list[pl.DataFrame]:
    """The rows of `files`, which are numbered by their places among these."""
    own = [part.filter(pl.col("file").is_in(files)) for part in parts]
    place = {file: number for number, file in enumerate(files)}
    number = pl.col("file").replace_strict(place, return_dtype=LINES["file"])
    return [part.with_columns(number) for part in own if part.height]


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
            table, again = _news(table)
            gathered.repeated += again.len()
        by_kind[kind] = table
    if not by_kind:
        return Events({}, understanding.COLUMNS)
    by_kind = spread(by_kind, "file", number.alias("file"))
    places = pl.concat(table["file", "line", "event"] for table in by_kind.values())
    place = pl.col("line").cast(pl.UInt64)
    if backwards := [index for index, log in enumerate(gathered.logs) if log.backwards]:
        place = pl.when(pl.col("file").is_in(backwards)).then(2**32 - 1 - place).otherwise(place)
    line = pl.col("file").cast(pl.UInt64) * 2**32 + place  # one key is sorted by in a tenth of the time
    numbers = places.select(pl.arg_sort_by(line, "event").arg_sort().alias("event")).to_series()
    anew = dealt(by_kind, numbers)
    for kind, table in anew.items():
        if not table["event"].is_sorted():
            anew[kind] = table[table["event"].arg_sort()]
    return Events(anew, understanding.COLUMNS)


def _news(left: pl.DataFrame) -> tuple[pl.DataFrame, pl.Series]:
    """Of lines that may be repeated, those that say something new, and the files of the others. It is asked within
    each batch, and once more over all, for the number of lines in a batch must not matter.
    """
    new = repeats.news(left)
    return left.filter(new), left["file"].filter(~new)


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
    collected: Collected,
    papers: Papers,
    piece: Piece,
    reader: lines.Reader,
    told: Callable[[], None],
    earlier: lines.Earlier | None,
) -> None:
    collected.files.append((piece.path, piece.node, piece.exhibit))
    reader.read(_watched(piece.chunks(), papers, told), piece.node, earlier)
    if piece.modified:
        papers.hints.append((piece.node, int(piece.modified), f"time of {piece.path}"))


def _watched(chunks: Iterator[bytes], papers: Papers, told: Callable[[], None]) -> Iterator[bytes]:
    """The same chunks; on the way it is noticed whether the cluster's own daemons speak in the first of them."""
    for number, chunk in enumerate(chunks):
        if number == 0 and not papers.own:
            papers.own = speaks(chunk)
        told()
        yield chunk


def speaks(beginning: bytes) -> bool:
    """Whether the cluster's own daemons speak at the beginning of a log."""
    return _OWN.search(beginning[:_BEGINNING]) is not None


def document(papers: Papers, piece: Piece) -> list[Recorded]:
    """Enter a configuration or a text into `papers`: small files, read whole. Gives what it remembers as a log."""
    skipped, records = piece.exhibit.skipped, list[Recorded]()
    data = _whole(piece)
    if data is None:
        skipped.append(Skipped(piece.path, "larger than any such file; left out", lost=False))
        return records
    try:
        if piece.kind in (EvidenceKind.CIB, EvidenceKind.PE_INPUT):
            snapshot = _snapshot(papers, piece, data)
            papers.snapshots.append(snapshot)
            if piece.kind is EvidenceKind.CIB and (log := as_log(snapshot.history)):
                records.append((piece.path, None, piece.exhibit, log))
        elif piece.kind is EvidenceKind.COROSYNC_CONF:
            papers.corosync.append(replace(corosync.read_conf(data), source=piece.path))
        elif piece.kind is EvidenceKind.COROSYNC_DUMP:
            papers.corosync.append(replace(corosync.read_dump(data), source=piece.path))
        elif piece.kind is EvidenceKind.MEMBERS:
            papers.members.extend(data.decode(errors="replace").split())
        elif piece.kind is EvidenceKind.TEXT:
            text = data.decode(errors="replace")
            if carriers.is_status(text):
                records.append((piece.path, None, piece.exhibit, data))
            _text(papers, piece, text)
    except DamagedFileError as error:
        skipped.append(Skipped(piece.path, f"{error.message}; {error.remedy}" if error.remedy else error.message))
    return records


def _snapshot(papers: Papers, piece: Piece, data: bytes) -> Snapshot:
    """A CIB; most nodes of a report have the same one."""
    digest = sha256(data).digest()
    if digest not in papers.read:
        papers.read[digest] = cib.read(data, source=piece.path, node=piece.node)
    return cib.elsewhere(papers.read[digest], source=piece.path, node=piece.node)


def _text(papers: Papers, piece: Piece, text: str) -> None:
    papers.versions.append(texts.releases(text))
    if timeouts := texts.sbd_timeouts(text):
        papers.sbd.append(timeouts)
    _, last = texts.log_epochs(text)
    if last:
        papers.ends.insert(0, (None, last, f"end of the report in {piece.path}"))


def _whole(piece: Piece) -> bytes | None:
    parts, size = [], 0
    for chunk in piece.chunks():
        size += len(chunk)
        if size > _LARGEST:
            return None
        parts.append(chunk)
    return b"".join(parts)
