"""A TOML file of parsers/ with the line numbers of its stanzas, and the mistakes that any stanza can have."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from logtrace.catalogue.model import Example
from logtrace.catalogue.template import Pattern, TemplateError, compile_template
from logtrace.domain.columns import FIELDS
from logtrace.errors import CatalogueError

_EXAMPLE_KEYS = frozenset({"line", "fields"})


class Source(Struct, frozen=True):
    """A parsed file. The parser of TOML does not tell where a table stands; the text does."""

    path: str
    text: str
    table: dict[str, Any]

    def where(self, line: int) -> str:
        """`file:line`, as it stands in messages."""
        return f"{self.path}:{line}"

    def stanzas(self, name: str, keys: frozenset[str]) -> Iterator[tuple[dict[str, Any], str]]:
        """Each `[[name]]` stanza with where it stands. Raises CatalogueError for a key that is none of `keys`."""
        for stanza, line in zip(self.table.get(name, []), self.lines_of(name), strict=False):
            known_keys(stanza, keys, self.where(line))
            yield stanza, self.where(line)

    def lines_of(self, name: str) -> list[int]:
        """The number of each line that opens a `[[name]]`."""
        header = re.compile(rf"^[ \t]*\[\[[ \t]*{re.escape(name)}[ \t]*\]\]", re.MULTILINE)
        return [self.text.count("\n", 0, match.start()) + 1 for match in header.finditer(self.text)]


def read(path: Path) -> Source:
    """The file at `path`. Raises CatalogueError where it is missing, not UTF-8 or not TOML."""
    import tomllib  # where the compiled catalogue is kept, nothing needs it

    name = "/".join(path.parts[-2:] if path.stem in {"kinds", "noise"} else path.parts[-3:])
    try:
        text = path.read_text(encoding="utf-8")
        return Source(name, text, tomllib.loads(text))
    except FileNotFoundError:
        raise CatalogueError("the file is missing", where=name, remedy="reinstall logtrace or restore it") from None
    except UnicodeDecodeError:
        raise CatalogueError("the file is not UTF-8", where=name, remedy="save it as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"at line (\d+)", str(error))
        where = f"{name}:{found[1]}" if found else name
        raise CatalogueError(f"not TOML: {error}", where=where, remedy="correct the syntax there") from None


def read_all(folder: Path) -> Iterator[Source]:
    """The files of a folder such as messages/, by name. Each holds stanzas of the folder's name without the s."""
    stanza = folder.name[:-1]
    for path in sorted(folder.glob("*.toml")):
        source = read(path)
        unknown = set(source.table) - {stanza}
        if unknown:
            raise CatalogueError(
                f"'{min(unknown)}' means nothing here",
                where=source.path,
                remedy=f"every stanza starts with [[{stanza}]]",
            )
        yield source


def known_keys(stanza: Mapping[str, Any], keys: frozenset[str], where: str) -> None:
    """Raises CatalogueError for a key that is none of `keys`."""
    unknown = set(stanza) - keys
    if unknown:
        raise CatalogueError(
            f"unknown key '{min(unknown)}'", where=where, remedy=f"write one of {', '.join(sorted(keys))}"
        )


def known_field(name: str, value: object, where: str) -> None:
    """Raises CatalogueError unless `name` is a field of events and `value` of its type."""
    if name not in FIELDS:
        raise CatalogueError(
            f"unknown field '{name}'", where=where, remedy="the names are those of logtrace/domain/columns.py"
        )
    numeric = FIELDS[name].dtype.is_numeric()
    if isinstance(value, bool) or numeric != isinstance(value, int | float):
        wanted = "a number" if numeric else "a string"
        raise CatalogueError(f"field '{name}' is {value!r}", where=where, remedy=f"write {wanted}")


def listed(value: str | list[str] | tuple[str, ...]) -> list[str]:
    """A text or a list of them, as a list."""
    return [value] if isinstance(value, str) else list(value)


def texts_of(stanza: Mapping[str, Any], where: str) -> list[str]:
    """The templates of a stanza; at least one."""
    texts = listed(stanza.get("text", ()))
    if not texts:
        raise CatalogueError("a message needs text", where=where, remedy='add text = "the words of the daemon"')
    return texts


def compiled(text: str, patterns: Mapping[str, str], where: str) -> Pattern:
    """The template `text`, or what is wrong with it as a CatalogueError."""
    try:
        return compile_template(text, patterns)
    except TemplateError as error:
        problem, _, remedy = str(error).partition("; ")
        raise CatalogueError(f"{problem} in {text!r}", where=where, remedy=remedy or None) from None


def findable(pattern: Pattern, where: str) -> Pattern:
    """`pattern`, which must have a word by which its lines can be sifted."""
    if not pattern.literals:
        raise CatalogueError(
            f"no word outside of fields and brackets in {pattern.template!r}",
            where=where,
            remedy="write words that every such line contains",
        )
    return pattern


def examples_of(
    source: Source, stanza: Mapping[str, Any], where: str, lines: Iterator[int], fields: Mapping[str, object]
) -> tuple[Example, ...]:
    """The examples of a stanza; `lines` gives where each stands, `fields` the names it may state."""
    given = stanza.get("example", [])
    if not given:
        raise CatalogueError(
            "no example", where=where, remedy="add an example with its line and the fields it must give"
        )
    examples = []
    for example in given:
        here = source.where(next(lines, 0))
        known_keys(example, _EXAMPLE_KEYS, here)
        if not isinstance(example.get("line"), str) or not isinstance(example.get("fields"), dict):
            raise CatalogueError("an example needs line and fields", where=here, remedy="add what is missing")
        for name, value in example["fields"].items():
            if name not in fields:
                raise CatalogueError(
                    f"unknown field '{name}'", where=here, remedy="the names are those of logtrace/domain/columns.py"
                )
            if fields is FIELDS:
                known_field(name, value, here)
        examples.append(Example(example["line"], example["fields"], here))
    return tuple(examples)
