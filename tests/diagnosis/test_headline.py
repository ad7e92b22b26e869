"""The headline by the three rules of the contract, on judgements made by hand."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace
from stories import case

from logtrace import causes
from logtrace.assessment.assessment import Assessment, Down, Downtime
from logtrace.causes.declaration import Tier
from logtrace.causes.judgement import Judgement, ruled_out, supported, undecided
from logtrace.chains.chain import Chain, Outage, Thing
from logtrace.chains.triggers import OperationFailed
from logtrace.diagnosis.headline import Headline, headline

FAULTS = [cause.label for cause in causes.of_tier(Tier.FAULT)]

CONTRACT = [
    *("corosync_stall", "quorum_loss", "network_partition", "stop_failure", "fencing_failure", "multiple_active"),
    *("daemon_crash", "missing_agent", "no_pidfile", "promotion_failure", "spurious_monitor", "start_timeout"),
    *("resource_agent_error", "flapping", "clock_jump", "unmanaged"),
]


def facts(seconds: float = 20.0, interval: int = 10) -> Assessment:
    """An outage of so many seconds that began with the failed monitor of `db` on node1."""
    told = case("12:00:10 node1 db monitor 10s: not running")
    (run,) = told.timeline.runs
    first = OperationFailed(time=run.end, node="node1", resource="db", events=(run.event,), run=run)
    chain = Chain([first], nodes={"node1": None}, resources={"db": None})
    recovered = run.end + timedelta(seconds=seconds)
    chain.outages.append(Outage(Thing("db"), run.end, recovered, run))
    return Assessment(
        chain=chain,
        timeline=told.timeline,
        config=told.config,
        detected=run.end,
        death=None,
        earliest=None,
        decided=None,
        acted=None,
        recovered_at=recovered,
        end=recovered,
        path=(),
        phases=(),
        downtime=Downtime((Down(Thing("db"), run.end, recovered, run.end),), ((run.end, recovered),), seconds),
    )


def judged(monkeypatch: pytest.MonkeyPatch, given: dict[str, Judgement | float], seconds: float = 20.0) -> Headline:
    """The headline when the causes answer as `given` (seconds: supported with that weight) and rule out the rest."""

    def answer(label: str) -> Judgement:
        found = given.get(label, ruled_out("no"))
        return found if isinstance(found, Judgement) else supported("yes", [], weight=found)

    told = {label: replace(cause, judge=lambda _, label=label: answer(label)) for label, cause in causes.CAUSES.items()}
    monkeypatch.setattr(causes, "CAUSES", told)
    monkeypatch.setattr(causes, "of_tier", lambda *tiers: tuple(each for each in told.values() if each.tier in tiers))
    return headline(facts(seconds))


YES = supported("yes", [])


def test_the_first_rule_has_the_contracts_order() -> None:
    assert FAULTS == CONTRACT


@pytest.mark.parametrize("index", range(len(CONTRACT) - 1))
def test_of_two_faults_the_earlier_in_the_list_is_the_headline(monkeypatch: pytest.MonkeyPatch, index: int) -> None:
    first, second = CONTRACT[index], CONTRACT[index + 1]
    head = judged(monkeypatch, {first: YES, second: YES, "service_crash": YES})
    assert head.root_cause == first
    assert second in head.contributing


@pytest.mark.parametrize("label", CONTRACT)
def test_a_fault_beats_any_share(monkeypatch: pytest.MonkeyPatch, label: str) -> None:
    head = judged(monkeypatch, {label: YES, "slow_init": 19.0, "group_cascade": 15.0})
    assert head.root_cause == label
    assert head.contributing[0] == "slow_init"


@pytest.mark.parametrize(
    ("given", "seconds", "expected"),
    [
        ({"slow_init": 12.0, "group_cascade": 6.5}, 20.0, "slow_init"),
        ({"slow_init": 6.5, "group_cascade": 12.0}, 20.0, "group_cascade"),
        ({"slow_fencing": 9.0, "slow_init": 8.0}, 20.0, "slow_fencing"),
        ({"cold_failover": 6.0}, 20.0, "cold_failover"),  # 30 %: enough
        ({"cold_failover": 5.9}, 20.0, "service_crash"),  # less than 30 %
        ({"slow_init": 1.9}, 3.0, "service_crash"),  # less than 2 s
        ({"slow_init": 2.0}, 3.0, "slow_init"),
        ({"slow_detection": 9.0}, 24.0, "slow_detection"),  # 30 % of outage and half the interval together
        ({"slow_detection": 8.0}, 24.0, "service_crash"),
        ({"dc_loss": 7.0}, 20.0, "dc_loss"),
    ],
)
def test_else_the_largest_avoidable_share(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, float], seconds: float, expected: str
) -> None:
    assert judged(monkeypatch, {**given, "service_crash": YES}, seconds).root_cause == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"vip_switch": YES, "service_crash": YES, "node_failure": YES}, "vip_switch"),
        ({"service_crash": YES, "node_failure": YES}, "service_crash"),
        ({"node_failure": YES}, "node_failure"),
        ({}, "service_crash"),
    ],
)
def test_else_what_moved_or_what_started_it(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, Judgement], expected: str
) -> None:
    assert judged(monkeypatch, given).root_cause == expected


def test_a_step_that_followed_is_never_the_headline(monkeypatch: pytest.MonkeyPatch) -> None:
    head = judged(monkeypatch, {"multiple_active": supported("yes", [], follows=True), "daemon_crash": YES})
    assert head.root_cause == "daemon_crash"
    assert "multiple_active" in head.contributing


def test_what_is_undecided_is_no_headline(monkeypatch: pytest.MonkeyPatch) -> None:
    head = judged(monkeypatch, {"network_partition": undecided("no log"), "service_crash": YES})
    assert head.root_cause == "service_crash"
    assert "network_partition" not in head.contributing


def test_at_most_three_contribute_the_weightiest_first_and_the_trigger_among_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given = {"stop_failure": 20.0, "slow_init": 12.0, "slow_fencing": 9.0, "cold_failover": 8.0, "service_crash": YES}
    head = judged(monkeypatch, given)
    assert head.contributing == ("slow_init", "slow_fencing", "service_crash")
    assert head.trigger == "service_crash"


def test_small_shares_do_not_contribute(monkeypatch: pytest.MonkeyPatch) -> None:
    head = judged(monkeypatch, {"stop_failure": YES, "slow_init": 0.5, "group_cascade": 1.5})
    assert "slow_init" not in head.contributing
    assert "group_cascade" not in head.contributing


def test_two_shares_of_a_size_lower_the_confidence(monkeypatch: pytest.MonkeyPatch) -> None:
    sure = judged(monkeypatch, {"slow_init": 15.0}).confidence
    monkeypatch.undo()
    torn = judged(monkeypatch, {"slow_init": 9.6, "group_cascade": 9.5}).confidence
    assert torn < sure


def test_without_the_dcs_log_the_confidence_is_lower_and_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    head = judged(monkeypatch, {"stop_failure": YES})
    assert head.confidence < 0.95
    assert any("DC" in doubt for doubt in head.doubts)


def test_where_the_logs_begin_with_it_what_led_to_it_may_be_missing() -> None:
    """A double start is proved by the lines at hand; whether a daemon's crash led to it is not."""
    story = "12:00:10 node1 db monitor 10s: not running\n12:00:11 node1 plan 2: Recover db ( node1 )\n"
    before = "11:59:00 node1 controld: Quorum acquired\n"
    whole, cut = (case(text).only for text in (before + story, story))
    assert whole.root_cause == cut.root_cause == "service_crash"
    assert cut.confidence < 0.8 * whole.confidence
    assert "what came before: the logs begin with it" in cut.missing_witnesses


def test_a_daemon_that_died_needs_no_lines_before_it() -> None:
    died = "12:00:10 node1 pacemakerd error: pacemaker-execd[114] terminated with signal 9 (Killed)\n"
    incident = case(died).only
    assert incident.root_cause == "daemon_crash"
    assert not any("before" in witness for witness in incident.missing_witnesses)
