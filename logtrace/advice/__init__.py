"""What to change, and how many seconds that saves: one module per kind of change."""

from __future__ import annotations

from logtrace.incidents.facts import Facts
from logtrace.incidents.headline import Headline
from logtrace.model import Advice


def advise(one: Facts, head: Headline) -> tuple[Advice, ...]:
    """Advice for one incident, what saves most first."""
    return ()
