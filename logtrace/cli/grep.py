"""`logtrace grep`: the lines of all nodes in one order that say something, with what stands around them."""

from __future__ import annotations

from typing import Annotated

import typer

from logtrace.cli import merged, options, outputs
from logtrace.cli.messages import progress, put, say
from logtrace.errors import UsageError

_CONTEXT = options.number(0, 1000)


def grep(
    *,
    paths: Annotated[list[str] | None, typer.Argument(metavar="PATH", help=options.PATHS, show_default=False)] = None,
    pattern: Annotated[str, typer.Argument(metavar="PATTERN", help="A regular expression, as Rust's regex reads it.")],
    ignore_case: Annotated[bool, typer.Option("--ignore-case", "-i", help="Upper and lower case are one.")] = False,
    fixed: Annotated[bool, typer.Option("--fixed-strings", "-F", help="PATTERN is plain text.")] = False,
    after: Annotated[
        int | None, typer.Option("--after", "-A", metavar="N", help="Show so many lines after each.", parser=_CONTEXT)
    ] = None,
    before: Annotated[
        int | None, typer.Option("--before", "-B", metavar="N", help="Show so many lines before.", parser=_CONTEXT)
    ] = None,
    context: Annotated[
        int, typer.Option("--context", "-C", metavar="N", help="Show so many before and after.", parser=_CONTEXT)
    ] = 0,
    node: options.Nodes = None,
    daemon: Annotated[
        list[str] | None,
        typer.Option(metavar="DAEMON", help="Only what this daemon or agent logged, or a glob; may be repeated."),
    ] = None,
    level: Annotated[
        str | None, typer.Option(metavar="LEVEL", help="Only this level and worse ones: error, warning, notice, ...")
    ] = None,
    window: options.Window,
    count: Annotated[bool, typer.Option("--count", "-c", help="Print only how many lines there are.")] = False,
    most: merged.Most = merged.MOST,
    format_: merged.Wanted = merged.Format.TEXT,
    hiding: options.Hiding,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No warnings.")] = False,
    reading: options.Lines,
) -> None:
    """Search the lines of all nodes in one order.

    All lines are searched, understood or not, with clocks corrected, and each is told once, however many logs of its
    node hold it. PATTERN is looked for in `daemon: message`. A line that no header begins belongs to the line before.
    The search takes linear time, so there is neither look-around nor a back-reference.

    Exit status: 0 found; 1 nothing found; 2 wrong usage; 3 nothing usable in the input; 4 input refused as unsafe.
    """
    if not paths:
        raise UsageError("the pattern is missing", remedy="logtrace grep PATH PATTERN")
    from logtrace.reading import search

    expression = search.expression(pattern, fixed=fixed, ignore_case=ignore_case)
    worst = merged.level(level)
    outputs.check([hiding.redact_map], paths)
    logs = merged.opened(paths, reading, window, nodes=node, quiet=quiet)
    told = logs.case.window
    wanted = search.Wanted(
        pattern=expression,
        nodes=tuple(node or ()),
        daemons=tuple(daemon or ()),
        level=worst,
        since=told.start if window.since is not None else None,
        until=told.end if window.until is not None else None,
    )
    least, furthest = before if before is not None else context, after if after is not None else context
    with progress("searching", quiet=quiet):
        found = search.asked(logs.frames(), wanted, 0 if count else most)
        lines = logs.around(found.lines, least, furthest, None, most)
    if count:
        put(f"{found.number}\n")
    else:
        merged.show(logs, lines, hiding, format_, quiet=quiet)
    if not quiet and not count and (found.more or lines.height == most):
        say(f"{found.number:,} lines were found, copies included; the first are shown, and --most N shows more")
    if not found.number:
        raise typer.Exit(1)
