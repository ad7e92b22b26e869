"""Lines without any time: where there are no others, their order stands for it; beside others they tell nothing."""

from __future__ import annotations

import polars as pl

from logtrace.domain.columns import NAIVE, NO_TIME
from logtrace.events.store import Events


def settled(events: Events) -> tuple[Events, bool]:
    """The events with times, or where none has one all of them, each a microsecond behind the one before; and whether
    that is so. `events` are in order of file and line, and have `local`.
    """
    local = events["local"]
    timeless = (local == NO_TIME).fill_null(value=False)
    if not timeless.any():
        return events, False
    if not timeless.all():
        return events.numbered((~timeless).arg_true()), False
    order = pl.int_range(len(local), eager=True).cast(pl.Duration("us"))
    return events.with_column((pl.select(pl.lit(NO_TIME, NAIVE)).to_series() + order).alias("local")), True
