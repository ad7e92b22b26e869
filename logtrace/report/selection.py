"""Events that are asked for by node, resource or kind, with the file each was read from."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import polars as pl

from logtrace.report.case import Case

#: Columns of what is selected, beside `precise`.
COLUMNS: Final = (
    "time", "node", "daemon", "level", "kind", "resource", "operation", "target", "rc", "status", "message",
    "file", "line",
)  # fmt: skip


def select(
    case: Case, *, nodes: Sequence[str] = (), resources: Sequence[str] = (), kinds: Sequence[str] = ()
) -> pl.DataFrame:
    """The events in order of time with COLUMNS and `precise` (the log has fractions of a second), `file` as its path;
    each filter: any of these, none means all.

    `nodes` and `resources` are names or globs (`*`, `?`); a node counts whether it logged the line or is spoken of.
    `kinds` are globs or beginnings of a kind: `fence` takes fence.requested, fence.result, ...
    """
    events = case.frames.events.select(*COLUMNS, "precise")
    if nodes:
        events = events.filter(_any("node", nodes) | _any("target", nodes))
    if resources:
        events = events.filter(_any("resource", resources))
    if kinds:
        events = events.filter(_any("kind", [_beginning(kind) for kind in kinds]))
    paths = case.frames.files.select("file", read_from="path")
    named = events.join(paths, on="file", how="left", maintain_order="left").drop("file")
    return named.rename({"read_from": "file"}).sort("time", maintain_order=True).select(*COLUMNS, "precise")


def takes(kind: str, known: str) -> bool:
    """Whether `kind`, as `select` is given it, takes events of the kind `known`."""
    return re.match(_pattern([_beginning(kind)]), known) is not None


def _beginning(kind: str) -> str:
    return kind if set(kind) & set("*?") else f"{kind}*"


def _any(column: str, globs: Sequence[str]) -> pl.Expr:
    return pl.col(column).str.contains(_pattern(globs)).fill_null(value=False)


def _pattern(globs: Sequence[str]) -> str:
    wild = {"*": ".*", "?": "."}
    parts = "|".join("".join(wild.get(char, re.escape(char)) for char in glob) for glob in globs)
    return f"^(?s:{parts})$"
