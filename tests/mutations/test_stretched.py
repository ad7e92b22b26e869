"""A story told ten or a hundred times as slowly, in a cluster that is configured so, is the same story.

What lies between failures, losses and stops grows, and with it the intervals, timeouts, limits and tokens that bound
it; what a recovery itself takes does not.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from stories import at, case, cluster, primitive

THREE = ("node1", "node2", "node3")
SLOWER = pytest.mark.parametrize("times", [1, 10, 100])


def moment(seconds: float) -> str:
    """So many seconds into the story."""
    return f"{at('12:00:00') + timedelta(seconds=seconds):%Y-%m-%d %H:%M:%S.%f}"


def failure(begin: float, every: float, number: int, *, last: bool = False) -> str:
    """A failed monitor of db on node1 and its recovery, on node2 if it is the last one there."""
    reached = "db cannot run on node1 due to reaching migration threshold (clean up resource to allow again)"
    target = "node2" if last else "node1"
    return f"""
    {moment(begin)} node1 db monitor {every:g}s: not running
    {f"{moment(begin + 0.05)} node2 schedulerd warning: {reached}" if last else ""}
    {moment(begin + 0.1)} node2 plan {number}: Recover db ( node1{" -> node2" if last else ""} )
    {moment(begin + 0.3)} node1 db stop in 0.1s: ok
    {moment(begin + 1.5)} {target} db start in 1s: ok
    {moment(begin + 1.6)} node2 done {number}
    {moment(begin + 1.7)} {target} db monitor {every:g}s asked: ok
    """


@SLOWER
@pytest.mark.parametrize(("expires", "labels"), [(900, ["flapping"]), (60, ["service_crash"] * 3)])
def test_failures_up_to_a_threshold(times: int, expires: float, labels: list[str]) -> None:
    every = 5.0 if times == 1 else 10.0 if times == 10 else 15.0  # a rarer monitor would be a cause of its own
    begin = 300 * times
    story = f"{moment(1)} node1 db start in 0.5s: ok\n{moment(2)} node1 db monitor {every:g}s asked: ok\n" + "".join(
        failure(begin + 200 * times * number, every, number + 7, last=number == 2 and expires == 900)
        for number in range(3)
    )
    cib = cluster(
        primitive("db", monitor=every, migration_threshold="3", failure_timeout=f"{expires * times}s"),
    )
    assert case(story, cib=cib).labels == labels


@SLOWER
def test_losses_of_one_node(times: int) -> None:
    story = f"""
    {moment(300 * times)} node1,node2 lose node3
    {moment(360 * times)} node1,node2 see node3
    {moment(960 * times)} node1,node2 lose node3
    {moment(1020 * times)} node1,node2 see node3
    """
    assert case(story, nodes=THREE, dc="node1").labels == ["node_failure", "node_failure"]


@SLOWER
def test_a_pause_of_corosync(times: int) -> None:
    """The token is as long, so that the members agree later, and the one that stalled speaks later still."""
    lost, token = 340.0, 3.0 * times
    story = f"""
    {moment(lost - 1.2 * token)} node1,node2 corosync TOTEM: A processor failed, forming new configuration: token timed out ({token * 1000:.0f}ms), waiting {token * 1200:.0f}ms for consensus.
    {moment(lost)} node1,node2 lose node3
    {moment(lost + 0.4 * token)} node3 corosync MAIN warning: Corosync main process was not scheduled for {3 * token * 1000:.4f} ms (threshold is {0.8 * token * 1000:.4f} ms). Consider token timeout increase.
    {moment(lost + token)} node1,node2 see node3
    """  # noqa: E501
    story = "\n".join(sorted(story.splitlines()))
    conf = f"totem {{\n version: 2\n token: {token * 1000:.0f}\n}}\n"
    one = case(story, nodes=THREE, dc="node1", corosync=conf).only
    assert (one.trigger, one.root_cause) == ("corosync_stall", "corosync_stall")


@SLOWER
def test_a_stop_of_a_node_that_waits_for_its_services(times: int) -> None:
    took = 30 * times
    story = f"""
    {moment(1)} node3 db start in 0.5s: ok
    {moment(300)} node3 controld: Shutting down cluster resource manager | limit={60000 * times}ms
    {moment(300.1)} node1,node2,node3 attrd: Setting shutdown[node3]: (unset) -> {at("12:05:00").timestamp():.0f}
    {moment(300.3)} node1 plan 4: Shutdown node3 | Move db ( node3 -> node1 )
    {moment(300.5 + took)} node3 db stop in {took}s: ok
    {moment(302 + took)} node1 db start in 1.3s: ok
    {moment(303 + took)} node1 done 4
    {moment(304 + took)} node1,node2 lose node3 in order
    """
    cib = cluster(primitive("db", timeout=60 * times), nodes=THREE, shutdown_escalation=f"{60 * times}s")
    assert case(story, nodes=THREE, dc="node1", cib=cib).labels == ["manual_action"]
