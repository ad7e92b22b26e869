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
    window: options.Window,
    hiding: options.Hiding,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No warnings.")] = False,
    reading: options.Reading,
) -> None:
    """Tell one incident in depth.

    Its numbers, phases, operations, causes and advice, and every cited line.
    """
    from logtrace.render import show as render

    wanted: str | None = incident
    if not paths:  # the parser of the command line takes a lone argument for the last one
        paths, wanted = [incident], None
    outputs.check([hiding.redact_map], paths)
    case = options.analysed(paths, reading, window, quiet=quiet)
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
