"""An unpacked report, or a folder of logs. The same rules as for an archive: no link is followed out of it."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from msgspec.structs import replace

from logtrace.intake import archive
from logtrace.intake.evidence import Input, Piece
from logtrace.intake.holes import SPARSE, is_hollow
from logtrace.intake.layout import NODE_MARKS, is_evidence
from logtrace.intake.limits import Account, Limits
from logtrace.intake.member import piece_of
from logtrace.intake.names import printable
from logtrace.intake.source import file_chunks
from logtrace.intake.stream import ByteStream


def read(folder: Path, account: Account) -> Iterator[Piece]:
    """The pieces of the folder, in the order of their names; what is skipped is put on the account."""
    root = folder.resolve()
    # A node's own folder taken out of its report still tells the node by its name.
    above = ("",) if any((root / mark).exists() for mark in NODE_MARKS) else ()
    total = 0
    seen: set[tuple[int, int]] = set()
    for path in _files(root, account):
        parts = (root.name, *path.relative_to(root).parts)
        label = printable("/".join(parts))
        try:
            status = path.lstat()
        except OSError as error:
            account.skip(label, f"cannot be read: {error.strerror}")
            continue
        if reason := _objection(path, status, root, account.limits):
            account.skip(label, reason, lost=stat.S_ISREG(status.st_mode) and is_evidence(parts))
        identity = (status.st_dev, status.st_ino)
        if reason or not stat.S_ISREG(status.st_mode) or identity in seen:  # a hard link is a second name for a file
            continue
        if status.st_nlink > 1:
            seen.add(identity)
        total += status.st_size
        raw = ByteStream(file_chunks(path, account))
        found = piece_of(label, (*above, *parts), status.st_size, status.st_mtime, raw, account)
        if isinstance(found, Piece):
            yield replace(found, disk=path)
        elif found:
            yield from archive.read(found.content, account, label, path)
    account.report.inputs.append(Input(account.path, "folder", total, None))


def size(folder: Path) -> int:
    """Bytes in all regular files at or below `folder`."""
    found = (Path(root, name).lstat() for root, _, names in os.walk(folder) for name in names)
    return sum(status.st_size for status in found if stat.S_ISREG(status.st_mode))


def _files(root: Path, account: Account) -> Iterator[Path]:
    """Everything below `root` but folders, sorted, depth first."""
    waiting = [root]
    while waiting:
        path = waiting.pop()
        account.member()
        if path.is_symlink() or not path.is_dir():
            yield path
            continue
        try:
            waiting += sorted(path.iterdir(), reverse=True)
        except OSError as error:
            account.skip(str(path.relative_to(root.parent)), f"cannot be read: {error.strerror}")


def _objection(path: Path, status: os.stat_result, root: Path, limits: Limits) -> str | None:
    if stat.S_ISLNK(status.st_mode):
        try:
            inside = path.resolve().is_relative_to(root)
        except (OSError, RuntimeError):  # a loop
            inside = True
        return None if inside else "a link that leads out of the folder is not followed; name its target as a PATH"
    if not stat.S_ISREG(status.st_mode):
        return "a device, pipe or other special file is not read"
    return SPARSE if is_hollow(path, status.st_size, limits) else None
