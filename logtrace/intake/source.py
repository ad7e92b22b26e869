"""The bytes of one file as they lie on disk or come in, counted and hashed while they pass."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from io import BufferedIOBase
from pathlib import Path

from logtrace.intake.limits import Account
from logtrace.intake.stream import DamagedError

_READ = 1 << 20


class Source:
    """Reads `file` once, by way of `chunks()`; `size` and `sha256` are those of the whole file after `drain()`.

    `end`: bytes after which no more is read, None for all; a log that is being written may grow faster than it is read.
    """

    def __init__(self, file: BufferedIOBase, account: Account, end: int | None = None) -> None:
        self.size = 0
        self._end = end
        self._file = file
        self._account = account
        self._digest = hashlib.sha256()

    def chunks(self) -> Iterator[bytes]:
        """The bytes to the end; a read error becomes DamagedError."""
        for data in _read(self._file, self._account, None if self._end is None else self._end - self.size):
            self.size += len(data)
            self._digest.update(data)
            yield data

    def drain(self) -> None:
        """Read what nobody asked for, so that size and hash are the file's."""
        try:
            for _ in self.chunks():
                pass
        except DamagedError:
            return

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()


def file_chunks(path: Path, account: Account) -> Iterator[bytes]:
    """The bytes of the file at `path`, opened when the first is asked for; DamagedError where it cannot be read."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise DamagedError(f"cannot be read: {error.strerror}") from error
    with file:
        yield from _read(file, account, os.fstat(file.fileno()).st_size)


def _read(file: BufferedIOBase, account: Account, left: int | None) -> Iterator[bytes]:
    """The next `left` bytes of `file`, or all."""
    try:
        # read1, for what came before an error in the middle must not be lost with it
        while data := file.read1(_READ if left is None else min(_READ, left)):
            account.consumed(len(data))
            left = None if left is None else left - len(data)
            yield data
    except OSError as error:
        raise DamagedError(f"cannot be read further: {error.strerror}") from error
