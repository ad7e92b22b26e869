"""What one node sends and another receives later: each such pair bounds how far one clock is ahead of the other.

The DC asks a node for an operation before the node runs it, and learns the result after the node has it. Changes that
all nodes log at the same moment (membership, node attributes) bound from both sides, more loosely.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from logtrace.domain.columns import UTC
from logtrace.domain.kinds import Kind
from logtrace.domain.zones import EAST, WEST
from logtrace.events.store import Events

#: What all nodes log "at once" is spread by up to this many seconds (delivery of one totem message, busy nodes).
_TOGETHER: Final = 0.5

_AT_ONCE: Final = (Kind.TOTEM_MEMBERSHIP, Kind.FAILCOUNT_SET, Kind.LASTFAILURE_SET, Kind.ATTR_SET, Kind.FENCE_RESULT)

_WHAT: Final = ("kind", "membership", "resource", "attribute", "target", "old_value", "value", "fence_id")
_SAID: Final = ("node", "time", "precise", "event", *_WHAT)

#: From UTC-12 to UTC+14: clocks further apart are not told by what may happen again, as a fencing of the same node.
_ZONES: Final = float(EAST - WEST)

#: As many pairs, in order of time, tell what is usual at their moment.
_NEIGHBOURS: Final = 9

#: What more nodes say than a cluster has is paired with the first of them only, for pairs grow with the square.
_ALL_PAIRS: Final = 32

#: Columns that are looked at.
_ASKED: Final = (
    "kind", "node", "time", "precise", "event", "resource", "operation", "interval", "target", "call",
    "transition", "action", "transition_key", "exec_ms",
)  # fmt: skip

#: What `bounds` gives.
_BOUNDS: Final = {
    "at": UTC,
    "at_b": UTC,
    "event": pl.UInt32(),
    "event_b": pl.UInt32(),
    "a": pl.String(),
    "b": pl.String(),
    "low": pl.Float64(),
    "high": pl.Float64(),
}
_NOTHING: Final = pl.lit(None, pl.Float64)

#: Both lines of a pair: the one that a wrote, and the one that b did.
_LINES: Final = (pl.col("time").alias("at"), pl.col("time_b").alias("at_b"), pl.col("event"), pl.col("event_b"))


def bounds(events: Events) -> pl.DataFrame:
    """Rows (a, b, at, at_b, event, event_b, low, high) from events with UTC `time`: b is ahead of a by at least `low`
    and at most `high` seconds (null: not bounded) when a shows `at`, in the line `event`, and b shows `at_b`.
    """
    return pl.concat([_causal(events), _unnumbered(events), _common(events)])


def _causal(events: Events) -> pl.DataFrame:
    """Rows (a, b, low, high): b (executing node) is ahead of a (DC) by at least `low` and at most `high` seconds."""
    started = (
        events.of(Kind.OP_REQUESTED_LOCAL, columns=_ASKED)
        .select("node", "time", "precise", "event", "resource", "operation", pl.col("transition_key").alias("tk"))
        .drop_nulls("tk")
        .with_columns(
            action=pl.col("tk").str.extract(r"^(-?[0-9]+):").cast(pl.Int64),
            transition=pl.col("tk").str.extract(r"^-?[0-9]+:(-?[0-9]+):").cast(pl.Int64),
        )
    )
    asked = (
        events.of(Kind.OP_REQUESTED, Kind.TE_START, columns=_ASKED)
        .sort("node", "time", "event")
        .with_columns(transition=pl.col("transition").forward_fill().over("node"))
        .filter((pl.col("kind") == Kind.OP_REQUESTED) & (pl.col("target") != pl.col("node")))
    )
    keys = ["transition", "action", "resource", "operation"]
    high = (
        _unique(asked, keys)
        .join(_unique(started, keys), on=keys, suffix="_b")
        .filter(pl.col("node") != pl.col("node_b"))
    )
    result = events.of(Kind.OP_RESULT, columns=_ASKED).drop_nulls("call")
    told = events.of(Kind.OP_CONFIRMED, Kind.OP_UNEXPECTED, columns=_ASKED).drop_nulls("call")
    call = ["resource", "operation", "interval", "call"]
    low = (
        _unique(told, [*call, "target"])
        .join(_unique(result, [*call, "node"]), left_on=[*call, "target"], right_on=[*call, "node"], suffix="_b")
        .filter(pl.col("target") != pl.col("node"))
    )
    apart = (pl.col("time_b") - pl.col("time")).dt.total_microseconds() / 1e6
    slack = pl.when(pl.col("precise") & pl.col("precise_b")).then(0.0).otherwise(1.0)
    return pl.concat(
        [
            high.select(*_LINES, a="node", b="node_b", low=_NOTHING, high=apart + slack),
            low.select(*_LINES, a="node", b="target", low=apart - slack, high=_NOTHING),
        ]
    )


def _unnumbered(events: Events) -> pl.DataFrame:
    """The same where syslog copies drop all ids: operations of a resource on a node that happen once in the logs.

    The agent began (result minus run time) after it was asked for, and the DC asks for the first monitor only after
    it has the result of the start.
    """
    names = ["resource", "operation", "target"]
    asked = events.of(Kind.OP_REQUESTED, columns=_ASKED).filter(pl.col("target") != pl.col("node"))
    once = _unique(asked.filter(pl.col("operation").is_in(["start", "stop"])), names)
    ran = events.of(Kind.OP_FINISHED, columns=_ASKED).with_columns(target=pl.col("node"))
    ran = _unique(ran, names).with_columns(
        time=pl.col("time") - pl.duration(microseconds=(pl.col("exec_ms").fill_null(0) * 1000).cast(pl.Int64))
    )
    high = once.join(ran, on=names, suffix="_b")
    started = events.of(Kind.OP_RESULT, columns=_ASKED).filter(pl.col("operation") == "start")
    then = _unique(asked.filter(pl.col("operation") == "monitor"), names)
    low = then.join(_unique(started, names), on=["resource", "target"], suffix="_b")
    apart = (pl.col("time_b") - pl.col("time")).dt.total_microseconds() / 1e6
    slack = pl.when(pl.col("precise") & pl.col("precise_b")).then(0.0).otherwise(1.0)
    return pl.concat(
        [
            high.select(*_LINES, a="node", b="target", low=_NOTHING, high=apart + slack),
            low.select(*_LINES, a="node", b="target", low=apart - slack, high=_NOTHING),
        ]
    )


def _unique(frame: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """Only rows whose keys name exactly one row; repeated ids (restarted daemons) prove nothing."""
    return frame.drop_nulls(keys).unique(keys, keep="none", maintain_order=True) if frame.height else frame


def _common(events: Events) -> pl.DataFrame:
    """Rows (a, b, low, high) from what several nodes log at the same moment."""
    parts = [_at_once(lines) for kind in _AT_ONCE if (lines := events.of(kind, columns=_SAID)).height]
    if not parts:
        return pl.DataFrame(schema=_BOUNDS)
    told = pl.concat(parts)
    few, first = pl.len().over("what") <= _ALL_PAIRS, pl.col("node") == pl.col("node").min().over("what")
    pairs = told.filter(few | first).join(told, on="what", suffix="_b").filter(pl.col("node") < pl.col("node_b"))
    apart = (pl.col("time_b") - pl.col("time")).dt.total_microseconds() / 1e6
    pairs = pairs.filter(pl.col("once") | (apart.abs() <= _ZONES))
    slack = pl.when(pl.col("precise") & pl.col("precise_b")).then(_TOGETHER).otherwise(1.0 + _TOGETHER)
    # the same value may come again later (fail count 1, cleanup, 1): such pairs are further apart than their neighbours
    middle = pl.col("apart").rolling_median(_NEIGHBOURS, min_samples=1, center=True).over("node", "node_b")
    return (
        pairs.with_columns(apart=apart)
        .sort("time", "what")
        .with_columns(middle=middle)
        .filter((pl.col("apart") - pl.col("middle")).abs() < 5)
        .select(*_LINES, a="node", b="node_b", low=pl.col("apart") - slack, high=pl.col("apart") + slack)
    )


def _at_once(lines: pl.DataFrame) -> pl.DataFrame:
    """Rows node, what, time, precise, event, once: what a node says once, in lines of one kind, by its best copy: that
    of a log without fractions may stand a second early. `once`: a number in it says that there is no other such.
    """
    what = pl.concat_str([pl.col(name).fill_null("") for name in _WHAT], separator="\t")
    return (
        lines.group_by("node", what=what)
        .agg(
            pl.coalesce(pl.col("time").filter("precise").min(), pl.col("time").min()),
            pl.col("precise").any(),
            pl.col("event").sort_by(~pl.col("precise"), "time").first(),
            once=pl.any_horizontal(pl.col("membership", "fence_id").is_not_null().any()),
            _first=pl.col("time").min(),
            _last=pl.col("time").max(),
        )
        .filter(pl.col("_last") - pl.col("_first") <= pl.duration(seconds=2))  # copies of one line, not a repetition
    )
