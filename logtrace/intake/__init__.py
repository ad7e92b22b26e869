"""From the paths on the command line to pieces of evidence: safely, streamed, in one pass, nothing on disk.

`read` hands out one Piece after another; see logtrace.intake.evidence for what a piece and the report hold.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator, Sequence
from io import BufferedIOBase
from pathlib import Path
from typing import cast

from logtrace.errors import NothingUsableError, UnsafeInputError, UsageError
from logtrace.intake import folder, single
from logtrace.intake.evidence import EvidenceKind, IntakeReport, Piece
from logtrace.intake.holes import is_hollow
from logtrace.intake.limits import Account, Limits
from logtrace.intake.single import STDIN
from logtrace.intake.source import Source

__all__ = ["EvidenceKind", "IntakeReport", "Limits", "Piece", "read", "size"]

_DEFAULT = Limits()


def read(
    paths: Sequence[str], report: IntakeReport, *, limits: Limits = _DEFAULT, stdin: BufferedIOBase | None = None
) -> Iterator[Piece]:
    """The pieces of evidence in `paths`, which are one case; `-` is standard input (`stdin`, the process's when None).

    A piece's chunks must be consumed before the next piece is asked for. `report` is filled on the way, and complete
    when the iterator is exhausted. `limits` hold for each path by itself.

    Raises UsageError at once for a path that is missing or a special file, and where this user may read none of them;
    while iterating, UnsafeInputError for an input that must be refused, and NothingUsableError when no path holds
    anything that can be read. A path that cannot be used beside others that can is only reported as skipped.
    """
    status: dict[str, os.stat_result | None] = {}
    denied: dict[str, UsageError] = {}
    for path in paths:
        try:
            status[path] = _status(path)
        except _DeniedError as error:
            denied[path] = error
    if not status and denied:
        raise next(iter(denied.values()))
    for path, why in denied.items():
        Account(path, limits, report).skip(path, f"{why.message}; {why.remedy}")
    return _read(status, report, limits, stdin)


def size(paths: Sequence[str]) -> int:
    """Bytes that reading `paths` will read, at most; 0 where nobody can tell, such as for standard input."""
    total = 0
    for path in paths:
        if path == STDIN:
            return 0
        try:
            total += Path(path).stat().st_size if not Path(path).is_dir() else folder.size(Path(path))
        except OSError:
            return 0
    return total


class _DeniedError(UsageError):
    """A path that this user may not read."""

    def __init__(self, path: str) -> None:
        super().__init__("cannot be read: permission denied", where=path, remedy="make it readable for this user")


def _status(path: str) -> os.stat_result | None:
    """The file's status, None for standard input; raises UsageError for what cannot be read at all."""
    if path == STDIN:
        return None
    if not path:  # an unset variable in a script; the current folder is not meant
        raise UsageError("a path is empty", remedy="name a report archive, a folder or a log")
    try:
        status = Path(path).stat()
    except FileNotFoundError:
        raise UsageError("no such file or folder", where=path, remedy="check the path") from None
    except PermissionError:
        raise _DeniedError(path) from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise UsageError(f"cannot be read: {reason}", where=path, remedy="check the path") from None
    if not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):
        raise UsageError("is a device, pipe or socket", where=path, remedy="name a file or folder, or - and pipe it in")
    if not os.access(path, os.R_OK):
        raise _DeniedError(path)
    return status


def _read(
    paths: dict[str, os.stat_result | None], report: IntakeReport, limits: Limits, stdin: BufferedIOBase | None
) -> Iterator[Piece]:
    unusable: list[NothingUsableError] = []
    for path, status in paths.items():
        account = Account(path, limits, report)
        try:
            yield from _one(path, status, account, stdin)
        except NothingUsableError as error:
            unusable.append(error)
            account.skip(path, error.message)
        account.close()
    if unusable and not report.pieces.total():
        raise unusable[0]


def _one(path: str, status: os.stat_result | None, account: Account, stdin: BufferedIOBase | None) -> Iterator[Piece]:
    if status is None:
        yield from single.read(Source(stdin or cast("BufferedIOBase", sys.stdin.buffer), account), 0, None, account)
    elif stat.S_ISDIR(status.st_mode):
        yield from folder.read(Path(path), account)
    elif is_hollow(Path(path), status.st_size, account.limits):
        raise UnsafeInputError(
            f"is a sparse file: {status.st_size:,} bytes, nearly all of them holes",
            where=path,
            remedy="copy out what was written to it",
        )
    else:
        with Path(path).open("rb") as file:
            source = Source(file, account, status.st_size)
            yield from single.read(source, status.st_size, status.st_mtime, account)
