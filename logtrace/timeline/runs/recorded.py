"""Failures that only their record in the CIB tells, as the scheduler prints it with its date."""

from __future__ import annotations

import polars as pl

from logtrace.domain.kinds import Kind
from logtrace.domain.results import RUNNING_RC
from logtrace.events.store import Events
from logtrace.timeline.runs.hearsay import AT_ONCE, TWO_STAMPS
from logtrace.timeline.runs.run import NO_RUNS, WHO, Witness, table


def recorded(events: Events, told: pl.DataFrame) -> pl.DataFrame:
    """Columns of RUNS but `run`: failures that the scheduler reads from the CIB and prints with their own date
    (`Unexpected result (error) was recorded for monitor of db on node1 at Jul  1 16:02:03 2022`), which the logs cover
    and nothing in `told` tells. It prints them again at every run, until they are cleaned up.

    The date is that of the failure, or of the beginning of a run that failed later; it is in the zone of the line, and
    by the clock of the node that ran it.
    """
    dated = events.of(Kind.OP_HISTORY).drop_nulls(["resource", "operation", "target", "at"])
    if dated.is_empty():
        return NO_RUNS
    at = pl.col("at").str.replace_all(r"\s+", " ").str.to_datetime("%b %d %H:%M:%S %Y", strict=False, time_unit="us")
    said = dated.with_columns(_at=(at + _zone()).dt.replace_time_zone("UTC"), node="target").drop_nulls("_at")
    ran = events.select("node", "time", "local").filter(pl.col("node").is_in(said["target"].unique().implode()))
    skews = ran.select("node", _at="time", _skew=_correction() - _zone()).sort("_at")
    said = (
        said.sort("_at")
        .join_asof(skews, on="_at", by="node", check_sortedness=False)
        .with_columns(pl.col("_at") + pl.col("_skew").fill_null(pl.duration(seconds=0)))
        .sort("time", "event")
        .unique([*WHO, "_at"], keep="first", maintain_order=True)
        .filter(pl.col("_at").is_between(events["time"].min(), pl.col("time") + TWO_STAMPS))
    )
    if said.is_empty():
        return NO_RUNS
    # a probe's answer, such as that there is no agent, is no failure there, and yet recorded as one
    failed = told.filter(~pl.col("ok") | ~pl.col("rc").is_in(RUNNING_RC)).select(*WHO, "end", _failed="end").sort("end")
    said = (
        said.with_columns(end=pl.col("_at") - AT_ONCE)
        .sort("end")
        .join_asof(failed, on="end", by=WHO, strategy="forward", check_sortedness=False)
        .filter((pl.col("_failed") > pl.col("time") + TWO_STAMPS).fill_null(value=True))
    )
    over = pl.col("reason").str.contains("did not complete within", literal=True).fill_null(value=False)
    failures = said.select(
        *WHO,
        "reason",
        "event",
        interval=pl.when(pl.col("operation") != "monitor").then(0),
        start="_at",
        end="_at",
        rc=pl.when(~over).then("rc"),
        status=pl.when(over).then(pl.lit("timed out")),
        probe=pl.lit(value=False),
        precise=pl.lit(value=False),
        ok=pl.lit(value=False),
    )
    return table(failures, Witness.RECORD).sort("end", "event")


def _correction() -> pl.Expr:
    """What was added to what a line shows: its zone, and how far its clock was behind."""
    return pl.col("time").dt.replace_time_zone(None) - pl.col("local")


def _zone() -> pl.Expr:
    """The zone in it, in whole quarters of an hour."""
    return (_correction().dt.total_microseconds() / 900e6).round() * pl.duration(minutes=15)
