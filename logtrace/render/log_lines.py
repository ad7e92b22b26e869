"""Lines of all logs in one order: for the eye, for a pipe, and as JSON lines. Log text is made visible, see
logtrace.render.untrusted.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Final

import polars as pl
from rich.cells import cell_len
from rich.text import Text

from logtrace.render import words
from logtrace.render.document import plain
from logtrace.render.terminal import plain_ascii, wrap
from logtrace.render.untrusted import shown

#: Of the nodes, in the order of the cluster.
_COLOURS: Final = ("cyan", "magenta", "green", "yellow", "blue")
_LEVELS: Final = {"emerg": "red", "alert": "red", "crit": "red", "error": "red", "warning": "yellow"}
_CLOCK: Final = 12  # cells of a time
_NAME: Final = 24  # cells of a node at most
_ROOM: Final = 40  # cells of a line below which it goes on further left
_INDENT: Final = "    "


def text(
    lines: pl.DataFrame, nodes: Sequence[str], width: int, title: str | None = None, *, symbols: bool = True
) -> Text:
    """Lines (as logtrace.reading finds them, and their `path`) for a terminal: time, node, what is said, and where.

    Where some were asked for and others stand around, the former have a mark; `--` stands where lines were left out.
    `symbols` False: ASCII.
    """
    told = Text("\n").join(_lines(lines, nodes, width, title))
    return told if symbols else plain_ascii(told)


def _lines(lines: pl.DataFrame, nodes: Sequence[str], width: int, title: str | None) -> Iterator[Text]:
    marked = not lines["asked"].all()
    colours = {node: _COLOURS[number % len(_COLOURS)] for number, node in enumerate(nodes)}
    room = min(max((cell_len(shown(node, _NAME)) for node in lines["node"].unique()), default=0), _NAME)
    if title is not None:
        yield from wrap(Text(shown(title), "bold"), "", width)
    times = words.clocks(lines["time"], precise=lines["precise"])
    for number, (line, time) in enumerate(zip(lines.iter_rows(named=True), times, strict=True)):
        if marked and line["gap"] and number:
            yield Text("--", "dim")
        mark = ("> " if line["asked"] else "  ") if marked else ""
        day, _, clock = time.rpartition(" ")
        if day:
            yield Text(f"{mark and '  '}{day} UTC", "dim")
        node = shown(line["node"], _NAME)
        head = f"{mark}{clock.ljust(_CLOCK)} {node}{' ' * (room - cell_len(node))}  "
        said = Text(_said(line), _LEVELS.get(line["level"] or "", ""))
        if marked and line["asked"]:
            said.stylize("bold")
        said.append(f"  {_place(line)}", "dim")
        yield from _hung(head, said, width, colours.get(line["node"], ""))


def _hung(head: str, said: Text, width: int, colour: str) -> Iterator[Text]:
    """A line, going on under its own beginning, or further left where that would leave no room."""
    if width - cell_len(head) >= _ROOM:
        first, *rest = wrap(said, head, width)
    else:
        first, *rest = wrap(Text.assemble(head, said), "", width - len(_INDENT))
        rest = [Text.assemble(_INDENT, line) for line in rest]
    first.stylize(colour, 0, len(head))
    yield first
    yield from rest


def rows(lines: pl.DataFrame, title: str | None = None) -> Iterator[str]:
    """The same for a pipe, a line each: time, node, file:line, what is said."""
    if title is not None:
        yield shown(title)
    marked = not lines["asked"].all()
    for number, line in enumerate(lines.iter_rows(named=True)):
        if marked and line["gap"] and number:
            yield "--"
        mark = ("> " if line["asked"] else "  ") if marked else ""
        time = plain(line["time"]) or "-"
        if not line["precise"]:
            time = time.replace(".000Z", "Z")
        yield f"{mark}{time} {shown(line['node'])} {shown(line['path'])}:{line['line']} {_said(line)}"


def jsonl(lines: pl.DataFrame) -> str:
    """A JSON object a line, ASCII only; nothing is changed but what JSON escapes."""
    keys = ("time", "precise", "node", "daemon", "pid", "level", "path", "line", "message", "asked")
    told = (
        {"file" if key == "path" else key: plain(line[key]) for key in keys} for line in lines.iter_rows(named=True)
    )
    return "".join(json.dumps(each) + "\n" for each in told)


def _said(line: Mapping[str, str | None]) -> str:
    said = f"{line['daemon']}: {line['message']}" if line["daemon"] else line["message"] or ""
    return shown(said, sys.maxsize)


def _place(line: Mapping[str, str]) -> str:
    """Where it stands, short: the last two parts of the path."""
    return shown(f"{'/'.join(PurePosixPath(line['path']).parts[-2:])}:{line['line']}")
