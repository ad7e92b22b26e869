"""Incidents as frames, for whoever goes on with them in Python: a row for each incident, phase or judged cause.

Each column is the attribute of the same name of logtrace.report.case.Incident, of its phases and of its causes;
`incident` is the id of the incident a phase or cause belongs to. Times are in UTC, durations are seconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import Enum
from html import escape
from typing import Any, Final

import polars as pl

Schema = Mapping[str, pl.DataType | type[pl.DataType]]

_TIME: Final = pl.Datetime("us", "UTC")
_NAMES: Final = pl.List(pl.String)

INCIDENTS: Final[Schema] = {
    "id": pl.String,
    "kind": pl.String,
    "root_cause": pl.String,
    "trigger": pl.String,
    "contributing": _NAMES,
    "confidence": pl.Float64,
    "title": pl.String,
    "nodes": _NAMES,
    "resources": _NAMES,
    "t_fault_earliest": _TIME,
    "t_fault": _TIME,
    "t_detected": _TIME,
    "t_decided": _TIME,
    "t_acted": _TIME,
    "t_recovered": _TIME,
    "t_end": _TIME,
    "recovered": pl.Boolean,
    "outage": pl.Float64,
    "outage_max": pl.Float64,
}
PHASES: Final[Schema] = {
    "incident": pl.String,
    "name": pl.String,
    "start": _TIME,
    "end": _TIME,
    "seconds": pl.Float64,
    "what": pl.String,
}
CAUSES: Final[Schema] = {
    "incident": pl.String,
    "label": pl.String,
    "verdict": pl.String,
    "weight": pl.Float64,
    "sentence": pl.String,
}

#: Columns a notebook shows.
_SHOWN: Final = ("id", "kind", "root_cause", "t_detected", "outage", "title")


def incidents(told: Iterable[Any]) -> pl.DataFrame:
    """One row for each incident, with the columns of INCIDENTS."""
    return _frame(INCIDENTS, ([getattr(one, name) for name in INCIDENTS] for one in told))


def phases(told: Iterable[Any]) -> pl.DataFrame:
    """One row for each phase of each incident, in order of time, with the columns of PHASES."""
    return _parts(PHASES, told, "phases")


def causes(told: Iterable[Any]) -> pl.DataFrame:
    """One row for each cause that was judged of each incident, with the columns of CAUSES."""
    return _parts(CAUSES, told, "causes")


def html(caption: str, told: Iterable[Any]) -> str:
    """The incidents as a table of HTML below `caption`. All of it is taken to come from a stranger's log."""
    frame = incidents(told).select(_SHOWN)
    head = "".join(f"<th>{name}</th>" for name in frame.columns)
    rows = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in frame.iter_rows())
    return f"<table><caption>{_text(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _parts(schema: Schema, told: Iterable[Any], of: str) -> pl.DataFrame:
    _, *names = schema
    return _frame(
        schema, ([one.id, *(getattr(part, name) for name in names)] for one in told for part in getattr(one, of))
    )


def _frame(schema: Schema, rows: Iterable[Sequence[Any]]) -> pl.DataFrame:
    plain = [[_plain(value) for value in row] for row in rows]
    return pl.DataFrame(plain, schema=dict(schema), orient="row")


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    return list(value) if isinstance(value, tuple) else value


def _cell(value: Any) -> str:
    if isinstance(value, datetime):
        value = f"{value:%Y-%m-%d %H:%M:%S}"
    return f"<td>{'' if value is None else _text(f'{value:g}' if isinstance(value, float) else str(value))}</td>"


def _text(text: str) -> str:
    """Escaped, and without characters that show nothing and may turn the direction of what follows."""
    return escape("".join(char if char.isprintable() else "\ufffd" for char in text))
