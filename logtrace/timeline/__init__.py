"""What happened, one row per thing, all nodes in one order, each thing told once."""

from __future__ import annotations

from logtrace.timeline.build import Timeline, build
from logtrace.timeline.rows import Action, Event, NodeLoss, Run, Transition

__all__ = ["Action", "Event", "NodeLoss", "Run", "Timeline", "Transition", "build"]
