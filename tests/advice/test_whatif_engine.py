"""A recovery computed again: as it was without a change, and as arithmetic by hand says with one."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import pytest
from corpus_cases import read
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from stories import case, cluster, fence_device, group, order, primitive

from logtrace.errors import UsageError
from logtrace.report.case import Incident
from logtrace.whatif.changes import parse
from logtrace.whatif.engine import predict
from logtrace.whatif.model import Activity, Link, Recovery

pytestmark = pytest.mark.xdist_group("corpus")

CHANGES = (
    *("interval=10s", "group=split", "group=unordered", "clone", "fencing=1s", "token=1s", "start=100ms", "stop=100ms"),
    *("promote=100ms", "order=x", "timeout=start:60s", "timeout=stop:60s", "timeout=promote:60s", "timeout=stop:1s"),
)
THREE = ("node1", "node2", "node3")


@cache
def _computed() -> tuple[tuple[str, Incident], ...]:
    """(scenario, incident) of every incident of the corpus that can be computed again."""
    return tuple(
        (archive.parent.name, incident)
        for archive, incidents in read()
        for incident in incidents
        if incident.recovery is not None
    )


def _recovery(incident: Incident) -> Recovery:
    assert incident.recovery is not None
    return incident.recovery


# --- on real clusters ---------------------------------------------------------------------------------


def test_most_incidents_that_recovered_can_be_computed_again() -> None:
    assert len(_computed()) > 55


def test_without_a_change_every_recovery_is_what_was_observed() -> None:
    for scenario, incident in _computed():
        recovery = _recovery(incident)
        told = predict(recovery, [])
        assert told.outage[1] == pytest.approx(incident.outage, abs=0.002), scenario
        assert told.saves == 0, scenario
        for row, activity in zip(told.rows, recovery.activities, strict=True):
            assert row.after == pytest.approx((activity.start, activity.end), abs=1e-6), f"{scenario} {row.name}"


@pytest.mark.parametrize("change", CHANGES)
def test_no_change_saves_less_than_nothing_or_more_than_all(change: str) -> None:
    for scenario, incident in _computed():
        told = predict(_recovery(incident), [parse(change)])
        assert 0 <= told.saves <= told.whole[0] + 1e-6, scenario
        assert told.outage[1] >= 0, scenario
        assert told.whole[1] >= 0, scenario


@pytest.mark.parametrize(
    ("scenario", "failed"), [("t13-group-cascade", "p_glance_registry"), ("t14-group-cascade-23", "p_keystone")]
)
def test_a_split_group_restarts_only_what_failed(scenario: str, failed: str) -> None:
    incident = next(one for name, one in _computed() if name == scenario)
    own = sum(
        operation.seconds or 0.0
        for operation in incident.operations
        if operation.resource == failed and operation.operation in ("start", "stop")
    )
    told = predict(_recovery(incident), [parse("group=split")])
    assert own <= told.outage[1] <= own + 0.5
    assert {row.name for row in told.rows if row.after} == {f"stop of {failed}", f"start of {failed}"}


def test_after_a_node_loss_free_members_start_side_by_side() -> None:
    incident = next(one for name, one in _computed() if name == "t36-cold-failover")
    recovery = _recovery(incident)
    starts = {one.resource: one for one in recovery.activities if one.what == "start"}
    free = [one.seconds for name, one in starts.items() if name not in recovery.base]
    told = predict(replace(recovery, jobs=None), [parse("group=split")])
    by_hand = recovery.outage - (sum(free) - max(free))
    assert told.outage[1] == pytest.approx(by_hand, abs=0.06 * len(free))


def test_clones_leave_the_address_to_move() -> None:
    incident = next(one for name, one in _computed() if name == "t36-cold-failover")
    recovery = _recovery(incident)
    told = predict(recovery, [parse("clone")])
    (address,) = (one for one in recovery.activities if one.what == "start" and one.resource in recovery.addresses)
    assert told.outage[1] == pytest.approx(address.end - recovery.began, abs=0.002)


# --- by hand ------------------------------------------------------------------------------------------

MEMBERS = ("vip", "keystone", "glance", "nova", "cinder")
GROUP = cluster(
    group(
        "g",
        primitive("vip", "ocf:heartbeat:IPaddr2"),
        *(primitive(name, f"systemd:openstack-{name}-api") for name in MEMBERS[1:]),
    ),
    fence_device(),
    nodes=THREE,
)
LOST = """
12:00:00.000 node1 plan 1: Start vip ( node3 )
12:00:01.000 node3 vip start in 0.1s: ok
12:00:02.000 node3 keystone start in 0.5s: ok
12:00:03.000 node3 glance start in 0.5s: ok
12:00:04.000 node3 nova start in 0.5s: ok
12:00:05.000 node3 cinder start in 0.5s: ok
12:05:40.000 node1,node2 lose node3
12:05:40.200 node1 plan 4: Fence (reboot) node3 'peer is no longer part of the cluster' | Move vip ( node3 -> node1 ) \
| Move keystone ( node3 -> node1 ) | Move glance ( node3 -> node1 ) | Move nova ( node3 -> node1 ) \
| Move cinder ( node3 -> node1 )
12:05:44.300 node1 fence node3 in 4s: OK
12:05:44.500 node1 vip start in 0.1s: ok
12:05:47.600 node1 keystone start in 3s: ok
12:05:51.700 node1 glance start in 4s: ok
12:05:56.800 node1 nova start in 5s: ok
12:06:02.900 node1 cinder start in 6s: ok
12:06:03.000 node1 done 4
"""


@pytest.fixture
def lost() -> Recovery:
    return _recovery(case(LOST, cib=GROUP, nodes=THREE, dc="node1").only)


def test_a_lost_node_by_hand(lost: Recovery) -> None:
    assert lost.outage == pytest.approx(22.9, abs=0.01)
    assert lost.groups == {"g": MEMBERS}
    assert (lost.addresses, lost.base) == (("vip",), ("vip",))
    assert set(lost.lost) == set(MEMBERS)


@pytest.mark.parametrize(
    ("change", "outage"),
    [
        ("group=split", 4.5 + 0.1 + 6),  # the address, then the longest of the others
        ("group=unordered", 4.3 + 0.1 + 6),  # all at once when the node is fenced
        ("clone", 4.5),  # the address only
        ("clone=keystone,glance", 22.9 - 3.1 - 4.1),
        ("fencing=1s", 22.9 - 3),
        ("start=2s", 22.9 - 4),  # the longest start
        ("start=nova:2s", 22.9 - 3),
    ],
)
def test_changes_by_hand(lost: Recovery, change: str, outage: float) -> None:
    assert predict(lost, [parse(change)]).outage[1] == pytest.approx(outage, abs=0.12)


def test_changes_add_up(lost: Recovery) -> None:
    told = predict(lost, [parse("clone"), parse("fencing=1s")])
    assert told.outage[1] == pytest.approx(1.5, abs=0.02)
    assert told.saves == pytest.approx(21.4, abs=0.02)


def test_a_node_runs_only_so_many_at_once(lost: Recovery) -> None:
    told = predict(replace(lost, jobs=2), [parse("group=split")])
    # 3 and 4 s begin; where the 3 s were, 5 s follow; where the 4 s were, 6 s
    assert told.outage[1] == pytest.approx(4.6 + 4 + 6, abs=0.12)


def test_an_order_of_the_cib_outlives_the_group(lost: Recovery) -> None:
    bound = replace(lost, links=(*lost.links, Link("keystone", "cinder")))
    assert predict(bound, [parse("group=split")]).outage[1] == pytest.approx(4.6 + 3 + 6, abs=0.12)


def test_an_order_is_read_from_the_cib() -> None:
    cib = cluster(primitive("db"), primitive("app"), nodes=THREE, rules=order("db", "app"))
    story = """
    12:00:01.000 node1 db start in 0.5s: ok
    12:00:02.000 node1 app start in 0.5s: ok
    12:00:02.100 node1 db monitor 10s asked: ok
    12:05:10.200 node1 db monitor 10s: not running
    12:05:10.240 node2 plan 7: Recover db ( node1 ) | Restart app ( node1 )  due to required db start
    12:05:10.400 node1 app stop in 0.1s: ok
    12:05:10.600 node1 db stop in 0.1s: ok
    12:05:12.700 node1 db start in 2s: ok
    12:05:15.800 node1 app start in 3s: ok
    12:05:15.900 node2 done 7
    """
    recovery = _recovery(case(story, cib=cib).only)
    (link,) = recovery.links
    assert link == Link("db", "app", order=link.order)
    assert predict(recovery, [parse(f"order={link.order}")]).outage[1] < recovery.outage - 3  # app runs on
    assert predict(recovery, [parse("stop=app:10ms")]).outage[1] == pytest.approx(recovery.outage - 0.09, abs=0.01)
    assert predict(recovery, [parse("start=db:1s")]).outage[1] == pytest.approx(recovery.outage - 1, abs=0.01)
    assert predict(recovery, [parse("interval=4s")]).whole == pytest.approx((5.6 + 5, 5.6 + 2), abs=0.01)


def test_a_failed_stop_is_no_use_of_a_longer_start() -> None:
    late = Activity("a", "n", "start", 0.1, 10.1, ok=False, timed_out=True)
    again = Activity("a", "m", "start", 10.2, 11.2, ends_outage=True, moved=True)
    recovery = Recovery(0.1, 0.0, 11.2, (late, again), failed=("a",), known_good={("a", "start"): 1.0})
    assert predict(recovery, [parse("timeout=start:60s")]).saves == 0  # one second is not how long a late one needs
    slow = replace(recovery, known_good={("a", "start"): 10.5})
    assert predict(slow, [parse("timeout=start:60s")]).outage[1] == pytest.approx(10.6)
    assert predict(recovery, [parse("timeout=start:4s")]).outage[1] == pytest.approx(5.2)


def test_a_proven_delay_shrinks_with_the_interval() -> None:
    stop = Activity("a", "n", "stop", 0.1, 0.2)
    start = Activity("a", "n", "start", 0.3, 1.0, ends_outage=True)
    recovery = Recovery(
        0.1, -40.0, 41.0, (stop, start), detection=40.0, proven=True, interval=60.0, run=0.0, failed=("a",)
    )
    told = predict(recovery, [parse("interval=6s")])
    assert told.outage == pytest.approx((41.0, 5.0))
    assert told.whole == told.outage


# --- in general ---------------------------------------------------------------------------------------


@st.composite
def recoveries(draw: st.DrawFn) -> Recovery:
    """Chains of stops and starts of some members, in group order, with any overheads."""
    names = [f"r{number}" for number in range(draw(st.integers(1, 6)))]
    seconds = st.floats(0.01, 30)
    gap = st.floats(0.001, 3)
    clock, activities = draw(gap), []
    for what, order_ in (("stop", reversed(names)), ("start", names)):
        for name in order_:
            begin = clock + draw(gap)
            clock = begin + draw(seconds)
            activities.append(Activity(name, "n", what, begin, clock, ends_outage=what == "start"))
    links = tuple(Link(one, other, "g") for one, other in pairwise(names))
    return Recovery(
        decided=0.0, began=0.0, outage=clock, activities=tuple(activities), links=links,
        detection=draw(seconds), interval=draw(seconds), failed=(names[0],), groups={"g": tuple(names)},
        base=tuple(draw(st.sets(st.sampled_from(names)))), jobs=draw(st.none() | st.integers(1, 4)),
    )  # fmt: skip


@given(recoveries())
def test_any_recovery_without_a_change_is_itself(recovery: Recovery) -> None:
    told = predict(recovery, [])
    assert told.outage[1] == pytest.approx(recovery.outage)
    assert told.saves == 0


@given(recoveries(), st.sampled_from(["group=split", "group=unordered", "clone", "interval=1s", "start=10ms"]))
def test_any_change_saves_something_between_nothing_and_all(recovery: Recovery, change: str) -> None:
    told = predict(recovery, [parse(change)])
    assert 0 <= told.saves <= recovery.whole + 1e-6
    assert all(row.after is None or row.after[0] >= 0 for row in told.rows)


@given(recoveries())
def test_a_group_taken_apart_never_takes_longer(recovery: Recovery) -> None:
    free = replace(recovery, jobs=None)
    split, unordered = (predict(free, [parse(f"group={mode}")]).outage[1] for mode in ("split", "unordered"))
    assert unordered <= split + 1e-6
    assert split <= free.outage + 1e-6


@given(recoveries(), st.floats(0.01, 20), st.floats(0.01, 20))
def test_a_shorter_start_never_takes_longer(recovery: Recovery, one: float, other: float) -> None:
    short, long = sorted((one, other))
    told = [
        predict(recovery, [parse(f"start=r0:{round(seconds * 1000) or 1}ms")]).outage[1] for seconds in (short, long)
    ]
    assert told[0] <= told[1] + 1e-6


@pytest.mark.parametrize(
    "text", ["", "x", "interval", "interval=", "interval=0", "interval=-1s", "group=half", "timeout=10s",
             "timeout=monitor:10s", "start=", "fencing=2 weeks", "token=9999999s"],
)  # fmt: skip
def test_what_is_no_change_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="cannot read the change"):
        parse(text)
