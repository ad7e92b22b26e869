"""What lies beside the logs: CIB, corosync.conf, the scheduler's inputs, read again when they change."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from logtrace.gather import Papers, document
from logtrace.intake import EvidenceKind, IntakeReport, Limits, Piece
from logtrace.intake.layout import by_name
from logtrace.intake.limits import Account
from logtrace.intake.member import piece_of
from logtrace.intake.names import printable
from logtrace.intake.source import file_chunks
from logtrace.intake.stream import ByteStream
from logtrace.watch.files import Candidate

_KINDS: Final = frozenset(EvidenceKind) - {EvidenceKind.LOG, EvidenceKind.DC_MARKER}

#: The scheduler keeps thousands of its inputs; of these the newest say what was in force of late.
_MOST_INPUTS: Final = 20

_Version = tuple[str, int, float]


class Configuration:
    """What of the files that are found is no log."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._read: dict[_Version, Papers] = {}

    def changed(self, files: Sequence[Candidate]) -> dict[str, Papers] | None:
        """All of it that is among `files`, by exhibit, where any of it is other than when this was asked before."""
        found = _configurations(files)
        if found.keys() == self._read.keys():
            return None
        self._read = {version: self._read.get(version) or self._papers(found[version]) for version in found}
        told: dict[str, Papers] = {}
        for version, papers in self._read.items():
            whole = told.setdefault(found[version].exhibit, Papers())
            for name in ("snapshots", "corosync", "members", "ends", "hints", "versions", "sbd"):
                getattr(whole, name).extend(getattr(papers, name))
        return told

    def _papers(self, each: Candidate) -> Papers:
        path, parts, status = each.path, each.parts, each.status
        report, papers = IntakeReport(), Papers()
        account = Account(str(path), Limits(), report)
        stream = ByteStream(file_chunks(path, account))
        piece = piece_of(printable("/".join(parts)), parts, status.st_size, status.st_mtime, stream, account)
        if isinstance(piece, Piece) and piece.kind in _KINDS:
            document(papers, piece)
        for skipped in report.skipped:
            self._say(f"{skipped.path}: {skipped.reason}")
        return papers


def _configurations(files: Sequence[Candidate]) -> dict[_Version, Candidate]:
    found, inputs = {}, []
    for each in files:
        version = (str(each.path), each.status.st_size, each.status.st_mtime)
        kind = by_name(each.parts)
        if kind is EvidenceKind.PE_INPUT:
            inputs.append((each.status.st_mtime, version, each))
        elif kind in _KINDS:
            found[version] = each
    return found | {version: each for _, version, each in sorted(inputs, key=lambda one: one[0])[-_MOST_INPUTS:]}
