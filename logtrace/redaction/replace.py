"""Names out, pseudonyms in: one way to every text and column of a case that may hold a name, and a copy with others."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from enum import Enum
from fnmatch import fnmatch
from typing import Any, Final, Protocol, TypeVar

import polars as pl
from msgspec import Struct
from msgspec.structs import replace

from logtrace.events.store import Events
from logtrace.redaction.patterns import IP, MAC, WORD
from logtrace.report.case import Case, Cause, Evidence, Frames, Incident

T = TypeVar("T")

#: Stands for an underscore while a text is searched; ASCII, for word boundaries in other text are slow to find.
_UNDERSCORE: Final = "\x1f"
_UNKNOWN = "redacted"

#: Fields that hold words of logtrace, Pacemaker or an agent's maker, never a name of a site.
_CODES: Final = re.compile(
    "label|severity|trigger|root_cause|contributing|kind|operation|status|first_error|sha256|klass|provider|type"
)
_CODES_OF: Final = {(Incident, "id"), (Evidence, "id"), (Cause, "evidence")}
#: Columns of frames of the same sort.
_VOCABULARY: Final = re.compile(
    "kind|level|format|daemon|agent|operation|verb|cib_op|fence_action|rc_text|expected|status|outcome|state|old_state"
    "|input|cause|why"
)
#: Dictionaries of text whose keys are names; the keys of others are attributes.
_NAMED: Final = frozenset(("nodes", "addresses"))


#: What a name stands for: kinds and names, joined by dots in the text; nothing for what may stay.
Meaning = tuple[tuple[str, str], ...]

_ADDRESS: Final = f"{MAC}|{IP}"
#: Words that may hold a name: others, which are most, are numbers.
_LETTER: Final = r"[^\W\d]|[0-9]{8}|(?:[0-9]+[-\x1f]){3}"
#: Texts that are taken apart at once.
_TOGETHER: Final = 200_000


class Names(Protocol):
    """What is known of names, see logtrace.redaction.pseudonyms.Dictionary."""

    @property
    def odd(self) -> Mapping[str, str]: ...
    def of_address(self, find: str) -> Meaning: ...
    def parts(self, word: str) -> list[str | Meaning]: ...


def addresses_in(texts: pl.Series) -> list[str]:
    """Everything in `texts` that looks like an address, once."""
    return [restored(each) for each in _each(_aside(texts), _ADDRESS)]


def words_in(texts: pl.Series) -> list[str]:
    """Every word in what is left of `texts` without addresses that may hold a name, once."""
    found = [_each(_taken_apart(_aside(part), _ADDRESS)["between"].unique(), WORD) for part in _parts(texts)]
    words = pl.concat(found or [pl.Series(dtype=pl.String)]).unique()
    return [restored(each) for each in words.filter(words.str.contains(_LETTER)).sort()]


def _each(texts: pl.Series, pattern: str) -> pl.Series:
    """What `pattern` finds in `texts`, once, in order."""
    return texts.str.extract_all(pattern).explode().drop_nulls().unique().sort()


def _taken_apart(texts: pl.Series, pattern: str) -> pl.DataFrame:
    """`texts` as rows of what stands before a find of `pattern`, and the find ("" for the last): row, between, find."""
    frame = pl.DataFrame({"text": texts}).with_row_index("row")
    finds = pl.col("text").str.extract_all(pattern).list.concat(pl.Series([[""]]))
    return frame.select("row", between=pl.col("text").str.split(pattern, literal=False), find=finds).explode(
        "between", "find"
    )


def _put_together(pieces: pl.DataFrame) -> pl.Series:
    """The reverse."""
    return pieces.group_by("row", maintain_order=True).agg(pl.concat_str("between", "find").str.join(""))["between"]


def _parts(texts: pl.Series) -> Iterator[pl.Series]:
    return (texts.slice(start, _TOGETHER) for start in range(0, len(texts), _TOGETHER))


def _aside(texts: pl.Series) -> pl.Series:
    r"""`texts` as the patterns want them: without underscores, which `\b` takes for letters."""
    return texts.str.replace_many({_UNDERSCORE: "\ufffd", "_": _UNDERSCORE})


def restored(text: str) -> str:
    """A text with the underscores that were put aside."""
    return text.replace(_UNDERSCORE, "_")


class Redaction(Struct, frozen=True):
    """What is replaced by what.

    `folders`: what is taken away where a path begins with it; `names`: which names there are; `pseudonyms`: kind and
    name -> what stands in its place.
    """

    folders: frozenset[str]
    names: Names
    pseudonyms: dict[tuple[str, str], str]

    @property
    def mapping(self) -> dict[str, dict[str, str]]:
        """The same for a person: kind -> name -> pseudonym."""
        told: dict[str, dict[str, str]] = {}
        for (kind, name), pseudonym in self.pseudonyms.items():
            told.setdefault(kind, {})[name] = pseudonym
        return told

    def column(self, texts: pl.Series) -> pl.Series:
        """`texts` with every name replaced; nulls stay."""
        once = texts.drop_nulls().unique()
        changed = self._replaced(once)
        differ = once != changed
        return texts.replace(once.filter(differ), changed.filter(differ)) if differ.any() else texts

    def text(self, text: str) -> str:
        """`text` with every name replaced."""
        return str(self._replaced(pl.Series([decodable(text)], dtype=pl.String))[0])

    def value(self, value: T) -> T:
        """`value` (structs, tuples, dictionaries) with every name replaced."""
        return mapped(value, self.text, self.column)

    def frame(self, frame: pl.DataFrame) -> pl.DataFrame:
        """`frame` (of events, with any of their columns) with every name replaced."""
        return mapped(frame, self.text, self.column)

    def case(self, case: Case) -> Case:
        """`case` with every name replaced, in frames and configuration too."""
        case = replace(case, window=replace(case.window, only=_spelled_out(case)))
        told = texts(case)
        known = dict(zip(told.to_list(), self._replaced(told).to_list(), strict=True))
        return mapped(case, lambda text: known[decodable(text)], self.column)

    def _replaced(self, texts: pl.Series) -> pl.Series:
        """The same for texts without nulls."""
        done = [self._without_names(self._without_folders(part)) for part in _parts(texts)]
        return pl.concat(done) if done else texts

    def _without_folders(self, texts: pl.Series) -> pl.Series:
        for folder in sorted(self.folders, key=len, reverse=True):
            texts = texts.str.replace_all(rf"(^|[^\w./~+-]){pl.escape_regex(folder)}", "${1}")
        return texts

    def _without_names(self, texts: pl.Series) -> pl.Series:
        """Addresses are cut out, and words of what is left; then all is put together again."""
        whole = {name: self._told(((kind, name),)) for name, kind in self.names.odd.items()}
        if whole:
            texts = texts.str.replace_many(dict(sorted(whole.items(), key=lambda one: -len(one[0]))), leftmost=True)
        pieces = _taken_apart(_aside(texts), _ADDRESS)
        finds = {find: self._told(told) for find in pieces["find"].unique() if (told := self.names.of_address(find))}
        between = self._without_words(pieces["between"])
        done = _put_together(pieces.with_columns(between, pl.col("find").replace(finds)))
        return done.str.replace_all(_UNDERSCORE, "_", literal=True)

    def _without_words(self, texts: pl.Series) -> pl.Series:
        found = _each(texts.unique(), WORD)
        told = {word: self._word(restored(word)) for word in found.filter(found.str.contains(_LETTER))}
        told = {word: new for word, new in told.items() if new != restored(word)}
        if not told:
            return texts
        rows = pl.DataFrame({"find": texts.str.extract_all(WORD)}).with_row_index("row").explode("find")
        hit = rows.filter(pl.col("find").is_in(list(told)))["row"].unique().sort()
        if hit.is_empty():
            return texts
        pieces = _taken_apart(texts[hit], WORD).with_columns(pl.col("find").replace(told))
        return texts.clone().scatter(hit, _put_together(pieces))  # scatter changes what it is called on

    def _word(self, word: str) -> str:
        return "".join(part if isinstance(part, str) else self._told(part) for part in self.names.parts(word))

    def _told(self, meaning: Meaning) -> str:
        """What stands for a name; of one that was never seen, that it is one."""
        pseudonyms = [self.pseudonyms.get(each) for each in meaning]
        return ".".join(each for each in pseudonyms if each) if all(pseudonyms) else _UNKNOWN


def _spelled_out(case: Case) -> tuple[str, ...]:
    """What the case was limited to, without globs: the beginning of a name would stay readable."""
    names = [node.name for node in case.cluster.nodes]
    names += sorted({name for incident in case.incidents for name in incident.resources})
    limits: list[str] = []
    for limit in case.window.only:
        limits += [name for name in names if fnmatch(name, limit)] if set(limit) & set("*?[") else [limit]
    return tuple(dict.fromkeys(limits))


# --- the way through -------------------------------------------------------------------------------------


def mapped(value: T, text: Callable[[str], str], column: Callable[[pl.Series], pl.Series]) -> T:
    """A copy of `value` (structs, tuples, dictionaries, frames) in which each text went through `text`, and each
    column of texts through `column`.
    """
    copy: T = _mapped(value, "", text, column)
    return copy


def _mapped(value: Any, name: str, text: Callable[[str], str], column: Callable[[pl.Series], pl.Series]) -> Any:
    if isinstance(value, str):
        return value if isinstance(value, Enum) else text(value)
    if isinstance(value, tuple):
        return tuple(_mapped(each, name, text, column) for each in value)
    if isinstance(value, dict):
        plain = name not in _NAMED and all(isinstance(each, str) for each in value.values())
        return {
            key if plain else _mapped(key, "", text, column): _mapped(each, "", text, column)
            for key, each in value.items()
        }
    if isinstance(value, pl.DataFrame):
        return value.with_columns(column(value[each]).alias(each) for each in _names(value.schema))
    if isinstance(value, Events):
        return value.changed(_names(value.schema), column)
    if isinstance(value, Struct):
        return type(value)(**{each: _field(value, each, text, column) for each in value.__struct_fields__})
    if isinstance(value, Frames):
        return Frames(**{each.name: _field(value, each.name, text, column) for each in fields(value)})
    return value


def _names(schema: Mapping[str, pl.DataType]) -> list[str]:
    """The columns that may hold names."""
    return [each for each, dtype in schema.items() if dtype == pl.String and _VOCABULARY.fullmatch(each) is None]


def _field(value: Any, name: str, text: Callable[[str], str], column: Callable[[pl.Series], pl.Series]) -> Any:
    held = getattr(value, name)
    return held if _CODES.fullmatch(name) or (type(value), name) in _CODES_OF else _mapped(held, name, text, column)


def texts(value: object) -> pl.Series:
    """Every text in `value` that `mapped` would change, once."""
    found: set[str] = set()
    columns: list[pl.Series] = []

    def keep(text: str) -> str:
        found.add(text)
        return text

    def keep_column(column: pl.Series) -> pl.Series:
        columns.append(column.drop_nulls().unique().alias(""))
        return column

    mapped(value, keep, keep_column)
    return pl.concat([pl.Series(values=sorted(map(decodable, found)), dtype=pl.String), *columns]).unique()


def decodable(text: str) -> str:
    """`text` without the lone surrogates that stand for undecodable bytes of a file name; no column takes them."""
    return text.encode("utf-8", "backslashreplace").decode()
