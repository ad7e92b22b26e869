"""A log as it is known again whatever happens to its file: renamed, copied and cut, or compressed."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from msgspec import Struct

from logtrace.intake import IntakeReport, Limits
from logtrace.intake.compression import decompressed
from logtrace.intake.layout import stem
from logtrace.intake.limits import Account
from logtrace.intake.source import file_chunks
from logtrace.intake.stream import ByteStream
from logtrace.lines.blocks import BLOCK

#: Bytes at its beginning by which a log is known again: a few lines with times of their own.
HEAD: Final = 1024

#: How files begin that rotation has compressed: gzip, bzip2, xz, Zstandard.
_PACKED: Final = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd")


class Head(Struct, frozen=True):
    """The first `size` bytes of a log, by their digest. A log that grows has the same for ever."""

    size: int
    digest: str

    @classmethod
    def of(cls, data: bytes) -> Head:
        return cls(len(data), hashlib.sha256(data).hexdigest())

    def begins(self, data: bytes) -> bool:
        """Whether `data`, which is as much of the beginning of a file as there is up to HEAD, begins with the same."""
        return len(data) >= self.size and Head.of(data[: self.size]) == self


class Tail(Struct):
    """One log that is followed, from its first line to the last that is ever written to it.

    `number`: as the window knows it. `path`: where its file lies now; `label`: how it is named to the user, as it was
    called first; `family`: folder and name without what rotation adds; `exhibit`: see files.Candidate. `device`,
    `inode`: of the file, both 0 where it is not there now: it was cut, and what was copied from it has not been found
    yet. `offset`: bytes taken, in whole
    lines and decompressed, and `lines` how many these are. `size`, `modified`: of the file when it was last looked
    into. `packed`: it is compressed.
    """

    number: int
    path: str
    label: str
    node: str | None
    family: str
    head: Head
    exhibit: str = ""
    device: int = 0
    inode: int = 0
    offset: int = 0
    lines: int = 0
    size: int = 0
    modified: float = 0.0
    packed: bool = False

    @property
    def at(self) -> tuple[int, int]:
        """Where its file is on the disks of this machine."""
        return self.device, self.inode

    def moved(self) -> None:
        """Its file holds something else now."""
        self.device = self.inode = 0

    def new(self, *, last: bool) -> Iterator[tuple[int, bytes]]:
        """What was written to it since, in pieces of whole lines, each with its place. `last`: nothing will follow, so
        that what does not end in a line's end is a line as well.
        """
        for place, data in _unpacked(Path(self.path), self.offset) if self.packed else self._appended():
            end = len(data) if last else data.rfind(b"\n") + 1
            if end == 0 and len(data) >= BLOCK:
                end = len(data)  # no line is that long
            if end == 0:
                return
            self.offset = place + end
            yield place, data[:end]

    def _appended(self) -> Iterator[tuple[int, bytes]]:
        with Path(self.path).open("rb") as file:
            status = os.fstat(file.fileno())
            while (status.st_dev, status.st_ino) == (self.device, self.inode):  # else rotated this very moment
                place = file.seek(self.offset)
                data = file.read(BLOCK)
                if not data:
                    return
                yield place, data
                if self.offset == place:
                    return


def family(path: Path) -> str:
    """What files of one log have in common, however often it was rotated."""
    return str(path.parent / stem(path.name))


def is_packed(path: Path) -> bool:
    """Whether a file is compressed, by how it begins."""
    with path.open("rb") as file:
        return file.read(6).startswith(_PACKED)


def beginning(path: Path, *, packed: bool) -> bytes:
    """The first HEAD bytes of a log, or as many as there are."""
    if not packed:
        with path.open("rb") as file:
            return file.read(HEAD)
    return _stream(path).peek(HEAD)[:HEAD]


def lines_before(path: Path, offset: int) -> int:
    """How many lines end in the first `offset` bytes of a log."""
    lines = 0
    with path.open("rb") as file:
        while offset > 0 and (data := file.read(min(BLOCK, offset))):
            lines += data.count(b"\n")
            offset -= len(data)
    return lines


def _unpacked(path: Path, offset: int) -> Iterator[tuple[int, bytes]]:
    """What a compressed file holds behind `offset`, in pieces of whole lines but for the last."""
    stream, place, rest = _stream(path), offset, b""
    stream.skip(offset)
    for chunk in stream.rest():
        data = rest + chunk
        end = data.rfind(b"\n") + 1
        if end:
            yield place, data[:end]
            place += end
        rest = data[end:][:BLOCK]
    if rest:
        yield place, rest


def _stream(path: Path) -> ByteStream:
    account = Account(str(path), Limits(), IntakeReport())
    return decompressed(ByteStream(file_chunks(path, account)), account)
