"""Only an address or another cheap resource moved; the service itself was already up on the target."""

from __future__ import annotations

from logtrace.assessment.assessment import Assessment
from logtrace.assessment.services import is_address
from logtrace.causes.confidence import Strength
from logtrace.causes.declaration import Declaration, Tier
from logtrace.causes.judgement import Judgement, ruled_out, supported
from logtrace.config.query import is_clone, is_stonith

#: What takes longer than this to start is not cheap.
_CHEAP = 2.0


def judge(facts: Assessment) -> Judgement:
    """All that was down is an address (by its agent), it came back, and every start of it took at most two seconds."""
    promoted = sorted(outage.thing.resource for outage in facts.chain.outages if outage.thing.promoted)
    if promoted:
        return ruled_out(f"{promoted[0]} had to be promoted, which an address waits for")
    things = {outage.thing.resource for outage in facts.chain.outages}
    things -= {name for name in things if is_clone(facts.config, name) or is_stonith(facts.config, name)}
    if not things:
        return ruled_out("nothing had to move")
    other = sorted(name for name in things if not is_address(facts.timeline, facts.config, name))
    if other:
        return ruled_out(f"{other[0]} is a service, and it was not up on the target")
    starts = [run for run in facts.chain.runs if run.operation == "start" and run.resource in things]
    if not facts.recovered or not any(run.ok for run in starts):
        return ruled_out("no line tells that the address was set up again")
    if any(run.seconds > _CHEAP for run in starts):
        return ruled_out("moving the address took long", [run.event for run in starts])
    return supported(
        f"only the address {', '.join(sorted(things))} had to be set up again; the service behind it was already up",
        [run.event for run in starts],
        strength=Strength.ADDED_UP,
    )


DECLARATION = Declaration(
    label="vip_switch",
    tier=Tier.PLAIN,
    judge=judge,
    line="Only an address or something as cheap had to move; recovery was as good as it gets.",
    means="""
The service already ran on the target, and the cluster merely moved what leads clients to it. What is left of the outage
is detection, fencing where needed, and a start of well under a second.
""",
    proves="""
The resources that were started on the new node are addresses or other agents without a service behind them. The
service itself, a clone or a promoted copy, was up there before.
""",
    disproves="""
If an application had to be started on the target, it was a cold failover. If the address came back on the same node, it
was a restart.
""",
    fix="""
Nothing is wrong here. What remains can be had from faster detection: a shorter token for a lost node, a shorter
interval for a service. Clients and switches must accept the moved address at once.
""",
)
