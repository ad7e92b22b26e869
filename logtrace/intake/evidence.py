"""What intake hands on: pieces of evidence, one file each, streamed, and the exhibits they are part of.

`read(paths)` (in logtrace.intake) yields one Piece after another; its bytes must be consumed before the next
is asked for, because archives are read in one pass and never unpacked to disk.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from msgspec import Meta, Struct


class EvidenceKind(StrEnum):
    LOG = "log"
    CIB = "cib"
    PE_INPUT = "pe_input"
    COROSYNC_CONF = "corosync_conf"
    COROSYNC_DUMP = "corosync_dump"  # corosync.dump, corosync-cmapctl
    MEMBERS = "members"  # node names, blank separated
    DC_MARKER = "dc_marker"  # empty file named DC in the folder of the DC
    TEXT = "text"  # description.txt, sysinfo.txt, time.txt, ...: versions, dates


class Input(Struct, frozen=True):
    """One PATH of the command line."""

    path: Annotated[str, Meta(description="As given.")]
    kind: Annotated[
        str, Meta(description="What it is.", extra_json_schema={"enum": ["archive", "folder", "log", "stdin"]})
    ]
    bytes: Annotated[int, Meta(description="Its size; what was read, for standard input.", ge=0)]
    sha256: Annotated[
        Annotated[str, Meta(pattern="^[0-9a-f]{64}$")] | None,
        Meta(description="Checksum; null for folders and standard input."),
    ]


class Skipped(Struct, frozen=True):
    """Something that was not read."""

    path: Annotated[str, Meta(description="Its path inside the input.")]
    reason: Annotated[str, Meta(description="Why, in words.")]
    lost: Annotated[
        bool,
        Meta(
            description="Whether the cluster may have told something there: false for what is no evidence, such as a "
            "pipe or a link that leads out."
        ),
    ] = True


class Piece(Struct, frozen=True):
    """One file of evidence.

    `path`: how the file is named to the user: its path inside the archive or folder (top folder kept), or the path
    given. `node`: the node whose folder it lies in, None when unknown or merged. `size`: bytes as stored, that is
    before decompression; 0 for standard input. `modified`: epoch seconds, None when unknown. `chunks()` gives its
    bytes once, decompressed, cut anywhere. `exhibit`: what it is part of. `disk`: where it lies on disk as a file of
    its own, None for others.
    """

    path: str
    kind: EvidenceKind
    node: str | None
    size: int
    modified: float | None
    chunks: Callable[[], Iterator[bytes]]
    exhibit: Exhibit
    disk: Path | None = None


@dataclass(slots=True, eq=False)
class Exhibit:
    """What was handed in as one and is of one cluster: an archive, an unpacked report, a folder of logs, a log.

    `name`: how it is told to the user. `outer`: what it lies in; None for a PATH. `beside`: where others lie that
    nobody packed as reports of their own either, which is a hint that they are of one cluster; None where there is no
    such hint. `nodes`: names of the folders per node that were seen.
    """

    name: str
    outer: Exhibit | None = None
    beside: str | None = None
    inputs: list[Input] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    nodes: set[str] = field(default_factory=set)


@dataclass(slots=True)
class IntakeReport:
    """What was read and what was not; filled while the pieces are consumed."""

    exhibits: list[Exhibit] = field(default_factory=list)
    around: list[Exhibit] = field(default_factory=list)  # what they lie in that holds no evidence of its own
    read: int = 0  # bytes read from disk or standard input
    members: int = 0  # files looked at, inside archives and folders
    pieces: Counter[EvidenceKind] = field(default_factory=Counter)  # handed out, by kind

    @property
    def inputs(self) -> list[Input]:
        """Of all exhibits: what lies in another one of them, or was not given as one, is told by what it lies in."""
        return [each for exhibit in dict.fromkeys(map(self._teller, self.exhibits)) for each in exhibit.inputs]

    @property
    def skipped(self) -> list[Skipped]:
        """Of all exhibits, and of what they lie in."""
        return [each for exhibit in (*self.around, *self.exhibits) for each in exhibit.skipped]

    @property
    def nodes(self) -> set[str]:
        """Of all exhibits."""
        return {node for exhibit in self.exhibits for node in exhibit.nodes}

    def _teller(self, exhibit: Exhibit) -> Exhibit:
        while exhibit.outer is not None and (exhibit.outer in self.exhibits or not exhibit.inputs):
            exhibit = exhibit.outer
        return exhibit

    def describe(self) -> str:
        """What was found, in words: "74 files: no log, 3 cib, 12 pe_input"; the logs are always told."""
        found = [f"{count} {kind.value}" for kind, count in self.pieces.items() if kind is not EvidenceKind.LOG]
        logs = f"{self.pieces[EvidenceKind.LOG]} log" if self.pieces[EvidenceKind.LOG] else "no log"
        return f"{self.members} files: {', '.join([logs, *found])}"
