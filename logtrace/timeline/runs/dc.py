"""Runs as the DC tells, for nodes whose own lines are not at hand: confirmed or not, given up, or merely concluded."""

from __future__ import annotations

from typing import Final

import polars as pl

from logtrace.domain.codes import ONE_SHOT
from logtrace.domain.kinds import Kind
from logtrace.domain.reasons import Why
from logtrace.domain.results import succeeded
from logtrace.events.store import Events
from logtrace.timeline.runs.executor import ASKED_BEFORE, lines_about_runs
from logtrace.timeline.runs.run import NO_RESULT, NO_RUNS, WHO, Witness, is_probe, table

#: The scheduler reads the record of a failure within this time of the DC's line about it.
_RECORDED: Final = "10s"

#: The controller's timer begins with the request, give or take a second of the log's.
_SENT: Final = "2s"

#: What a transition does to resources; notifications and reloads change nothing that is looked at.
_ACTIONS: Final = [name for name in ONE_SHOT if name not in ("notify", "reload", "reload-agent")]


#: After these the first recurring monitor of a resource is asked for.
_WATCHED: Final = ("start", "promote", "migrate_from")


def dc_runs(events: Events) -> pl.DataFrame:
    """Columns of RUNS but `run`: what the DC's controller saw end, in order of `end`."""
    told = events.of(Kind.OP_CONFIRMED, Kind.OP_UNEXPECTED).drop_nulls(["resource", "operation", "target"])
    if told.is_empty():
        return NO_RUNS
    rows = _on_remote_nodes(told, events)
    view = rows.select(
        "resource",
        "operation",
        "interval",
        "call",
        "rc",
        "reason",
        "precise",
        "event",
        "transition",
        node="target",
        end="time",
        probe=is_probe(),
        ok=pl.when(is_probe())
        .then(succeeded(pl.col("rc"), pl.lit(value=True)))
        .otherwise(pl.col("kind") == Kind.OP_CONFIRMED),
    ).sort("end", "event")
    asked = lines_about_runs(events, Kind.OP_REQUESTED)
    view = view.join_asof(
        asked.select(*WHO, end="time", _asked="time", _ask_event="event"),
        on="end",
        by=WHO,
        strategy="backward",
        tolerance=ASKED_BEFORE,
        check_sortedness=False,
    )
    recurring = pl.col("interval") > 0
    # a request before the end of the run before was that run's: the own one is not told
    others = (pl.col("_asked") < pl.col("end").shift().over(WHO, order_by="end")).fill_null(value=False)
    view = view.with_columns([pl.when(~others).then(name).alias(name) for name in ("_asked", "_ask_event")])
    view = view.with_columns(
        start=pl.when(recurring).then(pl.col("end")).otherwise(pl.coalesce("_asked", "end")),
        request_event=pl.when(~recurring).then(pl.col("_ask_event")),
    )
    return table(_with_reasons(view, events), Witness.DC).sort("end", "event")


def _on_remote_nodes(told: pl.DataFrame, events: Events) -> pl.DataFrame:
    """Results with the remote node they are of as `target`, where that was asked. The DC's line of a result names the
    cluster node that has the connection (process_graph_event), its request the remote node itself, which is known by
    a resource of its name: the connection.
    """
    asked = events.of(Kind.OP_REQUESTED).drop_nulls(["resource", "operation", "target"])
    remote = asked.filter(pl.col("target").is_in(asked["resource"].unique().to_list()))
    if remote.is_empty():
        return told
    same = ["node", "resource", "operation", "action"]
    asked_last = remote.select(*same, "time", _remote="target").sort("time")
    there = told.sort("time").join_asof(
        asked_last, on="time", by=same, strategy="backward", tolerance=ASKED_BEFORE, check_sortedness=False
    )
    return there.with_columns(target=pl.coalesce("_remote", "target")).drop("_remote").sort("time", "event")


def _with_reasons(view: pl.DataFrame, events: Events) -> pl.DataFrame:
    """The reasons that the scheduler repeats from the records of failures the DC just saw: the DC's own line has none,
    and a timeout is an error to it.
    """
    recorded = (
        events.of(Kind.OP_HISTORY)
        .drop_nulls(["resource", "operation", "target", "reason"])
        .select("resource", "operation", end="time", node="target", _reason="reason", _why="why", _rc="rc")
        .sort("end")
    )
    told = view.join_asof(
        recorded, on="end", by=WHO, strategy="forward", tolerance=_RECORDED, check_sortedness=False
    ).with_columns(_reason=pl.when(~pl.col("ok") & (pl.col("_rc") == pl.col("rc"))).then("_reason"))
    over = (pl.col("_reason").is_not_null() & (pl.col("_why") == Why.TIMED_OUT)).fill_null(value=False)
    return told.with_columns(
        reason=pl.coalesce("reason", "_reason"),
        status=pl.when(over).then(pl.lit("timed out")),
        rc=pl.when(~over).then("rc"),
    )


def unanswered(events: Events) -> pl.DataFrame:
    """Columns of RUNS but `run`: runs whose result the DC waited for in vain, and gave up when their timeout and the
    cluster-delay were over (action_timer_callback).

    The controller's line names node and operation; which resource, the request so long before tells.
    """
    given_up = (
        events.of(Kind.OP_LOST)
        .drop_nulls(["operation", "target", "timeout_ms"])
        .select(
            "operation",
            "event",
            "precise",
            end="time",
            node="target",
            _dc="node",
            _sent=pl.col("time") - pl.duration(milliseconds=pl.col("timeout_ms").cast(pl.Int64)),
        )
    )
    if given_up.is_empty():
        return NO_RUNS
    asked = (
        events.of(Kind.OP_REQUESTED)
        .drop_nulls(["resource", "operation", "target"])
        .select("resource", "operation", "interval", node="target", _dc="node", start="time", request_event="event")
    )
    found = given_up.sort("_sent").join_asof(
        asked.sort("start"),
        left_on="_sent",
        right_on="start",
        by=["_dc", "node", "operation"],
        strategy="nearest",
        tolerance=_SENT,
        coalesce=False,
        check_sortedness=False,
    )
    found = found.drop_nulls("resource").unique(["_dc", "request_event"], keep="first", maintain_order=True)
    return table(found.with_columns(status=pl.lit(NO_RESULT), probe=is_probe(), ok=pl.lit(value=False)), Witness.DC)


def concluded(events: Events) -> pl.DataFrame:
    """Columns of RUNS but `run`: runs that only the end of their transition tells, for copies at notice level of the
    DC's log, the executing node's log missing.

    The controller reports a transition, aborted or not, when nothing that it began is under way any more. What it
    asked a silent node for, and nothing calls failed or lost, has succeeded by then; when exactly is not told, so `end`
    is the latest it can have been. The first recurring monitor, for which it asks when it has been told of the start or
    promote, says that better. The end of a plan that was made after the request tells nothing of it: the line of its
    own end is missing.
    """
    heard = events.of(Kind.OP_RESULT, columns=("node", "target")).select(node=pl.coalesce("target", "node")).unique()
    confirming = events.of(Kind.OP_CONFIRMED, columns=("node",)).select(_dc="node").unique()
    asked = (
        events.of(Kind.OP_REQUESTED)
        .filter(pl.col("operation").is_in(_ACTIONS) & pl.col("target").is_not_null())
        .select("event", "resource", "operation", "precise", node="target", _dc="node", start="time")
        .join(heard, on="node", how="anti")
        .join(confirming, on="_dc", how="anti")
        .sort("event")
    )
    if asked.is_empty():
        return NO_RUNS
    left = {f"_{name}": pl.col(name).fill_null(1) for name in ("pending", "fired")}  # unsaid is open
    done = events.of(Kind.TE_DONE).select("event", "transition", _dc="node", end="time", **left)
    plans = events.of(Kind.SCHED_DONE).select("event", "transition", _dc="node", _of="event").drop_nulls().sort("event")
    done = done.sort("event").join_asof(
        plans, on="event", by=["_dc", "transition"], strategy="backward", check_sortedness=False
    )
    failed = (
        events.of(Kind.OP_UNEXPECTED)
        .drop_nulls("target")
        .select("event", "resource", "operation", node="target", _failed="event")
    )
    ended = asked.join_asof(done, on="event", by="_dc", strategy="forward", check_sortedness=False).join_asof(
        failed.sort("event"), on="event", by=WHO, strategy="forward", check_sortedness=False
    )
    watched = (
        events.of(Kind.OP_REQUESTED)
        .filter((pl.col("operation") == "monitor") & (pl.col("interval") > 0) & pl.col("target").is_not_null())
        .select("event", "resource", node="target", _dc="node", _watched="time")
        .sort("event")
    )
    ended = ended.join_asof(
        watched, on="event", by=["_dc", "node", "resource"], strategy="forward", check_sortedness=False
    ).with_columns(
        _watched=pl.when(pl.col("operation").is_in(_WATCHED) & (pl.col("_watched") <= pl.col("end"))).then("_watched")
    )
    whole = pl.sum_horizontal(*left) == 0
    its_own = (pl.col("_of") < pl.col("event")).fill_null(value=True)
    told = ended.filter(its_own & whole & pl.col("_failed").is_null() & pl.col("end").is_not_null()).with_columns(
        end=pl.coalesce("_watched", "end"),
        interval=pl.lit(0, pl.Int64),
        rc=pl.lit(0, pl.Int64),
        probe=pl.lit(value=False),
        ok=pl.lit(value=True),
    )
    told = told.with_columns(request_event="event").join(
        unanswered(events).select("request_event"), on="request_event", how="anti"
    )
    known = pl.col("_watched").is_not_null()
    return pl.concat([table(told.filter(known), Witness.DC), table(told.filter(~known), Witness.TRANSITION)])
