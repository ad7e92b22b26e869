"""An operator's change or command."""

from __future__ import annotations

from logtrace.assessment.assessment import Assessment
from logtrace.causes.judgement import Judgement, ruled_out, supported
from logtrace.chains.triggers import OperatorActed


def judge(facts: Assessment) -> Judgement:
    """Proof: a CIB edit by a tool, a cleanup, an orderly stop or a manual fencing."""
    if not facts.chain.planned:
        return ruled_out("no command started it")
    first = facts.chain.first
    return supported(
        first.what if isinstance(first, OperatorActed) else "an operator's command",
        first.events,
        strength=0.6 if first.inferred else 0.95,
    )
