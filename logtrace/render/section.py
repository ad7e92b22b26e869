"""The sections of a report, each declared in one file of logtrace/render/sections.

A section says where it stands, what it is called, which plain values its template prints, and, where it has a part in
them, its lines of Markdown and of the summary. The page, its table of contents, Markdown and the summary on a terminal
walk the same sections in the same order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from logtrace.data import declared
from logtrace.render import sentences
from logtrace.render.limits import Detail, Limits
from logtrace.report.case import Case, Incident, IncidentKind
from logtrace.report.neighbours import Neighbours
from logtrace.report.surroundings import Surroundings

if TYPE_CHECKING:
    from rich.text import Text

#: What readers are told of the kinds of incidents.
KINDS: Final = {
    IncidentKind.FAULT: "fault",
    IncidentKind.SPURIOUS: "unnecessary recovery",
    IncidentKind.POLICY: "move by the cluster's own rules",
    IncidentKind.PLANNED: "operator action",
}


class Page(Struct, frozen=True):
    """What a section of the page is made from.

    `anchors`: the fragment of each incident, None for one that is left out. `order`: places of those that are not, the
    worst first; of these the first limits.incidents have a section, the others a row. `explained`: label -> the
    incident that tells what it means. `known`: recognised lines around cited ones; `log`: those around incidents, None
    on a page without scripts. `command`: the command line, where it is shown.
    """

    case: Case
    limits: Limits
    anchors: Sequence[str | None]
    order: Sequence[int]
    explained: Mapping[str, str]
    known: Neighbours
    log: Surroundings | None
    command: str | None

    @property
    def light(self) -> bool:
        """Whether the page has no script."""
        return self.log is None

    @property
    def utc(self) -> str:
        """What stands behind times."""
        return sentences.utc(self.case.window)

    def told(self, *kinds: IncidentKind) -> Iterator[tuple[str, Incident]]:
        """The incidents of these kinds that have a section, with their fragments, the worst first."""
        for index in self.order[: self.limits.incidents]:
            if self.case.incidents[index].kind in kinds:
                yield self.anchor(index), self.case.incidents[index]

    def brief(self) -> Iterator[tuple[str, Incident]]:
        """The incidents that have a row only, with their fragments, in the order of time."""
        for index in sorted(self.order[self.limits.incidents :]):
            yield self.anchor(index), self.case.incidents[index]

    def anchor(self, index: int) -> str:
        """The fragment of an incident that is not left out."""
        anchor = self.anchors[index]
        assert anchor is not None
        return anchor


class Section(Struct, frozen=True):
    """A part of a report, under the fragment `anchor` and behind the section with the fragment `after` ("": first).

    `values` gives what the template prints as `values`; None: the section is left out. `template` and `contents` are
    files of reports/sections: the section, and its entry in the contents where a link with its title is not enough;
    `entry` words that link. Unless `framed`, the template makes its own headings. What `leads` stands before the
    contents, which do not list it.
    """

    anchor: str
    title: str
    after: str
    template: str
    values: Callable[[Page], Any]
    framed: bool = True
    leads: bool = False
    contents: str | None = None
    entry: Callable[[Any], str] | None = None
    markdown: Callable[[Case, Detail], Iterator[str]] | None = None
    summary: Callable[[Case, int], Iterator[Text]] | None = None


@cache
def sections() -> tuple[Section, ...]:
    """Every section that a module of logtrace.render.sections declares as SECTION, in the order of a report."""
    left: list[Section] = declared("logtrace.render.sections", "SECTION")
    order: list[Section] = []
    while left:
        there = {"", *(each.anchor for each in order)}
        following = next(each for each in left if each.after in there)  # one behind nothing there is a defect
        behind = next((place + 1 for place, each in enumerate(order) if each.anchor == following.after), 0)
        order.insert(behind, following)
        left.remove(following)
    return tuple(order)
