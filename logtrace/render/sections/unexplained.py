"""Errors that no fault explains."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from msgspec import Struct
from rich.text import Text

from logtrace.render import words
from logtrace.render.limits import Detail, Some
from logtrace.render.section import Page, Section
from logtrace.render.terminal import INDENT, wrap
from logtrace.render.untrusted import inline, shown
from logtrace.report.case import Case, Complaint

SHOWN: Final = 5  # in the summary
_LENGTH: Final = 240


class Complaints(Struct, frozen=True):
    complaints: tuple[Complaint, ...]
    some: Some


def _values(page: Page) -> Complaints | None:
    told = page.case.unexplained[: page.limits.rows]
    return Complaints(told, Some(len(told), len(page.case.unexplained))) if told else None


def _markdown(case: Case, detail: Detail) -> Iterator[str]:
    if case.unexplained and detail.notes:
        yield ""
        yield "Errors that no fault explains:"
        yield ""
        for each in case.unexplained[: detail.notes]:
            yield f"- {inline(shown(_sentence(each), 2000))}"


def _summary(case: Case, width: int) -> Iterator[Text]:
    if not case.unexplained:
        return
    yield Text()
    yield Text("errors that no fault explains", "bold")
    for each in case.unexplained[:SHOWN]:
        yield from wrap(Text(shown(_sentence(each), _LENGTH)), INDENT, width)
    if len(case.unexplained) > SHOWN:
        yield Text(f"{INDENT}… {len(case.unexplained) - SHOWN} more")


def _sentence(each: Complaint) -> str:
    """When and where, what was printed, and how often."""
    where = f"{words.clock(each.first)[:8]} {each.node or ''}".strip()
    often = f" ({words.count(each.count, 'line')})" if each.count > 1 else ""
    return f"{where} {each.text[:_LENGTH]}{often}"


SECTION = Section(
    "unexplained",
    "Errors that no fault explains",
    "more",
    "unexplained.html",
    _values,
    markdown=_markdown,
    summary=_summary,
)
