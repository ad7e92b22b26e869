"""A time as it is typed for `--since` and `--until`: before the end of the logs, or a time of day, a date, or both.

Only what can mean one time is read: dateutil by itself takes `5m` for five past midnight, `-2` for the second of the
month, `02/03` for somebody's date, and leaves out a zone it does not know.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

from dateutil import parser as dates

from logtrace.errors import UsageError

_UNITS: Final = {"sec": 1, "s": 1, "min": 60, "m": 60, "h": 3600, "d": 86400}
_PART: Final = re.compile(rf"(\d+(?:\.\d+)?)\s*({'|'.join(_UNITS)})\s*", re.ASCII)
_LONG: Final = 40  # characters
_RELATIVE: Final = re.compile(rf"-\s*(?:{_PART.pattern})+", re.ASCII)

_YEAR: Final = r"[12]\d{3}"
_MONTH: Final = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_NAMED: Final = rf"(?:{_MONTH}\s+\d{{1,2}}|\d{{1,2}}\s+{_MONTH})(?:,?\s+{_YEAR})?"
_DATE: Final = rf"(?:{_YEAR}([-/]?)(?:0[1-9]|1[0-2])\1\d{{2}}|{_NAMED})"
_CLOCK: Final = r"\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:\s*(?:Z|UTC|[+-]\d{2}(?::?\d{2})?))?"
_DAY: Final = re.compile(_DATE, re.ASCII | re.IGNORECASE)
_TIME: Final = re.compile(rf"(?:{_DATE}(?:\s+|T))?{_CLOCK}", re.ASCII | re.IGNORECASE)

_LEAP_YEAR: Final = datetime(2024, 12, 31, tzinfo=UTC)


def check(text: str) -> None:
    """Raises UsageError for what is no time, whatever the logs hold."""
    _moment(text, _LEAP_YEAR, timedelta(), 0)


def is_relative(text: str) -> bool:
    """Whether it counts from the end of the logs."""
    return _RELATIVE.fullmatch(text.strip()) is not None


def length(text: str) -> float | None:
    """Seconds as they are typed for a length of time: `60`, `1.5`, `90s`, `1h30m`; None for what is none."""
    typed = text.strip()
    if re.fullmatch(r"\d{1,9}(?:\.\d{1,9})?", typed, re.ASCII):
        return float(typed)
    if len(typed) > _LONG or not re.fullmatch(rf"(?:{_PART.pattern})+", typed, re.ASCII):
        return None
    return sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(typed))


def since(text: str, end: datetime, offset: timedelta) -> datetime:
    """The beginning of a window of logs that go up to `end`; `offset` of the zone in which times are typed.

    Without a date it is the last such time before the end. Raises UsageError for what is no time.
    """
    moment = _moment(text, end, offset, 0)
    return moment if moment <= end else _moment(text, end, offset, 1)


def until(text: str, end: datetime, offset: timedelta) -> datetime:
    """The end of a window. Without a date it is of the day of the end; a date alone is all of its day. Raises
    UsageError for what is no time.
    """
    moment = _moment(text, end, offset, 0)
    return moment + timedelta(days=1) - datetime.resolution if _DAY.fullmatch(text.strip()) else moment


def _moment(text: str, end: datetime, offset: timedelta, days: int) -> datetime:
    """A time as typed; what it lacks of a date is that of so many `days` before the end."""
    typed = text.strip()
    try:
        if is_relative(typed):
            return end - timedelta(seconds=sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(typed)))
        if not _DAY.fullmatch(typed) and not _TIME.fullmatch(typed):
            raise ValueError(typed)
        zone = dates.parse(typed, default=_LEAP_YEAR.replace(tzinfo=None)).tzinfo or timezone(offset)
        day = (end - timedelta(days=days)).astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
        return dates.parse(typed, default=day).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise UsageError(
            f"cannot read the time {text!r}",
            remedy="write 16:40 or 2026-11-22 16:40, with Z or +02:00 unless it is in the nodes' zone, or -1h30m",
        ) from error
