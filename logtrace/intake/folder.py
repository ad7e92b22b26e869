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
from logtrace.intake.layout import NODE_MARKS, REPORT_MARKS, is_evidence, is_report
from logtrace.intake.limits import Account, Limits
from logtrace.intake.member import piece_of
from logtrace.intake.names import printable
from logtrace.intake.source import file_chunks
from logtrace.intake.stream import ByteStream


def read(folder: Path, account: Account) -> Iterator[Piece]:
    """The pieces of the folder, in the order of their names; what is skipped is put on the account.

    Archives in it and folders with a report's name are exhibits of their own. So is each of its own folders, unless it
    is a report itself, for each may be a node's as well as a ticket's.
    """
    root = folder.resolve()
    reports: dict[Path, bool] = {}
    packed = _is_report(root, reports)
    account.exhibit.beside = account.path
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
        with account.within(*_exhibit(path, root, account, reports)):
            found = piece_of(label, (*above, *parts), status.st_size, status.st_mtime, raw, account)
            if isinstance(found, Piece):
                yield replace(found, disk=path)
        if found and not isinstance(found, Piece):
            with account.within(label, account.path if packed else None):
                yield from archive.read(found.content, account, label, path)
                account.exhibit.inputs.append(Input(label, "archive", status.st_size, None))
    account.exhibit.inputs.append(Input(account.path, "folder", total, None))


def _exhibit(file: Path, root: Path, account: Account, reports: dict[Path, bool]) -> tuple[str, str | None]:
    """The exhibit that a loose file is part of, its name and what it lies beside: the report it lies in, else the
    folder in the root that leads to it, else the root. `reports`: which folders are known to be reports.
    """
    above = file.relative_to(root).parents
    folders = [root / each for each in reversed(above) if each.name]  # the outermost first
    if not folders or _is_report(root, reports):
        return account.exhibit.name, account.exhibit.beside
    report = next((each for each in folders if _is_report(each, reports)), None)
    label = printable("/".join((root.name, *(report or folders[0]).relative_to(root).parts)))
    return label, None if report else account.path


def _is_report(folder: Path, known: dict[Path, bool]) -> bool:
    """Whether what is in the folder was collected as one, by its name or by what the top of a report holds."""
    if folder not in known:
        known[folder] = is_report(folder.name) or any((folder / mark).exists() for mark in REPORT_MARKS)
    return known[folder]


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
