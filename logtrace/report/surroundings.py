"""The log itself around each incident: recognised lines of all nodes, merged, each happening once, on one clock.

What an incident spans is told by its own moments and cited lines, and a number of lines on either side of these; where
that is more than there is room for, what stands near cited lines goes first, and the rest is counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import polars as pl
from msgspec import Struct

from logtrace.report.case import Frames, Incident

MARGIN: Final = 60  # lines before and after


class LogLine(Struct, frozen=True):
    """A recognised line. `place` counts the lines of all files in the order of time."""

    place: int
    time: datetime
    precise: bool
    node: str | None
    daemon: str | None
    level: str | None
    file: str
    line: int
    text: str


class Surroundings(Struct, frozen=True):
    """`lines` of all incidents, by place; `around`: incident -> the places of its lines, and how many it spans."""

    lines: tuple[LogLine, ...]
    around: dict[str, tuple[tuple[int, ...], int]]


def surroundings(frames: Frames, incidents: Sequence[Incident], most: int) -> Surroundings:
    """The lines around each of `incidents`, at most so many in all, shared out evenly."""
    order = (
        frames.events.select("time", "event", "file", "line")
        .unique(("file", "line"), keep="first", maintain_order=True)
        .filter(pl.col("time").is_not_null())
        .sort("time", "event")
        .with_row_index("place")
    )
    share = most // max(len(incidents), 1)
    if order.is_empty() or share == 0:
        return Surroundings((), {})
    paths = dict(frames.files.select("path", "file").iter_rows())
    around = {each.id: found for each in incidents if (found := _around(each, order, paths, share))}
    places = sorted({place for chosen, _ in around.values() for place in chosen})
    return Surroundings(tuple(_lines(frames, order[places])), around)


def _around(
    incident: Incident, order: pl.DataFrame, paths: dict[str, int], most: int
) -> tuple[tuple[int, ...], int] | None:
    """The places of the lines around an incident; None where nothing of it has a time."""
    moments = [each.time for each in incident.evidence]
    moments += [each for each in (incident.began, incident.t_recovered, incident.t_end) if each]
    if not moments:
        return None
    first = max(int(order["time"].search_sorted(min(moments), "left")) - MARGIN, 0)
    last = min(int(order["time"].search_sorted(max(moments), "right")) + MARGIN, order.height)
    span = order.slice(first, last - first)
    if span.height <= most:
        return tuple(span["place"]), span.height
    known = [(paths[each.file], each.line) for each in incident.evidence if each.file in paths]
    cited = span.join(
        pl.DataFrame(known, schema={"file": pl.UInt32, "line": pl.UInt32}, orient="row"),
        on=("file", "line"),
        how="semi",
    ).select("place", near=pl.col("place"))
    if cited.is_empty():
        return tuple(span["place"].head(most)), span.height
    nearest = span.join_asof(cited, on="place", strategy="nearest").with_columns(
        far=(pl.col("place").cast(pl.Int64) - pl.col("near").cast(pl.Int64)).abs()
    )
    return tuple(nearest.sort("far", "place").head(most)["place"].sort()), span.height


def _lines(frames: Frames, chosen: pl.DataFrame) -> Sequence[LogLine]:
    told = (
        frames.events.rows(chosen["event"], "event", "precise", "node", "daemon", "level", "message")
        .join(chosen, on="event")
        .join(frames.files.select("file", "path"), on="file")
        .sort("place")
        .select("place", "time", "precise", "node", "daemon", "level", "path", "line", "message")
    )
    return [
        LogLine(place, time, precise is not False, node, daemon, level, path, line, message)
        for place, time, precise, node, daemon, level, path, line, message in told.iter_rows()
    ]
