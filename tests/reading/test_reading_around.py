"""What stands around lines is the same however the lines came, and what a glance at all of them in order would show."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stories import at

from logtrace.errors import UsageError
from logtrace.reading import copies, lines, search
from logtrace.reading.around import Reach, around

START = at("12:00:00")


def frame(*rows: tuple[int, float, str], firm: bool = True, node: str = "n1", precise: bool = True) -> pl.DataFrame:
    """Lines (file, seconds, message); their numbers count within each file."""
    counts: dict[int, int] = {}
    told = []
    for file, seconds, message in rows:
        counts[file] = counts.get(file, 0) + 1
        time = START + timedelta(seconds=seconds)
        told.append((file, counts[file], counts[file], time, time, precise, firm, node, "d", 1, "info", message))
    return pl.DataFrame(told, schema=lines.COLUMNS, orient="row")


def cut(whole: pl.DataFrame, places: list[int]) -> list[pl.DataFrame]:
    """The lines in pieces, file by file, as they are read."""
    bounds = [0, *sorted(places), whole.height]
    return [whole.slice(start, end - start) for start, end in pairwise(bounds) if end > start]


def by_hand(whole: pl.DataFrame, asked: set[int], before: int, after: int) -> list[str]:
    """Messages of lines near those whose places in the merged order are `asked`."""
    order = whole.sort(lines.ORDER)["message"].to_list()
    near = {each for place in asked for each in range(place - before, place + after + 1)}
    return [message for place, message in enumerate(order) if place in near]


LINES = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 30)), min_size=1, max_size=40)


@given(LINES, st.data())
def test_the_lines_around_are_those_of_the_merged_order(told: list[tuple[int, int]], data: st.DataObject) -> None:
    rows = [(file, float(seconds), f"m{number}") for number, (file, seconds) in enumerate(told)]
    whole = frame(*sorted(rows, key=lambda row: row[0]))
    order = whole.sort(lines.ORDER)
    asked = data.draw(st.sets(st.integers(0, len(rows) - 1), min_size=1, max_size=4))
    before, after = data.draw(st.integers(0, 4)), data.draw(st.integers(0, 4))
    pieces = cut(whole, data.draw(st.lists(st.integers(0, len(rows)), max_size=5)))
    found = around(lambda: iter(pieces), order[sorted(asked)], Reach(before, after, None, 1000))
    expected = by_hand(whole, asked, before, after)
    assert found["message"].to_list() == expected
    assert set(found.filter("asked")["message"]) == {order["message"][place] for place in asked}
    if before or after:
        places = {message: place for place, message in enumerate(order["message"])}
        shown = [places[message] for message in expected]
        gaps = [number > 0 and place != shown[number - 1] + 1 for number, place in enumerate(shown)]
        assert found["gap"].to_list()[1:] == gaps[1:]


@given(LINES, st.data())
def test_the_lines_near_in_time_are_all_there(told: list[tuple[int, int]], data: st.DataObject) -> None:
    rows = [(file, float(seconds), f"m{number}") for number, (file, seconds) in enumerate(told)]
    whole = frame(*sorted(rows, key=lambda row: row[0]))
    order = whole.sort(lines.ORDER)
    asked = sorted(data.draw(st.sets(st.integers(0, len(rows) - 1), min_size=1, max_size=4)))
    seconds = data.draw(st.sampled_from([0.5, 1.0, 5.0]))
    pieces = cut(whole, data.draw(st.lists(st.integers(0, len(rows)), max_size=5)))
    found = around(lambda: iter(pieces), order[asked], Reach(0, 0, seconds, 1000))
    moments = order["time"][asked].to_list()
    near = [any(abs((time - each).total_seconds()) <= seconds for each in moments) for time in order["time"]]
    assert found["message"].to_list() == order.filter(pl.Series(near))["message"].to_list()


def test_no_more_are_held_than_are_shown_and_the_nearest_stay() -> None:
    whole = frame(*((0, number * 0.1, f"m{number}") for number in range(100)))
    found = around(lambda: iter(cut(whole, [10, 50])), whole[[50]], Reach(0, 0, 9.0, 5))
    assert found["message"].to_list() == ["m48", "m49", "m50", "m51", "m52"]


def test_a_copy_in_a_log_of_whole_seconds_is_left_out_even_where_its_line_is_not_shown() -> None:
    exact = frame((0, 10.2, "a"), (0, 10.5, "b"), (0, 10.7, "c"), (0, 10.9, "d"))
    syslog = frame((1, 10.0, "a"), (1, 10.0, "c"), (1, 10.0, "kernel"), (1, 11.0, "d"), firm=False, precise=False)
    for pieces in ([exact, syslog], [syslog, exact]):
        found = around(lambda pieces=pieces: iter(pieces), exact[[1]], Reach(2, 0, None, 100))  # type: ignore[misc]
        assert found["message"].to_list() == ["kernel", "a", "b"]


def test_a_line_in_several_logs_is_found_once_and_the_best_is_kept() -> None:
    exact = frame((0, 10.2, "a"), (0, 10.9, "a"), (0, 10.95, "b"))
    syslog = frame((1, 10.0, "a"), (1, 10.0, "a"), (1, 10.0, "a"), (1, 11.0, "b"), firm=False, precise=False)
    left = copies.once(pl.concat([exact, syslog]).sort(lines.ORDER))
    assert [(file, message) for file, message in left.select("file", "message").iter_rows()] == [
        (1, "a"),  # the third in that second, which the other log does not have
        (0, "a"),
        (0, "a"),
        (0, "b"),
    ]


def test_another_process_or_node_is_another_line() -> None:
    one = frame((0, 10.2, "a"))
    other = frame((1, 10.2, "a"))
    assert copies.once(pl.concat([one, other])).height == 1
    assert copies.once(pl.concat([one, other.with_columns(pid=pl.lit(2, pl.Int64))])).height == 2
    assert copies.once(pl.concat([one, other.with_columns(node=pl.lit("n2"))])).height == 2


def test_only_what_is_asked_for_is_found_and_the_first_are_kept() -> None:
    whole = frame(*((0, float(number), f"m{number}") for number in range(9)))
    bad = whole.with_columns(level=pl.Series(["error", "warning", None, "info", "crit"] * 2)[:9])
    wanted = search.Wanted(pattern="^d: m[0-7]$", level="warning", since=START + timedelta(seconds=1))
    found = search.asked(cut(bad, [4]), wanted, 2)
    assert found.lines["message"].to_list() == ["m1", "m4"]
    assert (found.number, found.more) == (4, True)
    assert search.asked(cut(bad, [4]), search.Wanted(daemons=("x*",)), 2).number == 0
    assert search.asked(cut(bad, [4]), search.Wanted(nodes=("n?",), daemons=("d",)), 20).number == 9


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("(a", "unclosed group"),
        ("a(?=b)", "look-around, including look-ahead and look-behind, is not supported"),
        (r"(a)\1", "backreferences are not supported"),
        ("x{1000}{1000}{1000}", "Compiled regex exceeds size limit of 10485760 bytes."),
    ],
)
def test_what_needs_more_than_linear_time_is_refused(pattern: str, why: str) -> None:
    with pytest.raises(UsageError) as told:
        search.expression(pattern)
    assert str(told.value) == f"PATTERN: no regular expression: {pattern!r} ({why}); add -F to look for plain text"


def test_plain_text_and_case() -> None:
    texts = pl.Series(["a.b", "A.B", "axb"])
    found = {
        (fixed, either): texts.str.contains(search.expression("a.b", fixed=fixed, ignore_case=either)).to_list()
        for fixed in (False, True)
        for either in (False, True)
    }
    assert found == {
        (False, False): [True, False, True],
        (False, True): [True, True, True],
        (True, False): [True, False, False],
        (True, True): [True, True, False],
    }
