"""`sbd dump` (sbd.txt of a report) -> Sbd."""

from __future__ import annotations

import re
from typing import Final

from logtrace.config.model import Sbd

#: The text is a few lines for each disk.
MAX_CHARACTERS: Final = 1_000_000

_TIMEOUT = re.compile(r"^[ \t]*Timeout \((watchdog|msgwait)\)[ \t]*: (\d{1,6})[ \t\r]*$", re.MULTILINE | re.ASCII)


def read(text: str) -> Sbd | None:
    """The longest timeouts of all disks in the text; None when it tells of none."""
    found: dict[str, float] = {}
    for name, seconds in _TIMEOUT.findall(text[:MAX_CHARACTERS]):
        found[name] = max(found.get(name, 0.0), float(seconds))
    return Sbd(found.get("watchdog"), found.get("msgwait")) if found else None
