"""The timeline as a plotly figure of plain dicts; plotly itself runs only in the reader's browser.

Colours are names of the page's CSS variables ("var(--start)"), which the page's script replaces by their values, so
that a figure follows the reader's light or dark scheme. Plotly reads a little HTML in its texts, so all text from
logs is escaped here, once.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from html import escape
from typing import Any

from logtrace.render.chart import ROW, Bar, Timeline

_PATTERNS = {"stop": "/", "demote": "\\", "monitor": ".", "fencing": "x", "other": "-"}
_TICKS = [
    {"dtickrange": [None, 1000], "value": "%H:%M:%S.%3f"},
    {"dtickrange": [1000, 60_000], "value": "%H:%M:%S"},
    {"dtickrange": [60_000, 86_400_000], "value": "%H:%M"},
    {"dtickrange": [86_400_000, None], "value": "%-d %b %Y"},
]


def figure(timeline: Timeline, utc: str) -> dict[str, Any]:
    """Data and layout of `timeline`. Times are UTC, which plotly takes as they are; `utc` says how sure that is."""
    return {"data": [*_operations(timeline), *_points(timeline)], "layout": _layout(timeline, utc)}


def _operations(timeline: Timeline) -> list[dict[str, Any]]:
    """One trace for each kind of operation, and one for its failures, so that the legend can tell and hide them."""
    groups: dict[tuple[str, bool], list[Bar]] = {}
    for bar in timeline.bars:
        groups.setdefault((bar.style, bar.failed), []).append(bar)
    return [
        {
            "type": "bar",
            "orientation": "h",
            "name": f"{style}, failed" if failed else style,
            "y": [bar.row for bar in bars],
            "base": [_moment(bar.start) for bar in bars],
            "x": [(bar.end - bar.start).total_seconds() * 1000 for bar in bars],
            "width": [0.72 if bar.critical else 0.4 for bar in bars],
            "text": [("\N{MULTIPLICATION X} " if failed else "") + escape(bar.label) for bar in bars],
            "textposition": ["outside" if bar.after else "inside" for bar in bars],
            "insidetextanchor": "start",
            "textangle": 0,
            "cliponaxis": False,
            "textfont": {"size": 11},
            "outsidetextfont": {"color": "var(--ink)"},
            "insidetextfont": {"color": f"var(--on-{style})"},
            "constraintext": "none",
            "hovertext": [_lines(bar.hover) for bar in bars],
            "hoverinfo": "text",
            "marker": {
                "color": f"var(--{style})",
                "line": {"color": "var(--failed)" if failed else f"var(--{style})", "width": 3 if failed else 1.5},
                "opacity": [1 if bar.critical or failed else 0.6 for bar in bars],
                "pattern": {
                    "shape": _PATTERNS.get(style, ""),
                    "solidity": 0.12,
                    "size": 7,
                    "bgcolor": f"var(--{style})",
                    "fgcolor": "var(--paper)",
                },
            },
        }
        for (style, failed), bars in groups.items()
    ]


def _points(timeline: Timeline) -> list[dict[str, Any]]:
    """What can be pointed at: the moments, the cited lines."""
    traces: list[dict[str, Any]] = []
    if timeline.dots:
        traces.append(
            _scatter(
                "cited line",
                [dot.moment for dot in timeline.dots],
                -0.7,
                [_lines(dot.hover) for dot in timeline.dots],
                {"symbol": "diamond", "size": 8, "color": "var(--ink)", "opacity": 0.75},
            )
        )
    if timeline.marks:
        traces.append(
            _scatter(
                "moment",
                [mark.moment for mark in timeline.marks],
                len(timeline.rows) - 0.5,
                [_lines(mark.hover) for mark in timeline.marks],
                {"symbol": "triangle-up", "size": 10, "color": [f"var(--mark-{mark.name})" for mark in timeline.marks]},
            )
        )
    return traces


def _scatter(
    name: str, moments: Sequence[datetime], y: float, hover: list[str], marker: dict[str, Any]
) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": [_moment(moment) for moment in moments],
        "y": [y] * len(moments),
        "hovertext": hover,
        "hoverinfo": "text",
        "marker": marker,
        "cliponaxis": False,
    }


def _layout(timeline: Timeline, utc: str) -> dict[str, Any]:
    bands = [
        {
            "type": "rect", "layer": "below", "yref": "paper", "y0": 0, "y1": 1,
            "x0": _moment(band.start), "x1": _moment(band.end),
            "fillcolor": f"var(--{band.name})", "opacity": 0.16, "line": {"width": 0},
        }
        for band in timeline.bands
    ]  # fmt: skip
    marks = [
        {
            "type": "line", "yref": "paper", "y0": 0, "y1": 1, "x0": _moment(mark.moment), "x1": _moment(mark.moment),
            "line": {
                "color": f"var(--mark-{mark.name})", "width": 1.5, "dash": "solid" if mark.name == "up" else "dot",
            },
        }
        for mark in timeline.marks
    ]  # fmt: skip
    names = [
        {
            "x": _moment(mark.moment), "y": 1, "yref": "paper", "showarrow": False, "text": escape(mark.label),
            "xanchor": "right" if mark.left else "left", "yanchor": "bottom",
            "yshift": 2 + 14 * (timeline.levels - 1 - mark.level),
            "font": {"color": f"var(--mark-{mark.name})", "size": 11, "weight": 600},
        }
        for mark in timeline.marks
    ]  # fmt: skip
    phases = [
        {
            "x": _moment(band.start + (band.end - band.start) / 2), "y": -1.45, "showarrow": False, "text": band.label,
            "font": {"size": 11, "weight": 600},
        }
        for band in timeline.bands
        if band.label
    ]  # fmt: skip
    return {
        "height": timeline.height + ROW * 5,
        "barmode": "overlay",
        "bargap": 0.2,
        "dragmode": "zoom",
        "hovermode": "closest",
        "font": {"family": "system-ui, sans-serif", "size": 12, "color": "var(--ink)"},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "margin": {"l": 170, "r": 16, "t": 14 * timeline.levels + 30, "b": 84},
        "legend": {"orientation": "h", "x": 0, "y": 0, "yanchor": "bottom", "yref": "container"},
        "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": "var(--soft)", "activecolor": "var(--ink)"},
        "hoverlabel": {
            "align": "left",
            "bgcolor": "var(--paper)",
            "bordercolor": "var(--rule)",
            "font": {"family": "ui-monospace, monospace", "size": 12, "color": "var(--ink)"},
        },
        "xaxis": {
            "type": "date",
            "range": [_moment(timeline.scale.start), _moment(timeline.scale.end)],
            "gridcolor": "var(--rule)",
            "tickcolor": "var(--rule)",
            "ticks": "outside",
            "tickformatstops": _TICKS,
            "title": {"text": f"{timeline.day}, {utc}", "font": {"size": 11, "color": "var(--soft)"}, "standoff": 6},
        },
        "yaxis": {
            "range": [len(timeline.rows) - 0.4, -2],
            "fixedrange": True,
            "tickvals": list(range(len(timeline.rows))),
            "ticktext": [f"<b>{escape(row.name)}</b>" if row.head else escape(row.name) for row in timeline.rows],
            "ticks": "",
            "showgrid": False,
            "zeroline": False,
        },
        "shapes": [*bands, *marks],
        "annotations": [*names, *phases],
    }


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S.%f}"[:-3]


def _lines(text: str) -> str:
    return "<br>".join(escape(line) for line in text.split("\n"))
