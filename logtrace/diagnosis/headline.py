"""The headline of an incident, by the three rules of the contract, and how sure it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import cache
from itertools import takewhile

from msgspec import Struct

from logtrace import causes
from logtrace.assessment.assess import expected_delay
from logtrace.assessment.assessment import Assessment
from logtrace.assessment.witnesses import cut_off, unheard
from logtrace.causes.confidence import Doubt, Strength
from logtrace.causes.declaration import Tier
from logtrace.causes.judgement import Judgement, Verdict, undecided
from logtrace.chains.triggers import ConnectivityLost, FencingAsked

#: A share of the outage is a headline only from this many seconds and this part of the outage on.
_LEAST_SECONDS = 2.0
_LEAST_SHARE = 0.3

#: By how much whole-second stamps may stretch a share, beyond what run times correct.
_BLUR = 0.5

#: What led to something may stand this many seconds before it; a log that begins later does not tell.
_LED_TO = timedelta(seconds=5)

#: A second share this large makes two of nearly one size; a share this close above the least may be below it.
_ALIKE = 0.75
_CLOSE = 1.25

#: Told by pacemakerd, by Corosync, and by the lack of a plan: no plan is missed.
_WITHOUT_A_PLAN = ("daemon_crash", "corosync_stall", "network_partition", "quorum_loss", "unmanaged")

#: Witnesses of a failure that did not see it.
_HEARSAY = {"agent": "the agent's own error", "attributes": "its fail count", "plan": "the plan to recover from it"}

#: Doubts for want of a witness, which is why nothing is proven where only a guess remains: not doubted twice.
_WITNESSES = (Doubt.SILENT_NODE, Doubt.SILENT_NODE_OPEN, Doubt.NO_PLAN, Doubt.PLAN_UNSEEN, Doubt.HEARSAY)


class Headline(Struct, frozen=True):
    """`judgements`: label -> judgement, in the registry's order. `doubts`: what lowered the confidence, in words."""

    trigger: str
    root_cause: str
    contributing: tuple[str, ...]
    confidence: float
    judgements: dict[str, Judgement]
    doubts: tuple[str, ...]


def headline(facts: Assessment) -> Headline:
    """Judge every cause and choose the headline."""
    if not facts.chain.is_fault:
        tier = Tier.PLANNED if facts.chain.planned else Tier.POLICY
        judgements = {cause.label: cause.judge(facts) for cause in causes.of_tier(tier)}
        (label,) = causes.behind(facts.chain.first)
        return Headline(label, label, (), judgements[label].strength.share, judgements, ())
    silent = unheard(facts)
    judgements = {
        cause.label: _as_far_as_told(cause.judge(facts), silent)
        for cause in causes.of_tier(Tier.FAULT, Tier.SHARE, Tier.PLAIN)
    }
    shares = _shares(facts, judgements)
    trigger = _trigger(facts, judgements)
    root = _first_fault(judgements) or _largest_share(shares) or _plain(facts, judgements, trigger)
    confidence, doubts = _confidence(facts, root, judgements, shares)
    return Headline(
        trigger, root, _contributing(facts, root, trigger, judgements, shares), confidence, judgements, doubts
    )


def _as_far_as_told(judgement: Judgement, silent: Sequence[str]) -> Judgement:
    """What no line shows is not ruled out where the log that would show it is missing: `silent`, see `unheard`."""
    if judgement.verdict is not Verdict.RULED_OUT or judgement.events or not silent:
        return judgement
    return undecided(
        f"{judgement.sentence}; but what Pacemaker logged then on {', '.join(silent)} is not in these logs"
    )


@cache
def _labels(*tiers: Tier) -> tuple[str, ...]:
    return tuple(cause.label for cause in causes.of_tier(*tiers))


def _beating(root: str) -> Iterator[str]:
    """The faults that would be the headline instead, if they were true."""
    return takewhile(lambda label: label != root, _labels(Tier.FAULT))


def _true(judgements: dict[str, Judgement], label: str) -> bool:
    return judgements[label].verdict is Verdict.SUPPORTED


def _first_fault(judgements: dict[str, Judgement]) -> str | None:
    return next(
        (label for label in _labels(Tier.FAULT) if _true(judgements, label) and not judgements[label].follows),
        None,
    )


def _shares(facts: Assessment, judgements: dict[str, Judgement]) -> dict[str, float]:
    """Label -> seconds, of those shares that are large enough to be a headline, largest first."""
    outage = facts.outage or 0.0
    if cut_off(facts):
        return {}  # of an outage whose end is left out nothing is known to be a share
    # logs of whole seconds: what was measured may be longer than what was
    blur = _BLUR if any(step.run is not None and not step.run.precise for step in facts.path) else 0.0
    found = {}
    for label in _labels(Tier.SHARE):
        weight = judgements[label].weight or 0.0
        whole = outage + (expected_delay(facts) if label == "slow_detection" else 0.0)
        if _true(judgements, label) and weight >= _LEAST_SECONDS + blur and weight >= _LEAST_SHARE * whole:
            found[label] = weight
    return dict(sorted(found.items(), key=lambda item: -item[1]))


def _largest_share(shares: dict[str, float]) -> str | None:
    return next(iter(shares), None)


def _plain(facts: Assessment, judgements: dict[str, Judgement], trigger: str) -> str:
    """What is left: the trigger, or, where even that is not true, whether it was about a node or a service."""
    for label in _labels(Tier.PLAIN):
        if _true(judgements, label):
            return label
    if facts.triggers(ConnectivityLost):
        return "cold_failover"
    if judgements[trigger].verdict is not Verdict.RULED_OUT:
        return trigger
    return "node_failure" if facts.chain.first.run is None else "service_crash"


def _trigger(facts: Assessment, judgements: dict[str, Judgement]) -> str:
    """What started it, whatever became of it."""
    options = causes.behind(facts.chain.first)
    return next((label for label in options if _true(judgements, label)), options[-1])


def _contributing(
    facts: Assessment, root: str, trigger: str, judgements: dict[str, Judgement], shares: dict[str, float]
) -> tuple[str, ...]:
    """What else was true, most weighty first, at most three."""
    outage = facts.outage or 0.0
    weights: dict[str, float] = dict(shares)
    for label, judgement in judgements.items():
        if judgement.verdict is Verdict.SUPPORTED and label not in weights:
            share = label in _labels(Tier.SHARE)
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


def _holed(facts: Assessment) -> list[str]:
    """Nodes whose part in the incident Pacemaker told in lines that are missing; not for having been down."""
    part = {*facts.chain.nodes, *(transition.dc for transition in facts.chain.transitions)}
    coverage = facts.timeline.coverage
    return sorted(node for node in part if coverage.lacks_some(node, facts.detected, facts.end))


def _confidence(
    facts: Assessment, root: str, judgements: dict[str, Judgement], shares: dict[str, float]
) -> tuple[float, tuple[str, ...]]:
    """The strength of the proof, lowered by every doubt; and those that a log would settle, in words."""
    strength = judgements[root].strength if _true(judgements, root) else Strength.REMAINS
    confidence = strength.share
    words = []
    for doubt, missing in _doubts(facts, root, judgements, shares):
        if doubt is not None and (strength is not Strength.REMAINS or doubt not in _WITNESSES):
            confidence *= doubt.factor
        if missing:
            words.append(missing)
    return round(min(max(confidence, 0.05), 0.99), 2), tuple(words)


def _allowed_for(facts: Assessment, judged: Judgement) -> set[str]:
    """The nodes whose silence is in the strength of the proof, or in another doubt: that a lost node is silent proves
    that it stopped answering, and the silence of a failure's node is why only a count or a plan tells of that.
    """
    first = facts.chain.first.run
    gone = {loss.node for loss in facts.chain.losses} if judged.strength is Strength.SILENCE else set()
    return gone | ({first.node} if first is not None and first.witness in _HEARSAY else set())


def _doubts(
    facts: Assessment, root: str, judgements: dict[str, Judgement], shares: dict[str, float]
) -> Iterator[tuple[Doubt | None, str]]:
    """What lowers the confidence, each with the log that would settle it ("" where none would). None: a log that would
    settle something, the want of which is allowed for.
    """
    silent = sorted(node for node in facts.chain.nodes if node not in facts.timeline.logging_nodes)
    if silent:
        is_open = any(judgements[label].verdict is Verdict.NOT_ENOUGH for label in _beating(root))
        doubt = Doubt.SILENT_NODE_OPEN if is_open else Doubt.SILENT_NODE
        allowed = _allowed_for(facts, judgements[root]).issuperset(silent)
        yield None if allowed else doubt, f"the logs of {', '.join(silent)}"
    if not facts.chain.transitions and root not in _WITHOUT_A_PLAN:
        told = facts.chain.losses or any(run.transition is not None for run in facts.chain.runs)
        yield (
            Doubt.PLAN_UNSEEN if told else Doubt.NO_PLAN,
            "the DC's pacemaker.log: no plan of the scheduler is at hand",
        )
    if facts.chain.still_down() and _cut_short(facts) and root not in _labels(Tier.FAULT):
        yield Doubt.CUT_SHORT, "what came later: the logs end before the transition does"
    if not causes.CAUSES[root].is_origin and _cut_off(facts):
        yield Doubt.NO_BEGINNING, "what came before: the logs begin with it"
    if (holed := _holed(facts)) and not causes.CAUSES[root].is_origin:
        yield Doubt.LINES_MISSING, f"the lines that are missing in the logs of {', '.join(holed)}"
    asked = facts.chain.first
    if isinstance(asked, FencingAsked) and not asked.reason and root in _labels(Tier.SHARE, Tier.PLAIN):
        yield Doubt.UNKNOWN_REASON, f"the log of the node that asked for the fencing of {asked.node}: it knew a reason"
    first = facts.chain.first.run
    if first is not None and first.witness in _HEARSAY:
        yield Doubt.HEARSAY, f"pacemaker.log of {first.node}: only {_HEARSAY[first.witness]} tells of the failure"
    weights = list(shares.values())
    if root in shares and len(weights) > 1 and weights[1] > _ALIKE * weights[0]:
        yield Doubt.TWO_ALIKE, ""
    least = max(_LEAST_SECONDS, _LEAST_SHARE * (facts.outage or 0.0))
    if root in shares and facts.outage and shares[root] < _CLOSE * least:
        yield Doubt.AT_THE_LIMIT, ""
