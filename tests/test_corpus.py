"""The corpus: what was truly done to real clusters must be found in their reports."""

from __future__ import annotations

import pytest
from corpus_score import CORPUS, Figures, archives, score, truths

pytestmark = pytest.mark.xdist_group("corpus")

FLOORS = {
    "recall": 98.0,
    "strict": 85.0,
    "planned": 95.0,
    "detected": 95.0,
    "recovered_at": 90.0,
    "recovered": 95.0,
    "bounded": 100.0,
    "cited": 100.0,
}
CEILINGS = {"false": 1.0, "split": 3.0}


@pytest.fixture(scope="module")
def figures() -> Figures:
    return score()


@pytest.mark.parametrize("name", FLOORS)
def test_not_below(figures: Figures, name: str) -> None:
    value = figures.value(name)
    assert value >= FLOORS[name], f"{name} is {value:.1f}\n" + "\n".join(figures.rows)


@pytest.mark.parametrize("name", CEILINGS)
def test_not_above(figures: Figures, name: str) -> None:
    value = figures.value(name)
    assert value <= CEILINGS[name], f"{name} is {value:.0f}\n" + "\n".join(figures.rows)


def test_the_corpus_is_whole() -> None:
    folders = list(CORPUS.iterdir())
    assert len(folders) >= 64
    for folder in folders:
        assert archives(folder), folder.name
    assert sum(1 for folder in folders for _ in truths(folder)) >= 86
