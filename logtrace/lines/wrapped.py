"""Files whose lines are wrapped, all in the same way: journalctl's JSON and export format, line numbers of a paste.

What the first bytes of a file show decides; its lines are handed on as if they had never been wrapped, those of the
journal in the layout of `journalctl -o short-iso-precise` in UTC. Formats: systemd's "Journal Export Formats".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Final

import polars as pl
from msgspec import Struct

from logtrace.lines.blocks import BLOCK, blocks, lines_of

#: Bytes that decide.
_HEAD: Final = 4096

_JSON: Final = re.compile(rb'\s*\{\s*"[A-Z_]+"\s*:')
_CURSOR: Final = b"__CURSOR="
_EXPORT: Final = re.compile(rb"\s*" + _CURSOR)
#: A field whose value is not one line of text: its name, and the value's size in eight bytes, little endian. It is
#: never the first of a file, and a newline is found faster than the beginning of a line.
_SIZED: Final = re.compile(rb"\n([A-Z_][A-Z0-9_]*)\n(.{4}\0{4})", re.DOTALL)
_SIZED_BYTES: Final = len("\n") + 64 + len("\n") + 8
_VALUE: Final = 1 << 20  # values beyond that are no texts but core dumps
_MOST: Final = 1 << 30  # and beyond that no journal can hold them: the size is damaged
_BREAK: Final = "\x1e"  # stands for a line's end within a value, until the entry is put together
_DATE: Final = r"(?:[A-Z][a-z]{2} +[0-9]{1,2} [0-9]{2}:|[0-9]{4}-[0-9]{2}-[0-9]{2}[T ])"
_NUMBER: Final = r"^[ \t]*[0-9]+(?:[:.|)][ \t]*|[ \t]+)"
_NUMBERED: Final = re.compile(f"{_NUMBER}{_DATE}".encode())
_DATED: Final = re.compile(_DATE.encode())

#: Microseconds since 1970 up to the year 2242; what lies behind is damage, and not every time can be printed.
_LAST: Final = (1 << 33) * 1_000_000

#: Fields of an entry. The time a program sent it, where it is known, is what journalctl shows.
_FIELDS: Final = (
    "_SOURCE_REALTIME_TIMESTAMP", "__REALTIME_TIMESTAMP", "_HOSTNAME", "SYSLOG_IDENTIFIER", "_COMM", "_PID",
    "SYSLOG_PID", "MESSAGE", "_BOOT_ID",
)  # fmt: skip


class Block(Struct, frozen=True):
    """A block of a file, read.

    `height`: how many lines of the file it has. `lines`: line (u32, counted from 1) and text. `boots`: of a journal,
    where each boot of each host is first met: line, text (the mark journalctl prints there), host, boot.
    """

    height: int
    lines: pl.DataFrame
    boots: pl.DataFrame | None = None


class Wrapping(Struct, frozen=True):
    """How a file's bytes become lines: `cut` gives blocks that `read` can read each by itself.

    An entry of the journal is as many lines as its message has, as journalctl prints it; `line` of all of them is where
    the entry begins in the file. `bare`: nothing is wrapped around the lines at all.
    """

    cut: Callable[[Iterator[bytes]], Iterator[bytes]]
    read: Callable[[bytes], Block]
    bare: bool = False


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
    return Wrapping(_lines, _plain, bare=True), chunks


def _lines(chunks: Iterator[bytes]) -> Iterator[bytes]:
    return blocks(chunks)


def _plain(block: bytes) -> Block:
    lines = lines_of(block)
    return Block(lines.height, lines)


def _numbered(block: bytes) -> Block:
    plain = _plain(block)
    return Block(plain.height, plain.lines.with_columns(pl.col("text").str.replace(_NUMBER, "")))


def _is_numbered(head: bytes) -> bool:
    """Whether dates stand behind numbers, and nowhere else."""
    lines = [line for line in head.split(b"\n") if line.strip()]
    numbered = sum(1 for line in lines if _NUMBERED.match(line))
    return numbered * 2 >= len(lines) > 0 and not any(_DATED.match(line) for line in lines)


def _json(block: bytes) -> Block:
    plain = _plain(block)
    fields = (pl.col("text").str.json_path_match(f"$.{name}").alias(name) for name in _FIELDS)
    return _printed(plain.height, plain.lines.select("line", *fields))


def _exported(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Blocks of whole entries."""
    return blocks(_without_sizes(chunks), start=_CURSOR)


def _without_sizes(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Values of several lines as `NAME=value` in one line, and as many empty lines behind it as it had, for entries
    keep their numbers. What may be cut in two is held back: a name and its size, a value.
    """
    held, skip = b"", 0
    for chunk in chunks:
        held += chunk[skip:]
        skip = max(0, skip - len(chunk))
        out, at = [], 0
        while found := _SIZED.search(held, at):
            size = int.from_bytes(found[2], "little")
            end = found.end() + size
            if size <= _VALUE and end > len(held):
                break
            out.append(held[at : found.start() + 1])
            at = found.end()
            if size <= _MOST:
                value = held[at:end] if size <= _VALUE else b""
                out += [
                    found[1],
                    b"=",
                    value.replace(b"\n", _BREAK.encode()),
                    b"\n" * held.count(b"\n", found.start() + 1, end),
                ]
                at, skip = min(end, len(held)), max(0, end - len(held))
        whole = found.start() if found else held.rfind(b"\n", at, max(len(held) - _SIZED_BYTES, at))  # it is held too
        if not found and len(held) - whole > BLOCK:  # no lines at all
            whole = len(held)
        whole = max(whole, at)
        yield b"".join([*out, held[at:whole]])
        held = held[whole:]
    yield held


def _export(block: bytes) -> Block:
    plain = _plain(block)
    pair = pl.col("text").str.splitn("=", 2).struct
    first = (pl.col("value").filter(pl.col("key") == name).first().alias(name) for name in _FIELDS)
    entries = (
        plain.lines.with_columns(
            key=pair.field("field_0"),
            value=pair.field("field_1"),
            entry=pl.col("text").str.starts_with(_CURSOR.decode()).cum_sum(),
        )
        .group_by("entry", maintain_order=True)
        .agg(pl.col("line").first(), *first)
    )
    return _printed(
        plain.height, entries.drop("entry").with_columns(pl.col("MESSAGE").str.replace_all(_BREAK, "\n", literal=True))
    )


def _printed(height: int, entries: pl.DataFrame) -> Block:
    """Entries (line, _FIELDS as text) as lines; an entry without time or message is an empty line."""
    time = pl.coalesce("_SOURCE_REALTIME_TIMESTAMP", "__REALTIME_TIMESTAMP").cast(pl.Int64, strict=False)
    time = pl.when(time.is_between(0, _LAST)).then(time)
    stamp = pl.from_epoch(time, time_unit="us").dt.strftime("%Y-%m-%dT%H:%M:%S%.6fZ")
    pid = pl.concat_str(pl.lit("["), pl.coalesce("_PID", "SYSLOG_PID"), pl.lit("]")).fill_null("")
    headed = entries.with_columns(
        head=pl.concat_str(stamp, pl.lit(" "), pl.col("_HOSTNAME").fill_null("localhost"), pl.lit(" ")),
        tag=pl.concat_str(pl.coalesce("SYSLOG_IDENTIFIER", "_COMM", pl.lit("unknown")), pid, pl.lit(": ")),
    )
    lines = (
        headed.with_columns(pl.col("MESSAGE").str.strip_chars("\r\n").str.split("\n"))
        .explode("MESSAGE")
        .select("line", text=pl.concat_str("head", "tag", pl.col("MESSAGE").str.strip_chars_end("\r")).fill_null(""))
    )
    boots = (
        headed.select(
            "line",
            text=pl.concat_str("head", pl.lit("journal: -- Boot "), "_BOOT_ID", pl.lit(" --")),
            host="_HOSTNAME",
            boot="_BOOT_ID",
        )
        .drop_nulls()
        .unique(["host", "boot"], keep="first", maintain_order=True)
    )
    return Block(height, lines, boots)
