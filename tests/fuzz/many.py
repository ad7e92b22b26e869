"""Targets of what reads lines in frames, each line by itself: polars takes as long for one as for hundreds.

An execution is so many inputs as it has lines, or files: no two are alike, each was changed by itself, and each is
judged by itself. The bytes a fuzzer gives are where the changes come from (recipes.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

import polars as pl
import recipes
from seeds import secret_lines, seeds, whole_lines

from logtrace import catalogue
from logtrace.domain.columns import LINES, NO_YEAR
from logtrace.domain.zones import EAST, WEST
from logtrace.lines import Log, Reader, headers
from logtrace.lines.blocks import LINE
from logtrace.lines.carriers import stamps
from logtrace.lines.secrets import MASK, masked

#: Lines, or files, of an execution.
LINES_EACH: Final = 256
FILES_EACH: Final = 32


def hide(data: bytes) -> None:
    """Lines with secrets: what comes out is the line, with the mask in the place of parts of it, whatever is beside."""
    lines = recipes.changed(data, secret_lines(), LINES_EACH)
    safe = masked(pl.Series(lines, dtype=pl.String)).to_list()
    assert safe[::-1] == masked(pl.Series(lines[::-1], dtype=pl.String)).to_list() or _of_keys(lines)
    for line, shown in zip(lines, safe, strict=True):
        at = 0
        for part in shown.split(MASK):
            at = line.find(part, at)
            assert at >= 0, (line, shown)
            at += len(part)


def _of_keys(lines: list[str]) -> bool:
    """Whether a private key is in them, of which one line makes the next a secret."""
    return any("PRIVATE KEY" in line for line in lines)


def head(data: bytes) -> None:
    """Lines of logs: a header has bounds, and the message behind it is a part of the line."""
    lines = recipes.changed(data, whole_lines(), LINES_EACH)
    raw = pl.DataFrame({"line": range(1, len(lines) + 1), "text": lines}, schema_overrides={"line": LINES["line"]})
    found = headers.read(raw.with_columns(file=pl.lit(3, LINES["file"])), catalogue.load().formats)
    assert dict(found.drop("line", "file").schema) == headers.COLUMNS, found.schema
    for number, local, offset, message in found.select("line", "local", "offset_s", "message").iter_rows():
        assert message in lines[number - 1] or MASK in message, (message, lines[number - 1])
        assert NO_YEAR <= local.year <= 2262, (local, lines[number - 1])
        assert offset is None or WEST <= offset <= EAST, (offset, lines[number - 1])


def stamp(data: bytes) -> None:
    """Lines whose times are written anew: the rest of the line stays, and the other lines as they are."""
    lines = recipes.changed(data, whole_lines(), LINES_EACH)
    frame = pl.DataFrame({"text": lines})
    for each in stamps._STAMPS:
        told = stamps._anew(frame, each, month_first=bool(data[:1] < b"\x80"))["text"]
        assert told.null_count() == 0
        for line, text in zip(lines, told, strict=True):
            assert text == line or text[-3:] == line[-3:], (line, text)


def _files(kind: str) -> Callable[[bytes], None]:
    """Files of a kind, each whole and cut in pieces: what is read of each is the same, and has bounds."""
    known = [seed[1:] for seed in seeds(kind)]

    def target(data: bytes) -> None:
        files = recipes.changed_files(data, known, FILES_EACH)
        size = (data[:1] or b"\0")[0] * 16 + 1
        whole, logs = _read([file] for file in files)
        cut, again = _read((file[at : at + size] for at in range(0, len(file), size)) for file in files)
        for number, (file, log) in enumerate(zip(files, logs, strict=True)):
            mine, other = (frame.filter(pl.col("file") == number).drop("said") for frame in (whole, cut))
            assert mine.equals(other), (file, mine, other)
            assert log == again[number], (file, log, again[number])
            most = file.count(b"\n") + 1 + file.count(b"{")  # records of a document are counted as lines
            assert 0 <= log.undated <= log.lines
            assert log.height <= most, (file, log)
            assert mine["line"].is_between(1, most).all(), (file, mine)
            steps = mine["line"].cast(pl.Int64).diff().drop_nulls()
            assert ((steps < 0) if log.backwards else (steps > 0)).all(), (file, mine)
            assert (mine["message"].str.len_chars() <= LINE).all()

    return target


def _read(files: Iterable[Iterable[bytes]]) -> tuple[pl.DataFrame, list[Log]]:
    """Lines of all of them that may matter, by one reader."""
    with Reader(catalogue.load(), lambda lines: {"": lines}, jobs=1) as reader:
        for chunks in files:
            reader.read(iter(chunks), None)
        return pl.concat(reader.finish().get("") or [pl.DataFrame(schema=LINES)]), reader.logs


MANY: Final[dict[str, Callable[[bytes], None]]] = {
    "hide": hide,
    "heads": head,
    "anew": stamp,
    "pasted": _files("carriers"),
    "exported": _files("exports"),
    "stated": _files("status"),
}


def counted(target: str) -> int:
    """How many inputs an execution of `target` is."""
    return FILES_EACH if target in {"pasted", "exported", "stated"} else LINES_EACH if target in MANY else 1
