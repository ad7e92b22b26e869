"""Blocks of a log that are earlier than the window that was asked for: their lines are counted, and not looked at."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct

from logtrace.domain.columns import NO_YEAR
from logtrace.lines import stamps
from logtrace.lines.blocks import lines_of

#: Bytes at either end of a block in which its times are looked for.
_LOOK: Final = 2048
_DAY: Final = timedelta(days=1)
_YEAR: Final = timedelta(days=364)  # at least
_LEAP_DAY: Final = datetime(NO_YEAR, 2, 29)  # noqa: DTZ001 - a local time


def last_time(end: bytes) -> datetime | None:
    """The local time of the last line in the last bytes of a log that begins with one; naive, with NO_YEAR where none
    is printed.
    """
    times = _times(end)
    return times[-1] if times else None


class Earlier(Struct, frozen=True):
    """Knows what was written more than `age` before `last`, the last time of a log."""

    last: datetime
    age: timedelta

    def holds(self, block: bytes) -> bool:
        """Whether all of a block is earlier, as the lines at both its ends tell. Without a time it is not."""
        times = _times(block[: block.rfind(b"\n", 0, _LOOK) + 1] + block[-_LOOK:])
        return bool(times) and all(self._is_earlier(time) for time in times)

    def _is_earlier(self, time: datetime) -> bool:
        if (time.year == NO_YEAR) != (self.last.year == NO_YEAR):
            return False
        age = self.last - time
        if self.last.year != NO_YEAR:
            return age > self.age
        if age < -_DAY:
            age += _YEAR
        elif time < _LEAP_DAY <= self.last:  # which there may not have been
            age -= _DAY
        return age > self.age


def _times(piece: bytes) -> list[datetime]:
    """The times of the lines in some bytes of a log that begin with one."""
    local: list[datetime] = stamps.wordings(lines_of(piece)["text"])["local"].drop_nulls().to_list()
    return local
