"""One happening, several witnesses: the same line in pacemaker.log, syslog, journal and merged copies is one event."""

from __future__ import annotations

import polars as pl

#: Syslog cuts messages at 256 characters including the tag; what is compared must survive that.
_COMPARED = 120


def merge_witnesses(events: pl.DataFrame) -> pl.DataFrame:
    """Keep the best-timed line of every happening, in order of time, numbered by `event`.

    Adds `event` and `witnesses` (how many lines told it). Lines are the same happening when node, daemon, process
    and text (up to ` | `, where syslog copies end) agree and their times differ by at most a second.
    """
    head = (
        pl.col("message")
        .str.split_exact(" | ", 1)
        .struct.field("field_0")
        .str.replace(r"^[a-z_0-9]+: ", "")  # Pacemaker 1.x prints the function in one carrier and not in the other
        .str.replace_all(r"(?:#011|\s)+", " ")  # and syslog a tab in its own way
        .str.strip_chars_end()
    )
    from_agent = pl.col("kind") == "agent.says"  # ocf_log forks a logger for syslog: another process id, same words
    keyed = (
        events.join(_file_ranks(events), on=["node", "file"], how="left", nulls_equal=True)
        .with_columns(
            _what=pl.concat_str(
                [
                    pl.col("node").fill_null(""),
                    pl.when(from_agent).then(pl.col("agent")).otherwise(pl.col("daemon")).fill_null(""),
                    pl.when(from_agent).then(pl.lit("")).otherwise(pl.col("pid").cast(pl.String).fill_null("")),
                    head.str.slice(0, _COMPARED),
                ],
                separator="\t",
            ),
            _second=pl.col("time").dt.truncate("1s"),
        )
        .sort("time", "_file_rank", "file", "line")
    )
    # the n-th such line of one file within a second is the n-th of every other file
    keyed = keyed.with_columns(_nth=pl.int_range(pl.len()).over("_what", "_second", "file"))
    same = ["_what", "_second", "_nth"]
    one_second = (
        keyed.with_columns(_best=pl.struct("_file_rank", "file", "line").rank("ordinal").over(same))
        .with_columns(witnesses=pl.len().over(same).cast(pl.UInt16))
        .filter(pl.col("_best") == 1)
    )
    # a copy may bear the next second
    own = pl.col("_file_rank") == 0
    before = one_second.filter(own).select("_what", "_nth", _second=pl.col("_second") + pl.duration(seconds=1))
    kept = pl.concat([one_second.filter(own), one_second.filter(~own).join(before, on=same, how="anti")])
    return (
        kept.sort("time", "_file_rank", "file", "line")
        .drop("_what", "_second", "_nth", "_best", "_file_rank")
        .with_columns(event=pl.int_range(pl.len(), dtype=pl.UInt32))
    )


def _file_ranks(events: pl.DataFrame) -> pl.DataFrame:
    """Per node, its files from the most to the least telling: fractions of a second, then how many lines it has.

    Order within one second is the order of lines in one file, so lines of the best file are kept together.
    """
    return (
        events.group_by("node", "file")
        .agg(exact=pl.col("precise").sum(), lines=pl.len())
        .sort("exact", "lines", "file", descending=[True, True, False])
        .with_columns(_file_rank=pl.int_range(pl.len(), dtype=pl.UInt32).over("node"))
        .select("node", "file", "_file_rank")
    )
