"""A comparison for the terminal, as JSON, and as a small page of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

from rich.text import Text

from logtrace.compare import Comparison, OperationChange, SettingChange, Side
from logtrace.compare.incidents import NOTABLE
from logtrace.render import document as documents
from logtrace.render import plain, sentences, words
from logtrace.render.limits import Some
from logtrace.render.terminal import columns, flow, plain_ascii, section, wrap
from logtrace.render.untrusted import shown
from logtrace.report.case import Incident, IncidentKind
from logtrace.version import VERSION

SCHEMA_VERSION: Final = 1
OPERATIONS: Final = 20  # rows in the terminal
CHANGES: Final = 30
MOST: Final = 400  # rows of a table of the page

#: What the JSON tells of an incident of either side.
_TOLD: Final = (
    "id", "kind", "title", "root_cause", "contributing", "outage", "recovered", "nodes", "resources",
)  # fmt: skip
_INDENT: Final = "  "
_FIELD: Final = 200


def verdict(comparison: Comparison) -> str:
    """The comparison in a sentence."""
    difference = comparison.difference
    if comparison.first.incident is None or comparison.second.incident is None:
        lacking = [side.name for side in (comparison.first, comparison.second) if side.incident is None]
        return f"No incident to compare in {words.listing([shown(name, 80) for name in lacking])}."
    if IncidentKind.PLANNED in (comparison.first.incident.kind, comparison.second.incident.kind):
        return "What was planned is no outage that could be compared."
    if difference is None:
        return "The outage of one of them is unknown."
    if abs(difference) < NOTABLE:
        return "Both took the same time, within half a second."
    return f"The second took {words.duration(abs(difference))} {'longer' if difference > 0 else 'less'}."


def signed(seconds: float) -> str:
    """A difference: "+3.1 s", "\N{MINUS SIGN}3.1 s", "=" for next to nothing."""
    return "=" if abs(seconds) < 0.005 else f"{'+' if seconds > 0 else ''}{words.duration(seconds)}"


def lasted(seconds: float | None) -> str:
    """Seconds in words; "-" where it did not happen."""
    return "-" if seconds is None else words.duration(seconds)


def lost(incident: Incident) -> str:
    """The outage of an incident, as the range it is known to lie in."""
    return words.spread(*(incident.outage_range or (None, None)))


def title(side: Side) -> str:
    """A side by its name and what its incident is."""
    incident = side.incident
    if incident is None:
        return f"{shown(side.name, 120)}: no incident"
    return f"{shown(side.name, 120)} {shown(incident.id, 8)}: {sentences.headline(incident)}"


# --- terminal -----------------------------------------------------------------------------------------


def render(comparison: Comparison, *, width: int = 80, symbols: bool = True) -> Text:
    """The comparison in lines of at most `width` cells (at least 40, at most 200); `symbols` False: ASCII."""
    text = Text("\n").join(_lines(comparison, min(max(width, 40), 200)))
    return text if symbols else plain_ascii(text)


def _lines(comparison: Comparison, width: int) -> Iterator[Text]:
    for name, side in (("before", comparison.first), ("after", comparison.second)):
        yield from wrap(Text(title(side), "bold"), f"{name:<8}", width)
        if side.incident is not None:
            yield from wrap(Text(shown(side.incident.title)), " " * 8, width)
            facts = [Text(sentences.outage(side.incident)), Text(" -> ".join(sentences.when(side.incident, None)))]
            yield from flow(facts, "  ", " " * 8, width)
    yield from wrap(Text(verdict(comparison), "bold"), "", width)
    for reason in comparison.reasons:
        yield from wrap(Text(shown(reason)), f"{_INDENT}- ", width)
    yield from section("phases", _phases(comparison, width))
    yield from section("operations (* on the critical path)", _operations(comparison.operations, width))
    yield from section("configuration", _changes(comparison.changes, width))


def _phases(comparison: Comparison, width: int) -> Iterator[Text]:
    if comparison.phases:
        rows = [
            (each.name.value, lasted(each.before), lasted(each.after), signed(each.difference))
            for each in comparison.phases
        ]
        styles = [_style(each.difference) for each in comparison.phases]
        if comparison.difference is not None:
            first, second = comparison.first.incident, comparison.second.incident
            assert first is not None
            assert second is not None
            rows.append(("outage", lost(first), lost(second), signed(comparison.difference)))
            styles.append("bold")
        heads = ("phase", "before", "after", "difference")
        yield from columns(heads, rows, styles, indent=_INDENT, width=width, flexible=(0,), right=(1, 2, 3))


def _operations(rows: Sequence[OperationChange], width: int) -> Iterator[Text]:
    if rows:
        some = rows[:OPERATIONS]
        cells = [
            ("*" if each.critical else "", each.resource, _named(each), lasted(each.before), lasted(each.after),
             signed(each.difference))
            for each in some
        ]  # fmt: skip
        heads = ("", "resource", "operation", "before", "after", "difference")
        styles = [_style(each.difference) for each in some]
        yield from columns(heads, cells, styles, indent=_INDENT, width=width, flexible=(2, 1), right=(3, 4, 5))
    if len(rows) > OPERATIONS:
        yield Text(f"{_INDENT}… {len(rows) - OPERATIONS} more")


def _named(row: OperationChange) -> str:
    again = max(row.runs_before, row.runs_after) > 1
    return f"{row.operation} ({row.runs_before}, {row.runs_after} runs)" if again else row.operation


def _changes(changes: Sequence[SettingChange], width: int) -> Iterator[Text]:
    for each in changes[:CHANGES]:
        subject = f"{shown(each.subject, 80)} {shown(each.what, 80)}".rstrip()
        yield from wrap(Text(f"{subject}: {value(each.before)} -> {value(each.after)}"), _INDENT, width)
    if len(changes) > CHANGES:
        yield Text(f"{_INDENT}… {len(changes) - CHANGES} more")
    if not changes:
        yield Text(f"{_INDENT}no difference")


def value(text: str | None) -> str:
    """A value of a setting; "none" where it is not set."""
    return "none" if text is None else shown(text, _FIELD)


def _style(difference: float) -> str:
    return "" if abs(difference) < NOTABLE else "red" if difference > 0 else "green"


# --- JSON ---------------------------------------------------------------------------------------------


def document(comparison: Comparison) -> str:
    """The comparison as JSON, ASCII only, with a final line end; durations in seconds, unknown null."""
    told = {
        "schema_version": SCHEMA_VERSION,
        "logtrace": VERSION,
        "first": _side(comparison.first),
        "second": _side(comparison.second),
        "difference": documents.plain(comparison.difference),
        "reasons": documents.plain(comparison.reasons),
        "phases": documents.plain(comparison.phases),
        "operations": documents.plain(comparison.operations),
        "configuration": documents.plain(comparison.changes),
    }
    return json.dumps(told, indent=2, allow_nan=False) + "\n"


def _side(side: Side) -> dict[str, Any]:
    incident = documents.plain(side.incident)
    told = incident and {key: incident[key] for key in _TOLD}
    return {"name": documents.plain(side.name), "cluster": side.case.cluster.name, "incident": told}


# --- page ---------------------------------------------------------------------------------------------


def page(comparison: Comparison) -> str:
    """The comparison as one HTML file without scripts, which needs nothing else."""
    return plain.page(
        "comparison.html",
        filters={"signed": signed, "lasted": lasted, "value": value, "outage": sentences.outage},
        comparison=comparison,
        verdict=verdict,
        title=title,
        named=_named,
        Some=Some,
        most=MOST,
    )
