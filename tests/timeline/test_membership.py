"""Who saw whom leave and come back, and whether it was said goodbye."""

from __future__ import annotations

import pytest
from stories import at, case, cluster, read, tell, write

THREE = ("node1", "node2", "node3")


def test_a_crash_told_by_all_who_are_left() -> None:
    (loss,) = case("12:00:40.100 node1,node2 lose node3", nodes=THREE).timeline.losses
    assert (loss.node, loss.observers, loss.time) == ("node3", {"node1", "node2"}, at("12:00:40.100"))
    assert loss.unannounced
    assert not loss.orderly
    assert not loss.mirrored
    assert loss.back is None


def test_an_orderly_stop() -> None:
    (loss,) = case("12:00:40.100 node1,node2 lose node3 in order", nodes=THREE).timeline.losses
    assert loss.orderly
    assert not loss.unannounced


def test_what_the_smaller_side_of_a_split_believes_is_mirrored() -> None:
    story = """
    12:00:40.100 node1,node2 lose node3
    12:00:40.150 node3 lose node1,node2
    """
    found = {loss.node: loss.mirrored for loss in case(story, nodes=THREE).timeline.losses}
    assert found == {"node3": False, "node1": True, "node2": True}


def test_two_halves_mirror_none() -> None:
    story = "12:00:40.100 node1 lose node2\n12:00:40.100 node2 lose node1\n"
    found = {loss.node: loss.mirrored for loss in case(story).timeline.losses}
    assert found == {"node1": False, "node2": False}


def test_it_comes_back() -> None:
    story = "12:00:40.100 node1 lose node2\n12:02:10.500 node1 see node2\n"
    (loss,) = case(story).timeline.losses
    assert loss.back == at("12:02:10.500")


def test_lost_twice() -> None:
    story = """
    12:00:40.100 node1 lose node2
    12:02:10.500 node1 see node2
    12:30:00.100 node1 lose node2
    """
    first, second = case(story).timeline.losses
    assert (first.back, second.time, second.back) == (at("12:02:10.500"), at("12:30:00.100"), None)


def test_a_short_absence_is_one_occasion_for_its_observers() -> None:
    story = """
    12:00:40.100 node1 lose node2
    12:00:44.000 node1 see node2
    12:00:52.100 node1 lose node2
    """
    assert [loss.time for loss in case(story).timeline.losses] == [at("12:00:40.100"), at("12:00:52.100")]


def test_the_copy_without_milliseconds_does_not_come_first() -> None:
    """Pacemaker's syslog line of 12:00:40 tells the change that Corosync's own log puts at 12:00:40.100."""
    told = case("12:00:40.100 node1,node2 lose node3", nodes=THREE, carriers=("detail", "syslog"))
    assert told.timeline.losses[0].time == at("12:00:40.100")


def test_corosync_alone_tells_names_by_the_cib() -> None:
    story = "12:00:40 node1 corosync TOTEM: A new membership (1.15) was formed. Members left: 2\n"
    (loss,) = case(story, cib=cluster(nodes=("alpha", "node2"))).timeline.losses
    assert loss.node == "node2"


def test_a_node_nobody_names_keeps_its_number() -> None:
    story = "12:00:40 node1 corosync TOTEM: A new membership (1.15) was formed. Members left: 7\n"
    (loss,) = case(story).timeline.losses
    assert loss.node == "node id 7"


def test_names_are_learned_from_pacemaker() -> None:
    story = """
    12:00:00 node1 controld: Node node7 state is now member | nodeid=7 previous=unknown source=x
    12:00:40 node1 corosync TOTEM: A new membership (1.15) was formed. Members left: 7
    """
    (loss,) = case(story).timeline.losses
    assert loss.node == "node7"


def test_every_daemon_has_its_own_copy() -> None:
    """Attribute manager and fencer lose their peers when daemons stop; only the controller's line is about the node."""
    story = """
    12:00:30 node1 controld: State transition S_IDLE -> S_POLICY_ENGINE
    12:00:40 node1 attrd: Node node2 state is now lost | nodeid=2 previous=member source=x
    12:00:50 node1 controld: State transition S_POLICY_ENGINE -> S_IDLE
    """
    assert case(story).timeline.losses == []


@pytest.mark.parametrize("daemon", ["controld", "pacemakerd"])
def test_pacemaker_tells_without_corosyncs_log(daemon: str) -> None:
    story = f"12:00:40 node1 {daemon}: Node node2 state is now lost | nodeid=2 previous=member source=x\n"
    (loss,) = case(story).timeline.losses
    assert (loss.node, loss.observers) == ("node2", {"node1"})
    assert not loss.unannounced


def test_start_up_is_no_loss() -> None:
    story = """
    12:00:00 node1 corosync QUORUM: Sync members[1]: 1
    12:00:00 node1 corosync QUORUM: Sync joined[1]: 1
    12:00:00 node1 corosync TOTEM: A new membership (1.2) was formed. Members joined: 1
    12:00:05 node1,node2 see node2
    """
    told = case(story)
    assert told.timeline.losses == []
    assert told.incidents == ()


TOKEN = "corosync TOTEM: A processor failed, forming new configuration."
FORMED = "corosync TOTEM: A processor joined or left the membership and a new membership was formed."


def losses(*steps: str) -> list[tuple[str, bool, bool]]:
    """Name, whether it is back, whether it is guessed; of a log of node2 that names nobody who left."""
    story = "\n".join(f"12:00:{second:02}.000 node2 {step}" for second, step in enumerate(steps, 10))
    return [(loss.node, loss.back is not None, loss.guessed) for loss in case(story).timeline.losses]


def test_a_shorter_list_after_a_failed_processor() -> None:
    before, after = "corosync QUORUM: Members[3]: 1 2 3", "corosync QUORUM: Members[2]: 2 3"
    assert losses(before, TOKEN, after, FORMED) == [("node id 1", False, False)]
    assert losses(before, TOKEN, FORMED, after, after, before) == [("node id 1", True, False)]


def test_without_a_failed_processor_it_left_on_request() -> None:
    assert losses("corosync QUORUM: Members[3]: 1 2 3", FORMED, "corosync QUORUM: Members[2]: 2 3") == []


def test_the_log_begins_with_the_failure() -> None:
    """A gap in the numbers tells who failed, if it is but a gap; numbers made of addresses have none."""
    assert losses(TOKEN, "corosync QUORUM: Members[2]: 2 3", FORMED) == [("node id 1", False, True)]
    assert losses(TOKEN, "corosync QUORUM: Members[2]: 1 2", FORMED) == []
    assert losses(TOKEN, "corosync QUORUM: Members[2]: 2 9", FORMED) == []
    assert losses(TOKEN, "corosync QUORUM: Members[2]: 906822154 906822155", FORMED) == []


def test_lists_add_nothing_where_somebody_names_the_lost() -> None:
    named = "corosync TOTEM: A new membership (10.0.7.31:44) was formed. Members left: 3"
    assert losses("corosync QUORUM: Members[3]: 1 2 3", TOKEN, named, "corosync QUORUM: Members[1]: 2") == [
        ("node id 3", False, False)
    ]


def test_a_long_list_goes_on_in_the_next_line() -> None:
    long = "corosync QUORUM: Members[20]: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 \\"
    assert losses(long, TOKEN, long) == []


SPLIT = """
12:00:40.000 node1 lose node2
12:00:40.010 node2 lose node1
"""
STARTS = "corosync MAIN: Corosync Cluster Engine 3.1.7 starting up"


@pytest.mark.parametrize(
    ("then", "mirrored"),
    [
        ("", set()),  # nothing tells who of the two was right
        ("12:00:44 node1 fence node2 in 3s: OK", {"node1"}),
        ("12:00:44 node1 fence node2 in 3s: No such device", set()),
        ("12:00:44 node1 fence node2 in 3s: OK\n12:00:44 node2 fence node1 in 3s: OK", set()),
        (f"12:03:00 node2 {STARTS}\n12:03:05 node1 see node2", {"node1"}),
        (f"12:02:00 node1 see node2\n12:02:00 node2 see node1\n12:09:00 node2 {STARTS}", set()),  # healed long before
    ],
)
def test_of_two_that_lost_each_other_who_was_reset_mirrors(then: str, mirrored: set[str]) -> None:
    told = case(SPLIT + then)
    assert {loss.node for loss in told.timeline.losses} == {"node1", "node2"}
    assert {loss.node for loss in told.timeline.losses if loss.mirrored} == mirrored


def test_one_sided_losses_are_true_whoever_starts_later() -> None:
    (loss,) = case(f"12:00:40 node1 lose node2\n12:30:00 node1 {STARTS}").timeline.losses
    assert not loss.mirrored


@pytest.mark.parametrize("apart", [3, 300])
def test_who_tells_later_tells_of_the_same_loss(apart: int) -> None:
    """Clocks, load and pauses make members tell at different times; the node did not come back meanwhile."""
    minutes, seconds = divmod(40 + apart, 60)
    story = f"12:00:40.100 node1 lose node3\n12:{minutes:02}:{seconds:02}.200 node2 lose node3\n"
    (loss,) = case(story, nodes=THREE).timeline.losses
    assert (loss.time, loss.observers) == (at("12:00:40.100"), {"node1", "node2"})


def test_the_same_witness_tells_twice_only_of_two_losses() -> None:
    story = "12:00:40.100 node1 lose node3\n12:30:40.100 node1 lose node3\n"
    assert len(case(story, nodes=THREE).timeline.losses) == 2


def test_a_node_that_wakes_up_late_mirrors_its_own_loss() -> None:
    story = """
    12:00:40.100 node1,node2 lose node3
    12:02:10.000 node3 lose node1,node2
    12:02:12.000 node1,node2 see node3
    """
    found = {loss.node: loss.mirrored for loss in case(story, nodes=THREE).timeline.losses}
    assert found == {"node3": False, "node1": True, "node2": True}


def lines_of(story: str, *words: str) -> str:
    """The lines of node1's pacemaker.log and corosync.log that hold one of some words, as one log."""
    files = write(tell(story, nodes=THREE))
    told = [line for name in ("corosync", "pacemaker") for line in files[f"node1/{name}.log"].splitlines(keepends=True)]
    return "".join(line for line in told if any(word in line for word in words))


@pytest.mark.parametrize(
    ("words", "lost"),
    [
        (["pacemaker-attrd"], ["node3"]),  # one daemon's lines: the controller's word may be in others
        (["pacemaker-attrd", "State transition"], []),  # the controller speaks before and after, and says nothing of it
    ],
)
def test_another_daemon_is_believed_where_the_controller_cannot_be_heard(words: list[str], lost: list[str]) -> None:
    story = """
    12:00:00.000 node1 controld: State transition S_IDLE -> S_POLICY_ENGINE
    12:00:40.100 node1,node2 lose node3
    12:01:00.000 node1 controld: State transition S_POLICY_ENGINE -> S_IDLE
    """
    told = read({"node1.log": lines_of(story, *words)}).timeline
    assert [(loss.node, loss.of_peers) for loss in told.losses] == [(name, True) for name in lost]
