"""Runs nobody at hand saw, told by what they left: a raised fail count, the CIB's record of it, a plan to recover.

They fill gaps only: `reconcile` takes what is told nowhere better.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

import polars as pl

from logtrace.config.model import HistoryEntry
from logtrace.domain.kinds import Kind
from logtrace.domain.results import succeeded
from logtrace.events.store import Events
from logtrace.timeline.runs.run import NO_RUNS, WHO, Witness, is_probe, table

#: What daemons of several nodes say of one happening lies within this: clocks agree no better, and stamps of whole
#: seconds add one on either side.
AT_ONCE: Final = timedelta(seconds=5)

#: Stamps of whole seconds on two nodes, of which one tells of the failure and the other plans for it.
TWO_STAMPS: Final = timedelta(seconds=2)

#: A run remembered in the CIB and told by a log line lie within this: records have whole seconds.
_SAME: Final = "3s"

#: INFINITY as fail counts print it (CRM_SCORE_INFINITY).
_INFINITY: Final = 1_000_000

#: Operations that are run once, at somebody's request.
_ONE_SHOT: Final = ["start", "stop", "promote", "demote", "migrate_to", "migrate_from"]

#: lrm_rsc_op: op-status of a run that ended by itself (enum pcmk_exec_status).
_DONE: Final = 0


def counted(events: Events) -> pl.DataFrame:
    """Columns of RUNS but `run`: failures told by a fail count that rises. pacemaker-attrd logs it on every node,
    whoever's log is missing.

    A node that joins is told old values, and a daemon that forgot learns them again: what was known before, what a
    joining node hears, what is not the first (`(unset) -> 2`) and what failed earlier, as the last-failure that comes
    with it says, is no news.
    """
    of, alike = ["resource", "operation", "target"], ["resource", "operation", "target", "value", "old_value"]
    told = events.of(Kind.FAILCOUNT_SET).drop_nulls(["target", "resource"]).sort("time", "event")
    if told.is_empty():
        return NO_RUNS
    told = told.with_columns(_number=_count("value"), _before=_count("old_value").fill_null(0))
    forgotten = events.of(Kind.ATTR_REMOVED, columns=("target", "time")).drop_nulls().sort("time")
    since = forgotten.with_columns(_forgotten="time")
    told = told.join_asof(since, on="time", by="target", strategy="backward", check_sortedness=False)
    forgot = (pl.col("_forgotten") > pl.col("time").shift().over(of)).fill_null(value=False)
    known = (pl.col("value") == pl.col("value").shift().over(of)).fill_null(value=False) & ~forgot
    echo = (pl.col("time").diff().over(alike) <= AT_ONCE).fill_null(value=False)
    first = (pl.col("_before") > 0) | (pl.col("_number") == 1) | (pl.col("_number") == _INFINITY)
    told = told.filter((pl.col("_number") > pl.col("_before")) & first & ~known & ~echo)
    if told.is_empty():
        return NO_RUNS
    failures = _failing_now(_not_joining(told, events), events).select(
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


def _count(column: str) -> pl.Expr:
    """A fail count as a number; null for what is none, as `(unset)` and `(null)`."""
    return pl.when(pl.col(column) == "INFINITY").then(_INFINITY).otherwise(pl.col(column).cast(pl.Int64, strict=False))


def _not_joining(told: pl.DataFrame, events: Events) -> pl.DataFrame:
    """Those that a node tells whose controller has joined: between its start and then it is told what others know."""
    marks = events.of(Kind.DAEMON_STARTING, Kind.FSA_STATE, columns=("node", "kind", "state", "event")).sort("event")
    joining = (pl.col("kind") == Kind.DAEMON_STARTING) | pl.col("state").is_in(["S_STARTING", "S_PENDING"])
    marks = marks.select("node", "event", _joining=joining)
    return (
        told.sort("event")
        .join_asof(marks, on="event", by="node", strategy="backward", check_sortedness=False)
        .filter(~pl.col("_joining").fill_null(value=False))
    )


def _failing_now(told: pl.DataFrame, events: Events) -> pl.DataFrame:
    """Those without a last-failure of an earlier time beside them: the controller sets both at once."""
    of = ["node", "resource", "_operation", "target"]
    operation = pl.col("operation").fill_null("").alias("_operation")
    failed = (
        events.of(Kind.LASTFAILURE_SET)
        .select("node", "resource", operation, "target", "time", _at=_epoch("value"))
        .drop_nulls()
        .sort("time")
    )
    told = (
        told.with_columns(operation)
        .sort("time")
        .join_asof(failed, on="time", by=of, strategy="nearest", tolerance=AT_ONCE, check_sortedness=False)
    )
    return told.filter((pl.col("time") - pl.col("_at") <= AT_ONCE).fill_null(value=True))


def _epoch(column: str) -> pl.Expr:
    """Seconds since 1970 as a time; null for what cannot be one."""
    number = pl.col(column).cast(pl.Int64, strict=False)
    return pl.from_epoch(pl.when(number.is_between(1, 1 << 33)).then(number)).dt.replace_time_zone("UTC")


def updated(events: Events) -> pl.DataFrame:
    """Columns of RUNS but `run`: failures of which the DC says that it counts them (update_failcount: `Updating
    failcount for db on node1 after failed stop: rc=1`), and nothing else; its word has the operation and the result.
    """
    told = events.of(Kind.FAILCOUNT_UPDATE).drop_nulls(["target", "resource", "operation"]).sort("time", "event")
    if told.is_empty():
        return NO_RUNS
    by = ["target", "resource", "operation"]
    told = told.unique([*by, "time"], keep="first", maintain_order=True).drop("interval").sort("time")
    attribute = events.of(Kind.FAILCOUNT_SET, columns=("time", "interval", *by)).drop_nulls(by).sort("time")
    told = told.join_asof(  # whose name has the interval
        attribute, on="time", by=by, strategy="nearest", tolerance=AT_ONCE, check_sortedness=False
    )
    failures = told.select(
        "resource",
        "operation",
        "rc",
        "precise",
        "event",
        node="target",
        interval=pl.when(pl.col("operation") != "monitor").then(0).otherwise("interval"),
        start="time",
        end="time",
        probe=pl.lit(value=False),
        ok=pl.lit(value=False),
    )
    return table(failures, Witness.DC).sort("end", "event")


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
    begin = _epoch("last_rc_change")
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
    """Columns of RUNS but `run`: failures no result line tells, but the scheduler recovers the resource, or fences the
    node because it `failed there`: so it had failed, whether the plan was executed or not.

    Results of recurring monitors are logged at info by Pacemaker 1.1.14 to 2.0.2, and syslog copies leave them out;
    logs of the executing node may be missing altogether. A failure is planned for until it is repaired: the first plan
    that no failure in `told` explains tells of one. Its time is that of the plan, its operation and rc those of the
    record that the scheduler reads with it.
    """
    plans = _plans_for_failures(actions)
    if plans.is_empty():
        return NO_RUNS
    repaired = _repaired(transitions, actions, told)
    plans = plans.join(_explained(plans, told, repaired), on="_plan", how="anti")
    plans = plans.sort("time").join_asof(
        repaired, on="time", by="resource", strategy="backward", allow_exact_matches=False, check_sortedness=False
    )
    plans = plans.sort("_plan")
    plans = plans.filter(pl.Series(_first_of_each(plans.select("resource", "time", "_good").rows()), dtype=pl.Boolean))
    read = (
        events.of(Kind.OP_HISTORY)
        .drop_nulls(["resource", "target"])
        .select("resource", "time", "rc", "reason", node="target", _read="operation", _told="event")
        .sort("time", "_told")
    )
    plans = plans.sort("time").join_asof(
        read, on="time", by=["resource", "node"], strategy="backward", tolerance=TWO_STAMPS, check_sortedness=False
    )
    operation = pl.coalesce("_read", "operation")
    failures = plans.select(
        "resource",
        "node",
        "rc",
        "reason",
        operation.alias("operation"),
        interval=pl.when(operation != "monitor").then(pl.lit(0, pl.Int64)),
        start="time",
        end="time",
        ok=pl.lit(value=False),
        probe=pl.lit(value=False),
        precise=pl.lit(value=False),
        event=pl.coalesce(pl.col("_told").cast(pl.Int64), "event"),
    )
    return table(failures, Witness.PLAN)


def _plans_for_failures(actions: pl.DataFrame) -> pl.DataFrame:
    """Columns _plan (their order), resource, node, operation (what fails as a rule, where no record tells), time,
    event.
    """
    recover = actions.filter(pl.col("verb") == "Recover").with_columns(node="source", operation=pl.lit("monitor"))
    fence = actions.filter(pl.col("verb").is_in(["Fence", "Unclean"])).with_columns(
        resource=pl.col("reason").str.extract(r"^(\S+?)(?::\d+)? failed there$"),
        node="target",
        operation=pl.lit("stop"),  # the one operation whose failure fences by default (on-fail)
    )
    return (
        pl.concat([recover, fence])
        .drop_nulls(["resource", "node"])
        .select("resource", "node", "operation", "event", "time")
        .sort("event")
        .with_row_index("_plan")
    )


def _repaired(transitions: pl.DataFrame, actions: pl.DataFrame, told: pl.DataFrame) -> pl.DataFrame:
    """Columns resource, time, _good: when a resource was started or promoted, or a transition that was to do so came to
    its end with nothing left undone.
    """
    ran = told.filter("ok", pl.col("operation").is_in(["start", "promote", "migrate_from"])).select(
        "resource", time="end"
    )
    done = transitions.filter(pl.col("outcome") == "Complete", pl.col("incomplete") == 0)
    failed = told.filter(~pl.col("ok")).select("resource", time="end", _failed="end").sort("time")
    by_plan = (
        actions.filter(pl.col("verb").is_in(["Recover", "Start", "Restart", "Move", "Promote"]))
        .join(done.select("calculated", "ended", transition="id"), on="transition")
        .select("resource", "calculated", "ended", time=pl.col("ended") + TWO_STAMPS)
        .drop_nulls()
        .sort("time")
        .join_asof(failed, on="time", by="resource", strategy="backward", check_sortedness=False)
        .filter((pl.col("_failed") <= pl.col("calculated")).fill_null(value=True))  # it did not fail again meanwhile
        .select("resource", time="ended")
    )
    return pl.concat([ran, by_plan]).drop_nulls().unique().sort("time").with_columns(_good="time")


def _explained(plans: pl.DataFrame, told: pl.DataFrame, repaired: pl.DataFrame) -> pl.DataFrame:
    """Column _plan of those that follow a failure in `told` which nothing has repaired by then."""
    failed = told.filter(~pl.col("ok")).select("resource", _on="node", time="end", _failed="end").sort("time")
    ran = told.filter("ok", pl.col("operation") == "monitor", ~pl.col("probe"))
    ran = ran.select("resource", _on="node", time="end", _ran="end").sort("time")
    by = ["resource", "_on"]
    each = plans.join(failed.select(by).unique(), on="resource").select("_plan", *by, planned="time")
    each = each.with_columns(time=pl.col("planned") + TWO_STAMPS).sort("time")
    each = each.join_asof(failed, on="time", by=by, strategy="backward", check_sortedness=False).drop_nulls("_failed")
    each = each.with_columns(time="planned").sort("time")
    # what bears the same whole second came after the plan
    each = each.join_asof(ran, on="time", by=by, strategy="backward", allow_exact_matches=False, check_sortedness=False)
    each = each.join_asof(
        repaired, on="time", by="resource", strategy="backward", allow_exact_matches=False, check_sortedness=False
    )
    since = pl.max_horizontal("_ran", "_good")
    return each.filter((pl.col("_failed") >= since).fill_null(value=True)).select("_plan").unique()


def _first_of_each(plans: Iterable[tuple[str, datetime, datetime | None]]) -> list[bool]:
    """Whether a plan (resource, time, when it was last repaired) is the first about its failure."""
    last: dict[str, datetime] = {}
    first = []
    for resource, time, repaired in plans:
        before = last.get(resource)
        first.append(before is None or (repaired is not None and repaired > before))
        if first[-1]:
            last[resource] = time
    return first


def complained(events: Events, told: pl.DataFrame) -> pl.DataFrame:
    """Columns of RUNS but `run`: operations that were asked for, of which the agent itself logs an error and of which
    no result is told, then or later. Of monitors the agent's errors say little: they are repeated.
    """
    errors = (
        events.of(Kind.AGENT_SAYS)
        .filter(pl.col("level").is_in(["error", "crit"]))
        .select("resource", "node", "time", "event", "precise", reason=pl.coalesce("text", "message"))
        .drop_nulls(["resource", "node"])
        .sort("time", "event")
    )
    if errors.is_empty():
        return NO_RUNS
    asked = events.of(Kind.OP_REQUESTED, Kind.OP_REQUESTED_LOCAL, Kind.OP_EXECUTING).with_columns(
        node=pl.coalesce("target", "node")
    )
    asked = (
        asked.filter(pl.col("operation").is_in(_ONE_SHOT)).select(*WHO, "time", _asked="time").drop_nulls().sort("time")
    )
    errors = errors.join_asof(
        asked, on="time", by=["resource", "node"], strategy="backward", check_sortedness=False
    ).drop_nulls("operation")
    last = told.group_by(WHO).agg(_end=pl.col("end").max())
    failures = (
        errors.join(last, on=WHO, how="left", maintain_order="left")
        .filter((pl.col("_end") < pl.col("_asked")).fill_null(value=True))
        .group_by(*WHO, "_asked", maintain_order=True)
        .agg(pl.first("reason", "event", "precise"), end=pl.max("time"))
        .select(
            *WHO,
            "reason",
            "event",
            "precise",
            "end",
            interval=pl.lit(0, pl.Int64),
            start="_asked",
            ok=pl.lit(value=False),
            probe=pl.lit(value=False),
        )
    )
    return table(failures, Witness.AGENT)


def not_near(runs: pl.DataFrame, told: pl.DataFrame, tolerance: str | timedelta = AT_ONCE) -> pl.DataFrame:
    """Those of `runs` that `told` does not tell within `tolerance`: syslog has no call ids to tell them by."""
    if runs.is_empty() or told.is_empty():
        return runs
    near = runs.sort("end").join_asof(
        told.select(*WHO, "end", _near=pl.col("end")).sort("end"),
        on="end",
        by=WHO,
        strategy="nearest",
        tolerance=tolerance,
        check_sortedness=False,
    )
    return near.filter(pl.col("_near").is_null()).drop("_near")
