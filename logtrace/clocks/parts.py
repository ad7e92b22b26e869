"""Logs that were put one behind the other into one file are told apart: each is a witness of its own.

`cat node1/pacemaker.log node1/messages node2/messages` makes such a file, on standard input as a rule. Read as one
log it would tell its happenings twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import polars as pl
from msgspec.structs import replace

from logtrace.clocks.leaps import STEP
from logtrace.clocks.resolve import ClockSet
from logtrace.events.store import Events


def apart(events: Events, files: int) -> tuple[Events, list[int]]:
    """The same events, `file` being the number of a part of a file, and of which of so many `files` each part is.

    `events` have node and local time, and are numbered in order of file and line. A part ends where times go back by
    more than several writers of one log are apart, if whoever spoke before, a node in a layout of its own, is silent
    after it, and whoever speaks after it was silent before. Where somebody goes on, a clock may have been set.
    """
    stamps = events.select("file", "local")
    back = pl.col("local").forward_fill().diff() <= pl.duration(microseconds=-STEP)
    seams = stamps.select(back.over("file").fill_null(value=False)).to_series().arg_true()
    if seams.is_empty():
        return events, list(range(files))
    voices = (
        events.select("event", "file", "node", "format")
        .with_columns(layout=pl.col("format").str.split("/").list.first())
        .group_by("file", "node", "layout")
        .agg(first=pl.col("event").min(), last=pl.col("event").max())
    )
    begun, ended = (voices[name].sort().search_sorted(seams) for name in ("first", "last"))
    seams = seams.filter(begun == ended)
    number = stamps["file"] + seams.search_sorted(pl.int_range(events.height, eager=True), side="right")
    return events.with_column(number.cast(stamps["file"].dtype)), sorted([*range(files), *stamps["file"][seams]])


def joined(events: Events, parts: Sequence[int]) -> Events:
    """The same events by files again."""
    if len(set(parts)) == len(parts):
        return events
    of = pl.Series("file", parts, dtype=events.schema["file"])
    return events.changed(["file"], lambda part: of[part])


def of_files(setting: ClockSet, parts: Sequence[int]) -> ClockSet:
    """The same, its lines by files again."""
    return replace(setting, lines=tuple((parts[part], line) for part, line in setting.lines))


def edges(
    spans: Sequence[tuple[datetime | None, datetime | None]], parts: Sequence[int]
) -> list[tuple[datetime | None, datetime | None]]:
    """The first and last local time of each part, as far as those of its file (`spans`) tell them."""
    last = {file: place for place, file in enumerate(parts)}
    first = {file: place for place, file in reversed(list(enumerate(parts)))}
    return [
        (spans[file][0] if first[file] == place else None, spans[file][1] if last[file] == place else None)
        for place, file in enumerate(parts)
    ]
