"""The loop: look for what is new, have it judged, tell it, note that it was told, and wait.

How long it waits follows from what looking costs. While nothing is open it may take half a hundredth of a processor, so
that a busy log takes no more than that; while something is open a fifth. What was not used is saved up, so that most
incidents are over before any look had to wait for another's cost.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from math import inf
from pathlib import Path
from types import MappingProxyType
from typing import Final, Protocol

from msgspec import Struct
from msgspec.structs import replace

from logtrace import catalogue
from logtrace.lines import Earlier, last_time
from logtrace.report.case import Case
from logtrace.report.scope import Options
from logtrace.watch import state as kept
from logtrace.watch.configuration import Configuration
from logtrace.watch.failures import Doing, Failures
from logtrace.watch.files import Follower, Portion
from logtrace.watch.ledger import Ledger
from logtrace.watch.look import MOST_EVENTS, NOTHING, TAIL, Look, look
from logtrace.watch.messages import Message, line
from logtrace.watch.stdin import STDIN, Standard
from logtrace.watch.tails import beginning, lines_before
from logtrace.watch.window import ROUTINE, Window

#: Seconds between looks: at least, and at most while nothing is open and while something is.
_LEAST: Final = 1.0
_MOST: Final = 2.0
_MOST_OPEN: Final = 60.0
#: The part of a processor that looking may take, and seconds of it that are saved up.
_SHARE: Final = 0.005
_SHARE_OPEN: Final = 0.2
_SAVED: Final = 5.0
#: Seconds between looks through the folders for files that are new, where no log has moved, and the part of a processor
#: that these may take.
_FOLDERS: Final = 4.0
_SHARE_FOLDERS: Final = 0.001
#: Seconds of silence after which what is open is judged again, for time alone may end it: at first, and at last. After
#: these the state is saved anew as well.
_SOON: Final = 5.0
_A_WHILE: Final = 60.0
#: Seconds after which lines are judged that begin nothing by themselves, and what is old is let go.
_SELDOM: Final = 300.0

#: Of a log larger than this, what is older than is held is passed over when the watch begins.
_LARGE: Final = 64 << 20
_ENDING: Final = 1 << 16
#: Messages that are kept at most for an output that fails.
_MOST_UNTOLD: Final = 1000
#: Bytes that tell how a log is wrapped.
_HEAD: Final = 1 << 14

_PLAIN: Final = Options()


class News(Struct, frozen=True):
    """What came of one look. `cases`: all that is held, by name; none where it was not judged; `lines`: read so far;
    `behind`: bytes that are written and not read; `took`: seconds from the look into the files to here; `failures`: how
    often what failed.
    """

    messages: list[Message]
    cases: Mapping[str, Case]
    lines: int
    behind: int
    took: float
    failures: Mapping[Doing, int] = MappingProxyType({})


class Output(Protocol):
    """Where messages go, by a `name` that the state knows it by. `tell` is given what came of each look, `again`
    messages that may not have been told before the process ended, as lines of JSON; `waiting` gives those that were
    taken and are not told yet; `close` tells these, as far as that can be. What `tell` fails to tell it is given again.
    """

    @property
    def name(self) -> str: ...

    def tell(self, news: News) -> None: ...

    def again(self, lines: Sequence[str]) -> None: ...

    def waiting(self) -> list[str]: ...

    def close(self) -> None: ...


class Watch:
    """What is watched, and what is known of it.

    `paths`: files and folders, or `-`. `state`: the file that survives; `everything`: incidents that were over before
    the watch began are told as well. `say` is given warnings; `clock` gives seconds that never go back. Raises
    UsageError for a state that cannot be used.
    """

    def __init__(
        self,
        paths: Sequence[str],
        outputs: Sequence[Output],
        say: Callable[[str], None],
        *,
        options: Options = _PLAIN,
        state: Path | None = None,
        everything: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock = clock
        self._failures = Failures(say, clock)
        self.outputs = outputs
        self.standard = Standard() if STDIN in paths else None
        self._options = options
        self._file = state
        self._say = say
        saved = kept.load(state) if state else None
        self._everything = everything or saved is not None
        self._saved = saved or kept.State(version=kept.VERSION)
        self._saved.paths = list(paths)
        named = [path for path in paths if path != STDIN]
        for tail in self._saved.tails:
            if place := self._saved.places.get(tail.number):
                tail.offset, tail.lines, tail.size = place.offset, place.line, -1
        since = self._saved.saved - TAIL.total_seconds() if saved else None
        self._follower = Follower(named, self._failures.noted, self._saved.tails, since)
        self._configuration = Configuration(self._failures.noted)
        self.window = Window(paths[0], catalogue.load())
        self._ledger = Ledger(self._saved.told, lambda: datetime.now(UTC))
        self._logs: dict[int, int | None] = {}  # number of a tail -> of its log in the window
        self._earlier: dict[int, Earlier] = {}
        self._untold: dict[str, list[str]] = {}
        self._looked = self._unjudged = self._blind = False
        self._end: datetime | None = None  # of the last event that was judged, and when that was
        self._judged = self._heard = self._released = self._noted = self._paid = self._ended = self._clock()
        self._credit, self._folders = _SAVED, self._judged
        self._since: datetime | None = None
        for output in outputs:
            output.again(self._saved.pending.get(output.name, []))

    @property
    def ended(self) -> bool:
        """Whether nothing can follow, for all that is watched is a standard input that has ended."""
        return self.standard is not None and self.standard.ended and not self._follower.roots

    def round(self, *, last: bool = False) -> float:
        """Look once, tell what is new, and give the seconds until the next look. `last`: nothing will follow."""
        began, cost = self._clock(), time.process_time()
        stirred, found, news = False, NOTHING, list[Message]()
        with self._failures.survived(Doing.READING, "reading the logs"):
            stirred = self._read(last=last)
        last |= self.ended
        quiet = min(max(_SOON, self._judged - self._heard), _A_WHILE)  # twice as long each time
        waited = began - self._judged >= (quiet if self._ledger.open else _SELDOM)
        waited &= self._unjudged or bool(self._ledger.open)
        if stirred or last or waited or not self._looked:
            with self._failures.survived(Doing.JUDGING, "judging what is held"):
                found = self._judge(last=last)
                news = self._new(found, last=last)
        cases = {case.name: case for case in found.cases}
        took, counted = self._clock() - began, self._failures.counted
        self._tell(News(news, cases, self.window.lines, self._follower.behind, took, counted))
        if began - self._released >= _SELDOM and (found.end is not None or self._blind):
            self._released = began
            with self._failures.survived(Doing.KEEPING, "letting go of what is old"):
                self._release()
        return self._pause(began, time.process_time() - cost)

    def _pause(self, began: float, cost: float) -> float:
        """Seconds to wait after a look that began then and took so many of the processor."""
        share, most = (_SHARE_OPEN, _MOST_OPEN) if self._ledger.open else (_SHARE, _MOST)
        self._credit = min(_SAVED, self._credit + share * (began - self._paid)) - cost
        self._paid = began
        return min(max(_LEAST, -self._credit / share), most)

    def close(self) -> None:
        """End: what is open stays open, for whoever goes on with the state."""
        for output in self.outputs:
            output.close()
        self._keep(self._waiting())
        self.window.__exit__()

    # --- from files to events

    def _read(self, *, last: bool) -> bool:
        """Take what is new; whether any of it may begin an incident, or tells of one that is open."""
        began = self._clock()
        whole = began >= self._folders
        for portion in self._follower.poll(whole=whole, last=last):
            try:
                self._take(portion)
            except OSError:  # it is read again
                portion.tail.offset, portion.tail.size = portion.place, -1
                raise
        for portion in self.standard.poll() if self.standard else ():
            self._take(portion)
        if whole:
            if (papers := self._configuration.changed(self._follower.found)) is not None:
                self.window.papers = papers
                self._unjudged = True
            self._folders = began + min(max(_FOLDERS, self._follower.cost / _SHARE_FOLDERS), _A_WHILE)
        self.window.listen()
        now = self._clock()
        if self.window.unread:
            self._heard, self._unjudged = now, True
        wanted = self._ledger.open or self.window.stirred or last or self.ended or not self._looked
        if not (wanted or (self.window.unread and now - self._judged >= _SELDOM)):
            return False
        kinds = self.window.understood()
        return bool(kinds if self._ledger.open else kinds - ROUTINE)

    def _take(self, portion: Portion) -> None:
        tail = portion.tail
        if tail.number not in self._logs:
            self._logs[tail.number] = self._begin(portion)
        log = self._logs[tail.number]
        if log is None:
            return
        self.window.append(log, portion.place, portion.data, tail.modified, self._earlier.get(log))
        tail.lines = self.window.height(log)

    def _begin(self, portion: Portion) -> int | None:
        tail, head = portion.tail, portion.data
        if portion.place:
            head = beginning(Path(tail.path), packed=tail.packed)
            tail.lines = tail.lines or lines_before(Path(tail.path), portion.place)
        log = self.window.begin(tail.label, tail.node, tail.family, head[:_HEAD], tail.lines, tail.exhibit)
        if log is None:
            self._say(f"{tail.label}: is a document that can only be read as a whole; it is not followed")
        elif tail.size > _LARGE and not self._looked:
            with Path(tail.path).open("rb") as file:
                file.seek(-_ENDING, 2)
                latest = last_time(file.read().partition(b"\n")[2])
            if latest is not None:
                self._earlier[log] = Earlier(latest, TAIL)
        return log

    # --- from events to messages

    def _judge(self, *, last: bool) -> Look:
        now = self._clock()
        self._judged, self._blind = now, True  # unless it ends well
        quiet = timedelta() if last else timedelta(seconds=now - self._heard)
        found = look(self.window, self._options, quiet)
        self._unjudged = self._blind = False
        if found.end is not None:
            self._end, self._ended = found.end, now
        return found

    def _new(self, found: Look, *, last: bool) -> list[Message]:
        first, self._looked = not self._looked, True
        self._earlier.clear()
        if not found.cases:
            return []
        if first and not self._everything and self.standard is None:
            self._ledger.known(found.incidents, found.names)
        return self._ledger.compare(found.incidents, found.names, self._since, last=last)

    def _tell(self, news: News) -> None:
        """Tell what is new; what is about to be told is noted before, and that it was told after."""
        lines = [line(message) for message in news.messages]
        missed = self._untold
        self._untold = {each.name: [*missed.get(each.name, []), *lines] for each in self.outputs}
        if lines:
            self._keep(self._waiting())
        for output in self.outputs:
            with self._failures.survived(Doing.TELLING, f"telling {output.name}"):
                if earlier := missed.get(output.name):
                    output.again(earlier)
                    self._untold[output.name] = lines
                output.tell(news)
                del self._untold[output.name]
        self._untold = {name: untold[-_MOST_UNTOLD:] for name, untold in self._untold.items() if untold}
        waiting = self._waiting()
        if waiting != self._saved.pending or self._clock() - self._noted >= _A_WHILE:
            self._keep(waiting)

    def _waiting(self) -> dict[str, list[str]]:
        return {output.name: [*output.waiting(), *self._untold.get(output.name, [])] for output in self.outputs}

    # --- what is kept

    def _release(self) -> None:
        """Let go of what nothing needs: neither what is open nor what is told of the last hours is cut in two. While
        nothing can be judged, what may be the reason for that has to go as well.
        """
        if self._end is None:
            return
        end = self._end + timedelta(seconds=self._clock() - self._ended)
        begins = end - TAIL
        if not self._blind:
            begins = min([begins, *(each.began - TAIL for each in self._ledger.open)])
            spans = sorted(((each.began, each.ended) for each in self._ledger.told), reverse=True)
            for began, ended in spans:
                begins = began if began < begins <= ended else begins
        age = end - begins
        self.window.release(age)
        while self.window.events > MOST_EVENTS:
            age /= 2
            self.window.release(age)
        self._since = end - age
        gc.collect()  # else tables of looks stay until there is much else to be freed
        unheld = [tail for tail, log in self._logs.items() if log is not None and not self.window.holds(log)]
        for tail in self._follower.forget(unheld):
            if (log := self._logs.pop(tail)) is not None:
                self.window.forget(log)

    def _keep(self, pending: dict[str, list[str]]) -> None:
        """Save the state, if there is one to be kept; where that fails it is tried again with the next look."""
        if self._file is None:
            self._noted, self._saved.pending = self._clock(), pending
            return
        self._noted = -inf
        with self._failures.survived(Doing.KEEPING, "keeping the state"):
            self._save(self._file, pending)
            self._noted = self._clock()

    def _save(self, file: Path, pending: dict[str, list[str]]) -> None:
        places = {tail: self.window.place(log) for tail, log in self._logs.items() if log is not None}
        saved = self._saved
        saved.tails = list(self._follower.tails.values())
        saved.places |= {tail: kept.Place(*place) for tail, place in places.items() if place is not None}
        saved.places = {tail: place for tail, place in saved.places.items() if tail in self._follower.tails}
        saved.told, saved.saved = self._ledger.told, time.time()
        kept.save(file, replace(saved, pending=pending))
        saved.pending = pending
