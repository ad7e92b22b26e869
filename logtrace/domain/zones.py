"""Zones of time: those there are, and one as people type it."""

from __future__ import annotations

import re
from datetime import datetime, tzinfo
from typing import Final

from dateutil import tz

from logtrace.errors import UsageError

#: Seconds from UTC to the clocks of the Earth, from -12:00 to +14:00; what says it is of another is not believed.
WEST: Final = -12 * 3600
EAST: Final = 14 * 3600

_ZONE_NAME: Final = re.compile(r"[A-Za-z][\w+,-]*(?:[/.][\w+,-]+)*", re.ASCII)


def parse_zone(name: str | None) -> tzinfo | None:
    """A zone by name (Europe/Berlin) or offset (+02:00), or None when none was told."""
    if name is None:
        return None
    try:
        # tz.gettz would open any file, and take no name at all for the zone of this machine
        found = tz.gettz(name) if _ZONE_NAME.fullmatch(name) else None
        return found or datetime.strptime(name, "%z").tzinfo
    except ValueError:
        raise UsageError(
            f"unknown time zone {name!r}", remedy="give a name such as Europe/Berlin or an offset such as +02:00"
        ) from None
