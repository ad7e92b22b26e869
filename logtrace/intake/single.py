"""One file, or standard input: an archive, compressed or not, or else a lone log."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePath

from msgspec.structs import replace

from logtrace.errors import NothingUsableError
from logtrace.intake import archive
from logtrace.intake.compression import decompressed
from logtrace.intake.encoding import in_utf8
from logtrace.intake.evidence import EvidenceKind, Input, Piece
from logtrace.intake.layout import HEAD, by_content, by_name, configuration, foreign, is_text
from logtrace.intake.limits import Account
from logtrace.intake.member import hand_out
from logtrace.intake.names import printable
from logtrace.intake.source import Source
from logtrace.intake.stream import ByteStream
from logtrace.intake.tar import BLOCK
from logtrace.intake.zip import is_zip

STDIN = "-"

#: What single logs lie beside each other on.
COMMAND_LINE = ""


def read(source: Source, size: int, modified: float | None, account: Account) -> Iterator[Piece]:
    """The pieces of the file `source` reads: many of an archive, one of a log.

    Raises NothingUsableError when it is empty, or neither archive nor text.
    """
    content = in_utf8(decompressed(ByteStream(source.chunks()), account))
    head = content.peek(HEAD)
    kind, problem = "log", None
    if archive.is_archive(head):
        kind = "archive"
        disk = None if account.path == STDIN else Path(account.path)
        if is_zip(head) and disk is not None:
            source.drain()  # its directory is at its end
        yield from archive.read(content, account, disk=disk)
    elif not (problem := _problem(head, content.damage, account.path)):
        account.report.members += 1
        account.exhibit.beside = COMMAND_LINE
        path = printable(account.path)
        found = hand_out(path, _kind(account.path, head), None, size, modified, content, account)
        yield found if account.path == STDIN else replace(found, disk=Path(account.path))
    if problem:  # the rest is not looked at: standard input might never end
        account.exhibit.inputs.append(Input(account.path, "stdin" if account.path == STDIN else kind, size, None))
        raise problem
    source.drain()
    if account.path == STDIN:
        account.exhibit.inputs.append(Input(STDIN, "stdin", source.size, None))
    else:
        account.exhibit.inputs.append(Input(account.path, kind, source.size, source.sha256))


def _kind(path: str, head: bytes) -> EvidenceKind:
    """A configuration is one by its content; else its name counts, and whatever else the user names is a log."""
    named = by_name((PurePath(path).name,))
    if named is EvidenceKind.PE_INPUT:
        return named
    return configuration(head) or (named if isinstance(named, EvidenceKind) else by_content(head) or EvidenceKind.LOG)


def _problem(head: bytes, damage: str | None, path: str) -> NothingUsableError | None:
    if not head or (damage and len(head) < BLOCK and not by_content(head)):  # too little to tell what it was
        return NothingUsableError(damage or "is empty", where=path, remedy="fetch it again")
    if reason := foreign(head):
        return NothingUsableError(f"is {reason}", where=path)
    if not is_text(head):
        return NothingUsableError(
            "is neither a report archive nor a text log", where=path, remedy="name a crm_report archive or a log"
        )
    return None
