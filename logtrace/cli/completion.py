"""`logtrace completion`: the script for a shell; and what the scripts ask: which words may stand at the cursor.

A script sets ASKED to its shell's name and gives the words behind the program's name up to the cursor, bash the whole
line. The answer has a line for each word that fits, a tab, and what it is; `:files` and `:folders` ask the shell to
complete those itself. Nothing is said of errors, and only words are told that no shell reads as
anything but a word: names in logs are a stranger's.
"""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from pathlib import Path, PurePath
from typing import Annotated, Final

import typer
from msgspec import Struct, field

from logtrace.cli.described import Described, Told
from logtrace.cli.messages import put
from logtrace.errors import UsageError
from logtrace.render.untrusted import shown

ASKED: Final = "_LOGTRACE_COMPLETE"

_SCRIPTS: Final = {"bash": "logtrace.bash", "zsh": "_logtrace", "fish": "logtrace.fish"}
_PLAIN: Final = re.compile(r"[\w.@%+:,/=#-]+")
_FILES: Final = (":files", "")
_FOLDERS: Final = (":folders", "")
_HELP: Final = 72  # characters of what a word is
#: Seconds after which nothing is said: who waits at the keyboard for longer types on.
_PATIENCE: Final = 10.0


class Shell(StrEnum):
    """The shells there are scripts for."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"


def completion(
    shell: Annotated[Shell | None, typer.Argument(help="The shell; else the one that SHELL names.")] = None,
) -> None:
    """Print what completes commands in a shell.

    Options, commands, and of the report that is named its incidents, nodes and resources. An installed wheel brings the
    scripts along, for shells that look below its prefix.

    For example:
      source <(logtrace completion bash)                                     # in ~/.bashrc
      source <(logtrace completion zsh)                                      # in ~/.zshrc, after compinit
      logtrace completion fish > ~/.config/fish/completions/logtrace.fish    # once
    """
    name = shell.value if shell is not None else PurePath(os.environ.get("SHELL", "")).name
    if name not in _SCRIPTS:
        raise UsageError(f"there is no completion for {name or 'an unknown shell'!r}", remedy="name bash, zsh or fish")
    put((Path(__file__).parent / "shells" / _SCRIPTS[name]).read_text(encoding="utf-8"))


# --- what the scripts ask --------------------------------------------------------------------------------

#: A word that fits, and what it is.
Fitting = tuple[str, str]


class Line(Struct):
    """What has been typed: the command, its arguments, the values of its options by name, and the word so far."""

    program: Described
    command: Described
    word: str
    arguments: list[str] = field(default_factory=list)
    given: dict[str, str] = field(default_factory=dict)
    pending: Told | None = None
    ended: bool = False  # no option may follow: there was a `--`

    def paths(self) -> list[str]:
        """The paths that have been named, as far as they are there."""
        named = [path for word in self.arguments for path in (word, word.rpartition("#")[0]) if path]
        return [path for path in map(os.path.expanduser, named) if path != "-" and Path(path).exists()]


def answer(shell: str, arguments: Sequence[str], program: Described) -> None:
    """Prints what fits at the cursor."""
    os.dup2(os.open(os.devnull, os.O_RDWR), 2)
    timer = threading.Timer(_PATIENCE, os._exit, (0,))
    timer.daemon = True
    timer.start()
    with contextlib.suppress(BaseException):  # also a panic of the columnar engine
        words = _split(arguments[0] if arguments else "")[1:] if shell == Shell.BASH else list(arguments)
        told = "".join(f"{word}\t{what}\n" for word, what in fitting(words, program, broken=shell == Shell.BASH))
        sys.stdout.write(told)
        sys.stdout.flush()


def fitting(words: Sequence[str], program: Described, *, broken: bool = False) -> list[Fitting]:
    """What may stand in the place of the last of `words`, which is not complete; `broken`: without what stands before
    the last `=` or `:` of it, where bash begins another word.
    """
    line = _read(words, program)
    if line is None:
        return []
    found = list(_candidates(line))
    cut = max(line.word.rfind("="), line.word.rfind(":")) + 1 if broken else 0
    plain = {word[cut:]: _short(what) for word, what in found if _fits(word, line.word)}
    return [*plain.items(), *([_FILES] if _FILES in found else [_FOLDERS] if _FOLDERS in found else [])]


def _short(what: str) -> str:
    told = shown(what, 10 * _HELP)
    return told if len(told) <= _HELP else f"{told[: _HELP - 1].rstrip()}…"


def _fits(word: str, begun: str) -> bool:
    return word.startswith(begun) and (word, "") not in (_FILES, _FOLDERS) and _PLAIN.fullmatch(word) is not None


def _split(line: str) -> list[str]:
    """The words of a line of bash; the last is what is being typed, "" behind a blank."""
    for closing in ("", '"', "'"):
        with contextlib.suppress(ValueError):
            words = shlex.split(line.removesuffix("\\") + closing)
            return [*words, ""] if not closing and line[-1:].isspace() else words
    return []


def _read(words: Sequence[str], program: Described) -> Line | None:
    """The line; None where a command is none."""
    *before, last = words or [""]
    line = Line(program, program, last)
    for word in before:
        if line.pending is not None:
            line.given[line.pending.names[-1]] = word
            line.pending = None
        elif word == "--":
            line.ended = True
        elif word.startswith("-") and word != "-" and not line.ended:
            name, sign, value = word.partition("=")
            option = _option(line.command, name)
            if option is not None and option.metavar and sign:
                line.given[option.names[-1]] = value
            elif option is not None and option.metavar:
                line.pending = option
        elif line.command.commands:
            within = next((each for each in line.command.commands if each.path[-1] == word), None)
            if within is None:
                return None
            line.command = within
        else:
            line.arguments.append(word)
    return line


def _option(command: Described, name: str) -> Told | None:
    return next((each for _, options in command.panels for each in options if name in each.names), None)


def _candidates(line: Line) -> Iterator[Fitting]:
    name, sign, _ = line.word.partition("=")
    if line.pending is not None:
        yield from _values(line, line.pending)
    elif line.word.startswith("--") and sign and (option := _option(line.command, name)) is not None:
        for word, what in _values(line, option):
            yield (word, what) if (word, what) in (_FILES, _FOLDERS) else (f"{name}={word}", what)
    elif line.word.startswith("-") and not line.ended:
        for _, options in line.command.panels:
            for each in options:
                yield from ((name, each.help) for name in each.names if name.startswith("--") or len(line.word) == 1)
    elif line.command.commands:
        yield from ((each.path[-1], each.summary) for each in line.command.commands)
    else:
        place = len(line.arguments)
        following = [*line.command.arguments[place : place + 1], *line.command.arguments[-1:]]
        if following and (place < len(line.command.arguments) or following[0].many):
            yield from _values(line, following[0])


def _values(line: Line, told: Told) -> Iterator[Fitting]:
    """What may be given for an argument or the value of an option, by what its metavar names."""
    yield from ((each, "") for each in told.choices)
    for name in re.findall(r"[A-Z]+", told.metavar):
        if name in _SOURCES:
            yield from _SOURCES[name](line)


def _incidents(line: Line) -> Iterator[Fitting]:
    if line.paths():
        from logtrace.cli.names import of

        yield from of(line.paths(), line.given.get("--cache")).incidents


def _referred(line: Line) -> Iterator[Fitting]:
    """A report, or behind `#` an incident of it."""
    path, sign, _ = line.word.rpartition("#")
    yield from (
        ((f"{path}#{name}", what) for name, what in _incidents(Line(line.program, line.command, "", [path])))
        if sign
        else ()
    )
    yield _FILES


def _nodes(line: Line) -> Iterator[Fitting]:
    from logtrace.cli.names import of

    yield from ((name, "") for name in of(line.paths(), line.given.get("--cache")).nodes)


def _resources(line: Line) -> Iterator[Fitting]:
    from logtrace.cli.names import of

    yield from ((name, "") for name in of(line.paths(), line.given.get("--cache")).resources)


def _labels(_: Line) -> Iterator[Fitting]:
    from logtrace import explain

    yield from ((each.label, each.line) for each in explain.entries())


def _causes(_: Line) -> Iterator[Fitting]:
    from logtrace.causes import CAUSES

    yield from ((label, "") for label in CAUSES)


def _codes(_: Line) -> Iterator[Fitting]:
    from logtrace.lint import CHECKS

    yield from ((check.code, "") for check in CHECKS)


def _kinds(_: Line) -> Iterator[Fitting]:
    from logtrace import catalogue

    yield from ((kind, "") for kind in catalogue.load().kinds)


def _zones(_: Line) -> Iterator[Fitting]:
    from zoneinfo import available_timezones

    yield from ((zone, "") for zone in sorted(available_timezones()))


def _changes(_: Line) -> Iterator[Fitting]:
    yield from ((each, "") for each in ("clone", "group=split", "group=unordered"))


def _commands(line: Line) -> Iterator[Fitting]:
    """Those in the group that the arguments before name, as for `help`."""
    if line.command.path[-1] != "help":  # a shell's command, not one of ours
        return
    within = line.program
    for word in line.arguments:
        within = next((each for each in within.commands if each.path[-1] == word), line.command)
    yield from ((each.path[-1], each.summary) for each in within.commands)


def _files(_: Line) -> Iterator[Fitting]:
    yield _FILES


def _folders(_: Line) -> Iterator[Fitting]:
    yield _FOLDERS


_SOURCES: Final[dict[str, Callable[[Line], Iterator[Fitting]]]] = {
    "PATH": _files,
    "FILE": _files,
    "DIR": _folders,
    "STORE": _folders,
    "A": _referred,
    "B": _referred,
    "INCIDENT": _incidents,
    "ID": _incidents,
    "NODE": _nodes,
    "RESOURCE": _resources,
    "LABEL": _labels,
    "CAUSE": _causes,
    "CODE": _codes,
    "KIND": _kinds,
    "ZONE": _zones,
    "CHANGE": _changes,
    "COMMAND": _commands,
}
