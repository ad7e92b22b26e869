"""Files that are at hand in memory, as a folder of them would be read: for tests, and for whoever has no disk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from logtrace.intake import archive
from logtrace.intake.evidence import IntakeReport, Piece
from logtrace.intake.limits import Account, Limits
from logtrace.intake.member import piece_of
from logtrace.intake.stream import ByteStream

#: Stands for the report's top folder, which the names of the files leave out.
_TOP = "report"


def read(files: Mapping[str, bytes], report: IntakeReport, limits: Limits) -> Iterator[Piece]:
    """The pieces of `files`, which are named by their paths below the report's top folder (`node1/pacemaker.log`).

    They are told from each other, and nodes from their folders, by the rules of logtrace.intake.layout. Fills `report`
    but for its inputs, for there is no path that anybody gave. Raises UnsafeInputError as logtrace.intake.read does.
    """
    account = Account(_TOP, limits, report)
    for name, data in files.items():
        account.member()
        account.consumed(len(data))
        found = piece_of(name, (_TOP, *name.split("/")), len(data), None, ByteStream(iter([data])), account)
        if isinstance(found, Piece):
            yield found
        elif found:
            yield from archive.read(found.content, account, name)
    account.close()
