"""Events that are asked for by node, resource or kind, with the file each was read from."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase
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

    `nodes` and `resources` are names or globs (`*`, `?`, `[ab]`); a node counts if it logged the line or is spoken of.
    `kinds` are globs or beginnings of a kind: `fence` takes fence.requested, fence.result, ...
    """
    events = case.frames.events.select(*COLUMNS, "precise")
    if nodes:
        events = events.filter(_any(events, "node", nodes) | _any(events, "target", nodes))
    if resources:
        events = events.filter(_any(events, "resource", resources))
    if kinds:
        events = events.filter(_any(events, "kind", [_beginning(kind) for kind in kinds]))
    paths = case.frames.files.select("file", read_from="path")
    named = events.join(paths, on="file", how="left", maintain_order="left").drop("file")
    return named.rename({"read_from": "file"}).sort("time", maintain_order=True).select(*COLUMNS, "precise")


def takes(kind: str, known: str) -> bool:
    """Whether `kind`, as `select` is given it, takes events of the kind `known`."""
    return fnmatchcase(known, _beginning(kind))


def _beginning(kind: str) -> str:
    return kind.replace("[", "[[]") if set(kind) & set("*?") else f"{kind}*"


def _any(events: pl.DataFrame, column: str, globs: Sequence[str]) -> pl.Expr:
    """Whether one of `globs` names what is in `column`; as for `--node` of all commands, by Python's fnmatch."""
    named = [name for name in events[column].unique().drop_nulls() if any(fnmatchcase(name, each) for each in globs)]
    return pl.col(column).is_in(named).fill_null(value=False)
