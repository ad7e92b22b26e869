"""What is told of a window beside its incidents: each part is declared by the module that makes it.

A part is a field of Case. The module that makes it declares PART; whoever needs all of a window, the pipeline for the
whole and scope for a part of it, takes them from here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

from msgspec import Struct
from msgspec.structs import replace

from logtrace.data import declared
from logtrace.report.case import Case
from logtrace.timeline import NodeLoss
from logtrace.timeline.fencing import Fencing

Make = Callable[[Case, Sequence[NodeLoss], Sequence[Fencing]], object]


class Part(Struct, frozen=True):
    """`make` gives the value of the `field` for a case with the window and frames that are wanted and all incidents;
    losses and fencings are as in the timeline.
    """

    field: str
    make: Make


@cache
def parts() -> tuple[Part, ...]:
    """Every part that a module of logtrace.report declares."""
    return tuple(declared("logtrace.report", "PART"))


def with_parts(case: Case, losses: Sequence[NodeLoss], fencings: Sequence[Fencing]) -> Case:
    """`case` with all its parts made for its window and frames."""
    return replace(case, **{each.field: each.make(case, losses, fencings) for each in parts()})
