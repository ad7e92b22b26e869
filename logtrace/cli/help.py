"""`logtrace help`: the help of a command, as the command itself tells it."""

from __future__ import annotations

import difflib
from typing import Annotated

import typer

from logtrace.cli import helptext
from logtrace.cli.described import described
from logtrace.cli.pager import Screen
from logtrace.errors import UsageError, there_are


def help(  # noqa: A001 - the command's name
    ctx: typer.Context,
    words: Annotated[
        list[str] | None, typer.Argument(metavar="COMMAND", help="A command, or a command of a group.")
    ] = None,
    *,
    screen: Screen,
) -> None:
    """Show the help of a command.

    For example:
      logtrace help        # all commands
      logtrace help show   # what `logtrace show --help` tells
    """
    found = described(ctx.find_root().command, ("logtrace",))
    for word in words or ():
        known = {each.path[-1]: each for each in found.commands}
        if word not in known:
            close = difflib.get_close_matches(word, known, n=1)
            remedy = f"did you mean {close[0]}?" if close else there_are(known) or "it is no group of commands"
            raise UsageError(f"{' '.join(found.path)} has no command {word!r}", remedy=remedy)
        found = known[word]
    screen.plain(helptext.text(found, helptext.width()))
