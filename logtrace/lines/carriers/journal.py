"""The journal as JSON, in its export format and in the form `verbose`, printed as `journalctl -o short-iso-precise`
does, in UTC.

Formats: systemd's "Journal Export Formats".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import polars as pl

from logtrace.lines.blocks import BLOCK, lines_of
from logtrace.lines.carriers.block import Block

#: How either begins.
JSON: Final = re.compile(rb'\s*(?:data: |\x1e)?\{\s*"[A-Z_]+"\s*:[^\n]*"__REALTIME_TIMESTAMP"')
CURSOR: Final = b"__CURSOR="
EXPORT: Final = re.compile(rb"\s*" + CURSOR)
#: An entry of `journalctl -o verbose` begins with its time and its cursor, whose `t` is that time; its fields follow,
#: indented, and where a value has several lines those stand below each other (systemd, logs-show.c, output_verbose).
VERBOSE: Final = re.compile(
    rb"(?:-- [^\n]* --\n)*\S+ [0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:.]{8,15} \S+ \[s=[0-9a-f]+;i=[0-9a-f]+;b=[0-9a-f]{32};"
)
_BEGINS: Final = r"^\S+ [0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:.]{8,15} \S+ \[s=[0-9a-f]+;i="
_TIME: Final = r";t=([0-9a-f]{1,15});"
_FIELD: Final = r"^ {4}([A-Z_][A-Z0-9_]*)=(.*)$"
_CURSOR_BEGINS: Final = b" [s="
#: A field whose value is not one line of text: its name, and the value's size in eight bytes, little endian. It is
#: never the first of a file, and a newline is found faster than the beginning of a line.
_SIZED: Final = re.compile(rb"\n([A-Z_][A-Z0-9_]*)\n(.{4}\0{4})", re.DOTALL)
_SIZED_BYTES: Final = len("\n") + 64 + len("\n") + 8
_VALUE: Final = 1 << 20  # values beyond that are no texts but core dumps
_MOST: Final = 1 << 30  # and beyond that no journal can hold them: the size is damaged
_BREAK: Final = "\x1e"  # stands for a line's end within a value, until the entry is put together
#: Microseconds since 1970 up to the year 2242; what lies behind is damage, and not every time can be printed.
_LAST: Final = (1 << 33) * 1_000_000

#: Fields of an entry. The time a program sent it, where it is known, is what journalctl shows.
_FIELDS: Final = (
    "_SOURCE_REALTIME_TIMESTAMP", "__REALTIME_TIMESTAMP", "_HOSTNAME", "SYSLOG_IDENTIFIER", "_COMM", "_PID",
    "SYSLOG_PID", "MESSAGE", "_BOOT_ID",
)  # fmt: skip


def json(block: bytes) -> Block:
    """A block of entries as JSON, one a line."""
    lines = lines_of(block)
    lines = lines.with_columns(pl.col("text").str.strip_prefix("data: ").str.strip_prefix("\x1e"))  # json-sse, json-seq
    fields = (pl.col("text").str.json_path_match(f"$.{name}").alias(name) for name in _FIELDS)
    return _printed(lines.height, lines.select("line", *fields))


def without_sizes(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Values of several lines as `NAME=value` in one line, and as many empty lines behind it as it had, for entries
    keep their numbers. What may be cut in two is held back: a name and its size, a value.
    """
    held, skip = b"", 0
    for chunk in chunks:
        held += b"\n" * chunk.count(b"\n", 0, skip) + chunk[skip:]
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


def export(block: bytes) -> Block:
    """A block of entries in the export format, each beginning with CURSOR."""
    lines = lines_of(block)
    pair = pl.col("text").str.splitn("=", 2).struct
    first = (pl.col("value").filter(pl.col("key") == name).first().alias(name) for name in _FIELDS)
    entries = (
        lines.with_columns(
            key=pair.field("field_0"),
            value=pair.field("field_1"),
            entry=pl.col("text").str.starts_with(CURSOR.decode()).cum_sum(),
        )
        .group_by("entry", maintain_order=True)
        .agg(pl.col("line").first(), *first)
    )
    return _printed(
        lines.height, entries.drop("entry").with_columns(pl.col("MESSAGE").str.replace_all(_BREAK, "\n", literal=True))
    )


def entries(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """Blocks of whole entries of `journalctl -o verbose`."""
    held = b""
    for block in blocks:
        held += block
        last = held.rfind(b"\n", 0, max(held.rfind(_CURSOR_BEGINS), 0)) + 1
        yield held[:last]
        held = held[last:]
    yield held


def verbose(block: bytes) -> Block:
    """A block of entries as `journalctl -o verbose` prints them."""
    lines = lines_of(block)
    text = pl.col("text")
    begins = text.str.contains(_BEGINS)
    of_field = pl.col("key") == "MESSAGE"
    first = (pl.col("value").filter(pl.col("key") == name).first().alias(name) for name in _FIELDS if name != "MESSAGE")
    told = (
        lines.with_columns(
            entry=begins.cum_sum(),
            time=text.str.extract(_TIME).str.to_integer(base=16, strict=False).cast(pl.String),
            key=pl.when(begins).then(pl.lit("")).otherwise(text.str.extract(_FIELD, 1)),
            value=text.str.extract(_FIELD, 2).fill_null(text.str.strip_chars_start()),
        )
        .with_columns(pl.col("key").forward_fill())
        .group_by("entry", maintain_order=True)
        .agg(
            pl.col("line").first(),
            pl.col("time").first(),
            pl.col("value").filter(of_field).str.join("\n").alias("MESSAGE"),
            pl.col("key").eq("MESSAGE").any().alias("told"),
            *first,
        )
        .with_columns(
            pl.when("told").then("MESSAGE").alias("MESSAGE"),
            pl.coalesce("__REALTIME_TIMESTAMP", "time").alias("__REALTIME_TIMESTAMP"),
        )
    )
    return _printed(lines.height, told.select("line", *_FIELDS))


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
    return Block(height, lines, boots, ("the journal, exported",))
