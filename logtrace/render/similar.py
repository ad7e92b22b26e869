"""Incidents of a store that are like one of them, for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from rich.text import Text

from logtrace.render import sentences, words
from logtrace.render.terminal import columns, plain_ascii, section, wrap
from logtrace.render.untrusted import shown

if TYPE_CHECKING:
    from logtrace.fleet.similar import Alike
    from logtrace.report.incident import SeenBefore

ROWS: Final = 20
_INDENT: Final = "  "
_PARTS: Final = ("agent", "wording", "shape")


def render(one: Mapping[str, Any], seen: SeenBefore, alike: Alike, *, width: int = 80, symbols: bool = True) -> Text:
    """The incident (a row of the table), the sums, and the most alike ones; lines of at most `width` cells."""
    text = Text("\n").join(_lines(one, seen, alike, min(max(width, 40), 200)))
    return text if symbols else plain_ascii(text)


def _lines(one: Mapping[str, Any], seen: SeenBefore, alike: Alike, width: int) -> Iterator[Text]:
    head = f"{shown(one['case_id'], 80)}#{shown(one['incident'], 8)}  {words.label(shown(one['root_cause'], 60))}"
    yield Text(head, "bold")
    yield from wrap(Text(shown(one["title"])), "", width)
    yield from wrap(Text(f"{sentences.seen(seen)}."), "", width)
    yield from section("most alike", _table(alike, width))
    yield from section("advised, and whether it came back", _advised(seen, width))


def _table(alike: Alike, width: int) -> Iterator[Text]:
    rows = [
        (f"{row['score']}/4", f"{row['case_id']}#{row['incident']}", _day(row["began"]), _cluster(row),
         words.duration(row["recovery"]), _agreeing(row))
        for row in alike.rows[:ROWS].iter_rows(named=True)
    ]  # fmt: skip
    heads = ("score", "incident", "when", "cluster", "recovery", "what agrees")
    if rows:
        yield from columns(heads, rows, [""] * len(rows), indent=_INDENT, width=width, flexible=(3, 5), right=(4,))
    if alike.rows.height > ROWS:
        yield Text(f"{_INDENT}… {alike.rows.height - ROWS:,} more")


def _advised(seen: SeenBefore, width: int) -> Iterator[Text]:
    rows = [
        (words.label(shown(each.label, 60)), f"{each.clusters:,}", f"{each.came_back:,}")
        for each in seen.advised[:ROWS]
    ]
    if rows:
        heads = ("change", "clusters", "came back in")
        yield from columns(heads, rows, [""] * len(rows), indent=_INDENT, width=width, flexible=(0,), right=(1, 2))


def _agreeing(row: Mapping[str, Any]) -> str:
    parts = [part for part in _PARTS if row[part]]
    return "all" if len(parts) == len(_PARTS) else ", ".join(["cause", *parts])


def _day(moment: Any) -> str:
    return "unknown" if moment is None else words.day(moment)


def _cluster(row: Mapping[str, Any]) -> str:
    return "this one" if row["here"] else row["cluster_name"] or "unnamed"
