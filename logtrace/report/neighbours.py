"""What stands around cited lines in their own files: the recognised lines before and after, for logs are not kept.

A case holds the lines that mean something (Case.frames.events), so neighbours are the nearest of these, with their
line numbers; what stood between them is not at hand.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from datetime import datetime
from operator import attrgetter
from typing import Final

import polars as pl
from msgspec import Struct

from logtrace.report.case import Case, Evidence

AROUND: Final = 2  # lines before and after
_DIGITS: Final = 9  # of a line's number, which is 32 bits wide


class Neighbour(Struct, frozen=True):
    """A recognised line; `time` in UTC, `precise` with fractions. `place` counts the recognised lines of all files."""

    file: str
    line: int
    place: int
    time: datetime | None
    precise: bool
    text: str


#: By file, in the order of lines.
Neighbours = dict[str, list[Neighbour]]


def cited(case: Case) -> set[tuple[str, int]]:
    """File and number of every line that incidents and notes cite."""
    told = {(line.file, line.line) for incident in case.incidents for line in incident.evidence}
    return told | {place for note in case.quiet if (place := parted(note.evidence))}


def parted(place: str) -> tuple[str, int] | None:
    """`file:line` as the two; None where it is not that."""
    file, _, line = place.rpartition(":")
    return (file, int(line)) if line.isdecimal() and len(line) <= _DIGITS else None


def neighbours(case: Case) -> Neighbours:
    """Every recognised line within AROUND of a cited one of the same file, and the cited ones themselves."""
    frames = case.frames
    files = dict(frames.files.select("path", "file").iter_rows())
    places = {(files[file], line) for file, line in cited(case) if file in files}
    wanted = pl.DataFrame(sorted(places), schema={"file": pl.UInt32, "line": pl.UInt32}, orient="row")
    if wanted.is_empty():
        return {}
    order = (
        frames.events.select("file", "line", "event")
        .join(wanted.select("file").unique(), on="file", how="semi")
        .sort("file", "line", "event")
        .unique(("file", "line"), keep="first", maintain_order=True)
        .with_row_index("at")
    )
    at = order.join(wanted, on=("file", "line")).select("file", pl.col("at").cast(pl.Int64))
    reached = at.select("file", at=pl.concat_list([pl.col("at") + step for step in range(-AROUND, AROUND + 1)]))
    near = order.with_columns(pl.col("at").cast(pl.Int64)).join(
        reached.explode("at").unique(), on=("file", "at"), how="semi"
    )
    rows = (
        frames.events.rows(near["event"], "event", "line", "time", "precise", "daemon", "message")
        .join(near.select("event", "file", "at"), on="event")
        .join(frames.files.select("file", "path"), on="file")
        .sort("path", "line")
        .select("path", "line", "at", "time", "precise", "daemon", "message")
    )
    made: Neighbours = {}
    for path, line, place, time, precise, daemon, message in rows.iter_rows():
        text = f"{daemon}: {message}" if daemon else message
        made.setdefault(path, []).append(Neighbour(path, line, place, time, precise is not False, text))
    return made


def found(known: Neighbours, file: str, number: int) -> Neighbour | None:
    """One line; None where it is not at hand."""
    lines = known.get(file, [])
    at = bisect_left(lines, number, key=attrgetter("line"))
    return lines[at] if at < len(lines) and lines[at].line == number else None


def around(known: Neighbours, cited: Sequence[Evidence]) -> tuple[Neighbour, ...]:
    """The lines around `cited` and these themselves, by file and line, each once."""
    told: dict[tuple[str, int], Neighbour] = {}
    for file, number in sorted({(line.file, line.line) for line in cited}):
        lines = known.get(file, [])
        at = bisect_left(lines, number, key=attrgetter("line"))
        if at < len(lines) and lines[at].line == number:
            told |= {(file, each.line): each for each in lines[max(at - AROUND, 0) : at + AROUND + 1]}
    return tuple(told[place] for place in sorted(told))
