"""What a command says of itself, as plain values. Help, manual pages and completion are made of them, and so cannot
tell different things.

The text of a command is its docstring: a summary of one line, then paragraphs. A paragraph that begins with "For
example:" holds a command on each line, and after `  # ` what it is for; one that begins with "Exit status:" tells what
its statuses mean.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from msgspec import Struct
from typer.core import TyperCommand, TyperGroup

#: The heading of options that stand under no other.
PLAIN: Final = "Options"

_EXAMPLES: Final = "For example:"
_STATUS: Final = "Exit status:"
_MARK: Final = "  # "


class Told(Struct, frozen=True):
    """An argument, or an option with its names; `metavar` is "" for a flag, `choices` what may be given, if few may.

    `default`: what holds if it is not given, where that needs to be told, else "".
    """

    names: tuple[str, ...]
    metavar: str
    help: str
    required: bool
    many: bool
    choices: tuple[str, ...]
    default: str

    @property
    def words(self) -> str:
        """As it stands at the left of its help: "-q, --quiet", "--year YEAR", "PATH..."."""
        if not self.names:
            return f"{self.metavar}..." if self.many and "..." not in self.metavar else self.metavar
        return f"{', '.join(sorted(self.names, key=len))} {self.metavar}".strip()

    @property
    def told(self) -> str:
        """What it is for, and what holds without it."""
        return f"{self.help} [default: {self.default}]" if self.default else self.help

    @property
    def piece(self) -> str:
        """An argument in the usage: "PATH...", "[INCIDENT]"."""
        return self.words if self.required else f"[{self.words}]"


class Described(Struct, frozen=True):
    """A command or a group of commands; `path` is how it is called, `panels` are options under their headings."""

    path: tuple[str, ...]
    summary: str
    paragraphs: tuple[str, ...]
    examples: tuple[tuple[str, str], ...]
    status: str
    arguments: tuple[Told, ...]
    panels: tuple[tuple[str, tuple[Told, ...]], ...]
    commands: tuple[Described, ...]

    @property
    def usage(self) -> str:
        """How it is called, in one line."""
        pieces = ["COMMAND ..."] if self.commands else [each.piece for each in self.arguments]
        required = [each.words for _, options in self.panels for each in options if each.required]
        return " ".join([*self.path, *pieces, *required, "[OPTIONS]"])

    def walk(self) -> Iterator[Described]:
        """It, and all commands in it."""
        yield self
        for each in self.commands:
            yield from each.walk()


def path_of(program: TyperGroup, arguments: Sequence[str]) -> tuple[str, ...]:
    """The words that call the command for which `arguments` begin: ("logtrace", "analyze")."""
    path: list[str] = ["logtrace"]
    command: Any = program
    for word in arguments:
        if not isinstance(command, TyperGroup) or word not in command.commands:
            break
        command = command.commands[word]
        path.append(word)
    return tuple(path)


def described(command: Any, path: tuple[str, ...]) -> Described:
    """What a command or group of typer says that is called by the words of `path`."""
    assert isinstance(command, TyperCommand | TyperGroup)
    summary, *rest = [each for each in (command.help or "").strip().split("\n\n") if each.strip()] or [""]
    plain: list[str] = []
    examples: tuple[tuple[str, str], ...] = ()
    status = ""
    for each in rest:
        if each.startswith(_EXAMPLES):
            examples = tuple(_example(line) for line in each.splitlines()[1:])
        elif each.startswith(_STATUS):
            status = _joined(each.removeprefix(_STATUS))
        else:
            plain.append(_joined(each))
    within = command.commands.items() if isinstance(command, TyperGroup) else ()
    parameters = [each for each in command.params if not getattr(each, "hidden", False)]
    return Described(
        path,
        _joined(summary),
        tuple(plain),
        examples,
        status,
        tuple(_told(each) for each in parameters if each.param_type_name == "argument"),
        _panels(parameters),
        tuple(described(each, (*path, name)) for name, each in within if not each.hidden),
    )


def _joined(text: str) -> str:
    return " ".join(text.split())


def _example(line: str) -> tuple[str, str]:
    command, _, purpose = line.partition(_MARK)
    return command.strip(), purpose.strip()


_HELP: Final = Told(("-h", "--help"), "", "Show this text.", required=False, many=False, choices=(), default="")


def _panels(parameters: list[Any]) -> tuple[tuple[str, tuple[Told, ...]], ...]:
    panels: dict[str, list[Told]] = {PLAIN: []}
    for each in parameters:
        if each.param_type_name == "option":
            panels.setdefault(each.rich_help_panel or PLAIN, []).append(_told(each))
    panels[PLAIN].append(_HELP)
    return tuple((heading, tuple(options)) for heading, options in panels.items())


def _told(parameter: Any) -> Told:
    """A parameter of typer, which has no public type for it."""
    option = parameter.param_type_name == "option"
    choices = tuple(str(getattr(each, "value", each)) for each in getattr(parameter.type, "choices", ()))
    metavar = parameter.metavar or "|".join(choices) or parameter.name.upper()
    flag = option and parameter.is_flag
    return Told(
        names=(*parameter.opts, *parameter.secondary_opts) if option else (),
        metavar="" if flag else metavar,
        help=parameter.help or "",
        required=parameter.required,
        many=parameter.nargs == -1 or (option and parameter.multiple),
        choices=choices,
        default="" if flag else _default(parameter),
    )


def _default(parameter: Any) -> str:
    if isinstance(parameter.show_default, str):
        return parameter.show_default
    default = getattr(parameter.default, "value", parameter.default)
    return "" if default is None or not parameter.show_default else str(default)
