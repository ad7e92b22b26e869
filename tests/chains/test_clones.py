"""Copies of clones that a plan stops and means to run again are down meanwhile, also where they were healthy."""

from __future__ import annotations

from stories import at, case, clone, cluster, order, primitive

THREE = ("node1", "node2", "node3")

CIB = cluster(
    clone("cl-bus", primitive("bus")), clone("cl-reader", primitive("reader")), nodes=THREE,
    rules=order("cl-bus", "cl-reader"),
)  # fmt: skip

UP = """
12:00:00.000 node3 plan 0: Start bus:0 ( node1 ) | Start bus:1 ( node2 ) | Start reader:0 ( node1 ) | Start reader:1 ( node2 )
12:00:01.000 node1,node2 bus start in 0.5s: ok
12:00:01.100 node1,node2 bus monitor 10s asked: ok
12:00:02.000 node1,node2 reader start in 0.5s: ok
12:00:02.100 node1,node2 reader monitor 10s asked: ok
12:00:02.500 node3 done 0
"""  # noqa: E501

BUS_DIES = """
12:05:00.000 node1 bus monitor 10s: not running
12:05:00.050 node3 plan 1: Recover bus:0 ( node1 ) | Restart reader:0 ( node1 )  due to required cl-bus running | Restart reader:1 ( node2 )  due to required cl-bus running
12:05:00.300 node1,node2 reader stop in 0.2s: ok
12:05:00.400 node1 bus stop in 0.1s: ok
12:05:01.000 node1 bus start in 0.5s: ok
12:05:05.000 node1 reader start in 4s: ok
12:05:08.000 node2 reader start in 7s: ok
12:05:08.100 node1,node2 reader monitor 10s asked: ok
12:05:08.200 node3 done 1
"""  # noqa: E501


def test_healthy_copies_that_are_bounced_are_down() -> None:
    one = case(UP + BUS_DIES, cib=CIB, nodes=THREE).only
    assert (one.root_cause, one.t_recovered, one.outage) == ("group_cascade", at("12:05:08.000"), 8.0)


def test_copies_stopped_for_what_they_require_are_missed_until_they_run() -> None:
    story = (
        UP
        + """
12:05:00.000 node1 bus monitor 10s: not running
12:05:00.050 node3 plan 1: Stop bus:0 ( node1 )  due to node availability | Stop reader:0 ( node1 )  due to required cl-bus running
12:05:00.300 node1 reader stop in 0.2s: ok
12:05:00.400 node1 bus stop in 0.1s: ok
12:05:00.500 node3 done 1
12:05:20.000 node3 plan 2: Start bus:0 ( node1 ) | Start reader:0 ( node1 )
12:05:21.000 node1 bus start in 0.5s: ok
12:05:23.000 node1 reader start in 2s: ok
12:05:23.100 node3 done 2
"""  # noqa: E501
    )
    assert case(story, cib=CIB, nodes=THREE).only.t_recovered == at("12:05:23.000")


def test_a_copy_that_has_no_node_left_is_not_missed() -> None:
    story = (
        UP
        + """
12:05:00.000 node1 bus monitor 10s: not running
12:05:00.050 node3 plan 1: Recover bus:0 ( node1 -> node3 ) | Stop reader:0 ( node1 )  due to node availability
12:05:00.300 node1 reader stop in 0.2s: ok
12:05:00.400 node1 bus stop in 0.1s: ok
12:05:01.000 node3 bus start in 0.5s: ok
12:05:01.100 node3 done 1
"""
    )
    one = case(story, cib=CIB, nodes=THREE).only
    assert (one.recovered, one.t_recovered) == (True, at("12:05:01.000"))
