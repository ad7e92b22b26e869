"""What looks like trouble and is none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from msgspec import Struct
from rich.text import Text

from logtrace.render import words
from logtrace.render.limits import Detail, Some
from logtrace.render.section import Page, Section
from logtrace.render.terminal import INDENT, wrap
from logtrace.render.untrusted import Shown, inline, shown
from logtrace.report.case import Case, Note
from logtrace.report.neighbours import found, parted

NOTES: Final = 5  # in the summary


class Notes(Struct, frozen=True):
    """The notes, each with the text of the line it names, where that is at hand."""

    notes: tuple[tuple[Note, Shown | None], ...]
    some: Some


def _values(page: Page) -> Notes | None:
    notes = page.case.quiet[: page.limits.rows]
    told = tuple((note, _line(note, page)) for note in notes)
    return Notes(told, Some(len(notes), len(page.case.quiet))) if notes else None


def _line(note: Note, page: Page) -> Shown | None:
    place = parted(note.evidence)
    line = found(page.known, *place) if place else None
    return shown(line.text, page.limits.characters) if line else None


def _markdown(case: Case, detail: Detail) -> Iterator[str]:
    if case.quiet and detail.notes:
        yield ""
        notes = " ".join(shown(note.sentence) for note in case.quiet[: detail.notes])
        left = len(case.quiet) - detail.notes
        more = f" And {words.count(left, 'more kind', 'more kinds')} of such lines." if left > 0 else ""
        yield inline(shown(f"Not an incident: {notes}{more}", 2000))


def _summary(case: Case, width: int) -> Iterator[Text]:
    if not case.quiet:
        return
    yield Text()
    yield Text("not an incident", "bold")
    for note in case.quiet[:NOTES]:
        yield from wrap(Text(shown(note.sentence), "dim"), INDENT, width)
    if len(case.quiet) > NOTES:
        yield Text(f"{INDENT}… {len(case.quiet) - NOTES} more")


SECTION = Section(
    "quiet",
    "Looks like trouble and is none",
    "unexplained",
    "quiet.html",
    _values,
    markdown=_markdown,
    summary=_summary,
)
