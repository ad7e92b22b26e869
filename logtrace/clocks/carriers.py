"""One node, several carriers: a syslog server stamps lines with its own clock, beside the node's pacemaker.log."""

from __future__ import annotations

import polars as pl

from logtrace.events.store import Events

#: Stamps of the same line differ by less than this when both carriers use one clock.
_SAME = 1.5

#: Fewer common lines prove no difference of clocks.
_ENOUGH = 5


def align_files(events: Events) -> tuple[Events, dict[tuple[int, str], float], set[tuple[int, str]]]:
    """Bring all files of a node to the clock of its most precise log.

    Returns the events with `time` shifted, (file, node) -> seconds its stamps were ahead of the node's own clock, and
    those whose clock was not set when the node's own was. The same line in two files (daemon, process id and text, once
    in each) gives the difference.
    """
    sizes = (
        events.select("node", "file", "precise")
        .group_by("node", "file")
        .agg(lines=pl.len(), exact=pl.col("precise").sum())
        .sort("node", "exact", "lines", "file", descending=[False, True, True, False])
    )
    ahead: dict[tuple[int, str], float] = {
        (file, node): 0.0 for node, file in sizes.select("node", "file").drop_nulls().iter_rows()
    }
    if len(ahead) < 2:
        return events, ahead, set()
    layouts = _layouts(events)
    layouts = layouts.filter(pl.col("layout").n_unique().over("node") > 1)
    if layouts.is_empty():
        return events, ahead, set()
    own = (
        sizes.drop_nulls("node")
        .group_by("node", maintain_order=True)
        .first()
        .join(layouts, on=["node", "file"])
        .select("node", own="layout")
    )
    head = (
        pl.col("message")
        .str.split_exact(" | ", 1)
        .struct.field("field_0")
        .str.replace(r"^[a-z_0-9]+: ", "")
        .str.strip_chars_end()
        .str.slice(0, 120)
    )
    key = ["node", "daemon", "pid", "_head"]
    lines = (
        events.select("event", "node", "file", "daemon", "pid", "time", "message")
        .drop_nulls(["node", "pid"])
        .join(layouts, on=["node", "file"], maintain_order="left")
        .with_columns(_head=head)
        .join(own, on="node")
        # a text that recurs proves nothing: rotated parts of one log hold it once each
        .filter(pl.col("time").n_unique().over("layout", *key) == 1)
        .unique(["file", *key], maintain_order=True)
    )
    reference = lines.filter(pl.col("layout") == pl.col("own")).unique(key).select(*key, _own="time")
    both = (
        lines.filter(pl.col("layout") != pl.col("own"))
        .join(reference, on=key)
        .sort("event")
        .with_columns(apart=(pl.col("time") - pl.col("_own")).dt.total_microseconds() / 1e6)
        .with_columns(now=pl.col("apart").rolling_median(_ENOUGH, min_samples=1, center=True).over("node", "file"))
        .group_by("node", "file", maintain_order=True)
        .agg(
            ahead=pl.col("apart").median(),
            first=pl.col("now").first(),
            changed=pl.col("now").max() - pl.col("now").min() > 2 * _SAME,
            common=pl.len(),
        )
        .filter(pl.col("common") >= _ENOUGH)
        .with_columns(ahead=pl.when("changed").then("first").otherwise("ahead"))
    )
    steady = {(file, node) for file, node in both.filter("changed").select("file", "node").iter_rows()}
    apart = both.filter(pl.col("ahead").abs() > _SAME).select("node", "file", "ahead")
    if apart.is_empty():
        return events, ahead, steady
    for node, file, seconds in apart.iter_rows():
        ahead[file, node] = seconds
    shifted = (
        events.select("node", "file", "time")
        .join(apart, on=["node", "file"], how="left", maintain_order="left")
        .select(time=pl.col("time") - pl.duration(microseconds=(pl.col("ahead").fill_null(0.0) * 1e6).cast(pl.Int64)))
    )
    return events.with_column(shifted["time"]), ahead, steady


def _layouts(events: Events) -> pl.DataFrame:
    """The layout most lines of a file have: columns node, file, layout. Files of one layout are parts of one log."""
    return (
        events.select("node", "file", "format")
        .drop_nulls("node")
        .group_by("node", "file", "format")
        .agg(lines=pl.len())
        .group_by("node", "file", layout=pl.col("format").str.split("/").list.first())
        .agg(pl.col("lines").sum())
        .sort("lines", "layout", descending=True)
        .group_by("node", "file", maintain_order=True)
        .agg(pl.col("layout").first())
    )
