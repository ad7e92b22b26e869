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
#: A field whose value is not one line of text: its name, and the value's size in eight bytes, little endian.
_SIZED: Final = re.compile(rb"^([A-Z_][A-Z0-9_]*)\n(.{4}\0{4})", re.MULTILINE | re.DOTALL)
_SIZED_BYTES: Final = 64 + len("\n") + 8
_VALUE: Final = 1 << 20  # values beyond that are no texts but core dumps
_MOST: Final = 1 << 30  # and beyond that no journal can hold them: the size is damaged
_BREAK: Final = "\x1e"  # stands for a line's end within a value, until the entry is put together
_DATE: Final = r"(?:[A-Z][a-z]{2} +[0-9]{1,2} [0-9]{2}:|[0-9]{4}-[0-9]{2}-[0-9]{2}[T ])"
_NUMBER: Final = r"^[ \t]*[0-9]+(?:[:.|)][ \t]*|[ \t]+)"
_NUMBERED: Final = re.compile(f"{_NUMBER}{_DATE}".encode())
_DATED: Final = re.compile(_DATE.encode())

#: Fields of an entry. The time a program sent it, where it is known, is what journalctl shows.
_FIELDS: Final = (
    "_SOURCE_REALTIME_TIMESTAMP", "__REALTIME_TIMESTAMP", "_HOSTNAME", "SYSLOG_IDENTIFIER", "_COMM", "_PID",
    "SYSLOG_PID", "MESSAGE", "_BOOT_ID",
)  # fmt: skip


def unwrapped(chunks: Iterator[bytes]) -> Iterator[pl.DataFrame]:
    """The lines of the file given as `chunks` (cut anywhere): frames of line (u32, 1-based) and text.

    An entry of the journal is as many lines as its message has, as journalctl prints it; `line` of all of them is where
    the entry begins in the file. Before the first entry of another boot stands the mark of journalctl.
    """
    head = b""
    for chunk in chunks:
        head += chunk
        if len(head) >= _HEAD:
            break
    chunks = chain([head] if head else [], chunks)
    if _JSON.match(head):
        yield from _printed(map(_of_json, _plain(chunks)))
    elif _EXPORT.match(head):
        yield from _printed(_of_export(_plain(_without_sizes(chunks))))
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
    return lines.select("line", *fields)


def _of_export(frames: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    held = pl.DataFrame(schema={"line": pl.UInt32, "text": pl.String})
    for lines in frames:
        starts = lines["text"].str.starts_with("__CURSOR=").arg_true()
        last = starts[-1] if len(starts) else lines.height  # an entry without a beginning is not waited for
        yield _read_export(pl.concat([held, lines.head(last)]))
        held = lines.slice(last)
    yield _read_export(held)


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
            out.append(held[at : found.start()])
            at = found.end()
            if size <= _MOST:
                value = held[at:end] if size <= _VALUE else b""
                out += [
                    found[1],
                    b"=",
                    value.replace(b"\n", _BREAK.encode()),
                    b"\n" * held.count(b"\n", found.start(), end),
                ]
                at, skip = min(end, len(held)), max(0, end - len(held))
        whole = found.start() if found else held.rfind(b"\n", at, max(len(held) - _SIZED_BYTES, at)) + 1
        if not found and len(held) - whole > BLOCK:  # no lines at all
            whole = len(held)
        whole = max(whole, at)
        yield b"".join([*out, held[at:whole]])
        held = held[whole:]
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
    return entries.drop("entry").with_columns(pl.col("MESSAGE").str.replace_all(_BREAK, "\n", literal=True))


def _printed(entries: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """Entries (line, _FIELDS as text) as lines; an entry without time or message is an empty line."""
    boots: dict[str, set[str]] = {}
    for found in entries:
        time = pl.coalesce("_SOURCE_REALTIME_TIMESTAMP", "__REALTIME_TIMESTAMP").cast(pl.Int64, strict=False)
        stamp = pl.from_epoch(time, time_unit="us").dt.strftime("%Y-%m-%dT%H:%M:%S%.6fZ")
        pid = pl.format("[{}]", pl.coalesce("_PID", "SYSLOG_PID")).fill_null("")
        headed = found.with_columns(
            head=pl.concat_str(stamp, pl.lit(" "), pl.col("_HOSTNAME").fill_null("localhost"), pl.lit(" ")),
            tag=pl.concat_str(pl.coalesce("SYSLOG_IDENTIFIER", "_COMM", pl.lit("unknown")), pid, pl.lit(": ")),
        )
        lines = (
            headed.with_columns(pl.col("MESSAGE").str.strip_chars("\r\n").str.split("\n"))
            .explode("MESSAGE")
            .select(
                "line", text=pl.concat_str("head", "tag", pl.col("MESSAGE").str.strip_chars_end("\r")).fill_null("")
            )
        )
        marks = headed[_begun(found, boots)].select(
            "line", text=pl.concat_str("head", pl.format("journal: -- Boot {} --", "_BOOT_ID"))
        )
        yield pl.concat([marks.drop_nulls(), lines]).sort("line", maintain_order=True) if len(marks) else lines


def _begun(entries: pl.DataFrame, boots: dict[str, set[str]]) -> list[int]:
    """The rows with which another boot of their host begins; `boots`: those of each host so far, brought up to date."""
    rows = (
        entries.select("_HOSTNAME", "_BOOT_ID")
        .with_row_index()
        .drop_nulls()
        .unique(["_HOSTNAME", "_BOOT_ID"], keep="first", maintain_order=True)
    )
    begun = []
    for index, host, boot in rows.iter_rows():
        known = boots.setdefault(host, set())
        if known and boot not in known:
            begun.append(index)
        known.add(boot)
    return begun
