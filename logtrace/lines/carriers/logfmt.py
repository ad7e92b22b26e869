"""Lines as logfmt has them: `time=... level=info msg="..."`, as Docker, Promtail and Grafana's tools print them."""

from __future__ import annotations

import re
from typing import Final

import polars as pl

from logtrace.lines.blocks import lines_of
from logtrace.lines.carriers.block import Block
from logtrace.lines.carriers.records import printed, roles

_VALUE: Final = r'(?:"(?:[^"\\]|\\.)*"|[^\s"]*)'
_PAIR: Final = re.compile(rf"([A-Za-z_@][\w.@-]*)=({_VALUE})(?:\s+|$)")
_LINE: Final = re.compile(rf"\s*(?:[A-Za-z_@][\w.@-]*={_VALUE}(?:\s+|$)){{2,60}}$")
#: Lines that tell.
_SOME: Final = 50


def is_logfmt(head: bytes) -> bool:
    """Whether most lines of a file's first bytes are pairs of names and values, of which one holds a log's lines."""
    lines = [line for line in head.decode("utf-8", "replace").split("\n") if line.strip()]
    lines = (lines[:-1] or lines)[:_SOME]
    records = [_record(line) for line in lines if _LINE.match(line)]
    return len(records) * 2 > len(lines) and roles(records) is not None


def read(block: bytes) -> Block:
    """The lines of a block that has pairs of names and values a line."""
    lines = lines_of(block)
    sample = lines["text"].filter(lines["text"].str.contains("=", literal=True)).head(_SOME)
    known = roles([_record(text) for text in sample])
    if known is None:
        return Block(lines.height, lines.clear())
    names = {role: path[3:-2] for role in known.__struct_fields__ if (path := getattr(known, role)) is not None}
    found = lines.select("line", *(_value(name).alias(role) for role, name in names.items()))
    return printed(lines.height, found.drop_nulls("message"), "pairs of names and values (logfmt)")


def _record(line: str) -> dict[str, str]:
    pairs = ((name, _bare(value)) for name, value in _PAIR.findall(line))
    return {f"$['{name}']": value for name, value in pairs if value}


def _bare(value: str) -> str:
    return re.sub(r"\\(.)", r"\1", value[1:-1]) if value.startswith('"') else value


def _value(name: str) -> pl.Expr:
    """What `name` is in each line, without its quotes."""
    text = pl.col("text")
    begin = rf"(?:^|\s){re.escape(name)}="
    quoted = text.str.extract(rf'{begin}"((?:[^"\\]|\\.)*)"').str.replace_all(r"\\(.)", "$1")
    return pl.coalesce(quoted, text.str.extract(rf'{begin}([^\s"]+)'))
