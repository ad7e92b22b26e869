"""Comparisons: which incidents, what differs, and why."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Any

import polars as pl
import pytest
from msgspec.structs import replace

from logtrace.assessment.phases import Phase, PhaseName
from logtrace.compare import Side, changes, choose, compare
from logtrace.config.model import ClusterConfig, Corosync, Group, Op, Primitive
from logtrace.events.store import Events
from logtrace.render import comparison as render
from logtrace.report.case import Case, Cluster, Coverage, Frames, Incident, IncidentKind, IncidentRun, Node, Window

T0 = datetime(2026, 11, 22, 12, tzinfo=UTC)
NONE = pl.DataFrame()


def primitive(name: str, interval: float = 10.0, timeout: float | None = 20.0, **more: Any) -> Primitive:
    return Primitive(name, "ocf", "heartbeat", "Dummy", ops=(Op("monitor", interval, timeout),), **more)


def incident(id_: str = "i1", cause: str = "slow_init", *, start: float = 2.0, **more: Any) -> Incident:
    """A crash of db: found after 3 s, stopped in 0.5 s, started in `start` seconds."""
    phases, moment = [], T0
    for name, seconds in ((PhaseName.DETECTION, 3.0), (PhaseName.STOP, 0.5), (PhaseName.START, start)):
        phases.append(Phase(name, moment, moment := moment + timedelta(seconds=seconds), name.value))
    run = IncidentRun("n1", "db", "start", 0, T0, T0 + timedelta(seconds=start), 0, "complete", 1, critical=True)
    poll = IncidentRun("n1", "db", "monitor", 10_000, T0, T0 + timedelta(seconds=9), 0, "complete", 1)
    made = Incident(
        id_, IncidentKind.FAULT, "db died", "service_crash", cause, (), 0.9, ("n1",), ("db",), T0, T0, "", T0, T0, T0,
        moment, moment, True, 3.5 + start, 3.5 + start, tuple(phases), (run, poll), (), (), (), (),
    )  # fmt: skip
    return replace(made, **more)


def case(*incidents: Incident, config: ClusterConfig | None = None, **cluster: Any) -> Case:
    told = {
        "name": "lab",
        "stack": None,
        "pacemaker": "2.1.5",
        "corosync": None,
        "nodes": (Node("n1", True),),
        "dc": (),
    }
    return Case(
        (), Cluster(**(told | cluster)), Window(None, None, None, None), Coverage(0, 0, 0, 0), incidents, (), config,
        Frames(NONE, Events({}, {}), NONE, NONE, NONE, NONE),
    )  # fmt: skip


def beside(first: Case, second: Case) -> Any:
    one, other = choose(first, second)
    return compare(Side("a", first, one), Side("b", second, other))


# --- which ones ---------------------------------------------------------------------------------------


def test_the_worst_of_the_same_cause_and_resource_are_chosen() -> None:
    first = case(incident("i1", "slow_fencing", outage=99.0), incident("i2", "slow_init"))
    second = case(
        incident("i1", "slow_init", resources=("web",), outage=50.0),
        incident("i2", "slow_init", outage=5.0),
        incident("i3", "slow_init", outage=9.0),
    )
    one, other = choose(first, second)
    assert one is not None
    assert other is not None
    assert (one.id, other.id) == ("i2", "i3")


def test_without_anything_in_common_the_worst_of_each_are_chosen() -> None:
    first = case(incident("i1", outage=1.0), incident("i2", outage=2.0), incident("i3", kind=IncidentKind.PLANNED))
    second = case(incident("i1", "flapping", resources=("web",), outage=1.0, recovered=False),
                  incident("i2", "quorum_loss", resources=("x",), outage=9.0))  # fmt: skip
    assert [each and each.id for each in choose(first, second)] == ["i2", "i1"]


def test_what_was_planned_is_left_out_while_both_have_something_that_was_not() -> None:
    planned = incident("i1", "manual_action", kind=IncidentKind.PLANNED, outage=None)
    fault, spurious = incident("i2", "slow_init"), incident("i2", "spurious_monitor", kind=IncidentKind.SPURIOUS)
    first, second = case(planned, fault), case(planned, spurious)
    assert choose(first, second) == (fault, spurious)
    assert choose(first, second, (planned, None)) == (planned, planned)
    assert choose(first, second, (None, planned)) == (planned, planned)
    assert choose(first, case(planned)) == (planned, planned)
    assert choose(first, first) == (fault, planned)


def test_what_is_given_stays_and_one_case_is_never_compared_with_itself() -> None:
    one = case(incident("i1", outage=9.0), incident("i2", outage=5.0), incident("i3", outage=1.0))
    assert [each and each.id for each in choose(one, one)] == ["i1", "i2"]
    assert [each and each.id for each in choose(one, one, (one.incidents[2], None))] == ["i3", "i1"]
    assert choose(case(), one)[0] is None


# --- what differs -------------------------------------------------------------------------------------


def test_phases_stand_side_by_side_and_operations_tell_why() -> None:
    told = beside(case(incident(start=2.0)), case(incident(start=7.0)))
    assert {each.name.value: (each.before, each.after, each.difference) for each in told.phases} == {
        "detection": (3.0, 3.0, 0.0), "stop": (0.5, 0.5, 0.0), "start": (2.0, 7.0, 5.0)}  # fmt: skip
    assert told.difference == 5.0
    assert [(each.resource, each.operation, each.before, each.after) for each in told.operations] == [
        ("db", "start", 2.0, 7.0)
    ]  # monitors that recur are not part of it
    assert told.reasons == ("start took 5.0 s longer: start of db took 7.0 s instead of 2.0 s",)


def test_an_interval_explains_a_detection() -> None:
    slow, quick = (ClusterConfig(primitives={"db": primitive("db", interval)}) for interval in (60.0, 10.0))
    sooner = incident()
    sooner = replace(sooner, phases=(replace(sooner.phases[0], end=T0 + timedelta(seconds=1)), *sooner.phases[1:]))
    told = beside(case(incident(), config=slow), case(sooner, config=quick))
    assert told.reasons == ("detection took 2.0 s less: monitor interval of db went from 60 s to 10 s",)


def test_a_difference_nothing_explains_says_so() -> None:
    first = incident()
    second = replace(first, phases=(*first.phases, Phase(PhaseName.WAIT, T0, T0 + timedelta(seconds=4), "?")))
    told = beside(case(first), case(second))
    assert told.reasons == ("wait took 4.0 s longer; no operation or setting at hand explains it",)


def test_every_kind_of_setting_is_told_apart() -> None:
    before = ClusterConfig(
        properties={"stonith-enabled": "true"},
        rsc_defaults={"resource-stickiness": "0"},
        primitives={"db": primitive("db"), "gone": primitive("gone")},
        groups={"g": Group("g", ("db", "gone"))},
        corosync=Corosync(token=1.0),
    )
    after = replace(
        before,
        properties={"stonith-enabled": "false"},
        rsc_defaults={"resource-stickiness": "100"},
        primitives={"db": primitive("db", 30.0, None), "new": primitive("new")},
        groups={"g": Group("g", ("db",))},
        corosync=Corosync(token=5.0),
    )
    told = {(each.subject, each.what): (each.before, each.after)
            for each in changes(case(config=before), case(config=after, pacemaker="3.0.1"))}  # fmt: skip
    assert told == {
        ("cluster", "pacemaker"): ("2.1.5", "3.0.1"),
        ("corosync", "token"): ("1 s", "5 s"),
        ("properties", "stonith-enabled"): ("true", "false"),
        ("rsc_defaults", "resource-stickiness"): ("0", "100"),
        ("db", "monitor interval"): ("10 s", "30 s"),
        ("db", "monitor timeout"): ("20 s", "default"),
        ("gone", ""): ("ocf:heartbeat:Dummy", None),
        ("new", ""): (None, "ocf:heartbeat:Dummy"),
        ("g", "members"): ("db gone", "db"),
    }


def ring(*addresses: str, nodes: tuple[str, ...] = ("n1", "n2")) -> ClusterConfig:
    return ClusterConfig(corosync=Corosync(addresses=dict(zip(addresses, nodes, strict=True))))


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        (case(incident()), case(incident(), name="other"), None),
        (case(incident(), nodes=(Node("n1.example.org", True),)), case(incident()), None),
        (case(incident(), nodes=()), case(incident()), None),
        (
            case(incident(), config=ring("10.0.0.1", "10.0.0.2")),
            case(incident(), config=ring("10.0.0.1", "10.9.9.2")),
            None,
        ),
        (
            case(incident()),
            case(incident(), name="other", nodes=(Node("m1", True),)),
            "These are two clusters (lab, other): they have no node in common, and what differs need not have changed",
        ),
        (
            case(incident()),
            case(incident(), nodes=(Node("m1", True),)),
            "These seem to be two clusters: they have no node in common, and what differs need not have changed",
        ),
        (
            case(incident(), config=ring("10.0.0.1", "10.0.0.2")),
            case(incident(), config=ring("10.9.9.1", "10.9.9.2")),
            "These may be two clusters: nodes of the same names have other addresses",
        ),
    ],
)
def test_two_clusters_are_told(first: Case, second: Case, said: str | None) -> None:
    told = beside(first, second)
    assert [each for each in told.reasons if "cluster" in each] == ([said] if said else [])
    shown = " ".join(render.render(told).plain.split())
    assert ("two clusters" in shown) is (said is not None)
    assert ("two clusters" in render.document(told)) is (said is not None)


def test_nothing_differs_between_a_case_and_itself() -> None:
    one = case(incident(), config=ClusterConfig(primitives={"db": primitive("db")}))
    assert changes(one, one) == ()
    assert changes(case(), case()) == ()


# --- how it is told -----------------------------------------------------------------------------------

HOSTILE = "</td><img src=x onerror=alert(1)>\x1b[31m\u202e{{7*7}}"


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.found.add(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_terminal_tells_the_difference_in_80_columns_and_less() -> None:
    told = beside(case(incident(start=2.0)), case(incident(start=7.0)))
    for width in (40, 60, 80, 200):
        lines = render.render(told, width=width).plain.splitlines()
        assert max(map(len, lines)) <= width
    assert "The second took 5.0 s longer." in lines
    assert any(line.split() == ["start", "2.0", "s", "7.0", "s", "+5.0", "s"] for line in lines)
    assert "\x1b" not in "\n".join(lines)
    assert render.render(told, symbols=False).plain.isascii()


def test_what_was_planned_has_no_outage() -> None:
    planned = incident("i1", "manual_action", kind=IncidentKind.PLANNED, outage=None, outage_max=None)
    for told in (beside(case(planned), case(planned)), beside(case(incident()), case(planned))):
        shown = render.render(told).plain
        assert "What was planned is no outage that could be compared." in shown
        assert "  planned  22 Nov 12:00:00 -> " in shown
        assert "unknown" not in shown
        assert "unknown" not in render.page(told)


def test_json_has_everything() -> None:
    told = json.loads(render.document(beside(case(incident(start=2.0)), case(incident(start=7.0), name="other"))))
    assert told["schema_version"] == 1
    assert told["difference"] == 5.0
    assert told["first"]["incident"]["id"] == "i1"
    assert told["operations"][0] == {
        "resource": "db", "operation": "start", "critical": True, "runs_before": 1, "runs_after": 1,
        "before": 2.0, "after": 7.0, "difference": 5.0}  # fmt: skip
    assert told["configuration"] == [{"subject": "cluster", "what": "name", "before": "lab", "after": "other"}]


@pytest.mark.parametrize("empty", [False, True])
def test_the_page_is_small_and_hostile_names_are_inert(empty: bool) -> None:
    one = [] if empty else [incident(title=HOSTILE, resources=(HOSTILE,))]
    first = case(*one, config=ClusterConfig(primitives={HOSTILE: primitive(HOSTILE, params={HOSTILE: HOSTILE})}))
    told = compare(Side(HOSTILE, first, choose(first, case())[0]), Side("b", case(), None))
    page = render.page(told)
    tags = Tags()
    tags.feed(page)
    assert len(page) < 60_000
    assert not tags.found & {"img", "script", "iframe", "a"}
    assert not set(page) & {"\x1b", "\u202e"}
    assert "{{7*7}}" in tags.text
    assert "No incident to compare in" in tags.text
    terminal = render.render(told).plain
    assert not set(terminal) & {"\x1b", "\u202e"}
