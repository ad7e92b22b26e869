"""One way through a case: every text and every column of text in it that may hold a name, and a copy with others."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import fields
from enum import Enum
from typing import Any, Final, TypeVar

import polars as pl
from msgspec import Struct

from logtrace.events.store import Events
from logtrace.report.case import Cause, Evidence, Frames, Incident

T = TypeVar("T")

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
