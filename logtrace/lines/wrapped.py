"""Files whose lines are wrapped, all in the same way: journalctl's JSON and export format, line numbers of a paste.

What the first bytes of a file show decides; its lines are handed on as if they had never been wrapped, those of the
journal in the layout of `journalctl -o short-iso-precise` in UTC. Formats: systemd's "Journal Export Formats".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Final

import polars as pl

from logtrace.lines.blocks import BLOCK, blocks, lines_of

#: Bytes that decide.
_HEAD: Final = 4096

_JSON: Final = re.compile(rb'\s*\{\s*"[A-Z_]+"\s*:')
_CURSOR: Final = b"__CURSOR="
_EXPORT: Final = re.compile(rb"\s*" + _CURSOR)
#: A field whose value is not one line of text: its name, and the value's size in eight bytes, little endian.
_SIZED: Final = re.compile(rb"^([A-Z_][A-Z0-9_]*)\n.{4}\0{4}", re.MULTILINE | re.DOTALL)
_SIZED_BYTES: Final = 64 + len("\n") + 8
_DATE: Final = r"(?:[A-Z][a-z]{2} +[0-9]{1,2} [0-9]{2}:|[0-9]{4}-[0-9]{2}-[0-9]{2}[T ])"
_NUMBER: Final = r"^[ \t]*[0-9]+(?:[:.|)][ \t]*|[ \t]+)"
_NUMBERED: Final = re.compile(f"{_NUMBER}{_DATE}".encode())
_DATED: Final = re.compile(_DATE.encode())

#: Fields of an entry. The time a program sent it, where it is known, is what journalctl shows.
_FIELDS: Final = (
    "_SOURCE_REALTIME_TIMESTAMP", "__REALTIME_TIMESTAMP", "_HOSTNAME", "SYSLOG_IDENTIFIER", "_COMM", "_PID",
    "SYSLOG_PID", "MESSAGE",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wrapping:
    """How a file's bytes become lines: `cut` gives blocks that can be read each by itself, `read` reads one.

    `read` gives how many lines the block has, and a frame of line (u32, counted from 1) and text.
    """

    cut: Callable[[Iterator[bytes]], Iterator[bytes]]
    read: Callable[[bytes], tuple[int, pl.DataFrame]]


def wrapping(chunks: Iterator[bytes]) -> tuple[Wrapping, Iterator[bytes]]:
    """How the file given as `chunks` (cut anywhere) is wrapped, and its chunks, of which none is lost."""
    head = b""
    for chunk in chunks:
        head += chunk
        if len(head) >= _HEAD:
            break
    chunks = chain([head] if head else [], chunks)
    if _JSON.match(head):
        return Wrapping(_lines, _json), chunks
    if _EXPORT.match(head):
        return Wrapping(_exported, _export), chunks
    if _is_numbered(head[:_HEAD]):
        return Wrapping(_lines, _numbered), chunks
    return Wrapping(_lines, _plain), chunks


def _lines(chunks: Iterator[bytes]) -> Iterator[bytes]:
    return blocks(chunks)


def _plain(block: bytes) -> tuple[int, pl.DataFrame]:
    lines = lines_of(block, 1)
    return lines.height, lines


def _numbered(block: bytes) -> tuple[int, pl.DataFrame]:
    count, lines = _plain(block)
    return count, lines.with_columns(pl.col("text").str.replace(_NUMBER, ""))


def _is_numbered(head: bytes) -> bool:
    """Whether dates stand behind numbers, and nowhere else."""
    lines = [line for line in head.split(b"\n") if line.strip()]
    numbered = sum(1 for line in lines if _NUMBERED.match(line))
    return numbered * 2 >= len(lines) > 0 and not any(_DATED.match(line) for line in lines)


def _json(block: bytes) -> tuple[int, pl.DataFrame]:
    count, lines = _plain(block)
    fields = (pl.col("text").str.json_path_match(f"$.{name}").alias(name) for name in _FIELDS)
    return count, _entries(lines.select("line", *fields))


def _exported(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Blocks of whole entries."""
    return blocks(_without_sizes(chunks), start=_CURSOR)


def _without_sizes(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Values of several lines as `NAME=value`; lines are held back until a name and its size cannot be cut in two."""
    held = b""
    for chunk in chunks:
        held = _SIZED.sub(rb"\1=", held + chunk)
        end = held.rfind(b"\n", 0, max(len(held) - _SIZED_BYTES, 0)) + 1
        if len(held) - end > BLOCK:  # no lines at all
            end = len(held)
        yield held[:end]
        held = held[end:]
    yield held


def _export(block: bytes) -> tuple[int, pl.DataFrame]:
    count, lines = _plain(block)
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
    return count, _entries(entries.drop("entry"))


def _entries(found: pl.DataFrame) -> pl.DataFrame:
    """Entries with their _FIELDS as text; empty where there is no time or no message."""
    time = pl.coalesce("_SOURCE_REALTIME_TIMESTAMP", "__REALTIME_TIMESTAMP").cast(pl.Int64, strict=False)
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
