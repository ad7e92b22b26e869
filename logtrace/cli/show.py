"""`logtrace show`: one incident in depth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from logtrace.cli import options, outputs
from logtrace.cli.messages import terminal
from logtrace.errors import UsageError, there_are

if TYPE_CHECKING:
    from logtrace.report.case import Case, Incident


def show(
    *,
    paths: Annotated[list[str] | None, typer.Argument(metavar="PATH", help=options.PATHS, show_default=False)] = None,
    incident: Annotated[str, typer.Argument(metavar="INCIDENT", help="Its id, as the summary tells it: i2.")],
    since: options.Since = None,
    until: options.Until = None,
    timezone: options.Timezone = None,
    year: options.Year = None,
    redact: options.Redact = False,
    redact_names: options.RedactNames = False,
    redact_map: options.RedactMap = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No warnings.")] = False,
    jobs: options.Jobs = 0,
    cache: options.Kept = None,
    max_memory: options.MaxMemory = None,
    one_case: options.OneCase = False,
) -> None:
    """Tell one incident in depth.

    Its numbers, phases, operations, causes and advice, and every cited line.
    """
    from logtrace.render import show as render

    wanted: str | None = incident
    if not paths:  # the parser of the command line takes a lone argument for the last one
        paths, wanted = [incident], None
    hiding = options.Hiding.asked(redact, redact_names, redact_map)
    outputs.check([redact_map], paths)
    case = options.analysed(
        paths,
        quiet=quiet,
        since=since,
        until=until,
        timezone=timezone,
        year=year,
        jobs=jobs,
        cache=cache,
        max_memory=max_memory,
        one_case=one_case,
    )
    hidden = hiding.of([case], quiet=quiet)
    (case,) = hidden.cases
    hiding.write_map(hidden)
    found = named(case, wanted)
    console, symbols = terminal()
    console.print(render.render(case, found, width=console.width, symbols=symbols), soft_wrap=True)


def named(case: Case, name: str | None) -> Incident:
    """The incident of this id; raises UsageError, which tells those there are, where it is none of them or None."""
    for each in case.incidents:
        if each.id == name:
            return each
    remedy = there_are(each.id for each in case.incidents) or "there is none at all"
    wrong = "the id of an incident is missing" if name is None else f"no incident is called {name!r}"
    raise UsageError(wrong, remedy=remedy)
