"""How far apart the nodes' clocks are, from what one node sends and another receives later.

The DC asks a node for an operation before the node runs it, and learns the result after the node has it: each such
pair bounds the difference of the two clocks from one side, as in NTP. Changes that all nodes log at the same moment
(membership, node attributes) bound it from both sides, more loosely. The reference is the median node.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import polars as pl

#: What all nodes log "at once" is spread by up to this many seconds (delivery of one totem message, busy nodes).
_TOGETHER = 0.5

#: A bound is not better than this: lines are written a little after what they tell.
_DELIVERY = 0.05

#: From this many pairs on the tightest bound need not be believed alone.
_MANY = 20

#: Below this a difference is indistinguishable from delivery times and scheduling, and is taken as none.
_NEGLIGIBLE = 0.25


@dataclass(frozen=True, slots=True)
class Skew:
    """Seconds a clock is ahead of the reference clock; `error` is half the width of what is possible, None: unknown."""

    offset: float = 0.0
    error: float | None = None


def estimate(events: pl.DataFrame, files: dict[tuple[int, str], float], sure: Collection[str] = ()) -> dict[str, Skew]:
    """Skew per node, from events with UTC `time` (zones already resolved). Nodes nothing is known of are at 0, None.

    `files`: (file, node) -> seconds that file's stamps were ahead of the node's own clock (see carriers.py). The
    reference is the clock most files agree with: a syslog server's stamps speak for it as well. Nodes in `sure` have
    a zone that was not assumed; while there are any, the reference is among them.
    """
    nodes = events["node"].drop_nulls().unique().sort().to_list()
    if not nodes:
        return {}
    bounds = pl.concat([_causal_bounds(events), _unnumbered_bounds(events), _common_bounds(events)])
    links = _links(bounds)
    reference = max(nodes, key=lambda node: (node in sure, sum(node in pair for pair in links)))
    found: dict[str, tuple[float, float]] = {reference: (0.0, 0.0)}
    while True:  # from the reference outwards, the tightest link first
        reach = [
            (error + found[a][1], b, found[a][0] + offset)
            for (a, b), (offset, error) in links.items()
            if a in found and b not in found
        ]
        if not reach:
            break
        error, node, offset = min(reach)
        found[node] = (offset, error)
    told = {node for node in found if node in sure} or set(found)
    clocks = sorted(found[node][0] + ahead for (_, node), ahead in files.items() if node in told)
    # of two middle clocks that of the node with most links: as a rule the DC's
    middle = min((clocks[(len(clocks) - 1) // 2], clocks[len(clocks) // 2]), key=abs) if clocks else 0.0
    shift = middle if abs(middle) > _NEGLIGIBLE else 0.0
    return {
        node: Skew(round(found[node][0] - shift, 6), round(found[node][1], 6)) if node in found else Skew()
        for node in nodes
    }


def _links(bounds: pl.DataFrame) -> dict[tuple[str, str], tuple[float, float]]:
    """(a, b) -> (how far b is ahead of a, error), for both directions, from rows (a, b, low, high)."""
    forward = pl.col("a") < pl.col("b")
    one_way = pl.concat(
        [
            bounds.filter(forward),
            bounds.filter(~forward).select(a="b", b="a", low=-pl.col("high"), high=-pl.col("low")),
        ]
    )
    # with many pairs the very tightest may be a mismatch and must not decide alone
    tight = one_way.group_by("a", "b").agg(
        low=pl.when(pl.col("low").count() < _MANY).then(pl.col("low").max()).otherwise(pl.col("low").quantile(0.95)),
        high=pl.when(pl.col("high").count() < _MANY)
        .then(pl.col("high").min())
        .otherwise(pl.col("high").quantile(0.05)),
    )
    links: dict[tuple[str, str], tuple[float, float]] = {}
    for a, b, low, high in tight.sort("a", "b").iter_rows():
        if low is None or high is None:
            continue
        middle = (low + high) / 2
        possible = min(low, high) - _DELIVERY <= 0 <= max(low, high) + _DELIVERY
        offset = 0.0 if possible or abs(middle) < _NEGLIGIBLE else middle
        error = max(abs(low - offset), abs(high - offset))  # half the width, or more where the offset is taken as none
        links[a, b] = (offset, error)
        links[b, a] = (-offset, error)
    return links


def _causal_bounds(events: pl.DataFrame) -> pl.DataFrame:
    """Rows (a, b, low, high): b (executing node) is ahead of a (DC) by at least `low` and at most `high` seconds."""
    started = (
        events.filter(pl.col("kind") == "op.requested_local")
        .select("node", "time", "precise", "resource", "operation", pl.col("transition_key").alias("tk"))
        .drop_nulls("tk")
        .with_columns(
            action=pl.col("tk").str.extract(r"^(-?\d+):").cast(pl.Int64),
            transition=pl.col("tk").str.extract(r"^-?\d+:(-?\d+):").cast(pl.Int64),
        )
    )
    asked = (
        events.filter(pl.col("kind").is_in(["op.requested", "te.start"]))
        .sort("node", "time", "file", "line")
        .with_columns(transition=pl.col("transition").forward_fill().over("node"))
        .filter((pl.col("kind") == "op.requested") & (pl.col("target") != pl.col("node")))
    )
    keys = ["transition", "action", "resource", "operation"]
    high = (
        _unique(asked, keys)
        .join(_unique(started, keys), on=keys, suffix="_b")
        .filter(pl.col("node") != pl.col("node_b"))
    )
    result = events.filter((pl.col("kind") == "op.result") & pl.col("call").is_not_null())
    told = events.filter(pl.col("kind").is_in(["op.confirmed", "op.unexpected"]) & pl.col("call").is_not_null())
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
            high.select(a="node", b="node_b", low=pl.lit(None, pl.Float64), high=apart + slack),
            low.select(a="node", b="target", low=apart - slack, high=pl.lit(None, pl.Float64)),
        ]
    )


def _unnumbered_bounds(events: pl.DataFrame) -> pl.DataFrame:
    """The same where syslog copies drop all ids: operations of a resource on a node that happen once in the logs.

    The agent began (result minus run time) after it was asked for, and the DC asks for the first monitor only after
    it has the result of the start.
    """
    names = ["resource", "operation", "target"]
    asked = events.filter((pl.col("kind") == "op.requested") & (pl.col("target") != pl.col("node")))
    once = _unique(asked.filter(pl.col("operation").is_in(["start", "stop"])), names)
    ran = events.filter(pl.col("kind") == "op.finished").with_columns(target=pl.col("node"))
    ran = _unique(ran, names).with_columns(
        time=pl.col("time") - pl.duration(microseconds=(pl.col("exec_ms").fill_null(0) * 1000).cast(pl.Int64))
    )
    high = once.join(ran, on=names, suffix="_b")
    started = events.filter((pl.col("kind") == "op.result") & (pl.col("operation") == "start"))
    then = _unique(asked.filter(pl.col("operation") == "monitor"), names)
    low = then.join(_unique(started, names), on=["resource", "target"], suffix="_b")
    apart = (pl.col("time_b") - pl.col("time")).dt.total_microseconds() / 1e6
    slack = pl.when(pl.col("precise") & pl.col("precise_b")).then(0.0).otherwise(1.0)
    nothing = pl.lit(None, pl.Float64)
    return pl.concat(
        [
            high.select(a="node", b="target", low=nothing, high=apart + slack),
            low.select(a="node", b="target", low=apart - slack, high=nothing),
        ]
    )


def _unique(frame: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """Only rows whose keys name exactly one row; repeated ids (restarted daemons) prove nothing."""
    return frame.drop_nulls(keys).unique(keys, keep="none", maintain_order=True)


def _common_bounds(events: pl.DataFrame) -> pl.DataFrame:
    """Rows (a, b, low, high) from what several nodes log at the same moment."""
    told = (
        events.filter(
            pl.col("kind").is_in(["totem.membership", "failcount.set", "lastfailure.set", "attr.set", "fence.result"])
        )
        .with_columns(
            what=pl.concat_str(
                [
                    pl.col(name).cast(pl.String).fill_null("")
                    for name in (
                        "kind",
                        "membership",
                        "resource",
                        "attribute",
                        "target",
                        "old_value",
                        "value",
                        "fence_id",
                    )
                ],
                separator="\t",
            )
        )
        .group_by("node", "what", "kind")
        .agg(pl.col("time").min(), pl.col("precise").any(), _last=pl.col("time").max())
        .filter(pl.col("_last") - pl.col("time") <= pl.duration(seconds=2))  # copies of one line, not a repetition
    )
    pairs = told.join(told, on="what", suffix="_b").filter(pl.col("node") < pl.col("node_b"))
    apart = (pl.col("time_b") - pl.col("time")).dt.total_microseconds() / 1e6
    slack = pl.when(pl.col("precise") & pl.col("precise_b")).then(_TOGETHER).otherwise(1.0 + _TOGETHER)
    # the same value may come again later (fail count 1, cleanup, 1): such pairs are far apart and inconsistent
    middle = apart.median().over("node", "node_b")
    return (
        pairs.with_columns(apart=apart, middle=middle)
        .filter((pl.col("apart") - pl.col("middle")).abs() < 5)
        .select(a="node", b="node_b", low=pl.col("apart") - slack, high=pl.col("apart") + slack)
    )
