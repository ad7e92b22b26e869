"""Clocks that drift, or are set while the cluster runs, are followed; what is not known of them is in their error."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stories import at, tell, timed, write

from logtrace.clocks import Clocks
from logtrace.clocks.course import Course
from logtrace.clocks.phases import phases
from logtrace.clocks.skew import estimate
from logtrace.events.store import Events

NODES = ("node1", "node2", "node3")
HOURS = range(8, 20)

#: Every hour the DC on node3 has both others work for a few seconds.
STORY = "".join(
    f"{hour:02}:00:00 node3 plan {hour}:\n"
    + "".join(
        f"{hour:02}:00:{second:02}.{node}00 node{node} {resource}{hour} start in 0.2s: ok\n"
        for second, resource in enumerate(("db", "app", "web", "mail"), 1)
        for node in (1, 2)
    )
    for hour in HOURS
)
TOLD = tell(STORY, nodes=NODES)
#: Lines that are written once tell where they belong.
TRUE = pl.DataFrame(
    [(line.node, line.message, line.time) for line in TOLD], schema=["node", "message", "true"], orient="row"
).unique(["node", "message"], keep="none")

Ahead = Callable[[datetime], float]


def since(hour: float, seconds: float) -> Ahead:
    """A clock that was set by so many seconds."""
    moment = at("00:00:00") + timedelta(hours=hour)
    return lambda time: seconds if time >= moment else 0.0


def gaining(rate: float) -> Ahead:
    return lambda time: rate * (time - at("12:00:00")).total_seconds()


def course(clocks: Clocks, node: str) -> Course:
    found = clocks.by_node[node].skew.course
    assert found is not None
    return found


def off(skew: Mapping[str, float | Ahead], **more: str) -> tuple[pl.DataFrame, Clocks]:
    """Lines of a story on clocks like these, with `late`: seconds by which the time found for them is too late."""
    files = write(TOLD, skew=skew)
    for path, text in more.items():
        files[path.replace("_", "/")] = text
    events, clocks = timed(files, timezone="UTC")
    events = events.join(TRUE, on=["node", "message"], how="inner", maintain_order="left")
    return events.with_columns(late=(pl.col("time") - pl.col("true")).dt.total_microseconds() / 1e6), clocks


def within_error(events: pl.DataFrame, clocks: Clocks) -> bool:
    """Is every line where it was written, as far as its node's clock is said to be known?"""
    for (node,), lines in events.group_by("node"):
        known = course(clocks, str(node))
        for time, late in lines.select("time", "late").iter_rows():
            if abs(late) > known.reading(time.timestamp()).error + 0.3:  # what is taken as none
                return False
    return events.height > 50


@pytest.mark.parametrize("rate", [1e-4, -1e-4, 5e-4, -2e-3])
def test_a_clock_that_drifts_is_followed(rate: float) -> None:
    events, clocks = off({"node2": gaining(rate)})
    late = events.filter(pl.col("node") == "node2")["late"]
    assert late.abs().max() < 0.35  # type: ignore[operator]
    first, last = (course(clocks, "node2").reading(at(f"{hour}:00:03").timestamp()) for hour in ("08", "19"))
    assert last.offset - first.offset == pytest.approx(rate * 11 * 3600, abs=0.5)
    assert within_error(events, clocks)
    assert course(clocks, "node1").constant


@pytest.mark.parametrize("seconds", [6.0, -6.0, 1.0, -40.0])
def test_a_clock_that_is_set_is_right_before_and_after(seconds: float) -> None:
    events, clocks = off({"node2": since(14.5, seconds)})
    assert events["late"].abs().max() < 0.3  # type: ignore[operator]
    assert within_error(events, clocks)
    assert course(clocks, "node2").reading(at("13:00:03").timestamp()).offset == 0.0
    assert clocks.by_node["node2"].skew.offset == pytest.approx(seconds, abs=0.3)


def test_in_between_the_error_is_that_of_not_knowing_when() -> None:
    _, clocks = off({"node2": since(14.5, 6.0)})
    between = course(clocks, "node2").reading(at("14:30:00").timestamp())
    assert between.error + 0.1 >= 3
    assert course(clocks, "node2").reading(at("14:00:03").timestamp()).error < 0.5


def test_a_time_daemon_that_tells_places_the_step() -> None:
    chrony = "Nov 22 14:20:06 node2 chronyd[7]: System clock was stepped by 6.000000 seconds\n"
    _, clocks = off({"node2": since(14 + 1 / 3, 6.0)}, node2_messages=chrony)
    known = course(clocks, "node2")
    before, after = (known.reading(at(time).timestamp()) for time in ("14:19:58", "14:20:02"))
    assert (before.offset, round(after.offset)) == (0.0, 6)
    assert max(before.error, after.error) < 1


def test_lines_that_step_back_place_the_step() -> None:
    """The clock shows the same minutes twice; where its log steps back, the lines belong to the second time."""
    set_back = at("14:00:02")
    events, clocks = off({"node2": lambda time: -600.0 if time >= set_back else 0.0})
    assert events["late"].abs().max() < 0.3  # type: ignore[operator]
    assert course(clocks, "node2").reading(at("14:00:01").timestamp()).offset == 0.0


#: The DC is node2; while nothing happens its clock is set back, and then it works with node3 only. What node1 and node3
#: log at once goes on, and what node2 shows is nearly where it had been.
IDLE = """
12:00:00 node2 plan 1:
12:00:01 node1 db start in 0.2s: ok
12:00:02 node3 app start in 0.2s: ok
12:00:03 node1 web start in 0.2s: ok
12:00:04 node3 mail start in 0.2s: ok
12:00:05 node1,node2,node3 attrd: Setting one[node1]: (unset) -> 1 | from node1
12:00:05.3 node2 done 1
12:00:40.1 node1,node3 attrd: Setting two[node1]: (unset) -> 1 | from node1
12:00:40.1 node2 plan 2:
12:00:40.2 node3 ftp start in 0.2s: ok
12:00:41 node3 key start in 0.2s: ok
12:00:42 node3 ntp start in 0.2s: ok
12:00:42.5 node2 done 2
12:00:43 node1,node3 attrd: Setting three[node1]: (unset) -> 1 | from node1
"""


@pytest.mark.parametrize("seconds", [-35.0, -300.0, 35.0])
def test_a_clock_set_while_nothing_happens_is_not_its_neighbours(seconds: float) -> None:
    told = tell(IDLE, nodes=NODES)
    set_at = at("12:00:20")
    files = write(told, skew={"node2": lambda time: seconds if time >= set_at else 0.0})
    events, clocks = timed(files, timezone="UTC")
    assert course(clocks, "node1").constant
    assert course(clocks, "node3").constant
    true = pl.DataFrame([(line.node, line.message, line.time) for line in told], schema=TRUE.columns, orient="row")
    lines = events.join(true.unique(["node", "message"], keep="none"), on=["node", "message"])
    assert lines.height > 20
    assert (lines["time"] - lines["true"]).dt.total_microseconds().abs().max() < 0.3e6  # type: ignore[operator]
    (found,) = clocks.settings
    assert (found.node, found.other) == ("node2", None)
    assert found.seconds == pytest.approx(seconds, abs=0.3)
    assert at("12:00:04") < found.since < set_at < found.until < at("12:00:41")


@settings(max_examples=10)
@given(
    hour=st.floats(9.1, 18.9),
    seconds=st.floats(-100, 100),
    start=st.floats(-200, 200),
    rate=st.floats(-3e-4, 3e-4),
    node=st.sampled_from(NODES),
)
def test_a_clock_is_told_as_set_if_it_was_by_more_than_is_slewed(
    hour: float, seconds: float, start: float, rate: float, node: str
) -> None:
    drifts, steps = gaining(rate), since(hour, seconds)
    _, clocks = off({node: lambda time: start + drifts(time) + steps(time)})
    told = [(found.node, found.seconds) for found in clocks.settings]
    if abs(seconds) < 0.9:
        assert told == []
    assert len(told) <= 1
    if told:
        assert told[0][0] == node
        assert told[0][1] == pytest.approx(seconds, abs=0.6 + abs(rate) * 3600)
    if abs(seconds) > 20 and abs(rate) < 1e-5:
        assert told


def test_of_three_clocks_the_one_that_was_set_is_the_one_corrected() -> None:
    """Also if it is that of the DC, whom all others are compared with."""
    events, clocks = off({"node3": since(14.5, 30.0)})
    assert course(clocks, "node1").reading(at("18:00:03").timestamp()).offset == pytest.approx(0, abs=0.3)
    assert course(clocks, "node3").reading(at("18:00:03").timestamp()).offset == pytest.approx(30, abs=0.3)
    assert events["late"].abs().max() < 0.3  # type: ignore[operator]


def test_two_pairs_that_are_none_prove_no_step() -> None:
    events, _ = off({})
    shifted = events.with_columns(
        time=pl.when((pl.col("node") == "node2") & (pl.col("resource") == "db14"))
        .then(pl.col("time") + timedelta(seconds=30))
        .otherwise(pl.col("time"))
    )
    skews = estimate(Events.of_frame(shifted), {}).values()
    assert {skew.offset for skew in skews} == {0.0}
    assert all(skew.course is None or skew.course.constant for skew in skews)


def test_a_pair_that_is_none_moves_no_clock_halfway_towards_it() -> None:
    """Where whole seconds leave no offset exactly at nothing, the bounds that agree decide and not the middle."""
    low = [-1.0, -1.0, -1.0, 480.0, -1.0]
    high = [0.9, 0.8, 0.9, None, 0.9]
    (phase,) = phases(pl.DataFrame({"at": [0.0, 1.0, 2.0, 3.0, 4.0], "low": low, "high": high}))
    assert phase.first.offset == 0.0
    assert phase.first.error < 2


def test_the_further_from_what_bounds_it_the_less_a_clock_is_known() -> None:
    _, clocks = timed(write(tell("\n".join(STORY.splitlines()[:9]), nodes=NODES)), timezone="UTC")
    known = course(clocks, "node2")
    errors = [known.reading(at(time).timestamp()).error for time in ("08:00:03", "09:00:00", "18:00:00")]
    assert errors == sorted(errors)
    assert errors[1] - errors[0] == pytest.approx(0.36, abs=0.1)
    assert errors[2] - errors[0] == pytest.approx(3.6, abs=0.5)


def test_bounds_that_contradict_each_other_all_the_time_are_no_clocks() -> None:
    """They pair what is no pair; whatever is in a log, looking at it ends soon."""
    low = [10.0 * (number // 3 % 2) for number in range(6000)]
    rows = pl.DataFrame({"at": [float(number) for number in range(6000)], "low": low, "high": low})
    (phase,) = phases(rows)
    assert phase.first.offset == phase.last.offset
    assert phase.first.error >= 5


@settings(max_examples=15)
@given(
    hour=st.floats(9.1, 18.9),
    seconds=st.floats(-100, 100),
    start=st.floats(-5, 5),
    rate=st.floats(-3e-4, 3e-4),
    node=st.sampled_from(["node1", "node2"]),
)
def test_whatever_a_clock_did_its_lines_are_where_they_were_written(
    hour: float, seconds: float, start: float, rate: float, node: str
) -> None:
    drifts, steps = gaining(rate), since(hour, seconds)
    events, clocks = off({node: lambda time: start + drifts(time) + steps(time)})
    others = events.filter(pl.col("node") != node)
    assert others["late"].abs().max() < 0.3  # type: ignore[operator]
    assert within_error(events, clocks)
