"""The program as typer sees it: commands and groups of commands that tell their help in logtrace's own way.

A run needs one command, so that each is imported and made when it is asked for, and not all of them at every start.
"""

from __future__ import annotations

import difflib
import shlex
from collections.abc import Iterator, Mapping
from importlib import import_module
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


class _Commands(Mapping[str, TyperCommand | TyperGroup]):
    """The commands of a group by name, in the order in which they were given."""

    def __init__(self, places: Mapping[str, str | typer.Typer]) -> None:
        self._places = places
        self._made: dict[str, TyperCommand | TyperGroup] = {}

    def __getitem__(self, name: str) -> TyperCommand | TyperGroup:
        if name not in self._made:
            self._made[name] = _made(name, self._places[name])
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


class _Group(TyperGroup):
    """A group of commands; which, a class made of this one says."""

    places: Mapping[str, str | typer.Typer]

    def __init__(self, **told: Any) -> None:
        super().__init__(**told)
        self.commands = _Commands(self.places)  # type: ignore[assignment]  # it is only read

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


def group(name: str, help_: str, commands: Mapping[str, str | typer.Typer]) -> typer.Typer:
    """The group of commands called `name`; a command is a function ("logtrace.cli.show:show"), a group in it what this
    function gave.
    """
    return _typer(name, help=help_, cls=type("Group", (_Group,), {"places": commands}))


def program(app: typer.Typer) -> TyperGroup:
    """What typer makes of a group."""
    return typer.main.get_group(app)


def _made(name: str, place: str | typer.Typer) -> TyperCommand | TyperGroup:
    if isinstance(place, typer.Typer):
        return program(place)
    module, _, function = place.partition(":")
    app = _typer(name)
    app.command(name, cls=_Command)(flat(getattr(import_module(module), function)))
    made = typer.main.get_command(app)
    assert isinstance(made, TyperCommand)
    return made


def _typer(name: str, **told: Any) -> typer.Typer:
    names = {"help_option_names": ["-h", "--help"]}
    return typer.Typer(name=name, add_completion=False, rich_markup_mode=None, context_settings=names, **told)
