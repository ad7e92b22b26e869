"""Two nodes that lost each other are found among thousands of losses, and the first of them."""

from __future__ import annotations

from datetime import UTC, datetime

from logtrace.assessment.witnesses import mutual
from logtrace.timeline import NodeLoss

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def lost(node: str, *observers: str) -> NodeLoss:
    return NodeLoss(node, NOON, set(observers))


def test_the_first_two_that_lost_each_other() -> None:
    losses = [lost("a", "b"), lost("b", "c"), lost("c", "b", "a"), lost("b", "a"), lost("a", "c")]
    assert mutual(losses) == (losses[0], losses[3])
    assert mutual(losses[1:]) == (losses[1], losses[2])


def test_one_that_others_lost_and_that_lost_none_is_in_no_pair() -> None:
    assert mutual([lost("a", "b", "c"), lost("a", "b")]) is None
    assert mutual([]) is None
