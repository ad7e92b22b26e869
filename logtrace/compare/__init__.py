"""Two cases, or two incidents, beside each other: what got faster or slower, by how much, and what was changed."""

from logtrace.compare.incidents import Comparison, OperationChange, PhaseChange, Side, choose, compare
from logtrace.compare.settings import SettingChange, changes

__all__ = ["Comparison", "OperationChange", "PhaseChange", "SettingChange", "Side", "changes", "choose", "compare"]
