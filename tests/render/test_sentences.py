"""What is said of a case as a whole: how it went, and of clocks that were off."""

from __future__ import annotations

import pytest
from cases import CASCADE, COURSE, PLANNED, SKIPPED, at, case
from msgspec.structs import replace

from logtrace.intake.evidence import Skipped
from logtrace.render import document, markdown, page, sentences, show, summary, words
from logtrace.report.case import ClockReading, Node

STEADY = (ClockReading(at("16:46:48"), 3.04, 0.01), ClockReading(at("16:48:11"), 3.04, 0.012))


def node(*course: ClockReading) -> Node:
    error = min((each.error for each in course), default=None)
    return replace(case().cluster.nodes[0], clock_course=course, clock_offset_error=error)


@pytest.mark.parametrize(
    ("course", "said"),
    [
        (STEADY, "-3.0 s"),
        (COURSE, "-1.2 to 0 s"),
        ([replace(each, offset=-each.offset) for each in COURSE], "0 to +1.2 s"),
    ],
)
def test_the_correction_is_one_number_unless_it_changed(course: list[ClockReading], said: str) -> None:
    assert sentences.correction(node(*course)) == said


def test_that_a_clock_is_known_less_well_elsewhere_is_said_where_it_matters() -> None:
    assert sentences.uncertainty(node(*STEADY)) is None
    assert sentences.uncertainty(node()) is None
    assert sentences.uncertainty(node(*COURSE)) == "± 0.3 s at 16:46:48 if nothing kept it"


def test_only_clocks_a_second_off_are_in_the_header_and_three_by_name() -> None:
    made = case()
    nodes = tuple(replace(node(*STEADY), name=f"node{number}") for number in range(5))
    header = sentences.header(replace(made, cluster=replace(made.cluster, nodes=nodes)))
    assert [piece for piece in header if "clock" in piece] == [
        *(f"clock of node{number} corrected by -3.0 s" for number in range(3)),
        "2 more clocks corrected",
    ]
    right = tuple(replace(each, clock_course=(replace(STEADY[0], offset=0.9),)) for each in nodes)
    header = sentences.header(replace(made, cluster=replace(made.cluster, nodes=right)))
    assert not any("clock" in piece for piece in header)


def test_that_nothing_else_happened_is_said_only_of_what_was_read_in_full() -> None:
    made = case()
    pipe = Skipped("crm_report/osp-b/pacemaker.log", "a device, pipe or other special file is not read", lost=False)

    def verdict(*skipped: Skipped) -> str:
        return sentences.verdict(replace(made, coverage=replace(made.coverage, skipped=skipped)))

    assert verdict(pipe) == "No faults found."
    assert (
        verdict(pipe, SKIPPED) == "No fault in what was read. More may have happened: part of the input is damaged or "
        "could not be read."
    )
    assert (
        sentences.verdict(replace(made, coverage=replace(made.coverage, excerpt=True))) == "No fault in what was read."
    )
    known = replace(made, incidents=(CASCADE,))
    assert sentences.verdict(known).endswith("20.8 s of outage. No other faults found.")
    missing = replace(known, coverage=replace(made.coverage, missing_nodes=("osp-b",)))
    assert sentences.verdict(missing).endswith("20.8 s of outage.")


def test_a_year_or_a_zone_that_nothing_proves_is_marked_where_times_stand() -> None:
    made = case(CASCADE)
    guessed = replace(made.window, year_source="assumed: the current year", zone_source="assumed: UTC")
    assert sentences.utc(made.window) == "UTC"
    assert sentences.utc(replace(made.window, year_source="time of pasted.log")) == "UTC, year assumed"
    assert sentences.utc(guessed) == "UTC, year and zone assumed"
    told = replace(made, window=guessed)
    for shown in (summary.render(told).plain, markdown.render(told), show.render(told, CASCADE).plain):
        assert "UTC, year and zone assumed" in " ".join(shown.split())
    shown = page.render(told, light=True)
    assert shown.count("UTC, year and zone assumed") > 8
    assert "(UTC)" not in shown


def test_what_the_phases_and_the_outage_have_to_do_with_each_other_is_said_where_they_differ() -> None:
    whole = sum(phase.seconds for phase in CASCADE.phases)
    assert sentences.served(CASCADE) is None
    assert sentences.served(replace(CASCADE, outage=whole + 100, recovered=False)) is None
    assert sentences.served(replace(CASCADE, outage=None)) is None
    assert sentences.served(replace(CASCADE, outage=4.2)) == "4.2 s of these 18.6 s without service"
    assert sentences.served(replace(CASCADE, outage=0.0)) == "service ran on for all of these 18.6 s"
    assert sentences.served(replace(PLANNED, outage=4.2)) is None
    stalled = replace(CASCADE, outage=4.2)
    assert "4.2 s of these 18.6 s without service" in summary.render(case(stalled)).plain
    assert "4.2 s of these 18.6 s without service" in show.render(case(stalled), stalled).plain
    assert "; 4.2 s of these 18.6 s without service." in markdown.render(case(stalled))
    assert "4.2 s of these 18.6 s without service." in page.render(case(stalled), light=True)


def test_times_of_lines_with_whole_seconds_are_shown_without_fractions() -> None:
    whole = at("16:47:48")
    assert (words.clock(whole), words.clock(whole, precise=False)) == ("16:47:48.000", "16:47:48")
    line = replace(CASCADE.evidence[0], id="e9", time=whole, precise=False)
    runs = tuple(replace(each, start=whole, precise=False) for each in CASCADE.operations[:1])
    rough = replace(CASCADE, evidence=(*CASCADE.evidence, line), operations=runs, t_detected=whole)
    exactly = rough.exactly()
    assert not exactly(whole)
    assert exactly(CASCADE.evidence[0].time)
    alone = replace(rough, evidence=(line,), operations=())
    assert not alone.exactly()(at("16:47:49"))
    for shown in (show.render(case(rough), rough, width=120).plain, page.render(case(rough), light=True)):
        assert "16:47:48" in shown
        assert "16:47:48.000" not in shown
        assert "16:47:48.110" in shown
    assert '"2022-11-22T16:47:48.000Z"' in document.render(case(rough))
