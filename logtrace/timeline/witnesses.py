"""One happening, several witnesses: the same line in pacemaker.log, syslog, journal and merged copies is one event."""

from __future__ import annotations

import polars as pl

from logtrace.domain.kinds import Kind
from logtrace.events.store import Events

#: Syslog cuts messages at 256 characters including the tag; what is compared must survive that.
_COMPARED = 120


#: Microseconds by which a log is moved more or less than another of its node where another clock stamps it.
_OTHER_CLOCK = 250_000


def merge_witnesses(events: Events) -> Events:
    """Keep the best-timed line of every happening, in order of time, numbered by `event`.

    Adds `event` and `witnesses` (how many lines told it). Lines are the same happening when node, daemon, process
    and text (up to ` | `, where syslog copies end) agree and their times differ by at most a second.
    """
    keys = events.select("event", "node", "file", "line", "time", "precise")
    keys = keys.join(_file_ranks(events), on=["node", "file"], how="left", nulls_equal=True, maintain_order="left")
    alone = keys.filter(pl.col("_files") == 1).with_columns(witnesses=pl.lit(1, pl.UInt16))
    shared = keys.filter(pl.col("_files") > 1)
    kept = pl.concat([alone, _one_witness(shared, events)]).sort("time", "_best", "_file_rank", "event")
    return events.numbered(kept["event"]).with_column(kept["witnesses"])


def _one_witness(keys: pl.DataFrame, events: Events) -> pl.DataFrame:
    """Of the rows of nodes with several files, the best of every happening, with the number of its witnesses."""
    if keys.is_empty():
        return keys.with_columns(witnesses=pl.lit(1, pl.UInt16))
    told = events.select("node", "daemon", "pid", "kind", "agent", "message")[keys["event"]]
    agent = pl.col("kind") == Kind.AGENT_SAYS
    what = said_by(agent, pl.when(agent).then(pl.col("agent")).otherwise(pl.col("daemon")))
    keyed = keys.hstack(told.select(_what=what.hash()))
    keyed = keyed.with_columns(_second=(pl.col("time") - _phases(keyed, events)).dt.truncate("1s"))
    # the n-th such line of one file within a second is the n-th of every other file
    keyed = keyed.sort("time", "_file_rank", "event").with_columns(
        _nth=pl.int_range(pl.len(), dtype=pl.UInt32).over("_what", "_second", "file")
    )
    same = ["_what", "_second", "_nth"]
    best = (
        keyed.with_columns(witnesses=pl.len().over(same).cast(pl.UInt16))
        .sort("_file_rank", "event")
        .unique(same, keep="first", maintain_order=True)
    )
    # what the daemon writes itself bears the second before the copy of a logger, whichever of the two logs is better
    near = pl.concat(
        best.select("_what", "_nth", _second=pl.col("_second") + pl.duration(seconds=off), _better="_file_rank")
        for off in (1, -1)
    )
    near = near.group_by(same).agg(pl.col("_better").min())
    left = best.join(near, on=same, how="left", maintain_order="left")
    copy = (pl.col("_better") < pl.col("_file_rank")).fill_null(value=False)
    return left.filter(~copy).select(*keys.columns, "witnesses")


def _phases(keys: pl.DataFrame, events: Events) -> pl.Series:
    """By what fraction of a second each time was moved from what its line bears: stamps of whole seconds hold a second
    of the clock that wrote them. Logs of a clock of their own are moved like the best of their node.
    """
    local = events.select("local")[keys["event"]]["local"]
    moved = (keys["time"].dt.replace_time_zone(None) - local).dt.total_microseconds().fill_null(0)
    shifts = keys.select("node", "file", "_file_rank", _moved=moved)
    middle = pl.col("_moved").median()
    best = shifts.filter(pl.col("_file_rank") == 0).group_by("node").agg(_best=middle)
    known = shifts.with_columns(_file=middle.over("node", "file")).join(
        best, on="node", how="left", nulls_equal=True, maintain_order="left"
    )
    own = ((pl.col("_file") - pl.col("_best")).abs() < _OTHER_CLOCK).fill_null(value=True)
    phase = pl.when(own).then("_moved").otherwise(pl.col("_best").cast(pl.Int64)).mod(1_000_000)
    return known.select(phase.cast(pl.Duration("us")).alias("_phase"))["_phase"]


def said_by(agent: pl.Expr, signed: pl.Expr) -> pl.Expr:
    """What a line tells, and whose it is, in the words all its carriers share. `agent`: whether a resource agent says
    it, and how that or the daemon `signed` it; columns node, pid and message.
    """
    head = (
        pl.col("message")
        .str.split_exact(" | ", 1)
        .struct.field("field_0")
        .str.replace(r"^[a-z_0-9]+: ", "")  # Pacemaker 1.x prints the function in one carrier and not in the other
        .str.replace_all(r"(?:#011|\s)+", " ")  # and syslog a tab in its own way
        .str.strip_chars_end()
    )
    return pl.concat_str(
        [
            pl.col("node").fill_null(""),
            signed.fill_null(""),
            # ocf_log forks a logger for syslog: another process id, same words
            pl.when(agent).then(pl.lit("")).otherwise(pl.col("pid").cast(pl.String).fill_null("")),
            head.str.slice(0, _COMPARED),
        ],
        separator="\t",
    )


def _file_ranks(events: Events) -> pl.DataFrame:
    """Per node, its files from the most to the least telling: fractions of a second with the details after ` | `, which
    syslog leaves out, then fractions alone, then how many lines it has. The best of them stands for the node where
    several nodes say something at one moment.

    Order within one second is the order of lines in one file, so lines of the best file are kept together.
    """
    return (
        events.select("node", "file", "precise", "message")
        .with_columns(_detailed=pl.col("precise") & pl.col("message").str.contains(" | ", literal=True))
        .group_by("node", "file")
        .agg(full=pl.col("_detailed").sum(), exact=pl.col("precise").sum(), lines=pl.len())
        .sort("full", "exact", "lines", "file", descending=[True, True, True, False])
        .with_columns(
            _file_rank=pl.int_range(pl.len(), dtype=pl.UInt32).over("node"),
            _files=pl.len().over("node"),
            _best=pl.col("file").first().over("node"),
        )
        .select("node", "file", "_file_rank", "_files", "_best")
    )
