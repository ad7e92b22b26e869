"""What the texts of a report tell: releases, dates and sbd's timeouts (sysinfo.txt, description.txt, .env, sbd.txt)."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from dateutil import parser
from msgspec import Struct

from logtrace.config.model import Sbd

#: These texts are short; a package list of thousands of lines fits.
MAX_CHARACTERS: Final = 2_000_000

_NUMBER = r"(\d+\.\d+(?:\.\d+)?)"
#: In order of trust: what the program says of itself, then the package.
_PACEMAKER: Final = (
    re.compile(rf"^[ \t]*CRM Version: {_NUMBER}", re.MULTILINE | re.ASCII),
    re.compile(rf"^[ \t]*Pacemaker {_NUMBER}", re.MULTILINE | re.ASCII),
    re.compile(rf"^[ \t]*pacemaker[ -](?:\d+:)?{_NUMBER}", re.MULTILINE | re.ASCII),
)
_COROSYNC: Final = (
    re.compile(rf"Corosync Cluster Engine,? (?:version )?\(?'?{_NUMBER}", re.ASCII),
    re.compile(rf"^[ \t]*corosync[ -](?:\d+:)?{_NUMBER}", re.MULTILINE | re.ASCII),
)
_HEARTBEAT: Final = (re.compile(rf"^[ \t]*heartbeat[ :-]+(?:\d+:)?{_NUMBER}", re.MULTILINE | re.ASCII),)

#: A date alone on a line, or after "Date:" or "Time:". `date` and ctime() print it like this in most locales.
_DATE = re.compile(
    r"^[ \t]*(?:(?:Date|Time): +)?"
    r"((?:[A-Z][a-z]{2},? )?"
    r"(?:[A-Z][a-z]{2} +\d{1,2}|\d{1,2} [A-Z][a-z]{2}(?: \d{4})?|\d{4}-\d\d-\d\d)"
    r"[ T,]+\d\d:\d\d:\d\d(?: [AP]M)?)"
    r"(?: ?([A-Z]{1,5}|[+-]\d\d:?\d\d))?(?: (\d{4}))?[ \t\r]*$",
    re.MULTILINE | re.ASCII,
)
_EPOCH = re.compile(r"^(?:export )?(LOG_START|LOG_END|FROM_TIME|TO_TIME)=[\"']?(\d{9,10})\b", re.MULTILINE | re.ASCII)
#: `sbd dump`, for each disk.
_SBD_TIMEOUT = re.compile(r"^[ \t]*Timeout \((watchdog|msgwait)\)[ \t]*: (\d{1,6})[ \t\r]*$", re.MULTILINE | re.ASCII)
_EPOCH_NAMES = {"FROM_TIME": "LOG_START", "TO_TIME": "LOG_END"}


class Versions(Struct, frozen=True):
    """Releases as a text states them. The dc-version of a CIB, where there is one, knows Pacemaker's better."""

    pacemaker: str | None = None
    corosync: str | None = None
    heartbeat: str | None = None


class Stamp(Struct, frozen=True):
    """A moment the collector wrote down: naive local time of the node that wrote it, and its zone as printed."""

    local: datetime
    zone: str | None


def releases(text: str) -> Versions:
    """The releases named in a text; of several nodes' packages the first. Works on log lines too."""
    head = text[:MAX_CHARACTERS]
    return Versions(_first(_PACEMAKER, head), _first(_COROSYNC, head), _first(_HEARTBEAT, head))


def stamp(text: str) -> Stamp | None:
    """The first date in description.txt or time.txt: when the report was made. None when there is none.

    A zone is as printed ("CST"); such names are ambiguous and may be wrong, so nothing is computed from them here.
    """
    for match in _DATE.finditer(text[:MAX_CHARACTERS]):
        date, zone, year = match.groups()
        written = f"{date} {year}" if year else date
        if not re.search(r"\d{4}", written):
            continue
        try:
            return Stamp(parser.parse(written, ignoretz=True), zone)
        except (ValueError, OverflowError):
            continue
    return None


def log_epochs(text: str) -> tuple[int | None, int | None]:
    """Begin and end of the report's window in seconds since 1970, out of the `.env` of a crm_report or hb_report.

    The names differ (LOG_START and LOG_END, FROM_TIME and TO_TIME); a window open at one side gives None there.
    """
    found = {_EPOCH_NAMES.get(name, name): int(value) for name, value in _EPOCH.findall(text[:MAX_CHARACTERS])}
    return found.get("LOG_START"), found.get("LOG_END")


def sbd_timeouts(text: str) -> Sbd | None:
    """The longest timeouts of all disks in the text; None when it tells of none."""
    found: dict[str, float] = {}
    for name, seconds in _SBD_TIMEOUT.findall(text[:MAX_CHARACTERS]):
        found[name] = max(found.get(name, 0.0), float(seconds))
    return Sbd(found.get("watchdog"), found.get("msgwait")) if found else None


def _first(patterns: tuple[re.Pattern[str], ...], text: str) -> str | None:
    return next((match[1] for pattern in patterns if (match := pattern.search(text))), None)
