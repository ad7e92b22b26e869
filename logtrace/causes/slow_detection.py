"""The monitor interval, or a missing monitor, let a dead service go unnoticed."""

from __future__ import annotations

from logtrace.assessment.assessment import Assessment
from logtrace.causes.confidence import Strength
from logtrace.causes.declaration import Declaration, Tier
from logtrace.causes.judgement import Judgement, ruled_out, supported, undecided
from logtrace.config.query import is_stonith, monitor_interval
from logtrace.timeline import Run, interval_of

#: A delay up to this many seconds is what careful configurations have.
_REMEDY = 10.0


def judge(facts: Assessment) -> Judgement:
    """The proven delay where a line tells the time of death, else what is to be expected: half the interval plus the
    run time of the monitor; of what has no monitor, half the time since it was last known to be well. Never for node
    loss: token and consensus are the configuration's own price.
    """
    run = facts.chain.first.run
    if run is None or not (run.recurring or run.probe):
        return ruled_out("it was not a monitor that had to find it")
    if is_stonith(facts.config, run.resource):
        return ruled_out(f"{run.resource} is a fence device: nothing was down until it was found")
    if run.probe:
        return _unwatched(facts, run)
    interval = interval_of(facts.timeline, facts.config, run) or 0.0
    spent = run.seconds if run.seconds < interval else 0.0
    proven = (facts.detected - facts.death.time).total_seconds() if facts.death else None
    if not interval and proven is None:
        return undecided(f"how often {run.resource} is monitored is not in these logs", [run.event])
    delay = proven if proven is not None else interval / 2 + spent
    beyond = delay - _REMEDY
    known = "took" if proven is not None else "is to be expected to take"
    every = f"with a monitor every {interval:g} s, " if interval else ""
    sentence = f"{every}finding that {run.resource} is dead {known} {delay:.1f} s"
    if beyond <= 0:
        return ruled_out(sentence, [run.event], weight=0.0)
    return supported(
        sentence,
        [*(facts.death.events if facts.death else ()), run.event],
        weight=beyond,
        strength=Strength.FOLLOWED if proven else Strength.ONE_WITNESS,
    )


def _unwatched(facts: Assessment, run: Run) -> Judgement:
    """What a probe found dead, which runs only after a refresh, a restart or a return: had it a monitor of its own?"""
    if facts.failed_primitive is None:
        return undecided(f"a probe found {run.resource} dead; whether it has a monitor is not known", [run.event])
    interval = monitor_interval(facts.config, run.resource)
    if interval is not None:
        return ruled_out(f"{run.resource} has a monitor every {interval:g} s", [run.event])
    since = facts.death.time if facts.death else facts.earliest
    if since is None:
        return undecided(f"{run.resource} has no monitor; since when it was dead is not known", [run.event])
    passed = (facts.detected - since).total_seconds()
    delay = passed if facts.death else passed / 2
    then = "it had died" if facts.death else "it was last known to be well"
    sentence = f"{run.resource} has no monitor: a probe found it dead, {passed:.1f} s after {then}"
    if delay <= _REMEDY:
        return ruled_out(sentence, [run.event], weight=0.0)
    return supported(
        sentence,
        [*(facts.death.events if facts.death else ()), run.event],
        weight=delay - _REMEDY,
        strength=Strength.FOLLOWED,
    )


DECLARATION = Declaration(
    label="slow_detection",
    tier=Tier.SHARE,
    judge=judge,
    line="Most of the outage passed before the cluster knew: the monitor is rare, or there is none.",
    means="""
The service was dead and nobody looked. A recurring monitor finds a death after half its interval on average, and after
a whole one plus its own run at worst. The recovery that followed may have been quick.
""",
    proves="""
The time of death from the kernel, systemd or the application, far before the failed monitor; or an interval so long
that half of it exceeds ten seconds. The first failed result stands at the end of that gap.
""",
    disproves="""
The loss of a node is found by token and consensus, not by a monitor. Where the time of death is unknown, the interval
is only a bound. Differences between clocks must be taken out before two logs are compared.
""",
    fix="""
Monitor every ten seconds, or more often where the check is cheap. See that every resource, and each role of a
promotable one, has a recurring monitor. Frequent checks cost a little load and want a timeout that bears a bad moment.
""",
)
