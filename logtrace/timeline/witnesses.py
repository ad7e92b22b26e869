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
    head = pl.col("message").str.split_exact(" | ", 1).struct.field("field_0").str.strip_chars_end()
    from_agent = pl.col("kind") == "agent.says"  # ocf_log forks a logger for syslog: another process id, same words
    keyed = events.with_columns(
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
    ).sort("time", "file", "line")
    # the n-th such line of one file within a second is the n-th of every other file
    keyed = keyed.with_columns(_nth=pl.int_range(pl.len()).over("_what", "_second", "file"))
    one_second = (
        keyed.with_columns(_rank=pl.struct(~pl.col("precise"), "file", "line").rank("ordinal").over("_what", "_second", "_nth"))
        .with_columns(witnesses=pl.len().over("_what", "_second", "_nth").cast(pl.UInt16))
        .filter(pl.col("_rank") == 1)
    )
    # a copy with whole seconds may bear the next second
    exact = one_second.filter(pl.col("precise")).select("_what", "_nth", _second=pl.col("_second") + pl.duration(seconds=1))
    late = ~pl.col("precise")
    kept = pl.concat(
        [
            one_second.filter(~late),
            one_second.filter(late).join(exact, on=["_what", "_second", "_nth"], how="anti"),
        ]
    )
    return (
        kept.drop("_what", "_second", "_nth", "_rank")
        .sort("time", "file", "line")
        .with_columns(event=pl.int_range(pl.len(), dtype=pl.UInt32))
    )
