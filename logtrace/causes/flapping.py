"""The same resource failed again and again, up to its threshold."""

from __future__ import annotations

from collections import Counter

from logtrace.assessment.assessment import Assessment
from logtrace.causes.confidence import Strength
from logtrace.causes.declaration import Declaration, Tier
from logtrace.causes.judgement import Judgement, ruled_out, supported
from logtrace.config.query import is_clone
from logtrace.domain.kinds import Kind
from logtrace.timeline import Run

#: Twice may be chance; the third time it is a habit.
_AGAIN_AND_AGAIN = 3


def judge(facts: Assessment) -> Judgement:
    """Proof: three or more failed monitors of one resource, or two and the threshold reached (pacemaker-schedulerd)."""
    failed = [run for run in facts.failures("monitor") if not run.probe]
    if not failed:
        return ruled_out("no monitor failed")
    copies = [_copy(facts, run) for run in failed]
    copy, count = Counter(copies).most_common(1)[0]
    resource = copy[0]
    mine = [run for run, what in zip(failed, copies, strict=True) if what == copy]
    limit = [
        event.event
        for event in facts.timeline.between(Kind.THRESHOLD_REACHED, facts.detected, facts.answered)
        if event.resource == resource
    ]
    if count < _AGAIN_AND_AGAIN and not (limit and count > 1):
        return ruled_out(f"{resource} failed {'once' if count == 1 else 'twice'}", [run.event for run in mine])
    span = (mine[-1].end - mine[0].end).total_seconds()
    nodes = sorted({run.node for run in mine})
    reached = ", until its migration-threshold kept it away" if limit else ""
    return supported(
        f"{resource} failed {count} times within {span:.0f} s on {', '.join(nodes)}{reached}",
        [*(run.event for run in mine[:6]), *limit[:2]],
        weight=facts.outage,
        strength=Strength.AGREED if limit else Strength.FOLLOWED,
    )


def _copy(facts: Assessment, run: Run) -> tuple[str, str | None]:
    """What failed: a resource wherever it ran, or one copy of a clone."""
    return run.resource, run.node if is_clone(facts.config, run.resource) else None


DECLARATION = Declaration(
    label="flapping",
    tier=Tier.FAULT,
    judge=judge,
    after=("resource_agent_error",),
    line="The same resource failed again and again until the cluster gave up on a node.",
    means="""
Each recovery worked for a while and the failure came back. The fail count rose until migration-threshold sent the
resource elsewhere, or restarts went on without end. The sum of many short outages is what users feel.
""",
    proves="""
Several separate failed results of one operation on one node, with good starts between them, and fail counts that rise
one by one. A line that the threshold is reached, or an expiry that lets it begin again.
""",
    disproves="""
The scheduler repeats an old failure in every run; such lines are history. One failure on each of several nodes is one
fault that travelled. A fail count set by hand is no failure.
""",
    fix="""
Find why it dies; restarting is no cure. Let migration-threshold be about 3 and failure-timeout some minutes, longer
than the time between two failures, so that the resource leaves a bad node and may come back later. Do not make the
monitor stricter than the service.
""",
)
