"""The made-up store is one that everything of a fleet works on, and what was put into it is found in it."""

from __future__ import annotations

from pathlib import Path

from made_up_store import SLOW, make

from logtrace.fleet.statistics.report import report
from logtrace.fleet.statistics.values import Answer, Wanted
from logtrace.fleet.store import Store


def test_the_weakness_that_slows_clusters_is_found(tmp_path: Path) -> None:
    make(str(tmp_path / "store"), 20_000)
    found = Store.at(str(tmp_path / "store")).asked(lambda tables: report(tables, Wanted()))
    assert found.overview.cases == 20_000
    assert found.columns is not None
    (weakness,) = (each for each in found.weaknesses if each.label == SLOW)
    assert weakness.recovery.answer is Answer.SLOWER
    assert found.trend.answer is Answer.NONE_SHOWN
