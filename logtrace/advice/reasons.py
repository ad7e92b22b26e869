"""What an agent's own reason means, beside whatever else is to be done."""

from __future__ import annotations

from collections.abc import Iterator

from logtrace.advice.situation import Situation
from logtrace.assessment.reasons import known_reason, reason_of
from logtrace.chains.triggers import AgentErred
from logtrace.config.commands import files_of
from logtrace.config.query import primitive_of
from logtrace.domain.advice import Advice

#: Whose own remedy tells the reason already.
_TOLD = ("resource_agent_error", "fencing_failure")


def advise(situation: Situation) -> Iterator[Advice]:
    """The first failed run whose agent gives a reason that is known, or what else an agent complained of."""
    for erred in situation.one.triggers(AgentErred):
        told = known_reason(erred.said, erred.agent)
        if told is not None:
            whom = f"The agent of {erred.resource}" if erred.resource is not None else erred.agent
            yield Advice(
                "agent_reason",
                f"{whom} says on {erred.node}: {told.text}. {told.advice}",
                saves_basis="not computed: it would not have happened",
            )
            return
    if situation.is_headline(*_TOLD):
        return
    for run in situation.one.failures():
        reason = reason_of(situation.one, run)
        if reason is not None and reason.advice is not None:
            primitive = primitive_of(situation.config, run.resource)
            yield Advice(
                "agent_reason",
                f"{reason.agent or f'The agent of {run.resource}'} says on {run.node}: {reason.text}. {reason.advice}",
                files=files_of(primitive) if primitive is not None else (),
                saves_basis="not computed: it would not have happened",
            )
            return
