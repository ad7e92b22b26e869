"""The common ground of the pictures: where a moment stands on the width of a chart, and what fits beside what."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from msgspec import Struct

from logtrace.render import words
from logtrace.render.untrusted import Shown, shown

GUTTER = 20.0  # percent of the width, for the names of the rows
RIGHT = 96.5  # percent of the width at which the plot ends
CHARACTER = 0.95  # percent of the width that one character of a label takes on the narrowest chart
ROW = 22  # pixels
_NAME = 24  # characters of a name that fit the gutter
_STEPS = (
    *(timedelta(milliseconds=n) for n in (1, 2, 5, 10, 20, 50, 100, 200, 500)),
    *(timedelta(seconds=n) for n in (1, 2, 5, 10, 15, 30)),
    *(timedelta(minutes=n) for n in (1, 2, 5, 10, 15, 30)),
    *(timedelta(hours=n) for n in (1, 2, 3, 6, 12)),
    *(timedelta(days=n) for n in (1, 2, 7, 14, 28, 91, 364)),
)


class Scale(Struct, frozen=True):
    """Places moments between `start` and `end` (UTC) on the width of a chart, in percent."""

    start: datetime
    end: datetime

    def x(self, moment: datetime) -> float:
        share = (moment - self.start) / (self.end - self.start)
        return round(GUTTER + (RIGHT - GUTTER) * min(max(share, 0.0), 1.0), 3)

    def holds(self, start: datetime, end: datetime) -> bool:
        return start <= self.end and end >= self.start

    def stretch(self, start: datetime, end: datetime) -> tuple[float, float]:
        """Where a stretch of time begins, and how wide it is."""
        left = self.x(start)
        return left, round(max(self.x(end) - left, 0.0), 3)


class Tick(Struct, frozen=True):
    x: float
    text: str


def ticks(scale: Scale, wanted: int) -> tuple[Tick, ...]:
    """About `wanted` round moments, dates where the steps are days."""
    length = scale.end - scale.start
    step = next((step for step in _STEPS if length / step <= wanted), length / wanted)
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    moment = epoch + step * -(-(scale.start - epoch) // step)
    out = []
    while moment <= scale.end:
        if step >= timedelta(days=1):
            text = words.day(moment)
        elif step >= timedelta(minutes=1):
            text = f"{moment:%H:%M}"
        else:
            text = words.clock(moment) if step < timedelta(seconds=1) else f"{moment:%H:%M:%S}"
        x = scale.x(moment)
        out.append(Tick(x, text if x + len(text) * CHARACTER / 2 <= 100 else ""))
        moment += step
    return tuple(out)


def level(ends: list[float], left: float, right: float, most: int = 8) -> int:
    """The first level on which something from `left` to `right` meets nothing; `ends` holds how far each is taken."""
    free = next((n for n, end in enumerate(ends) if end <= left), min(len(ends), most - 1))
    ends[free:] = [right, *ends[free + 1 :]]
    return free


def short(name: str) -> Shown:
    """A name cut in its middle, where long names differ least."""
    if len(name) <= _NAME:
        return shown(name)
    return shown(f"{name[: _NAME // 2]}\N{HORIZONTAL ELLIPSIS}{name[-_NAME // 2 + 1 :]}", 60)
