"""A case at a glance, and what an incident's values tell beside what they hold."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
from msgspec.structs import replace

from logtrace.domain.columns import EVENTS
from logtrace.domain.results import RUNNING_RC, is_success
from logtrace.events.store import Events
from logtrace.intake.evidence import Skipped
from logtrace.report.case import (
    Case,
    Cluster,
    Coverage,
    Frames,
    Incident,
    IncidentKind,
    IncidentRun,
    Window,
)
from logtrace.report.overview import Claim, Tally, overview, worst_first

T0 = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)


def incident(name: str, **changes: Any) -> Incident:
    """A fault of ten seconds, recovered; `changes` replace its fields."""
    given: dict[str, Any] = dict.fromkeys(Incident.__struct_fields__) | {
        "id": name, "kind": IncidentKind.FAULT, "title": "", "trigger": "service_crash", "root_cause": "service_crash",
        "contributing": (), "confidence": 0.9, "nodes": (), "resources": (), "t_fault_basis": "", "recovered": True,
        "outage": 10.0, "phases": (), "operations": (), "transitions": (), "causes": (), "evidence": (), "advice": (),
        "missing_witnesses": (),
    }  # fmt: skip
    return Incident(**given | changes)


def case(*incidents: Incident, **changes: Any) -> Case:
    nothing = pl.DataFrame()
    made = Case(
        inputs=(),
        cluster=Cluster(None, None, None, None, (), ()),
        window=Window(T0, T0 + timedelta(hours=1), None, None),
        coverage=Coverage(1, 1, 1, 0),
        incidents=incidents,
        findings=(),
        config=None,
        frames=Frames(nothing, Events({}, EVENTS), nothing, nothing, nothing, nothing),
    )
    return replace(made, **changes)


PLANNED = incident("i1", kind=IncidentKind.PLANNED, outage=None, recovered=False)
SPURIOUS = incident("i2", kind=IncidentKind.SPURIOUS, outage=0.0, root_cause="spurious_monitor")
OPEN = incident("i3", recovered=False, outage=3.0)
LONG = incident("i4", outage=60.0, outage_max=63.0, root_cause="slow_init")
MOVED = incident("i5", kind=IncidentKind.POLICY, outage=1.0, root_cause="vip_switch")


def test_what_is_open_and_what_lasted_comes_first_and_what_was_asked_for_last() -> None:
    told = (PLANNED, MOVED, SPURIOUS, incident("i6"), LONG, OPEN)
    assert [told[place].id for place in worst_first(told)] == ["i3", "i4", "i6", "i2", "i5", "i1"]


def test_each_kind_has_its_own_sum() -> None:
    seen = overview(case(PLANNED, SPURIOUS, OPEN, LONG, MOVED, incident("i6", outage=None)))
    assert seen.tallies == {
        IncidentKind.FAULT: Tally(3, (63.0, 66.0)),
        IncidentKind.SPURIOUS: Tally(1, (0.0, 0.0)),
        IncidentKind.POLICY: Tally(1, (1.0, 1.0)),
        IncidentKind.PLANNED: Tally(1, None),
    }
    assert seen.still_down == ("i3",)


def test_headline_causes_are_those_of_trouble_and_the_costliest_comes_first() -> None:
    seen = overview(case(PLANNED, SPURIOUS, OPEN, LONG, MOVED))
    assert [(each.label, [one.id for one in each.incidents], each.outages) for each in seen.headlines] == [
        ("slow_init", ["i4"], ((60.0, 63.0),)),
        ("service_crash", ["i3"], ((3.0, 3.0),)),
        ("spurious_monitor", ["i2"], ()),
    ]


def test_nothing_is_claimed_of_what_was_not_read() -> None:
    made = case(LONG)
    assert overview(made).claim is Claim.NOTHING
    for coverage, claim in (
        (Coverage(1, 1, 1, 0, missing_nodes=("a",)), Claim.NONE),
        (Coverage(1, 1, 1, 0, skipped=(Skipped("x", "a pipe", lost=False),)), Claim.NOTHING),
        (Coverage(1, 1, 1, 0, skipped=(Skipped("x", "damaged"),), missing_nodes=("a",)), Claim.DAMAGED),
    ):
        assert overview(replace(made, coverage=coverage)).claim is claim
    assert overview(replace(made, window=Window(T0, T0, None, None, ("a",)))).claim is Claim.NONE
    assert overview(replace(made, window=Window(T0 + timedelta(days=1), T0, None, None))).beyond


def test_failures_are_told_from_expected_results() -> None:
    probe = IncidentRun("a", "r", "monitor", 0, T0, T0 + timedelta(seconds=1), 7, "complete", 1)
    assert not probe.failed
    assert replace(probe, interval=10_000).failed
    assert replace(probe, operation="start").failed
    assert not replace(probe, rc=8, interval=10_000).failed
    assert replace(probe, rc=0, status="Timed Out").failed
    assert replace(probe, rc=1).failed
    assert not replace(probe, rc=None, status=None, end=None).failed
    assert all(is_success(rc) for rc in RUNNING_RC)
    assert not any(map(is_success, (1, 7, 9, 189, 193)))
