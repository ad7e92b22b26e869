"""Names out, pseudonyms in: one way to every text and column of a case that may hold a name, and a copy with others."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import fields
from enum import Enum
from fnmatch import fnmatch
from typing import Any, Final, TypeVar

import polars as pl
from msgspec import Struct, field
from msgspec.structs import replace

from logtrace.events.store import Events
from logtrace.report.case import Case, Cause, Evidence, Frames, Incident

T = TypeVar("T")

#: Stands for an underscore while a text is searched, and for a name while it is taken apart.
_ASIDE, _HOLE = "\x1f", "\x1e"  # ASCII: word boundaries in other text are slow to find
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


def aside(texts: pl.Series) -> pl.Series:
    """`texts` as the patterns of this package want them: without underscores, and without the signs used here."""
    free = texts.str.replace_all(f"[{_ASIDE}{_HOLE}]", "\ufffd")
    return free.str.replace_all("_", _ASIDE, literal=True)


def restored(text: str) -> str:
    """What `aside` put aside, put back."""
    return text.replace(_ASIDE, "_")


class Redaction(Struct, frozen=True):
    """What is replaced by what.

    `pattern` finds names (in texts put `aside`); `pseudonyms` gives for each find what stands in its place;
    `mapping` tells the same to a person: kind -> name -> pseudonym.
    """

    pattern: str
    pseudonyms: dict[str, str]
    mapping: dict[str, dict[str, str]] = field(default_factory=dict)

    def column(self, texts: pl.Series) -> pl.Series:
        """`texts` with every name replaced; nulls stay."""
        once = texts.drop_nulls().unique()
        changed = self._replaced(once)
        differ = once != changed
        return texts.replace(once.filter(differ), changed.filter(differ)) if differ.any() else texts

    def text(self, text: str) -> str:
        """`text` with every name replaced."""
        return str(self._replaced(pl.Series([decodable(text)], dtype=pl.String))[0])

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
        """The same for texts without nulls: cut at every name, and put together again with the pseudonyms."""
        held = aside(texts)
        hit = held.str.contains(self.pattern)
        if not hit.any():
            return texts
        held = held.filter(hit)
        found = held.str.extract_all(self.pattern).list.concat(pl.Series([[""]]))
        pieces = pl.DataFrame(
            {
                "row": pl.int_range(held.len(), eager=True),
                "piece": held.str.replace_all(self.pattern, _HOLE).str.split(_HOLE),
                "name": found,
            }
        ).explode("piece", "name")
        names = pl.col("name").replace_strict({**self.pseudonyms, "": ""}, default=_UNKNOWN, return_dtype=pl.String)
        whole = pieces.group_by("row", maintain_order=True).agg(
            pl.concat_str("piece", names).str.join("").str.replace_all(_ASIDE, "_", literal=True)
        )
        return texts.clone().scatter(hit.arg_true(), whole["piece"])  # scatter changes what it is called on


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
