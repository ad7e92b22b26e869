"""A resource that may run once was found running on two nodes."""

from __future__ import annotations

from logtrace.causes.judgement import Judgement, ruled_out, supported
from logtrace.incidents.draft import TriggerKind
from logtrace.incidents.facts import Facts


def judge(facts: Facts) -> Judgement:
    """Proof: `... resource X might be active on N nodes` (pacemaker-schedulerd, native_create_actions)."""
    found = facts.triggers(TriggerKind.MULTIPLE_ACTIVE)
    if not found:
        return ruled_out("nothing was found active twice")
    trigger = found[0]
    silent = [node for node in facts.draft.nodes if node not in facts.timeline.logging_nodes]
    return supported(
        f"{trigger.resource} was found active on two nodes; it was stopped on both and started on one",
        [event for trigger in found for event in trigger.events],
        strength=0.6 if silent else 0.96,  # the missing log may tell of a daemon's death and a rejoin
        # a node that rejoins after its daemon's death brings back what was started elsewhere meanwhile
        follows=facts.draft.first.kind is TriggerKind.DAEMON_DIED,
    )
