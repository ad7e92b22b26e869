"""Services had to be started from nothing on another node."""

from __future__ import annotations

from logtrace.assessment.assessment import Assessment
from logtrace.causes.confidence import Strength
from logtrace.causes.declaration import Declaration, Tier
from logtrace.causes.judgement import Judgement, ruled_out, supported, undecided
from logtrace.chains.triggers import ConnectivityLost
from logtrace.config.query import is_connection
from logtrace.domain.kinds import Kind


def judge(facts: Assessment) -> Judgement:
    """After a node loss, or a move forced by a threshold or a lost network: all start time on the critical path. A
    warm copy (clone, promotable) would make it nothing.
    """
    forced = facts.timeline.between(Kind.THRESHOLD_REACHED, facts.detected, facts.answered)
    fenced = [fencing for fencing in facts.chain.fencings if fencing.status in ("ok", "confirmed")]
    cut_off = facts.triggers(ConnectivityLost)
    if not facts.chain.losses and not fenced and not forced and not cut_off:
        return ruled_out("nothing had to move to another node")
    started = [run for run in facts.critical_runs("start", "promote", "migrate_from") if run.ok]
    starts = [run for run in started if not is_connection(facts.config, run.resource)]
    if not starts:
        if cut_off and not facts.recovered:
            return undecided("what had to move was stopped; the logs do not tell how long its starts took")
        return ruled_out("no start lies on the critical path")
    seconds = sum(step.seconds for step in facts.path if step.run in starts)
    names = list(dict.fromkeys(run.resource for run in starts))
    bounds = any(run.witness == "transition" for run in starts)
    return supported(
        f"{', '.join(names[:4])}{' and others' if len(names) > 4 else ''} had to be started from nothing on "
        f"{', '.join(sorted({run.node for run in starts}))}: "
        f"{'at most ' if bounds else ''}{seconds:.1f} s of starts one after another",
        [run.event for run in starts[:8]],
        weight=seconds,
        strength=Strength.UNSURE if bounds else Strength.ADDED_UP,
    )


DECLARATION = Declaration(
    label="cold_failover",
    tier=Tier.SHARE,
    judge=judge,
    after=("group_cascade",),
    line="A node was lost, and starting everything from nothing on the peer was most of the outage.",
    means="""
The services existed once. When their node was gone they were started cold elsewhere: storage, database, application,
one after another. With a copy already running there, only an address would have had to move.
""",
    proves="""
After the loss, or after a threshold or a lost network forced the move, starts on the new node fill the largest part of
the path. Nothing of these services ran there before.
""",
    disproves="""
A restart on the same node is no failover. Where only an address moved and the service was up already, it was a switch.
Time spent on fencing or an election before the first start belongs to those.
""",
    fix="""
Run stateless services on all nodes behind a virtual address. Keep databases as promotable pairs or as a cluster of
their own. Let what is left start side by side, and shorten the longest start.
""",
)
