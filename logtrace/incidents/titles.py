"""One sentence that says what happened."""

from __future__ import annotations

from logtrace.incidents.facts import Facts
from logtrace.incidents.headline import Headline

#: Words of ours that a sentence may begin with.
_OPENINGS = frozenset({"the", "all", "no", "only", "with", "a", "an", "corosync", "nothing"})


def title(facts: Facts, head: Headline) -> str:
    """The headline's own sentence, and what came of it."""
    sentence = head.judgements[head.root_cause].sentence
    if facts.draft.planned or sentence.split(" ", 1)[0] in _OPENINGS:  # names keep their spelling
        sentence = sentence[:1].upper() + sentence[1:]
    if facts.draft.planned:
        return f"{sentence}."
    if facts.draft.outages and not facts.recovered:
        down = sorted({outage.thing.resource for outage in facts.draft.still_down()})
        more = f" and {len(down) - 2} more" if len(down) > 2 else ""
        return f"{sentence}. {', '.join(down[:2])}{more} did not come back."
    return f"{sentence}."
