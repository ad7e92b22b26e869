"""A report archive as a list of files in memory, to be changed and written again."""

from __future__ import annotations

import bz2
import io
import tarfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

#: Names a node's logs go by in the reports of crmsh and of Pacemaker.
PACEMAKER_LOGS: Final = ("pacemaker.log", "pacemaker.log.extract.txt")
COROSYNC_LOGS: Final = ("corosync.log", "corosync.log.extract.txt")
SYSLOGS: Final = ("ha-log.txt", "messages", "messages.extract.txt")
LOGS: Final = (*PACEMAKER_LOGS, *COROSYNC_LOGS, *SYSLOGS, "journal.log", "cluster-log.txt")

Text = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Member:
    """One member of the archive. `data`: None for folders and symbolic links; hard links are files of their own."""

    path: str
    data: bytes | None
    modified: float
    link: str | None = None

    @property
    def parts(self) -> tuple[str, ...]:
        return tuple(self.path.split("/"))

    @property
    def name(self) -> str:
        return self.parts[-1]

    @property
    def folder(self) -> str | None:
        """The folder below the report's top: the node's, or None for what lies at the top."""
        return self.parts[1] if len(self.parts) > 2 else None

    @property
    def packed(self) -> bool:
        return self.name.endswith(".bz2")

    def text(self) -> str:
        assert self.data is not None
        data = bz2.decompress(self.data) if self.packed else self.data
        return data.decode("utf-8", "surrogateescape")

    def with_text(self, text: str) -> Member:
        data = text.encode("utf-8", "surrogateescape")
        return replace(self, data=bz2.compress(data, 1) if self.packed else data)


@dataclass(frozen=True, slots=True)
class Report:
    members: tuple[Member, ...]

    @property
    def folders(self) -> tuple[str, ...]:
        """The nodes' folders, in the archive's order."""
        return tuple(dict.fromkeys(one.folder for one in self.members if one.folder))

    def keep(self, wanted: Callable[[Member], bool]) -> Report:
        """Folders stay; a link whose target is gone dangles, as it would in life."""
        return Report(tuple(one for one in self.members if _is_folder(one) or wanted(one)))

    def rewrite(self, change: Callable[[Member, str], str], names: Sequence[str] | None = None) -> Report:
        """Change the text of all files, or of those with these names."""
        return Report(tuple(_rewritten(one, change, names) for one in self.members))

    def each(self, change: Callable[[Member], Iterable[Member]]) -> Report:
        return Report(tuple(new for one in self.members for new in change(one)))


def _is_folder(member: Member) -> bool:
    return member.data is None and member.link is None


def _rewritten(member: Member, change: Callable[[Member, str], str], names: Sequence[str] | None) -> Member:
    if member.data is None or (names is not None and member.name not in names):
        return member
    before = member.text()
    after = change(member, before)
    return member if after == before else member.with_text(after)


def load(path: Path) -> Report:
    """Read an archive of any compression."""
    members = []
    with tarfile.open(path) as archive:
        for info in archive:
            if info.issym():
                members.append(Member(info.name, None, info.mtime, info.linkname))
            elif info.isdir():
                members.append(Member(info.name, None, info.mtime))
            else:
                file = archive.extractfile(info)  # follows a hard link to its file
                assert file is not None, info.name
                members.append(Member(info.name, file.read(), info.mtime))
    return Report(tuple(members))


def save(report: Report, path: Path) -> Path:
    """Write an archive without compression."""
    with tarfile.open(path, "w") as archive:
        for member in report.members:
            info = tarfile.TarInfo(member.path)
            info.mtime = member.modified
            if member.link is not None:
                info.type, info.linkname = tarfile.SYMTYPE, member.link
                archive.addfile(info)
            elif member.data is None:
                info.type, info.mode = tarfile.DIRTYPE, 0o755
                archive.addfile(info)
            else:
                info.size = len(member.data)
                archive.addfile(info, io.BytesIO(member.data))
    return path


def unpack(report: Report, into: Path) -> Path:
    """Write an unpacked report; the top folder's path."""
    save(report, into / "report.tar")
    with tarfile.open(into / "report.tar") as archive:
        archive.extractall(into, filter="data")
    (into / "report.tar").unlink()
    return into / report.members[0].parts[0]
