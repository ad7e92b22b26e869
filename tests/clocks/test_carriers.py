"""A log server stamps a node's lines with its own clock, beside the node's own pacemaker.log."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
import pytest
from stories import Line, read, tell, timed, write

STORY = """
12:00:00 node1 plan 1:
12:00:01 node1 db start in 0.2s: ok
12:00:02 node1 app start in 0.2s: ok
12:00:03 node1 web start in 0.2s: ok
12:00:04 node1 done 1
12:00:20 node1 plan 2:
12:00:21 node1 web stop in 0.2s: ok
"""


def served(told: Sequence[Line], seconds: float) -> dict[str, str]:
    """The node's own log, and the copy of a server whose clock is so many seconds ahead."""
    copies = write(told, carriers=("syslog",), skew={"node1": seconds})
    return {**write(told), "messages": copies["node1/messages"]}


@pytest.mark.parametrize("seconds", [0, 90, -47, 3])
def test_copies_with_another_clock_are_the_same_lines(seconds: int) -> None:
    alone = read(write(tell(STORY, nodes=("node1",))))
    both = read(served(tell(STORY, nodes=("node1",)), seconds))
    assert both.events["message"].to_list() == alone.events["message"].to_list()
    assert both.events["time"].to_list() == alone.events["time"].to_list()
    assert set(both.events.filter(pl.col("kind") == "op.result")["witnesses"]) == {2}


def test_the_nodes_own_precise_file_is_the_measure() -> None:
    events, _ = timed(served(tell(STORY, nodes=("node1",)), 90))
    copies = events.filter(~pl.col("precise"))
    exact = events.filter(pl.col("precise")).select("kind", "resource", "operation", own="time")
    joined = copies.filter(pl.col("kind") == "op.result").join(exact, on=["kind", "resource", "operation"])
    assert joined.height == 4
    apart = (joined["time"] - joined["own"]).dt.total_milliseconds().abs()
    assert (apart <= 1000).all()


def test_few_common_lines_prove_nothing() -> None:
    told = tell("12:00:00 node1 controld: Quorum lost\n12:00:01 node1 controld: Quorum acquired", nodes=("node1",))
    events, _ = timed(served(told, 90))
    times = events.filter(pl.col("kind") == "quorum.lost")["time"].dt.truncate("1s").to_list()
    assert (times[1] - times[0]).total_seconds() == 90


def test_a_servers_copy_of_two_nodes_speaks_for_the_common_clock() -> None:
    """Three clocks: node1 is off, node2 and the server agree; so node1 is the one that is put right."""
    told = tell(
        STORY.replace("node1 plan", "node2 plan").replace("node1 done", "node2 done"),
        nodes=("node1", "node2"),
        dc="node2",
    )
    own = write(told, skew={"node1": 60})
    server = "".join(write(told, carriers=("syslog",)).values())
    _, clocks = timed({**own, "messages": server})
    assert round(clocks.by_node["node1"].skew.offset) == 60
    assert round(clocks.by_node["node2"].skew.offset) == 0
