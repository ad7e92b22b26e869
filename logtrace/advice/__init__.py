"""What to change, and how many seconds that saves: one module per kind of change."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from logtrace.advice import (
    agents,
    clones,
    detection,
    duplicates,
    fencing,
    groups,
    membership,
    plain,
    promotion,
    quorum,
    retries,
    starts,
    timeouts,
)
from logtrace.advice.advice import Advice
from logtrace.advice.situation import Situation
from logtrace.assessment.assessment import Assessment
from logtrace.diagnosis.headline import Headline
from logtrace.whatif.model import Recovery

Adviser = Callable[[Situation], Iterator[Advice]]

ADVISERS: Final[tuple[Adviser, ...]] = (
    detection.advise,
    groups.advise,
    clones.advise,
    fencing.advise,
    starts.advise,
    timeouts.advise,
    agents.advise,
    promotion.advise,
    retries.advise,
    duplicates.advise,
    membership.advise,
    quorum.advise,
    plain.advise,
)

#: More than this nobody reads.
MOST: Final = 5


def advise(one: Assessment, head: Headline, recovery: Recovery | None) -> tuple[Advice, ...]:
    """Advice for one incident, what saves most first, what cannot be told in seconds last."""
    situation = Situation(one, head, recovery)
    found = [advice for adviser in ADVISERS for advice in adviser(situation)]
    ranked = sorted(found, key=lambda advice: -1.0 if advice.saves is None else advice.saves, reverse=True)
    return tuple(ranked[:MOST])
