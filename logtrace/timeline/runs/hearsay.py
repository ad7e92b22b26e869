"""Runs nobody at hand saw, told by what they left: a raised fail count, the CIB's record of it, a plan to recover.

They fill gaps only: `reconcile` takes what is told nowhere better.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

import polars as pl

from logtrace.config.model import HistoryEntry
from logtrace.domain.kinds import Kind
from logtrace.domain.results import succeeded
from logtrace.events.store import Events
from logtrace.timeline.runs.run import WHO, Witness, is_probe, table

#: What daemons of several nodes say of one happening lies within this.
AT_ONCE: Final = timedelta(seconds=5)

#: A run remembered in the CIB and told by a log line lie within this: records have whole seconds.
_SAME: Final = "3s"

#: A failure told by a result line within this time before the plan is the one that is recovered from.
_KNOWN: Final = timedelta(seconds=120)

#: The scheduler prints what it knows of the failure with the plan.
_WITH_PLAN: Final = timedelta(seconds=2)

#: lrm_rsc_op: op-status of a run that ended by itself (enum pcmk_exec_status).
_DONE: Final = 0


def counted(events: Events) -> pl.DataFrame:
    """Columns of RUNS but `run`: failures told by a raised fail count. pacemaker-attrd logs it on every node, whoever's
    log is missing. It does so again when a node joins and learns what the others know: only what changed since is news.
    """
    of, alike = ["resource", "operation", "target"], ["resource", "operation", "target", "value", "old_value"]
    told = events.of(Kind.FAILCOUNT_SET).drop_nulls(["target", "resource"]).sort("time", "event")
    forgotten = events.of(Kind.ATTR_REMOVED, columns=("target", "time")).drop_nulls().sort("time")
    since = forgotten.with_columns(_forgotten="time")
    told = told.join_asof(since, on="time", by="target", strategy="backward", check_sortedness=False)
    forgot = (pl.col("_forgotten") > pl.col("time").shift().over(of)).fill_null(value=False)
    known = (pl.col("value") == pl.col("value").shift().over(of)).fill_null(value=False) & ~forgot
    echo = (pl.col("time").diff().over(alike) <= AT_ONCE).fill_null(value=False)
    is_count = pl.col("value").str.contains(r"^(?:\d+|INFINITY)$")
    raised = is_count & (pl.col("value") != pl.col("old_value").fill_null(""))
    failures = told.filter(raised & ~known & ~echo).select(
        "resource",
        "precise",
        "event",
        node="target",
        operation=pl.coalesce("operation", pl.lit("monitor")),
        interval=pl.when(pl.col("operation").is_not_null()).then(pl.col("interval").fill_null(0)),
        start="time",
        end="time",
        probe=pl.lit(value=False),
        ok=pl.lit(value=False),
    )
    return table(failures, Witness.ATTRIBUTES).sort("end", "event")


def remembered(history: Iterable[HistoryEntry], told: pl.DataFrame, silent: set[str], times: pl.Series) -> pl.DataFrame:
    """Columns of RUNS but `run`: runs on `silent` nodes that ended within `times` (of all events) and that `told` has
    not, as the status sections of CIB and scheduler inputs remember them; `event` is null.

    Only the last result of each operation is remembered (lrm_rsc_op), so chains are told in part; several scheduler
    inputs tell more than one CIB. A failure is told by the fail count that attributes log everywhere, with a line to
    cite, and not by its record.
    """
    columns = {
        "node": pl.String(),
        "resource": pl.String(),
        "operation": pl.String(),
        "interval": pl.Float64(),
        "call": pl.Int64(),
        "rc": pl.Int64(),
        "status": pl.Int64(),
        "last_rc_change": pl.Int64(),
        "exec_time": pl.Float64(),
        "queue_time": pl.Float64(),
        "exit_reason": pl.String(),
    }
    rows = [tuple(getattr(entry, name) for name in columns) for entry in history if entry.node in silent]
    known = pl.DataFrame(rows, schema=columns, orient="row")
    known = known.drop_nulls(["last_rc_change", "rc"]).filter(pl.col("status") == _DONE)
    known = known.with_columns(probe=is_probe()).filter(succeeded(pl.col("rc"), pl.col("probe")))
    # last-rc-change is the start of a one-shot run and the moment a recurring one's result changed
    begin = pl.from_epoch("last_rc_change", time_unit="s").cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    took = pl.when(pl.col("interval") == 0).then(pl.col("exec_time").fill_null(0.0)).otherwise(0.0)
    runs = known.select(
        "node",
        pl.col("resource").str.extract(r"^([^:]*)"),
        "operation",
        "call",
        "rc",
        "probe",
        interval=(pl.col("interval") * 1000).round().cast(pl.Int64),
        start=begin,
        end=begin + pl.duration(microseconds=(took * 1_000_000).round().cast(pl.Int64)),
        reason="exit_reason",
        queue_ms=pl.col("queue_time") * 1000,
        precise=pl.lit(value=False),
        ok=pl.lit(value=True),
    ).filter(pl.col("end").is_between(times.min(), times.max()))
    runs = runs.unique([*WHO, "end"], keep="first", maintain_order=True)
    return table(not_near(runs, told, _SAME), Witness.CIB)


def planned_for(events: Events, transitions: pl.DataFrame, actions: pl.DataFrame, told: pl.DataFrame) -> pl.DataFrame:
    """Columns of RUNS but `run`: failures no result line tells, but the scheduler recovers the resource, so it had
    failed. Results of recurring monitors are logged at info by Pacemaker 1.1.14 to 2.0.2, and syslog copies leave them
    out; logs of the executing node may be missing altogether.

    One for every executed `Recover` of a resource without a failed run shortly before it. Its time is that of the plan,
    its operation and rc those of the failure the scheduler replays with it.
    """
    recover = (
        actions.filter(pl.col("verb") == "Recover")
        .drop_nulls(["resource", "source"])
        .select("resource", "source", "event", transition="transition")
        .join(
            transitions.filter("executed").select("calculated", transition="id"), on="transition", maintain_order="left"
        )
    )
    failed = told.filter(~pl.col("ok")).select("resource", _failed="end", time="end").sort("time")
    near = (
        recover.with_columns(time=pl.col("calculated") + _WITH_PLAN)
        .sort("time")
        .join_asof(failed, on="time", by="resource", strategy="backward", check_sortedness=False)
        .filter((pl.col("calculated") - pl.col("_failed") > _KNOWN).fill_null(value=True))
        .sort("transition", "event")
    )
    replayed = (
        events.of(Kind.OP_HISTORY)
        .drop_nulls("resource")
        .select("resource", "target", "operation", "rc", "reason", time="time", _told="event")
        .sort("time", "_told")
    )
    near = (
        near.with_columns(time="calculated")
        .sort("time")
        .join_asof(
            replayed, on="time", by="resource", strategy="backward", tolerance=_WITH_PLAN, check_sortedness=False
        )
        .sort("transition", "event")
    )
    first = _first_of_each(near.select("resource", "calculated").rows())
    recurring = pl.col("operation").fill_null("monitor") == "monitor"
    failures = near.filter(pl.Series(first, dtype=pl.Boolean)).select(
        "resource",
        "rc",
        "reason",
        node=pl.coalesce("target", "source"),
        operation=pl.col("operation").fill_null("monitor"),
        interval=pl.when(~recurring).then(pl.lit(0, pl.Int64)),
        start="calculated",
        end="calculated",
        ok=pl.lit(value=False),
        probe=pl.lit(value=False),
        precise=pl.lit(value=False),
        event=pl.coalesce(pl.col("_told").cast(pl.Int64), "event"),
    )
    return table(failures, Witness.PLAN)


def _first_of_each(plans: Iterable[tuple[str, datetime]]) -> list[bool]:
    """Whether a plan is the first about its failure: a failure is planned for until it is repaired."""
    last: dict[str, datetime] = defaultdict(lambda: datetime.min.replace(tzinfo=UTC))
    first = []
    for resource, time in plans:
        first.append(time - last[resource] > _KNOWN)
        if first[-1]:
            last[resource] = time
    return first


def not_near(runs: pl.DataFrame, told: pl.DataFrame, tolerance: str | timedelta = AT_ONCE) -> pl.DataFrame:
    """Those of `runs` that `told` does not tell within `tolerance`: syslog has no call ids to tell them by."""
    near = runs.sort("end").join_asof(
        told.select(*WHO, "end", _near=pl.col("end")).sort("end"),
        on="end",
        by=WHO,
        strategy="nearest",
        tolerance=tolerance,
        check_sortedness=False,
    )
    return near.filter(pl.col("_near").is_null()).drop("_near")
