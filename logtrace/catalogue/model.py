"""What the catalogue holds once it is read: kinds, line formats, messages and noise, as frozen values."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from logtrace.catalogue.template import Pattern
from logtrace.domain.reasons import Why


class KindEntry(Struct, frozen=True):
    """A kind of event (parsers/kinds.toml): what it means and the fields its messages give where they can.

    `reader`: nothing in logtrace asks for such events; they are shown to whoever reads the timeline. `agent`: their
    text is an agent's own words, or those of a program it runs.
    """

    name: str
    meaning: str
    fields: tuple[str, ...]
    reader: bool = False
    agent: bool = False


class Example(Struct, frozen=True):
    """A line, the fields it must give (as printed, typed), and where it stands (`file:line`)."""

    line: str
    fields: Mapping[str, object]
    where: str


class Message(Struct, frozen=True):
    """A stanza of parsers/messages. `daemons` are modern names; empty: any daemon. `tail` names of frames.TAIL.

    `since`, `until`: the first and the last release that prints it, where that is stated.
    """

    kind: str
    daemons: frozenset[str]
    patterns: tuple[Pattern, ...]
    tail: tuple[str, ...]
    constants: Mapping[str, object]
    examples: tuple[Example, ...]
    where: str
    unseen: bool = False
    since: str | None = None
    until: str | None = None


class Reason(Struct, frozen=True):
    """A stanza of parsers/reasons: what the text of an event, wherever it holds these words, means.

    `kinds`: of which events. `agents`: those that print it;
    empty: any. `meaning` and `remedy` are sentences for the reader; an agent's reasons have both.
    """

    why: Why
    kinds: frozenset[str]
    agents: frozenset[str]
    patterns: tuple[Pattern, ...]
    meaning: str
    remedy: str
    examples: tuple[Example, ...]
    where: str
    unseen: bool = False


class Format(Struct, frozen=True):
    """A stanza of parsers/formats: the layout of a line's header.

    `part` is "line" (a whole line), "carrier" (time and host, then a payload) or "payload" (what a carrier carries).
    Lines of a format with a `kind` need no message: the format says what they are.
    """

    name: str
    part: str
    pattern: Pattern
    kind: str | None
    examples: tuple[Example, ...]
    where: str


class Noise(Struct, frozen=True):
    """A stanza of parsers/noise.toml: a line with one of `texts` in it tells nothing. `examples` are such lines."""

    texts: tuple[str, ...]
    examples: tuple[str, ...]
    where: str


class Catalogue(Struct, frozen=True, eq=False):  # told apart by identity, so that it can be a cache's key
    """All of parsers/ in the order in which it is tried: files by name, stanzas as written."""

    kinds: Mapping[str, KindEntry]
    formats: tuple[Format, ...]
    messages: tuple[Message, ...]
    reasons: tuple[Reason, ...] = ()
    noise: tuple[Noise, ...] = ()


class Problem(Struct, frozen=True):
    """A contributor's mistake: where (`file:line`), what, and what to do."""

    where: str
    message: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.where}: {self.message}; {self.remedy}"
