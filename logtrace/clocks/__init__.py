"""From what a line prints to UTC: names.py (who), anchors.py (year and zone), skew.py (clocks apart)."""

from __future__ import annotations

from logtrace.clocks.anchors import Anchor, LocalClock, local_clocks
from logtrace.clocks.names import canonical_names, own_names, with_nodes
from logtrace.clocks.resolve import Clock, Clocks, ClockSet, resolve
from logtrace.clocks.timeless import settled

__all__ = [
    "Anchor",
    "Clock",
    "ClockSet",
    "Clocks",
    "LocalClock",
    "canonical_names",
    "local_clocks",
    "own_names",
    "resolve",
    "settled",
    "with_nodes",
]
