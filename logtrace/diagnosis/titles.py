"""One sentence that says what happened, to what, where, and what came of it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from logtrace.assessment.assessment import Assessment
from logtrace.assessment.downtime import cut_short
from logtrace.assessment.operations import on_fail_of
from logtrace.assessment.phases import PhaseName
from logtrace.assessment.services import is_address
from logtrace.assessment.witnesses import cut_off, unheard, was_running
from logtrace.causes import CAUSES
from logtrace.causes.declaration import Tier
from logtrace.causes.judgement import Verdict
from logtrace.config.query import base_name, group_of
from logtrace.diagnosis.headline import Headline
from logtrace.diagnosis.names import service_name
from logtrace.timeline import Run

#: Words of ours that a sentence may begin with.
_OPENINGS = frozenset(
    {"the", "all", "no", "only", "with", "a", "an", "address", "corosync", "daemons", "nothing", "it", "its", "what"}
)

#: A stop that takes longer than a start may before it is told to be slow.
_SLOW = 5.0

#: What goes on with a name. Each incident has another: an expression for each would be made thousands of times.
_IN_WORD = re.compile(r"[\w-]")


def title(facts: Assessment, head: Headline) -> str:
    """What happened and what came of it. Of something that went wrong in its own right its cause's sentence tells
    that; else what began it, and which share of the outage was the largest.
    """
    judgement = head.judgements[head.root_cause]
    proven = judgement.verdict is Verdict.SUPPORTED
    tier = CAUSES[head.root_cause].tier
    if tier is Tier.PLANNED:  # it begins with what was done, a word of ours
        return f"{_upper(judgement.sentence)}."
    if tier is Tier.POLICY:
        return f"{_capital(judgement.sentence)}."
    if tier is Tier.FAULT or not proven:
        told = [_named(facts, judgement.sentence if proven else facts.chain.first.beginning)]
    else:
        came = _came_of_it(facts)
        told = [f"{_happened(facts, head)}{f'; {came}' if came else ''}"]
        if tier is Tier.SHARE and head.root_cause != "group_cascade":
            told.append(judgement.sentence)
        if tier is Tier.PLAIN and (slow := _slow_stop(facts)):
            told.append(slow)
    if tier is not Tier.FAULT and proven and (told_to := _by_on_fail(facts)):
        told.append(told_to)
    sentences = [f"{_capital(each)}." for each in told]
    if facts.chain.outages and not facts.recovered:
        down = sorted({base_name(outage.thing.resource) for outage in facts.chain.still_down()})
        sentences.append(_not_back(facts, _listed([service_name(facts.config, name) for name in down])))
    return " ".join(sentences)


def _not_back(facts: Assessment, names: str) -> str:
    """What is known of things that no line shows running again."""
    if cut_off(facts) or unheard(facts, everywhere=True):
        return f"Whether {names} came back is not in these logs."
    if facts.timeline.coverage.excerpt or cut_short(facts):
        return f"{names} had not come back when the logs end."
    return f"{names} did not come back."


def _named(facts: Assessment, sentence: str) -> str:
    """The sentence, which at first calls the resource that failed what people call it."""
    name = facts.failed_name
    if name is None:
        return sentence
    at = sentence.find(name)
    while at >= 0:
        behind = at + len(name)
        if not _IN_WORD.match(sentence[max(at - 1, 0) : at]) and not _IN_WORD.match(sentence[behind : behind + 1]):
            return f"{sentence[:at]}{service_name(facts.config, name)}{sentence[behind:]}"
        at = sentence.find(name, at + 1)
    return sentence


def _capital(sentence: str) -> str:
    """Names keep their spelling."""
    return _upper(sentence) if sentence.split(" ", 1)[0].lower() in _OPENINGS else sentence


def _upper(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def _happened(facts: Assessment, head: Headline) -> str:
    """What began it, as far as it is known."""
    run, first = facts.chain.first.run, facts.chain.first
    lost = sorted({loss.node for loss in facts.chain.losses if not loss.mirrored})
    if run is not None and _is_true(head, "service_crash"):
        name = service_name(facts.config, run.resource)
        if is_address(facts.timeline, facts.config, run.resource):
            return f"{name} was gone from {run.node}"
        died = facts.death is not None or was_running(facts, run).ran is False
        return f"{name} died on {run.node}" if died else f"{name} was found not running on {run.node}"
    if first.loss is not None and first.loss.heard is not None:
        return f"{_listed(lost)} went down with nobody left to see it, and began anew"
    if lost and run is None and all(loss.of_peers for loss in facts.chain.losses):
        return f"daemons lost their peers on {_listed(lost)}"
    if lost and run is None:
        fenced = {fencing.target for fencing in facts.chain.fencings if fencing.fenced is not None}
        and_fenced = f" and {'was' if len(lost) == 1 else 'were'} fenced" if fenced.issuperset(lost) else ""
        return f"{_listed(lost)} stopped answering{and_fenced}"
    return first.beginning


def _came_of_it(facts: Assessment) -> str:
    """Where what was lost runs again."""
    last = {outage.thing: outage.run for outage in facts.chain.outages if outage.run is not None}
    if not last or not facts.recovered:
        return ""
    targets = sorted({run.node for run in last.values()})
    things = sorted({base_name(thing.resource) for thing in last})
    stayed = set(targets) == {facts.chain.first.node}
    name = facts.failed_name
    if name not in things:  # it began with a node
        gone = {loss.node for loss in facts.chain.losses if loss.heard is not None}
        what = "started again on" if gone.issuperset(targets) else "moved to"
        return f"{_listed([service_name(facts.config, each) for each in things])} {what} {_listed(targets)}"
    group = group_of(facts.config, name)
    members = [each for each in things if group is not None and each in group.members]
    others = len(things) - 1
    if group is not None and others and len(members) == len(things):
        what = f"its group of {len(group.members)}"
    else:
        what = f"it and {others} that depend{'s' if others == 1 else ''} on it" if others else "it"
    were = "were" if others and not what.startswith("its") else "was"
    if stayed:
        return f"{what} {were} restarted there"
    if all(_restarted_in_place(facts, run) for run in last.values()):
        return f"{what} {were} restarted, each where it had run"
    return f"{what} moved to {_listed(targets)}"


def _restarted_in_place(facts: Assessment, run: Run) -> bool:
    """Whether a start came after a stop of the same resource on the same node, and none elsewhere in between."""
    stops = [one for one in facts.chain.runs if one.resource == run.resource and one.operation == "stop"]
    before = max((one for one in stops if one.end <= run.end), key=lambda one: one.end, default=None)
    return before is not None and before.node == run.node


def _by_on_fail(facts: Assessment) -> str:
    """What the cluster was told to do when that operation fails (on-fail), other than to restart the service, where it
    is seen to have done so.
    """
    run = facts.chain.first.run
    on_fail = on_fail_of(facts.config, run) if run is not None else None
    if run is None or on_fail is None:
        return ""
    actions = [each for plan in facts.chain.transitions if plan.executed for each in plan.actions if not each.blocked]
    own = [action for action in actions if action.resource and base_name(action.resource) == base_name(run.resource)]
    others = {action.resource for action in actions if action.source == run.node and action not in own}
    seen = {
        "fence": (any(each.target == run.node for each in facts.chain.fencings), f"{run.node} was fenced for that"),
        "standby": (bool(others), f"what else ran on {run.node} was sent away from it"),
        "demote": (any(each.verb == "Demote" for each in own), "it was demoted for that and stayed there"),
        "stop": (any(each.verb == "Stop" for each in own), "it was stopped for that and started nowhere else"),
        "restart-container": (bool(others), "its container was restarted for that"),
    }
    happened, what = seen.get(on_fail, (False, ""))
    return f"{what} (on-fail={on_fail} of its {run.operation})" if happened else ""


def _slow_stop(facts: Assessment) -> str:
    """No cause is about a stop that works and takes long; where that was most of the outage it is told all the same."""
    longest = max(facts.phases, key=lambda phase: phase.seconds, default=None)
    if longest is None or longest.name is not PhaseName.STOP or longest.seconds <= _SLOW or ";" in longest.what:
        return ""
    return f"the {longest.what} took {longest.seconds:.1f} s" if longest.seconds >= (facts.outage or 0.0) / 2 else ""


def _is_true(head: Headline, label: str) -> bool:
    judged = head.judgements.get(label)
    return judged is not None and judged.verdict is Verdict.SUPPORTED


def _listed(names: Sequence[str]) -> str:
    """Up to three names, and how many more."""
    if len(names) > 3:
        return f"{', '.join(names[:2])} and {len(names) - 2} more"
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
