"""Read parsers/ (kinds.toml, noise.toml, formats/, messages/, reasons/) into a Catalogue, or say where one erred."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final

from logtrace import data
from logtrace.catalogue import cached
from logtrace.catalogue.model import Catalogue, Format, KindEntry, Message, Noise, Reason
from logtrace.catalogue.source import (
    Source,
    compiled,
    examples_of,
    findable,
    known_field,
    listed,
    read,
    read_all,
    texts_of,
)
from logtrace.domain import codes
from logtrace.domain.columns import FIELDS, TAIL
from logtrace.domain.kinds import Kind
from logtrace.domain.reasons import Why
from logtrace.errors import CatalogueError

#: The parts of a line's header and their default patterns.
HEADER: Final[Mapping[str, str]] = {
    "month": "[A-Z][a-z][a-z]",
    "day": r"\d\d?",
    "date": r"\d\d\d\d[-/]\d\d[-/]\d\d",
    "time": r"\d\d:\d\d:\d\d(?:[.,]\d{1,9})?",
    "offset": r"Z|[+-]\d\d(?::?\d\d)?|[A-Z]{2,5}",
    "host": r"[^ \t:\[\]()]+",
    "daemon": r"[\w.@/-]+",
    "pid": r"\d+",
    "level": "[A-Za-z]+",
    "subsystem": r"\w+",
    "agent": r"[\w.-]+",
    "resource": r"[^ \t()]+",
    "message": r"\S.*",
    "payload": r"[^\s:]+:(?:[^\s:]+:)*\s.*",  # begins with a tag and its colon
}
#: The keys of each stanza.
_FORMAT: Final = frozenset({"name", "part", "text", "kind", "example"})
_MESSAGE: Final = frozenset({"kind", "daemon", "text", "tail", "set", "since", "until", "unseen", "note", "example"})
_REASON: Final = frozenset({"why", "kind", "agent", "text", "meaning", "remedy", "unseen", "example"})
_NOISE: Final = frozenset({"text", "example"})
#: The parts of a line a format can be of, and the fields it must have there; one of each group.
_PARTS: Final[Mapping[str, tuple[tuple[str, ...], ...]]] = {
    "line": (("month", "date"), ("time",), ("message",)),
    "carrier": (("month", "date"), ("time",), ("payload",)),
    "payload": (("daemon", "agent"), ("message",)),
}
_PATTERNS: Final = {name: field.pattern for name, field in FIELDS.items()}


def load(folder: Path | None = None) -> Catalogue:
    """The catalogue in `folder` (default: the one that comes with logtrace), read once. Raises CatalogueError."""
    return _load(folder.resolve()) if folder else _own()


@cache
def _own() -> Catalogue:
    """The catalogue that comes with logtrace; compiling it takes longer than reading it once it is. What is kept was
    made of the very files and code that are here, and has been compared with the code then.
    """
    folder = data.folder("parsers").resolve()
    place = data.beside("parsers")
    if place is None:
        return _with_all_that_is_asked_for(_load(folder), folder)
    key = cached.key(folder)
    known = cached.read(place, key)
    if known is None:
        known = _with_all_that_is_asked_for(_load(folder), folder)
        cached.write(place, key, known)
    return known


def _with_all_that_is_asked_for(known: Catalogue, folder: Path) -> Catalogue:
    """`known`. Raises CatalogueError for a kind or class of reasons that the code asks for and no line can have."""
    for kind in sorted(set(Kind) - set(known.kinds)):
        raise CatalogueError(
            f"kind '{kind}' is missing, which logtrace asks for",
            where=str(folder / "kinds.toml"),
            remedy="add it here, or take it from logtrace/domain/kinds.py",
        )
    for why in sorted(set(Why) - {reason.why for reason in known.reasons}):
        raise CatalogueError(
            f"no reason is of class '{why}', which logtrace asks for",
            where=str(folder / "reasons"),
            remedy="add one here, or take the class from logtrace/domain/reasons.py",
        )
    return known


@lru_cache(maxsize=8)
def _load(folder: Path) -> Catalogue:
    kinds = _kinds(folder / "kinds.toml")
    formats = [fmt for source in read_all(folder / "formats") for fmt in _formats(source, kinds)]
    messages = [message for source in read_all(folder / "messages") for message in _messages(source, kinds)]
    reasons = [reason for source in read_all(folder / "reasons") for reason in _reasons(source, kinds)]
    names = [fmt.name for fmt in formats]
    for fmt in formats:
        if names.count(fmt.name) > 1:
            raise CatalogueError(f"two formats are called '{fmt.name}'", where=fmt.where, remedy="rename one")
    return Catalogue(kinds, tuple(formats), tuple(messages), tuple(reasons), tuple(_noise(folder / "noise.toml")))


def _kinds(path: Path) -> dict[str, KindEntry]:
    source = read(path)
    kinds = {}
    for name, entry in source.table.items():
        if not isinstance(entry, dict) or not entry.get("meaning"):
            raise CatalogueError(f"kind '{name}' has no meaning", where=source.path, remedy='add meaning = "..."')
        fields = tuple(entry.get("fields", ()))
        kinds[name] = KindEntry(name, entry["meaning"], fields, bool(entry.get("reader")), bool(entry.get("agent")))
    return kinds


def _formats(source: Source, kinds: Mapping[str, KindEntry]) -> Iterator[Format]:
    examples = iter(source.lines_of("format.example"))
    for stanza, where in source.stanzas("format", _FORMAT):
        part = stanza.get("part", "line")
        if part not in _PARTS:
            raise CatalogueError(f"unknown part '{part}'", where=where, remedy=f"write one of {', '.join(_PARTS)}")
        if not stanza.get("name") or not stanza.get("text"):
            raise CatalogueError("a format needs name and text", where=where, remedy="add what is missing")
        kind = stanza.get("kind")
        if kind is not None:
            _known_kind(kind, kinds, where)
        pattern = compiled(stanza["text"], HEADER, where)
        for choice in _PARTS[part]:
            if not set(choice) & set(pattern.fields):
                raise CatalogueError(f"a {part} lacks {' or '.join(choice)}", where=where, remedy="add the field")
        yield Format(stanza["name"], part, pattern, kind, examples_of(source, stanza, where, examples, HEADER), where)


def _messages(source: Source, kinds: Mapping[str, KindEntry]) -> Iterator[Message]:
    examples = iter(source.lines_of("message.example"))
    for stanza, where in source.stanzas("message", _MESSAGE):
        kind = stanza.get("kind")
        _known_kind(kind, kinds, where)
        constants = dict(stanza.get("set", {}))
        for name, value in constants.items():
            known_field(name, value, where)
        for name in stanza.get("tail", ()):
            if name not in TAIL:
                raise CatalogueError(
                    f"unknown tail fact '{name}'", where=where, remedy="see TAIL in logtrace/domain/columns.py"
                )
        patterns = tuple(findable(compiled(text, _PATTERNS, where), where) for text in texts_of(stanza, where))
        yield Message(
            kind=str(kind),
            daemons=frozenset(codes.DAEMON_NAMES.get(name, name) for name in listed(stanza.get("daemon", ()))),
            patterns=patterns,
            tail=tuple(stanza.get("tail", ())),
            constants=constants,
            examples=examples_of(source, stanza, where, examples, FIELDS),
            where=where,
            unseen=bool(stanza.get("unseen", False)),
            since=_release(stanza, "since", where),
            until=_release(stanza, "until", where),
        )


def _reasons(source: Source, kinds: Mapping[str, KindEntry]) -> Iterator[Reason]:
    examples = iter(source.lines_of("reason.example"))
    for stanza, where in source.stanzas("reason", _REASON):
        why = stanza.get("why")
        if why not in set(Why):
            raise CatalogueError(
                f"unknown class '{why}'", where=where, remedy="use one of logtrace/domain/reasons.py or add it there"
            )
        for kind in listed(stanza.get("kind", ())):
            _known_kind(kind, kinds, where)
        if not stanza.get("kind") and not (stanza.get("meaning") and stanza.get("remedy")):
            raise CatalogueError(
                "what an agent gives as its reason needs meaning and remedy", where=where, remedy="add what is missing"
            )
        yield Reason(
            why=Why(why),
            kinds=frozenset(listed(stanza.get("kind", ())) or (kind.name for kind in kinds.values() if kind.agent)),
            agents=frozenset(listed(stanza.get("agent", ()))),
            patterns=tuple(findable(compiled(text, _PATTERNS, where), where) for text in texts_of(stanza, where)),
            meaning=stanza.get("meaning", ""),
            remedy=stanza.get("remedy", ""),
            examples=examples_of(source, stanza, where, examples, FIELDS),
            where=where,
            unseen=bool(stanza.get("unseen", False)),
        )


def _noise(path: Path) -> Iterator[Noise]:
    if not path.exists():  # a folder may have none
        return
    for stanza, where in read(path).stanzas("noise", _NOISE):
        texts, examples = listed(stanza.get("text", ())), listed(stanza.get("example", ()))
        if not all(texts) or not texts or not examples:
            raise CatalogueError("noise needs text and example", where=where, remedy="add what is missing")
        yield Noise(tuple(texts), tuple(examples), where)


def _release(stanza: Mapping[str, Any], key: str, where: str) -> str | None:
    release = stanza.get(key)
    if release is not None and not (isinstance(release, str) and re.fullmatch(r"\d+(?:\.\d+)+", release)):
        raise CatalogueError(f"{key} is {release!r}", where=where, remedy='write a release, such as "2.1.5"')
    return release


def _known_kind(kind: object, kinds: Mapping[str, KindEntry], where: str) -> None:
    if kind not in kinds:
        raise CatalogueError(
            f"unknown kind '{kind}'", where=where, remedy="use one of parsers/kinds.toml or add it there"
        )
