"""`logtrace grep`: the lines of all nodes in one order that say something, with what stands around them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from logtrace.cli import merged, options, outputs
from logtrace.cli.groups import Group
from logtrace.cli.messages import progress, put, say
from logtrace.cli.pager import Screen
from logtrace.errors import UsageError

if TYPE_CHECKING:
    from logtrace.reading.search import Wanted

_CONTEXT = options.number(0, 1000)


class Asked(Group, frozen=True, kw_only=True):
    """What is looked for, and in what."""

    ignore_case: Annotated[bool, typer.Option("--ignore-case", "-i", help="Upper and lower case are one.")] = False
    fixed: Annotated[bool, typer.Option("--fixed-strings", "-F", help="PATTERN is plain text.")] = False
    daemon: Annotated[
        list[str] | None,
        typer.Option(metavar="DAEMON", help="Only what this daemon or agent logged, or a glob; may be repeated."),
    ] = None
    level: Annotated[
        str | None,
        typer.Option(
            metavar="LEVEL", help="Only this level (error, warning, notice, ...) and worse ones; not what tells none."
        ),
    ] = None

    def of(self, pattern: str, part: options.Window) -> Wanted:
        """What a line must be; raises UsageError for what cannot be."""
        from logtrace.reading import search

        expression = search.expression(pattern, fixed=self.fixed, ignore_case=self.ignore_case)
        return search.Wanted(expression, tuple(part.nodes or ()), tuple(self.daemon or ()), merged.level(self.level))


class Context(Group, frozen=True, kw_only=True):
    """How many lines stand around what is found."""

    after: Annotated[
        int | None, typer.Option("--after", "-A", metavar="N", help="Show so many lines after each.", parser=_CONTEXT)
    ] = None
    before: Annotated[
        int | None, typer.Option("--before", "-B", metavar="N", help="Show so many lines before.", parser=_CONTEXT)
    ] = None
    context: Annotated[
        int, typer.Option("--context", "-C", metavar="N", help="Show so many before and after.", parser=_CONTEXT)
    ] = 0

    @property
    def lines(self) -> tuple[int, int]:
        """Before and after."""
        before = self.context if self.before is None else self.before
        return before, self.context if self.after is None else self.after


def grep(
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="PATH... PATTERN",
            help=f"{merged.PATHS} Last a regular expression, as Rust's regex reads it.",
            show_default=False,
        ),
    ],
    *,
    asked: Asked,
    context: Context,
    count: Annotated[bool, typer.Option("--count", "-c", help="Print only how many lines there are.")] = False,
    most: merged.Most = merged.MOST,
    format_: merged.Wanted = merged.Format.TEXT,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No warnings.")] = False,
    screen: Screen,
    part: options.Window,
    hiding: options.Hiding,
    reading: options.Lines,
) -> None:
    """Search the lines of all nodes in one order.

    All lines are searched, understood or not, with clocks corrected, and each is told once, however many logs of its
    node hold it. PATTERN is looked for in `daemon: message`. A line that no header begins belongs to the line before.
    Of an endless line the first 4,096 characters count. The search takes linear time, so there is neither look-around
    nor a back-reference.

    For example:
      logtrace grep report/ 'lost|left' -C 3                 # what was said around the loss of a node
      logtrace grep report/ -F 'vda: I/O error' --daemon kernel
      logtrace grep report/ . --node n1 --since 16:40 --level warning

    Exit status: 0 found; 1 nothing found; 2 wrong usage; 3 nothing usable in the input; 4 input refused as unsafe.
    """
    from logtrace.reading import search

    *paths, pattern = words
    if not paths:
        raise UsageError("the pattern is missing", remedy="logtrace grep PATH PATTERN")
    wanted = asked.of(pattern, part)
    outputs.check([hiding.redact_map], paths)
    logs = merged.opened(paths, reading, part, quiet=quiet)
    wanted = wanted.between(
        logs.case.window.start if part.since else None, logs.case.window.end if part.until else None
    )
    with progress("searching", quiet=quiet):
        found = search.asked(logs.frames(), wanted, 0 if count else most)
        lines = logs.around(found.lines, *context.lines, None, most)
    if count:
        put(f"{found.number}\n")
    else:
        merged.show(logs, lines, format_, hiding, screen, quiet=quiet)
    if not quiet and not count and (found.more or lines.height == most):
        say(f"{found.number:,} lines were found, copies included; the first are shown, and --most N shows more")
    if not found.number:
        raise typer.Exit(1)
