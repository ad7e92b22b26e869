"""The end of a file that lies on disk, read ahead of the rest."""

from __future__ import annotations

from logtrace.intake.compression import codec_of
from logtrace.intake.evidence import Piece

_MAGIC = 16  # bytes that tell a compressed file


def ending(piece: Piece, size: int) -> bytes:
    """The last `size` bytes of `piece`, or all; nothing of what is compressed, in an archive or on standard input."""
    if piece.disk is None:
        return b""
    try:
        with piece.disk.open("rb") as file:
            if codec_of(file.read(_MAGIC)) is not None:
                return b""
            file.seek(max(0, piece.size - size))
            return file.read(size)
    except OSError:  # reading it will tell why
        return b""
