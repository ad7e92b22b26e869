"""Failures that the cluster counts together up to a threshold are one fault, however far they lie apart."""

from __future__ import annotations

from datetime import timedelta

import pytest
from stories import Told, at, case, cluster, primitive

from logtrace.chains.state import ClusterState
from logtrace.chains.sweep import steps
from logtrace.chains.triggers import triggers_of
from logtrace.config.in_force import Configurations

THRESHOLD = "node2 schedulerd warning: db cannot run on node1 due to reaching migration threshold (clean up resource to allow again)"  # noqa: E501


def failures(apart: float, reached: str = THRESHOLD, between: str = "") -> str:
    """Three failed monitors of db on node1, so many seconds apart, the third of which moves it."""
    told = ["12:00:00 node1 db start in 0.5s: ok"]
    for number in range(3):
        begin = at("12:05:00") + timedelta(seconds=apart * number)

        def moment(seconds: float, begin: object = begin) -> str:
            return f"{begin + timedelta(seconds=seconds):%Y-%m-%d %H:%M:%S.%f}"  # type: ignore[operator]

        last = number == 2
        told.append(f"{moment(0)} node1 db monitor 10s: not running")
        if last and reached:
            told.append(f"{moment(0.05)} {reached}")
        told.append(f"{moment(0.1)} node2 plan {number + 7}: Recover db ( node1{' -> node2' if last else ''} )")
        told.append(f"{moment(0.3)} node1 db stop in 0.1s: ok")
        told.append(f"{moment(1.5)} {'node2' if last else 'node1'} db start in 1s: ok")
        told.append(f"{moment(1.6)} node2 done {number + 7}")
        if number == 1 and between:
            told.append(f"{moment(3)} {between}")
    return "\n".join(told)


def test_what_expired_between_counts_no_more() -> None:
    soon, late = (cluster(primitive("db", migration_threshold="3", failure_timeout=after)) for after in ("60s", "900s"))
    faults = [case(failures(200.0), cib=cib).incidents for cib in (soon, late)]
    assert [len(found) for found in faults] == [3, 1]


@pytest.mark.parametrize("apart", [20.0, 200.0, 2000.0])
def test_failures_up_to_the_threshold_are_one_fault(apart: float) -> None:
    one = case(failures(apart)).only
    assert one.root_cause == "flapping"
    assert (one.t_detected, one.recovered) == (at("12:05:00"), True)


@pytest.mark.parametrize("apart", [200.0, 2000.0])
def test_failures_that_reach_no_threshold_are_each_their_own(apart: float) -> None:
    assert len(case(failures(apart, reached="")).incidents) == 3


def test_what_was_cleaned_up_between_counts_no_more() -> None:
    cleanup = "node2 controld info: Clearing resource history for db on node1 (via CIB call 65) | xpath=//node_state"
    told = case(failures(200.0, between=cleanup))
    assert [one.root_cause for one in told.incidents if one.kind.value == "fault"] == ["service_crash"] * 3


def absorbed(told: Told) -> int:
    state = ClusterState(Configurations(told.config), told.timeline)
    return sum(
        len(state.apply(step).absorbed) for step in steps(told.timeline, triggers_of(told.timeline, told.config))
    )


def test_a_state_tells_what_turned_out_to_be_part_of_what() -> None:
    assert absorbed(case(failures(200.0))) == 2
    assert absorbed(case(failures(200.0, reached=""))) == 0
