"""Pacemaker's time specifications ("5s", "1min", "10", "200ms", "PT5M") as seconds."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

#: Ten years: whatever is longer is taken as this, for time can be added to no end.
LONGEST: Final = 315_360_000.0

_SIMPLE = re.compile(r"\s*(\d{1,15})(?:\.\d*)?\s*([a-z]*)", re.ASCII | re.IGNORECASE)
_ISO = re.compile(r"P((?:T|\d{1,15}[YMWDHS])*\d{1,15}[YMWDHS]T?)(?:[\s/].*)?", re.ASCII | re.DOTALL)
_ISO_PART = re.compile(r"(\d*)([TYMWDHS])", re.ASCII)
_ISO_SECONDS = {"Y": 365 * 86400.0, "W": 7 * 86400.0, "D": 86400.0, "H": 3600.0, "S": 1.0}

#: Unit prefixes in the order Pacemaker tries them; it compares prefixes, so "mins" and "seconds" count.
_UNITS = (("ms", 0.001), ("us", 0.000001), ("s", 1.0), ("m", 60.0), ("h", 3600.0), ("d", 86400.0))


@lru_cache(maxsize=1024)  # a configuration has few, and every incident asks for them
def seconds(text: str | None) -> float | None:
    """The duration `text` stands for in seconds; None when it is absent or Pacemaker would refuse it.

    A bare number is seconds and digits after a point are dropped (pcmk__parse_ms, before it crm_get_msec). Interval
    specifications may also be ISO 8601 durations (pcmk_parse_interval_spec, crm_time_parse_duration): in any order, and
    the T is only missed where it tells minutes from months. Years and months, which have no fixed length, count 365
    and 30 days.
    """
    if text is None or len(text) > 64:
        return None
    if simple := _SIMPLE.fullmatch(text.rstrip()):
        number, unit = int(simple[1]), simple[2].lower()
        factors = (factor for name, factor in _UNITS if unit.startswith(name))
        factor = 1.0 if not unit else next(factors, None)
        return None if factor is None else min(number * factor, LONGEST)
    iso = _ISO.fullmatch(text)
    return None if iso is None else min(_iso_seconds(iso[1]), LONGEST)


def _iso_seconds(parts: str) -> float:
    total, month = 0.0, 30 * 86400.0
    for number, unit in _ISO_PART.findall(parts):
        if unit == "T":
            month = 60.0  # from here on M is minutes
        else:
            total += int(number) * _ISO_SECONDS.get(unit, month)
    return total
