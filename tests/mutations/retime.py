"""Move every time in a report: all instants by a shift, all local times by a change of zone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from typing import Final

from report_files import Member, Report

_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_ISO: Final = re.compile(
    r"(?<!\d)(?P<day>20\d\d[-/]\d\d[-/]\d\d)(?P<gap>[T _])(?P<time>\d\d:\d\d:\d\d)(?P<rest>\.\d+)?"
    r"(?P<zone>[+-]\d\d:?\d\d)?"
)
_NAMED: Final = re.compile(
    rf"(?:\b(?P<weekday>{'|'.join(_DAYS)}) )?\b(?P<month>{'|'.join(_MONTHS)}) (?P<day>[ \d]\d) (?P<time>\d\d:\d\d:\d\d)"
    r"(?P<rest>\.\d+)?(?P<zone> [A-Z]{3,4}(?= 20\d\d\b))?(?P<year> 20\d\d\b)?"
)
_EPOCH: Final = re.compile(r"(?<![\d.])(\d{10})(\d{3})?(?!\d)")
_DAY: Final = 86400


def retime(
    report: Report,
    year: int,
    *,
    shift: timedelta = timedelta(),
    zone: timedelta = timedelta(),
    zones: Mapping[str, timedelta] | None = None,
    clocks: Mapping[str, timedelta] | None = None,
) -> Report:
    """`year`: of the times that do not say theirs. `zone`: how far local time is to be ahead of what it was.

    `zones`: the same for single nodes; `clocks`: how far those of single nodes are ahead in all they say. Epochs move
    by `shift` alone, and so do the files' own times.
    """
    middle = datetime(year, 7, 1).timestamp()  # noqa: DTZ001 - half a year more or less does not matter

    def change(member: Member, text: str) -> str:
        ahead = (zones or {}).get(member.folder or "", zone)
        fast = (clocks or {}).get(member.folder or "", timedelta())
        return _moved(text, year, shift + fast, ahead, middle)

    moved = report.rewrite(change)
    return Report(tuple(replace(one, modified=one.modified + shift.total_seconds()) for one in moved.members))


def _moved(text: str, year: int, shift: timedelta, zone: timedelta, middle: float) -> str:
    local = shift + zone

    @cache
    def day(year_: int, month: int, day_: int, time: str) -> datetime:
        hour, minute, second = map(int, time.split(":"))
        return datetime(year_, month, day_, hour, minute, second) + local  # noqa: DTZ001 - a node's local time

    def iso(match: re.Match[str]) -> str:
        slash = "/" if "/" in match["day"] else "-"
        moment = day(*map(int, match["day"].split(slash)), match["time"])  # type: ignore[call-arg]
        offset = match["zone"]
        if offset and zone:
            offset = _offset(zone, colon=":" in offset)
        return f"{moment:%Y{slash}%m{slash}%d}{match['gap']}{moment:%H:%M:%S}{match['rest'] or ''}{offset or ''}"

    def named(match: re.Match[str]) -> str:
        moment = day(int(match["year"] or year), _MONTHS.index(match["month"]) + 1, int(match["day"]), match["time"])
        weekday = f"{_DAYS[moment.weekday()]} " if match["weekday"] else ""
        number = f"{moment.day:2d}" if match["day"].startswith(" ") else f"{moment.day:02d}"
        told = f" {moment.year}" if match["year"] else ""
        rest = f"{match['rest'] or ''}{match['zone'] or ''}"
        return f"{weekday}{_MONTHS[moment.month - 1]} {number} {moment:%H:%M:%S}{rest}{told}"

    def epoch(match: re.Match[str]) -> str:
        seconds = int(match[1])
        if abs(seconds - middle) > 200 * _DAY:
            return match[0]
        return f"{seconds + int(shift.total_seconds())}{match[2] or ''}"

    text = _NAMED.sub(named, _ISO.sub(iso, text))
    return _EPOCH.sub(epoch, text) if shift else text


def _offset(zone: timedelta, *, colon: bool) -> str:
    """As the corpus' nodes are on UTC, the change is the new offset."""
    minutes = int(zone.total_seconds()) // 60
    sign = "-" if minutes < 0 else "+"
    return f"{sign}{abs(minutes) // 60:02d}{':' if colon else ''}{abs(minutes) % 60:02d}"
