"""The one table of runs: every witness is heard, and each run is told once, by the best of them.

executor      the executing node's own result
DC            what the DC saw confirmed, failed or lost, where the node's own result is not at hand
transition    what must have succeeded, for the transition it belongs to is complete
fail count    a failure of which only the count is told
agent         an error of the agent while it ran, of which no result is told
CIB           what status sections remember of nodes without logs
plan          a failure that is recovered from, and told nowhere else
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from logtrace.config.model import HistoryEntry
from logtrace.events.store import Events
from logtrace.timeline.runs import hearsay
from logtrace.timeline.runs.dc import concluded, dc_runs, unanswered
from logtrace.timeline.runs.executor import elsewhere, executor_runs, overran
from logtrace.timeline.runs.recorded import recorded
from logtrace.timeline.runs.run import WHO, joined, numbered
from logtrace.timeline.runs.whole_seconds import placed


def reconcile(
    events: Events, transitions: pl.DataFrame, actions: pl.DataFrame, history: Sequence[HistoryEntry]
) -> pl.DataFrame:
    """RUNS, in order of `end`. `transitions`, `actions`: as in transitions.py; `history`: what CIBs remember."""
    told = executor_runs(events)
    by_dc = dc_runs(events).join(told.drop_nulls("call"), on=[*WHO, "call"], how="anti", nulls_equal=True)
    by_dc = by_dc.join(elsewhere(events), on=[*WHO, "call"], how="anti")
    told = joined([told, hearsay.not_near(by_dc, told), unanswered(events), concluded(events)])
    told = joined([told, overran(events, told)])
    for counts in (hearsay.updated(events), hearsay.counted(events)):
        told = joined([told, hearsay.not_near(counts, told.filter(~pl.col("ok")))])
    told = placed(told)
    silent = {entry.node for entry in history} - events.values("node")
    if silent and events.height:
        told = joined([told, hearsay.remembered(history, told, silent, events["time"])])
    told = joined([told, recorded(events, told)])
    told = joined([told, hearsay.complained(events, told)])
    return numbered(joined([told, hearsay.planned_for(events, transitions, actions, told)]))
