"""The scorer itself: what counts as found, right, repeated and false."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from corpus_score import Figures, Truth, judge, truths

from logtrace.report.case import Evidence, Incident, IncidentKind


def at(second: float | None) -> datetime | None:
    return None if second is None else datetime.fromtimestamp(1_795_370_000 + second, UTC)


def incident(cause: str = "service_crash", **given: Any) -> Incident:
    start = given.pop("start", 10.0)
    values: dict[str, Any] = {
        "id": "i1", "kind": IncidentKind.FAULT, "title": "", "trigger": cause, "root_cause": cause, "contributing": (),
        "confidence": 0.9, "nodes": ("alpha.example.com",), "resources": (), "t_fault": None, "t_fault_earliest": None,
        "t_fault_basis": "", "t_detected": at(start), "t_decided": None, "t_acted": None, "t_recovered": at(start + 5),
        "t_end": None, "recovered": True, "outage": None, "outage_max": None, "phases": (), "operations": (),
        "transitions": (), "causes": (), "advice": (),
        "evidence": (Evidence("e1", "pacemaker.log", 7, "alpha", at(start) or datetime.now(UTC), "x"),),
    }  # fmt: skip
    return Incident(**values | given)


def told(tmp_path: Path, *incidents: dict[str, Any]) -> list[Truth]:
    base = {
        "label": "service_crash", "also_acceptable": [], "nodes": ["alpha"], "resources": ["db"],
        "t_fault": 1_795_370_008.0, "t_detected": 1_795_370_010.4, "t_recovered": 1_795_370_015.0, "recovered": True,
    }  # fmt: skip
    scenario = {"t_end": "2026-11-22T18:30:00Z", "incidents": [base | one for one in incidents]}
    (tmp_path / "truth.json").write_text(json.dumps(scenario))
    return list(truths(tmp_path))


def figures(truth: list[Truth], *found: Incident) -> Figures:
    counted = Figures()
    judge(counted, truth, found, "case")
    return counted


def values(counted: Figures, *names: str) -> list[float]:
    return [counted.value(name) for name in names]


def test_a_perfect_reading(tmp_path: Path) -> None:
    counted = figures(told(tmp_path, {}), incident())
    names = ("recall", "strict", "detected", "recovered_at", "recovered", "cited", "false", "split")
    assert values(counted, *names) == [100, 100, 100, 100, 100, 100, 0, 0]


def test_nothing_found(tmp_path: Path) -> None:
    counted = figures(told(tmp_path, {}, {"label": "manual_action"}))
    assert values(counted, "recall", "strict", "planned") == [0, 0, 0]


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"t_detected": at(11.5)}, "detected"),
        ({"t_detected": None, "t_acted": at(11.0)}, "detected"),
        ({"t_recovered": at(17.0)}, "recovered_at"),
        ({"recovered": False}, "recovered"),
        ({"t_fault_earliest": at(8.4)}, "bounded"),
        ({"evidence": ()}, "cited"),
        ({"root_cause": "slow_init"}, "strict"),
    ],
)
def test_one_thing_wrong(tmp_path: Path, change: dict[str, Any], name: str) -> None:
    counted = figures(told(tmp_path, {}), incident(**change))
    assert counted.value(name) == 0
    assert counted.value("recall") == 100


@pytest.mark.parametrize("change", [{"nodes": ("beta",)}, {"start": 40.0}, {"kind": IncidentKind.PLANNED}])
def test_an_incident_elsewhere_is_no_answer(tmp_path: Path, change: dict[str, Any]) -> None:
    counted = figures(told(tmp_path, {}), incident(**change))
    assert counted.value("recall") == 0
    assert counted.false == (change.get("kind") is None)


def test_one_incident_answers_one_truth_and_the_right_one(tmp_path: Path) -> None:
    truth = told(tmp_path, {"label": "slow_init"}, {})
    counted = figures(truth, incident(), incident("slow_init"))
    assert values(counted, "recall", "strict", "split") == [100, 100, 0]
    assert values(figures(truth, incident()), "recall") == [50]


def test_a_fault_told_twice_is_a_split(tmp_path: Path) -> None:
    counted = figures(told(tmp_path, {}), incident(), incident(start=11.0))
    assert (counted.split, counted.false) == (1, 0)


def test_a_resource_in_common_is_enough_whatever_its_instance(tmp_path: Path) -> None:
    assert figures(told(tmp_path, {}), incident(nodes=("beta",), resources=("db:1",))).value("recall") == 100


def test_a_spurious_monitor_must_be_called_spurious(tmp_path: Path) -> None:
    truth = told(tmp_path, {"label": "spurious_monitor"})
    assert figures(truth, incident("spurious_monitor")).value("strict") == 0
    assert figures(truth, incident("spurious_monitor", kind=IncidentKind.SPURIOUS)).value("strict") == 100


def test_an_operators_action_reported_as_a_fault_is_false(tmp_path: Path) -> None:
    truth = told(tmp_path, {"label": "manual_action"})
    wrong = figures(truth, incident("manual_action"))
    assert (wrong.value("planned"), wrong.false) == (0, 1)
    assert figures(truth, incident("manual_action", kind=IncidentKind.PLANNED)).value("planned") == 100


def test_a_fault_never_recovered_lasts_to_the_end_of_the_run(tmp_path: Path) -> None:
    truth = told(tmp_path, {"t_recovered": None, "recovered": False})
    late = incident(start=300.0, t_recovered=None, recovered=False)
    assert values(figures(truth, late), "recall", "recovered") == [100, 100]


def test_what_left_no_line_is_not_asked_for(tmp_path: Path) -> None:
    assert told(tmp_path, {"invisible": True}) == []
