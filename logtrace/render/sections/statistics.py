"""Statistics in the order in which the page shows them: what comes close to its limit first."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from logtrace.render.limits import Some
from logtrace.render.plotly_figure import figure
from logtrace.render.section import Page, Section
from logtrace.report.case import Failures, FencingTimes, Monitor, RunTimes


class StatisticsView(Struct, frozen=True):
    """Rows of each table, with how many there are in all. `near`: operations beyond half of their timeout.
    `figure` is None on a page without scripts.
    """

    runs: tuple[RunTimes, ...]
    runs_some: Some
    near: int
    rough: bool
    monitors: tuple[Monitor, ...]
    monitors_some: Some
    fencing: tuple[FencingTimes, ...]
    fencing_some: Some
    failures: tuple[tuple[Failures, str], ...]
    failures_some: Some
    figure: dict[str, Any] | None


def _values(page: Page) -> StatisticsView | None:
    statistics, most = page.case.statistics, page.limits.rows
    if not (statistics.runs or statistics.monitors or statistics.fencing):
        return None
    runs = sorted(
        statistics.runs,
        key=lambda times: (-(times.share or 0.0), -(times.longest or 0.0), times.resource, times.operation),
    )[:most]
    monitors = sorted(statistics.monitors, key=lambda each: -each.failures)[:most]
    fencing, failures = statistics.fencing[:most], statistics.failures[:most]
    return StatisticsView(
        runs=tuple(runs),
        runs_some=Some(len(runs), len(statistics.runs)),
        near=sum(times.near_timeout for times in statistics.runs),
        rough=any(not times.exact and times.timed for times in runs),
        monitors=tuple(monitors),
        monitors_some=Some(len(monitors), len(statistics.monitors)),
        fencing=fencing,
        fencing_some=Some(len(fencing), len(statistics.fencing)),
        failures=tuple((each, _operations(each)) for each in failures),
        failures_some=Some(len(failures), len(statistics.failures)),
        figure=None if page.light else figure(runs),
    )


def _operations(failures: Failures) -> str:
    """The most frequent first: "3 monitor, 1 start"."""
    often = sorted(failures.operations.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{count:,} {name}" for name, count in often)


SECTION = Section("statistics", "Statistics", "cluster", "statistics.html", _values)
