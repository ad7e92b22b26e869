"""Files whose lines are wrapped, all in the same way: journalctl's JSON and export format, line numbers of a paste.

What the first bytes of a file show decides; its lines are handed on as if they had never been wrapped, those of the
journal in the layout of `journalctl -o short-iso-precise` in UTC. Formats: systemd's "Journal Export Formats".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from typing import Final

import polars as pl

from logtrace.lines.blocks import BLOCK, blocks, lines_of

#: Bytes that decide.
_HEAD: Final = 4096

_JSON: Final = re.compile(rb'\s*\{\s*"[A-Z_]+"\s*:')
_EXPORT: Final = re.compile(rb"\s*__CURSOR=")
#: A field whose value is not one line of text: its name, and the value's size in eight bytes, little endian. It is
#: never the first of a file, and a newline is found faster than the beginning of a line.
_SIZED: Final = re.compile(rb"\n([A-Z_][A-Z0-9_]*)\n.{4}\0{4}", re.DOTALL)
_SIZED_BYTES: Final = len("\n") + 64 + len("\n") + 8
_DATE: Final = r"(?:[A-Z][a-z]{2} +[0-9]{1,2} [0-9]{2}:|[0-9]{4}-[0-9]{2}-[0-9]{2}[T ])"
_NUMBER: Final = r"^[ \t]*[0-9]+(?:[:.|)][ \t]*|[ \t]+)"
_NUMBERED: Final = re.compile(f"{_NUMBER}{_DATE}".encode())
_DATED: Final = re.compile(_DATE.encode())

#: Microseconds since 1970 up to the year 2242; what lies behind is damage, and not every time can be printed.
_LAST: Final = (1 << 33) * 1_000_000

#: Fields of an entry. The time a program sent it, where it is known, is what journalctl shows.
_FIELDS: Final = (
    "_SOURCE_REALTIME_TIMESTAMP", "__REALTIME_TIMESTAMP", "_HOSTNAME", "SYSLOG_IDENTIFIER", "_COMM", "_PID",
    "SYSLOG_PID", "MESSAGE",
)  # fmt: skip


def unwrapped(chunks: Iterator[bytes]) -> Iterator[pl.DataFrame]:
    """The lines of the file given as `chunks` (cut anywhere): frames of line (u32, 1-based) and text.

    An entry of the journal is a line; `line` is where it begins in the file. Of a value of several lines the export
    format leaves the first.
    """
    head = b""
    for chunk in chunks:
        head += chunk
        if len(head) >= _HEAD:
            break
    chunks = chain([head] if head else [], chunks)
    if _JSON.match(head):
        yield from map(_of_json, _plain(chunks))
    elif _EXPORT.match(head):
        yield from _of_export(_plain(_without_sizes(chunks)))
    elif _is_numbered(head[:_HEAD]):
        yield from (lines.with_columns(pl.col("text").str.replace(_NUMBER, "")) for lines in _plain(chunks))
    else:
        yield from _plain(chunks)


def _plain(chunks: Iterator[bytes]) -> Iterator[pl.DataFrame]:
    count = 0
    for block in blocks(chunks):
        lines = lines_of(block, count + 1)
        count += lines.height
        yield lines


def _is_numbered(head: bytes) -> bool:
    """Whether dates stand behind numbers, and nowhere else."""
    lines = [line for line in head.split(b"\n") if line.strip()]
    numbered = sum(1 for line in lines if _NUMBERED.match(line))
    return numbered * 2 >= len(lines) > 0 and not any(_DATED.match(line) for line in lines)


def _of_json(lines: pl.DataFrame) -> pl.DataFrame:
    fields = (pl.col("text").str.json_path_match(f"$.{name}").alias(name) for name in _FIELDS)
    return _entries(lines.select("line", *fields))


def _of_export(frames: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    held = pl.DataFrame(schema={"line": pl.UInt32, "text": pl.String})
    for lines in frames:
        starts = lines["text"].str.starts_with("__CURSOR=").arg_true()
        last = starts[-1] if len(starts) else lines.height  # an entry without a beginning is not waited for
        yield _read_export(pl.concat([held, lines.head(last)]))
        held = lines.slice(last)
    yield _read_export(held)


def _without_sizes(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Values of several lines as `NAME=value`; lines are held back until a name and its size cannot be cut in two."""
    held = b""
    for chunk in chunks:
        held = _SIZED.sub(rb"\n\1=", held + chunk)
        end = max(held.rfind(b"\n", 0, max(len(held) - _SIZED_BYTES, 0)), 0)  # the newline is held as well
        if len(held) - end > BLOCK:  # no lines at all
            end = len(held)
        yield held[:end]
        held = held[end:]
    yield held


def _read_export(lines: pl.DataFrame) -> pl.DataFrame:
    pair = pl.col("text").str.splitn("=", 2).struct
    first = (pl.col("value").filter(pl.col("key") == name).first().alias(name) for name in _FIELDS)
    entries = (
        lines.with_columns(
            key=pair.field("field_0"),
            value=pair.field("field_1"),
            entry=pl.col("text").str.starts_with("__CURSOR=").cum_sum(),
        )
        .group_by("entry", maintain_order=True)
        .agg(pl.col("line").first(), *first)
    )
    return _entries(entries.drop("entry"))


def _entries(found: pl.DataFrame) -> pl.DataFrame:
    """Entries with their _FIELDS as text; empty where there is no time or no message."""
    time = pl.coalesce("_SOURCE_REALTIME_TIMESTAMP", "__REALTIME_TIMESTAMP").cast(pl.Int64, strict=False)
    time = pl.when(time.is_between(0, _LAST)).then(time)
    pid = pl.format("[{}]", pl.coalesce("_PID", "SYSLOG_PID"))
    text = pl.concat_str(
        pl.from_epoch(time, time_unit="us").dt.strftime("%Y-%m-%dT%H:%M:%S%.6fZ"),
        pl.lit(" "),
        pl.col("_HOSTNAME").fill_null("localhost"),
        pl.lit(" "),
        pl.coalesce("SYSLOG_IDENTIFIER", "_COMM", pl.lit("unknown")),
        pid.fill_null(""),
        pl.lit(": "),
        pl.col("MESSAGE").str.replace_all(r"[\r\n]+", " "),
    )
    return found.select("line", text.fill_null("").alias("text"))
