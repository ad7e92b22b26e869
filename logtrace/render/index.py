"""Several cases at a glance: a line each for a terminal, and a page that leads to theirs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from msgspec import Struct
from rich.cells import cell_len, set_cell_size
from rich.text import Text

from logtrace.render import plain, sentences, words
from logtrace.render.terminal import fit, plain_ascii
from logtrace.render.untrusted import Shown, shown
from logtrace.report.case import Case

_NAME: Final = 28  # cells of a name at most
_FIELD: Final = 200
_NODES: Final = 6


def lines(cases: Sequence[Case], *, width: int = 80, page: str | None = None, symbols: bool = True) -> Text:
    """How many cases there are, then one line for each, of at most `width` cells (at least 40, at most 200).

    `page`: path of the index that was written, told last. `symbols` False: ASCII.
    """
    text = Text("\n").join(_lines(cases, min(max(width, 40), 200), page))
    return text if symbols else plain_ascii(text)


def _lines(cases: Sequence[Case], width: int, page: str | None) -> Iterator[Text]:
    yield Text(words.count(len(cases), "case"), "bold")
    yield Text()
    room = min(max(cell_len(shown(case.name, _FIELD)) for case in cases), _NAME, width // 3)
    for case in cases:
        name = set_cell_size(fit(shown(case.name, _FIELD), room), room)
        told = fit(f"{name}  {_began(case)}  {sentences.verdict(case)}", width)
        yield Text(told, "" if _trouble(case) else "dim")
    if page is not None:
        yield Text()
        yield Text(f"pages: {shown(page, 4096)}")


def page(cases: Sequence[Case], places: Sequence[str], *, of: str) -> str:
    """The index page: it leads to the cases' pages, which lie beside it at `places`. `of`: see page.render."""
    return plain.page(
        "index.html",
        cases=[_row(case, place) for case, place in zip(cases, places, strict=True)],
        faults=sum(_trouble(case) for case in cases),
        count=words.count,
        of=of,
    )


class _Row(Struct, frozen=True):
    """A case in the index; its texts can be shown as they are."""

    name: Shown
    place: str
    nodes: Shown
    times: str
    verdict: Shown
    trouble: bool


def _row(case: Case, place: str) -> _Row:
    return _Row(
        name=shown(case.name, _FIELD),
        place=place,
        nodes=words.names([node.name for node in case.cluster.nodes], _NODES),
        times=words.span(case.window.start, case.window.end, sentences.utc(case.window)),
        verdict=shown(sentences.verdict(case), 1000),
        trouble=_trouble(case),
    )


def _trouble(case: Case) -> bool:
    return any(each.trouble for each in case.incidents)


def _began(case: Case) -> str:
    start = case.window.start
    return f"{start:%Y-%m-%d %H:%M}" if start is not None else "time unknown    "
