"""What operators did, a line each: the same step on one node after another is one line."""

from __future__ import annotations

from msgspec import Struct

from logtrace.render import words
from logtrace.render.incident import IncidentView, view
from logtrace.render.section import Page, Section
from logtrace.render.untrusted import Shown, shown
from logtrace.report.actions import Action, actions
from logtrace.report.case import IncidentKind

_NODES = 8  # named in a line


class Line(Struct, frozen=True):
    """`ids`: the first and the last incident; `size`: how many resources took part, or ""."""

    sentence: Shown
    ids: str
    when: str
    size: str
    views: tuple[IncidentView, ...]


class Actions(Struct, frozen=True):
    lines: tuple[Line, ...]
    steps: int


def _values(page: Page) -> Actions | None:
    views = {made.incident.id: made for made in (view(i, a, page) for a, i in page.told(IncidentKind.PLANNED))}
    found = [(each, tuple(views[one.id] for one in each.incidents if one.id in views)) for each in actions(page.case)]
    lines = tuple(_line(action, there, page) for action, there in found if there)
    return Actions(lines, len(views)) if lines else None


def _line(action: Action, views: tuple[IncidentView, ...], page: Page) -> Line:
    first, last = action.incidents[0], action.incidents[-1]
    resources = {name for each in action.incidents for name in each.resources}
    return Line(
        sentence=shown(_sentence(action), page.limits.sentence),
        ids=first.id if first is last else f"{first.id} to {last.id}",
        when=words.span(first.began, last.t_end or last.began, page.utc),
        size=words.count(len(resources), "resource") if resources else "",
        views=views,
    )


def _sentence(action: Action) -> str:
    """The step, and where or how often it was done: "Orderly stop of Pacemaker on n1 and n2, one after another."."""
    told = action.before + words.listing(list(action.nodes), _NODES) * bool(action.nodes) + action.after
    often = len(action.incidents)
    if often == 1:
        return told
    return f"{told.rstrip('.')}, {'one after another' if len(action.nodes) == often else f'{often} times'}."


def _entry(values: Actions) -> str:
    return f"{words.count(values.steps, 'operator action')}"


SECTION = Section("actions", "Operator actions", "incidents", "actions.html", _values, entry=_entry)
