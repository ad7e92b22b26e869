"""The essentials of a store for a terminal; the page has the rest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from rich.text import Text

from logtrace.render import words
from logtrace.render.fleet import asked, label, month, percent, sure, verdict
from logtrace.render.terminal import columns, flow, plain_ascii, section, wrap
from logtrace.render.untrusted import shown

if TYPE_CHECKING:
    from logtrace.fleet.statistics.values import Dimension, FleetReport, Told

ROWS: Final = 8
FEW: Final = 3
_INDENT: Final = "  "


def render(report: FleetReport, *, width: int = 80, page: str | None = None, symbols: bool = True) -> Text:
    """The summary in lines of at most `width` cells (at least 40, at most 120). `page`: path of the page, told last;
    `symbols` False: ASCII.
    """
    text = Text("\n").join(_lines(report, min(max(width, 40), 120), page))
    return text if symbols else plain_ascii(text)


def _lines(report: FleetReport, width: int, page: str | None) -> Iterator[Text]:
    told = report.overview
    head = [f"{words.count(told.cases, 'case')} of {words.count(told.clusters, 'cluster')}"]
    if told.first is not None and told.last is not None:
        head.append(f"{words.day(told.first)} to {words.day(told.last)}")
    head += [f"{told.hours:,.0f} hours told of"] if told.hours >= 1 else []
    head += [f"{words.count(told.refused, 'input')} could not be used"] if told.refused else []
    yield from flow([Text(each) for each in head], " · ", "", width)
    yield from wrap(Text(verdict(report), "bold"), "", width)
    if only := asked(report.wanted):
        yield from wrap(Text(f"Only incidents {only}."), "", width)
    if report.trend_since is not None:
        trend = f"Clusters since {month(report.trend_since)} against those before: {sure(report.trend)}."
        yield from wrap(Text(trend), "", width)
    yield from section("by cause", _groups(report.dimensions[0], width))
    yield from section("by phase", _phases(report, width))
    yield from section("what would help most", _changes(report, width))
    yield from section("weaknesses, and whether clusters with them recover slower", _weaknesses(report, width))
    yield from section("what comes back", _repeats(report, width))
    yield from section("the longest", _reading(report.reading.longest, width))
    yield from section("the least sure", _reading(report.reading.least_sure, width))
    yield from section("new wording", _reading(report.reading.new_wording, width))
    if page is not None:
        yield Text()
        yield Text(f"page: {shown(page, 4096)}")


def _table(
    heads: Sequence[str], rows: Sequence[Sequence[str]], width: int, right: Sequence[int], flexible: Sequence[int]
) -> Iterator[Text]:
    if rows:
        styles = [""] * len(rows)
        yield from columns(heads, rows, styles, indent=_INDENT, width=width, flexible=flexible, right=right)


def _groups(dimension: Dimension, width: int) -> Iterator[Text]:
    heads = ("cause", "incidents", "clusters", "median", "9 of 10 in", "outage")
    rows = [
        (label(each.name or "unknown"), f"{each.incidents:,}", f"{each.clusters:,}", _known(each.recovery.median),
         _known(each.recovery.p90), words.duration(each.outage))
        for each in dimension.groups[:ROWS]
    ]  # fmt: skip
    yield from _table(heads, rows, width, range(1, 6), (4, 2, 0))
    if len(dimension.groups) > ROWS:
        yield Text(f"{_INDENT}… {len(dimension.groups) - ROWS} more")


def _phases(report: FleetReport, width: int) -> Iterator[Text]:
    told = [
        Text(f"{each.name} {percent(each.share)} (median {words.duration(each.median)})")
        for each in report.phases[:ROWS]
    ]
    yield from flow(told, "  ", _INDENT, width)


def _changes(report: FleetReport, width: int) -> Iterator[Text]:
    rows = [
        (label(each.label), words.duration(each.saves) if each.incidents > each.unknown else "unknown",
         f"{each.incidents:,}", f"{each.clusters:,}", str(each.example))
        for each in report.changes[:ROWS]
    ]  # fmt: skip
    heads = ("change", "would save", "incidents", "clusters", "most of all in")
    yield from _table(heads, rows, width, (1, 2, 3), (4, 3, 0))


def _weaknesses(report: FleetReport, width: int) -> Iterator[Text]:
    """Those that make a difference first."""
    known = sorted(report.weaknesses, key=lambda each: each.recovery.answer.value not in ("slower", "faster"))
    rows = [
        (each.label, each.severity, f"{each.clusters:,} of {each.of:,}", sure(each.recovery)) for each in known[:ROWS]
    ]
    yield from _table(("weakness", "severity", "clusters", "slower?"), rows, width, (2,), (1, 3, 0))


def _repeats(report: FleetReport, width: int) -> Iterator[Text]:
    rows = [
        (each.cluster or "unnamed", label(each.root_cause), each.agent or "unknown", f"{each.incidents:,}",
         str(each.references[0]))
        for each in report.repeats[:FEW]
    ]  # fmt: skip
    yield from _table(("cluster", "cause", "agent", "incidents", "the latest"), rows, width, (3,), (2, 1, 0))
    if report.repeating > FEW:
        yield Text(f"{_INDENT}… {report.repeating - FEW:,} more")


def _reading(told: Sequence[Told], width: int) -> Iterator[Text]:
    for each in told[:FEW]:
        what = f"{words.duration(each.outage)}, {label(each.root_cause)} {each.confidence:.2f}: {shown(each.title)}"
        yield Text(f"{_INDENT}{shown(str(each.reference), 80)}", "cyan")
        yield from wrap(Text(what), _INDENT * 2, width)


def _known(seconds: float | None) -> str:
    return "-" if seconds is None else words.duration(seconds)
