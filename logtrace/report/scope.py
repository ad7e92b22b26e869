"""All that is known of an input, and the part of it that was asked for: a window of time, nodes, resources."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatch

from msgspec import Struct
from msgspec.structs import replace

from logtrace.clocks.anchors import in_year, latest_before
from logtrace.domain.columns import NO_YEAR
from logtrace.errors import NothingUsableError, UsageError, there_are
from logtrace.report import typed_times as typed
from logtrace.report.case import Case, Incident, Window
from logtrace.report.parts import with_parts
from logtrace.report.rereading import Rereading
from logtrace.timeline.fencing import Fencing
from logtrace.timeline.losses import NodeLoss


class Options(Struct, frozen=True):
    """What the user asked for, as typed.

    `since`, `until`: absolute, or relative (`-2h`) to the end of the logs. `jobs`: threads, 0 as suits the processors
    there are. `cache`: a folder in which what was read is kept for the next time. `max_memory`: bytes this process may
    take, None: three quarters of what is available. `one_case`: all that was given is one case, whatever it says.
    `again`: what it takes to read all lines again is told as well.
    """

    since: str | None = None
    until: str | None = None
    nodes: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    timezone: str | None = None
    year: int | None = None
    jobs: int = 0
    cache: str | None = None
    max_memory: int | None = None
    one_case: bool = False
    again: bool = False


class Cases(Struct, frozen=True):
    """The cases of an input, at least one, each with a name of its own; and why other parts of it are none."""

    cases: tuple[Case, ...]
    unusable: tuple[NothingUsableError, ...] = ()


def several(paths: Sequence[str], found: Sequence[Case]) -> UsageError:
    """What is said where one case was asked for."""
    names = ", ".join(case.name for case in found[:5]) + (", ..." if len(found) > 5 else "")
    return UsageError(
        f"{', '.join(paths[:3])}: these are {len(found)} cases ({names})",
        remedy="name what belongs to one of them, or add --one-case",
    )


class Whole(Struct, frozen=True):
    """A case of all that is in the input, and what it takes to make a part of it.

    `offset`: UTC offset in seconds of the zone in which times are typed; `resources`: all that are configured or spoken
    of; `losses`, `fencings`: as in the timeline. `rereading`: only where it was asked for, and never kept.
    """

    case: Case
    offset: float
    resources: tuple[str, ...]
    losses: tuple[NodeLoss, ...]
    fencings: tuple[Fencing, ...]
    rereading: Rereading | None = None

    def part(self, options: Options) -> Case:
        """The case of what `options` asks for. Raises UsageError for a time that is none and for unknown names."""
        case = self.case
        _check_names("--node", options.nodes, [node.name for node in case.cluster.nodes])
        _check_names("--resource", options.resources, self.resources)
        window = self._window(options)
        found = _wanted(case.incidents, window, options)
        if window == case.window:
            return replace(case, incidents=found, frames=case.frames.telling(found))
        frames = case.frames
        if window.start is not None and window.end is not None:
            frames = frames.between(window.start, window.end)
        told = with_parts(replace(case, window=window, frames=frames), self.losses, self.fencings)
        return replace(told, incidents=found, frames=told.frames.telling(found))

    def _window(self, options: Options) -> Window:
        whole, offset = self.case.window, timedelta(seconds=self.offset)
        start, end = whole.start, whole.end
        if whole.end is not None and options.since is not None:
            start = typed.since(options.since, whole.end, offset)
        if whole.end is not None and options.until is not None:
            end = typed.until(options.until, whole.end, offset)
            if options.since is not None and start is not None and start > end:
                raise UsageError("--since is later than --until", remedy="swap them, or give each its date")
        return replace(whole, start=start, end=end, only=(*options.nodes, *options.resources))


#: What reaches into a window began before it. Logs are read as much further back: a log may end some time behind the
#: last line that tells something, and clocks may have gone to or from summer time.
_LEAD = timedelta(hours=3)
#: A time that is typed without a zone is in that of the nodes, which is not known before their logs are read; and one
#: without a date may be that of the day before.
_ZONES = timedelta(hours=50)
_DAY = timedelta(days=1)


def reach(options: Options, last: datetime) -> timedelta | None:
    """How far back from `last`, its last time, a log is to be read for what `options` ask for; None: as far as it goes.

    `last` is naive, in the zone of the log, with NO_YEAR where its lines have no year; they are taken to be of the
    latest year that can be, for a log that is older than that is then read further back than need be. Raises UsageError
    for a time that is none.
    """
    if options.since is None or options.cache is not None:  # the cache keeps all
        return None
    if last.year == NO_YEAR:
        tomorrow = datetime.now(UTC).replace(tzinfo=None) + _DAY
        said = in_year(last, options.year) if options.year else None
        last = said or latest_before(last, tomorrow)
    start = typed.since(options.since, last.replace(tzinfo=UTC), timedelta())
    zones = timedelta() if typed.is_relative(options.since) else _ZONES
    return max(last.replace(tzinfo=UTC) - start, timedelta()) + 2 * _LEAD + zones


def beginning(since: str, end: datetime, offset: timedelta) -> datetime:
    """What is before this time is left out everywhere, where some log was not read further back: half of what happened
    would be told as if it were all. `end` of all logs; `offset` of the zone in which times are typed.
    """
    return min(typed.since(since, end, offset), end) - _LEAD


def _check_names(option: str, patterns: Sequence[str], names: Sequence[str]) -> None:
    """Raises UsageError for a name that nothing has: finding nothing about it must not read like good news."""
    for pattern in patterns:
        if not any(fnmatch(name, pattern) for name in names):
            remedy = there_are(names) or "leave it out"
            raise UsageError(f"nothing here is called {pattern!r}", where=option, remedy=remedy)


def _wanted(found: tuple[Incident, ...], window: Window, options: Options) -> tuple[Incident, ...]:
    def fits(names: Sequence[str], patterns: Sequence[str]) -> bool:
        return not patterns or any(fnmatch(name, pattern) for name in names for pattern in patterns)

    def inside(one: Incident) -> bool:
        first = one.t_fault or one.t_detected
        last = one.t_end or one.t_detected
        late = window.end is not None and first is not None and first > window.end
        early = window.start is not None and last is not None and last < window.start
        return not late and not early

    return tuple(
        one
        for one in found
        if inside(one) and fits(one.nodes, options.nodes) and fits(one.resources, options.resources)
    )
