"""What a store says, computed by hand beside it."""

from __future__ import annotations

import math

import pytest
from small_store import case, incident, tables

from logtrace.fleet.statistics.medians import compare, least
from logtrace.fleet.statistics.report import report
from logtrace.fleet.statistics.values import Answer, FleetReport, Wanted

ALL = Wanted()

A1, A2, B = case("a1", "A"), case("a2", "A", "2026-02"), case("b", "B", "2026-02", pacemaker="2.1.10")
NOBODY = case("x", None, "unknown", pacemaker=None, resources=None)

#: 10 and 20 s on A in January, 40 s there in February; 30 s on B, one that never ended; one of nobody's.
INCIDENTS = [
    incident(A1, "i1", "slow_init", 10.0),
    incident(A1, "i2", "slow_init", 20.0),
    incident(A2, "i1", "slow_init", 40.0, agent="ocf:heartbeat:galera"),
    incident(B, "i1", "slow_fencing", 30.0, agent=None),
    incident(B, "i2", "slow_fencing", None, confidence=0.3, kind="spurious"),
    incident(NOBODY, "i1", "slow_init", 4.0, fencing=None, cluster_size=None),
]


def told(wanted: Wanted = ALL, **more: list[dict[str, object]]) -> FleetReport:
    return report(tables(cases=[A1, A2, B, NOBODY], incidents=INCIDENTS, **more), wanted)


def test_the_whole() -> None:
    overview = told(refused=[{"input": "bad.tar", "reason": "is empty"}]).overview
    assert (overview.cases, overview.clusters, overview.strangers, overview.hours) == (4, 2, 1, 4.0)
    assert (overview.faults, overview.spurious, overview.refused) == (5, 1, 1)
    assert overview.releases == ("2.1.10", "2.1.5")
    whole = overview.all
    assert (whole.incidents, whole.clusters, whole.not_recovered, whole.outage) == (6, 2, 1, 104.0)
    # of 4, 10, 20, 30, 40 the third, and of places 0 to 4 the one at 3.6, which is the last
    assert (whole.recovery.known, whole.recovery.median, whole.recovery.p90) == (5, 20.0, 40.0)


def test_groups_have_their_own_medians() -> None:
    dimensions = {each.name: each.groups for each in told().dimensions}
    causes = {each.name: each for each in dimensions["cause"]}
    assert list(causes) == ["slow_init", "slow_fencing"]  # 74 s of outage against 30
    assert (causes["slow_init"].incidents, causes["slow_init"].clusters) == (4, 1)
    assert causes["slow_init"].recovery.median == 15.0  # between 10 and 20
    assert causes["slow_fencing"].not_recovered == 1
    assert [each.name for each in dimensions["release"]] == ["2.1.5", "2.1.10", None]
    assert {each.name: each.incidents for each in dimensions["agent"]} == {
        "ocf:heartbeat:IPaddr2": 4, "ocf:heartbeat:galera": 1, None: 1,
    }  # fmt: skip
    assert [(each.name, each.incidents) for each in dimensions["size"]] == [("2", 5), (None, 1)]
    assert [(each.name, each.incidents) for each in dimensions["fencing"]] == [("on", 5), (None, 1)]


def test_rare_groups_are_told_together() -> None:
    many = case("m", "M")
    rows = [incident(many, f"i{n}", "slow_init", 1.0, agent=f"agent-{min(n, 70)}") for n in range(1, 81)]
    (groups,) = (
        each.groups for each in report(tables(cases=[many], incidents=rows), ALL).dimensions if each.name == "agent"
    )
    assert len(groups) == 61
    assert (groups[-1].rest, groups[-1].name, groups[-1].incidents) == (True, "10", 10)
    assert sum(each.incidents for each in groups) == 80
    assert max(groups[:-1], key=lambda each: each.incidents).name == "agent-70"


def test_months_are_those_of_cases_and_count_what_befell_nobody() -> None:
    quiet = case("q", "A", "2025-12")
    found = report(tables(cases=[A1, A2, B, NOBODY, quiet], incidents=INCIDENTS), ALL)
    assert [(each.name, each.cases, each.hours, each.group.incidents) for each in found.months] == [
        ("2025-12", 1, 1.0, 0), ("2026-01", 1, 1.0, 2), ("2026-02", 2, 2.0, 3), ("unknown", 1, 1.0, 1),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (Wanted(since="2026-02"), 3),
        (Wanted(until="2026-01"), 2),
        (Wanted(since="2026-01", until="2026-02"), 5),
        (Wanted(cause="slow_init"), 4),
        (Wanted(release="2.1.5", agent="ocf:heartbeat:galera"), 1),
        (Wanted(agent="nobody's"), 0),
    ],
)
def test_only_what_is_wanted_is_counted(wanted: Wanted, expected: int) -> None:
    found = told(wanted)
    assert found.overview.all.incidents == expected
    assert found.columns is not None
    assert found.columns.length == expected


def test_an_incident_that_two_archives_tell_of_counts_once() -> None:
    again = case("a3", "A")
    rows = [*INCIDENTS, incident(again, "i2", "slow_init", 20.0)]
    assert report(tables(cases=[A1, A2, B, NOBODY, again], incidents=rows), ALL).overview.all.incidents == 6


def test_phases_are_shares_of_all_time() -> None:
    rows = [
        incident(A1, "i1", "slow_init", 10.0, seconds_start=8.0, seconds_stop=2.0),
        incident(A1, "i2", "slow_init", 10.0, seconds_start=10.0, seconds_stop=0.0),
    ]
    start, stop = report(tables(cases=[A1], incidents=rows), ALL).phases
    assert (start.name, start.incidents, start.seconds, start.share, start.median) == ("start", 2, 18.0, 0.9, 9.0)
    assert (stop.name, stop.incidents, stop.median, stop.p90) == ("stop", 1, 2.0, 2.0)


def test_a_change_counts_once_for_each_incident() -> None:
    def advice(of: str, incident: str, label: str, saves: float | None) -> dict[str, object]:
        return {"case_id": of, "incident": incident, "label": label, "saves": saves}

    rows = [
        advice("a1", "i1", "shorten_start", 5.0),
        advice("a1", "i1", "shorten_start", 8.0),  # of another resource: both at once do not save 13
        advice("b", "i1", "shorten_start", 4.0),
        advice("b", "i2", "find_crash", None),
        advice("gone", "i1", "shorten_start", 99.0),  # of no incident that counts
    ]
    shorten, find = told(advice=rows).changes
    assert (shorten.label, shorten.incidents, shorten.clusters, shorten.saves, shorten.median) == (
        "shorten_start",
        2,
        2,
        12.0,
        6.0,
    )
    assert str(shorten.example) == "a1#i1"
    assert (find.label, find.incidents, find.unknown, find.median) == ("find_crash", 1, 1, None)


def test_clusters_in_which_a_cause_comes_back() -> None:
    found = told()
    assert found.repeating == 1
    (repeat,) = found.repeats
    assert (repeat.cluster, repeat.root_cause, repeat.agent) == ("A", "slow_init", "ocf:heartbeat:IPaddr2")
    assert (repeat.incidents, repeat.cases, repeat.outage) == (2, 1, 30.0)
    assert [str(each) for each in repeat.references] == ["a1#i2", "a1#i1"]


def test_what_is_worth_reading() -> None:
    paged = case("a2", "A", "2026-02", page="pages/a2.html")
    reading = report(tables(cases=[A1, paged, B, NOBODY], incidents=INCIDENTS), ALL).reading
    assert str(reading.longest[0].reference) == "a2#i1"
    assert reading.longest[0].reference.page == "pages/a2.html"
    assert str(reading.least_sure[0].reference) == "b#i2"
    # the first of each wording, the latest first; the second of slow_fencing and those of no time are no first ones
    assert [str(each.reference) for each in reading.new_wording] == ["b#i1", "a1#i1"]
    assert [each.wording for each in reading.new_wording] == ["it says slow_fencing", "it says slow_init"]


# --- what clusters with a weakness do otherwise ----------------------------------------------------------


def test_how_many_clusters_a_comparison_needs() -> None:
    """Of n values all lie above the median in one of 2^n cases, and below it as often."""
    for questions in (1, 10, 40):
        needed = least(questions)
        assert 2 * 0.5**needed <= 0.05 / questions < 2 * 0.5 ** (needed - 1)
    assert least() == 6


def test_a_difference_of_medians() -> None:
    """Of 1 to 9 the median is 5; c = 5 - 3 = 2, so its error is (8 - 2) / 2z, where 1 - Phi(z) = (1 + 9) / 512."""
    z = 2.0635  # of tables: Phi(2.06) = 0.98030, Phi(2.07) = 0.98077
    error = 6 / (2 * z)
    found = compare([float(n) for n in range(21, 30)], [float(n) for n in range(1, 10)])
    assert (found.one.median, found.other.median, found.difference) == (25.0, 5.0, 20.0)
    assert found.low == pytest.approx(20 - 1.959964 * error * math.sqrt(2), abs=0.001)
    assert found.high == pytest.approx(20 + 1.959964 * error * math.sqrt(2), abs=0.001)
    assert found.answer is Answer.SLOWER
    assert compare([1.0, 2, 3, 4, 5, 6], [1.0, 2, 3, 4, 5, 7]).answer is Answer.NONE_SHOWN
    assert compare([1.0] * 5, [100.0] * 50).answer is Answer.NOT_ENOUGH
    assert compare([], [100.0] * 50).answer is Answer.NOT_ENOUGH


def test_many_and_few_values_are_judged_alike() -> None:
    """Where the binomial distribution gives way to the normal one nothing jumps."""
    widths = []
    for count in (200, 201):
        values = [float(n) for n in range(count)]
        found = compare([each + 1000 for each in values], values)
        assert found.low is not None
        assert found.high is not None
        widths.append(found.high - found.low)
    assert widths[0] == pytest.approx(widths[1], rel=0.03)


def _fleet(slow: float) -> FleetReport:
    """Twenty clusters with a weakness, twenty without; one of the latter has a hundred slow incidents."""
    cases, incidents, findings = [], [], []
    for number in range(40):
        one = case(f"c{number:02}", f"C{number:02}")
        cases.append(one)
        weak = number % 2 == 0
        incidents += [incident(one, f"i{n}", "slow_init", 10.0 + number / 10 + (slow if weak else 0.0)) for n in (1, 2)]
        if weak:
            findings.append({"case_id": one["case_id"], "number": 1, "label": "link-single", "severity": "warning"})
    incidents += [incident(cases[1], f"i{n}", "slow_init", 500.0) for n in range(3, 100)]
    return report(tables(cases=cases, incidents=incidents, findings=findings), ALL)


def test_clusters_with_a_weakness_that_are_slower() -> None:
    (weakness,) = _fleet(60.0).weaknesses
    assert (weakness.label, weakness.severity, weakness.clusters, weakness.of) == ("link-single", "warning", 20, 40)
    assert weakness.recovery.answer is Answer.SLOWER
    assert weakness.recovery.one.median == pytest.approx(71.9)
    assert weakness.example.case_id == "c00"


def test_one_bad_cluster_proves_nothing() -> None:
    """A hundred slow incidents of one cluster are one cluster."""
    (weakness,) = _fleet(0.0).weaknesses
    assert weakness.recovery.answer is Answer.NONE_SHOWN
    assert weakness.recovery.other.median == pytest.approx(12.2)


def test_few_clusters_are_not_enough() -> None:
    findings = [{"case_id": "a1", "number": 1, "label": "link-single", "severity": "error"}]
    (weakness,) = told(findings=findings).weaknesses
    assert (weakness.clusters, weakness.of) == (1, 2)
    assert weakness.recovery.answer is Answer.NOT_ENOUGH
    assert weakness.recovery.low is None


def test_whether_it_gets_better() -> None:
    cases = [case(f"c{n:02}", f"C{n:02}", f"2026-{1 + n // 10:02}") for n in range(40)]
    rows = [incident(each, "i1", "slow_init", 100.0 - n) for n, each in enumerate(cases)]
    found = report(tables(cases=cases, incidents=rows), ALL)
    assert found.trend_since == "2026-03"
    assert found.trend.difference == -20.0
    assert found.trend.answer is Answer.FASTER
