"""A whole case at once: all its steps in order of time, and of cause within one moment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from logtrace.chains.chain import Chain
from logtrace.chains.state import ClusterState, Progress, Return, Step, time_of
from logtrace.chains.trigger import Trigger
from logtrace.chains.triggers import triggers_of
from logtrace.config.in_force import Configurations
from logtrace.timeline import Run, Timeline, Transition
from logtrace.timeline.fencing import Fencing


class Followed(Struct, frozen=True):
    """`triggers` in order of time; `chains` in order of their beginning; `notices`: sentences about bounds reached;
    `progress`: how far those had come that were not over when the logs ended.
    """

    triggers: tuple[Trigger, ...]
    chains: tuple[Chain, ...]
    notices: tuple[str, ...]
    progress: dict[Chain, Progress]


def follow(timeline: Timeline, configs: Configurations, now: datetime | None = None) -> Followed:
    """Feed a case to a ClusterState, from its first step to the end of the logs; `now`: up to when no more came."""
    triggers = triggers_of(timeline, configs.newest)
    state = ClusterState(configs, timeline)
    chains: list[Chain] = []
    for step in steps(timeline, triggers):
        chains += state.apply(step).opened
    whole = tuple(chain for chain in chains if chain.part_of is None)
    if whole:
        state.reach(max(each for each in (state.now, timeline.end, now) if each is not None))
    progress = state.progress()
    state.finish()
    return Followed(tuple(triggers), whole, tuple(state.notices), progress)


def steps(timeline: Timeline, triggers: Sequence[Trigger]) -> list[Step]:
    """Everything in order of time; what shares a moment (whole seconds in old logs) in order of cause: a node that is
    back, what a node's lines tell before its failure, a failure, the plan it led to, the end of a fencing, the
    operations of that plan, and a stop before the start that makes up for it elsewhere.
    """
    places: dict[tuple[str, datetime], set[str]] = {}
    failed: dict[tuple[str, str, datetime], int] = {}
    for run in timeline.runs:
        places.setdefault((run.resource, run.end), set()).add(run.node)
        if run.failed and not run.precise:
            failed[run.resource, run.node, run.end] = run.event

    def rank(step: Step, index: int) -> tuple[int, bool, int]:
        match step:
            case Return():
                return 0, False, index
            case Transition():
                return 2, False, step.event
            case Fencing():
                return 3, False, index
            case Run() if not step.precise and step.event < failed.get((step.resource, step.node, step.end), -1):
                return 0, False, step.event
            case Run():
                late = len(places[step.resource, step.end]) > 1 and step.operation in ("start", "promote")
                return 4, late, step.event
            case _:
                return (2, False, step.events[0]) if step.by_plan and step.events else (1, False, index)

    found: list[Step] = [
        *(Return(loss, loss.back) for loss in timeline.losses if loss.back is not None),
        *triggers,
        *timeline.transitions,
        *(fencing for fencing in timeline.fencings if fencing.ended is not None),
        *timeline.runs,
    ]
    ranked = [((time_of(step), *rank(step, index)), step) for index, step in enumerate(found)]
    return [step for _, step in sorted(ranked, key=lambda one: one[0])]
