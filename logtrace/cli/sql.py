"""`logtrace sql`: questions in SQL to the tables of a report."""

from __future__ import annotations

import shutil
import sys
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
    """How rows are printed."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    PARQUET = "parquet"


Query = Annotated[
    str | None,
    typer.Argument(
        metavar="QUERY", help='A SELECT, such as "SELECT root_cause, outage FROM incidents"; without one all tables '
        "and their columns are told."
    ),
]  # fmt: skip
Formatted = Annotated[Format, typer.Option("--format", metavar="FORMAT", help="table, csv, json or parquet.")]


def sql(
    *,
    path: Annotated[str, typer.Argument(metavar="PATH", help=options.PATHS, show_default=False)],
    query: Query = None,
    format_: Formatted = Format.TABLE,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No warnings.")] = False,
    screen: Screen,
    hiding: options.Hiding,
    reading: options.Reading,
) -> None:
    """Ask a report in SQL.

    Only SELECT is answered, in the words of polars' SQL, and nothing is read but the report's own tables: cases,
    nodes, incidents, phases, causes, advice, operations, findings, coverage, files, events and a few more. Times are
    in UTC, durations in seconds.

    For example:
      logtrace sql report/                                                   # the tables and their columns
      logtrace sql report/ "SELECT root_cause, outage FROM incidents"        # as a table
      logtrace sql report/ "SELECT * FROM phases" --format csv > phases.csv  # for a spreadsheet
    """
    from logtrace.tables import questions
    from logtrace.tables.build import everything

    if query is not None:
        questions.check(query)
        refuse_terminal(format_)
    outputs.check([hiding.redact_map], [path])
    found = options.cases([path], reading, quiet=quiet)
    hidden = hiding.of(found.cases, quiet=quiet, unusable=found.unusable)
    tables = everything({case.name: case for case in hidden.cases})
    if query is None:
        screen.plain("\n".join(questions.described(tables)))
    else:
        print_rows(questions.ask(tables, query), format_, screen)
    hiding.write_map(hidden)


def refuse_terminal(format_: Format) -> None:
    """Raises UsageError where a Parquet file would go to a terminal."""
    if format_ is Format.PARQUET and sys.stdout.isatty():
        raise UsageError("Parquet is nothing for a terminal", where="--format", remedy="redirect it: > rows.parquet")


def print_rows(frame: pl.DataFrame, format_: Format, screen: Screen) -> None:
    """Rows on standard output; a table as wide as the terminal is."""
    from logtrace.render import rows

    if format_ is Format.PARQUET:
        sys.stdout.flush()
        sys.stdout.buffer.write(rows.parquet(frame))
    elif format_ is Format.CSV:
        put(rows.csv(frame))
    elif format_ is Format.JSON:
        put(rows.json(frame))
    else:
        width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
        screen.plain("\n".join(rows.lines(frame, width=width)) + "\n")
