"""What to change, and how many seconds that saves: one module per kind of change.

A remedy that belongs to one cause, and whose seconds nothing can tell, stands in the cause's own declaration.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from logtrace.advice import (
    clones,
    detection,
    duplicates,
    fencing,
    groups,
    membership,
    reasons,
    retries,
    slow_runs,
    timeouts,
)
from logtrace.advice.situation import Situation
from logtrace.assessment.assessment import Assessment
from logtrace.causes import CAUSES
from logtrace.causes.declaration import Complaint
from logtrace.diagnosis.headline import Headline
from logtrace.domain.advice import Advice
from logtrace.whatif.model import Recovery

Adviser = Callable[[Situation], Iterator[Advice]]

ADVISERS: Final[tuple[Adviser, ...]] = (
    detection.advise,
    groups.advise,
    clones.advise,
    fencing.advise,
    slow_runs.advise,
    timeouts.advise,
    retries.advise,
    reasons.advise,
    duplicates.advise,
    membership.advise,
)

#: More than this nobody reads.
MOST: Final = 5


def advise(one: Assessment, head: Headline, recovery: Recovery | None) -> tuple[Advice, ...]:
    """Advice for one incident: what saves most first; of what cannot be told in seconds the headline's remedy first.
    Nobody advises on what was asked for.
    """
    situation = Situation(one, head, recovery)
    if not one.chain.is_fault:
        return tuple(_remedies(situation, (head.root_cause,)))
    found = [
        *_remedies(situation, (head.root_cause,)),
        *(advice for adviser in ADVISERS for advice in adviser(situation)),
        *_remedies(situation, (label for label in CAUSES if label != head.root_cause)),
    ]
    ranked = sorted(found, key=lambda advice: -1.0 if advice.saves is None else advice.saves, reverse=True)
    return tuple(ranked[:MOST])


def _remedies(situation: Situation, labels: Iterable[str]) -> Iterator[Advice]:
    """What the causes themselves say is to be done, where they are true or the headline."""
    headline = CAUSES[situation.head.root_cause]
    for label in labels:
        remedy, judged = CAUSES[label].remedy, situation.head.judgements.get(label)
        if remedy is not None and judged is not None and situation.true(label):
            yield from remedy(Complaint(situation.one, judged, headline))
