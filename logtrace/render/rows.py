"""Rows of any table: as aligned lines for the eye, as CSV for a spreadsheet, as JSON or Parquet for a program.

What comes from logs is shown with its control and bidirectional characters visible. In CSV a cell that a spreadsheet
would take for a formula starts with an apostrophe.
"""

from __future__ import annotations

import io
import json as plain
import re
from typing import Final

import polars as pl

from logtrace.render.untrusted import shown

_STEERING: Final = r"[\p{C}\p{Zl}\p{Zp}\x{E0000}-\x{E0FFF}]"
_FORMULA: Final = r"^\s*[=+\-@\x{FF1D}\x{FF0B}\x{FF0D}\x{FF20}]"  # and their full-width forms
#: Characters of a text that are shown where texts of all rows stand beside each other.
_CELL: Final = 60


def csv(frame: pl.DataFrame) -> str:
    """The rows as CSV with a header, times in ISO-8601 UTC, lists joined by "; ", safe to open in a spreadsheet."""
    text = pl.selectors.string()
    safe = pl.when(text.str.contains(_FORMULA)).then(pl.lit("'") + text).otherwise(text)
    return visible(_flat(timed(frame))).with_columns(safe.name.keep()).write_csv()


def json(frame: pl.DataFrame) -> str:
    """The rows as a JSON array of objects, ASCII only; nothing is changed but what JSON escapes."""
    return ascii_only(timed(frame).write_json()) + "\n"


def parquet(frame: pl.DataFrame) -> bytes:
    """The rows as a Parquet file."""
    made = io.BytesIO()
    frame.write_parquet(made)
    return made.getvalue()


def lines(frame: pl.DataFrame, *, width: int | None) -> list[str]:
    """The rows as aligned lines under a heading; `width`: of the terminal, None for a pipe, where texts are told in
    full.
    """
    table = visible(_flat(timed(frame))).with_columns(pl.selectors.float().round(3))
    parts, titles = [], []
    for name, dtype in table.schema.items():
        text = pl.col(name).cast(pl.String).fill_null("")
        if width is not None:
            text = pl.when(text.str.len_chars() > _CELL).then(text.str.head(_CELL - 1) + "…").otherwise(text)
        longest = table.select(text.str.len_chars().max()).item() if table.height else 0
        room, title = max(longest, len(name)), shown(name, _CELL)
        right = dtype.is_numeric()
        parts.append(text.str.pad_start(room) if right else text.str.pad_end(room))
        titles.append(title.rjust(room) if right else title.ljust(room))
    line = pl.concat_str(parts, separator="  ").str.strip_chars_end()
    head = "  ".join(titles).rstrip()
    if width is not None:
        line = pl.when(line.str.len_chars() > width).then(line.str.head(width - 1) + "…").otherwise(line)
        head = head[:width]
    return [head, *table.select(line=line)["line"].to_list()]


def timed(frame: pl.DataFrame) -> pl.DataFrame:
    """The same with times as text: ISO-8601 in UTC with milliseconds."""
    return frame.with_columns(pl.selectors.datetime(time_zone="*").dt.strftime("%Y-%m-%dT%H:%M:%S%.3fZ"))


def ascii_only(text: str) -> str:
    """JSON with every other character escaped."""
    return re.sub("[^\x00-\x7e]", lambda char: plain.dumps(char.group())[1:-1], text)


def visible(frame: pl.DataFrame) -> pl.DataFrame:
    """Each text with steering characters replaced by what shows them; only such texts leave the columns."""
    for name in frame.select(pl.selectors.string()).columns:
        steering = frame[name].filter(frame[name].str.contains(_STEERING)).unique()
        if steering.len():
            told = pl.Series([shown(text, 8192) for text in steering], dtype=pl.String)
            frame = frame.with_columns(pl.col(name).replace(steering, told))
    return frame


def _flat(frame: pl.DataFrame) -> pl.DataFrame:
    """Lists as texts; what is nested more deeply, as a query may make it, in Python's words."""
    flat = []
    for name, dtype in frame.schema.items():
        if isinstance(dtype, pl.List) and not dtype.inner.is_nested():
            flat.append(pl.col(name).cast(pl.List(pl.String)).list.join("; ", ignore_nulls=True))
        elif dtype.is_nested():
            told = [None if each is None else str(each) for each in frame[name].to_list()]
            flat.append(pl.lit(pl.Series(name, told, dtype=pl.String)))
    return frame.with_columns(flat)
