"""Why: one module per label, each a declaration whose judge answers supported, ruled out or not enough evidence.

The order of the causes, the headline's rules, what a trigger is called, the explanations and the tables of
ARCHITECTURE.md are all derived from the declarations.
"""

from __future__ import annotations

from functools import cache
from typing import Final

from logtrace.causes.declaration import Beginning, Declaration, Tier
from logtrace.causes.order import in_order
from logtrace.chains.triggers import Trigger
from logtrace.data import declared

#: Every cause by its label, in the order in which they are judged and beat each other.
CAUSES: Final[dict[str, Declaration]] = in_order(declared("logtrace.causes", "DECLARATION"))


@cache
def of_tier(*tiers: Tier) -> tuple[Declaration, ...]:
    """The causes of some tiers, in order."""
    return tuple(cause for cause in CAUSES.values() if cause.tier in tiers)


def behind(trigger: Trigger) -> tuple[str, ...]:
    """The labels a trigger can have: those that may explain it, in order, and last what it is called unless more is
    known; of several such names that which says most about the operation's result.
    """
    explaining, beginning = _of_type(type(trigger))
    explained = dict.fromkeys(label for label, one in explaining if one.fits(trigger))
    plain = [(bool(one.rcs), bool(one.operations), label) for label, one in beginning if one.fits(trigger)]
    return (*explained, max(plain)[2]) if plain else tuple(explained)


@cache
def _of_type(kind: type[Trigger]) -> tuple[list[tuple[str, Beginning]], list[tuple[str, Beginning]]]:
    """The labels of what may explain a trigger of a kind, and of what begins with one."""
    explaining = [(cause.label, one) for cause in CAUSES.values() for one in cause.explains if one.trigger is kind]
    beginning = [(cause.label, one) for cause in CAUSES.values() for one in cause.begins_with if one.trigger is kind]
    return explaining, beginning
