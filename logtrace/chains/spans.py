"""What begins and ends, such as losses and fencings, when there are thousands of them in one chain.

A chain is asked at every step what of it goes on, and what there was of one node. Both are answered without looking
through all that there ever was.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from heapq import heappop, heappush
from typing import Final, Generic, TypeVar

T = TypeVar("T")

#: Of each node so many decide.
_FEW: Final = 3
_NEVER: Final = datetime.max.replace(tzinfo=UTC)


@dataclass(slots=True, eq=False)
class Spans(Generic[T]):
    """What was not over at the last look, and when it will be."""

    _open: dict[T, None] = field(default_factory=dict)
    _ends: list[tuple[datetime, int, T]] = field(default_factory=list)

    def add(self, one: T, end: datetime | None) -> None:
        self._open[one] = None
        if end is not None:
            heappush(self._ends, (end, id(one), one))

    def open(self, now: datetime) -> Collection[T]:
        """Those that have not ended by `now`, which never goes back."""
        while self._ends and self._ends[0][0] <= now:
            self._open.pop(heappop(self._ends)[2], None)
        return self._open.keys()

    def drop(self, one: T) -> None:
        self._open.pop(one, None)


@dataclass(slots=True, eq=False)
class Deciding(Generic[T]):
    """Of what there was of each node the ones by which every question is decided that time only turns one way: whether
    something of it is still so (the last to begin, the last to end), or is so no more (the first to end).
    """

    _of: dict[str, dict[T, tuple[datetime, datetime]]] = field(default_factory=dict)

    def add(self, node: str, one: T, begin: datetime, end: datetime | None) -> None:
        known = self._of.setdefault(node, {})
        known[one] = (begin, end or _NEVER)
        if len(known) > _FEW:
            first, last = min(known, key=lambda each: known[each][1]), max(known, key=lambda each: known[each][1])
            begun = max(known, key=lambda each: known[each][0])
            self._of[node] = {each: known[each] for each in known if each in (first, begun, last)}

    def of(self, node: str | None) -> Sequence[T]:
        return tuple(self._of.get(node or "", ()))
