"""The headline of an incident, by the three rules of the contract, and how sure it is."""

from __future__ import annotations

from datetime import timedelta

from msgspec import Struct

from logtrace import causes
from logtrace.assessment.assessment import Assessment
from logtrace.causes.judgement import Judgement, Verdict
from logtrace.causes.slow_detection import expected_delay
from logtrace.chains.triggers import ConnectivityLost

#: A share of the outage is a headline only from this many seconds and this part of the outage on.
_LEAST_SECONDS = 2.0
_LEAST_SHARE = 0.3

#: By how much whole-second stamps may stretch a share, beyond what run times correct.
_BLUR = 0.5

#: What led to something may stand this many seconds before it; a log that begins later does not tell.
_LED_TO = timedelta(seconds=5)

#: Causes whose own lines prove them, whatever came before.
_ORIGINS = frozenset({"daemon_crash", "corosync_stall", "missing_agent", "unmanaged", "clock_jump"})

#: Witnesses of a failure that did not see it.
_HEARSAY = {"attributes": "its fail count", "plan": "the plan to recover from it"}

#: Causes during which the service itself ran on: the outage begins when the cluster stops it.
_RAN_ON = frozenset({"spurious_monitor", "corosync_stall", "network_partition", "policy_move"})


class Headline(Struct, frozen=True):
    """`judgements`: label -> judgement, in the registry's order. `doubts`: what lowered the confidence, in words."""

    trigger: str
    root_cause: str
    contributing: tuple[str, ...]
    confidence: float
    judgements: dict[str, Judgement]
    doubts: tuple[str, ...]

    @property
    def service_ran_on(self) -> bool:
        return self.root_cause in _RAN_ON


def headline(facts: Assessment) -> Headline:
    """Judge every cause and choose the headline."""
    if not facts.chain.is_fault:
        ((label, judge),) = causes.PLANNED if facts.chain.planned else causes.POLICY
        judgement = judge(facts)
        return Headline(label, label, (), judgement.strength, {label: judgement}, ())
    judgements = {label: judge(facts) for label, judge in (*causes.FAULTS, *causes.SHARES, *causes.PLAIN)}
    shares = _shares(facts, judgements)
    trigger = _trigger(facts, judgements)
    root = _first_fault(judgements) or _largest_share(shares) or _plain(facts, judgements, trigger)
    confidence, doubts = _confidence(facts, root, judgements, shares)
    return Headline(
        trigger, root, _contributing(facts, root, trigger, judgements, shares), confidence, judgements, doubts
    )


def _true(judgements: dict[str, Judgement], label: str) -> bool:
    return judgements[label].verdict is Verdict.SUPPORTED


def _first_fault(judgements: dict[str, Judgement]) -> str | None:
    return next(
        (label for label, _ in causes.FAULTS if _true(judgements, label) and not judgements[label].follows), None
    )


def _shares(facts: Assessment, judgements: dict[str, Judgement]) -> dict[str, float]:
    """Label -> seconds, of those shares that are large enough to be a headline, largest first."""
    outage = facts.outage or 0.0
    # logs of whole seconds: what was measured may be longer than what was
    blur = _BLUR if any(step.run is not None and not step.run.precise for step in facts.path) else 0.0
    found = {}
    for label, _ in causes.SHARES:
        weight = judgements[label].weight or 0.0
        whole = outage + (expected_delay(facts) if label == "slow_detection" else 0.0)
        if _true(judgements, label) and weight >= _LEAST_SECONDS + blur and weight >= _LEAST_SHARE * whole:
            found[label] = weight
    return dict(sorted(found.items(), key=lambda item: -item[1]))


def _largest_share(shares: dict[str, float]) -> str | None:
    return next(iter(shares), None)


def _plain(facts: Assessment, judgements: dict[str, Judgement], trigger: str) -> str:
    """What is left: the trigger, or, where even that is not true, whether it was about a node or a service."""
    for label, _ in causes.PLAIN:
        if _true(judgements, label):
            return label
    if facts.triggers(ConnectivityLost):
        return "cold_failover"
    if judgements[trigger].verdict is not Verdict.RULED_OUT:
        return trigger
    return "node_failure" if facts.chain.first.run is None else "service_crash"


def _trigger(facts: Assessment, judgements: dict[str, Judgement]) -> str:
    """What started it, whatever became of it."""
    options = facts.chain.first.can_be
    return next((label for label in options if _true(judgements, label)), options[-1])


def _contributing(
    facts: Assessment, root: str, trigger: str, judgements: dict[str, Judgement], shares: dict[str, float]
) -> tuple[str, ...]:
    """What else was true, most weighty first, at most three."""
    outage = facts.outage or 0.0
    weights: dict[str, float] = dict(shares)
    for label, judgement in judgements.items():
        if judgement.verdict is Verdict.SUPPORTED and label not in weights:
            share = label in dict(causes.SHARES)
            if share and (judgement.weight or 0.0) < max(1.0, 0.1 * outage) and label != "dc_loss":
                continue
            weights[label] = judgement.weight or 0.0
    if judgements[trigger].verdict is not Verdict.RULED_OUT:
        weights.setdefault(trigger, 0.0)
    weights.pop(root, None)
    ranked = sorted(weights, key=lambda label: (-weights[label], label != trigger))
    if trigger in ranked[3:]:  # what started it is always worth saying
        ranked = [*ranked[:2], trigger]
    return tuple(ranked[:3])


def _cut_short(facts: Assessment) -> bool:
    """The last transition of the incident was under way when the logs ended."""
    executed = [transition for transition in facts.chain.transitions if transition.executed]
    return bool(executed) and executed[-1].ended is None


def _cut_off(facts: Assessment) -> bool:
    """The logs begin too late to tell what led to the incident."""
    start = facts.timeline.start
    return start is not None and facts.began - start < _LED_TO


def _confidence(
    facts: Assessment, root: str, judgements: dict[str, Judgement], shares: dict[str, float]
) -> tuple[float, tuple[str, ...]]:
    """The strength of the proof, lowered by every witness that is missing."""
    confidence = judgements[root].strength if _true(judgements, root) else 0.4
    doubts: list[str] = []
    silent = sorted(node for node in facts.chain.nodes if node not in facts.timeline.logging_nodes)
    open_questions = [label for label, _ in causes.FAULTS if judgements[label].verdict is Verdict.NOT_ENOUGH]
    if silent:
        confidence *= 0.85 if open_questions else 0.95
        doubts.append(f"the logs of {', '.join(silent)}")
    if not facts.chain.transitions and root not in ("daemon_crash", "unmanaged"):
        confidence *= 0.7
        doubts.append("the DC's pacemaker.log: no plan of the scheduler is at hand")
    if facts.chain.still_down() and _cut_short(facts):
        confidence *= 0.7
        doubts.append("what came later: the logs end before the transition does")
    if root not in _ORIGINS and _cut_off(facts):
        confidence *= 0.7
        doubts.append("what came before: the logs begin with it")
    early = [f for f in facts.chain.fencings for loss in facts.chain.losses[:1] if f.requested < loss.time]
    known = facts.chain.first.run is not None  # fenced for what failed there
    if early and not known and root in dict((*causes.SHARES, *causes.PLAIN)):
        confidence *= 0.65
        doubts.append(f"the log of the node that asked for the fencing of {early[0].target}: it knew a reason")
    first = facts.chain.first.run
    if first is not None and first.witness in _HEARSAY:
        confidence *= 0.7
        doubts.append(f"pacemaker.log of {first.node}: only {_HEARSAY[first.witness]} tells of the failure")
    weights = list(shares.values())
    if root in shares and len(weights) > 1 and weights[1] > 0.75 * weights[0]:
        confidence *= 0.75
    outage = facts.outage or 0.0
    if root in shares and outage and shares[root] < 1.25 * max(_LEAST_SECONDS, _LEAST_SHARE * outage):
        confidence *= 0.85
    return round(min(max(confidence, 0.05), 0.99), 2), tuple(doubts)
