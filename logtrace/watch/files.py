"""Files that are being written, of one node or of many: what is new in them, whatever rotation does to them meanwhile.

Logs that are known are looked at each time; folders are looked through again and again, for files appear later, which
costs the more the more there is in them, and at once where a log is not where it was. A file is known by its place on
the disk (device and inode) and a log by how it begins: a renamed file is the same file, and what lies elsewhere and
begins as a log that lost its file is that log, copied before its file was cut (copytruncate), or compressed. Nothing is
told by the kernel: looking costs some system calls, works on every file system, and needs no library.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from logtrace.intake import Limits
from logtrace.intake.evidence import EvidenceKind
from logtrace.intake.holes import is_hollow
from logtrace.intake.layout import HEAD as LOOKED_AT
from logtrace.intake.layout import Name, by_content, by_name, configuration, foreign, node_of
from logtrace.intake.names import printable
from logtrace.intake.stream import DamagedError
from logtrace.watch.tails import HEAD, Head, Tail, beginning, family, is_packed

#: A file that nobody has written to for so long before the watch began is history. It is what the window keeps.
_HISTORY: Final = 3 * 3600.0

#: What is read as a whole.
_CONFIGURATION: Final = frozenset(EvidenceKind) - {EvidenceKind.LOG}

#: Most files that are looked at below the folders that were named; a tree of more is no folder of logs.
_MOST_FILES: Final = 20_000


#: Sentences about files that are said at most; names of files are made by whoever writes there.
_MOST_SAID: Final = 1000


class Portion(Struct, frozen=True):
    """What was appended to a log: whole lines of it from byte `place` on."""

    tail: Tail
    place: int
    data: bytes


class Candidate(Struct, frozen=True):
    """A file that may be a log. `parts`: its folders from the named one on, and its name; `named`: by the user."""

    path: Path
    parts: tuple[str, ...]
    status: os.stat_result
    named: bool

    @property
    def identity(self) -> tuple[int, int]:
        return self.status.st_dev, self.status.st_ino

    @property
    def exhibit(self) -> str:
        """The folder in one that was named which leads to it, for that may be a host's; "" for what lies in none. It is
        what `analyze` takes for an exhibit (logtrace.intake.folder), of whose cluster the others need not be.
        """
        return printable("/".join(self.parts[:2])) if len(self.parts) > 2 else ""


class Follower:
    """Follows what is at or below `paths`. `tails`: logs that are known from an earlier run, which it goes on with.

    `since`: epoch seconds; files last written to before that are passed over until they grow; None: as far before the
    newest file as counts as history. `say` is given sentences about what cannot be read, each once.
    """

    def __init__(
        self, paths: Sequence[str], say: Callable[[str], None], tails: Sequence[Tail] = (), since: float | None = None
    ) -> None:
        self.tails = {tail.number: tail for tail in tails}
        self.roots = [Path(path) for path in paths]
        self._say = say
        self._since = since
        self._next = max(self.tails, default=-1) + 1
        self._at: dict[tuple[int, int], Tail] = {tail.at: tail for tail in tails if tail.inode}
        #: files that are none of the logs, as they were when that was found: (size, time) by identity
        self._others: dict[tuple[int, int], tuple[int, float]] = {}
        self._said: set[str] = set()
        #: all files there were when the folders were looked through, and the seconds of processor that this took
        self.found: list[Candidate] = []
        self.cost = 0.0

    def poll(self, *, whole: bool = True, last: bool = False) -> Iterator[Portion]:
        """What is new. Each portion must be taken before the next is asked for. `whole`: look through the folders; else
        at the logs alone that are known, as long as these are where they were. `last`: nothing will follow.
        """
        found = None if whole or last else self._where_they_were()
        fresh = [each for each in found or () if not self._holds(each)]
        if found is None or fresh:  # what is not where it was is looked for
            self.found = found = self._candidates()
            if self._since is None:
                self._since = max((each.status.st_mtime for each in found), default=0.0) - _HISTORY
            fresh = [each for each in found if not self._holds(each)]
            there = {each.identity for each in found}
            self._others = {at: seen for at, seen in self._others.items() if at in there}
            for tail in list(self._at.values()):
                if tail.at not in there:  # removed, or compressed
                    self._lose(tail)
        for each in fresh:
            self._meet(each)
        logs = [(known.number, known, each) for each in found if (known := self._at.get(each.identity)) is not None]
        for _, known, each in sorted(logs, key=lambda log: log[0]):  # the rest of a rotated log before the next
            yield from self._read(known, each, last=last)

    def _where_they_were(self) -> list[Candidate] | None:
        """The files of the logs that are known, as they are now; None where one of them is none any more."""
        found = []
        for each in self.found:
            if (tail := self._at.get(each.identity)) is None:
                continue
            try:
                status = each.path.stat() if len(each.parts) == 1 else each.path.lstat()
            except OSError:
                return None
            if (status.st_dev, status.st_ino) != tail.at:
                return None
            found.append(replace(each, status=status))
        return found if len(found) == len(self._at) else None

    def forget(self, numbers: Sequence[int]) -> list[int]:
        """Logs of which nothing more is of use; gives those whose file is gone, and which are not known any more."""
        gone = [number for number in numbers if (tail := self.tails.get(number)) is not None and not tail.inode]
        for number in gone:
            del self.tails[number]
        return gone

    @property
    def behind(self) -> int:
        """Bytes that are written and not taken, as far as the last look tells."""
        return sum(max(0, tail.size - tail.offset) for tail in self._at.values() if not tail.packed)

    # --- which file is which log

    def _holds(self, each: Candidate) -> bool:
        """Whether a file still holds the log it held, or is known to hold none; notes where it lies now."""
        tail = self._at.get(each.identity)
        if tail is None:
            return self._others.get(each.identity) == (each.status.st_size, each.status.st_mtime)
        tail.path = str(each.path)
        grown = (each.status.st_size, each.status.st_mtime) != (tail.size, tail.modified)
        if not grown or tail.packed:
            return True
        try:
            head = beginning(each.path, packed=False)
        except OSError:
            return True  # said when it is read
        if each.status.st_size >= tail.offset and tail.head.begins(head):
            if tail.head.size < HEAD:
                tail.head = _head(head) or tail.head
            return True
        self._lose(tail)
        return False

    def _lose(self, tail: Tail) -> None:
        self._at.pop(tail.at, None)
        tail.moved()

    def _meet(self, each: Candidate) -> None:
        """A file that holds none of the logs it is known for: a log that moved here, or a new one, or nothing."""
        status = each.status
        try:
            packed = is_packed(each.path)
            head = _head(beginning(each.path, packed=packed))
            of = family(each.path)
            alike = [
                tail
                for tail in self.tails.values()
                if tail.family == of and tail.head.begins(beginning(each.path, packed=packed))
            ]
        except OSError as error:
            self._skip(each, f"cannot be read: {error.strerror}")
            return
        except DamagedError as error:
            self._skip(each, str(error))
            return
        if head is None:
            return  # no whole line yet
        if any(tail.inode for tail in alike):
            return  # a copy of a log that is followed; it may be cut next
        if alike:
            tail = alike[-1]
        elif (reason := self._objection(each, packed=packed)) is not None:
            self._skip(each, reason)
            return
        else:
            tail = self._begin(each, of, head)
        tail.device, tail.inode = each.identity
        tail.path, tail.packed = str(each.path), packed
        tail.size, tail.modified = -1, 0.0
        if status.st_mtime < (self._since or 0.0) and not alike:
            tail.size, tail.modified = status.st_size, status.st_mtime
            tail.offset = 0 if packed else _lines_end(each.path, status.st_size)
        self._at[each.identity] = tail

    def _begin(self, each: Candidate, of: str, head: Head) -> Tail:
        label = printable(str(each.path) if each.named else "/".join(each.parts))
        node = None if each.named else node_of(each.parts)
        tail = Tail(self._next, str(each.path), label, node, of, head, each.exhibit)
        self.tails[self._next] = tail
        self._next += 1
        return tail

    def _objection(self, each: Candidate, *, packed: bool) -> str | None:
        """Why a file is no log to follow; empty where nobody need hear of it."""
        kind = by_name(each.parts)
        if is_hollow(each.path, each.status.st_size, Limits()):
            return "is a sparse file"
        with each.path.open("rb") as file:
            looked_at = file.read(LOOKED_AT)
        if kind in _CONFIGURATION or (each.named and configuration(looked_at)):
            return ""
        if each.named or kind is EvidenceKind.LOG:
            why = foreign(looked_at)
            return f"is {why}" if why else None
        if kind is not Name.UNKNOWN:
            return ""
        return None if by_content(beginning(each.path, packed=packed)) is EvidenceKind.LOG else ""

    def _skip(self, each: Candidate, reason: str) -> None:
        self._others[each.identity] = (each.status.st_size, each.status.st_mtime)
        if reason:
            self._once(f"{printable(str(each.path))}: {reason}; it is not followed")

    def _closed(self, path: Path, error: OSError) -> None:
        self._once(f"{printable(str(path))}: cannot be looked at: {error.strerror}")

    def _once(self, text: str) -> None:
        if text not in self._said and len(self._said) < _MOST_SAID:
            self._said.add(text)
            self._say(text)

    # --- reading

    def _read(self, tail: Tail, each: Candidate, *, last: bool) -> Iterator[Portion]:
        status = each.status
        if (status.st_size, status.st_mtime) == (tail.size, tail.modified) and not last:
            return
        tail.size, tail.modified = status.st_size, status.st_mtime
        try:
            for place, data in tail.new(last=last or tail.packed):
                yield Portion(tail, place, data)
        except FileNotFoundError:
            return  # rotated this very moment; it is found where it lies now
        except OSError as error:
            self._skip(each, f"cannot be read further: {error.strerror}")
        except DamagedError as error:  # what came before the damage is read
            self._skip(each, str(error))

    def _candidates(self) -> list[Candidate]:
        """All files there are, each once."""
        began = time.process_time()
        found: dict[tuple[int, int], Candidate] = {}
        for root in (each for named in self.roots for each in _with_rotated(named)):
            for path, parts, status in files_below(root, self._closed):
                each = Candidate(path, parts, status, len(parts) == 1)
                found.setdefault(each.identity, each)
                if len(found) > _MOST_FILES:
                    break
        self.cost = time.process_time() - began
        return list(found.values())


def _with_rotated(root: Path) -> Iterator[Path]:
    """A path that was named, and of a log what rotation has made of it, for the rest of it is read there."""
    yield root
    try:
        beside = [] if root.is_dir() else sorted(root.parent.iterdir())
        rotated = [each for each in beside if each != root and family(each) == family(root) and not each.is_dir()]
    except OSError:  # not for this user
        return
    yield from rotated


def files_below(
    root: Path, closed: Callable[[Path, OSError], None]
) -> Iterator[tuple[Path, tuple[str, ...], os.stat_result]]:
    """Regular files at or below `root`, which may come and go while they are looked for. No link in it is followed.
    `closed` is told what is there and cannot be looked at.
    """
    waiting: list[tuple[Path, tuple[str, ...]]] = [(root, (Path(os.path.realpath(root)).name,))]
    while waiting:
        path, parts = waiting.pop()
        try:
            status = path.stat() if path == root else path.lstat()
            if stat.S_ISDIR(status.st_mode):
                waiting += sorted(((each, (*parts, each.name)) for each in path.iterdir()), reverse=True)
            elif stat.S_ISREG(status.st_mode):
                yield path, parts, status
        except (FileNotFoundError, NotADirectoryError):
            continue  # gone since
        except OSError as error:
            closed(path, error)  # and as if it were not there


def _head(data: bytes) -> Head | None:
    """What a log is known again by: what there is of its beginning in whole lines; None where that is nothing."""
    end = len(data) if len(data) >= HEAD else data.rfind(b"\n") + 1
    return Head.of(data[:end]) if end else None


def _lines_end(path: Path, size: int) -> int:
    """The place behind the last whole line within the first `size` bytes."""
    look = 1 << 16
    with path.open("rb") as file:
        start = file.seek(max(0, size - look))
        end = file.read(size - start).rfind(b"\n") + 1
    return start + end if end else size
