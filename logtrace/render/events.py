"""The events of a case, one line each: as a table for the eye, as CSV for a spreadsheet, as JSON lines for a program.

Log text is shown with its control and bidirectional characters visible. In CSV a cell that a spreadsheet would take
for a formula starts with an apostrophe.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from logtrace.render import rows
from logtrace.report.selection import COLUMNS

#: What the table shows, the least width of terminal it is shown at, and the most characters of it.
_TABLE: Final = (("time", 0, 23), ("node", 0, 20), ("kind", 72, 20), ("resource", 110, 24), ("place", 150, 40))

_BAD: Final = ("emerg", "alert", "crit", "error")
_RED, _YELLOW, _PLAIN = "\x1b[31m", "\x1b[33m", "\x1b[0m"


def csv(frame: pl.DataFrame) -> str:
    """The events as CSV with a header, times in ISO-8601 UTC, safe to open in a spreadsheet."""
    return rows.csv(_timed(frame).select(COLUMNS))


def jsonl(frame: pl.DataFrame) -> str:
    """The events as one JSON object a line, ASCII only; nothing is changed but what JSON escapes."""
    return rows.ascii_only(_timed(frame).select(COLUMNS).write_ndjson())


def lines(frame: pl.DataFrame, *, width: int | None, colour: bool = False) -> list[str]:
    """The events as aligned lines under a heading; columns that do not fit into `width` are left out.

    `width` None: all columns, messages in full, for a pipe. Else a day that is that of all events stands in the heading
    alone. `colour`: errors red, warnings yellow.
    """
    short = pl.col("file").str.extract("([^/]*/[^/]*)$").fill_null(pl.col("file")).fill_null("?")
    place = pl.concat_str(short, pl.lit(":"), "line").str.tail(40)
    whole = pl.col("time").str.replace(r"\.\d+Z$", "")
    timed = _timed(frame).with_columns(
        time=pl.when(pl.col("precise").fill_null(value=True)).then("time").otherwise(whole)
    )
    days = timed["time"].str.head(10).unique()
    day = days.item() if width is not None and len(days) == 1 else None
    if day is not None:
        timed = timed.with_columns(pl.col("time").str.slice(11).str.strip_suffix("Z"))
    table = rows.visible(timed.with_columns(place=place).with_columns(pl.selectors.string().fill_null("")))
    shown_columns = [(name, most) for name, least, most in _TABLE if width is None or width >= least]
    heading = [day if day is not None and name == "time" else name for name, _ in shown_columns]
    parts, titles = [], []
    for (name, most), title in zip(shown_columns, heading, strict=True):
        longest = table[name].str.len_chars().max() if table.height else 0
        room = min(max(longest if isinstance(longest, int) else 0, len(title)), most)
        parts.append(pl.col(name).str.head(room).str.pad_end(room))
        titles.append(title.ljust(room))
    line = pl.concat_str([*parts, "message"], separator="  ")
    head = "  ".join([*titles, "message"])
    if width is not None:
        line = pl.when(line.str.len_chars() > width).then(line.str.head(width - 1) + "…").otherwise(line)
        head = head[:width]
    if colour:
        paint = pl.when(pl.col("level").is_in(_BAD)).then(pl.lit(_RED)).when(pl.col("level") == "warning")
        painted = paint.then(pl.lit(_YELLOW)).otherwise(pl.lit(""))
        line = pl.when(painted != "").then(painted + line + _PLAIN).otherwise(line)
    return [head, *table.select(line=line)["line"].to_list()]


def _timed(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(pl.col("time").dt.strftime("%Y-%m-%dT%H:%M:%S%.3fZ"))
