"""The zip format, which ticket systems make: its directory at the end, then one member after another, streamed.

The standard library reads directory and members. What it would take into memory is bounded first: the directory by what
the archive's end says of it, an archive that does not lie on disk by its size.
"""

from __future__ import annotations

import calendar
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO
from lzma import LZMAError
from pathlib import Path
from typing import BinaryIO, Final

from logtrace.errors import UnsafeInputError
from logtrace.intake import tar
from logtrace.intake.compression import CHUNK
from logtrace.intake.limits import Account
from logtrace.intake.stream import ByteStream, DamagedError
from logtrace.intake.tar import Entry, EntryType

_MAGIC: Final = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08PK\x03\x04")
_END: Final = b"PK\x05\x06"
_TAIL: Final = 22 + (1 << 16)  # the end and the longest comment
_ENCRYPTED: Final = 1

#: Bytes of an archive inside another that are held, and of any directory.
_HELD: Final = 256 << 20
_DIRECTORY: Final = 64 << 20

_BROKEN: Final = (OSError, EOFError, ValueError, zipfile.BadZipFile, zlib.error, LZMAError, struct.error)


def is_zip(head: bytes) -> bool:
    """Whether data beginning with `head` is a zip archive."""
    return head.startswith(_MAGIC)


def entries(stream: ByteStream, account: Account, name: str, disk: Path | None) -> Iterator[tuple[Entry, ByteStream]]:
    """All members of the archive called `name`, in the order of its directory, with their content.

    `disk`: the file the archive may be, None where only `stream` has it. Damage and encrypted members are put on the
    account. Raises UnsafeInputError for a directory that is too large, and for too many members.
    """
    file: BinaryIO
    if disk is not None and _lies_there(disk):
        file = disk.open("rb")
    else:
        held = b"".join(stream.until(stream.position + _HELD))
        if stream.peek(1):
            account.skip(
                name, f"a zip archive inside another, larger than {_HELD:,} bytes; name it as a PATH of its own"
            )
            return
        file = BytesIO(held)
    with file:
        _bound(file, account, name)
        try:
            archive = zipfile.ZipFile(file)
        except (*_BROKEN, NotImplementedError) as error:
            account.skip(name, f"is damaged (zip: {error})")
            return
        with archive:
            for info in archive.infolist():
                account.member()
                yield _entry(info), ByteStream(_content(archive, info, account))


def _lies_there(disk: Path) -> bool:
    """Whether the archive is the file itself, and not what a compression of it holds."""
    with disk.open("rb") as file:
        return is_zip(file.read(tar.BLOCK))


def _bound(file: BinaryIO, account: Account, name: str) -> None:
    """Refuse a directory that is larger than any report's."""
    size = file.seek(0, 2)
    file.seek(max(0, size - _TAIL))
    tail = file.read()
    file.seek(0)
    at = tail.rfind(_END)
    if at < 0 or len(tail) - at < 22:
        return
    count, length = struct.unpack_from("<HI", tail, at + 10)
    if length == 0xFFFFFFFF:  # the 64-bit directory is what is left of the file, at most
        length = size
    if length > _DIRECTORY or count > account.limits.max_members:
        raise UnsafeInputError(
            f"its directory claims {length:,} bytes", where=name, remedy="unpack it yourself and name the folder"
        )


def _entry(info: zipfile.ZipInfo) -> Entry:
    mode = info.external_attr >> 16
    kind = EntryType.FILE
    if info.filename.endswith("/"):  # is_dir fails for a member without a name
        kind = EntryType.DIRECTORY
    elif stat.S_ISLNK(mode):
        kind = EntryType.SYMLINK
    elif stat.S_IFMT(mode) and not stat.S_ISREG(mode):
        kind = EntryType.SPECIAL
    try:
        modified = float(calendar.timegm((*info.date_time, 0, 0, 0)))
    except (ValueError, OverflowError):
        modified = None
    return Entry(info.filename.replace("\\", "/"), kind, info.file_size, modified, "", encrypted=_is_encrypted(info))


def _is_encrypted(info: zipfile.ZipInfo) -> bool:
    return bool(info.flag_bits & _ENCRYPTED)


def _content(archive: zipfile.ZipFile, info: zipfile.ZipInfo, account: Account) -> Iterator[bytes]:
    """The bytes of a member; what came before its damage is kept."""
    try:
        with archive.open(info) as member:
            while chunk := member.read(CHUNK):
                account.produced(len(chunk))
                yield chunk
    except NotImplementedError as error:
        raise DamagedError(f"is packed in a way that is not read ({error}); pack it again") from error
    except (*_BROKEN, RuntimeError) as error:
        raise DamagedError(f"is damaged (zip: {error})") from error
