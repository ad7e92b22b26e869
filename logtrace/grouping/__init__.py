"""From what was collected to cases: what is of one cluster at one time is one, and strangers are never merged."""

from __future__ import annotations

from collections.abc import Sequence

from logtrace.gather import Collected
from logtrace.grouping.fingerprint import fingerprints
from logtrace.grouping.joining import Group, grouped
from logtrace.intake.names import report_name

__all__ = ["Group", "groups", "told_apart"]


def groups(collected: Collected) -> list[Group]:
    """The cases among what was collected, in the order in which it was read."""
    return grouped(fingerprints(collected)) if len(collected.papers) > 1 else []


def told_apart(names: Sequence[str], inputs: Sequence[str]) -> list[str]:
    """A name for each of several cases: `names` where no two are the same, else the names of their `inputs`, with as
    much of the folders above them as tells them apart.
    """
    found = list(names)
    paths = [path.split("/") for path in inputs]
    for parts in range(1, max(map(len, paths)) + 1):
        if len(set(found)) == len(found):
            break
        found = ["/".join((*path[-parts:-1], report_name(path[-1]))) for path in paths]
    return found
