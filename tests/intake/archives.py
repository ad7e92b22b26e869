"""Builders: reports as bytes, hostile ones included, and the pieces that come out of them as plain values."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import sys
import tarfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from logtrace.intake import IntakeReport, Limits, read

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

COMPRESS: dict[str, Callable[[bytes], bytes]] = {
    "": lambda data: data,
    ".gz": partial(gzip.compress, mtime=0),  # its bytes name tests, which all workers must know alike
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zst": zstd.compress,
}
LOG = b"".join(
    b"Nov 22 16:40:%02d node1 pacemaker-controld  [%d] (do_state_transition) \tnotice: line %d\n" % (at % 60, at, at)
    for at in range(200)
)
CIB = b'<?xml version="1.0"?>\n<cib epoch="7" num_updates="1" admin_epoch="0"><configuration/></cib>\n'


class Link(NamedTuple):
    target: str
    type: bytes = tarfile.SYMTYPE


class Special(NamedTuple):
    type: bytes


DIRECTORY = Special(tarfile.DIRTYPE)
Content = bytes | Link | Special
Members = Sequence[tuple[str, Content]]

REPORT: Members = (
    ("pcmk-1", DIRECTORY),
    ("pcmk-1/analysis.txt", b"grep of it all\n"),
    ("pcmk-1/corosync.conf", b"totem {\n version: 2\n}\n"),
    ("pcmk-1/members.txt", b"node1 node2\n"),
    ("pcmk-1/node1", DIRECTORY),
    ("pcmk-1/node1/DC", b""),
    ("pcmk-1/node1/cib.xml", CIB),
    ("pcmk-1/node1/corosync.conf", Link("../corosync.conf")),
    ("pcmk-1/node1/ha-log.txt", LOG),
    ("pcmk-1/node1/messages", Link("pcmk-1/node1/ha-log.txt", tarfile.LNKTYPE)),
    ("pcmk-1/node1/pengine", DIRECTORY),
    ("pcmk-1/node1/pengine/pe-input-3.bz2", bz2.compress(CIB)),
    ("pcmk-1/node1/pengine/pe-input-3.dot", b"digraph {}"),
    ("pcmk-1/node1/pengine/pe-input.last", b"3"),
    ("pcmk-1/node2", DIRECTORY),
    ("pcmk-1/node2/events.txt", LOG),
    ("pcmk-1/node2/journal.log", b""),
    ("pcmk-1/node2/pacemaker.log-20261121.gz", gzip.compress(LOG)),
    ("pcmk-1/node2/time.txt", b"Time: Sun Nov 22 16:40:00 UTC 2026\n"),
)
REPORT_PIECES = [
    ("pcmk-1/corosync.conf", "corosync_conf", None, b"totem {\n version: 2\n}\n"),
    ("pcmk-1/members.txt", "members", None, b"node1 node2\n"),
    ("pcmk-1/node1/DC", "dc_marker", "node1", b""),
    ("pcmk-1/node1/cib.xml", "cib", "node1", CIB),
    ("pcmk-1/node1/ha-log.txt", "log", "node1", LOG),
    ("pcmk-1/node1/pengine/pe-input-3.bz2", "pe_input", "node1", CIB),
    ("pcmk-1/node2/pacemaker.log-20261121.gz", "log", "node2", LOG),
    ("pcmk-1/node2/time.txt", "text", "node2", b"Time: Sun Nov 22 16:40:00 UTC 2026\n"),
]


def tar(members: Members, *, form: int = tarfile.GNU_FORMAT, end: bool = True) -> bytes:
    """A tar archive; without its end mark when more is to follow."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as archive:
        for name, content in members:
            info = tarfile.TarInfo(name)
            info.mtime = 1_795_365_926
            body = b""
            if isinstance(content, bytes):
                body, info.size = content, len(content)
            elif isinstance(content, Link):
                info.type, info.linkname = content.type, content.target
            else:
                info.type = content.type
                info.mode = 0o755
            archive.addfile(info, io.BytesIO(body))
        length = archive.offset
    return out.getvalue() if end else out.getvalue()[:length]


def header(name: str, type_: bytes, size: int, **fields: object) -> bytes:
    """One raw header, whatever it claims."""
    info = tarfile.TarInfo(name)
    info.type, info.size = type_, size
    for field, value in fields.items():
        setattr(info, field, value)
    return info.tobuf(tarfile.GNU_FORMAT)


def blocks(body: bytes) -> bytes:
    """A member's body, filled up to whole blocks."""
    return body + b"\0" * (-len(body) % 512)


END = b"\0" * 1024


def pieces(
    paths: Sequence[Path | str], report: IntakeReport | None = None, *, limits: Limits | None = None, stdin: bytes = b""
) -> list[tuple[str, str, str | None, bytes]]:
    """(path, kind, node, content) of all pieces."""
    found = read(
        [str(path) for path in paths],
        IntakeReport() if report is None else report,
        limits=limits or Limits(),
        stdin=io.BytesIO(stdin),
    )
    return [(piece.path, piece.kind.value, piece.node, b"".join(piece.chunks())) for piece in found]


def names(paths: Sequence[Path | str], report: IntakeReport | None = None) -> list[str]:
    return [path for path, *_ in pieces(paths, report)]
