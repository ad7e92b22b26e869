"""Clocks that are apart are recovered from what one node sends and another receives."""

from __future__ import annotations

from itertools import combinations

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from stories import at, tell, timed, write

from logtrace.clocks.bounds import bounds
from logtrace.clocks.skew import estimate
from logtrace.events.store import Events

NODES = ("node1", "node2", "node3")

#: The DC on node3 has both others work; nothing but the requests and their results tells of the clocks.
STORY = "12:00:00 node3 plan 1:\n" + "".join(
    f"12:00:{second:02}.{node}00 node{node} {resource} start in 0.2s: ok\n"
    for second, resource in enumerate(("db", "app", "web", "mail"), 1)
    for node in (1, 2)
)
TOLD = tell(STORY, nodes=NODES)


def skews(most: float) -> st.SearchStrategy[dict[str, float]]:
    """Seconds by which each node's clock is ahead."""
    return st.fixed_dictionaries(dict.fromkeys(NODES, st.floats(-most, most).map(lambda seconds: round(seconds, 3))))


@settings(max_examples=12)
@given(skews(200))  # beyond half a quarter of an hour a clock that is off looks like a zone where none is known
@example({"node1": 0.0, "node2": 0.0, "node3": 0.0})
@example({"node1": 0.0, "node2": 0.0, "node3": 0.125})
@example({"node1": -3.2, "node2": 0.4, "node3": 1.9})
def test_offsets_are_recovered_within_the_stated_error(skew: dict[str, float]) -> None:
    _, clocks = timed(write(TOLD, skew=skew))
    found = {node: clocks.by_node[node].skew for node in NODES}
    for one, other in combinations(NODES, 2):
        error = sum(found[node].error or 0.0 for node in (one, other))
        apart = found[one].offset - found[other].offset
        assert abs(apart - (skew[one] - skew[other])) <= error + 0.002, (one, other)


@settings(max_examples=6)
@given(skews(600))
def test_afterwards_no_answer_comes_before_its_question(skew: dict[str, float]) -> None:
    events, _ = timed(write(TOLD, skew={node: seconds for node, seconds in skew.items() if abs(seconds) > 2}))
    asked = events.filter(pl.col("kind") == "op.requested").select("resource", "target", asked="time")
    done = events.filter(pl.col("kind") == "op.result").select("resource", target="node", done="time")
    told = events.filter(pl.col("kind") == "op.confirmed").select("resource", "target", told="time")
    whole = asked.join(done, on=["resource", "target"]).join(told, on=["resource", "target"])
    assert whole.height == 8
    slack = pl.duration(milliseconds=300)
    assert whole.filter(
        (pl.col("asked") > pl.col("done") + slack) | (pl.col("done") > pl.col("told") + slack)
    ).is_empty()


def test_one_clock_in_three_that_is_off_is_the_one_corrected() -> None:
    events, clocks = timed(write(TOLD, skew={"node2": 47.0}))
    assert {node: round(clock.skew.offset) for node, clock in clocks.by_node.items()} == {
        "node1": 0,
        "node2": 47,
        "node3": 0,
    }
    result = events.filter((pl.col("kind") == "op.result") & (pl.col("node") == "node2"))["time"].min()
    assert abs((result - at("12:00:01.2")).total_seconds()) < 0.1  # type: ignore[operator]


def test_what_all_log_at_once_bounds_clocks_that_never_spoke() -> None:
    story = "12:00:00 node1,node2 attrd: Setting fail-count-db#monitor_5000[node1]: (unset) -> 1 | from node1\n"
    _, clocks = timed(write(tell(story), skew={"node2": -129.0}))
    offset = clocks.by_node["node2"].skew.offset - clocks.by_node["node1"].skew.offset
    assert abs(offset + 129) <= 0.5
    assert (clocks.by_node["node2"].skew.error or 0) >= 0.5


def test_the_same_membership_bounds_clocks() -> None:
    story = "12:00:00 node1,node2 corosync TOTEM: A new membership (1.1b) was formed. Members left: 3\n"
    _, clocks = timed(write(tell(story), skew={"node1": 30.0}))
    assert abs(clocks.by_node["node1"].skew.offset - clocks.by_node["node2"].skew.offset - 30) <= 0.5


def test_many_hosts_are_compared_with_one_of_them() -> None:
    """A central log may have hundreds of hosts; pairs of all of them would be a hundred thousand."""
    hosts = [f"host{number:03}" for number in range(300)]
    story = f"12:00:00 {','.join(hosts)} corosync TOTEM: A new membership (1.1b) was formed. Members left: 3\n"
    told = tell(story, nodes=hosts)
    _, clocks = timed(write(told, skew={"host007": 30.0}))
    assert [name for name, clock in clocks.by_node.items() if abs(clock.skew.offset) > 0.5] == ["host007"]
    assert abs(clocks.by_node["host007"].skew.offset - 30) <= 0.5
    assert bounds(timed(write(told))[0].pipe(Events.of_frame)).height == 299


def test_a_fail_count_that_comes_again_later_is_no_skew() -> None:
    line = "attrd: Setting fail-count-db#monitor_5000[node1]: (unset) -> 1 | from node1"
    story = "".join(f"12:{minute}:00 node1,node2 {line}\n" for minute in ("00", "10"))
    _, clocks = timed(write(tell(story)))
    assert {clock.skew.offset for clock in clocks.by_node.values()} == {0.0}


def test_two_fencings_of_a_node_months_apart_are_no_skew() -> None:
    """Nothing in their lines says that they are one."""
    said = "fenced: Operation 'reboot' targeting node3 by node1 for pacemaker-controld.117@node1: OK"
    story = f"2026-03-22 12:00:00 node1 {said}\n2026-06-22 12:00:00 node2 {said}\n"
    _, clocks = timed(write(tell(story, nodes=NODES)), timezone="UTC")
    assert {clock.skew.offset for clock in clocks.by_node.values()} == {0.0}


def test_nodes_without_a_link_stay_as_they_are_and_unknown() -> None:
    story = "12:00:00 node1 controld: Quorum lost\n12:00:00 node2 controld: Quorum lost\n"
    _, clocks = timed(write(tell(story), skew={"node2": 40.0}))
    assert clocks.by_node["node2"].skew.offset == 0.0
    assert None in {clock.skew.error for clock in clocks.by_node.values()}


def test_whole_seconds_widen_the_error() -> None:
    exact = timed(write(TOLD, skew={"node1": 20.0}))[1].by_node["node1"].skew
    whole = timed(write(TOLD, skew={"node1": 20.0}, carriers=("iso",)))[1].by_node["node1"].skew
    assert abs(exact.offset - 20) <= (exact.error or 0) + 0.002
    assert whole.offset == 0.0 or whole.error is None or whole.error >= (exact.error or 0)


def test_no_events_no_clocks() -> None:
    assert estimate(Events.of_frame(timed(write(TOLD))[0].clear()), {}) == {}


@pytest.mark.parametrize("skew", [{}, {"node1": 0.1}, {"node1": 0.1, "node2": -0.1}])
def test_differences_like_delivery_times_are_left_alone(skew: dict[str, float]) -> None:
    _, clocks = timed(write(TOLD, skew=skew))
    assert {clock.skew.offset for clock in clocks.by_node.values()} == {0.0}


def test_what_is_left_alone_is_within_the_error() -> None:
    _, clocks = timed(write(TOLD, skew={"node1": 0.2}))
    skew = {node: clock.skew for node, clock in clocks.by_node.items()}
    assert skew["node1"].offset - skew["node3"].offset == 0.0
    assert (skew["node1"].error or 0) + (skew["node3"].error or 0) >= 0.2
