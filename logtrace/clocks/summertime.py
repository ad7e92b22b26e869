"""The offset of each line where the zone is known: daylight saving may begin or end in the middle of a log."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo

import polars as pl

from logtrace.domain.columns import NAIVE

#: Lines that several programs write at once may stand in another order by so much.
_JITTER = timedelta(minutes=1)


def offsets(lines: pl.DataFrame, zone: tzinfo) -> pl.Series:
    """Seconds that `zone` is ahead of UTC at each of `lines` (file, node, local with its year; in order of line).

    Of an hour that comes twice, what stands behind a step back is the second. Where no line shows the step, the hour
    is joined to what is nearer to it in its file. A time that is skipped is taken as of the clock before it.
    """
    days = [_day(day, zone) for day in lines["local"].dt.date().unique()]
    table = pl.DataFrame(
        days, schema={"_day": pl.Date, "_before": pl.Int64, "_after": pl.Int64, "_step": NAIVE}, orient="row"
    )
    local, step = pl.col("local"), pl.col("_step")
    change = pl.duration(seconds=pl.col("_after") - pl.col("_before"))
    told = lines.select("file", "node", "local", _day=pl.col("local").dt.date()).join(
        table, on="_day", how="left", maintain_order="left"
    )
    # on the clock before the step, an hour that comes twice begins at `step + change` (change is negative)
    told = told.with_columns(_twice=((local >= step + change) & (local < step)).fill_null(False))
    told = told.with_columns(_second=_is_second() if told["_twice"].any() else pl.lit(False))
    later = pl.when("_twice").then("_second").otherwise((local >= step) & (local >= step + change))
    return told.select(pl.when(later).then("_after").otherwise("_before")).to_series()


def _day(day: date, zone: tzinfo) -> tuple[date, int, int, datetime | None]:
    """The offsets at the beginning and the end of a day, and when the clock before the step showed the step."""
    begins = datetime.combine(day, time())
    before, after = _offset(begins, zone), _offset(begins + timedelta(days=1), zone)
    if before == after:
        return day, before, after, None
    # a second more, for the clock may change at midnight itself
    low, high = begins - timedelta(seconds=before + 1), begins + timedelta(days=1, seconds=-after)
    while high - low > timedelta(seconds=1):
        middle = low + timedelta(seconds=(high - low) // timedelta(seconds=2))
        at = middle.replace(tzinfo=UTC).astimezone(zone).utcoffset() or timedelta()
        low, high = (middle, high) if at.total_seconds() == before else (low, middle)
    return day, before, after, high + timedelta(seconds=before)


def _offset(local: datetime, zone: tzinfo) -> int:
    return round((zone.utcoffset(local) or timedelta()).total_seconds())


def _is_second() -> pl.Expr:
    """Whether a line of an hour that comes twice is of its second time; columns file, node, local, _day, _twice."""
    local, twice = pl.col("local"), pl.col("_twice")
    hour = ["file", "node", "_day"]
    mine = pl.when(twice).then(local)
    back = (twice & (local < mine.forward_fill().shift(1).over("file", "node") - _JITTER)).fill_null(False)
    passed = back.cum_max().over(hour)
    # no step back: a hole of an hour is before or behind these lines; it is where lines are farther apart anyway
    other = pl.when(~twice).then(local)
    since = mine.min().over(hour) - other.forward_fill().over("file", "node")
    until = other.backward_fill().over("file", "node") - mine.max().over(hour)
    nearer = (since.is_null() & until.is_not_null()) | (since > until).fill_null(False)
    lone = pl.when(twice).then(nearer).otherwise(False).max().over(hour)
    return pl.when(back.any().over(hour)).then(passed).otherwise(lone)
