"""`logtrace.analyze`: logtrace for Python programs, with options in Python's own types."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from logtrace import pipeline
from logtrace.report import typed_times
from logtrace.report.case import Case
from logtrace.report.scope import Options

AnyPath = str | os.PathLike[str]


def analyze(
    paths: AnyPath | Iterable[AnyPath],
    *,
    since: str | datetime | timedelta | None = None,
    until: str | datetime | timedelta | None = None,
    node: str | Iterable[str] = (),
    resource: str | Iterable[str] = (),
    timezone: str | tzinfo | None = None,
    year: int | None = None,
    jobs: int = 0,
    cache: AnyPath | None = None,
    max_memory: int | None = None,
    one_case: bool = False,
) -> Case:
    """Read `paths` (archives, folders, logs: one, or several of one case) and say what happened.

    `since`, `until`: the window that is looked at. A datetime without a zone is in the zone of the nodes, a timedelta
    counts back from the end of the logs whatever its sign, and a text is read as the command line reads it (`16:40`,
    `-1h30m`). `node`, `resource`: names, or patterns such as `db*`, of what the incidents must concern. `timezone`,
    `year`: those of times that print none; a zone is a name such as `Europe/Berlin`, an offset such as `+02:00`, or a
    ZoneInfo or datetime.timezone. `jobs`: threads, 0 as suits the processors there are. `cache`: a folder in which
    what was read is kept for the next time. `max_memory`: bytes this process may take, None for three quarters of what
    is free. `one_case`: what speaks of several clusters or times is taken as one case nevertheless.

    Raises UsageError for a path, time, name or zone that is none and for several cases, NothingUsableError where the
    input holds nothing to go on, and UnsafeInputError where it must be refused; all are logtrace.errors.LogtraceError.
    Whatever else is wrong with the input is skipped and told in `case.coverage`.
    """
    options = _options(since, until, node, resource, timezone, year, jobs, cache, max_memory, one_case=one_case)
    return pipeline.analyze(_paths(paths), options)


def cases(
    paths: AnyPath | Iterable[AnyPath],
    *,
    since: str | datetime | timedelta | None = None,
    until: str | datetime | timedelta | None = None,
    node: str | Iterable[str] = (),
    resource: str | Iterable[str] = (),
    timezone: str | tzinfo | None = None,
    year: int | None = None,
    jobs: int = 0,
    cache: AnyPath | None = None,
    max_memory: int | None = None,
) -> tuple[Case, ...]:
    """The same of however many clusters and times `paths` tell of, such as a folder of archives: a case for each, in
    the order in which they were read. What holds nothing to go on is left out if there is anything else.
    """
    options = _options(since, until, node, resource, timezone, year, jobs, cache, max_memory)
    return pipeline.cases(_paths(paths), options).cases


def _paths(paths: AnyPath | Iterable[AnyPath]) -> list[str]:
    given = [paths] if isinstance(paths, str | os.PathLike) else paths
    return [os.fspath(path) for path in given]


def _options(
    since: str | datetime | timedelta | None,
    until: str | datetime | timedelta | None,
    node: str | Iterable[str],
    resource: str | Iterable[str],
    timezone: str | tzinfo | None,
    year: int | None,
    jobs: int,
    cache: AnyPath | None,
    max_memory: int | None,
    *,
    one_case: bool = False,
) -> Options:
    """As they are typed on the command line. Raises UsageError for a time that is none."""
    options = Options(
        since=_time(since),
        until=_time(until),
        nodes=_names(node),
        resources=_names(resource),
        timezone=_zone(timezone),
        year=year,
        jobs=jobs,
        cache=None if cache is None else os.fspath(cache),
        max_memory=max_memory,
        one_case=one_case,
    )
    for time in (options.since, options.until):
        if time is not None:
            typed_times.check(time)
    return options


def _time(time: str | datetime | timedelta | None) -> str | None:
    """As it is typed on the command line."""
    if isinstance(time, timedelta):
        return f"-{abs(time).total_seconds():f}s"
    if isinstance(time, datetime):
        zoned = time.tzinfo is not None
        return f"{time.astimezone(UTC) if zoned else time:%Y-%m-%d %H:%M:%S.%f}{'Z' if zoned else ''}"
    return time


def _names(names: str | Iterable[str]) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names)


def _zone(zone: str | tzinfo | None) -> str | None:
    """A zone's name, or its offset where that is always the same. Raises TypeError for any other."""
    if zone is None or isinstance(zone, str):
        return zone
    if isinstance(zone, ZoneInfo) and zone.key:
        return zone.key
    offset = zone.utcoffset(None)
    if offset is None:
        raise TypeError(f"a zone must be a ZoneInfo with a name or a datetime.timezone, and not {zone!r}")
    minutes = round(offset.total_seconds() / 60)
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
