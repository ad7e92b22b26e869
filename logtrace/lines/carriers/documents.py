"""JSON documents and CSV -> a record a line, each in the line of the file it begins in, for records.py to read.

A document holds its records somewhere in a list: of objects (CloudWatch, Elasticsearch, Splunk) or of rows (Loki, Azure
Log Analytics). The lists are found by what their first elements hold, and their elements decoded one after the other.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from itertools import chain, islice
from typing import Final

import msgspec
from msgspec import Struct

from logtrace.lines.blocks import blocks
from logtrace.lines.carriers.records import BEGINS, decoded, roles

#: A document beyond this is no export anybody looks at, in bytes; what stands behind is left out.
_MOST: Final = 64 << 20
#: So many lists of a document may hold no records, and so many times its length may be decoded to see that.
_VAIN: Final = 1000
_AGAIN: Final = 4
#: Elements of a list that tell whether it holds records: one may be a line that says nothing by itself.
_FIRST: Final = 10

_COLUMN: Final = re.compile(r"\ufeff?[@_A-Za-z][\w .@/\[\]()-]{0,80}")

#: Where a list of objects or of rows begins; objects may also follow each other without one.
_LIST: Final = re.compile(r"\A\s*(?=\{)|\[\s*(?=[\[{])")
_RULE: Final = re.compile(r":?-+(?:\+-+)*:?")
_STREAM: Final = re.compile(r'"(?:stream|labels)"\s*:\s*(\{[^{}]{0,4000}\})\s*,\s*"values"\s*:\s*$')
_COLUMNS, _ROWS = '"columns"', '"rows":'
_COLUMN_NAME: Final = re.compile(r'"name"\s*:\s*"([^"]{1,200})"')
#: Characters before rows in which their columns are named.
_HEAD: Final = 1 << 13
_BETWEEN: Final = re.compile(r"\s*,?\s*")
_DOCUMENT: Final = re.compile(rb"\s*(?:\[\s*\{|\{\s*\"[^\"]{1,80}\"\s*:)")
_DELIMITERS: Final = (",", ";", "\t", "|")
_DECODER: Final = json.JSONDecoder()


def is_document(head: bytes) -> bool:
    """Whether a file may be a JSON document with lines of a log in it."""
    return _DOCUMENT.match(head) is not None and re.search(rb"[0-9]:[0-9]{2}:[0-9]{2}|\[[0-9]+\]:", head) is not None


def of_document(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The records of a JSON document, one a line."""
    text = _whole(chunks)
    return _placed(_records(text))


def _records(text: str) -> Iterator[tuple[int, bytes]]:
    """Each record of a document with the number of lines before it."""
    at = line = counted = 0
    vain, left = _VAIN, _AGAIN * len(text)
    while vain and left > 0 and (found := _LIST.search(text, at)):
        elements = _elements(text, found.start(), found.end())
        first = list(islice(elements, _FIRST))
        at = max(found.end(), 1)  # else the beginning is found again
        if not _tells([element.record for element in first]):  # the lists within its elements are looked at instead
            vain, left = vain - 1, left - sum(element.end - element.start for element in first)
            continue
        for element in chain(first, elements):
            line += text.count("\n", counted, element.start)
            counted = element.start
            yield line, element.record
            at = element.end


class _Element(Struct, frozen=True):
    """An element of a list, or an object of those that follow each other, and where it stands."""

    start: int
    end: int
    record: bytes


def _elements(text: str, start: int, at: int) -> Iterator[_Element]:
    """The objects or rows that begin `at` and follow each other, of a list that begins at `start`."""
    labels: dict[str, str] | None = None
    names: list[str] | None = None
    while text[at : at + 1] in {"{", "["}:
        try:
            value, end = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):  # no JSON, or a number of thousands of digits
            return
        if isinstance(value, list):
            names = _columns(text, start) if names is None else names
            labels = labels or _labels(text, start) or {}
            value = dict(zip(names, value, strict=True)) if len(names) == len(value) else [*value, labels]
        yield _Element(at, end, _encoded(value))
        at = _BETWEEN.match(text, end).end()  # type: ignore[union-attr]


def _encoded(value: object) -> bytes:
    """A record as JSON; half a character, which an escape may stand for, is none."""
    try:
        return msgspec.json.encode(value)
    except UnicodeEncodeError:
        return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")


def _placed(records: Iterator[tuple[int, bytes]]) -> Iterator[bytes]:
    """Records in the lines they begin in; where several begin in one, their number takes the place of the line's."""
    at = 0
    for line, record in records:
        yield b"\n" * max(0, line - at) + record + b"\n"
        at = max(at, line) + 1


def _tells(records: list[bytes]) -> bool:
    found = [record for each in records if (record := decoded(each)) is not None]
    return roles(found) is not None


def _labels(text: str, start: int) -> dict[str, str] | None:
    """What Loki says of the stream whose values begin at `start`."""
    found = _STREAM.search(text, max(0, start - 4096), start)
    try:
        labels = json.loads(found[1]) if found else None
    except json.JSONDecodeError:
        return None
    return labels if isinstance(labels, dict) else None


def _columns(text: str, start: int) -> list[str]:
    """What Azure calls the columns of the rows that begin at `start`."""
    before = text[max(0, start - _HEAD) : start]
    if not before.rstrip().endswith(_ROWS):
        return []
    return _COLUMN_NAME.findall(before[before.rfind(_COLUMNS) :]) if _COLUMNS in before else []


def _whole(chunks: Iterator[bytes]) -> str:
    parts, size = [], 0
    for chunk in chunks:
        parts.append(chunk[: _MOST - size])
        size += len(chunk)
        if size >= _MOST:
            break
    return b"".join(parts).decode("utf-8", "replace").replace("\0", "")


def delimiter(head: bytes) -> str | None:
    """What separates the values of a file that is CSV and holds lines of a log; None for all else."""
    text = head.decode("utf-8", "replace")
    text = text[: text.rfind("\n") + 1] or text
    for by in _DELIMITERS:
        rows = list(islice(_rows(iter(text.splitlines(keepends=True)), by), 100))
        width = max((len(row) for _, row in rows), default=0)
        whole = [row for _, row in rows if len(row) == width]
        if (
            width > 1
            and len(whole) > 1
            and len(whole) * 10 >= len(rows) * 9
            and _are_records(whole, quoted=text[:1] == '"')
        ):
            return by
    return None


def _are_records(rows: list[list[str]], *, quoted: bool) -> bool:
    """Whether there is a message in the rows, and a time or a name for it; where values are quoted, a message with a
    time of its own is enough.
    """
    names = rows[0] if _is_header(rows[0]) else None
    records = [
        {f"$['{name}']": value for name, value in zip(names or _numbers(row), row, strict=False) if value}
        for row in rows[1:]
    ]
    known = roles(records)
    timed = known is not None and quoted and all(re.match(BEGINS, record.get(known.message, "")) for record in records)
    return known is not None and (names is not None or known.time is not None or timed)


def of_csv(chunks: Iterator[bytes], by: str) -> Iterator[bytes]:
    """The rows of CSV, one a line, as objects."""

    def lines() -> Iterator[str]:
        for block in blocks(chunks):
            yield from block.decode("utf-8", "replace").splitlines(keepends=True)

    def records() -> Iterator[tuple[int, bytes]]:
        names: list[str] | None = None
        for number, (line, row) in enumerate(_rows(lines(), by)):
            if number == 0 and _is_header(row):
                names = row
                continue
            yield line, msgspec.json.encode(dict(zip(names or _numbers(row), row, strict=False)))

    return _placed(records())


def _rows(lines: Iterator[str], by: str) -> Iterator[tuple[int, list[str]]]:
    """Each row with the number of lines before it; one with a value that is too large is left out."""
    reader = csv.reader(lines, delimiter=by)
    while True:
        before = reader.line_num
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error:
            continue
        cells = [cell.strip() for cell in row]
        if by == "|":  # drawn: the lines of a table have one at either end, and one of dashes below its head
            cells = cells[not cells[0] :][: -1 if len(cells) > 1 and not cells[-1] else None] if cells else []
            if all(_RULE.fullmatch(cell) for cell in cells):
                continue
        if cells:
            yield before, cells


def _numbers(row: list[str]) -> list[str]:
    return [str(number) for number in range(len(row))]


def _is_header(row: list[str]) -> bool:
    """Whether a row names its columns: words, each of them once, and neither times nor lines."""
    return len(set(row)) == len(row) and all(_COLUMN.fullmatch(name.strip()) for name in row)
