"""From what was collected to cases: what is of one cluster at one time is one, and strangers are never merged."""

from __future__ import annotations

from logtrace.cases.fingerprint import fingerprints
from logtrace.cases.grouping import Group, grouped
from logtrace.gather import Collected

__all__ = ["Group", "groups"]


def groups(collected: Collected) -> list[Group]:
    """The cases among what was collected, in the order in which it was read."""
    return grouped(fingerprints(collected)) if len(collected.papers) > 1 else []
