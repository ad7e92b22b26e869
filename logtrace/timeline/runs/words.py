"""Why runs failed, in the agent's own words, where the result gives no reason.

Before Pacemaker 1.1.13 and in many syslogs a result is a bare code. What the agent printed stands before it: an exit
reason (ocf_exit_reason of resource-agents' ocf-shellfuncs), which the executor copies, or its own lines.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import polars as pl

from logtrace.domain.kinds import Kind
from logtrace.events.store import Events

#: Either witness may have whole seconds.
_STAMPS: Final = timedelta(seconds=1)
_ON: Final = ["node", "_of"]
_REASON: Final = "ocf-exit-reason:"
_GRAVE: Final = ("error", "crit", "critical", "emerg", "alert")


def with_words(runs: pl.DataFrame, events: Events) -> pl.DataFrame:
    """`runs` with a reason for those that ended with a code of failure and have none: the exit reason, else the last
    error the agent told while it ran, else the last it printed on standard error.
    """
    bare = (~pl.col("ok") & pl.col("rc").is_not_null() & pl.col("reason").is_null()).fill_null(value=False)
    if not runs.select(bare.any()).item():
        return runs
    out = runs.with_row_index("_row").with_columns(_of=_without_copy())
    failed = out.filter(bare).sort("end")
    for name, said in _said(events):
        failed = failed.with_columns(_until=pl.col("end") + _STAMPS).join_asof(
            said.rename({"text": name}), left_on="_until", right_on="_said", by=_ON, check_sortedness=False
        )
        ran = pl.col("_said") >= pl.col("start") - _STAMPS
        failed = failed.with_columns(pl.when(ran).then(pl.col(name)).alias(name)).drop("_said", "_until")
    words = failed.select("_row", _words=pl.coalesce(name for name, _ in _said(events)))
    return (
        out.join(words, on="_row", how="left", maintain_order="left")
        .with_columns(reason=pl.coalesce("reason", "_words"))
        .select(runs.columns)
    )


def _said(events: Events) -> tuple[tuple[str, pl.DataFrame], ...]:
    """What agents said, the most telling first: the name of a column, and node, _of, _said (the time) and text."""
    printed = _words(events, Kind.OP_OUTPUT)
    reasons = printed.filter(pl.col("text").str.starts_with(_REASON)).with_columns(
        pl.col("text").str.strip_prefix(_REASON).str.strip_chars()
    )
    own = _words(events, Kind.AGENT_SAYS).filter(pl.col("level").is_in(_GRAVE))
    columns = [*_ON, "_said", "text"]
    return tuple(
        (name, said.filter(pl.col("text") != "").select(columns).sort("_said"))
        for name, said in (("_reason", reasons), ("_own", own), ("_printed", printed))
    )


def _words(events: Events, kind: Kind) -> pl.DataFrame:
    said = events.of(kind, columns=("target", "node", "resource", "text", "level", "time")).drop_nulls(
        ["node", "resource", "text"]
    )
    return said.with_columns(
        pl.coalesce("target", "node").alias("node"),
        pl.col("text").str.strip_chars(),
        _of=_without_copy(),
        _said="time",
    )


def _without_copy() -> pl.Expr:
    """A copy of a clone is called `db:1` in one line and `db` in the next."""
    return pl.col("resource").str.replace(r":\d+$", "")
