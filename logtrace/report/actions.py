"""What operators did, step by step or in one line: the same step in a row is one, such as a rolling restart."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Final

from msgspec import Struct

from logtrace.report.case import Case, Incident, IncidentKind

#: What a title may name: the characters of hosts' names.
_WORD: Final = re.compile(r"[\w.-]+")


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
    nodes = frozenset(each.name for each in case.cluster.nodes)
    made: list[Action] = []
    above = None
    for incident in case.incidents:
        one = _action(incident, nodes) if incident.kind is IncidentKind.PLANNED else None
        if one is not None and above is not None and (one.before, one.after) == (above.before, above.after):
            at = tuple(dict.fromkeys((*above.nodes, *one.nodes)))
            one = Action((*above.incidents, incident), one.before, at, one.after)
            made[-1] = one
        elif one is not None:
            made.append(one)
        above = one
    return tuple(made)


def _action(incident: Incident, nodes: Collection[str]) -> Action:
    title = incident.title
    named = list(_named(title, nodes))
    if len(named) != 1:
        return Action((incident,), title)
    ((begin, end),) = named
    return Action((incident,), title[:begin], (title[begin:end],), title[end:])


def _named(title: str, nodes: Collection[str]) -> Iterator[tuple[int, int]]:
    """Where a title names one of the nodes: as a word of its own, or before a dot, the longest name that fits."""
    for word in _WORD.finditer(title):
        text = word.group()
        ends = [len(text), *(at for at in range(len(text) - 1, 0, -1) if text[at] == ".")]
        end = next((end for end in ends if text[:end] in nodes), None)
        if end is not None:
            yield word.start(), word.start() + end
