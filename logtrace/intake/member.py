"""From a file, wherever it lies, to a piece of evidence, to an archive to go on with, or to nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from logtrace.intake.compression import decompressed
from logtrace.intake.encoding import in_utf8
from logtrace.intake.evidence import EvidenceKind, Piece
from logtrace.intake.layout import HEAD, Name, by_content, by_name, configuration, foreign, node_of
from logtrace.intake.limits import Account
from logtrace.intake.stream import ByteStream
from logtrace.intake.tar import is_tar
from logtrace.intake.zip import is_zip

_LAST_MTIME = 1 << 33  # the year 2242; anything later is rubbish


class Nested(Struct, frozen=True):
    """An archive inside the input, decompressed."""

    content: ByteStream


def piece_of(
    path: str, parts: Sequence[str], size: int, modified: float | None, raw: ByteStream, account: Account
) -> Piece | Nested | None:
    """The piece that a file is, None when it holds no evidence. Reads no more of `raw` than it must to know.

    `path` names it to the user, `parts` are the folders from the report's top on and the file's name.
    """
    account.report.members += 1
    content = in_utf8(decompressed(raw, account))
    kind = by_name(parts)
    if kind is Name.UNKNOWN and size:
        head = content.peek(HEAD)
        if is_tar(head) or is_zip(head):
            return Nested(content)
        if reason := foreign(head):
            account.skip(path, f"is {reason}")
            return None
        kind = by_content(head) or Name.IGNORED
        if kind is Name.IGNORED and content.damage:  # too little is left to tell what it was
            account.skip(path, content.damage)
    if kind is EvidenceKind.TEXT and size:
        kind = configuration(content.peek(HEAD)) or kind
    if isinstance(kind, Name):
        return None
    node = node_of(parts)
    if node:
        account.exhibit.nodes.add(node)
    if not size and kind is not EvidenceKind.DC_MARKER:
        return None
    if kind is EvidenceKind.LOG and not account.log(path):
        return None
    return hand_out(path, kind, node, size, modified, content, account)


def hand_out(
    path: str,
    kind: EvidenceKind,
    node: str | None,
    size: int,
    modified: float | None,
    content: ByteStream,
    account: Account,
) -> Piece:
    """The piece, entered in the report."""
    account.report.pieces[kind] += 1
    if modified is not None and not 0 < modified < _LAST_MTIME:
        modified = None
    return Piece(path, kind, node, size, modified, lambda: _chunks(path, kind, content, account), account.exhibit)


def _chunks(path: str, kind: EvidenceKind, content: ByteStream, account: Account) -> Iterator[bytes]:
    if kind is EvidenceKind.LOG:
        yield from content.rest()
    else:  # others are read whole by those who parse them
        limit = account.limits.max_document_bytes
        yield from content.until(limit)
        if content.peek(1):
            reason = f"only its first {limit:,} bytes were read; no {kind.value} is that large"
            account.skip(path, reason, lost=False)
    if content.damage:
        (account.cut if content.position else account.skip)(path, content.damage)
