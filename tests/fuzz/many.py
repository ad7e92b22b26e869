"""Targets of what reads lines in frames, each line by itself: polars takes as long for one as for hundreds.

An execution is so many inputs as it has lines: no two are alike, each was changed by itself, and each is judged by
itself. The bytes a fuzzer gives are where the changes come from (recipes.py).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Final

import polars as pl
import recipes
from seeds import secret_lines, whole_lines

from logtrace import catalogue
from logtrace.domain.columns import LINES, NO_YEAR
from logtrace.lines import headers
from logtrace.lines.carriers import stamps
from logtrace.lines.secrets import MASK, masked

#: Lines of an execution.
LINES_EACH: Final = 256


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
        assert offset is None or abs(offset) <= 99 * 3660, (offset, lines[number - 1])


def stamp(data: bytes) -> None:
    """Lines whose times are written anew: the rest of the line stays, and the other lines as they are."""
    lines = recipes.changed(data, whole_lines(), LINES_EACH)
    frame = pl.DataFrame({"text": lines})
    for each in stamps._STAMPS:
        told = stamps._anew(frame, each, month_first=bool(data[:1] < b"\x80"))["text"]
        assert told.null_count() == 0
        for line, text in zip(lines, told, strict=True):
            assert text == line or text[-3:] == line[-3:], (line, text)


MANY: Final[dict[str, Callable[[bytes], None]]] = {"hide": hide, "heads": head, "anew": stamp}


@cache
def counted(target: str) -> int:
    """How many inputs an execution of `target` is."""
    return LINES_EACH if target in MANY else 1
