"""The state of a cluster is fed step by step, closes what is over, and looks at nothing that is still to come."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from stories import CRASH, at, case
from test_chains import CIB, CLEANUP, ESCALATION, NODE_DIES, PEERS, RETRIED

from logtrace.chains.chain import Chain
from logtrace.chains.limits import MOST_OPEN
from logtrace.chains.state import ClusterState, Effects, time_of
from logtrace.chains.sweep import follow, steps
from logtrace.chains.triggers import triggers_of
from logtrace.config.in_force import Configurations
from logtrace.config.model import ClusterConfig
from logtrace.timeline import Timeline

#: What comes an hour after stories.CRASH.
LATER = """
13:05:10.200 node1 mail monitor 10s: not running
13:05:10.240 node2 plan 8: Recover mail ( node1 )
13:05:10.400 node1 mail stop in 0.1s: ok
13:05:11.700 node1 mail start in 1s: ok
13:05:11.900 node2 done 8
"""

STORIES = {
    "crash": (CRASH + LATER, ("node1", "node2")),
    "cleanup": ("12:00:01 node1 web start in 0.5s: ok" + RETRIED + CLEANUP, ("node1", "node2")),
    "escalation": (ESCALATION, ("node1", "node2")),
    "node": (NODE_DIES, PEERS),
}


def fed(timeline: Timeline, config: ClusterConfig) -> tuple[ClusterState, list[Effects]]:
    state = ClusterState(Configurations(config), timeline)
    return state, [state.apply(step) for step in steps(timeline, triggers_of(timeline, config))]


@pytest.mark.parametrize("name", STORIES)
def test_a_chain_is_opened_before_it_changes_and_closed_once(name: str) -> None:
    story, nodes = STORIES[name]
    told = case(story, nodes=nodes, cib=CIB)
    state, effects = fed(told.timeline, told.config)
    opened: set[Chain] = set()
    closed: set[Chain] = set()
    for one in [*effects, state.finish()]:
        opened |= set(one.opened)
        assert set(one.changed) <= opened - closed
        assert not closed & set(one.closed)
        closed |= set(one.closed)
    assert opened == closed
    assert all(chain.closed for chain in closed)


def test_a_chain_that_is_over_is_closed_before_the_logs_end() -> None:
    told = case(CRASH + LATER, cib=CIB)
    _, effects = fed(told.timeline, told.config)
    closed = [chain for one in effects for chain in one.closed]
    assert [chain.first.resource for chain in closed] == ["db"]


def test_what_is_down_stays_open() -> None:
    story = CRASH.replace("12:05:11.700 node1 db start in 1s: ok", "12:05:11.700 node1 db start in 1s: error") + LATER
    told = case(story, cib=CIB)
    state, effects = fed(told.timeline, told.config)
    assert not [chain for one in effects for chain in one.closed]
    assert [chain.first.resource for chain in state.open] == ["db", "mail"]


def test_a_node_that_is_away_keeps_its_chain_open_until_it_is_back_or_fenced() -> None:
    away = """
    12:05:40.100 node1,node2 lose node3
    12:05:40.300 node1 plan 4:
    12:05:40.400 node1 done 4
    """
    much_later = "14:00:00 node1 mail start in 0.5s: ok"
    back = "13:00:00 node1,node2 see node3\n"
    fenced = "12:05:43.500 node1 fence node3 in 3s: OK\n"
    for more, over in (("", False), (back, True), (fenced, True)):
        told = case(away + more + much_later, nodes=PEERS, dc="node1")
        _, effects = fed(told.timeline, told.config)
        assert any(one.closed for one in effects) is over, more


class UpToNow:
    """The timeline of a case, which refuses to tell of what comes after the state's moment."""

    def __init__(self, timeline: Timeline, state: ClusterState) -> None:
        self._timeline, self._state = timeline, state

    def __getattr__(self, name: str) -> Any:
        return getattr(self._timeline, name)

    def between(self, kind: Any, start: datetime, end: datetime, **same: str | None) -> Any:
        assert end <= self._state.now, (kind, end, self._state.now)
        return self._timeline.between(kind, start, end, **same)

    def before(self, kind: Any, end: datetime, **same: str | None) -> Any:
        assert end <= self._state.now, (kind, end, self._state.now)
        return self._timeline.before(kind, end, **same)

    def transitions_between(self, start: datetime, end: datetime) -> Any:
        assert end <= self._state.now, (end, self._state.now)
        return self._timeline.transitions_between(start, end)


@pytest.mark.parametrize("name", STORIES)
def test_no_step_looks_at_lines_that_are_still_to_come(name: str) -> None:
    story, nodes = STORIES[name]
    told = case(story, nodes=nodes, cib=CIB)
    state = ClusterState(Configurations(told.config), told.timeline)
    state.timeline = UpToNow(told.timeline, state)  # type: ignore[assignment]
    for step in steps(told.timeline, triggers_of(told.timeline, told.config)):
        state.apply(step)


def test_steps_are_in_order_of_time() -> None:
    told = case(NODE_DIES, nodes=PEERS, dc="node1")
    times = [time_of(step) for step in steps(told.timeline, triggers_of(told.timeline, told.config))]
    assert times == sorted(times)


def storm(resources: int) -> Iterator[str]:
    for number in range(resources):
        yield f"12:{number // 60:02}:{number % 60:02} node1 r{number} monitor 10s: not running"
    yield "12:10:00 node1 lose node2"


def test_a_bound_that_bites_is_told() -> None:
    calm, stormy = case("\n".join(storm(5))), case("\n".join(storm(MOST_OPEN + 5)))
    assert follow(calm.timeline, Configurations(calm.config)).notices == ()
    (notice,) = follow(stormy.timeline, Configurations(stormy.config)).notices
    assert str(MOST_OPEN) in notice


def test_the_configuration_is_that_of_the_moment() -> None:
    old, new = ClusterConfig(source="old"), ClusterConfig(source="new")
    configs = Configurations(new, ((at("12:00:00").timestamp(), old), (at("13:00:00").timestamp(), new)))
    assert [configs.at(at(time)).source for time in ("11:00:00", "12:30:00", "13:00:01")] == ["old", "old", "new"]
