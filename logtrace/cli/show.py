"""`logtrace show`: one incident in depth, or a list of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from logtrace.cli import options, outputs
from logtrace.cli.pager import Screen
from logtrace.errors import UsageError, there_are

if TYPE_CHECKING:
    from logtrace.report.case import Case, Incident

_ID: Final = re.compile(r"i?([0-9]{1,6})", re.ASCII | re.IGNORECASE)


def show(
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="PATH... [INCIDENT]",
            help=f"{options.PATHS} Last the id of an incident, as the summary tells it: i2, or 2.",
            show_default=False,
        ),
    ],
    *,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No warnings.")] = False,
    screen: Screen,
    part: options.Part,
    hiding: options.Hiding,
    reading: options.Reading,
) -> None:
    """Tell one incident in depth, or list all.

    Of one its numbers, phases, operations, causes and advice, and every cited line.

    For example:
      logtrace show report.tar.bz2     # which incidents there are
      logtrace show report.tar.bz2 2   # all that is known of the second
    """
    from logtrace.render import listing
    from logtrace.render import show as render

    paths, wanted = _read(words)
    outputs.check([hiding.redact_map], paths)
    case = options.analysed(paths, reading, part, quiet=quiet)
    hidden = hiding.of([case], quiet=quiet)
    (case,) = hidden.cases
    hiding.write_map(hidden)
    if wanted is None:
        screen.styled(lambda width, symbols: listing.render(case, width=width, symbols=symbols))
    else:
        found = named(case, wanted)
        screen.styled(lambda width, symbols: render.render(case, found, width=width, symbols=symbols))


def _read(words: Sequence[str]) -> tuple[Sequence[str], str | None]:
    """The paths, and the id behind them; what is there under that name is a path."""
    *paths, last = words
    return (paths, last) if paths and _ID.fullmatch(last) and not Path(last).exists() else (words, None)


def named(case: Case, name: str) -> Incident:
    """The incident that `name` names, such as `i2` or `2`; raises UsageError, which tells those there are."""
    found = _ID.fullmatch(name)
    wanted = f"i{int(found[1])}" if found else name
    for each in case.incidents:
        if each.id == wanted:
            return each
    remedy = there_are(each.id for each in case.incidents) or "there is none at all"
    raise UsageError(f"no incident is called {name!r}", remedy=remedy)
