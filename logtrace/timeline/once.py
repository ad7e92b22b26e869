"""What all incidents of a case ask of its timeline is computed once: else each of thousands would look at all of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar
from weakref import WeakKeyDictionary

from logtrace.timeline.build import Timeline

_Answer = TypeVar("_Answer")


def once(compute: Callable[[Timeline], _Answer]) -> Callable[[Timeline], _Answer]:
    """`compute`, whose answer is kept as long as the timeline."""
    known: WeakKeyDictionary[Timeline, _Answer] = WeakKeyDictionary()

    @wraps(compute)
    def answer(timeline: Timeline) -> _Answer:
        if timeline not in known:
            known[timeline] = compute(timeline)
        return known[timeline]

    return answer
