"""`logtrace analyze`: from logs to a summary, a page, JSON, Markdown and Parquet, all from one reading."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from logtrace.cli import options, outputs
from logtrace.cli.messages import progress, say, terminal
from logtrace.errors import LogtraceError, UsageError

if TYPE_CHECKING:
    from logtrace.report.case import Case


def analyze(
    paths: options.Paths,
    html: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Where the page goes; else ./<report name>.logtrace.html."),
    ] = None,
    no_html: Annotated[bool, typer.Option("--no-html", help="Write no page.")] = False,
    json: Annotated[str | None, typer.Option(metavar="FILE|-", help="Write the case as JSON.")] = None,
    markdown: Annotated[str | None, typer.Option(metavar="FILE|-", help="Write it as Markdown for a ticket.")] = None,
    template: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="What --markdown writes is made by this Jinja template; try postmortem."),
    ] = None,
    parquet: Annotated[str | None, typer.Option(metavar="DIR", help="Write its frames as Parquet files.")] = None,
    since: options.Since = None,
    until: options.Until = None,
    node: options.Nodes = None,
    resource: options.Resources = None,
    timezone: options.Timezone = None,
    year: options.Year = None,
    redact: options.Redact = False,
    redact_names: options.RedactNames = False,
    redact_map: options.RedactMap = None,
    light: Annotated[bool, typer.Option("--light", help="A small page without scripts.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No summary, no warnings.")] = False,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Exit with 1 when there was a fault.")] = False,
    jobs: options.Jobs = 0,
    cache: options.Kept = None,
    max_memory: options.MaxMemory = None,
) -> None:
    """Find out what happened, why it took so long, and what to change.

    Exit status: 0 analysed; 1 with --exit-code and at least one fault; 2 wrong usage; 3 nothing usable in the input;
    4 input refused as unsafe.
    """
    from logtrace.intake.names import report_name

    if html is not None and no_html:
        raise UsageError("--html and --no-html contradict each other", remedy="give one of them")
    if html == outputs.STDOUT:
        raise UsageError("the page does not go to standard output", where="--html", remedy="name a file")
    if [json, markdown].count(outputs.STDOUT) > 1:
        raise UsageError("only one output fits on standard output", remedy="give a FILE for the others")
    if template is not None and markdown is None:
        raise UsageError("--template without --markdown", remedy="add --markdown FILE, or --markdown -")
    hiding = options.Hiding.asked(redact, redact_names, redact_map)
    name = report_name(paths[0])
    place = None if no_html or html is not None else outputs.default_page(name, paths)
    inputs = [*paths, *([template] if template else [])]
    outputs.check([html, json, markdown, redact_map], inputs, page=place, frames=parquet)
    if template is not None:
        from logtrace.render import template as own

        own.check(template)

    if not (no_html or light):
        from logtrace.render.page import begin

        begin()
    case = options.analysed(
        paths,
        quiet=quiet,
        since=since,
        until=until,
        nodes=node,
        resources=resource,
        timezone=timezone,
        year=year,
        jobs=jobs,
        cache=cache,
        max_memory=max_memory,
    )
    command: str | None = shlex.join(["logtrace", *sys.argv[1:]])
    hidden = hiding.of([case], quiet=quiet, more=[name])
    if hidden.redaction is not None:
        (case,), name, command = hidden.cases, hidden.text(name), None
    with progress("writing", quiet=quiet):
        if parquet is not None:
            from logtrace.render.files import write_frames

            write_frames(case, Path(parquet))
        _write_texts(case, json, markdown, template)
        page = None if no_html else html or outputs.default_page(name, paths)
        if page is not None:
            of = outputs.identity(paths)
            there = _write_page(case, page, command, of, wanted=html is not None, light=light, quiet=quiet)
            page = page if there else None
        hiding.write_map(hidden)
    if not quiet and outputs.STDOUT not in (json, markdown):
        _summarise(case, page)
    if exit_code and any(each.kind == "fault" for each in case.incidents):
        raise typer.Exit(1)


def _write_texts(case: Case, json: str | None, markdown: str | None, template: str | None) -> None:
    from logtrace.render import document
    from logtrace.render import markdown as ticket

    if markdown is not None and template is not None:
        from logtrace.render import template as own

        outputs.write(markdown, own.render(case, template))
    elif markdown is not None:
        outputs.write(markdown, ticket.render(case))
    if json is not None:
        outputs.write(json, document.render(case))


def _write_page(
    case: Case, target: str, command: str | None, of: str, *, wanted: bool, light: bool, quiet: bool
) -> bool:
    """Writes the page, and says whether it could; where nobody asked for one (not `wanted`) that is worth a warning."""
    from logtrace.render import files, page

    try:
        files.write(Path(target), page.render(case, light=light, command=command, of=of))
    except LogtraceError as error:
        if wanted:
            raise
        if not quiet:
            say(f"warning: no page: {error}, or use --no-html")
        return False
    return True


def _summarise(case: Case, page: str | None) -> None:
    from logtrace.render import summary

    console, symbols = terminal()
    console.print(summary.render(case, width=console.width, page=page, symbols=symbols), soft_wrap=True)
