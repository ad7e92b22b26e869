"""Errors that no fault explains are shown as they are printed, and nothing is said to be well beside them."""

from __future__ import annotations

import stories

from logtrace.render import markdown, page, sentences, summary
from logtrace.report.case import Case

STRANGE = "12:00:00.000 node1 attrd error: The frobnicator of node2 is out of order for {} s\n"


def case(story: str) -> Case:
    return stories.case(story).case


def texts(found: Case) -> list[tuple[str, int]]:
    return [(each.text, each.count) for each in found.unexplained]


def test_an_error_in_words_nobody_knows_is_shown() -> None:
    told = case(STRANGE.format(3) + STRANGE.format(4).replace(":00.000", ":02.000"))
    assert not told.incidents
    assert texts(told) == [
        ("pacemaker-attrd: The frobnicator of node2 is out of order for 3 s", 2),
    ]
    assert told.unexplained[0].evidence.endswith(":1")
    for output in (summary.render(told).plain, markdown.render(told), page.render(told, light=True)):
        assert "frobnicator" in output
    assert "Nothing happened" not in sentences.verdict(told)


def test_an_error_of_an_incident_is_explained_by_it() -> None:
    told = case(
        "12:00:00.000 node1 db start in 1s: ok\n"
        "12:00:09.000 node1 mysql(db) error: cannot connect\n"
        "12:00:10.000 node1 db monitor 10s: not running\n"
        "12:00:30.500 node2 attrd error: Something else went wrong elsewhere\n"
    )
    assert len(told.incidents) == 1
    assert [text for text, _ in texts(told)] == ["pacemaker-attrd: Something else went wrong elsewhere"]


def test_what_is_no_error_is_not_shown() -> None:
    assert not texts(
        case("12:00:00.000 node1 attrd notice: The frobnicator is well\n12:00:00.000 node1 db start: ok\n")
    )
