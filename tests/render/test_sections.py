"""The sections of a report: each declared in a file, all of them in page, contents, Markdown and summary."""

from __future__ import annotations

import pkgutil
import re

from builders import busy
from cases import CASCADE, FINDING, NOTE, case
from lxml import html
from msgspec.structs import replace

from logtrace.data import folder
from logtrace.render import markdown, page, summary
from logtrace.render import sections as package
from logtrace.render.section import sections
from logtrace.report.case import IncidentKind
from logtrace.report.parts import parts


def test_every_module_declares_a_section_with_a_template() -> None:
    modules = {each.name for each in pkgutil.iter_modules(package.__path__)}
    assert len(sections()) == len(modules)
    anchors = [each.anchor for each in sections()]
    assert len(set(anchors)) == len(anchors)
    for place, each in enumerate(sections()):
        assert (folder("reports") / "sections" / each.template).is_file()
        assert each.after in {"", *anchors[:place]}


def test_page_and_contents_have_the_same_sections_in_one_order() -> None:
    root = html.fromstring(page.render(replace(busy(), quiet=(NOTE,)), light=True))
    shown = [each.get("id") for each in root.xpath("//main/section")]
    linked = [each.get("href").removeprefix("#") for each in root.xpath("//nav//li/a")]
    assert shown == linked
    framed = [each.anchor for each in sections() if each.framed and not each.leads and each.anchor in shown]
    assert [name for name in shown if name in framed] == framed
    leading = [each.anchor for each in sections() if each.leads]
    assert root.xpath("//header/section/@id") == leading == ["verdict"]


def test_ticket_and_summary_follow_the_order_of_the_page() -> None:
    told = case(CASCADE, quiet=(NOTE,), findings=(FINDING,))
    for text in (markdown.render(told), summary.render(told).plain):
        places = [re.search(each, text, re.IGNORECASE) for each in ("group cascade", "not an incident", "weakness")]
        assert all(places)
        starts = [each.start() for each in places if each]
        assert starts == sorted(starts)


def test_a_move_by_the_clusters_own_rules_is_told_apart() -> None:
    moved = replace(CASCADE, kind=IncidentKind.POLICY, outage=1.2, outage_max=1.2)
    told = case(moved)
    assert "No faults found. 1 move by the cluster's own rules, 1.2 s of outage." in summary.render(told).plain
    assert "move by the cluster" in page.render(told, light=True)
    assert "What happened" not in markdown.render(told)


def test_every_part_of_a_window_is_a_field_of_the_case() -> None:
    fields = [each.field for each in parts()]
    assert sorted(fields) == ["quiet", "statistics", "unexplained"]
    assert set(fields) <= set(type(case()).__struct_fields__)


def test_nodes_that_find_no_place_on_the_strip_are_counted() -> None:
    made = case(CASCADE)
    node = made.cluster.nodes[0]
    nodes = tuple(replace(node, name=f"n{number}") for number in range(70))
    shown = page.render(replace(made, cluster=replace(made.cluster, nodes=nodes)), light=True)
    assert "(60 of 70 nodes)" in shown
