"""All of it together: local times of all files become UTC on one clock."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo

import polars as pl
from msgspec import Struct
from msgspec.structs import replace

from logtrace.clocks import anchors as years
from logtrace.clocks import summertime
from logtrace.clocks.calendar import in_year
from logtrace.clocks.carriers import align_files
from logtrace.clocks.leaps import Leap, leaps, shifts
from logtrace.clocks.skew import Skew, estimate
from logtrace.clocks.steps import SteppedZone, stepped_zones
from logtrace.domain.columns import NO_YEAR
from logtrace.events.store import Events

#: Zones differ by whole quarters of an hour.
_QUARTER = 900


class Clock(Struct, frozen=True):
    """What is known of one node's clock: its zone and year with their sources, and its skew."""

    local: years.LocalClock
    skew: Skew


class ClockSet(Struct, frozen=True):
    """Between `since` and `until` (UTC) the clock of `node` was set by so many seconds. `lines`: file and line of those
    that show it. `other`: see neighbours.Setting.
    """

    node: str
    since: datetime
    until: datetime
    seconds: float
    lines: tuple[tuple[int, int], ...]
    other: str | None


class Clocks(Struct, frozen=True):
    """`settings`: when clocks were set, as far as nodes' lines contradict each other without it; in order of time."""

    by_node: dict[str, Clock]
    settings: tuple[ClockSet, ...] = ()


def resolve(
    events: Events,
    *,
    hints: Sequence[tuple[str | None, int, str]] = (),
    zone: tzinfo | None = None,
    year: int | None = None,
    stored: Iterable[tuple[str, datetime, str]] = (),
) -> tuple[Events, Clocks]:
    """Add `time` (UTC, skew taken out) to events that have `node`, `file`, `line`, `local` and `offset_s`, and are in
    order of file and line.

    `hints`, `zone`, `year`: see anchors.local_clocks; `stored`: see anchors.anchors_of_stores. Rows without
    a local time are dropped.
    """
    dated = events
    if (undated := events["local"].is_null()).any():
        dated = events.numbered((~undated).arg_true())
    spans = dated.select("node", "local").group_by("node").agg(last=pl.col("local").last()).sort("node")
    found = pl.concat([years.anchors_from_events(dated), years.anchors_of_stores(stored), _printed_anchors(dated)])
    printed = years.printed_years(dated)
    locals_ = years.local_clocks(found, spans, printed=printed, hints=hints, zone=zone, year=year)
    lasting = _with_years(dated.select("node", "file", "line", "local", "offset_s"), locals_)
    if zone is None:
        unzoned = lasting.filter(pl.col("offset_s").is_null() & pl.col("node").is_not_null())
        stepped = stepped_zones(years.anchors_from_events(dated, unzoned=True), unzoned)
        shared = {node: own for node, clock in locals_.items() if (own := _zone_of(clock, stepped)) is not None}
        locals_ = {node: _told(clock, shared.get(node)) for node, clock in locals_.items()}
        stamps = _to_utc(lasting, locals_, shared)
    else:
        stamps = _to_utc(lasting, locals_, dict.fromkeys(locals_, zone))
    timed = dated.with_column(stamps["local"]).with_column(stamps["time"])
    if off := leaps(timed.select("file", "node", "time", "kind", "value")):
        stamps = timed.select("node", "time")
        timed = timed.with_column(_less(stamps, shifts(stamps, off)))
        locals_ = {node: _leapt(clock, off) for node, clock in locals_.items()}
    timed, ahead, steady = align_files(timed)
    sure = {node for node, clock in locals_.items() if clock.sure}
    skews = estimate(timed, ahead, sure)
    stamps = timed.select("node", "file", "time", "precise")
    timed = timed.with_column(_less(stamps, _ahead(stamps, skews, steady)))
    clocks = {node: _clock(locals_[node], skews.get(node, Skew())) for node in locals_}
    return timed, Clocks(clocks, _settings(timed, skews))


def _less(stamps: pl.DataFrame, microseconds: pl.Series) -> pl.Series:
    """The `time` of `stamps` without so many microseconds."""
    return stamps["time"] - microseconds.cast(pl.Duration("us"))


def _ahead(timed: pl.DataFrame, skews: Mapping[str, Skew], steady: Collection[tuple[int, str]]) -> pl.Series:
    """By how many microseconds the clock of each line's node was ahead; files in `steady` as that was at first."""
    constant = {node: round(skew.offset * 1e6) for node, skew in skews.items()}
    ahead = timed.select(pl.col("node").replace_strict(constant, default=0, return_dtype=pl.Int64)).to_series()
    for node, skew in skews.items():
        if skew.course is not None and not skew.course.constant:
            mine = (timed["node"] == node).arg_true()
            log = timed.select("file", "time", "precise")[mine]
            unmoved = log["file"].is_in([file for file, whose in steady if whose == node])
            shift = skew.course.shift(log.filter(~unmoved))
            ahead = ahead.scatter(mine.filter(~unmoved), (shift * 1e6).round().cast(pl.Int64))
            ahead = ahead.scatter(mine.filter(unmoved), round(skew.course.knots[0].offset * 1e6))
    return ahead


def _settings(timed: Events, skews: Mapping[str, Skew]) -> tuple[ClockSet, ...]:
    """What the courses show, with the lines as they are numbered in their files."""
    found = []
    for setting in (setting for skew in skews.values() for setting in skew.settings):
        lines = timed.select("event", "node", "file", "line", "time")
        shows = lines.filter(pl.col("event").is_in(setting.events)).sort("time", "event")
        found.append(
            ClockSet(
                setting.node,
                min(datetime.fromtimestamp(setting.since, UTC), shows["time"][0]),
                shows["time"][0],
                setting.seconds,
                tuple(shows.select("file", "line").iter_rows()),
                setting.other,
            )
        )
    return tuple(sorted(found, key=lambda each: each.since))


def _clock(local: years.LocalClock, skew: Skew) -> Clock:
    """A node whose zone was assumed and whose clock seems whole quarters of an hour apart has another zone instead."""
    quarters = round(skew.offset / _QUARTER)
    if local.sure or quarters == 0 or abs(skew.offset - quarters * _QUARTER) > _QUARTER / 7:
        return Clock(local, skew)
    offset = local.offset + timedelta(seconds=quarters * _QUARTER)
    zone = replace(local, offset=offset, zone=years.zone_name(offset), zone_source="from the other nodes' clocks")
    return Clock(zone, skew.less(quarters * _QUARTER))


def _printed_anchors(events: Events) -> pl.DataFrame:
    """Lines whose header prints year and offset anchor the files of the same node that print neither."""
    return (
        events.select("node", "local", "offset_s")
        .filter(pl.col("offset_s").is_not_null() & (pl.col("local").dt.year() != NO_YEAR))
        .group_by("node", maintain_order=True)
        .agg(pl.col("local").first(), pl.col("offset_s").first())
        .select(
            "node",
            "local",
            epoch=(pl.col("local").dt.epoch("us") / 1e6 - pl.col("offset_s")).cast(pl.Float64),
            source=pl.lit("printed in other lines"),
            rank=pl.lit(0, pl.Int8),
        )
    )


def _zone_of(clock: years.LocalClock, zones: dict[str, SteppedZone]) -> SteppedZone | None:
    """Its own zone, else that of another node which says of its anchor what it says: clusters share a zone as a rule,
    and only the DC prints epochs all the time.
    """
    fitting = (zone for zone in zones.values() if not clock.sure or zone.utcoffset(clock.anchor) == clock.offset)
    return zones.get(clock.node or "") or next(fitting, None)


def _told(clock: years.LocalClock, zone: SteppedZone | None) -> years.LocalClock:
    """The same clock, its zone told with its changes."""
    if zone is None:
        return clock
    told = [years.zone_name(zone.first)]
    told += [
        f"from {'' if step.sure else 'about '}{step.at:%Y-%m-%d %H:%M} UTC on {years.zone_name(step.offset)}"
        for step in zone.steps
    ]
    return replace(clock, zone=", ".join(told))


def _leapt(clock: years.LocalClock, off: Sequence[Leap]) -> years.LocalClock:
    """The same clock, its zone told with the lines that were written before the clock was set."""
    mine = [leap for leap in off if leap.node == clock.node]
    told = [
        f"{last - first + 1} lines after a boot {abs(leap.seconds):.0f} s {'ahead' if leap.seconds > 0 else 'behind'}"
        for leap in mine
        for first, last in [leap.rows]
    ]
    return replace(clock, zone=", ".join([clock.zone, *told]))


def _with_years(events: pl.DataFrame, clocks: dict[str, years.LocalClock]) -> pl.DataFrame:
    """`events`, which are in order of file and line, with the year of `local`. That of a file's last line is the one
    nearest to the node's anchor; a step from December back to January inside a file is a new year, and one from January
    to December leads back, for lines of several daemons are not always in order.
    """
    yearless = pl.col("local").dt.year() == NO_YEAR
    months = pl.col("local").dt.month().cast(pl.Int32).diff()
    wraps = (months < -6).cast(pl.Int32) - (months == 11).cast(pl.Int32)
    events = events.with_columns(_wraps=wraps.fill_null(0).cum_sum().over("file", "node"))
    ends = events.filter(yearless).group_by("file", "node").agg(pl.col("local").last(), pl.col("_wraps").last())
    base = [
        (file, node, _year_of(local, clocks[node]) - wraps)
        for file, node, local, wraps in ends.select("file", "node", "local", "_wraps").iter_rows()
    ]
    table = pl.DataFrame(base, schema={"file": pl.UInt32, "node": pl.String, "_year": pl.Int64}, orient="row")
    year = (pl.col("_year") + pl.col("_wraps").cast(pl.Int64)).fill_null(NO_YEAR)
    return (
        events.join(table, on=["file", "node"], how="left", nulls_equal=True, maintain_order="left")
        .with_columns(local=pl.when(yearless).then(in_year(pl.col("local"), year)).otherwise(pl.col("local")))
        .drop("_wraps", "_year")
    )


def _to_utc(events: pl.DataFrame, clocks: dict[str, years.LocalClock], zones: Mapping[str, tzinfo]) -> pl.DataFrame:
    """Add `time`. A node in `zones` has its offset line by line; the others have one."""
    table = pl.DataFrame(
        {"node": list(clocks), "_zone_s": [round(clock.offset.total_seconds()) for clock in clocks.values()]},
        schema={"node": pl.String, "_zone_s": pl.Int64},
    )
    events = events.join(table, on="node", how="left", nulls_equal=True, maintain_order="left")
    for zone in {id(zone): zone for zone in zones.values()}.values():
        mine = events["node"].is_in([node for node, own in zones.items() if own is zone]).fill_null(value=False)
        if mine.any():
            told = summertime.offsets(events.filter(mine), zone)
            events = events.with_columns(_zone_s=events["_zone_s"].clone().scatter(mine.arg_true(), told))
    offset = pl.coalesce(pl.col("offset_s").cast(pl.Int64), pl.col("_zone_s"), pl.lit(0, pl.Int64))
    return events.with_columns(time=(pl.col("local") - pl.duration(seconds=offset)).dt.replace_time_zone("UTC")).drop(
        "_zone_s"
    )


def _year_of(local: datetime, clock: years.LocalClock) -> int:
    return years.nearest_year(local, clock.anchor).year
