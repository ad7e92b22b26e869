"""What is held of the logs: the events of the last hours, or of as long as something is open, and the configuration.

What is appended to logs is read, understood and kept as `analyze` does it, by the same reader into the same tables; so
whatever is held is a case at any moment (`gathered`), and there is no second way to a verdict. What is older than
anything needs is let go, whole lines at a time from the beginning of each log.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Self

import polars as pl
from msgspec.structs import replace

from logtrace import catalogue, lines
from logtrace import events as understanding
from logtrace.domain.columns import LINES, NAIVE, NO_YEAR
from logtrace.domain.kinds import Kind
from logtrace.gather import Collected, Gathered, Papers, mask, of_files, speaks
from logtrace.grouping import groups
from logtrace.intake.evidence import Exhibit
from logtrace.lines import Earlier
from logtrace.lines.blocks import lines_of
from logtrace.lines.carriers import wrapping
from logtrace.lines.reader import settled
from logtrace.lines.sift import gate_of

#: Bytes at the end of a log in which its last time is looked for.
_ENDING: Final = 4096

#: Lines of these kinds alone begin no incident: a recheck without anything to do, what is left where it is, what the
#: controllers say of themselves on the way. They are looked at with the next line that may, or after a while.
ROUTINE: Final = frozenset(
    {
        Kind.ATTR_SET,
        Kind.CIB_DONE,
        Kind.CIB_REQUEST,
        Kind.FSA_STATE,
        Kind.OP_CONFIRMED,
        Kind.OP_EXECUTING,
        Kind.OP_FINISHED,
        Kind.SCHED_DONE,
        Kind.SCHED_LEAVE,
        Kind.TE_ABORT,
        Kind.TE_DONE,
        Kind.TE_START,
    }
)

#: A log as far as it was read when something was appended to it: bytes, lines.
Place = tuple[int, int]

#: Bytes that wait to be sifted at most. Sifting costs some thirty calls of polars, however few lines there are, so that
#: it is done of many at once, or when somebody asks what they mean.
_WAITING: Final = 1 << 20

#: Lines of a log store of which the two times are kept.
_STORED: Final = 200

_DAY: Final = timedelta(days=1)
_YEAR: Final = timedelta(days=366)  # of NO_YEAR


@dataclass(slots=True)
class Held:
    """One log. `family`: what it has in common with those it was and will be rotated to. `exhibit`: where it lies.
    `bare`: its lines stand as they were logged. `places`: where reading can begin again, the first of them at or before
    the first line that is held. `ending`: its last bytes. `modified`: when it was written to last, epoch. `begins`: the
    first line that is held; `since`: from what local time on, where lines were let go.
    """

    path: str
    node: str | None
    family: str
    exhibit: str
    bare: bool
    places: list[Place] = field(default_factory=list)
    ending: bytes = b""
    modified: float = 0.0
    begins: int = 0
    since: datetime | None = None

    def drop(self, before: int, since: datetime | None) -> None:
        """Lines before `before` are not needed any more, nor what is earlier than `since`."""
        if before > self.begins:
            self.begins, self.since = before, since
            earlier = sum(line < before for _, line in self.places)
            self.places = self.places[max(0, earlier - 1) :]


class Window:
    """`told`: what the logs' lines mean, by kind, in tables whose `file` is a log's number; `lines`: how many were
    read; `papers`: what is known beside the logs, by exhibit; `unread`: lines came in that may matter and are not
    understood yet; `stirred`: some of them may begin an incident. Both are known once `listen` has looked at what came.
    """

    def __init__(self, name: str, known: catalogue.Catalogue) -> None:
        self.papers: dict[str, Papers] = {}
        self.held: dict[int, Held] = {}
        self.told: dict[str, list[pl.DataFrame]] = {}
        self.lines = 0
        self.stirred = self.unread = False
        self._heard: list[bytes] = []  # what came in since somebody listened
        self._waiting: dict[int, list[bytes]] = {}  # what is to be sifted, by log
        self._waits: Counter[int] = Counter()  # how many lines of each these are
        self._name = name
        self._exhibits: dict[str, Exhibit] = {}
        self._own: set[str] = set()  # exhibits in which the cluster's own daemons speak
        self._known = known
        self._gate = replace(gate_of(known), lasting=True)
        self._stirring = replace(gate_of(known, without=ROUTINE), lasting=True)
        self._reader = lines.Reader(known, self._understand, jobs=1, gate=self._gate)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._reader.__exit__(None, None, None)

    # --- what comes in

    def begin(
        self, path: str, node: str | None, family: str, head: bytes, lines: int = 0, exhibit: str = ""
    ) -> int | None:
        """A log that begins with `head`, of which `lines` lines are passed over; gives its number, or None where it is
        a document that only makes sense as a whole. `exhibit`: what else lies there is of one cluster, "" where that is
        all there is.
        """
        how, _ = wrapping(iter([head]))
        if how.ends is None:
            return None
        number = self._reader.begin(node, how)
        self._reader.logs[number].height = lines
        self.held[number] = Held(path, node, family, exhibit, bare=how.bare, begins=lines)
        if speaks(head):
            self._own.add(exhibit)
        if node:
            self._exhibit(exhibit).nodes.add(node)
        return number

    def _exhibit(self, name: str) -> Exhibit:
        """What lies in one folder beside the others."""
        return self._exhibits.setdefault(name, Exhibit(name or self._name, beside=self._name))

    def append(
        self, number: int, place: int, data: bytes, modified: float = 0.0, earlier: Earlier | None = None
    ) -> None:
        """What was written next to a log, in whole lines, which stands at byte `place` of it."""
        held = self.held[number]
        held.places.append((place, self.height(number)))
        held.ending = (held.ending + data[-_ENDING:])[-_ENDING:]
        held.modified = modified
        if held.bare and len(data) < _WAITING:
            self._heard.append(data)
            self._waiting.setdefault(number, []).append(data)
            ends = data.count(b"\n") + (not data.endswith(b"\n"))
            self._waits[number] += ends
            self.lines += ends
            if sum(map(len, self._heard)) > _WAITING:
                self.listen()
            return
        self._sift(number)
        before = self._reader.logs[number].lines
        for texts in self._reader.feed(number, data, earlier):
            self._note(texts)
        self.lines += self._reader.logs[number].lines - before

    def listen(self) -> None:
        """Look whether anything of what came in may matter, all logs at once."""
        heard, self._heard = self._heard, []
        if sum(len(data) for parts in self._waiting.values() for data in parts) > _WAITING:
            self._sift()
        elif heard:
            texts = lines_of(b"\n".join(heard))["text"]
            self._note(texts.filter(self._gate.lets(texts)))

    def _note(self, texts: pl.Series) -> None:
        """Lines that may matter came in."""
        self.unread |= len(texts) > 0
        self.stirred |= bool(self._stirring.has_word(texts).any())

    def _sift(self, *numbers: int) -> None:
        """Have what waits sifted, of these logs or of all."""
        for number in numbers or list(self._waiting):
            height = self.height(number)
            data = b"".join(self._waiting.pop(number, ()))
            self._waits.pop(number, None)
            try:
                for texts in self._reader.feed(number, data):
                    self._note(texts)
            finally:
                self._reader.logs[number].height = height  # lines that cannot be read count as well

    def understood(self) -> set[str]:
        """Have what came in understood, and give the kinds of the events among it."""
        self.listen()
        self._sift()
        self.stirred = self.unread = False
        news = {kind: [part for part in parts if part.height] for kind, parts in self._reader.told().items()}
        news = {kind: parts for kind, parts in news.items() if parts}
        mask(self._collected(news, self._reader.logs), self._known)
        for kind, parts in news.items():
            self.told.setdefault(kind, []).extend(parts)
        return set(news)

    def _understand(self, found: pl.DataFrame) -> dict[str, pl.DataFrame]:
        return understanding.understand(found, self._known, errors=True).tables

    # --- what is held

    @property
    def events(self) -> int:
        """How many events are held."""
        return sum(part.height for parts in self.told.values() for part in parts)

    def height(self, number: int) -> int:
        """How many lines of a log were read, those included that were passed over."""
        return self._reader.logs[number].height + self._waits[number]

    def place(self, number: int) -> Place | None:
        """Where to begin to read a log again for all that is held of it; None where nothing was read."""
        return next(iter(self.held[number].places), None)

    def holds(self, number: int) -> bool:
        """Whether any event of a log is held."""
        return any((part["file"] == number).any() for parts in self.told.values() for part in parts)

    def gathered(self) -> list[tuple[str, Gathered]]:
        """All that is held, as the files of one case for each cluster, with the name of what these lie in."""
        self._join()
        numbers = self._speaking()
        logs = [self._log(number) for number in numbers]
        told = {kind: of_files(parts, numbers) for kind, parts in self.told.items()}
        collected = self._collected(settled({kind: parts for kind, parts in told.items() if parts}, logs), logs)
        collected.papers = {self._exhibit(name): papers for name, papers in self._with_times(numbers).items()}
        collected.files = [
            (self.held[number].path, self.held[number].node, self._exhibit(self.held[number].exhibit))
            for number in numbers
        ]
        collected.report.exhibits += collected.papers
        found = groups(collected)
        if len(found) <= 1:
            return [(self._name, collected.case())]
        return [(group.exhibits[0].name, collected.case(group.exhibits)) for group in found]

    def _collected(self, told: dict[str, list[pl.DataFrame]], logs: list[lines.Log]) -> Collected:
        papers = {self._exhibit(name): papers for name, papers in self.papers.items()}
        return Collected(papers=papers, logs=logs, told=told)

    def _speaking(self) -> list[int]:
        """The logs something is held of, and the last of each family, which tells that the others have not ended."""
        last = {held.family: number for number, held in self.held.items() if held.ending}
        own = {number for parts in self.told.values() for part in parts for number in part["file"].unique()}
        return sorted(own | set(last.values()))

    def _log(self, number: int) -> lines.Log:
        """What is known of a log, as of one that begins where what is held of it does."""
        held, log = self.held[number], copy(self._reader.logs[number])
        log.hosts = log.hosts.copy()
        log.first = held.since or log.first
        log.last = self._last_of(number)
        return log

    def _last_of(self, number: int) -> datetime | None:
        ending = self.held[number].ending
        whole = ending[ending.find(b"\n") + 1 :] if len(ending) == _ENDING else ending
        return lines.last_time(whole) or self._reader.logs[number].last

    def _with_times(self, numbers: Sequence[int]) -> dict[str, Papers]:
        """The papers, and when each file was written to last, which tells the year of its lines."""
        held = [self.held[number] for number in numbers]
        papers: dict[str, Papers] = {}
        for name in dict.fromkeys([*(each.exhibit for each in held), *self.papers]):
            mine = papers[name] = copy(self.papers.get(name) or Papers())
            mine.own = name in self._own
            times = [each for each in held if each.exhibit == name and each.modified]
            mine.hints = [*mine.hints, *((each.node, int(each.modified), f"time of {each.path}") for each in times)]
        return papers

    def _join(self) -> None:
        """One table of each kind, in order of file and line: thousands of small ones would take more than they hold."""
        for kind, parts in self.told.items():
            if len(parts) > 1:
                whole = pl.concat(parts, how="diagonal").sort("file", "line", maintain_order=True)
                self.told[kind] = [whole.rechunk()]

    # --- what is let go

    def release(self, age: timedelta) -> None:
        """Let go of what was logged more than `age` before the last line of its log, or of the one it was rotated to.
        Logs are measured by their own clocks, so that nothing need be known of these.
        """
        self._sift()
        last = self._last()
        needed: dict[int, int] = {}
        for parts in self.told.values():
            for part in parts:
                old = (_age(part["local"], last[part["file"]]) > age).fill_null(value=False)
                young = part.select("file", "line").filter(~old)
                for number, line in young.group_by("file").agg(pl.col("line").min()).iter_rows():
                    needed[number] = min(line, needed.get(number, line))
        first = pl.Series([log.first for log in self._reader.logs], dtype=NAIVE)
        for number in (_age(first, last) > age).arg_true():
            if number not in self.held:
                continue
            since = last[number] - age
            if since.year < last[number].year == NO_YEAR:
                since += _YEAR
            log = self._reader.logs[number]
            self.held[number].drop(needed.get(number, log.height + 1), since)
            del log.stored[:-_STORED]
        held = (self.held.get(number) for number in range(len(self._reader.logs)))
        begins = pl.Series([each.begins if each else 0 for each in held], dtype=LINES["line"])
        for kind, parts in list(self.told.items()):
            left = [part.filter(part["line"] >= begins[part["file"]]) for part in parts]
            self.told[kind] = [_compact(part) for part in left if part.height]
            if not self.told[kind]:
                del self.told[kind]

    def forget(self, number: int) -> None:
        """A log of which nothing is held, and to which nothing more is written."""
        self._sift(number)
        del self.held[number]
        self._reader.forget(number)

    def _last(self) -> pl.Series:
        """Of each log the last local time that it, or the newest log of its family, tells."""
        newest: dict[str, datetime] = {}
        for number, held in self.held.items():  # a later number is a later log
            if (last := self._last_of(number)) is not None:
                newest[held.family] = last
        known = (self.held.get(number) for number in range(len(self._reader.logs)))
        return pl.Series([newest.get(each.family) if each else None for each in known], dtype=NAIVE)


def _compact(table: pl.DataFrame) -> pl.DataFrame:
    """The same with texts of its own: else those of the rows that were let go stay in memory with the others."""
    texts = [name for name, dtype in table.schema.items() if dtype == pl.String]
    return table.with_columns(pl.concat_str(name, pl.lit("")).alias(name) for name in texts)


def _age(local: pl.Series, last: pl.Series) -> pl.Series:
    """How long before `last` each of `local` is, which may be of the year before where none is printed."""
    times = pl.DataFrame({"local": local, "last": last})
    age = pl.col("last") - pl.col("local")
    yearless = (pl.col("local").dt.year() == NO_YEAR) & (age < -_DAY)
    return times.select(pl.when(yearless).then(age + _YEAR).otherwise(age)).to_series()
