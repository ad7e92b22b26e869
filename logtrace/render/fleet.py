"""The report of a store as one HTML file that needs nothing else; complete without its script, which filters it.

The pictures are elements placed by shares of a height or width, which the script moves when it counts again; it
connects to nothing, and the page's policy lets no other script run.
"""

from __future__ import annotations

import base64
import math
import shlex
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from logtrace.render import plain, words
from logtrace.render.limits import Some
from logtrace.render.untrusted import Shown, shown

if TYPE_CHECKING:
    from logtrace.fleet.statistics.values import (
        Comparison,
        Dimension,
        FleetReport,
        Group,
        Month,
        Reference,
        Spread,
        Told,
        Wanted,
    )  # fmt: skip

#: What unknown names are called in an address.
UNKNOWN: Final = "?"
#: The place of all groups that are not named.
OTHERS: Final = 255
#: Months that are drawn, the latest.
MONTHS: Final = 60

#: Incidents of which a tenth is one.
_TENTHS: Final = 10

_NAME: Final = 120
_LEVEL: Final = 6  # of compression
_HEADS: Final = {
    "cause": "cause", "agent": "agent of what failed first", "release": "Pacemaker", "size": "nodes",
    "fencing": "fencing",
}  # fmt: skip


def page(report: FleetReport, *, pages: str | None = None, cases: str | None = None, of: str = "") -> str:
    """The page of `report`. `pages`: where the store is, below which cases have pages; `of`: see page.render.

    `cases`: a path below which a server has any case; in a frame of that server it is asked to show one.
    """
    placed, chart = _placed(report), _chart(report.months)
    return plain.page(
        "fleet.html",
        styles=("fleet.css",),
        script="fleet.js",
        filters={
            "label": label,
            "month": month,
            "duration": words.duration,
            "spread": words.spread,
            "signed": signed,
            "percent": percent,
            "day": _day,
            "json": plain.json,
            "shown": shown,
        },
        report=report,
        verdict=verdict(report),
        asked=asked(report.wanted),
        heads=_HEADS,
        name=name,
        value=value,
        share=_share,
        count=words.count,
        sure=sure,
        chart=chart,
        link=_Links(pages, cases).link,
        told=[(each, _places(placed, each)) for each in report.told],
        query=query(report.wanted),
        data=_data(report, chart),
        Some=Some,
        of=of,
    )


# --- words -------------------------------------------------------------------------------------------------


def verdict(report: FleetReport) -> str:
    """The whole in two sentences."""
    whole = report.overview.all
    if not whole.incidents:
        return "No such incident." if asked(report.wanted) else "Nothing went wrong in any of them."
    what = [words.count(report.overview.faults, "fault")] if report.overview.faults else []
    what += (
        [words.count(report.overview.spurious, "unnecessary recovery", "unnecessary recoveries")]
        if report.overview.spurious
        else []
    )
    outage = f"{words.duration(whole.outage)} of outage together" if whole.outage else "no outage"
    told = f"{' and '.join(what)}, {outage}."
    return " ".join((told, *_how_long(whole.recovery)))


def _how_long(recovery: Spread) -> Iterator[str]:
    """How long recoveries took; a share is told of as many as it takes to have one."""
    if recovery.median is None or recovery.p90 is None:
        return
    typical = words.duration(recovery.median)
    if recovery.known == 1:
        yield f"The one that recovered was over {typical} after the cluster knew."
    elif recovery.known < _TENTHS:
        yield f"Half of the {recovery.known} that recovered were over {typical} after their cluster knew."
    else:
        slowest = words.duration(recovery.p90)
        yield f"Half of them were over {typical} after the cluster knew, nine of ten after {slowest}."


def asked(wanted: Wanted) -> str:
    """What the report was limited to by its command; "" for nothing."""
    parts = [f"from {month(wanted.since)}"] if wanted.since else []
    parts += [f"until {month(wanted.until)}"] if wanted.until else []
    named = {
        "cause": wanted.cause and words.label(shown(wanted.cause, _NAME)),
        "release": wanted.release,
        "agent": wanted.agent,
    }
    parts += [f"{what} {shown(each, _NAME)}" for what, each in named.items() if each]
    return ", ".join(parts)


def name(dimension: str, group: Group) -> Shown:
    """What a group is called."""
    if group.rest:
        return Shown(f"{group.name} others")
    if group.name is None:
        return Shown("unknown")
    return label(group.name) if dimension == "cause" else shown(group.name, _NAME)


def label(code: str) -> Shown:
    """A label in words."""
    return Shown(words.label(shown(code, 60)))


def month(code: str) -> Shown:
    """A month as a reader says it: `2026-11` -> "Nov 2026"; one that is none as it is."""
    try:
        return Shown(f"{datetime.strptime(code, '%Y-%m'):%b %Y}")  # noqa: DTZ007 - a month has no zone
    except ValueError:
        return Shown("time unknown" if code == "unknown" else shown(code, _NAME))


def signed(seconds: float) -> str:
    """A difference: "+3.1 s"."""
    return f"{'+' if seconds > 0 else ''}{words.duration(seconds)}"


def percent(share: float) -> str:
    """A share in percent, none that there is as none."""
    return "< 1 %" if 0 < share < 0.01 else f"{share:.0%}".replace("%", " %")


def sure(comparison: Comparison) -> str:
    """What a comparison comes to: "slower: +13.0 s (+4.1 s to +21.9 s)"."""
    if comparison.low is None or comparison.high is None or comparison.difference is None:
        return comparison.answer.value
    between = f"{signed(comparison.low)} to {signed(comparison.high)}"
    return f"{comparison.answer.value}: {signed(comparison.difference)} ({between})"


def query(wanted: Wanted) -> str:
    """The command that lists every incident that is counted."""
    conditions = " AND ".join(_conditions(wanted))
    where = f" WHERE {conditions}" if conditions else ""
    asks = f"SELECT * FROM recoveries{where} ORDER BY outage DESC"  # noqa: S608 - a text to be read and pasted
    return f"logtrace fleet query STORE {shlex.quote(asks)}"


def _conditions(wanted: Wanted) -> Iterator[str]:
    compared = (
        ("month", ">=", wanted.since), ("month", "<=", wanted.until), ("root_cause", "=", wanted.cause),
        ("pacemaker", "=", wanted.release), ("agent", "=", wanted.agent),
    )  # fmt: skip
    for column, sign, given in compared:
        if given is not None:
            quoted = given.replace("'", "''")
            yield f"{column} {sign} '{quoted}'"


def _day(moment: datetime | None) -> str:
    return "unknown" if moment is None else words.day(moment)


# --- where things stand ------------------------------------------------------------------------------------


class _Links(Struct, frozen=True):
    """Links to pages of cases; `store` and `cases` as for `page`."""

    store: str | None
    cases: str | None

    def link(self, reference: Reference) -> str | None:
        """Where the page of an incident's case is, at the incident; None: nowhere."""
        incident = f"#{reference.incident}" if reference.incident else ""
        if self.cases is not None:
            return f"{self.cases}/{reference.case_id}{incident}"
        if self.store is None or reference.page is None:
            return None
        return f"{self.store.rstrip('/')}/{reference.page}{incident}"


class Column(Struct, frozen=True):
    """A month of the chart: its `place` among all; heights from 0 to 1; None: nothing to draw."""

    place: int
    month: Month
    label: str
    count: float
    median: float | None
    p90: float | None


class Chart(Struct, frozen=True):
    """Incidents by month, and how long they took on a scale of logarithms from `least` to `most` seconds."""

    columns: tuple[Column, ...]
    some: Some
    tallest: int
    least: float
    most: float
    lines: tuple[tuple[float, str], ...]


def _chart(months: Sequence[Month]) -> Chart | None:
    dated = [(place, each) for place, each in enumerate(months) if each.name[:1].isdigit()]
    drawn = dated[-MONTHS:]
    if not any(each.group.incidents for _, each in drawn):
        return None
    tallest = max(each.group.incidents for _, each in drawn)
    lengths = [
        length for _, each in drawn for length in (each.group.recovery.median, each.group.recovery.p90) if length
    ]
    least, most = _decades(min(lengths, default=1.0), max(lengths, default=1.0))

    def height(seconds: float | None) -> float | None:
        if seconds is None:
            return None
        return round(math.log(max(seconds, least) / least) / math.log(most / least), 4)

    columns = []
    for number, (place, each) in enumerate(drawn):
        text = each.name[:4] if number == 0 or each.name.endswith("-01") else ""
        recovery = each.group.recovery
        tall = round(each.group.incidents / tallest, 4)
        columns.append(Column(place, each, text, tall, height(recovery.median), height(recovery.p90)))
    known = [each for each in _ROUND if least <= each <= most]
    lines = [
        (
            height(each) or 0.0,
            words.setting(each) if each < 60 else words.duration(each).replace(" 00 s", "").replace(" 00 min", ""),
        )
        for each in known
    ]
    return Chart(tuple(columns), Some(len(drawn), len(dated)), tallest, least, most, tuple(lines))


_ROUND: Final = (0.01, 0.1, 1, 10, 60, 600, 3600, 36_000)


def _decades(least: float, most: float) -> tuple[float, float]:
    """Round lengths around two."""
    low = next((each for each in reversed(_ROUND) if each <= least), _ROUND[0])
    high = next((each for each in _ROUND if each >= most and each > low), most)
    return low, high


def _share(group: Group, groups: Iterable[Group]) -> float:
    """How wide the bar of a group is beside those of the others."""
    widest = max((each.outage for each in groups), default=0.0)
    return round(group.outage / widest, 4) if widest else 0.0


# --- what the script counts with ---------------------------------------------------------------------------


def value(group: Group) -> str:
    """A group in an address."""
    return UNKNOWN if group.name is None else group.name


def _placed(report: FleetReport) -> dict[str, dict[str | None, int]]:
    named = {each.name: _by_name(each) for each in report.dimensions}
    return {**named, "month": {each.name: place for place, each in enumerate(report.months)}}


def _by_name(dimension: Dimension) -> dict[str | None, int]:
    return {group.name: place for place, group in enumerate(dimension.groups) if not group.rest}


def _places(placed: Mapping[str, Mapping[str | None, int]], told: Told) -> str:
    """The places of an incident's groups, in the order of the script's dimensions, the month last."""
    of = {
        "cause": told.root_cause, "agent": told.agent, "release": told.release, "size": told.size,
        "fencing": told.fencing, "month": told.month,
    }  # fmt: skip
    return ",".join(str(places.get(of[name], OTHERS)) for name, places in placed.items())


def _data(report: FleetReport, chart: Chart | None) -> dict[str, Any] | None:
    """What the script is given; None where there are too many incidents for it."""
    columns = report.columns
    if columns is None:
        return None
    names = [each.name for each in report.dimensions]
    content = b"".join(
        [
            *(columns.places[each] for each in (*names, "month")),
            columns.recovered,
            columns.recovery,
            columns.outage,
            columns.clusters,
        ]
    )
    return {
        "length": columns.length,
        "dimensions": [
            {
                "name": each.name,
                "column": each.column,
                "values": [value(group) for group in each.groups if not group.rest],
                "shown": [name(each.name, group) for group in each.groups if not group.rest],
            }
            for each in report.dimensions
        ],
        "months": [each.name for each in report.months],
        "shownMonths": [month(each.name) for each in report.months],
        "scale": [chart.least, chart.most] if chart else [1, 10],
        "where": list(_conditions(report.wanted)),
        "content": base64.b64encode(zlib.compress(content, _LEVEL)).decode(),
    }
