"""A promote failed or timed out, or nothing could be promoted."""

from __future__ import annotations

import polars as pl

from logtrace.assessment.assessment import Assessment
from logtrace.causes.judgement import Judgement, ruled_out, supported
from logtrace.chains.chain import Outage
from logtrace.config.query import base_name, clone_of
from logtrace.domain.kinds import Kind
from logtrace.domain.reasons import Why
from logtrace.timeline import Event
from logtrace.timeline.outcomes import outcome

#: Roles as plans print them, and what they plan when nothing is to be promoted.
_ROLES = ("Promoted", "Master")
_AWAY = frozenset({"Stop", "Demote", "Leave"})


def judge(facts: Assessment) -> Judgement:
    """Proof: `Result of promote operation` other than ok. Or, while a promoted role is down and no plan promotes: the
    scheduler found no instance to promote, or every promotion score the agent left is negative.
    """
    failed = facts.failures("promote")
    if failed:
        run = failed[0]
        return supported(
            f"the promote of {run.resource} on {', '.join(sorted({run.node for run in failed}))} {outcome(run)}",
            [run.event for run in failed],
            weight=sum(run.seconds for run in failed),
            strength=0.97,
        )
    for outage in facts.chain.still_down():
        if not outage.thing.promoted or _planned(facts, outage):
            continue
        chosen, scores = _none_chosen(facts, outage), _unfit(facts, outage)
        if chosen or scores:
            why = "the scheduler found none fit" if chosen else "all their promotion scores are negative"
            return supported(
                f"no instance of {outage.thing.resource} could be promoted: {why}",
                [event.event for event in (*chosen[:3], *scores[:3])],
                weight=facts.outage,
                strength=0.9,
            )
    return ruled_out("no promote failed")


def _planned(facts: Assessment, outage: Outage) -> bool:
    """Whether a plan made since it was lost has an instance promoted: alone, or as the end of a recovery or move."""
    return any(
        base_name(action.resource or "") == outage.thing.resource
        and transition.calculated >= outage.down
        and action.verb not in _AWAY
        and not action.blocked
        and any(role in (action.detail or "") for role in _ROLES)
        for transition, action in facts.chain.actions
    )


def _none_chosen(facts: Assessment, outage: Outage) -> list[Event]:
    """The scheduler's lines that it promotes none of the clone's instances."""
    clone = clone_of(facts.config, outage.thing.resource)
    return [
        event
        for event in facts.timeline.between(Kind.SCHED_CANNOT_RUN, outage.down, facts.end)
        if event.why == Why.NONE_FIT and (clone is None or event.resource == clone.id)
    ]


def _unfit(facts: Assessment, outage: Outage) -> list[Event]:
    """The last promotion score of every node that is left, where all are negative or taken back (a missing score
    counts as -1, pacemaker-schedulerd). Nothing where one may be promoted, or none is known.
    """
    names = [f"{prefix}-{outage.thing.resource}" for prefix in ("promotion", "master")]
    lost = {loss.node for loss in facts.chain.losses if loss.back is None}
    scores = pl.col("attribute").is_in(names) & (pl.col("time") <= facts.end)
    last = {
        event.target: event for event in facts.timeline.rows.where(Kind.ATTR_SET, scores) if event.target not in lost
    }
    unfit = [event for event in last.values() if (event.value or "").startswith(("-", "(unset"))]
    return unfit if len(unfit) == len(last) else []
