"""Before and after a change, side by side: for a terminal, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Final

from rich.cells import cell_len

from logtrace.render.document import plain
from logtrace.render.terminal import columns
from logtrace.render.untrusted import shown
from logtrace.report.case import Incident
from logtrace.whatif.model import Prediction

#: Rows of single activities; the JSON has them all.
ROWS: Final = 60

#: Seconds of waits without a reason that are worth a word.
_NOTABLE: Final = 0.5


def lines(told: Prediction, incident: Incident, changes: Sequence[str], *, width: int = 80) -> Iterator[str]:
    """The table, in lines of at most `width` cells (at least 60). Times are seconds from the detection."""
    room = max(width, 60)
    known = " (to be expected)" if incident.recovery is not None and not incident.recovery.proven else ""
    yield from _wrapped(f"{incident.id}: {incident.title}", room)
    yield from _wrapped(f"with {', '.join(changes)}", room)
    yield ""
    yield _total("", "before", "after", "saves")
    for name, (before, after) in (
        (f"detection{known}", told.detection),
        ("outage", told.outage),
        ("from the fault to recovery", told.whole),
    ):
        yield _total(name, f"{before:.1f} s", f"{after:.1f} s", f"{before - after:+.1f} s")
    yield ""
    yield from _rows(told, room)
    if len(told.rows) > ROWS:
        yield f"… {len(told.rows) - ROWS} more; --json has them all"
    said = ["times are seconds from the detection: when it begins, and how long it takes", *told.notes]
    if told.residual >= _NOTABLE:
        said.append(f"{told.residual:.1f} s of waits that nothing explains are left as they were")
    yield ""
    for note in said:
        yield from _wrapped(note, room)


def document(told: Prediction, incident: Incident, changes: Sequence[str]) -> str:
    """The same as JSON; durations and times in seconds, times counted from the detection; null: it does not happen."""
    pairs = {"detection": told.detection, "outage": told.outage, "whole": told.whole}
    return (
        json.dumps(
            {
                "schema_version": 1,
                "incident": incident.id,
                "changes": list(changes),
                "before": plain({name: before for name, (before, _) in pairs.items()}),
                "after": plain({name: after for name, (_, after) in pairs.items()}),
                "saves": plain(told.saves),
                "detection_proven": incident.recovery is not None and incident.recovery.proven,
                "unexplained": plain(told.residual),
                "activities": plain(told.rows),
                "notes": list(told.notes),
            },
            indent=2,
        )
        + "\n"
    )


def _span(span: tuple[float, float] | None) -> str:
    return "-" if span is None else f"{span[0]:.2f} +{span[1] - span[0]:.2f}"


def _total(name: str, before: str, after: str, saves: str) -> str:
    return f"{name:<28}{before:>11}{after:>11}{saves.replace('+', ''):>11}".rstrip()


def _rows(told: Prediction, width: int) -> Iterator[str]:
    """The single activities, as wide as their names are; with the node only where there are several."""
    kept = told.rows[:ROWS]
    several = len({row.node for row in kept}) > 1
    heads = ["", *(["node"] if several else []), "before", "after"]
    rows = [[row.name, *([row.node] if several else []), _span(row.before), _span(row.after)] for row in kept]
    last = len(heads) - 1
    table = columns(
        heads, rows, [""] * len(rows), indent="", width=width, flexible=range(last - 2, -1, -1), right=(last - 1, last)
    )
    yield from (line.plain for line in table)


def _wrapped(text: str, width: int) -> Iterator[str]:
    line = ""
    for word in shown(text, 2000).split():
        if line and cell_len(line) + 1 + cell_len(word) > width:
            yield line
            line = f"  {word}"
        else:
            line = f"{line} {word}" if line else word
    yield line
