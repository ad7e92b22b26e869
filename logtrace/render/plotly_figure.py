"""How long operations took against their timeouts, as a plotly figure of plain dicts; plotly itself runs only in the
reader's browser.

Colours are names of the page's CSS variables ("var(--start)"), which the page's script replaces by their values, so
that a figure follows the reader's light or dark scheme. Plotly reads a little HTML in its texts, so all text from
logs is escaped here, once.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any, Final

from logtrace.render import words
from logtrace.render.untrusted import shown
from logtrace.report.case import RunTimes

_MOST: Final = 25  # rows; the table has all
_ROW: Final = 22  # pixels
_NAME: Final = 44  # characters of a name


def figure(runs: Sequence[RunTimes]) -> dict[str, Any] | None:
    """The longest run of each operation in percent of its timeout, in the order given; None where no timeout is known.

    Wheel and drag zoom; a click on a name of the legend hides it.
    """
    known = [times for times in runs if times.share is not None and times.longest is not None][:_MOST]
    if not known:
        return None
    near = [times for times in known if times.near_timeout]
    rest = [times for times in known if not times.near_timeout]
    traces = [
        _bars("beyond half of the timeout", near, "var(--failed)"),
        _bars("longest run", rest, "var(--start)"),
        _medians(known),
    ]
    names = [_name(times) for times in known]
    return {"data": [trace for trace in traces if trace["y"]], "layout": _layout(names)}


def _name(times: RunTimes) -> str:
    every = f" every {words.setting(times.interval)}" if times.interval else ""
    return escape(shown(f"{times.resource} {times.operation}{every}", _NAME))


def _bars(name: str, runs: Sequence[RunTimes], colour: str) -> dict[str, Any]:
    return {
        "type": "bar",
        "orientation": "h",
        "name": name,
        "y": [_name(times) for times in runs],
        "x": [round(times.share or 0.0, 2) for times in runs],
        "hovertext": [_hover(times) for times in runs],
        "hoverinfo": "text",
        "marker": {"color": colour},
    }


def _medians(runs: Sequence[RunTimes]) -> dict[str, Any]:
    told = [(times, times.p50, times.timeout) for times in runs]
    return {
        "type": "scatter",
        "mode": "markers",
        "name": "median run",
        "y": [_name(times) for times, median, timeout in told if median is not None and timeout],
        "x": [round(100 * median / timeout, 2) for _, median, timeout in told if median is not None and timeout],
        "hoverinfo": "skip",
        "marker": {"symbol": "line-ns", "size": 12, "line": {"width": 2, "color": "var(--ink)"}},
    }


def _hover(times: RunTimes) -> str:
    lines = (
        f"{_name(times)}: {words.count(times.runs, 'run')}, {times.failures} failed",
        f"half of them took at most {words.duration(times.p50)}, the longest {words.duration(times.longest)}",
        f"timeout {words.setting(times.timeout or 0.0)}",
    )
    return "<br>".join(lines)


def _layout(names: Sequence[str]) -> dict[str, Any]:
    return {
        "height": _ROW * len(names) + 110,
        "barmode": "overlay",
        "bargap": 0.35,
        "dragmode": "zoom",
        "font": {"family": "system-ui, sans-serif", "size": 12, "color": "var(--ink)"},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "margin": {"l": 8, "r": 16, "t": 8, "b": 44},
        "legend": {"orientation": "h", "x": 0, "y": 0, "yanchor": "bottom", "yref": "container"},
        "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": "var(--soft)", "activecolor": "var(--ink)"},
        "hoverlabel": {
            "align": "left",
            "bgcolor": "var(--paper)",
            "bordercolor": "var(--rule)",
            "font": {"size": 12, "color": "var(--ink)"},
        },
        "xaxis": {
            "ticksuffix": " %",
            "rangemode": "tozero",
            "gridcolor": "var(--rule)",
            "zerolinecolor": "var(--rule)",
        },
        "yaxis": {"automargin": True, "autorange": "reversed", "categoryarray": list(names), "fixedrange": True},
    }
