"""One sentence that says what happened."""

from __future__ import annotations

from logtrace.assessment.assessment import Assessment
from logtrace.causes.judgement import Verdict
from logtrace.diagnosis.headline import Headline

#: Words of ours that a sentence may begin with.
_OPENINGS = frozenset({"the", "all", "no", "only", "with", "a", "an", "corosync", "nothing"})


def title(facts: Assessment, head: Headline) -> str:
    """The headline's own sentence where it is proven, else what began it; and what came of it."""
    judgement = head.judgements[head.root_cause]
    sentence = judgement.sentence if judgement.verdict is Verdict.SUPPORTED else facts.chain.first.beginning
    if facts.chain.planned or sentence.split(" ", 1)[0] in _OPENINGS:  # names keep their spelling
        sentence = sentence[:1].upper() + sentence[1:]
    if facts.chain.planned:
        return f"{sentence}."
    if facts.chain.outages and not facts.recovered:
        down = sorted({outage.thing.resource for outage in facts.chain.still_down()})
        more = f" and {len(down) - 2} more" if len(down) > 2 else ""
        return f"{sentence}. {', '.join(down[:2])}{more} did not come back."
    return f"{sentence}."
