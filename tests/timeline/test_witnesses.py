"""The same line in several files is one event; different lines stay different."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from stories import case, read, tell, write

from logtrace.domain.kinds import Kind

STORY = """
12:00:10.200 node1 db monitor 10s: not running
12:00:10.230 node2 plan 7: Recover db ( node1 )
12:00:10.300 node1 Dummy(db) info: db is already stopped
12:00:10.400 node1 db stop in 0.1s: ok
12:00:11.998 node1 db start in 1s: ok
12:00:12.100 node2 done 7
12:00:40.100 node1 lose node2
"""

LINE = "Nov 22 {time} node1 pacemaker-controld  [117] (function) \tnotice: {text} | rc=7"
COPY = "Nov 22 {time} node1 pacemaker-controld[117]:  notice: {text} "
RESULT = "Result of monitor operation for db on node1: not running"


def log(layout: str, *times: str, text: str = RESULT) -> str:
    return "".join(layout.format(time=time, text=text) + "\n" for time in times)


def told(files: dict[str, str]) -> list[tuple[str, int]]:
    """Time and number of witnesses of every event."""
    events = read(files).events
    return [(f"{time:%S.%f}"[:6], number) for time, number in events.select("time", "witnesses").iter_rows()]


@pytest.mark.parametrize("carriers", [("detail", "syslog"), ("detail", "iso")])
def test_a_copy_in_syslog_adds_nothing_but_a_witness(carriers: Sequence[str]) -> None:
    alone, both = case(STORY), case(STORY, carriers=carriers)
    assert both.events["message"].to_list() == alone.events["message"].to_list()
    assert both.events["time"].to_list() == alone.events["time"].to_list()
    assert both.incidents[0].t_recovered == alone.incidents[0].t_recovered
    results = both.events.filter(both.events["kind"] == "op.result")
    assert set(results["witnesses"]) == {2}


def test_the_copy_may_bear_the_next_second() -> None:
    files = {"node1/pacemaker.log": log(LINE, "12:00:10.998"), "node1/messages": log(COPY, "12:00:11")}
    assert [time for time, _ in told(files)] == ["10.998"]


def test_lines_that_come_again_are_counted_one_by_one() -> None:
    files = {
        "node1/pacemaker.log": log(LINE, "12:00:10.100", "12:00:10.700", "12:00:13.000"),
        "node1/messages": log(COPY, "12:00:10", "12:00:10", "12:00:13"),
    }
    assert told(files) == [("10.100", 2), ("10.700", 2), ("13.000", 2)]


def test_copies_of_lines_a_second_apart_that_are_all_late() -> None:
    files = {
        "node1/pacemaker.log": log(LINE, "12:00:10.990", "12:00:11.990"),
        "node1/messages": log(COPY, "12:00:11", "12:00:12"),
    }
    assert [time for time, _ in told(files)] == ["10.990", "11.990"]


def test_a_line_only_syslog_has_is_kept() -> None:
    files = {
        "node1/pacemaker.log": log(LINE, "12:00:10.100"),
        "node1/messages": log(COPY, "12:00:10") + log(COPY, "12:00:20", text="Quorum lost"),
    }
    assert told(files) == [("10.100", 2), ("20.000", 1)]


def test_the_same_words_on_another_node_are_another_event() -> None:
    files = {
        "node1/pacemaker.log": log(LINE, "12:00:10.100", text="Quorum lost"),
        "node2/pacemaker.log": log(LINE.replace("node1", "node2"), "12:00:10.100", text="Quorum lost"),
    }
    assert len(told(files)) == 2


def test_the_same_words_of_another_process_are_another_event() -> None:
    text = "Node node2 state is now lost"
    files = {
        "node1/pacemaker.log": log(LINE, "12:00:10.100", text=text)
        + log(LINE.replace("controld  [117]", "fenced    [113]"), "12:00:10.100", text=text)
    }
    assert len(told(files)) == 2


def test_an_agents_line_in_syslog_comes_from_another_process() -> None:
    files = {
        "node1/pacemaker.log": "Nov 22 12:00:10  apache(web)[1725]:    ERROR: apache not running\n",
        "node1/messages": "Nov 22 12:00:10 node1 apache(web)[1729]: ERROR: apache not running\n",
    }
    assert told(files) == [("10.000", 2)]


def test_one_x_prints_the_function_in_one_carrier_only() -> None:
    text = "Operation db_monitor_5000: not running (node=node1, call=15, rc=7, cib-update=21, confirmed=false)"
    files = {
        "node1/corosync.log": f"Nov 22 12:00:10 [58] node1       crmd:   notice: process_lrm_event:\t{text}\n",
        "node1/messages": f"Nov 22 12:00:10 node1 crmd[58]:   notice: process_lrm_event: {text}\n",
    }
    assert told(files) == [("10.000", 2)]


def test_a_line_cut_by_syslog_is_still_the_same() -> None:
    text = RESULT + " (" + "x" * 300 + ")"
    files = {
        "node1/pacemaker.log": log(LINE, "12:00:10.100", text=text),
        "node1/messages": log(COPY, "12:00:10", text=text[:230]),
    }
    assert told(files) == [("10.100", 2)]


def test_a_merged_copy_at_the_top_of_a_report() -> None:
    alone = case(STORY, carriers=("detail", "syslog"))
    copies = sorted(
        line for path, text in alone.files.items() if path.endswith("messages") for line in text.splitlines()
    )
    merged = read({**alone.files, "ha-log.txt": "\n".join(copies) + "\n"})
    assert merged.events["message"].to_list() == alone.events["message"].to_list()


def test_events_are_numbered_in_order_of_time() -> None:
    events = case(STORY, carriers=("detail", "syslog")).events
    assert events["time"].is_sorted()
    assert events["event"].to_list() == list(range(events.height))


def test_copies_do_not_change_the_order_of_what_several_nodes_say_at_once() -> None:
    """How many files a node has must not decide whose line comes first."""
    line = "Nov 22 12:00:10 {node} pacemaker-controld[50]:  notice: {text}\n"
    files = {
        name: "".join(line.format(node=node, text=text) for text in texts)
        for node, name, texts in (
            ("node1", "a.log", ["Quorum lost"]),
            ("node2", "m.log", ["Quorum lost", "Node node1 state is now lost"]),
            ("node2", "n.log", ["Quorum acquired"]),
            ("node1", "z.log", ["Quorum acquired"]),
        )
    }
    copies = {f"~{path}": text for path, text in files.items()}

    def order(found: dict[str, str]) -> list[tuple[object, ...]]:
        return read(found).events.select("node", "message").rows()

    assert order(files | copies) == order(files)


def test_copies_in_whole_seconds_are_known_whatever_the_clock_is_off() -> None:
    """A stamp of whole seconds holds a second of the clock that wrote it, not of the one that is right."""
    story = """
    12:00:01.000 node2 db start in 0.5s: ok
    12:00:02.000 node1 web start in 0.5s: ok
    12:05:10.000 node1 web monitor 10s: not running
    12:05:10.100 node2 plan 1: Recover web ( node1 )
    12:05:10.400 node1 web stop in 0.1s: ok
    12:05:11.300 node1 web start in 0.8s: ok
    12:05:11.500 node2 done 1
    """
    options = {"carriers": ("detail", "syslog"), "dc": "node2"}
    told = [case(story, skew={"node1": ahead}, **options).timeline.events for ahead in (0.0, 30.002, 30.4, 29.998)]
    assert len({each.height for each in told}) == 1


@pytest.mark.parametrize(
    "more", ["", "Nov 22 12:00:02 node1 corosync[40]:   [MAIN  ] Corosync built-in features: xmlconf\n"]
)
def test_a_copy_may_bear_the_next_second_in_any_log_of_the_node(more: str) -> None:
    """Neither of the two that tell it is the best log of the node, and either may be the better."""
    start = "Corosync Cluster Engine 3.1.7 starting up"
    files = {
        "node1/pacemaker.log": write(tell("12:00:05.000 node1 db start in 0.5s: ok"))["node1/pacemaker.log"],
        "node1/corosync.log": f"Nov 22 12:00:00 [40] node1 corosync notice  [MAIN  ] {start}\n",
        "node1/messages": f"Nov 22 12:00:01 node1 corosync[40]:   [MAIN  ] {start}\n{more}",
    }
    told = read(files).timeline.events.of(Kind.COROSYNC_START)
    assert told.height == 1
