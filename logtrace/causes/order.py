"""The order of causes, from what each says it comes before and after."""

from __future__ import annotations

from collections.abc import Iterable
from graphlib import TopologicalSorter

from logtrace.causes.declaration import Declaration, Tier


def in_order(causes: Iterable[Declaration]) -> dict[str, Declaration]:
    """The causes by label: the tiers in theirs, within a tier as `before` and `after` say, else by label.

    Raises CycleError where these contradict each other, and KeyError for a label that no cause of the tier has.
    """
    known = {cause.label: cause for cause in causes}
    return {label: known[label] for tier in Tier for label in _sorted(_of(known, tier))}


def _of(known: dict[str, Declaration], tier: Tier) -> dict[str, Declaration]:
    return {label: cause for label, cause in known.items() if cause.tier is tier}


def _sorted(causes: dict[str, Declaration]) -> Iterable[str]:
    graph = {label: set(cause.after) for label, cause in causes.items()}
    for label, cause in causes.items():
        for later in cause.before:
            graph[later].add(label)
    unknown = {label for befores in graph.values() for label in befores} - set(causes)
    if unknown:
        raise KeyError(f"no cause of that tier: {', '.join(sorted(unknown))}")
    sorter = TopologicalSorter(graph)
    sorter.prepare()
    ready: list[str] = []
    while sorter.is_active():
        ready = sorted([*ready, *sorter.get_ready()])
        label = ready.pop(0)
        yield label
        sorter.done(label)
