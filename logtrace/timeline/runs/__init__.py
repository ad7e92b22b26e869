"""Runs of agents: one table, reconciled from everyone who tells of them."""

from __future__ import annotations

from logtrace.timeline.runs.reconcile import reconcile
from logtrace.timeline.runs.run import HEARSAY, NO_EVENT, NO_RESULT, RUNS, Run, Witness, values

__all__ = ["HEARSAY", "NO_EVENT", "NO_RESULT", "RUNS", "Run", "Witness", "reconcile", "values"]
