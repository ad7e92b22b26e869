r"""A template in a daemon's own words -> a linear-time regular expression and the literals it cannot match without.

    Result of {operation} operation for {resource} on {target}: {rc_text}[ ({reason})]

`{name}` is a field with its default pattern, `{name:word}`, `{name:text}`, `{name:rest}` or `{name:<regex>}` one with
its own; `{_}` is unnamed; `{key}` is an operation key; `[...]` is optional and may nest; a backslash makes the next
character literal; any run of blanks matches one or more blanks or tabs. The dialect of regular expressions is that of
Rust's regex crate, which runs in linear time. `\w`, `\d`, `\s` and `\b` mean ASCII: their Unicode tables
make automata a hundred times larger.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from msgspec import Struct

from logtrace.domain import codes

_BLANKS: Final = r"[ \t]+"
_MAYBE_BLANKS: Final = r"[ \t]*"
_PLAIN: Final = re.compile(r"[^\\\[\]{} \t]+")
_SPECIAL: Final = re.compile(r"[.\\+*?()|\[\]{}^$#&~-]")
_NAMED: Final = {"word": r"\S+", "text": ".*?", "rest": ".*"}
_NAME: Final = re.compile(r"[a-z_][a-z0-9_]*\Z")
_SHORTHAND: Final = {"w": "0-9A-Za-z_", "d": "0-9", "s": r" \t"}
_NEGATED: Final = {"S": r"[^ \t]", "W": "[^0-9A-Za-z_]", "D": "[^0-9]"}

_WORDS: Final = re.compile("[A-Za-z_]+")
#: Words that stand in every log: what holds them alone is a poor needle.
_COMMON: Final = frozenset({
    "a", "and", "at", "by", "crit", "debug", "dev", "error", "failed", "for", "from", "host", "in", "info", "is",
    "node", "not", "notice", "of", "on", "operation", "process", "service", "start", "started", "starting", "state",
    "status", "stop", "stopped", "stopping", "the", "to", "user", "warning", "with",
})  # fmt: skip
_CHOICE: Final = re.compile(r"[|(]")
_CLASS: Final = re.compile(r"\\.|\[\^?\]?[^\]]*\]")
_RUN: Final = re.compile(r"(?:[\w ,:/'-](?![*?+{]))+")

#: `{key}`: `<resource>_<operation>_<ms>`, told from the right: `\b` refuses an end inside a longer name.
_OPERATION: Final = "|".join(
    [
        r"(?:confirmed-)?(?:pre|post)_notify_(?:start|stop|promote|demote)",
        *(op.replace("-", r"\-") for op in codes.OPERATIONS),
    ]
)
KEY_FIELDS: Final = ("resource", "operation", "interval")
KEY_PATTERN: Final = rf"(?P<resource>\S+?)_(?P<operation>{_OPERATION})_(?P<interval>\d+)\b"


class TemplateError(ValueError):
    """A template that cannot be compiled; the message says what is wrong and what to write instead."""


class Pattern(Struct, frozen=True):
    """A compiled template.

    `regex` matches the whole text and has one named group per name in `fields`. `literals` are pieces of text every
    line it is meant for contains (blanks in them are single), the most telling first: that one is the needle. `sure`
    is a field that takes part in every match, if there is one.
    """

    template: str
    regex: str
    fields: tuple[str, ...]
    literals: tuple[str, ...]
    sure: str | None


def compile_template(template: str, patterns: Mapping[str, str]) -> Pattern:
    """Compile `template`; `patterns` gives the default pattern of each field it may name. Raises TemplateError."""
    return _Compiler(template, patterns).compile()


class _Compiler:
    """One pass over a template, left to right."""

    def __init__(self, template: str, patterns: Mapping[str, str]) -> None:
        self.template = template
        self.patterns = patterns
        self.regex: list[str] = []
        self.fields: list[str] = []
        self.literals: list[str] = []
        self.sure: str | None = None
        self.literal = ""
        self.depth = 0

    def compile(self) -> Pattern:
        position = 0
        while position < len(self.template):
            position = self.step(position)
        if self.depth:
            raise TemplateError("a '[' is never closed; add ']' or write '\\[' for a literal bracket")
        self.end_literal()
        literals = tuple(sorted(self.literals, key=_worth, reverse=True))
        return Pattern(self.template, f"^{''.join(self.regex)}$", tuple(self.fields), literals, self.sure)

    def step(self, position: int) -> int:
        """Compile what starts at `position`; returns where the next thing starts."""
        char = self.template[position]
        if char == "\\":
            return self.escape(position)
        if char in " \t":
            return self.blanks(position)
        if char == "{":
            return self.field(position)
        if char == "[":
            self.end_literal()
            self.depth += 1
            self.regex.append("(?:")
        elif char == "]":
            self.end_literal()
            if not self.depth:
                raise TemplateError("a ']' closes nothing; write '\\]' for a literal bracket")
            self.depth -= 1
            if self.regex[-2:] == ["(?:", _BLANKS]:  # in this form the engine finds all groups in one pass
                self.regex[-2:] = [_MAYBE_BLANKS]
            else:
                self.regex.append(")?")
        elif char == "}":
            raise TemplateError("a '}' closes nothing; write '\\}' for a literal brace")
        else:
            return self.say(_PLAIN.match(self.template, position)[0], position)  # type: ignore[index]
        return position + 1

    def say(self, text: str, position: int) -> int:
        """Literal text that starts at `position`."""
        self.regex.append(_SPECIAL.sub(r"\\\g<0>", text))
        if not self.depth:
            self.literal += text
        return position + len(text)

    def escape(self, position: int) -> int:
        following = self.template[position + 1 : position + 2]
        if not following or following not in "[]{}\\":
            raise TemplateError(
                "a backslash stands before something else than [ ] { } or \\; write '\\\\' for a backslash"
            )
        return self.say(following, position + 1)

    def blanks(self, position: int) -> int:
        """A run of blanks. Between two words it is a single one; elsewhere daemons pad, and a literal ends there."""
        end = position
        while self.template[end : end + 1] in (" ", "\t"):
            end += 1
        self.regex.append(_BLANKS)
        if not self.depth and "\t" not in self.template[position:end]:
            between_words = (
                end == position + 1 and self.literal[-1:].isalnum() and self.template[end : end + 1].isalnum()
            )
            self.literal += " "
            if not between_words:
                self.end_literal()
                self.literal = " "
        else:
            self.end_literal()
        return end

    def end_literal(self) -> None:
        if self.literal.strip():
            self.literals.append(self.literal)
        self.literal = ""

    def field(self, position: int) -> int:
        self.end_literal()
        end = _closing_brace(self.template, position)
        name, _, pattern = self.template[position + 1 : end].partition(":")
        if not _NAME.match(name):
            raise TemplateError(
                f"'{{{name}}}' is not a field name; names are lower case, see logtrace/domain/columns.py"
            )
        if name == "_":
            self.regex.append(f"(?:{ascii_classes(_NAMED.get(pattern or 'word', pattern))})")
        elif name == "key" and not pattern:
            self.claim(*KEY_FIELDS)
            self.regex.append(ascii_classes(KEY_PATTERN))
        else:
            self.claim(name)
            if not self.depth:
                self.literals += _required(pattern)
            pattern = _NAMED.get(pattern, pattern) or self.patterns[name]
            self.regex.append(f"(?P<{name}>{ascii_classes(pattern)})")
        return end + 1

    def claim(self, *names: str) -> None:
        for name in names:
            if name not in self.patterns:
                raise TemplateError(
                    f"unknown field '{name}'; the names are those of logtrace/domain/columns.py, '_' for none"
                )
            if name in self.fields:
                raise TemplateError(f"field '{name}' is named twice; use '_' or a list of templates")
            self.fields.append(name)
            if not self.depth:
                self.sure = self.sure or name


def _worth(literal: str) -> float:
    """How much a literal tells: its letters, but next to nothing for words that stand in every log."""
    return (
        sum(len(word) * (0.1 if word.lower() in _COMMON else 1.0) for word in _WORDS.findall(literal))
        + len(literal) / 100
    )


@lru_cache(maxsize=1024)
def _required(pattern: str) -> list[str]:
    """Words that every match of a field's own pattern contains: those outside of classes, choices and repetitions."""
    if pattern in _NAMED or _CHOICE.search(pattern):
        return []
    return [words for words in _RUN.findall(_CLASS.sub("\0", pattern)) if _worth(words) >= 1]


def _closing_brace(template: str, opening: int) -> int:
    depth, position = 0, opening
    while position < len(template):
        char = template[position]
        if char == "\\":
            position += 1
        elif char == "{":
            depth += 1
        elif char == "}":
            depth -= 1
            if not depth:
                return position
        position += 1
    raise TemplateError("a '{' is never closed; add '}' or write '\\{' for a literal brace")


@lru_cache(maxsize=1024)
def ascii_classes(pattern: str) -> str:
    r"""`pattern` with `\w \d \s \b` (and negations) spelled out in ASCII."""
    out: list[str] = []
    in_class = False
    position = 0
    while position < len(pattern):
        char = pattern[position]
        if char == "\\":
            letter = pattern[position + 1 : position + 2]
            out.append(_spell(letter, in_class=in_class))
            position += 2
            continue
        if char == "[" and not in_class:
            in_class = True
            opening = "[^" if pattern[position + 1 : position + 2] == "^" else "["
            out.append(opening)
            position += len(opening)
            if pattern[position : position + 1] == "]":  # right after the opening it is a member
                out.append("\\]")
                position += 1
            continue
        if char == "]":
            in_class = False
        out.append(char)
        position += 1
    return "".join(out)


def _spell(letter: str, *, in_class: bool) -> str:
    if letter in _SHORTHAND:
        return _SHORTHAND[letter] if in_class else f"[{_SHORTHAND[letter]}]"
    if letter in _NEGATED and not in_class:
        return _NEGATED[letter]
    if letter == "b" and not in_class:
        return r"(?-u:\b)"
    return "\\" + letter
