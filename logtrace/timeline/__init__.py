"""What happened, one row per thing, all nodes in one order, each thing told once."""

from __future__ import annotations

from logtrace.timeline.build import Timeline, build
from logtrace.timeline.rows import Action, Calculation, Event, NodeLoss, Run

__all__ = ["Action", "Calculation", "Event", "NodeLoss", "Run", "Timeline", "build"]
