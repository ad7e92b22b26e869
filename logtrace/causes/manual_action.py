"""An operator's change or command."""

from __future__ import annotations

from logtrace.assessment.assessment import Assessment
from logtrace.causes.confidence import Strength
from logtrace.causes.declaration import Beginning, Declaration, Tier
from logtrace.causes.judgement import Judgement, ruled_out, supported
from logtrace.chains.triggers import OperatorActed


def judge(facts: Assessment) -> Judgement:
    """Proof: a CIB edit by a tool, a cleanup, an orderly stop or a manual fencing."""
    if not facts.chain.planned:
        return ruled_out("no command started it")
    first = facts.chain.first
    return supported(
        first.what if isinstance(first, OperatorActed) else "an operator's command",
        first.events,
        strength=Strength.UNSURE if first.inferred else Strength.AGREED,
    )


DECLARATION = Declaration(
    label="manual_action",
    tier=Tier.PLANNED,
    judge=judge,
    begins_with=(Beginning(OperatorActed),),
    line="An operator did it: a change, a command, or an orderly stop.",
    means="""
Somebody edited the configuration, moved, stopped, cleaned up or fenced something, set a node aside, or stopped the
cluster on a node. What followed was asked for. It is told so that it is not taken for a fault, and never counted as an
outage.
""",
    proves="""
A change of the CIB by a tool, a shutdown request, or a fencing request of a tool, right before the transition; its
abort says that the configuration changed. No failed result stands between.
""",
    disproves="""
Attributes that agents set for themselves, promotion scores and fail counts are changed by the cluster. A failure that
happened within a planned action is an incident of its own.
""",
    fix="""
Nothing is broken. For quieter work set maintenance mode first and end it after; put a node into standby before stopping
it; clear moves and bans when their reason is gone.
""",
)
