"""Lines that the page names outside the sections of incidents."""

from __future__ import annotations

from builders import busy
from cases import FINDING, NOTE, at, case
from msgspec.structs import replace
from test_page import parsed, words_of

from logtrace.render.page import render
from logtrace.report.case import Complaint

ELSEWHERE = "osp-b/messages:7"


def test_what_an_incident_shows_is_linked_and_the_rest_is_marked_as_a_place() -> None:
    incident = busy().incidents[0]
    line = incident.evidence[0]
    held = f"{line.file}:{line.line}"
    finding = replace(FINDING, evidence=("osp-a/cib.xml", held, ELSEWHERE))
    complaint = Complaint("out of cheese", "osp-b", 3, at("16:47:00"), at("16:48:00"), ELSEWHERE)
    this = case(incident, findings=(finding,), quiet=(replace(NOTE, evidence=held),), unexplained=(complaint,))
    root = parsed(render(this, light=True))
    for section, linked, marked in (
        ("configuration", [held], ["osp-a/cib.xml", ELSEWHERE]),
        ("quiet", [held], []),
        ("unexplained", [], [ELSEWHERE]),
    ):
        found = root.get_element_by_id(section)
        links = found.xpath(".//a[@class='where']")
        assert [each.text for each in links] == linked
        assert [each.text for each in found.xpath(".//span[@class='where']")] == marked
        for each in links:
            row = root.get_element_by_id(each.get("href")[1:])
            assert line.text in words_of(row)
            assert f":{line.line}" in words_of(row)


def test_places_of_a_finding_are_counted_beyond_the_first() -> None:
    finding = replace(FINDING, evidence=tuple(f"a/messages:{number}" for number in range(1, 12)))
    section = parsed(render(case(findings=(finding,)), light=True)).get_element_by_id("configuration")
    assert words_of(section).endswith("a/messages:7, a/messages:8 and 3 more")
