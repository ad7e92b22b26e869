"""Two cases, or two incidents, beside each other: what got faster or slower, by how much, and what was changed."""

from logtrace.compare.choose import choose
from logtrace.compare.compare import Comparison, OperationChange, PhaseChange, Side, compare
from logtrace.compare.settings import Change, changes

__all__ = ["Change", "Comparison", "OperationChange", "PhaseChange", "Side", "changes", "choose", "compare"]
