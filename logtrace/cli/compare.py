"""`logtrace compare`: two reports, or two incidents, side by side."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from logtrace.cli import options, outputs
from logtrace.cli.pager import Screen
from logtrace.cli.show import named
from logtrace.errors import UsageError

if TYPE_CHECKING:
    from logtrace.compare import Comparison
    from logtrace.report.case import Case, Incident

_REFERENCE = re.compile(r"(?P<path>.+)#(?P<id>i?\d{1,6})", re.DOTALL)


def compare(
    first: Annotated[str, typer.Argument(metavar="A", help="A report, or one incident of it: report.tar.bz2#i2.")],
    second: Annotated[str, typer.Argument(metavar="B", help="Another, or another incident of the same report.")],
    *,
    json: Annotated[str | None, typer.Option(metavar="FILE|-", help="Write the comparison as JSON.")] = None,
    html: Annotated[str | None, typer.Option(metavar="FILE", help="Write it as a page.")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing, and no warnings.")] = False,
    screen: Screen,
    hiding: options.Hiding,
    reading: options.Reading,
) -> None:
    """Compare two reports or incidents.

    What got faster or slower and why, and what was changed in between.

    Without ids, the worst incidents that are alike are compared: of the same cause, and with a resource in common.

    For example:
      logtrace compare before.tar.bz2 after.tar.bz2         # two reports
      logtrace compare report.tar.bz2#1 report.tar.bz2#3    # two incidents of one
    """
    from logtrace.compare import Side, choose
    from logtrace.compare import compare as beside

    if html == outputs.STDOUT:
        raise UsageError("the page does not go to standard output", where="--html", remedy="name a file")
    (left, left_id), (right, right_id) = _reference(first), _reference(second)
    outputs.check([json, html, hiding.redact_map], [left, right])

    def read(path: str) -> Case:
        return options.analysed([path], reading, quiet=quiet)

    before = read(left)
    after = before if right == left else read(right)
    hidden = hiding.of([before, after], quiet=quiet, more=[left, right])
    before, after = hidden.cases
    left, right = hidden.text(left), hidden.text(right)
    one, other = choose(before, after, (_incident(before, left_id), _incident(after, right_id)))
    comparison = beside(Side(_name(left), before, one), Side(_name(right), after, other))
    _write(comparison, json, html, None if quiet else screen)
    hiding.write_map(hidden)


def _reference(text: str) -> tuple[str, str | None]:
    """Path and id of `report#i2`; a file that is truly called so is meant as a file."""
    match = _REFERENCE.fullmatch(text)
    return (match["path"], match["id"]) if match and not Path(text).exists() else (text, None)


def _incident(case: Case, name: str | None) -> Incident | None:
    return None if name is None else named(case, name)


def _name(path: str) -> str:
    return Path(path).name or path


def _write(comparison: Comparison, json: str | None, html: str | None, screen: Screen | None) -> None:
    from logtrace.render import comparison as render

    if json is not None:
        outputs.write(json, render.document(comparison))
    if html is not None:
        outputs.write(html, render.page(comparison))
    if screen is not None and json != outputs.STDOUT:
        screen.styled(lambda width, symbols: render.render(comparison, width=width, symbols=symbols))
