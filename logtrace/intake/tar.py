"""The tar format, read forward only: one header after another, each with a bounded cost.

The standard library parses the 512-byte headers; the walk over them is here, because `tarfile` reads extended
headers and maps of sparse files of any size into memory, keeps every member, and gives up at the first bad block.
Formats: v7, ustar, GNU (long names) and pax.
"""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from enum import StrEnum

from msgspec import Struct

from logtrace.errors import UnsafeInputError
from logtrace.intake.compression import ENDS_EARLY
from logtrace.intake.limits import Account
from logtrace.intake.stream import ByteStream

BLOCK = tarfile.BLOCKSIZE
_NO_END = "ends early: the archive has no end mark, so members may be missing"
_LONG_NAME, _LONG_LINK, _SPARSE = tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK, tarfile.GNUTYPE_SPARSE
_PAX = (tarfile.XHDTYPE, tarfile.SOLARIS_XHDTYPE)


class EntryType(StrEnum):
    FILE = "file"
    DIRECTORY = "directory"
    SYMLINK = "symbolic link"
    HARD_LINK = "hard link"
    SPARSE = "sparse file"
    SPECIAL = "device, pipe or other special file"


_TYPES = {
    tarfile.REGTYPE: EntryType.FILE,
    tarfile.AREGTYPE: EntryType.FILE,
    tarfile.CONTTYPE: EntryType.FILE,
    tarfile.DIRTYPE: EntryType.DIRECTORY,
    tarfile.SYMTYPE: EntryType.SYMLINK,
    tarfile.LNKTYPE: EntryType.HARD_LINK,
    tarfile.GNUTYPE_SPARSE: EntryType.SPARSE,
}
_NO_BODY = (
    tarfile.DIRTYPE,
    tarfile.SYMTYPE,
    tarfile.LNKTYPE,
    tarfile.CHRTYPE,
    tarfile.BLKTYPE,
    tarfile.FIFOTYPE,
)  # whatever size their header gives, no data follows


class Entry(Struct, frozen=True):
    """One member as its headers tell it. `modified` is epoch seconds, `target` where a link points, `encrypted` of a
    zip archive.
    """

    name: str
    type: EntryType
    size: int
    modified: float | None
    target: str
    encrypted: bool = False


def is_tar(head: bytes) -> bool:
    """Whether data beginning with `head` (a block at least) is a tar archive: its first header's checksum holds."""
    return len(head) >= BLOCK and _header(head[:BLOCK]) is not None


def entries(
    stream: ByteStream, account: Account, name: str, inside: str | None = None
) -> Iterator[tuple[Entry, ByteStream]]:
    """All members of the archive called `name`, in order, with its content, which is gone when the next is asked for.
    `inside`: what stands before the names of its members, where it is a member of the input itself.

    Damage is put on the account: a bad header is passed over, a cut ends the walk. Raises UnsafeInputError for an
    extended header of absurd size and for too many members.
    """
    extended: dict[str, str] = {}
    while len(block := stream.read(BLOCK)) == BLOCK:
        if block.count(0) == BLOCK:  # the end mark
            return
        header = _header(block)
        if header is None:
            account.skip(name, f"is damaged before byte {stream.position}: a member's header is missing")
            extended = {}
            _to_next_header(stream)
            continue
        account.member()
        if header.type in (_LONG_NAME, _LONG_LINK, *_PAX):
            extended |= _extension(header, stream, account)
            continue
        if header.type == tarfile.XGLTYPE:  # holds for the archive, such as a comment; nothing in it matters here
            stream.skip(header.size + -header.size % BLOCK)
            continue
        if header.type == _SPARSE:
            _skip_sparse_map(block, stream)
        entry = _entry(header, extended)
        extended = {}
        stop = stream.position + entry.size
        yield entry, ByteStream(stream.until(stop))
        stream.skip(stop - stream.position)
        if stream.position < stop:
            account.cut(entry.name if inside is None else f"{inside}/{entry.name}", stream.damage or ENDS_EARLY)
            return
        stream.skip(-entry.size % BLOCK)
    account.cut(name, stream.damage or _NO_END)


def _header(block: bytes) -> tarfile.TarInfo | None:
    try:
        header = tarfile.TarInfo.frombuf(block, "utf-8", "backslashreplace")
    except (tarfile.HeaderError, ValueError, OverflowError):
        return None
    return header if header.size >= 0 else None


def _to_next_header(stream: ByteStream) -> None:
    while len(block := stream.peek(BLOCK)) == BLOCK and not (block[257:262] == b"ustar" and _header(block)):
        stream.skip(BLOCK)


def _skip_sparse_map(block: bytes, stream: ByteStream) -> None:
    """An old GNU sparse file's map may go on in further blocks; the last byte used tells (GNU tar manual, B.)."""
    more = block[482]
    while more and len(block := stream.read(BLOCK)) == BLOCK:
        more = block[504]


def _entry(header: tarfile.TarInfo, extended: dict[str, str]) -> Entry:
    kind = _TYPES.get(header.type, EntryType.SPECIAL)
    if any(key.startswith("GNU.sparse.") for key in extended):
        kind = EntryType.SPARSE
    size = _number(extended.get("size"), header.size)
    modified = _number(extended.get("mtime"), header.mtime)
    return Entry(
        name=extended.get("GNU.sparse.name") or extended.get("path") or header.name,
        type=kind,
        size=0 if header.type in _NO_BODY else int(size),
        modified=float(modified),
        target=extended.get("linkpath") or header.linkname,
    )


def _number(text: str | None, otherwise: float) -> float:
    """A pax number if `text` is one, not negative and of a length a number may have."""
    if text is None or len(text) > 30:
        return otherwise
    whole, _, fraction = text.partition(".")
    if not whole.isdecimal() or not (fraction or "0").isdecimal():
        return otherwise
    return float(text) if fraction else int(whole)


def _extension(header: tarfile.TarInfo, stream: ByteStream, account: Account) -> dict[str, str]:
    if header.size > account.limits.max_header_bytes:
        raise UnsafeInputError(
            f"an extended header claims {header.size} bytes",
            where=account.path,
            remedy="pack the report again with a plain tar",
        )
    body = stream.read(header.size)
    stream.skip(-header.size % BLOCK)
    if header.type in _PAX:
        return _pax_records(body)
    return {"path" if header.type == _LONG_NAME else "linkpath": _text(body.partition(b"\0")[0])}


def _pax_records(body: bytes) -> dict[str, str]:
    """The records `length key=value newline` that matter here (POSIX.1-2001 pax)."""
    records: dict[str, str] = {}
    at = 0
    while at < len(body):
        digits = body[at : at + 10].partition(b" ")[0]
        length = int(digits) if digits.isdigit() else 0
        if not len(digits) < length <= len(body) - at:
            break
        key, _, value = body[at + len(digits) + 1 : at + length - 1].partition(b"=")
        if key in (b"path", b"linkpath", b"size", b"mtime") or key.startswith(b"GNU.sparse."):
            records[_text(key)] = _text(value)
        at += length
    return records


def _text(value: bytes) -> str:
    return value.decode("utf-8", "backslashreplace")
