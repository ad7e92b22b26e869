"""Why: one module per label, each a declaration whose judge answers supported, ruled out or not enough evidence.

The order of the causes, the headline's rules, what a trigger is called, the explanations and the tables of
ARCHITECTURE.md are all derived from the declarations.
"""

from __future__ import annotations

from typing import Final

from logtrace.causes.declaration import Declaration, Tier
from logtrace.causes.order import in_order
from logtrace.chains.triggers import Trigger
from logtrace.data import declared

#: Every cause by its label, in the order in which they are judged and beat each other.
CAUSES: Final[dict[str, Declaration]] = in_order(declared("logtrace.causes", "DECLARATION"))


def of_tier(*tiers: Tier) -> tuple[Declaration, ...]:
    """The causes of some tiers, in order."""
    return tuple(cause for cause in CAUSES.values() if cause.tier in tiers)


def behind(trigger: Trigger) -> tuple[str, ...]:
    """The labels a trigger can have: those that may explain it, in order, and last what it is called unless more is
    known; of several such names that which says most about the operation's result.
    """
    explained = [cause.label for cause in CAUSES.values() if any(one.fits(trigger) for one in cause.explains)]
    plain = [
        (bool(one.rcs), bool(one.operations), cause.label)
        for cause in CAUSES.values()
        for one in cause.begins_with
        if one.fits(trigger)
    ]
    return (*explained, max(plain)[2]) if plain else tuple(explained)
