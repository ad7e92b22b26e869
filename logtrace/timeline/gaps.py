"""Where lines are missing that must have been there, and how one can tell.

Seven signs, each bounded by the lines around it: loggers say that they dropped lines; a stack begins anew that had not
stopped; a number of a transition is left out; the end of one is told and its plan is not; the controller leaves a state
that it had not entered; the DC tells of a run and the node that made it does not; the DC's timer was not heard when it
was due.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from typing import Final

import polars as pl
from msgspec import Struct

from logtrace.domain.kinds import Kind
from logtrace.events.store import Events
from logtrace.timeline.runs import NO_RESULT, Witness


class Family(StrEnum):
    """Programs that log to the same places."""

    PACEMAKER = "pacemaker"
    MEMBERSHIP = "corosync"
    SYSTEM = "system"  # kernel, systemd, applications: syslog and the journal only


_MEMBERSHIP_DAEMONS: Final = ("corosync", "heartbeat", "ccm", "openais", "cman", "fenced", "dlm_controld", "aisexec")


#: How the names begin of programs that every machine has and that log to syslog or the journal only.
_MACHINE: Final = ("kernel", "systemd", "init", "journal", "rsyslogd", "cron", "sshd", "chronyd", "ntpd", "dbus")


def family(daemon: str | None) -> Family | None:
    """The family of a daemon by its modern name; None for programs that log here and there, as agents do."""
    name = daemon or ""
    if name.startswith("pacemaker"):
        return Family.PACEMAKER
    if name in _MEMBERSHIP_DAEMONS:
        return Family.MEMBERSHIP
    return Family.SYSTEM if name.startswith(_MACHINE) else None


#: Marks of a cluster stack that begins anew on a node, and of one that ends in order.
_BEGINS: Final = (Kind.BOOT, Kind.COROSYNC_START)
_ENDS: Final = (Kind.COROSYNC_STOPPING, Kind.SHUTDOWN_REQUESTED)

#: Why lines are missing before a beginning.
BEGAN_ANEW: Final = "it began anew without having stopped in order"

#: Runs whose results the controller logs as notices in every release that has syslog copies.
_NOTICED: Final = ("start", "stop", "promote", "demote", "migrate_to", "migrate_from")

#: A daemon that speaks at intervals has done so at least this often: two intervals show that they are alike.
_BEATS: Final = 3


class Gap(Struct, frozen=True):
    """A span for which lines are missing. `daemon`: a Family, None all. `file`: of this log only, None of all of the
    node. `end` None: until the logs end. `why`: a clause for a reader.
    """

    node: str
    daemon: str | None
    start: datetime
    end: datetime | None
    why: str
    file: int | None = None


def gaps_of(events: Events, runs: pl.DataFrame) -> tuple[Gap, ...]:
    """All gaps in order of time. `events`: EVENTS, copies dropped; `runs`: RUNS."""
    lines = events.select("node", "file", "daemon", "time", "event").drop_nulls("time").sort("event")
    found = [
        *_told_by_loggers(events, lines),
        *_between_lives(events, lines),
        *_skipped_transitions(events),
        *_plans_not_told(events),
        *_skipped_states(events),
        *_results_not_logged(runs, lines),
        *_missing_beats(events, lines),
    ]
    return tuple(sorted(found, key=lambda gap: (gap.start, gap.node, gap.why)))


def _told_by_loggers(events: Events, lines: pl.DataFrame) -> Iterator[Gap]:
    """Lines that rsyslog or journald say they dropped: since the line before in the same log (imjournal, imuxsock,
    `Suppressed N messages`), or up to the next one (`begin to drop`).
    """
    said = events.of(Kind.LOG_GAP, columns=("node", "file", "time", "message", "text", "event"))
    said = said.filter(~pl.col("message").str.contains("last message repeated", literal=True)).drop_nulls("time")
    if said.is_empty():
        return
    before = lines.select("file", "event", _before="time")
    after = lines.select("file", "event", _after="time")
    said = said.sort("event").join_asof(
        before, on="event", by="file", strategy="backward", allow_exact_matches=False, check_sortedness=False
    )
    said = said.join_asof(
        after, on="event", by="file", strategy="forward", allow_exact_matches=False, check_sortedness=False
    )
    for node, file, time, message, text, before, after in said.select(
        "node", "file", "time", "message", "text", "_before", "_after"
    ).iter_rows():
        begins = "begin" in message
        start, end = (time, after or time) if begins else (before or time, time)
        of = next((each.value for each in Family if text and text.startswith(each.value)), None)
        yield Gap(node, of, start, end, f"the logger dropped lines ({message[:80]})", file)


def _between_lives(events: Events, lines: pl.DataFrame) -> Iterator[Gap]:
    """A node that begins anew and had not ended in order: its last lines before that may never have reached the disk,
    and then it was down.
    """
    if not events.has(*_BEGINS):
        return
    marks = events.of(*_BEGINS, *_ENDS, columns=("node", "time", "kind", "event")).sort("event")
    marks = marks.with_columns(_before=pl.col("kind").shift().over("node"))
    begins = marks.filter(pl.col("kind").is_in(_BEGINS) & ~pl.col("_before").is_in(_ENDS).fill_null(value=False))
    if begins.is_empty():
        return
    cluster = pl.col("daemon").str.starts_with("pacemaker") | pl.col("daemon").is_in(_MEMBERSHIP_DAEMONS)
    last = lines.filter(cluster).select("node", _last="time", event="event").sort("event")
    begins = begins.join_asof(
        last, on="event", by="node", strategy="backward", allow_exact_matches=False, check_sortedness=False
    )
    for node, start, end in begins.drop_nulls("_last").select("node", "_last", "time").iter_rows():
        if start < end:
            yield Gap(node, None, start, end, BEGAN_ANEW)


def _skipped_transitions(events: Events) -> Iterator[Gap]:
    """Numbers of transitions are counted by the scheduler of a node, one by one (pcmk__log_transition_summary): where
    one is missing, so are the lines about it.
    """
    done = events.of(Kind.SCHED_DONE, columns=("node", "time", "transition", "pid", "event")).drop_nulls("transition")
    number, who = pl.col("transition"), ["node", "pid"]
    done = done.sort("event").with_columns(_number=number.shift().over(who), _time=pl.col("time").shift().over(who))
    for node, start, end, before, after in (
        done.filter(number > pl.col("_number") + 1).select("node", "_time", "time", "_number", "transition").iter_rows()
    ):
        yield Gap(node, Family.PACEMAKER, start, end, f"of its transitions, {before} and then {after} are told")


def _plans_not_told(events: Events) -> Iterator[Gap]:
    """The controller tells the end of a transition (run_graph) that the scheduler of its node has not told, neither
    before nor, as old releases may, after it, though it logs there: lines since the plan before are missing.
    """
    if not events.has(Kind.TE_DONE):
        return
    done = events.of(Kind.SCHED_DONE, columns=("node", "time", "transition", "event")).drop_nulls("transition")
    ends = events.of(Kind.TE_DONE, columns=("node", "time", "transition", "event")).drop_nulls("transition")
    ends = ends.join(done.select("node", "transition"), on=["node", "transition"], how="anti").sort("event")
    plans = done.sort("event").select("node", "event", _time="time")
    ends = ends.join_asof(plans, on="event", by="node", strategy="backward", check_sortedness=False)
    for node, start, end, number in ends.drop_nulls().select("node", "_time", "time", "transition").iter_rows():
        yield Gap(node, Family.PACEMAKER, start, end, f"the end of transition {number} is told, its plan is not")


def _skipped_states(events: Events) -> Iterator[Gap]:
    """The controller names the state it leaves and the one it enters (do_state_transition), some at info: where it
    leaves another than it had entered, and the log has what it says at info, the lines between are missing.
    """
    if not events.has(Kind.FSA_STATE):
        return
    told = events.of(Kind.FSA_STATE, columns=("node", "file", "pid", "time", "event", "state", "old_state", "level"))
    detailed = told.filter(pl.col("level") == "info")["file"].unique()
    who = ["node", "file", "pid"]
    states = told.filter(pl.col("file").is_in(detailed.implode())).drop_nulls(["state", "old_state"]).sort("event")
    states = states.with_columns(_state=pl.col("state").shift().over(who), _time=pl.col("time").shift().over(who))
    for node, file, start, end, entered, left in (
        states.filter(pl.col("_state") != pl.col("old_state"))
        .select("node", "file", "_time", "time", "_state", "old_state")
        .iter_rows()
    ):
        yield Gap(node, Family.PACEMAKER, start, end, f"its controller entered {entered} and then left {left}", file)


def _results_not_logged(runs: pl.DataFrame, lines: pl.DataFrame) -> Iterator[Gap]:
    """Runs that only the DC tells, on a node that tells others of its own: lines of it are missing around them."""
    own = runs.filter(pl.col("witness") == Witness.EXECUTOR, pl.col("operation").is_in(_NOTICED))["node"].unique()
    lost = runs.filter(
        pl.col("witness").is_in([Witness.DC, Witness.TRANSITION])
        & pl.col("operation").is_in(_NOTICED)
        & pl.col("node").is_in(own.implode())
        & (pl.col("status") != NO_RESULT).fill_null(value=True)
    )
    if lost.is_empty():
        return
    spoken = lines.filter(pl.col("daemon").str.starts_with("pacemaker")).select("node", _at="time").sort("_at")
    after = spoken.rename({"_at": "_next"})
    lost = lost.sort("start").join_asof(
        spoken, left_on="start", right_on="_at", by="node", strategy="backward", coalesce=False, check_sortedness=False
    )
    lost = lost.sort("end").join_asof(
        after, left_on="end", right_on="_next", by="node", strategy="forward", coalesce=False, check_sortedness=False
    )
    columns = ["node", "_at", "_next", "resource", "operation"]
    for node, start, end, resource, operation in lost.drop_nulls("_at").select(columns).iter_rows():
        yield Gap(node, Family.PACEMAKER, start, end, f"the DC tells of its {operation} of {resource}, it does not")


def _missing_beats(events: Events, lines: pl.DataFrame) -> Iterator[Gap]:
    """The DC's recheck timer fires at an even interval where nothing else happens (cluster-recheck-interval, cause
    C_TIMER_POPPED): silence of twice that interval in the log of a node that is DC before and after has lost a beat.
    """
    beats = events.of(Kind.FSA_STATE, columns=("node", "time", "cause", "event")).filter(
        (pl.col("cause") == "C_TIMER_POPPED").fill_null(value=False)
    )
    if beats.height < _BEATS:
        return
    every = (
        beats.sort("event")
        .with_columns(_since=pl.col("time").diff().over("node"))
        .group_by("node")
        .agg(_every=pl.col("_since").median(), _beats=pl.len())
        .filter(pl.col("_beats") >= _BEATS)
    )
    planning = events.of(Kind.SCHED_DONE, Kind.FSA_STATE, columns=("node", "time", "event")).sort("event")
    planning = planning.with_columns(_next_node=pl.col("node").shift(-1), _next=pl.col("time").shift(-1))
    silent = (
        planning.filter(pl.col("node") == pl.col("_next_node"))
        .join(every, on="node")
        .filter(pl.col("_next") - pl.col("time") > 2 * pl.col("_every"))
    )
    for node, start, end, interval in silent.select("node", "time", "_next", "_every").iter_rows():
        between = pl.col("time").is_between(start, end, closed="none")
        if lines.filter(between, pl.col("node") == node).is_empty():
            minutes = interval.total_seconds() / 60
            yield Gap(node, Family.PACEMAKER, start, end, f"its recheck every {minutes:.0f} min is not told")
