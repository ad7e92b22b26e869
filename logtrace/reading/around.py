"""What stands around lines in the merged order of all logs.

Lines come block by block, and of all that came only those are held that may be shown: a line that is too far from what
was asked for among some lines is so among all, for more lines only come in between.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

import polars as pl
from msgspec import Struct

from logtrace.domain.columns import UTC as TIME
from logtrace.reading import copies
from logtrace.reading.lines import COLUMNS, ORDER

#: What is held of lines: COLUMNS, whether they were `asked` for, and whether lines were left out before (`gap`).
_HELD: Final = {**COLUMNS, "asked": pl.Boolean(), "gap": pl.Boolean()}
_EVER: Final = (datetime(1, 1, 3, tzinfo=UTC), datetime(9999, 12, 29, tzinfo=UTC))


class Reach(Struct, frozen=True):
    """How far around each line: so many lines `before` and `after`, or all at most so many `seconds` away.

    `most`: lines in all; of those within seconds the nearest, else the first.
    """

    before: int
    after: int
    seconds: float | None
    most: int


def around(frames: Callable[[], Iterable[pl.DataFrame]], marks: pl.DataFrame, reach: Reach) -> pl.DataFrame:
    """`marks` (COLUMNS) and what stands around them: columns of _HELD, in the merged order.

    `frames` reads all lines. Of those that are not firm most are copies, which shows only beside what they are copies
    of: they are looked at last, and only where something is shown.
    """
    held, loose = marks.select(*COLUMNS, asked=pl.lit(True), gap=pl.lit(False)), False
    if not (reach.before or reach.after or reach.seconds):
        return held
    for frame in frames():
        loose |= not frame["firm"].all()
        held = _near(pl.concat([held, _others(frame.filter("firm"), marks)]), reach)
    if not loose:
        return held
    spans, told, found = _spans(held, reach), [copies.said(marks)], [marks.clear()]
    for frame in frames():
        told.append(copies.said(_inside(frame.filter("firm"), spans, copies.BESIDE)))
        found.append(_inside(frame.filter(~pl.col("firm")), spans))
    rough = copies.once(pl.concat(found).sort(ORDER))
    rough = copies.unlike(rough.hstack(copies.said(rough).drop("file")), pl.concat(told)).select(*COLUMNS)
    return _near(pl.concat([held, _others(rough, marks)]), reach)


def _others(frame: pl.DataFrame, marks: pl.DataFrame) -> pl.DataFrame:
    """The lines of `frame` that are none of `marks`."""
    left = frame.join(marks, on=("file", "row"), how="anti", maintain_order="left")
    return left.select(*COLUMNS, asked=pl.lit(False), gap=pl.lit(False))


def _near(lines: pl.DataFrame, reach: Reach) -> pl.DataFrame:
    """Those of `lines` (_HELD) that are near enough, in order."""
    lines = lines.sort(ORDER)
    if reach.seconds is not None:
        far = _apart(lines)
        kept = lines.with_columns(far=far).filter(pl.col("far") <= round(reach.seconds * 1e6))
        return kept.sort("far", *ORDER).head(reach.most).sort(ORDER).drop("far")
    place = pl.int_range(pl.len())
    mark = pl.when("asked").then(place)
    behind, ahead = place - mark.forward_fill(), mark.backward_fill() - place
    near = (behind <= reach.after).fill_null(value=False) | (ahead <= reach.before).fill_null(value=False)
    gap = pl.col("gap") | ~near.shift(1, fill_value=True)
    return lines.with_columns(gap=gap, near=near).filter("near").drop("near").head(reach.most)


def _apart(lines: pl.DataFrame) -> pl.Series:
    """Microseconds from each of `lines`, which are in order of time, to the nearest that was asked for."""
    moment = pl.when("asked").then("at")
    behind = (pl.col("at") - moment.forward_fill()).dt.total_microseconds()
    ahead = (moment.backward_fill() - pl.col("at")).dt.total_microseconds()
    return lines.select(far=pl.when("asked").then(0).otherwise(pl.min_horizontal(behind, ahead)))["far"]


def _spans(held: pl.DataFrame, reach: Reach) -> pl.DataFrame:
    """The times within which lines can be near enough, given what is held: from, to, in order and apart."""
    if reach.seconds is not None:
        away = timedelta(seconds=reach.seconds)
        spans = held.filter("asked").select(start=pl.col("at") - away, end=pl.col("at") + away).drop_nulls()
        apart = (pl.col("start") > pl.col("end").shift(1)).fill_null(value=True).cum_sum()
        return spans.group_by(apart.alias("span"), maintain_order=True).agg(
            pl.col("start").first(), pl.col("end").last()
        )
    spans = held.group_by(pl.col("gap").cum_sum().alias("span"), maintain_order=True).agg(
        start=pl.col("at").first(), end=pl.col("at").last()
    )
    first, last = held["asked"].arg_max() or 0, held["asked"].reverse().arg_max() or 0
    place = pl.int_range(pl.len())
    return spans.with_columns(  # beyond its ends more may be near enough, where there is less than was asked for
        start=pl.when((place == 0) & (first < reach.before)).then(pl.lit(_EVER[0], TIME)).otherwise("start"),
        end=pl.when((place == pl.len() - 1) & (last < reach.after)).then(pl.lit(_EVER[1], TIME)).otherwise("end"),
    )


def _inside(frame: pl.DataFrame, spans: pl.DataFrame, beside: timedelta = timedelta()) -> pl.DataFrame:
    """The lines of `frame` within one of `spans`, or so near to it."""
    within = spans.select(start=pl.col("start") - beside, until=pl.col("end") + beside).sort("start")
    dated = frame.filter(pl.col("at").is_not_null()).sort(ORDER)
    near = dated.join_asof(within, left_on="at", right_on="start").filter(pl.col("at") <= pl.col("until"))
    return near.select(frame.columns)
