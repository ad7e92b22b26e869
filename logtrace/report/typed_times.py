"""A time as it is typed for `--since` and `--until`: before the end of the logs, or a time of day, a date, or both.

Only what can mean one time is read: dateutil by itself takes `5m` for five past midnight, `-2` for the second of the
month, `02/03` for somebody's date, and leaves out a zone it does not know.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Final

from dateutil import parser as dates

from logtrace.errors import UsageError

_UNITS: Final = {
    "s|secs?|seconds?": 1, "m|mins?|minutes?": 60, "h|hrs?|hours?": 3600, "d|days?": 86400, "w|weeks?": 604_800
}  # fmt: skip
_PART: Final = re.compile(rf"(\d+(?:\.\d+)?)\s*({'|'.join(_UNITS)})(?![a-z])\s*", re.ASCII | re.IGNORECASE)
_AGO: Final = re.compile(rf"(?:now|-\s*(?:{_PART.pattern})+|(?:{_PART.pattern})+(?:ago)?)", re.ASCII | re.IGNORECASE)
_LONG: Final = 40  # characters
_EPOCH: Final = re.compile(r"@?(1\d{9})", re.ASCII)

_YEAR: Final = r"[12]\d{3}"
_MONTH: Final = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_NAMED: Final = rf"(?:{_MONTH}\s+\d{{1,2}}|\d{{1,2}}\s+{_MONTH})(?:,?\s+{_YEAR})?"
_DATE: Final = rf"(?:{_YEAR}([-/]?)(?:0[1-9]|1[0-2])\1\d{{2}}|{_NAMED}|(?P<near>today|yesterday))"
_HALF: Final = r"(?:0?[1-9]|1[0-2])(?::\d{2}){0,2}\s*[ap]m"
_CLOCK: Final = rf"(?:\d{{1,2}}:\d{{2}}(?::\d{{2}}(?:[.,]\d+)?)?|{_HALF})(?:\s*(?:Z|UTC|[+-]\d{{2}}(?::?\d{{2}})?))?"
_DAY: Final = re.compile(_DATE, re.ASCII | re.IGNORECASE)
_TIME: Final = re.compile(rf"(?:{_DATE}(?:,?\s+(?:at\s+)?|T))?(?P<clock>{_CLOCK})", re.ASCII | re.IGNORECASE)
#: A date in numbers, which some write with the day first and others with the month.
_NUMBERS: Final = re.compile(rf"(\d{{1,2}})([./-])(\d{{1,2}})\2({_YEAR})", re.ASCII)

_LEAP_YEAR: Final = datetime(2024, 12, 31, tzinfo=UTC)
_REMEDY: Final = (
    "write 16:40, yesterday 16:40, or 2026-11-22 16:40, with Z or +02:00 unless it is in the nodes' zone, or 1h30m"
)


def check(text: str) -> None:
    """Raises UsageError for what is no time, whatever the logs hold."""
    _moment(text, _LEAP_YEAR, timedelta(), 0)


def is_relative(text: str) -> bool:
    """Whether it counts from the end of the logs."""
    return _AGO.fullmatch(text.strip()) is not None


def length(text: str) -> float | None:
    """Seconds as they are typed for a length of time: `60`, `1.5`, `90s`, `1h30m`; None for what is none."""
    typed = text.strip()
    if re.fullmatch(r"\d{1,9}(?:\.\d{1,9})?", typed, re.ASCII):
        return float(typed)
    if len(typed) > _LONG or not re.fullmatch(rf"(?:{_PART.pattern})+", typed, re.ASCII | re.IGNORECASE):
        return None
    return sum(map(_length, _PART.finditer(typed)), timedelta()).total_seconds()


def since(text: str, end: datetime, offset: timedelta) -> datetime:
    """The beginning of a window of logs that go up to `end`; `offset` of the zone in which times are typed.

    Without a date it is the last such time before the end, and yesterday is the day before that of the end. Raises
    UsageError for what is no time.
    """
    moment, _ = _moment(text, end, offset, 0)
    return moment if moment <= end else _moment(text, end, offset, 1)[0]


def until(text: str, end: datetime, offset: timedelta) -> datetime:
    """The end of a window. Without a date it is of the day of the end; a date alone is all of its day. Raises
    UsageError for what is no time.
    """
    moment, whole_day = _moment(text, end, offset, 0)
    return moment + timedelta(days=1) - datetime.resolution if whole_day else moment


def _moment(text: str, end: datetime, offset: timedelta, days: int) -> tuple[datetime, bool]:
    """A time as typed, and whether it is all of a day; what it lacks of a date is that of so many `days` before the
    end.
    """
    typed = _NUMBERS.sub(_day_of_numbers, text.strip(), count=1)
    try:
        if is_relative(typed):
            return end - sum(map(_length, _PART.finditer(typed)), timedelta()), False
        if epoch := _EPOCH.fullmatch(typed):
            return datetime.fromtimestamp(int(epoch[1]), UTC), False
        day_alone = _DAY.fullmatch(typed)
        found = day_alone or _TIME.fullmatch(typed)
        if found is None:
            raise ValueError(typed)
        if found["near"]:
            days, typed = int(found["near"].lower() == "yesterday"), "00:00" if day_alone else found["clock"]
        zone = dates.parse(typed, default=_LEAP_YEAR.replace(tzinfo=None)).tzinfo or timezone(offset)
        day = (end - timedelta(days=days)).astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
        return dates.parse(typed, default=day).astimezone(UTC), day_alone is not None
    except (ValueError, OverflowError) as error:
        raise UsageError(f"cannot read the time {text!r}", remedy=_REMEDY) from error


def _length(part: re.Match[str]) -> timedelta:
    factor = next(each for unit, each in _UNITS.items() if re.fullmatch(unit, part[2], re.IGNORECASE))
    return timedelta(seconds=float(part[1]) * factor)


def _day_of_numbers(found: re.Match[str]) -> str:
    """`22.11.2026` as 2026-11-22; raises UsageError where day and month cannot be told apart."""
    first, second, year = int(found[1]), int(found[3]), int(found[4])
    possible = {each for each in (_day(year, second, first), _day(year, first, second)) if each}
    if len(possible) > 1:
        raise UsageError(f"{found[0]!r} may be either of two days", remedy=f"write {' or '.join(sorted(possible))}")
    return next(iter(possible), found[0])


def _day(year: int, month: int, day: int) -> str | None:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None
