"""Manual pages, one for each command and group, of the text that `--help` shows. Read by `man`, written in man(7)."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

from logtrace.cli.described import PLAIN, Described, Told
from logtrace.version import VERSION

#: What the exit statuses of all commands mean.
STATUSES: Final = (
    ("0", "Done, whatever was found."),
    ("1", "With --exit-code: there was a fault, or a warning of lint; of check: the catalogue has a mistake."),
    ("2", "Wrong usage, or an output that cannot be written."),
    ("3", "Nothing usable in the input."),
    ("4", "The input was refused as unsafe."),
    ("70", "A defect of logtrace."),
    ("129, 130, 143", "Ended by a hang-up, an interrupt or SIGTERM."),
    ("141", "The reader of the output went away."),
)

ENVIRONMENT: Final = (
    ("LOGTRACE_PAGER, PAGER", "Shows what is longer than the terminal, the first that is set; empty: nothing does."),
    ("NO_COLOR", "No colours, if it is not empty."),
    ("COLUMNS", "The width of the text, in the place of the terminal's."),
)

#: What is shown bold in a text: options, and commands in backticks.
_MARKED: Final = re.compile(r"`([^`]+)`|(?<![\w-])(--?[a-z][\w-]*)")


def pages(program: Described, day: date) -> Iterator[tuple[str, str]]:
    """The name of each page's file and its text, which says that it is of that day."""
    for each in program.walk():
        yield f"{_name(each)}.1", "\n".join(_page(each, program, day)) + "\n"


def _name(told: Described) -> str:
    return "-".join(told.path)


def _page(told: Described, program: Described, day: date) -> Iterator[str]:
    called = " ".join(told.path)
    yield f'.TH {_name(told).upper()} 1 "{day}" "logtrace {VERSION}" "logtrace"'
    yield ".SH NAME"
    summary = told.summary.rstrip(".")
    yield f"{_plain(_name(told))} \\- {_plain(summary[:1].lower() + summary[1:])}"
    yield ".SH SYNOPSIS"
    yield f".B {_plain(called)}"
    yield _plain(told.usage.removeprefix(called).strip())
    yield ".SH DESCRIPTION"
    yield from _paragraphs([told.summary, *told.paragraphs])
    yield from _list("COMMANDS", [(f"\\fB{_plain(_name(each))}\\fR(1)", each.summary) for each in told.commands])
    yield from _list("ARGUMENTS", [(f"\\fI{_plain(each.words)}\\fR", each.help) for each in told.arguments])
    yield ".SH OPTIONS"
    for heading, options in told.panels:
        yield from [f".SS {heading}"] if heading != PLAIN else []
        for each in options:
            yield from _item(_option(each), each.told)
    yield from _list("EXAMPLES", [(f"\\fB{_plain(command)}\\fR", purpose) for command, purpose in told.examples])
    if told.status:
        yield ".SH EXIT STATUS"
        yield _sentence(told.status)
    else:
        yield from _list("EXIT STATUS", STATUSES)
    yield from _list("ENVIRONMENT", ENVIRONMENT)
    yield ".SH SEE ALSO"
    others = [f".BR {_plain(_name(each))} (1)" for each in program.walk() if each.path != told.path]
    yield from (f"{each}," for each in others[:-1])
    yield from others[-1:]


def _list(heading: str, items: Sequence[tuple[str, str]]) -> Iterator[str]:
    if items:
        yield f".SH {heading}"
        for left, right in items:
            yield from _item(left, right)


def _option(option: Told) -> str:
    names = ", ".join(f"\\fB{_plain(name)}\\fR" for name in sorted(option.names, key=len))
    return f"{names} \\fI{_plain(option.metavar)}\\fR" if option.metavar else names


def _item(left: str, right: str) -> Iterator[str]:
    yield ".TP"
    yield left
    yield _sentence(right)


def _paragraphs(texts: Sequence[str]) -> Iterator[str]:
    for place, text in enumerate(texts):
        if place:
            yield ".PP"
        yield _sentence(text)


def _sentence(text: str) -> str:
    """A text with its options bold."""
    parts: list[str] = []
    end = 0
    for found in _MARKED.finditer(text):
        parts += [_plain(text[end : found.start()]), f"\\fB{_plain(found[1] or found[2])}\\fR"]
        end = found.end()
    lines = textwrap.wrap("".join([*parts, _plain(text[end:])]), 78, break_on_hyphens=False, break_long_words=False)
    return "\n".join(map(_guarded, lines))


def _plain(text: str) -> str:
    """A text in which nothing is a request or an escape, and hyphens can be copied."""
    return text.replace("\\", "\\e").replace("-", "\\-")


def _guarded(line: str) -> str:
    return f"\\&{line}" if line.startswith((".", "'")) else line
