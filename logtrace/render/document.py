"""A case as JSON, and the schema of it: both made from the types of logtrace.report.case.

Times are ISO-8601 in UTC with milliseconds and `Z`, durations seconds rounded to milliseconds, unknown is null.
Everything outside ASCII is escaped, so that nothing a log holds can act on a terminal the document is printed to.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from enum import Enum
from functools import cache, lru_cache, reduce
from operator import attrgetter, or_
from typing import Annotated, Any, Final, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta, Struct

from logtrace.report.case import Case, Cause
from logtrace.version import VERSION

SCHEMA_VERSION: Final = 1

Json = dict[str, Any]

_BEYOND_ASCII: Final = re.compile(r"[^\x00-\x7f]+")

#: What stands before the fields of the case.
HEAD: Final[dict[str, tuple[Any, Json]]] = {
    "schema_version": (
        SCHEMA_VERSION,
        {
            "const": SCHEMA_VERSION,
            "description": "Version of this document's form; it may grow within a version, nothing changes meaning.",
        },
    ),
    "logtrace": (VERSION, {"type": "string", "description": "Version of the program that wrote the document."}),
}
_TIME: Final = Annotated[
    str,
    Meta(description="ISO-8601, UTC, milliseconds.", pattern=r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$"),
]


def render(case: Case) -> str:
    """The document as text, indented, ASCII only, with a final line end."""
    # json takes six times as long to write and ten to indent; msgspec alone does not escape
    text = msgspec.json.encode(to_dict(case)).decode()
    if not text.isascii():
        text = _BEYOND_ASCII.sub(lambda found: json.dumps(found[0])[1:-1], text)
    return msgspec.json.format(text.replace("\x7f", r"\u007f"), indent=2) + "\n"


def line(case: Case) -> str:
    """The same document as one line, for files that hold one in each line."""
    return json.dumps(to_dict(case), allow_nan=False) + "\n"


def incidents(case: Case) -> str:
    """Each incident as one line, as the document has it, behind the version of its form and the name of the case."""
    head = {"schema_version": SCHEMA_VERSION, "case": plain(case.name)}
    return "".join(json.dumps(head | plain(each), allow_nan=False) + "\n" for each in case.incidents)


def to_dict(case: Case) -> Json:
    """The document as plain values, keys in the order of the contract; keys beyond it stand last."""
    told: Json = {key: value for key, (value, _) in HEAD.items()}
    told |= plain(case)
    return told


def schema() -> str:
    """The JSON Schema (draft 2020-12) of the document."""
    title = f"logtrace case, schema_version {SCHEMA_VERSION}"
    return schema_of(Case, f"urn:logtrace:case:{SCHEMA_VERSION}", title, HEAD)


def schema_of(kind: type[Struct], name: str, title: str, head: Mapping[str, tuple[Any, Json]]) -> str:
    """The JSON Schema of a struct of the model as `plain` tells it, with the fields of `head` before its own."""
    (_, kinds) = msgspec.json.schema_components([_form(kind)], ref_template="#/$defs/{name}")
    root = kinds.pop(kind.__name__)
    told = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": name,
        "title": title,
        "description": f"{root['description']} Times are ISO-8601 in UTC with milliseconds and Z; durations are "
        "seconds; unknown is null.",
        "type": "object",
        "properties": {key: about for key, (_, about) in head.items()} | root["properties"],
        "required": [*head, *root["required"]],
        "additionalProperties": False,
        "$defs": kinds,
    }
    return json.dumps(_in_lines(told), indent=2) + "\n"


def plain(value: Any) -> Any:
    """Any value of the model as JSON has it: structs with the keys the document tells, times and numbers in form.
    Nothing in it may be changed, for parts that are alike may be one.
    """
    return _PLAIN[type(value)](value)


def _text(value: str) -> str:
    # a file's name may hold lone surrogates for its undecodable bytes; no JSON reader takes them
    return value if value.isascii() else value.encode("utf-8", "backslashreplace").decode()


def _as_it_is(value: Any) -> Any:
    return value


def _number(value: float) -> float | None:
    return round(value, 3) if math.isfinite(value) else None


def _time(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def _list(value: Iterable[Any]) -> list[Any]:
    return [_PLAIN[type(each)](each) for each in value]


def _dict(value: Mapping[str, Any]) -> Json:
    return {key: _PLAIN[type(each)](each) for key, each in value.items()}


def _struct(kind: type[Struct]) -> Callable[[Any], Json]:
    keys, names = zip(*((key, name) for key, name, _ in _entries(kind)), strict=True)
    values = attrgetter(*names) if len(names) > 1 else lambda value: (getattr(value, names[0]),)
    return lambda value: {key: _PLAIN[type(each)](each) for key, each in zip(keys, values(value), strict=True)}


class _Plain(dict[type, Callable[[Any], Any]]):
    """By type how `plain` tells a value; of millions of values in a storm's document, few types occur."""

    def __missing__(self, kind: type) -> Callable[[Any], Any]:
        if issubclass(kind, Struct):
            told = _struct(kind)
            # in thousands of incidents most causes are ruled out in the same words
            return self.setdefault(kind, lru_cache(maxsize=1024)(told) if kind is Cause else told)
        if issubclass(kind, Enum):
            return self.setdefault(kind, attrgetter("_value_"))
        return self.setdefault(kind, _dict if issubclass(kind, dict) else _list)


_PLAIN: Final = _Plain({
    str: _text, int: _as_it_is, bool: _as_it_is, type(None): _as_it_is, float: _number, datetime: _time,
})  # fmt: skip


@cache
def _entries(kind: type[Struct]) -> tuple[tuple[str, str, Any], ...]:
    """(key, attribute, annotated type) of what the document tells of a type, in its order."""
    hints = get_type_hints(kind, include_extras=True)
    listed = [
        (key, name, hints[name])
        for key, name in zip(kind.__struct_encode_fields__, kind.__struct_fields__, strict=True)
        if not _marks(hints[name]).get("internal")
    ]
    for name, each in vars(kind).items():
        if isinstance(each, property) and each.fget is not None:
            hint = get_type_hints(each.fget, include_extras=True).get("return")
            if get_origin(hint) is Annotated:
                listed.append((_marks(hint).get("name", name), name, hint))
    for entry in [entry for entry in listed if "after" in _marks(entry[2])]:
        listed.remove(entry)
        behind = _marks(entry[2])["after"]
        listed.insert(next((place + 1 for place, (key, *_) in enumerate(listed) if key == behind), 0), entry)
    return tuple(listed)


def _marks(hint: Any) -> Json:
    """The `extra` of the Meta of an annotated type."""
    metas = [each for each in getattr(hint, "__metadata__", ()) if isinstance(each, Meta)]
    return {key: value for meta in metas for key, value in (meta.extra or {}).items()}


@cache
def _form(kind: type[Struct]) -> type[Struct]:
    """A struct of just what the document tells of `kind`, all of it required: what the schema is made from."""
    entries = _entries(kind)
    return msgspec.defstruct(
        kind.__name__,
        [(name, _formed(hint)) for _, name, hint in entries],
        rename={name: key for key, name, _ in entries},
        namespace={"__doc__": " ".join((kind.__doc__ or "").split("\n\n")[0].split())},
        forbid_unknown_fields=True,
    )


def _formed(hint: Any) -> Any:
    """A type in which each struct and each time is replaced by its form."""
    if isinstance(hint, type) and issubclass(hint, Struct):
        return _form(hint)
    if hint is datetime:
        return _TIME
    origin, parts = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return Annotated[(_formed(parts[0]), *hint.__metadata__)]
    if not parts:
        return hint
    if origin in (tuple, dict):
        return origin[tuple(_formed(part) for part in parts)]
    return reduce(or_, map(_formed, parts))


def _in_lines(told: Any) -> Any:
    """The schema with each description in a line."""
    if isinstance(told, dict):
        known = {key: _in_lines(value) for key, value in told.items()}
        return known | ({"description": " ".join(told["description"].split())} if "description" in told else {})
    return [_in_lines(each) for each in told] if isinstance(told, list) else told
