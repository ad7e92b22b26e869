"""`logtrace analyze`: from logs to a summary, a page, JSON, Markdown and Parquet, all from one reading."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from logtrace.cli import fail_on as failing
from logtrace.cli import formats, options, outputs
from logtrace.cli.messages import WARNINGS, progress, put, say
from logtrace.cli.pager import Screen
from logtrace.cli.pages import Pages
from logtrace.errors import UsageError

if TYPE_CHECKING:
    from logtrace.report.case import Case


def analyze(
    paths: options.Paths,
    *,
    html: Annotated[
        str | None,
        typer.Option(
            metavar="FILE|DIR", help="Where the page goes, or a folder for pages; else ./<report name>.logtrace.html."
        ),
    ] = None,
    no_html: Annotated[bool, typer.Option("--no-html", help="Write no page.")] = False,
    json: Annotated[str | None, typer.Option(metavar="FILE|-", help="Write the case as JSON.")] = None,
    markdown: Annotated[str | None, typer.Option(metavar="FILE|-", help="Write it as Markdown for a ticket.")] = None,
    template: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="What --markdown writes is made by this Jinja template; try postmortem."),
    ] = None,
    parquet: Annotated[str | None, typer.Option(metavar="DIR", help="Write its tables as Parquet files.")] = None,
    format_: formats.Wanted = None,
    store: Annotated[
        str | None,
        typer.Option(
            metavar="STORE", help="Say of each incident whether this store (logtrace fleet) has seen it before."
        ),
    ] = None,
    light: Annotated[bool, typer.Option("--light", help="A small page without scripts.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No summary, no warnings.")] = False,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Exit with 1 when there was a fault.")] = False,
    fail_on: failing.Given = None,
    screen: Screen,
    part: options.Part,
    hiding: options.Hiding,
    reading: options.Reading,
) -> None:
    """Find out what happened, why it took so long, and what to change.

    Several cases have a line each, a page each and an index of them, in a folder, and a line of JSON each.

    For example:
      logtrace analyze report.tar.bz2                    # a summary, and ./report.logtrace.html
      logtrace analyze n1.tar.bz2 n2.tar.bz2 --since 2h  # an archive of each node, the last two hours
      logtrace analyze report.tar.bz2 --store store/     # and whether it was seen before
      logtrace analyze report/ --json - | jq .incidents  # for programs

    Exit status: 0 analysed; 1 with --exit-code and at least one fault, or with --fail-on and an incident that meets
    it; 2 wrong usage; 3 nothing usable in the input; 4 input refused as unsafe.
    """
    from logtrace.intake.names import report_name

    _check(html, json, markdown, template, format_, no_html=no_html)
    conditions = failing.conditions(fail_on)
    name = report_name(paths[0])
    into, of = outputs.folder_of(html), outputs.identity(paths)
    place = None if no_html or html is not None else outputs.default_page(name, of)
    inputs = [*paths, *([template] if template else [])]
    outputs.check(
        [None if into else html, json, markdown, hiding.redact_map], inputs, page=place, folders=[into, parquet]
    )
    if template is not None:
        from logtrace.render import template as own

        own.check(template)

    if not (no_html or light):
        from logtrace.render.page import begin

        begin()
    read = options.cases(paths, reading, part, quiet=quiet)
    found = read.cases if store is None else _compared(read.cases, store, quiet=quiet)
    command: str | None = shlex.join(["logtrace", *sys.argv[1:]])
    hidden = hiding.of(found, quiet=quiet, more=[name], unusable=read.unusable)
    if hidden.redaction is not None:
        found, name, command = hidden.cases, hidden.text(name), None
    pages = Pages(html, into, name, of, command, light=light, quiet=quiet)
    with progress("writing", quiet=quiet):
        _write_tables(found, parquet)
        _write_texts(found, json, markdown, template)
        written = None if no_html else pages.write(found)
        hiding.write_map(hidden)
    if format_ is not None:
        put(formats.told(found, format_, template))
    elif not quiet and outputs.STDOUT not in (json, markdown):
        _summarise(found, written, screen)
    met = list(conditions.met(found))
    if not quiet:
        for each in met[:WARNINGS]:
            say(f"--fail-on: {each}")
    if met or (exit_code and any(each.kind == "fault" for case in found for each in case.incidents)):
        raise typer.Exit(1)


def _compared(cases: Sequence[Case], place: str, *, quiet: bool) -> tuple[Case, ...]:
    """The cases, with what the store at `place` has that is like their incidents."""
    from logtrace.fleet.similar import with_seen
    from logtrace.fleet.store import Store

    store = Store.at(place)
    with progress("looking into the store", quiet=quiet):
        redacted = store.secret_mark is not None
        return store.asked(lambda tables: tuple(with_seen(case, tables, redacted=redacted) for case in cases))


def _check(
    html: str | None,
    json: str | None,
    markdown: str | None,
    template: str | None,
    format_: formats.Format | None,
    *,
    no_html: bool,
) -> None:
    """Raises UsageError for outputs that contradict each other."""
    if html is not None and no_html:
        raise UsageError("--html and --no-html contradict each other", remedy="give one of them")
    if html == outputs.STDOUT:
        raise UsageError("the page does not go to standard output", where="--html", remedy="name a file")
    if [json, markdown].count(outputs.STDOUT) + (format_ is not None) > 1:
        raise UsageError("only one output fits on standard output", remedy="give a FILE for the others")
    if template is not None and markdown is None and format_ is not formats.Format.MARKDOWN:
        raise UsageError("--template without --markdown", remedy="add --markdown FILE, or --markdown -")


def _write_texts(cases: Sequence[Case], json: str | None, markdown: str | None, template: str | None) -> None:
    if markdown is not None:
        outputs.write(markdown, formats.told(cases, formats.Format.MARKDOWN, template))
    if json is not None:
        outputs.write(json, formats.told(cases, formats.Format.JSON))


def _write_tables(cases: Sequence[Case], folder: str | None) -> None:
    """One case right into the folder, several into a folder each."""
    if folder is None:
        return
    from logtrace.render.table_files import write_tables

    if len(cases) == 1:
        write_tables(cases[0], Path(folder))
        return
    for case, name in zip(cases, outputs.file_names([case.name for case in cases]), strict=True):
        write_tables(case, Path(folder, name))


def _summarise(cases: Sequence[Case], page: str | None, screen: Screen) -> None:
    from logtrace.render import index, summary

    if len(cases) == 1:
        screen.styled(lambda width, symbols: summary.render(cases[0], width=width, page=page, symbols=symbols))
    else:
        screen.styled(lambda width, symbols: index.lines(cases, width=width, page=page, symbols=symbols))
