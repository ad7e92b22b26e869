"""`logtrace timeline`: the events of all nodes in one order, each told once."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from logtrace.cli import options, outputs
from logtrace.cli.messages import put
from logtrace.cli.pager import Screen
from logtrace.errors import UsageError

if TYPE_CHECKING:
    import polars as pl


class Format(StrEnum):
    """How events are printed."""

    TABLE = "table"
    CSV = "csv"
    JSONL = "jsonl"


def timeline(
    paths: options.Paths,
    *,
    kind: Annotated[
        list[str] | None,
        typer.Option(metavar="KIND", help="Only this kind, such as op.result, fence or te.*; may be repeated."),
    ] = None,
    format_: Annotated[Format, typer.Option("--format", help="A table to read, or data.")] = Format.TABLE,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No warnings.")] = False,
    screen: Screen,
    part: options.Part,
    hiding: options.Hiding,
    reading: options.Reading,
) -> None:
    """List the events of all nodes in one order.

    Clocks are corrected, and each event is told once, however many logs hold it. Names may be globs (osp-*); a KIND
    is a glob or the beginning of one.

    For example:
      logtrace timeline report/ --node n1 --since 16:40          # from one node's view
      logtrace timeline report/ --kind fence --format csv        # for a spreadsheet
    """
    from logtrace.report.selection import select

    _check_kinds(kind or ())
    outputs.check([hiding.redact_map], paths)
    case = options.analysed(paths, reading, part, quiet=quiet)
    events = select(case, nodes=part.nodes or (), resources=part.resources or (), kinds=kind or ())
    hidden = hiding.of([case], quiet=quiet)
    if hidden.redaction is not None:
        events = hidden.redaction.frame(events)
    hiding.write_map(hidden)
    _print(events, format_, screen)


def _print(events: pl.DataFrame, format_: Format, screen: Screen) -> None:
    from logtrace.render import events as render

    if format_ is Format.CSV:
        put(render.csv(events))
    elif format_ is Format.JSONL:
        put(render.jsonl(events))
    else:
        terminal = sys.stdout.isatty()
        width = shutil.get_terminal_size().columns if terminal else None
        colour = terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        screen.plain("\n".join(render.lines(events, width=width, colour=colour)) + "\n")


def _check_kinds(given: Sequence[str]) -> None:
    """Raises UsageError for a kind that no event can have: a timeline without events must not read like quiet."""
    from logtrace import catalogue
    from logtrace.report.selection import takes

    known = catalogue.load().kinds
    for kind in given:
        if not any(takes(kind, name) for name in known):
            there = ", ".join(sorted({name.partition(".")[0] for name in known}))
            raise UsageError(f"no event is of kind {kind!r}", where="--kind", remedy=f"kinds begin with {there}")
