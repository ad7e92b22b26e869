"""`logtrace lint`: what is weak in a configuration, whether or not anything has happened."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import Annotated

import typer

from logtrace.cli import options, outputs
from logtrace.cli.pager import Screen
from logtrace.errors import UsageError


def lint(
    paths: options.Paths,
    *,
    ignore: Annotated[
        list[str] | None, typer.Option(metavar="CODE", help="Leave out this kind of finding; may be repeated.")
    ] = None,
    json: Annotated[
        str | None, typer.Option(metavar="FILE|-", help="Write the case as JSON, with these findings.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No table, no warnings.")] = False,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="Exit with 1 when there is a warning or an error.")
    ] = False,
    screen: Screen,
    hiding: options.Hiding,
    reading: options.Reading,
) -> None:
    """Find weaknesses of a cluster's configuration.

    PATH may also be a cib.xml or a corosync.conf alone; logs, where there are some, show what timeouts must allow for.

    For example:
      logtrace lint cib.xml corosync.conf    # two files
      ssh n1 cibadmin -Q | logtrace lint -   # of a running cluster

    Exit status: 0 done; 1 with --exit-code and a warning or an error; 2 wrong usage; 3 nothing usable in the input;
    4 input refused as unsafe.
    """
    from msgspec.structs import replace

    ignored = _codes(ignore or ())
    outputs.check([json, hiding.redact_map], paths)
    case = options.analysed(paths, reading, quiet=quiet, logs=False)
    hidden = hiding.of([case], quiet=quiet)
    (case,) = hidden.cases
    hiding.write_map(hidden)
    findings = tuple(each for each in case.findings if each.label not in ignored)
    if json is not None:
        from logtrace.render import document

        outputs.write(json, document.render(replace(case, findings=findings)))
    if not quiet and json != outputs.STDOUT:
        from logtrace.render import lint as table

        screen.styled(lambda width, symbols: table.render(case, findings, width=width, symbols=symbols))
    if exit_code and any(each.severity != "info" for each in findings):
        raise typer.Exit(1)


def _codes(given: Sequence[str]) -> set[str]:
    """Raises UsageError for a code that no finding has: ignoring it would silently ignore nothing."""
    from logtrace.lint import CHECKS

    known = [check.code for check in CHECKS]
    for code in given:
        if code not in known:
            close = difflib.get_close_matches(code, known, n=1)
            remedy = f"did you mean {close[0]}?" if close else "logtrace explain lists all codes"
            raise UsageError(f"no finding has the code {code!r}", where="--ignore", remedy=remedy)
    return set(given)
