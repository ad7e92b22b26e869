"""What operators did, step by step or in one line: the same step in a row is one, such as a rolling restart."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from logtrace.report.case import Case, Incident, IncidentKind

_LONGEST: Final = 253  # characters of a host's name (RFC 1123); a longer one is none


class Action(Struct, frozen=True):
    """The same step once or several times in a row, with nothing in between.

    Its sentence is `before`, the `nodes` it was done to one after another, and `after`; a step that names no node, or
    more than one, is all in `before`.
    """

    incidents: tuple[Incident, ...]
    before: str
    nodes: tuple[str, ...] = ()
    after: str = ""


def actions(case: Case) -> tuple[Action, ...]:
    """What operators did, in the order of time."""
    node = _any_of([each.name for each in case.cluster.nodes])
    made: list[Action] = []
    above = None
    for incident in case.incidents:
        one = _action(incident, node) if incident.kind is IncidentKind.PLANNED else None
        if one is not None and above is not None and (one.before, one.after) == (above.before, above.after):
            nodes = tuple(dict.fromkeys((*above.nodes, *one.nodes)))
            one = Action((*above.incidents, incident), one.before, nodes, one.after)
            made[-1] = one
        elif one is not None:
            made.append(one)
        above = one
    return tuple(made)


def _any_of(names: Sequence[str]) -> re.Pattern[str] | None:
    """Finds each of the names as a word of its own."""
    longest = sorted((each for each in names if 0 < len(each) <= _LONGEST), key=len, reverse=True)
    return re.compile(rf"(?<![\w.-])(?:{'|'.join(map(re.escape, longest))})(?![\w-])") if longest else None


def _action(incident: Incident, node: re.Pattern[str] | None) -> Action:
    named = list(node.finditer(incident.title)) if node else []
    if len(named) != 1:
        return Action((incident,), incident.title)
    (found,) = named
    return Action((incident,), incident.title[: found.start()], (found.group(),), incident.title[found.end() :])
