"""A report archive: which of its members are read. Nothing is ever written to disk, no link is followed.

A link inside the archive is another name for a member that is handed out by its own (`messages -> ha-log.txt`, files
of all nodes hoisted to the top folder), so it is passed over in silence. An archive inside, such as one per node, is
read like one that was named; what lies deeper is not.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePath

from logtrace.intake import tar, zip  # noqa: A004 - the format's name
from logtrace.intake.compression import ENDS_EARLY
from logtrace.intake.evidence import Piece
from logtrace.intake.layout import is_evidence
from logtrace.intake.limits import Account
from logtrace.intake.member import piece_of
from logtrace.intake.names import printable
from logtrace.intake.stream import ByteStream
from logtrace.intake.tar import Entry, EntryType

TOO_DEEP = "an archive inside an archive inside the input is not opened; name it as a PATH of its own"


#: Bytes behind the last member that are read: tar fills up to 10 kB, and tapes had more.
_BEHIND = 4 << 20


def is_archive(head: bytes) -> bool:
    """Whether data beginning with `head` is an archive that is read."""
    return tar.is_tar(head) or zip.is_zip(head)


def read(stream: ByteStream, account: Account, inside: str | None = None, disk: Path | None = None) -> Iterator[Piece]:
    """The pieces of the archive in `stream`, in its order; what is skipped is put on the account.

    `inside`: how the archive is named to the user when it is a member of the input, None when it is the input. `disk`:
    the file it may be.
    """
    name = inside or account.path
    zipped = zip.is_zip(stream.peek(tar.BLOCK))
    members = zip.entries(stream, account, name, disk) if zipped else tar.entries(stream, account, name, inside)
    top: tuple[str, ...] = ()
    for entry, body in members:
        parts = _parts(entry.name)
        path = printable("/".join(parts if inside is None else (inside, *parts)))
        if entry.name.startswith("/") or ".." in parts:
            account.unsafe_name(entry.name, "its name leads out of the archive")
            continue
        if reason := _objection(entry, parts, account, name):
            account.skip(
                path,
                reason,
                lost=entry.type in (EntryType.FILE, EntryType.SPARSE) and (is_evidence(parts) or entry.encrypted),
            )
            continue
        if not parts or (len(parts) == 1 and entry.type is EntryType.FILE):
            top = (".",)  # packed by `tar -C report .`: no top folder, the archive's root stands for it
        if parts and entry.type is EntryType.FILE:
            found = piece_of(path, (*top, *parts), entry.size, entry.modified, body, account)
            if isinstance(found, Piece):
                yield found
            elif found and inside is None:
                account.exhibit.beside = account.exhibit.beside or name
                with account.within(path, name):
                    yield from read(found.content, account, path)
            elif found:
                account.skip(path, TOO_DEEP)
    if not zipped and not stream.damage:
        _to_the_end(stream, account, name)


def _to_the_end(stream: ByteStream, account: Account, name: str) -> None:
    """Read on behind the last member, for the checksum that stands there is one of all of them."""
    for _ in stream.until(stream.position + _BEHIND):
        pass
    if stream.damage == ENDS_EARLY:
        account.skip(name, f"{ENDS_EARLY}, behind its last member", lost=False)
    elif stream.damage:
        account.skip(name, f"{stream.damage} behind its last member; what its members hold may be wrong")


def _parts(path: str) -> tuple[str, ...]:
    return tuple(part for part in path.split("/") if part not in ("", "."))


def _objection(entry: Entry, parts: tuple[str, ...], account: Account, archive: str) -> str | None:
    """Why the member of `archive` is not read although it might matter; None when it is fine, or a link or folder
    inside.
    """
    if len(entry.name) > account.limits.max_path_length:
        return f"its path is longer than {account.limits.max_path_length} characters"
    if entry.encrypted:
        return f"is encrypted with a password; unpack {PurePath(archive).name} yourself and name the folder"
    if entry.type in (EntryType.SPARSE, EntryType.SPECIAL):
        return f"a {entry.type.value} is not read"
    folder = parts[:-1] if entry.type is EntryType.SYMLINK else ()  # a hard link counts from the archive's root
    if entry.type in (EntryType.SYMLINK, EntryType.HARD_LINK) and _leads_out(folder, entry.target):
        return "a link that leads out of the archive is not followed"
    return None


def _leads_out(folder: tuple[str, ...], target: str) -> bool:
    """Whether `target`, seen from `folder`, is absolute or climbs above the archive's root on its way."""
    depth = len(folder)
    for part in _parts(target):
        depth += -1 if part == ".." else 1
        if depth < 0:
            return True
    return target.startswith("/")
