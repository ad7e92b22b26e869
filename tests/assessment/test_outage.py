"""How long something was down, and when that is not known."""

from __future__ import annotations

import pytest
from stories import case, cluster, fence_device, primitive

PEERS = ("node1", "node2", "node3")
CIB = cluster(primitive("db"), primitive("web"), fence_device(), nodes=PEERS)
LOST = "12:05:40.100 node1,node2 lose node3\n"

PROBED = """
12:00:00.000 node1 plan 0: Start db ( node1 )
12:00:00.500 node1,node2,node3 db probe: not running
12:00:00.500 node1,node2,node3 web probe: not running
12:00:01.500 node1 db start in 0.5s: ok
12:00:01.700 node1 done 0
"""

FENCED = """
12:05:40.300 node1 plan 1: Fence (reboot) node3 'peer is no longer part of the cluster'
12:05:43.500 node1 fence node3 in 3s: OK
12:05:43.700 node1 done 1
"""


@pytest.mark.parametrize(
    ("story", "cib", "outage"),
    [
        (LOST, "", None),  # nothing tells what ran there
        (LOST, CIB, None),
        (LOST, cluster(fence_device(), nodes=PEERS), 0.0),  # there is nothing to run
        (PROBED + LOST, CIB, 0.0),
        (LOST + FENCED, CIB, 0.0),  # the DC had nothing to start again
    ],
)
def test_no_outage_is_only_said_where_it_is_known(story: str, cib: str, outage: float | None) -> None:
    one = case(story, nodes=PEERS, dc="node1", cib=cib).only
    assert one.trigger == "node_failure"
    assert one.outage == outage


def test_what_was_to_move_from_a_lost_node_ran_there() -> None:
    """The log ends before the fencing does: what became of web is not known."""
    plan = "12:05:40.300 node1 plan 1: Fence (reboot) node3 'peer is no longer part of the cluster' | Move web ( node3 -> node2 )"  # noqa: E501
    assert case(LOST + plan, nodes=PEERS, dc="node1", cib=CIB).only.outage is None


def test_an_outage_that_begins_with_the_last_line_is_of_unknown_length() -> None:
    one = case("12:00:01 node1 web start in 0.5s: ok\n12:05:10 node1 web monitor 10s: not running", cib=CIB).only
    assert not one.recovered
    assert one.outage != 0.0


def test_a_node_that_was_cut_off_held_its_services_until_it_was_shot() -> None:
    """node3 lived on and ran web; that was lost when its fencing was confirmed, 3.4 s later."""
    story = f"""
    12:00:01.000 node3 web start in 0.5s: ok
    12:05:40.050 node3 lose node1,node2
    {LOST}
    12:05:40.300 node1 plan 1: Fence (reboot) node3 'peer is no longer part of the cluster' | Move web ( node3 -> node2 )
    12:05:43.500 node1 fence node3 in 3s: OK
    12:05:44.500 node2 web start in 0.9s: ok
    12:05:44.700 node1 done 1
    """  # noqa: E501
    one = case(story, nodes=PEERS, dc="node1", cib=CIB).only
    assert (one.root_cause, one.outage) == ("network_partition", 1.0)
    assert one.recovery is not None
    assert one.recovery.outage == 1.0
