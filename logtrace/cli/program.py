"""The program as typer sees it: commands and groups of commands that tell their help in logtrace's own way."""

from __future__ import annotations

import difflib
import shlex
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import typer
from typer.core import TyperCommand, TyperGroup

from logtrace.cli import helptext
from logtrace.cli.described import described
from logtrace.cli.groups import flat
from logtrace.errors import UsageError

#: Commands that do without the columnar engine.
_WITHOUT_ENGINE: Final = frozenset(("completion", "explain", "help", "schema"))


class _Command(TyperCommand):
    """A command; its help is made of what `described` finds."""

    def invoke(self, ctx: Any) -> Any:
        """Run it. Raises UsageError where limits of this process leave no room for the engine, before it is there."""
        if self.name not in _WITHOUT_ENGINE:
            from logtrace.intake.memory import check_limits

            check_limits()
        return super().invoke(ctx)

    def get_help(self, ctx: Any) -> str:
        return _help(self, ctx)


class _Group(TyperGroup):
    """A group of commands, in the order in which they were given."""

    def get_help(self, ctx: Any) -> str:
        return _help(self, ctx)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that is called. Raises UsageError, with what may have been meant, where there is none."""
        word, *rest = args
        if word not in self.commands:
            close = difflib.get_close_matches(word, self.commands, n=1)
            meant = [close[0], *rest] if close else ["analyze", *args] if self._takes(word) else []
            called = ctx.command_path.split()
            remedy = f"did you mean: {shlex.join([*called, *meant])}" if meant else f"see {' '.join(called)} --help"
            raise UsageError(f"No such command {word!r}", remedy=remedy)
        return super().resolve_command(ctx, args)

    def _takes(self, word: str) -> bool:
        """Whether `word` may be the path of what is to be analysed."""
        return "analyze" in self.commands and (word == "-" or "/" in word or "." in word or Path(word).exists())


def _help(command: TyperCommand | TyperGroup, ctx: Any) -> str:
    return helptext.text(described(command, tuple(ctx.command_path.split())), helptext.width()).rstrip("\n")


def group(name: str, help_: str, commands: Sequence[Callable[..., None] | typer.Typer]) -> typer.Typer:
    """The group of commands called `name`; a command is a function, a group in it what this function gave."""
    app = typer.Typer(
        name=name,
        help=help_,
        cls=_Group,
        add_completion=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    for each in commands:
        if isinstance(each, typer.Typer):
            app.add_typer(each)
        else:
            app.command(cls=_Command)(flat(each))
    return app
