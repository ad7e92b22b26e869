"""Incidents are chains of cause, not windows of time.

One state over triggers, scheduler runs and operations in order of time. A trigger starts a chain or joins the one it
follows from (joins.py) and takes things down (impacts.py); planned actions carry a chain to the resources they touch
(plans.py); operations stop things and bring them back (actions.py). Chains that only overlap in time stay apart.
"""

from __future__ import annotations

from datetime import datetime

from logtrace.chains.chain import Chain
from logtrace.chains.effects import on_fenced, strike
from logtrace.chains.joins import chain_of
from logtrace.chains.plans import on_transition
from logtrace.chains.runs import on_run
from logtrace.chains.state import ClusterState
from logtrace.chains.triggers import CorosyncPaused, MultiplyActive, Trigger
from logtrace.config.model import ClusterConfig
from logtrace.timeline import Run, Timeline, Transition
from logtrace.timeline.fencing import Fencing


def follow(timeline: Timeline, triggers: list[Trigger], config: ClusterConfig) -> list[Chain]:
    """Drafts in order of their first trigger."""
    state = ClusterState(config, timeline)
    for step in _in_order(timeline, triggers):
        if isinstance(step, Trigger):
            _on_trigger(state, step)
        elif isinstance(step, Run):
            on_run(state, step)
        elif isinstance(step, Fencing):
            on_fenced(state, step)
        else:
            on_transition(state, step)
    return state.chains


def _in_order(timeline: Timeline, triggers: list[Trigger]) -> list[Trigger | Transition | Fencing | Run]:
    """Everything in order of time; what shares a moment (whole seconds in old logs) in order of cause: a failure, the
    plan it led to, the end of a fencing, the operations of that plan, and a stop before the start that makes up for
    it elsewhere.
    """
    places: dict[tuple[str, datetime], set[str]] = {}
    for run in timeline.runs:
        places.setdefault((run.resource, run.end), set()).add(run.node)

    def late(run: Run) -> bool:
        return len(places[run.resource, run.end]) > 1 and run.operation in ("start", "promote")

    steps: list[tuple[tuple[datetime, int, bool, int], Trigger | Transition | Fencing | Run]] = [
        *(((trigger.time, *_rank(trigger, index)), trigger) for index, trigger in enumerate(triggers)),
        *(((transition.calculated, 1, False, transition.event), transition) for transition in timeline.transitions),
        *(((fenced, 2, False, 0), fencing) for fencing in timeline.fencings if (fenced := fencing.fenced)),
        *(((run.end, 3, late(run), run.event), run) for run in timeline.runs),
    ]
    return [step for _, step in sorted(steps, key=lambda step: step[0])]


def _rank(trigger: Trigger, index: int) -> tuple[int, bool, int]:
    """A trigger that the scheduler's or the controller's own line tells has its place among their plans."""
    if isinstance(trigger, MultiplyActive) and trigger.events:
        return 1, False, trigger.events[0]
    return 0, False, index


def _on_trigger(state: ClusterState, trigger: Trigger) -> None:
    chain = chain_of(state, trigger)
    if chain is None:
        if isinstance(trigger, CorosyncPaused):
            return  # a pause that moved nobody is a warning, not an incident
        chain = Chain([trigger])
        state.chains.append(chain)
    else:
        chain.add(trigger)
    if chain not in state.pending and not _is_ordered(chain, trigger):
        state.pending.append(chain)
    if trigger.node is not None and not isinstance(trigger, MultiplyActive):
        chain.nodes.setdefault(trigger.node)
    if trigger.resource is not None:
        chain.resources.setdefault(trigger.resource)
        state.of_resource[trigger.resource] = chain
    strike(state, chain, trigger)


def _is_ordered(chain: Chain, trigger: Trigger) -> bool:
    """A fencing that a chain's plan asked for asks for no other: the controller carries the plan out."""
    fencing = trigger.fencing
    return fencing is not None and any(
        action.fences and action.target == fencing.target for _, action in reversed(chain.actions)
    )
