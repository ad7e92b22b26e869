"""How much one PATH may cost, and the account that is kept of it while it is read.

A report comes from a stranger. Reading it must not fill memory, run for ever, or be led out of its own folder;
an odd or broken member, on the other hand, must not cost the user the rest of the report.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from msgspec import Struct, field

from logtrace.errors import UnsafeInputError
from logtrace.intake.evidence import Exhibit, IntakeReport, Skipped
from logtrace.intake.names import short

MIB = 1 << 20
GIB = 1 << 30
_UNPACK = "if you trust where it comes from, unpack it yourself and name the folder"


class Limits(Struct, frozen=True):
    """Bounds for one PATH, archives inside it included; sizes are bytes. Archives inside those are never opened.

    Above `max_members`, `max_total_bytes` (decompressed), `max_ratio` (decompressed to read, judged once
    `ratio_free_bytes` came out), `max_header_bytes` (a long name or extended header) or `max_unsafe_names` the whole
    input is refused. A path longer than `max_path_length` is skipped; of a document (anything but a log) only
    `max_document_bytes` are read. `max_skipped` skipped members are named, the rest is counted. Of more
    than `logs_free` logs only so many are read that each has taken `min_log_bytes` on average: one costs as much as a
    hundred lines, however small it is. A decompressor may use `max_decoder_bytes` of memory, and `threads` processors
    where its format allows.
    """

    max_members: int = 250_000
    max_total_bytes: int = 64 * GIB
    max_ratio: int = 200
    ratio_free_bytes: int = 256 * MIB
    max_header_bytes: int = MIB
    max_unsafe_names: int = 20
    max_path_length: int = 4096
    max_document_bytes: int = 64 * MIB
    max_skipped: int = 20
    logs_free: int = 2000
    min_log_bytes: int = 500
    max_decoder_bytes: int = 256 * MIB
    threads: int = field(default_factory=lambda: min(os.cpu_count() or 1, 8))


class Account:
    """What one PATH has cost so far (bytes read, bytes decompressed, members) and what of it was skipped.

    Every method that counts raises UnsafeInputError when its limit is passed.
    """

    def __init__(self, path: str, limits: Limits, report: IntakeReport) -> None:
        self.path = path
        self.limits = limits
        self.report = report
        self.exhibit = Exhibit(path)
        report.exhibits.append(self.exhibit)
        self._exhibits = {path: self.exhibit}
        self._consumed = 0
        self._produced = 0
        self._members = 0
        self._logs = 0
        self._unsafe_names = 0
        self._skipped = 0
        self._unnamed_lost = False

    @contextmanager
    def within(self, name: str, beside: str | None = None) -> Iterator[None]:
        """What is read and skipped meanwhile belongs to an exhibit called `name`, the same each time."""
        outer = self.exhibit
        if name not in self._exhibits:
            self._exhibits[name] = Exhibit(name, outer, beside)
            self.report.exhibits.append(self._exhibits[name])
        self.exhibit = self._exhibits[name]
        try:
            yield
        finally:
            self.exhibit = outer

    def consumed(self, size: int) -> None:
        """`size` bytes were read from disk or standard input."""
        self._consumed += size
        self.report.read += size

    def produced(self, size: int) -> None:
        """`size` bytes came out of a decompressor."""
        limits = self.limits
        self._produced += size
        if self._produced > limits.max_total_bytes:
            raise UnsafeInputError(
                f"decompresses to more than {limits.max_total_bytes:,} bytes", where=self.path, remedy=_UNPACK
            )
        if self._produced > max(limits.ratio_free_bytes, limits.max_ratio * self._consumed):
            raise UnsafeInputError(
                f"decompresses to more than {limits.max_ratio} times its size, like a decompression bomb",
                where=self.path,
                remedy=_UNPACK,
            )

    def member(self) -> None:
        """One more header of an archive, or one more file of a folder."""
        self._members += 1
        if self._members > self.limits.max_members:
            raise UnsafeInputError(
                f"holds more than {self.limits.max_members} files", where=self.path, remedy="name the report itself"
            )

    def log(self, path: str) -> bool:
        """Whether one more log is read; where it is not, it is skipped."""
        free, least = self.limits.logs_free, self.limits.min_log_bytes
        if self._logs >= free and self._consumed < (self._logs + 1) * least:
            self.skip(path, f"one of too many logs: beyond {free:,} only as many are read as hold {least} bytes each")
            return False
        self._logs += 1
        return True

    def unsafe_name(self, member: str, reason: str) -> None:
        """A member whose name would lead out of the archive; a few are skipped, many are no accident."""
        self._unsafe_names += 1
        self.skip(member, reason)
        if self._unsafe_names > self.limits.max_unsafe_names:
            raise UnsafeInputError(
                f"more than {self.limits.max_unsafe_names} members lead out of the archive, such as {short(member)}",
                where=self.path,
                remedy=_UNPACK,
            )

    def skip(self, member: str, reason: str, *, lost: bool = True) -> None:
        """Record that `member` was not read, or not to its end; `lost`: the cluster may have told something there."""
        self._skipped += 1
        if self._skipped <= self.limits.max_skipped:
            self.exhibit.skipped.append(Skipped(short(member), reason, lost))
        else:
            self._unnamed_lost |= lost

    def cut(self, member: str, damage: str) -> None:
        """Record that `member` was read up to its damage."""
        self.skip(member, f"{damage}; what came before was read")

    def close(self) -> None:
        """Say how many skipped members were not named."""
        if (more := self._skipped - self.limits.max_skipped) > 0:
            reason = f"{more} more of its files were skipped, or cut off"
            self.exhibit.skipped.append(Skipped(self.path, reason, self._unnamed_lost))
