"""Which resources are no services but the addresses under which services are reached."""

from __future__ import annotations

from logtrace.assessment.assessment import Assessment
from logtrace.config.query import primitive_of
from logtrace.config.services import ADDRESSES
from logtrace.domain.kinds import Kind
from logtrace.timeline import Timeline, computed_once


def is_address(facts: Assessment, resource: str) -> bool:
    """By the agent in the CIB, else by the agent's own log lines."""
    primitive = primitive_of(facts.config, resource)
    if primitive is not None:
        return primitive.type.lower() in ADDRESSES
    return _agents(facts.timeline).get(resource, "").lower() in ADDRESSES


@computed_once
def _agents(timeline: Timeline) -> dict[str, str]:
    """The agents that wrote to the log, by resource."""
    said = timeline.events.of(Kind.AGENT_SAYS, columns=("resource", "agent")).drop_nulls()
    return dict(said.unique("resource", keep="first").iter_rows())
