"""A promote failed or timed out, or nothing could be promoted."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from logtrace.assessment.assessment import Assessment
from logtrace.assessment.reasons import beside
from logtrace.causes.confidence import Strength
from logtrace.causes.declaration import Beginning, Complaint, Declaration, Tier
from logtrace.causes.judgement import Judgement, Verdict, ruled_out, supported
from logtrace.chains.chain import Outage
from logtrace.chains.triggers import OperationFailed
from logtrace.config.commands import cleanup, files_of
from logtrace.config.query import base_name, clone_of, primitive_of
from logtrace.domain.advice import Advice
from logtrace.domain.kinds import Kind
from logtrace.domain.reasons import Why
from logtrace.timeline import Event
from logtrace.timeline.outcomes import outcome

#: Roles as plans print them, and what they plan when nothing is to be promoted.
_ROLES = ("Promoted", "Master")
#: Attributes by which agents tell whether the data of a node are those of the primary: SAPHana, SAPHanaController and
#: their hooks, pgsql; and the values that say they are, or that this is the primary.
_STEP = r"^(?:hana_[a-z0-9]{3}_(?:sync_state|srHook|srPoll|site_srHook_\S+)|\S+-data-status)$"
_IN_STEP = frozenset({"SOK", "PRIM", "LATEST", "STREAMING|SYNC"})
_AWAY = frozenset({"Stop", "Demote", "Leave"})


def judge(facts: Assessment) -> Judgement:
    """Proof: `Result of promote operation` other than ok. Or, while a promoted role is down and no plan promotes: the
    scheduler found no instance to promote, or every promotion score the agent left is negative.
    """
    failed = facts.failures("promote")
    if failed:
        run, behind = failed[0], _behind(facts)
        return supported(
            f"the promote of {run.resource} on {', '.join(sorted({run.node for run in failed}))} {outcome(run)}"
            f"{beside(facts, run)}{_data(behind)}",
            [*(run.event for run in failed), *(event.event for event in behind)],
            weight=sum(run.seconds for run in failed),
            strength=Strength.OWN_LINE,
        )
    for outage in facts.chain.still_down():
        if not outage.thing.promoted or _planned(facts, outage):
            continue
        chosen, scores = _none_chosen(facts, outage), _unfit(facts, outage)
        if chosen or scores:
            why = "the scheduler found none fit" if chosen else "all their promotion scores are negative"
            behind = _behind(facts)
            return supported(
                f"no instance of {outage.thing.resource} could be promoted: {why}{_data(behind)}",
                [event.event for event in (*chosen[:3], *scores[:3], *behind)],
                weight=facts.outage,
                strength=Strength.FOLLOWED,
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


def _behind(facts: Assessment) -> list[Event]:
    """The last words of agents, before anything was promoted again, that data of nodes that are left are not in step
    with the primary's.
    """
    lost = {loss.node for loss in facts.chain.losses if loss.back is None}
    told = facts.timeline.rows.where(
        Kind.ATTR_SET, pl.col("attribute").str.contains(_STEP) & (pl.col("time") <= facts.end)
    )
    last = {(event.attribute, event.target): event for event in told if event.target not in lost}
    return [event for event in last.values() if event.value not in _IN_STEP][:3]


def _data(behind: list[Event]) -> str:
    said = ", ".join(f"{event.attribute}={event.value} on {event.target}" for event in behind)
    return f"; data were not in step ({said})" if behind else ""


def remedy(complaint: Complaint) -> Iterator[Advice]:
    """Why the agent would not promote; a promote that ran into its timeout is a matter of timeouts as well."""
    facts = complaint.facts
    if complaint.judged.verdict is not Verdict.SUPPORTED:
        return
    failed = facts.failures("promote")
    down = [outage.thing.resource for outage in facts.chain.still_down() if outage.thing.promoted]
    name = failed[0].resource if failed else down[0]
    if failed:
        run = failed[0]
        reason = f" ({run.reason})" if run.reason else ""
        how = "ran into its timeout" if run.timed_out else "failed" if run.rc is None else f"returned {run.rc}{reason}"
        what = f"Mend why the promote of {name} {how} on {', '.join(sorted({each.node for each in failed}))}"
    else:
        what = f"Find out why no copy of {name} that was left was fit to be promoted"
    primitive = primitive_of(facts.config, name)
    yield Advice(
        "fix_promotion",
        f"{what}: check that its data is in step with the peer, and that the agent gives a promotion score only to a "
        "copy that can be promoted",
        cleanup(name) if primitive is not None and failed else {},
        files=files_of(primitive) if primitive is not None else (),
        saves_basis="not computed: how long a promote that succeeds at once takes depends on the data",
        risk="a score forced by hand may promote old data",
    )


DECLARATION = Declaration(
    label="promotion_failure",
    tier=Tier.FAULT,
    judge=judge,
    remedy=remedy,
    after=("no_pidfile",),
    begins_with=(Beginning(OperationFailed, ("promote",)),),
    explains=(Beginning(OperationFailed, ("promote",)),),
    line="No copy could be promoted, or a promotion failed.",
    means="""
The copies run, but none of them leads, so clients find no primary. The agent refused, ran into its timeout, or offered
no promotion score, usually because replication was not in a state it could trust.
""",
    proves="""
A promote with an error or a timeout, and the agent's reason beside it. Or no promote at all although copies run, with
scores that are missing or negative. The outage ends with the first promote that succeeds.
""",
    disproves="""
Waiting for the demotion or the fencing of the old primary is that wait, not a failed promotion. Scores that come late
because the agent sets them at its next monitor only delay it.
""",
    fix="""
Mend replication first; the agent is right not to promote stale data. Give promote the time that recovery of the log
takes. See that the monitors run often enough to keep the scores true. If you know better than the agent which copy is
good, follow its own procedure.
""",
)
