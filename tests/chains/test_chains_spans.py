"""What a chain knows of losses and fencings is what looking through them all would tell."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from logtrace.chains.chain import Chain
from logtrace.chains.triggers.quorum_lost import _Departures
from logtrace.config.model import ClusterConfig
from logtrace.timeline import NodeLoss
from logtrace.timeline.fencing import Fencing

START = datetime(2026, 11, 22, 12, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


class _Asked:
    """Stands for a timeline of losses, of which all with a leave message were asked for."""

    def __init__(self, losses: list[NodeLoss]) -> None:
        self.losses = losses

    def between(self, *_: object, **__: object) -> list[object]:
        return []


class _Trigger:
    time, run = START, None


def _story(chance: Random) -> tuple[list[NodeLoss], list[Fencing]]:
    """Losses and fencings of a few nodes, those of one node one after another, some without an end."""
    losses, fencings = [], []
    for node in ("a", "b", "c"):
        time = 0.0
        for _ in range(chance.randint(0, 6)):
            time += chance.randint(1, 30)
            back = at(time + chance.randint(0, 20)) if chance.random() < 0.8 else None
            losses.append(NodeLoss(node, at(time), orderly=chance.random() < 0.6, back=back))
            if chance.random() < 0.6:
                status = chance.choice(("ok", "failed", "unknown"))
                ended = at(time + chance.randint(0, 25)) if status != "unknown" else None
                fencings.append(Fencing(node, at(time), ended=ended, status=status))
            time += 20
    return sorted(losses, key=lambda loss: loss.time), sorted(fencings, key=lambda fencing: fencing.requested)


@pytest.mark.parametrize("seed", range(60))
def test_a_chain_answers_as_if_it_looked_through_all(seed: int) -> None:
    losses, fencings = _story(Random(seed))
    chain = Chain([_Trigger()])  # type: ignore[list-item]
    steps = [*((loss.time, loss) for loss in losses), *((fencing.requested, fencing) for fencing in fencings)]
    for now, step in sorted(steps, key=lambda each: each[0]):
        chain.lose(step) if isinstance(step, NodeLoss) else chain.fence(step)
        proven = {each.target for each in chain.fencings if each.fenced is not None}
        gone = [loss for loss in chain.losses if loss.away_at(now)]
        assert list(chain.away(now)) == gone
        assert chain.unproven(now) == any(loss.node not in proven for loss in gone)
        assert chain.fencing_goes_on(now) == any(each.ended is None or each.ended > now for each in chain.fencings)
        for node in ("a", "b", "c"):
            of_node = [loss for loss in chain.losses if loss.node == node]
            told = [each for each in chain.fencings if each.target == node]
            for since in (at(-5), at(17), at(40), now):
                assert any(loss.away_at(now) or loss.time >= since for loss in of_node) == any(
                    loss.away_at(now) or loss.time >= since for loss in chain.losses_of(node)
                )
                assert any(loss.back is not None and loss.back < since for loss in of_node) == any(
                    loss.back is not None and loss.back < since for loss in chain.losses_of(node)
                )
                assert any(each.requested >= since for each in told) == any(
                    each.requested >= since for each in chain.fencings_of(node)
                )
            assert any(each.ended is None for each in told) == any(
                each.ended is None for each in chain.fencings_of(node)
            )


@pytest.mark.parametrize("seed", range(60))
def test_departures_explain_quorum_as_if_all_losses_were_looked_through(seed: int) -> None:
    losses, _ = _story(Random(seed))
    departures = _Departures(_Asked(losses), ClusterConfig())  # type: ignore[arg-type]
    for seconds in range(0, 200, 7):
        node, time = "abcd"[seconds % 4], at(seconds)
        mine = [
            loss
            for loss in losses
            if loss.time <= time + timedelta(seconds=1) and loss.away_at(time) and loss.node != node
        ]
        expected = bool(mine) and all(loss.orderly for loss in mine)
        event = type("Event", (), {"time": time, "node": node})()
        assert departures.explain(event) == expected
