"""The first screen of the page, and the order of what follows."""

from __future__ import annotations

from datetime import timedelta

from builders import MEMBERS, busy, cascade, crash, empty, planned, recognised
from cases import NOTE, SPURIOUS, at, case
from lxml import html
from msgspec.structs import replace
from test_page import parsed, words_of

from logtrace.config.model import ClusterConfig, Group, Primitive
from logtrace.domain.advice import Advice
from logtrace.render.page import render
from logtrace.report.case import IncidentKind


def cards(root: html.HtmlElement) -> list[html.HtmlElement]:
    found: list[html.HtmlElement] = root.xpath("//header//article")
    return found


def test_a_card_tells_what_happened_how_long_where_the_time_went_and_what_to_do() -> None:
    advice = (
        Advice("a", "Look into `coredumpctl list` first", saves=12.6),
        Advice("b", "Monitor it every 5 s instead of 10 s", saves=2.0),
    )
    (card,) = cards(parsed(render(case(replace(cascade(), advice=advice)), light=True)))
    assert words_of(card.xpath(".//h2")[0]) == cascade().title
    assert words_of(card.xpath(".//p[@class='range']/b")[0]) == "21.4 to 23.6 s"
    assert words_of(card.xpath(".//p[@class='range']/span")[0]) == "without service; proven: 21.4 s"
    assert [each.get("title").split()[0] for each in card.xpath(".//ol/li")] == [
        "detection",
        "decision",
        "stop",
        "start",
    ]
    first, second = (" ".join(each.itertext()).split() for each in card.xpath(".//p[@class='fix']"))
    assert " ".join(first) == "Best fix. Look into coredumpctl list first saves about 13 s"
    assert " ".join(second) == "then: Monitor it every 5 s instead of 10 s saves about 2 s"
    assert card.xpath(".//code")[0].text == "coredumpctl list"
    assert card.xpath(".//a[@class='button']/@href") == ["#i1"]


def test_a_change_that_saves_nothing_known_is_the_next_step() -> None:
    (card,) = cards(parsed(render(case(replace(crash(), advice=(Advice("a", "Find out why"),))), light=True)))
    assert words_of(card.xpath(".//p[@class='fix']")[0]) == "Next step. Find out why"


def test_three_have_a_card_and_the_rest_is_named() -> None:
    many = case(*(replace(crash(), id=f"i{n}", outage=float(n), outage_max=float(n)) for n in range(1, 9)))
    root = parsed(render(many, light=True))
    assert [each.get("data-for") for each in cards(root)] == ["i8", "i7", "i6"]
    more = root.xpath("//header//p[@class='more']")[0]
    assert words_of(more).startswith("and 5 more: i5 service crash")
    assert more.xpath("./a/@href") == ["#i5", "#i4", "#i3", "#i2", "#i1"]
    assert not words_of(more).endswith("…")
    crowd = case(*(replace(crash(), id=f"i{n}", outage=float(n), outage_max=float(n)) for n in range(1, 21)))
    (more,) = parsed(render(crowd, light=True)).xpath("//header//p[@class='more']")
    assert words_of(more).startswith("and 17 more: i17 service crash")
    assert words_of(more).endswith("i10 service crash, …")
    few = parsed(render(case(crash()), light=True))
    assert few.xpath("//header//p[@class='more']") == []


def test_where_nothing_went_wrong_that_is_what_is_said_and_how_much_was_read() -> None:
    root = parsed(render(case(planned()), light=True))
    assert cards(root) == []
    assert "1 operator action." in words_of(root.xpath("//p[contains(@class, 'verdict')]")[0])
    assert "were read" in words_of(root.xpath("//header")[0])
    assert "No fault in what was read." in words_of(parsed(render(empty(), light=True)).xpath("//header")[0])


def test_faults_come_by_severity_then_moves_then_operators_then_what_is_none() -> None:
    moved = replace(crash(), id="i1", kind=IncidentKind.POLICY)
    mild, grave = replace(crash(), id="i3"), replace(crash(), id="i4", outage=99.0, outage_max=99.0)
    this = case(moved, replace(planned(), id="i2"), mild, grave, replace(SPURIOUS, id="i5"), quiet=(NOTE,))
    root = parsed(render(this, light=True))
    assert root.xpath("//main/section/@id")[:7] == ["window", "i4", "i3", "i5", "i1", "actions", "quiet"]
    assert root.xpath("//section[@id='actions']//section/@id") == ["i2"]


def test_a_rolling_restart_is_one_line() -> None:
    stops = [
        replace(planned(), id=f"i{n}", title=f"Orderly stop of Pacemaker on {node}.", nodes=(node,),
                t_acted=at("16:50:00") + timedelta(minutes=n))
        for n, node in enumerate(("osp-a", "osp-b", "osp-c"), 1)
    ]  # fmt: skip
    root = parsed(render(case(*stops), light=True))
    (line,) = root.xpath("//section[@id='actions']/ul/li")
    text = words_of(line.xpath("./details/summary")[0])
    assert "i1 to i3" in text
    assert "Orderly stop of Pacemaker on osp-a, osp-b and osp-c, one after another." in text
    assert line.xpath(".//section/@id") == ["i1", "i2", "i3"]


def test_many_resources_are_folded_under_what_holds_them() -> None:
    primitives = {each: Primitive(each, "ocf", "x", "y", parents=("g_all",)) for each in MEMBERS}
    config = ClusterConfig(primitives=primitives, groups={"g_all": Group("g_all", MEMBERS)})
    incident = parsed(render(replace(case(cascade()), config=config), light=True)).get_element_by_id("i1")
    (fold,) = incident.xpath("./div[@class='concerns']/details")
    number = len(cascade().resources)
    assert words_of(fold.xpath("./summary")[0]) == f"{number} resources in group g_all"
    apart = replace(config, primitives=primitives | {MEMBERS[-1]: Primitive(MEMBERS[-1], "ocf", "x", "y")})
    incident = parsed(render(replace(case(cascade()), config=apart), light=True)).get_element_by_id("i1")
    assert words_of(incident.xpath("./div[@class='concerns']/details/summary")[0]) == f"{number} resources"


def test_within_an_incident_the_change_comes_before_its_reasons() -> None:
    incident = parsed(render(busy(), light=True)).get_element_by_id("i4")
    heads = [words_of(each) for each in incident.xpath(".//h3")]
    assert heads == ["Timeline", "What to change", "First error", "Why", "Where the time went", "Operations",
                     "Cited lines", "Transitions"]  # fmt: skip


def test_what_looks_like_trouble_shows_the_line_it_names() -> None:
    file, _, line = NOTE.evidence.rpartition(":")
    this = busy()
    told = replace(this.incidents[0].evidence[0], file=file, line=int(line))
    shown = replace(this.incidents[0], evidence=(told,), causes=(), first_error=None)
    root = parsed(render(replace(case(shown, quiet=(NOTE,)), frames=recognised(told)), light=True))
    (cited,) = root.xpath("//section[@id='quiet']//details")
    assert NOTE.evidence in words_of(cited.xpath("./summary")[0])
    assert told.text in words_of(cited)
