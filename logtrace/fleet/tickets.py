"""What is to be read: tickets, each of which is read as one and comes apart into cases where it holds several.

A file is a ticket. In a folder, archives are tickets; where there are few enough of them to be one of each node of a
cluster, they are read together, for then they may be of one case. A folder without any archive in or below it is an
unpacked report or holds logs, and is one ticket. All this holds for what lies behind an address as well.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Final

from msgspec import Struct

from logtrace.errors import NothingUsableError, UsageError
from logtrace.fleet.places import opened, protocol_of
from logtrace.intake.evidence import EvidenceKind
from logtrace.intake.holes import is_hollow
from logtrace.intake.layout import by_name
from logtrace.intake.limits import Limits

_ARCHIVE: Final = re.compile(r"\.(?:tar(?:\.(?:gz|bz2|xz|zst|Z))?|t(?:gz|bz|bz2|xz|zst)|zip)$", re.IGNORECASE)

#: A folder that holds more archives than any supported cluster has members (32, by the distributions that name a
#: number) is no ticket, but a pile of them.
_MEMBERS: Final = 32

_CHUNK: Final = 1 << 20


class Ticket(Struct, frozen=True):
    """What is read together: paths or addresses of files and folders."""

    paths: tuple[str, ...]

    @property
    def name(self) -> str:
        """For messages."""
        more = f" and {len(self.paths) - 1} more" if len(self.paths) > 1 else ""
        return f"{self.paths[0]}{more}"


#: Folder -> the files right in it, and its folders.
_Tree = Mapping[str, tuple[Sequence[str], Sequence[str]]]


def tickets(paths: Sequence[str]) -> Iterator[Ticket]:
    """The tickets at and below paths and addresses. Raises UsageError for what is not there."""
    for path in paths:
        tree = _tree(path)
        if tree is None:
            yield Ticket((path,))
        else:
            yield from _of_folder(path.rstrip("/") or "/", tree)


def _tree(path: str) -> _Tree | None:
    """What is below a folder, without following links; None for a file."""
    if protocol_of(path) is None:
        if not Path(path).exists():
            raise UsageError("no such file or folder", where=path, remedy="check the path")
        if not Path(path).is_dir():
            return None
        walked = os.walk(path.rstrip("/") or "/")
        return {folder: (_regular(folder, files), sorted(folders)) for folder, folders, files in walked}
    protocol = path.partition("://")[0]
    if protocol in {"http", "https"}:  # a web server does not say what it has
        return None
    system, root = opened(path)
    if system.isfile(root):
        return None
    found = {
        f"{protocol}://{str(folder).rstrip('/')}": (sorted(map(str, files)), sorted(map(str, folders)))
        for folder, folders, files in system.walk(root)
    }
    if not found:
        raise UsageError("there is nothing", where=path, remedy="check the address")
    return found


def _regular(folder: str, names: Sequence[str]) -> list[str]:
    """Those that can be read to an end: no pipes, no devices."""
    return sorted(name for name in names if Path(folder, name).is_file())


def _of_folder(folder: str, tree: _Tree) -> Iterator[Ticket]:
    files, folders = tree.get(folder, ((), ()))
    archives = [f"{folder}/{name}" for name in files if _ARCHIVE.search(name)]
    if not archives and not _archives_below(folder, tree):
        if files:
            yield Ticket((folder,))
            return
    elif len(archives) > _MEMBERS:
        yield from (Ticket((path,)) for path in archives)
    elif archives:
        beside = [f"{folder}/{name}" for name in files if isinstance(by_name((name,)), EvidenceKind)]
        yield Ticket((*archives, *(path for path in beside if path not in archives)))
    for name in folders:
        yield from _of_folder(f"{folder}/{name}", tree)


def _archives_below(folder: str, tree: _Tree) -> bool:
    files, folders = tree.get(folder, ((), ()))
    return any(_ARCHIVE.search(name) for name in files) or any(
        _archives_below(f"{folder}/{name}", tree) for name in folders
    )


# --- where it is read ------------------------------------------------------------------------------------


@contextmanager
def at_hand(ticket: Ticket) -> Iterator[tuple[str, ...]]:
    """The ticket's files as paths of this machine: what lies behind an address is fetched, for as long as that takes.

    Raises NothingUsableError for what cannot be fetched.
    """
    if all(protocol_of(path) is None for path in ticket.paths):
        yield ticket.paths
        return
    with tempfile.TemporaryDirectory(prefix="logtrace-") as folder:
        yield tuple(_fetched(path, Path(folder, str(number))) for number, path in enumerate(ticket.paths))


def _fetched(path: str, into: Path) -> str:
    if protocol_of(path) is None:
        return path
    system, source = opened(path)
    target = into / (PurePosixPath(source.rstrip("/")).name or "report")
    into.mkdir()
    try:
        if system.isdir(source):
            system.get(f"{source.rstrip('/')}/", f"{target}/", recursive=True)
        else:
            with system.open(source, "rb") as found, target.open("wb") as copy:
                shutil.copyfileobj(found, copy, _CHUNK)
    except Exception as error:  # each protocol's library has errors of its own
        told = next(iter(str(error).splitlines()), "") or type(error).__name__
        raise NothingUsableError(f"cannot be fetched: {told}", where=path, remedy="see to its rights") from error
    return str(target)


def digests(paths: Sequence[str]) -> tuple[str, ...]:
    """What tells each of these files and folders by its content, in order. Raises OSError for what cannot be read."""
    return tuple(sorted(_digest(Path(path)) for path in paths))


def _digest(path: Path) -> str:
    if not path.is_dir():
        if is_hollow(path, size := path.stat().st_size, Limits()):  # what intake refuses to read is not read here
            return hashlib.sha256(f"{size} bytes of holes".encode()).hexdigest()
        with path.open("rb") as content:
            return hashlib.file_digest(content, "sha256").hexdigest()
    whole = hashlib.sha256()
    for file in sorted(each for each in path.rglob("*") if each.is_file() and not each.is_symlink()):
        whole.update(f"{file.relative_to(path)}\0{_digest(file)}\n".encode(errors="surrogateescape"))
    return whole.hexdigest()
