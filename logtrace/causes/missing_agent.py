"""The agent or its program is not installed, or the agent does not implement the operation."""

from __future__ import annotations

from collections.abc import Iterator

from logtrace.assessment.assessment import Assessment
from logtrace.assessment.operations import MISSING
from logtrace.assessment.reasons import beside
from logtrace.causes.confidence import Strength
from logtrace.causes.declaration import Beginning, Complaint, Declaration, Tier
from logtrace.causes.judgement import Judgement, ruled_out, supported
from logtrace.chains.triggers import AgentMissing, OperationFailed
from logtrace.config.commands import Commands, avoid, cleanup, files_of, joined
from logtrace.config.query import is_promotable, primitive_of
from logtrace.domain.advice import Advice
from logtrace.domain.reasons import Why
from logtrace.timeline import Run

_WORDS = {5: "is not installed", 3: "does not implement the operation"}


#: Actions an OCF agent must have (OCF resource agent API 1.1, and what Pacemaker calls).
_ACTIONS = ("start", "stop", "monitor", "meta-data", "validate-all")
_PROMOTABLE = ("promote", "demote", "notify")


def judge(facts: Assessment) -> Judgement:
    """Proof: rc 5 or 3 of an operation that was needed; a probe on a node where it never has to run is harmless."""
    runs = [run for run in facts.failures() if run.rc in MISSING and not run.probe]
    runs += [trigger.run for trigger in facts.triggers(AgentMissing) if trigger.run is not None]
    nowhere = _nowhere_else(facts)
    if not runs and nowhere:
        probed = sorted({run.node for run in nowhere})
        return supported(
            f"{nowhere[0].resource} could run nowhere else: its agent or program is not installed on "
            f"{', '.join(probed)}",
            [*(run.event for run in nowhere), *_no_place(facts, nowhere[0].resource)],
            strength=Strength.ADDED_UP,
        )
    if not runs:
        return ruled_out("no operation that was needed ended with rc 5 or 3")
    run = runs[0]
    nodes = sorted({run.node for run in runs})
    what = _WORDS[run.rc or 5]
    reason = f" ({run.reason})" if run.reason else ""
    return supported(
        f"the agent of {run.resource} {what} on {', '.join(nodes)}: {run.operation} returned {run.rc}"
        f"{reason or beside(facts, run)}",
        [run.event for run in runs],
        # without a configuration nobody knows whether it is ever to run where it was only looked for
        strength=Strength.UNSURE
        if facts.config.epoch is None and all(run.probe for run in runs)
        else Strength.OWN_LINE,
    )


def _nowhere_else(facts: Assessment) -> list[Run]:
    """Probes with rc 5 on other nodes, when the failed resource was stopped for want of a node that can run it."""
    resource = facts.failed_resource
    if resource is None or not _no_place(facts, resource):
        return []
    runs = facts.timeline.history(resource, facts.end)
    last: dict[str, Run] = {run.node: run for run in runs if run.probe}
    return [run for run in last.values() if run.rc in MISSING]


def _no_place(facts: Assessment, resource: str) -> list[int]:
    """Lines of the scheduler that say the resource has no node: it is stopped due to node availability."""
    return [
        action.event
        for _, action in facts.chain.actions
        if action.resource == resource and action.verb == "Stop" and action.why == Why.NO_NODE
    ]


def remedy(complaint: Complaint) -> Iterator[Advice]:
    """Install or complete the agent; keep the resource off the node until then."""
    facts = complaint.facts
    runs = [run for run in facts.failures() if run.rc in MISSING]
    runs += [trigger.run for trigger in facts.triggers(AgentMissing) if trigger.run is not None]
    name = runs[0].resource if runs else facts.failed_name
    if name is None:
        return
    if not runs:  # it could run nowhere else: probes on the other nodes said so
        probes = [run for run in facts.timeline.runs_of.get(name, []) if run.probe and run.rc in MISSING]
        runs = probes
    primitive = primitive_of(facts.config, name)
    nodes = sorted({run.node for run in runs if run.resource == name})
    where = ", ".join(nodes) or "every node it may run on"
    incomplete = bool(runs) and runs[0].rc == 3
    if incomplete:
        actions = list(_ACTIONS)
        if is_promotable(facts.config, name):
            actions += _PROMOTABLE
        sentence = (
            f"Complete the agent of {name}: on {where} it does not implement {runs[0].operation}; it must have "
            f"{', '.join(actions)}"
        )
    else:
        kind = f" ({primitive.agent})" if primitive is not None else ""
        sentence = f"Install the agent of {name}{kind} and its program on {where}, in the same version as elsewhere"
    fix: Commands = cleanup(name)
    bannable = (
        primitive is not None
        and nodes
        and len(nodes) < len(list(facts.config.nodes.values()))
        and not primitive.parents
    )
    yield Advice(
        "complete_agent" if incomplete else "install_agent",
        sentence,
        fix,
        files=files_of(primitive) if primitive is not None else (),
        saves_basis="not computed: how long it would have run there is not known",
        risk="the failure stays recorded until the cleanup, and keeps the resource away from these nodes",
    )
    if bannable and primitive is not None:
        yield Advice(
            "avoid_node",
            f"Until then keep {name} off {where}, so that no recovery is tried there",
            joined(avoid(primitive.id, nodes)),
            saves_basis="not computed: it depends on where the resource goes instead",
            risk="one place less to go to; remove the constraint once the agent is there",
        )


DECLARATION = Declaration(
    label="missing_agent",
    tier=Tier.FAULT,
    judge=judge,
    remedy=remedy,
    after=("daemon_crash",),
    begins_with=(Beginning(AgentMissing), Beginning(OperationFailed, rcs=MISSING)),
    is_origin=True,
    line="The agent, or the program it controls, is not installed where it was needed.",
    means="""
The cluster tried to run a resource on a node that cannot run it: the agent is not there, the program behind it is not,
or the agent does not know the operation. That node is out for the resource, and if all are, it stays down.
""",
    proves="""
A result of not installed (5) or unimplemented (3) for a start or a monitor, or for the probes on every node where the
resource may run. The executor says which file it missed, and the scheduler keeps the resource away from the node.
""",
    disproves="""
The same result of a probe on a node where the resource is never to run is harmless. Not configured (6) means that the
agent is there and refuses its parameters. A program on storage that is not mounted yet is missing only for the moment.
""",
    fix="""
Install the same packages, in the same release, on all nodes that may run the resource, then clean it up. Where a node
is never to run it, keep even its probes away with a location constraint. Make the installation part of joining a node.
""",
)
