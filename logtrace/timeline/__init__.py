"""What happened, one row per thing, all nodes in one order, each thing told once."""

from __future__ import annotations

from logtrace.timeline.coverage import Coverage
from logtrace.timeline.fencing import Fencing
from logtrace.timeline.gaps import Gap
from logtrace.timeline.intervals import interval_of
from logtrace.timeline.losses import NodeLoss
from logtrace.timeline.rows import Event
from logtrace.timeline.runs import NO_EVENT, NO_RESULT, Run, Witness
from logtrace.timeline.timeline import Timeline, build, computed_once, lines_of, peers
from logtrace.timeline.transitions import Action, Transition

__all__ = [
    "NO_EVENT",
    "NO_RESULT",
    "Action",
    "Coverage",
    "Event",
    "Fencing",
    "Gap",
    "NodeLoss",
    "Run",
    "Timeline",
    "Transition",
    "Witness",
    "build",
    "computed_once",
    "interval_of",
    "lines_of",
    "peers",
]
