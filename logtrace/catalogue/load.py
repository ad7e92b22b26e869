"""Read parsers/ (kinds.toml, noise.toml, formats/, messages/) into a Catalogue, or say where a contributor erred."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from logtrace import data
from logtrace.catalogue import compiled
from logtrace.catalogue.model import Catalogue, Example, Format, KindEntry, Message, Noise
from logtrace.catalogue.template import Pattern, TemplateError, compile_template
from logtrace.domain import codes
from logtrace.domain.columns import FIELDS, TAIL
from logtrace.domain.kinds import Kind
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
#: What formats may say beside the text, and what messages may.
_FORMAT_KEYS: Final = {"name", "part", "text", "kind", "example"}
_MESSAGE_KEYS: Final = {"kind", "daemon", "text", "tail", "set", "since", "until", "unseen", "note", "example"}
_NOISE_KEYS: Final = {"text", "example"}
_EXAMPLE_KEYS: Final = {"line", "fields", "daemon"}
#: The parts of a line a format can be of, and the fields it must have there; one of each group.
_PARTS: Final[Mapping[str, tuple[tuple[str, ...], ...]]] = {
    "line": (("month", "date"), ("time",), ("message",)),
    "carrier": (("month", "date"), ("time",), ("payload",)),
    "payload": (("daemon", "agent"), ("message",)),
}
_FIELD_PATTERNS: Final = {name: field.pattern for name, field in FIELDS.items()}


def load(folder: Path | None = None) -> Catalogue:
    """The catalogue in `folder` (default: the one that comes with logtrace), read once. Raises CatalogueError."""
    return _load(folder.resolve()) if folder else _own()


@cache
def _own() -> Catalogue:
    """The catalogue that comes with logtrace; compiling it takes longer than reading it once it is."""
    folder = data.folder("parsers").resolve()
    place = data.beside("parsers")
    if place is None:
        return _load(folder)
    key = compiled.key(folder)
    known = compiled.read(place, key)
    if known is None:
        known = _load(folder)
        _same_kinds(known, folder)
        compiled.write(place, key, known)
    return known


def _same_kinds(known: Catalogue, folder: Path) -> None:
    """Whether code and catalogue have the same kinds: a kind that is asked for and cannot be is an error."""
    for name in sorted(set(known.kinds) ^ set(Kind)):
        place = "logtrace/domain/kinds.py" if name in known.kinds else folder / "kinds.toml"
        raise CatalogueError(f"kind '{name}' is missing here", where=str(place), remedy="name it in both places")


@lru_cache(maxsize=8)
def _load(folder: Path) -> Catalogue:
    kinds = _kinds(folder / "kinds.toml")
    formats = [fmt for source in _sources(folder / "formats") for fmt in _formats(source, kinds)]
    messages = [message for source in _sources(folder / "messages") for message in _messages(source, kinds)]
    names = [fmt.name for fmt in formats]
    for fmt in formats:
        if names.count(fmt.name) > 1:
            raise CatalogueError(f"two formats are called '{fmt.name}'", where=fmt.where, remedy="rename one")
    return Catalogue(kinds, tuple(formats), tuple(messages), tuple(_noise(folder / "noise.toml")))


class _Source(Struct, frozen=True):
    """A parsed TOML file, with the line numbers of its stanzas, which the parser does not tell."""

    path: str
    text: str
    table: dict[str, Any]

    def where(self, line: int) -> str:
        return f"{self.path}:{line}"

    def stanzas(self, name: str) -> Iterator[tuple[dict[str, Any], int]]:
        """Each `[[name]]` stanza with its line number."""
        yield from zip(self.table.get(name, []), self.lines_of(name), strict=False)

    def lines_of(self, name: str) -> list[int]:
        header = re.compile(rf"^[ \t]*\[\[[ \t]*{re.escape(name)}[ \t]*\]\]", re.MULTILINE)
        return [self.text.count("\n", 0, match.start()) + 1 for match in header.finditer(self.text)]


def _read(path: Path) -> _Source:
    name = "/".join(path.parts[-3:] if path.parent.name in {"formats", "messages"} else path.parts[-2:])
    try:
        text = path.read_text(encoding="utf-8")
        return _Source(name, text, tomllib.loads(text))
    except FileNotFoundError:
        raise CatalogueError("the file is missing", where=name, remedy="reinstall logtrace or restore it") from None
    except UnicodeDecodeError:
        raise CatalogueError("the file is not UTF-8", where=name, remedy="save it as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"at line (\d+)", str(error))
        where = f"{name}:{found[1]}" if found else name
        raise CatalogueError(f"not TOML: {error}", where=where, remedy="correct the syntax there") from None


def _sources(folder: Path) -> Iterator[_Source]:
    for path in sorted(folder.glob("*.toml")):
        source = _read(path)
        unknown = set(source.table) - {folder.name[:-1]}
        if unknown:
            raise CatalogueError(
                f"'{min(unknown)}' means nothing here",
                where=source.path,
                remedy=f"every stanza starts with [[{folder.name[:-1]}]]",
            )
        yield source


def _kinds(path: Path) -> dict[str, KindEntry]:
    source = _read(path)
    kinds = {}
    for name, entry in source.table.items():
        if not isinstance(entry, dict) or not entry.get("meaning"):
            raise CatalogueError(f"kind '{name}' has no meaning", where=source.path, remedy='add meaning = "..."')
        kinds[name] = KindEntry(name, entry["meaning"], tuple(entry.get("fields", ())))
    return kinds


def _formats(source: _Source, kinds: Mapping[str, KindEntry]) -> Iterator[Format]:
    examples = iter(source.lines_of("format.example"))
    for stanza, line in source.stanzas("format"):
        where = source.where(line)
        _known(stanza, _FORMAT_KEYS, where)
        part = stanza.get("part", "line")
        if part not in _PARTS:
            raise CatalogueError(f"unknown part '{part}'", where=where, remedy=f"write one of {', '.join(_PARTS)}")
        if not stanza.get("name") or not stanza.get("text"):
            raise CatalogueError("a format needs name and text", where=where, remedy="add what is missing")
        kind = stanza.get("kind")
        if kind is not None:
            _known_kind(kind, kinds, where)
        pattern = _compile(stanza["text"], HEADER, where)
        for choice in _PARTS[part]:
            if not set(choice) & set(pattern.fields):
                raise CatalogueError(f"a {part} lacks {' or '.join(choice)}", where=where, remedy="add the field")
        yield Format(stanza["name"], part, pattern, kind, _examples(source, stanza, where, examples, HEADER), where)


def _messages(source: _Source, kinds: Mapping[str, KindEntry]) -> Iterator[Message]:
    examples = iter(source.lines_of("message.example"))
    for stanza, line in source.stanzas("message"):
        where = source.where(line)
        _known(stanza, _MESSAGE_KEYS, where)
        kind = stanza.get("kind")
        _known_kind(kind, kinds, where)
        constants = dict(stanza.get("set", {}))
        for name, value in constants.items():
            _known_field(name, value, where)
        for name in stanza.get("tail", ()):
            if name not in TAIL:
                raise CatalogueError(
                    f"unknown tail fact '{name}'", where=where, remedy="see TAIL in logtrace/domain/columns.py"
                )
        patterns = tuple(_findable(_compile(text, _FIELD_PATTERNS, where), where) for text in _texts(stanza, where))
        yield Message(
            kind=str(kind),
            daemons=frozenset(codes.DAEMON_NAMES.get(name, name) for name in _list(stanza.get("daemon", ()))),
            patterns=patterns,
            tail=tuple(stanza.get("tail", ())),
            constants=constants,
            examples=_examples(source, stanza, where, examples, FIELDS),
            where=where,
            unseen=bool(stanza.get("unseen", False)),
            since=_release(stanza, "since", where),
            until=_release(stanza, "until", where),
        )


def _noise(path: Path) -> Iterator[Noise]:
    if not path.exists():  # a folder may have none
        return
    source = _read(path)
    for stanza, line in source.stanzas("noise"):
        where = source.where(line)
        _known(stanza, _NOISE_KEYS, where)
        texts, examples = _list(stanza.get("text", ())), _list(stanza.get("example", ()))
        if not all(texts) or not texts or not examples:
            raise CatalogueError("noise needs text and example", where=where, remedy="add what is missing")
        yield Noise(tuple(texts), tuple(examples), where)


def _texts(stanza: Mapping[str, Any], where: str) -> list[str]:
    texts = _list(stanza.get("text", ()))
    if not texts:
        raise CatalogueError("a message needs text", where=where, remedy='add text = "the words of the daemon"')
    return texts


def _release(stanza: Mapping[str, Any], key: str, where: str) -> str | None:
    release = stanza.get(key)
    if release is not None and not (isinstance(release, str) and re.fullmatch(r"\d+(?:\.\d+)+", release)):
        raise CatalogueError(f"{key} is {release!r}", where=where, remedy='write a release, such as "2.1.5"')
    return release


def _list(value: str | list[str] | tuple[str, ...]) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def _known(stanza: Mapping[str, Any], keys: set[str], where: str) -> None:
    unknown = set(stanza) - keys
    if unknown:
        raise CatalogueError(
            f"unknown key '{min(unknown)}'", where=where, remedy=f"write one of {', '.join(sorted(keys))}"
        )


def _known_kind(kind: object, kinds: Mapping[str, KindEntry], where: str) -> None:
    if kind not in kinds:
        raise CatalogueError(
            f"unknown kind '{kind}'", where=where, remedy="use one of parsers/kinds.toml or add it there"
        )


def _known_field(name: str, value: object, where: str) -> None:
    if name not in FIELDS:
        raise CatalogueError(
            f"unknown field '{name}'", where=where, remedy="the names are those of logtrace/domain/columns.py"
        )
    numeric = FIELDS[name].dtype.is_numeric()
    if isinstance(value, bool) or numeric != isinstance(value, int | float):
        wanted = "a number" if numeric else "a string"
        raise CatalogueError(f"field '{name}' is {value!r}", where=where, remedy=f"write {wanted}")


def _compile(text: str, patterns: Mapping[str, str], where: str) -> Pattern:
    try:
        return compile_template(text, patterns)
    except TemplateError as error:
        problem, _, remedy = str(error).partition("; ")
        raise CatalogueError(f"{problem} in {text!r}", where=where, remedy=remedy or None) from None


def _findable(pattern: Pattern, where: str) -> Pattern:
    if not pattern.literals:
        raise CatalogueError(
            f"no word outside of fields and brackets in {pattern.template!r}",
            where=where,
            remedy="write words that every such line contains",
        )
    return pattern


def _examples(
    source: _Source, stanza: Mapping[str, Any], where: str, lines: Iterator[int], fields: Mapping[str, object]
) -> tuple[Example, ...]:
    given = stanza.get("example", [])
    if not given:
        raise CatalogueError(
            "no example", where=where, remedy="add an example with its line and the fields it must give"
        )
    examples = []
    for example in given:
        here = source.where(next(lines, 0))
        _known(example, _EXAMPLE_KEYS, here)
        if not isinstance(example.get("line"), str) or not isinstance(example.get("fields"), dict):
            raise CatalogueError("an example needs line and fields", where=here, remedy="add what is missing")
        for name, value in example["fields"].items():
            if name not in fields:
                raise CatalogueError(
                    f"unknown field '{name}'", where=here, remedy="the names are those of logtrace/domain/columns.py"
                )
            if fields is FIELDS:
                _known_field(name, value, here)
        examples.append(Example(example["line"], example["fields"], here))
    return tuple(examples)
