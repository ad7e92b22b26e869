"""No finished case contradicts itself, and a case that does is noticed."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest
from msgspec.structs import replace
from stories import case

from logtrace.causes.judgement import Verdict
from logtrace.pipeline import analyze
from logtrace.report.case import Case, Incident, Statistics
from logtrace.report.selfcheck import contradictions

CORPUS = sorted(path for path in (Path(__file__).parents[1] / "corpus").iterdir() if path.is_dir())

CRASH = """
12:00:01.000 node1 db start in 0.5s: ok
12:00:02.000 node1 db monitor 10s asked: ok
12:05:10.200 node1 db monitor 10s: error (no answer)
12:05:10.240 node2 plan 7: Recover db ( node1 )
12:05:10.800 node1 db stop in 0.05s: ok
12:05:12.000 node1 db start in 0.8s: ok
12:05:12.300 node2 done 7
"""


@pytest.mark.parametrize("folder", CORPUS, ids=lambda folder: folder.name)
def test_no_case_of_the_corpus_contradicts_itself(folder: Path) -> None:
    archive = min(path for path in folder.iterdir() if ".tar" in path.name)
    assert contradictions(analyze([str(archive)])) == ()


def told(**changes: object) -> tuple[str, ...]:
    """What is noticed when the one incident of a case is changed."""
    found = _case()
    (one,) = found.incidents
    return contradictions(replace(found, incidents=(replace(one, **changes),)))


@cache
def _case() -> Case:
    """The story as a user would hand it over."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in case(CRASH).files.items():
            path = Path(folder) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return analyze([folder])


def _one() -> Incident:
    (one,) = _case().incidents
    return one


def test_one_story_is_whole() -> None:
    assert told() == ()


def test_numbers_that_do_not_fit_are_noticed() -> None:
    one = _one()
    assert one.t_recovered is not None
    assert "longer than it can have been" in "".join(told(outage=3.0, outage_max=2.0))
    assert "longer than its phases" in "".join(told(outage=300.0, outage_max=300.0))
    assert "did not recover, and has a time" in "".join(told(recovered=False))
    assert "do not reach" in "".join(told(t_recovered=one.t_recovered + timedelta(seconds=5)))
    assert "another time" in "".join(told(phases=(one.phases[0], *one.phases[2:])))
    assert "not in order" in "".join(told(t_end=one.t_detected and one.t_detected - timedelta(seconds=5)))


def test_verdicts_that_do_not_fit_are_noticed() -> None:
    one = _one()
    denied = tuple(replace(cause, verdict=Verdict.RULED_OUT) for cause in one.causes)
    assert "not supported" in "".join(told(causes=denied, confidence=0.9))
    assert "contributes and is ruled out" in "".join(told(causes=denied, contributing=("flapping",)))
    both = tuple(
        replace(cause, verdict=Verdict.SUPPORTED) if cause.label in ("spurious_monitor", "service_crash") else cause
        for cause in one.causes
    )
    assert "both spurious_monitor and service_crash" in "".join(told(causes=both))
    assert "not those there are" in "".join(told(causes=one.causes[1:]))
    assert "cites a line" in "".join(told(evidence=()))


def test_counts_that_do_not_fit_are_noticed() -> None:
    found = _case()
    assert "the statistics count 0" in "".join(contradictions(replace(found, statistics=Statistics())))
