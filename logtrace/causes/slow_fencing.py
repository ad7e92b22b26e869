"""Fencing succeeded, and took most of the time."""

from __future__ import annotations

from logtrace.causes.judgement import Judgement, ruled_out, supported
from logtrace.incidents.facts import Facts

_REMEDY = 5.0


def judge(facts: Facts) -> Judgement:
    """From the first request to the confirmation, beyond five seconds."""
    done = [fencing for fencing in facts.draft.fencings if fencing.status == "ok" and fencing.seconds is not None]
    if not done:
        return ruled_out("no fencing succeeded in this incident")
    fencing = max(done, key=lambda fencing: fencing.seconds or 0.0)
    seconds = fencing.seconds or 0.0
    device = f" with {fencing.device}" if fencing.device else ""
    delay = f", {fencing.delay_ms / 1000:.0f} s of it a configured delay" if fencing.delay_ms else ""
    sentence = f"the fencing of {fencing.target}{device} took {seconds:.1f} s{delay}"
    if seconds <= _REMEDY:
        return ruled_out(sentence, fencing.events[:4], weight=0.0)
    return supported(sentence, fencing.events[:8], weight=seconds - _REMEDY, strength=0.95)
