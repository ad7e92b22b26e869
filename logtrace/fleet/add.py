"""From tickets to a store: what is known is passed over, what is new is read, and rows are put a batch at a time.

A run can be ended at any moment, and the same command goes on where it was: what stands in the store is known by its
content. At an interrupt what has been read is put first.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, Protocol

import polars as pl
from msgspec import Struct

from logtrace.fleet import work
from logtrace.fleet.local import Died
from logtrace.fleet.store import REFUSED, Contents, Store
from logtrace.fleet.tickets import Ticket
from logtrace.fleet.work import How, Read, Refusal
from logtrace.version import VERSION

#: A batch is put once it holds so many cases, or rows, or its first case has waited so long: as much work is done again
#: at most after a run was killed. Larger batches are fewer files.
_CASES: Final = 256
_ROWS: Final = 1_000_000
_SECONDS: Final = 30.0


class Job(Struct, frozen=True):
    """One thing for a worker: to tell a ticket by its content, or, where that is known, to read it."""

    ticket: Ticket
    how: How
    evidence: tuple[str, ...] | None = None


Result = tuple[str, ...] | Refusal | Read


def perform(job: Job) -> Result:
    """What a worker does."""
    if job.evidence is None:
        return work.evidence(job.ticket, job.how)
    return work.read(job.ticket, job.evidence, job.how)


class Runner(Protocol):
    """Where jobs are done; see logtrace.fleet.local.Workers."""

    def results(self, take: Callable[[], Job | None]) -> Iterator[tuple[Job, Result | Died]]: ...


@dataclass(slots=True)
class Tally:
    """How far a run has come: `tickets` in all, of which some are `read`, `known` from before, or refused."""

    tickets: int
    read: int = 0
    known: int = 0
    cases: int = 0
    incidents: int = 0
    refused: list[Refusal] = field(default_factory=list)
    lost: int = 0  # tickets of which nothing could be used

    @property
    def done(self) -> int:
        return self.read + self.known + self.lost


Watch = Callable[[Tally], None]


def add(store: Store, tickets: Sequence[Ticket], how: How, runner: Runner, watch: Watch, *, refresh: bool) -> Tally:
    """Read what the store does not have yet, and put it there. `refresh`: what another release of logtrace has read is
    read again.
    """
    tally = Tally(len(tickets))
    known = _Known(store.read(), refresh=refresh)
    waiting, new = deque(tickets), deque[Job]()
    batch = _Batch(store)

    def take() -> Job | None:
        if new:
            return new.popleft()
        return Job(waiting.popleft(), how) if waiting else None

    try:
        for job, result in runner.results(take):
            if isinstance(result, tuple):
                if known.covers(result):
                    tally.known += 1
                else:
                    known.add(result)
                    new.append(Job(job.ticket, how, result))
            else:
                read = _as_read(job, result)
                batch.add(read)
                _count(tally, read)
            watch(tally)
    finally:
        batch.put()
    return tally


def _as_read(job: Job, result: Read | Refusal | Died) -> Read:
    if isinstance(result, Read):
        return result
    if isinstance(result, Died):
        result = Refusal(work.named(job.ticket, job.how), f"whoever read it died ({result.how})", lasting=False)
    return Read(job.ticket, job.evidence or (), {}, refused=(result,))


def _count(tally: Tally, read: Read) -> None:
    tally.refused += read.refused
    if read.cases:
        tally.read += 1
        tally.cases += read.cases
        tally.incidents += read.tables["incidents"].height
    else:
        tally.lost += 1


class _Known:
    """Which evidence is in the store: together with what it was read."""

    def __init__(self, contents: Contents, *, refresh: bool) -> None:
        self._together: dict[str, list[frozenset[str]]] = {}
        current = pl.col("logtrace") == VERSION if refresh else pl.lit(value=True)
        for evidence in contents.known.filter(current)["evidence"]:
            self.add(tuple(evidence))
        refused = contents.table("refused").filter(current).select("evidence").collect()
        for evidence in refused["evidence"]:
            self.add(tuple(evidence))

    def add(self, evidence: Sequence[str]) -> None:
        together = frozenset(evidence)
        for each in together:
            known = self._together.setdefault(each, [])
            if together not in known:
                known.append(together)

    def covers(self, evidence: Sequence[str]) -> bool:
        """Whether all of it was read, and read together."""
        wanted = frozenset(evidence)
        return any(wanted <= together for together in self._together.get(next(iter(evidence), ""), []))


class _Batch:
    """What was read and is not in the store yet."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._reads: list[Read] = []
        self._since = time.monotonic()

    def add(self, read: Read) -> None:
        if not self._reads:
            self._since = time.monotonic()
        self._reads.append(read)
        rows = sum(frame.height for each in self._reads for frame in each.tables.values())
        waited = time.monotonic() - self._since
        if sum(each.cases for each in self._reads) >= _CASES or rows >= _ROWS or waited >= _SECONDS:
            self.put()

    def put(self) -> None:
        """Put all of it, pages first."""
        for each in self._reads:
            for name, page in each.pages.items():
                self._store.place.put(name, page)
        parts: dict[str, list[pl.DataFrame]] = {"refused": [_refused(self._reads)]}
        for each in self._reads:
            for name, frame in each.tables.items():
                parts.setdefault(name, []).append(frame)
        self._store.put({name: pl.concat(several) for name, several in parts.items()})
        self._reads = []


def _refused(reads: Sequence[Read]) -> pl.DataFrame:
    """What will be refused the next time as well."""
    now = datetime.now(UTC)
    rows = [
        (work.digest(read.evidence), list(read.evidence), each.input, each.reason, now, VERSION)
        for read in reads
        for each in read.refused
        if each.lasting and read.evidence
    ]
    return pl.DataFrame(rows, schema={name: column.dtype for name, column in REFUSED.items()}, orient="row")
