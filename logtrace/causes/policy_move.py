"""Healthy services were moved by the cluster's own rules."""

from __future__ import annotations

from logtrace.assessment.assessment import Assessment
from logtrace.causes.judgement import Judgement, ruled_out, supported
from logtrace.chains.triggers import PolicyMoved


def judge(facts: Assessment) -> Judgement:
    """Proof: a plan that takes healthy services from where they run, after a return, an expiry or a change that rules
    depend on, and no failure and no command.
    """
    first = facts.chain.first
    if not isinstance(first, PolicyMoved):
        return ruled_out("a fault or a command started it")
    return supported(first.beginning, first.events, weight=facts.outage, strength=0.6 if first.inferred else 0.9)
