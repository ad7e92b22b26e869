"""Many logs -> one frame of what their lines mean: blocks are sifted, batches of lines are read, by several threads.

This is the one place that decides how bytes become frames. Polars works without the interpreter's lock, so threads
use all processors; blocks in flight and the lines of a batch are all that is held of a log at any time.
"""

from __future__ import annotations

import os
from collections import Counter, deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from types import TracebackType
from typing import Final, Self, TypeVar

import polars as pl
from msgspec import Struct

from logtrace.catalogue.model import Catalogue, Format
from logtrace.domain import sizes
from logtrace.domain.columns import LINES, NO_TIME
from logtrace.errors import TooLargeError
from logtrace.intake import memory
from logtrace.lines import headers
from logtrace.lines.carriers import STORED, Wrapping, wrapping
from logtrace.lines.earlier import Earlier
from logtrace.lines.hosts import PLACE, doubted, of_neighbours
from logtrace.lines.sift import Cut, Gate, Sifted, gate_of, sift

#: Lines read together: enough for most wordings to repeat, few enough for what is in between to stay small.
BATCH: Final = 130_000

#: The part of the memory not yet taken that reading may take: putting together took a third more in the benchmark.
_FOR_READING: Final = 0.7

#: Lines of a host in a batch whose stamps are compared with those of a log store.
_SOME: Final = 20

#: Bytes that are sifted together, where blocks are smaller. An input that has no more is read by this thread: threads
#: that wait for the interpreter's lock by turns take a third longer than one.
_PORTION: Final = 1 << 20

#: Bytes at either end of a file in which its first and its last time are looked for.
_EDGE: Final = 1 << 16

_Done = TypeVar("_Done")


@dataclass(slots=True)
class Log:
    """What one log file holds, beside what its lines mean.

    `node`: whose it is, if known. `lines`: all its lines, of which `earlier` were not looked at. `undated`: lines that
    may matter but have no header with a time. `first`, `last`: local times (naive, NO_YEAR where none is printed) of
    its first and last dated line, whatever they say. `first_offset`: UTC offset of that first line in seconds, where
    printed. `hosts`: host names in headers and how many lines that may matter each has. `carriers`: what was taken off
    its lines. `backwards`: they stand newest first. `stored`: of some lines with a time of their own their host, that
    local time, and what a log store printed as their time.
    """

    node: str | None
    lines: int = 0
    earlier: int = 0
    undated: int = 0
    first: datetime | None = None
    last: datetime | None = None
    first_offset: int | None = None
    hosts: Counter[str] = field(default_factory=Counter)
    height: int = 0  # lines of the file so far
    boots: dict[str, set[str]] = field(default_factory=dict)  # of each host so far, where a journal tells
    carriers: list[str] = field(default_factory=list)
    backwards: bool = False
    stored: list[tuple[str | None, datetime, str]] = field(default_factory=list)

    @property
    def name(self) -> str | None:
        """The node of lines whose header names no host: the file's, else the host of most of its lines, if it is the
        only one or nothing tells better (see hosts.of_neighbours).
        """
        return self.node or min(self.hosts, key=lambda host: (-self.hosts[host], host), default=None)

    def begun(self, boots: pl.DataFrame) -> pl.DataFrame:
        """Of `boots` (see carriers.Block), the marks of those that are another boot of a known host: line, text,
        matters. All are known from then on.
        """
        new = []
        for host, boot in boots.select("host", "boot").iter_rows():
            known = self.boots.setdefault(host, set())
            new.append(bool(known) and boot not in known)
            known.add(boot)
        return boots.filter(pl.Series(new, dtype=pl.Boolean)).select("line", "text", matters=pl.lit(True))


#: What is left of a log that nobody goes on with.
_FORGOTTEN: Final = Log(None)


class _Batch(Struct, frozen=True):
    """A batch that was read: what `understand` gave, and what it tells of its files."""

    told: dict[str, pl.DataFrame]
    files: pl.DataFrame  # file, first, last, first_offset, dated (lines that matter)
    hosts: pl.DataFrame  # file, host, count
    stored: pl.DataFrame | None = None  # file, host, local, STORED


class Reader:
    """Reads logs one after another; `logs` is what is known of each, `finish` gives what they say.

    `understand` is given frames.LINES of whole batches, in threads, and gives frames by name, with `file`, `line`,
    `node` and `local`. `gate`: which lines may matter, where not the catalogue's own. `jobs`: threads that sift and
    read; 0: one more than there are processors, for the thread that feeds them mostly waits. `max_memory`: bytes this
    process may take in all, 0 without a limit; what follows the reading takes some as well.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        understand: Callable[[pl.DataFrame], dict[str, pl.DataFrame]],
        *,
        jobs: int = 0,
        gate: Gate | None = None,
        max_memory: int = 0,
    ) -> None:
        self.logs: list[Log] = []
        self._wrappings: list[Wrapping] = []
        self._formats = catalogue.formats
        self._understand = understand
        self._gate = gate or gate_of(catalogue)
        self._jobs = jobs or (os.cpu_count() or 1) + 1
        self._max_memory = max_memory
        begun = memory.used() or 0
        self._most = begun + int((max_memory - begun) * _FOR_READING)
        self._pool = ThreadPoolExecutor(self._jobs)
        self._cut: list[tuple[int, Cut]] = []
        self._sifting: deque[tuple[list[int], Future[list[Sifted]]]] = deque()
        self._reading: deque[Future[_Batch]] = deque()
        self._batch: list[pl.DataFrame] = []
        self._height = 0
        self._waiting = 0  # bytes of what is cut
        self._told: dict[str, list[pl.DataFrame]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._pool.shutdown(cancel_futures=True)  # also after an error or an interrupt: nothing goes on behind it

    def read(self, chunks: Iterator[bytes], node: str | None, earlier: Earlier | None = None) -> int:
        """Read a log given as `chunks`, cut anywhere; gives its number, the index into `logs`.

        `node` is the node it belongs to if known: it names the lines whose header has no host; where it is None, the
        host of most lines does. Blocks that `earlier` holds are not looked at, the last one excepted.
        """
        how, chunks = wrapping(chunks)
        file = self.begin(node, how)
        for block, head, tail in _with_edges(how.cut(chunks)):
            known = earlier if how.bare and not tail else None
            self._cut.append((file, Cut(block, how, head, tail, known)))
            self._waiting += len(block)
            if self._waiting >= _PORTION:
                self._sift()
        return file

    def begin(self, node: str | None, how: Wrapping) -> int:
        """A log that `feed` is given piece by piece; gives its number."""
        self.logs.append(Log(node))
        self._wrappings.append(how)
        return len(self.logs) - 1

    def feed(self, file: int, portion: bytes, earlier: Earlier | None = None) -> list[pl.Series]:
        """Go on with a log: `portion` is what was written next to it, in whole lines or entries. They are sifted at
        once, and of its last time is known what lines that may matter tell. Gives the texts of those that may.
        """
        how, head = self._wrappings[file], self.logs[file].first is None
        texts = []
        for block in how.cut(iter([portion])):
            known = earlier if how.bare else None
            (sifted,) = sift([Cut(block, how, head, earlier=known)], self._gate)
            self._keep(file, sifted)
            if not sifted.kept.is_empty():
                texts.append(sifted.kept["text"].filter(sifted.kept["matters"]))
        return texts

    def forget(self, file: int) -> None:
        """Let go of what is known of a log that is not gone on with; the others keep their numbers."""
        self.logs[file] = _FORGOTTEN

    def told(self) -> dict[str, list[pl.DataFrame]]:
        """What `understand` gave by name since this was asked before, in order of file and line. What only the whole of
        a log can say is left to `settled`.
        """
        self._sift(alone=not self._sifting and not self._reading)
        while self._sifting:
            self._collect()
        self._submit(alone=not self._reading)
        while self._reading:
            self._note(self._reading.popleft().result())
        told, self._told = self._told, {}
        return told

    def finish(self) -> dict[str, list[pl.DataFrame]]:
        """What `understand` gave by name, in order of file and line; every line with a node, if any is known."""
        return settled(self.told(), self.logs)

    def _sift(self, *, alone: bool = False) -> None:
        """Sift what was cut and waits for it; `alone`: nothing would go on beside it."""
        if not self._cut:
            return
        files, cuts = [file for file, _ in self._cut], [cut for _, cut in self._cut]
        self._sifting.append((files, self._start(partial(sift, cuts, self._gate), alone=alone)))
        self._cut, self._waiting = [], 0
        if len(self._sifting) > self._jobs:
            self._collect()

    def _collect(self) -> None:
        """Take over what is sifted next."""
        files, job = self._sifting.popleft()
        for file, sifted in zip(files, job.result(), strict=True):
            self._keep(file, sifted)

    def _keep(self, file: int, sifted: Sifted) -> None:
        kept, log = sifted.kept, self.logs[file]
        if sifted.boots is not None and not (begun := log.begun(sifted.boots)).is_empty():
            kept = pl.concat([begun, kept]).sort("line", maintain_order=True)
        if not kept.is_empty():
            line = (kept["line"] + log.height).cast(LINES["line"])
            of = pl.Series("file", [file], LINES["file"]).new_from_index(0, kept.height)
            self._batch.append(kept.drop("line").hstack([line, of]))
            self._height += kept.height
            log.undated += int(kept["matters"].sum())  # until they prove to have a time
        log.carriers += [carrier for carrier in sifted.carriers if carrier not in log.carriers]
        log.backwards |= sifted.backwards
        log.lines += sifted.lines
        log.earlier += sifted.lines if sifted.earlier else 0
        log.height += sifted.height
        if self._height >= BATCH:
            self._submit()

    def _start(self, work: Callable[[], _Done], *, alone: bool) -> Future[_Done]:
        """Have a thread work; where nothing would go on beside it, the thread that asks."""
        if not alone:
            return self._pool.submit(work)
        done = Future[_Done]()
        done.set_result(work())
        return done

    def _submit(self, *, alone: bool = False) -> None:
        if not self._batch:
            return
        raw = pl.concat(self._batch, how="diagonal")
        self._batch, self._height = [], 0
        self._reading.append(self._start(partial(_read, raw, self._formats, self._understand), alone=alone))
        if len(self._reading) > self._jobs:
            self._note(self._reading.popleft().result())

    def _note(self, batch: _Batch) -> None:
        if self._max_memory and (memory.used() or 0) > self._most:
            raise TooLargeError(
                f"the input holds more than fits into {sizes.said(self._max_memory)} of memory",
                remedy="give fewer or shorter logs, or a larger --max-memory",
            )
        for name, part in batch.told.items():
            self._told.setdefault(name, []).append(part)
        for row in batch.files.iter_rows(named=True):
            log = self.logs[row["file"]]
            log.undated -= row["dated"]
            log.last = row["last"]
            if log.first is None:
                log.first, log.first_offset = row["first"], row["first_offset"]
        for file, host, count in batch.hosts.iter_rows():
            self.logs[file].hosts[host] += count
        if batch.stored is not None:
            for file, host, local, stored in batch.stored.iter_rows():
                self.logs[file].stored.append((host, local, stored))


def settled(told: dict[str, list[pl.DataFrame]], logs: list[Log]) -> dict[str, list[pl.DataFrame]]:
    """What was `told` of all lines of `logs`: without those whose host may be none, each line with its node."""
    for number, log in enumerate(logs):
        if hosts := doubted(log.hosts, log.node):
            log.undated += sum(log.hosts.pop(host) for host in hosts)
            quoted = (pl.col("file") == number) & pl.col("node").is_in(hosts)
            told = {
                name: [part.filter(~quoted.fill_null(value=False)) for part in parts] for name, parts in told.items()
            }
    shared = [number for number, log in enumerate(logs) if log.node is None and len(log.hosts) > 1]
    told = _hosted(told, shared)
    names = {number: log.name for number, log in enumerate(logs) if log.name is not None}
    node = pl.coalesce("node", pl.col("file").replace_strict(names, default=None, return_dtype=pl.String))
    return {
        name: [part.with_columns(node=node) if part["node"].has_nulls() else part for part in parts]
        for name, parts in told.items()
    }


def _hosted(told: dict[str, list[pl.DataFrame]], files: list[int]) -> dict[str, list[pl.DataFrame]]:
    """The same; lines of `files`, which several nodes share, that name no host have that of their neighbours."""
    unnamed = pl.col("node").is_null() & pl.col("file").is_in(files)
    if not files or not any(part.select(unnamed.any()).item() for parts in told.values() for part in parts):
        return told
    every = pl.concat(part.select(PLACE) for parts in told.values() for part in parts).with_row_index("row")
    mine = every.filter(pl.col("file").is_in(files)).sort("file", "line")
    nodes = every["node"].clone().scatter(mine["row"], of_neighbours(mine))
    hosted, start = dict[str, list[pl.DataFrame]](), 0
    for name, parts in told.items():
        hosted[name] = []
        for part in parts:
            hosted[name].append(part.with_columns(node=nodes.slice(start, part.height)))
            start += part.height
    return hosted


def _with_edges(blocks: Iterator[bytes]) -> Iterator[tuple[bytes, bool, bool]]:
    """Each block, and whether its file begins or ends about there."""
    held: deque[tuple[bytes, bool]] = deque()
    size = at = 0
    for block in blocks:
        held.append((block, at < _EDGE))
        at += len(block)
        size += len(block)
        while size - len(held[0][0]) >= _EDGE:
            first, head = held.popleft()
            size -= len(first)
            yield first, head, False
    for block, head in held:
        yield block, head, True


def _read(
    raw: pl.DataFrame, formats: tuple[Format, ...], understand: Callable[[pl.DataFrame], dict[str, pl.DataFrame]]
) -> _Batch:
    """Read a batch (line, text, matters, file)."""
    dated = headers.read(raw, formats)
    files = dated.group_by("file", maintain_order=True).agg(
        first=pl.col("local").first(),
        last=pl.col("local").last(),
        first_offset=pl.col("offset_s").first(),
        dated=(pl.col("matters") & (pl.col("local") != NO_TIME)).sum(),
    )
    mine = dated.filter("matters")
    hosts = mine.drop_nulls("host").group_by("file", "host").len()
    lines = mine.rename({"host": "node"}).select(pl.col(name).cast(dtype) for name, dtype in LINES.items())
    return _Batch(understand(lines), files, hosts, _stored(dated) if STORED in dated.columns else None)


def _stored(dated: pl.DataFrame) -> pl.DataFrame:
    """Of each host of each file some lines for which a log store has a time as well."""
    known = dated.drop_nulls(STORED).select("file", "host", "local", STORED)
    return known.group_by("file", "host", maintain_order=True).head(_SOME)
