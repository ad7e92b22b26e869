"""What lies beside the logs: CIB, corosync.conf, the scheduler's inputs, read again when they change."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from logtrace.gather import Papers, document
from logtrace.intake import EvidenceKind, IntakeReport, Limits, Piece
from logtrace.intake.layout import by_name
from logtrace.intake.limits import Account
from logtrace.intake.member import piece_of
from logtrace.intake.names import printable
from logtrace.intake.source import file_chunks
from logtrace.intake.stream import ByteStream
from logtrace.watch.files import files_below

_KINDS: Final = frozenset(EvidenceKind) - {EvidenceKind.LOG, EvidenceKind.DC_MARKER}

#: The scheduler keeps thousands of its inputs; of these the newest say what was in force of late.
_MOST_INPUTS: Final = 20

_Version = tuple[str, int, float]


class Configuration:
    """What is at or below `paths` and no log."""

    def __init__(self, paths: Sequence[str], say: Callable[[str], None]) -> None:
        self._roots = [Path(path) for path in paths]
        self._say = say
        self._read: dict[_Version, Papers] = {}

    def changed(self) -> Papers | None:
        """All of it, where any of it is other than when this was asked before."""
        found = self._files()
        if found.keys() == self._read.keys():
            return None
        self._read = {version: self._read.get(version) or self._papers(*found[version]) for version in found}
        whole = Papers()
        for papers in self._read.values():
            for name in ("snapshots", "corosync", "members", "ends", "hints", "versions", "sbd"):
                getattr(whole, name).extend(getattr(papers, name))
        return whole

    def _files(self) -> dict[_Version, tuple[Path, tuple[str, ...], os.stat_result]]:
        found = {}
        inputs = []
        for root in self._roots:
            for path, parts, status in files_below(root):
                version = (str(path), status.st_size, status.st_mtime)
                kind = by_name(parts)
                if kind is EvidenceKind.PE_INPUT:
                    inputs.append((status.st_mtime, version, (path, parts, status)))
                elif kind in _KINDS:
                    found[version] = (path, parts, status)
        found |= {version: file for _, version, file in sorted(inputs, key=lambda each: each[0])[-_MOST_INPUTS:]}
        return found

    def _papers(self, path: Path, parts: tuple[str, ...], status: os.stat_result) -> Papers:
        report, papers = IntakeReport(), Papers()
        account = Account(str(path), Limits(), report)
        stream = ByteStream(file_chunks(path, account))
        piece = piece_of(printable("/".join(parts)), parts, status.st_size, status.st_mtime, stream, account)
        if isinstance(piece, Piece) and piece.kind in _KINDS:
            document(papers, piece)
        for skipped in report.skipped:
            self._say(f"{skipped.path}: {skipped.reason}")
        return papers
