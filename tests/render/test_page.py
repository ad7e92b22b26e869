"""The page: everything of a case is on it, it needs nothing else, and nothing a log holds is alive in it."""

from __future__ import annotations

import base64
import json
import re
import subprocess
import sys
import zlib
from collections import Counter
from datetime import timedelta
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import pytest
from builders import HOSTILE, MEMBERS, busy, cascade, crash, empty, hostile, large, node_loss
from cases import CASCADE, after, at, case
from lxml import html
from msgspec.structs import replace

from logtrace import explain
from logtrace.assessment.phases import PhaseName
from logtrace.render import words
from logtrace.render.page import MOST_BYTES, MOST_BYTES_LIGHT, render
from logtrace.report.case import Case, IncidentKind
from logtrace.version import VERSION

COMMAND = "logtrace analyze 'crm report.tar.bz2' --html page.html"
NONE = "\N{EN DASH}"
CASES = {"busy": busy, "empty": empty, "hostile": hostile}


def parsed(page: str) -> html.HtmlElement:
    root = html.document_fromstring(page.encode())
    assert isinstance(root, html.HtmlElement)
    return root


def words_of(element: html.HtmlElement) -> str:
    """The text a reader sees, blanks as one."""
    for each in element.xpath(".//style | .//script"):
        each.drop_tree()
    return " ".join(element.text_content().split())


@pytest.fixture(scope="module", params=[(name, light) for name in CASES for light in (False, True)], ids=str)
def page(request: pytest.FixtureRequest) -> str:
    name, light = request.param
    return render(CASES[name](), light=light, command=COMMAND)


@pytest.mark.parametrize("light", [False, True])
def test_everything_of_the_case_is_on_the_page(light: bool) -> None:
    this = busy()
    text = words_of(parsed(render(this, light=light, command=COMMAND)))
    wanted = [
        "osp-cluster",
        "Pacemaker 2.1.5",
        "Corosync 3.1.7 knet",
        "2 of 3 nodes",
        "missing: osp-b",
        "+1.250 ± 0.004 s",
    ]
    wanted += ["22 Nov 2022 16:46:48 to 16:48:11 UTC", "23,456", "0" * 64, COMMAND, f"logtrace {VERSION}"]
    wanted += [this.coverage.skipped[0].reason, this.coverage.skipped[0].path]
    wanted += [this.findings[0].sentence, "crm configure monitor p_glance 10s:30s"]
    for incident in this.incidents:
        wanted += [
            incident.title,
            words.label(incident.root_cause),
            f"{incident.confidence:.2f}",
        ]
        wanted += [*incident.nodes, *incident.resources, *incident.missing_witnesses, incident.t_fault_basis]
        wanted += [each for phase in incident.phases for each in (phase.name.value, phase.what)]
        wanted += [each for finding in incident.causes for each in (finding.sentence, words.label(finding.label))]
        wanted += [f"{line.file}:{line.line}" for line in incident.evidence] + [line.text for line in incident.evidence]
        for advice in incident.advice:
            wanted += [advice.sentence, advice.saves_basis, advice.risk, *advice.files, *advice.commands.values()]
        wanted += [op.reason for op in incident.operations if op.reason]
        wanted += [each for transition in incident.transitions for each in (transition.dc, transition.pe_input or "")]
    missing = [each for each in wanted if " ".join(each.split()) not in text]
    assert not missing
    codes = {each for one in this.incidents for each in (one.root_cause, *(cause.label for cause in one.causes))}
    assert not [code for code in codes if "_" in code and code in text]  # a label is said in words, and once


def test_resources_hang_from_what_they_are_in() -> None:
    root = parsed(render(busy(), light=True))
    (tree,) = root.xpath("//ul[@class='tree']")

    def drawn(items: list[html.HtmlElement]) -> list[object]:
        return [(words_of(each.xpath("./strong")[0]), drawn(each.xpath("./ul/li"))) for each in items]

    assert drawn(tree.xpath("./li")) == [
        ("vip", []),
        ("c_nova", [("g_nova", [("nova_api", []), ("nova_conductor", [])])]),
        ("db", [("galera", [])]),
    ]
    (conductor,) = tree.xpath(".//li[not(ul)][strong='nova_conductor']")
    assert words_of(conductor) == (
        "nova_conductor ocf:openstack:nova monitor every 10 s, timeout 20 s; ran on osp-a and osp-c "
        "migration-threshold=3"
    )
    (api,) = tree.xpath(".//li[not(ul)][strong='nova_api']")
    assert words_of(api) == "nova_api systemd:nova-api no recurring monitor; not seen running"
    kinds = [words_of(each) for each in tree.xpath(".//li[ul]/span[@class='kind']")]
    assert kinds == ["clone", "group", "bundle"]


def test_the_cluster_section_tells_what_decides_about_membership() -> None:
    section = parsed(render(busy(), light=True)).get_element_by_id("cluster")
    facts = {words_of(each.find("dt")): " ".join(each.find("dd").itertext()) for each in section.xpath(".//dl/div")}
    assert facts["token"] == "5.65 s"
    assert facts["consensus"] == "6.78 s from the token"
    assert facts["transport"] == "knet 2 links"
    assert facts["quorum"] == "2 votes expected two_node, wait_for_all"
    assert facts["no-quorum-policy"] == "freeze"
    assert facts["stonith-enabled"] == "true by default"
    assert facts["stonith-timeout"] == "90s"
    assert facts["sbd watchdog"] == "5 s msgwait 10 s"
    (device,) = section.xpath(".//table[caption[starts-with(., 'Fence devices')]]/tbody/tr")
    assert [words_of(cell) for cell in device] == [
        "ipmi-b", "stonith:fence_ipmilan", "osp-b", "base 5s", "none", "none", NONE
    ]  # fmt: skip
    assert "standby" in words_of(section.xpath(".//tr[th[contains(., 'osp-c')]]/th")[0])
    assert "hunter2" not in words_of(section)


def rows_of(root: html.HtmlElement, caption: str) -> list[list[str]]:
    return [
        [words_of(cell) for cell in row]
        for row in root.xpath(f"//table[caption[starts-with(normalize-space(.), '{caption}')]]/tbody/tr")
    ]


def test_statistics_are_shown_closest_to_the_timeout_first() -> None:
    root = parsed(render(busy(), light=True))
    assert rows_of(root, "How long operations took") == [
        ["galera", "promote", "2", "1", "4.1 s", "1 min 02 s", "1 min 02 s", "120 s", "51 %, more than half"],
        ["nova_conductor", "monitor every 10 s", "3", "1", "0.05 s", "0.07 s", "0.07 s", "20 s", "< 1 %"],
        ["nova_conductor", "start", "4", "0", "~0.74 s", "~0.99 s", "~0.99 s", NONE, NONE],
    ]
    assert rows_of(root, "Recurring monitors") == [
        ["nova_conductor", "10 s", "20 s", "any", "1", "osp-c"],
        ["galera not in the configuration", "unknown", NONE, "Promoted", "0", NONE],
    ]
    assert rows_of(root, "Fencing") == [
        ["osp-b", "2", "1", "2.0 s", "34.2 s", "ipmi-b"],
        ["osp-a", "1", "0", "unknown", "unknown", NONE],
    ]
    assert rows_of(root, "Failures by resource") == [
        ["nova_conductor", "3", "2 monitor, 1 start", "osp-c", "22 Nov 2022 16:47:48.110", "16:48:01.000"]
    ]
    assert "1 operation took more than half of its timeout" in words_of(root.get_element_by_id("statistics"))


def test_cited_lines_stand_among_their_neighbours() -> None:
    """i1 cites line 311: two lines before and after it, and not the third, which is recognised too."""
    incident = parsed(render(busy(), light=True)).get_element_by_id("i1")
    (context,) = incident.xpath(".//details[contains(@class, 'context')]")
    rows = context.xpath(".//tbody/tr")
    assert [words_of(row[1]) for row in rows] == ["osp-b/pacemaker.log:309", "310", "311", "312", "313"]
    assert [row.get("class") for row in rows] == [None, None, "told ", None, None]
    assert words_of(rows[0][2]) == "neighbour 309 of osp-b/pacemaker.log"
    assert rows[2].xpath(".//a/@href") == ["#i1-e1"]


def test_neighbours_of_lines_far_apart_are_parted() -> None:
    incident = parsed(render(busy(), light=True)).get_element_by_id("i4")
    rows = incident.xpath(".//details[contains(@class, 'context')]//tbody/tr")
    told = [int(words_of(row[1]).rpartition(":")[2]) for row in rows]
    assert told == sorted(set(told))
    parted = [number for number, row in zip(told, rows, strict=True) if "gap" in row.get("class", "")]
    assert parted == [number for before, number in pairwise(told) if number - before > 1]
    assert parted


def test_an_incident_comes_as_markdown() -> None:
    page = parsed(render(busy()))
    for incident in busy().incidents:
        text = json.loads(page.get_element_by_id(f"{incident.id}-markdown").text)
        assert text.startswith(f"### {incident.id}: ")
        assert incident.title.split(" ", maxsplit=1)[0].strip("`") in text
        assert text.endswith("\n")
    assert parsed(render(busy(), light=True)).xpath("//*[@class='markdown']") == []


def test_each_supported_cause_is_explained_once() -> None:
    root = parsed(render(busy(), light=True))
    told = root.xpath("//details[@class='about']/@id")
    supported = {each.label for one in busy().incidents for each in one.causes if each.verdict == "supported"}
    assert sorted(told) == sorted(f"about-{label}" for label in supported)
    (about,) = root.xpath("//*[@id='about-group_cascade']")
    text = words_of(about)
    entry = explain.of("group_cascade")
    assert entry is not None
    assert all(part in text for part in (entry.line, entry.means, entry.proves, entry.disproves, entry.fix))
    links = [each for each in root.xpath("//a/@href") if each.startswith("#about-")]
    assert len(links) + len(told) == len(root.xpath("//h3[.='Why']/following-sibling::ul[@class='causes']/li"))


def test_the_verdict_names_the_causes_costliest_first() -> None:
    root = parsed(render(busy(), light=True))
    why = words_of(root.xpath("//p[@class='why']")[0])
    assert why == (
        "Headline causes, costliest first: slow fencing (i2, 59.0 s to 1 min 01 s), "
        "group cascade (i4, 21.4 to 23.6 s), service crash (i1, 5.5 s), spurious monitor (i3, 4.2 s)."
    )


def test_a_quiet_case_says_so() -> None:
    text = words_of(parsed(render(empty(), light=True)))
    assert "No fault in what was read." in text
    assert "Unnamed cluster" in text
    assert "No configuration (CIB) was among the files" in text


def test_numbers_are_said_in_words() -> None:
    root = parsed(render(case(replace(crash(), outage=185.0, outage_max=185.0)), light=True))
    outage, *moments = root.xpath("//dl[contains(@class, 'moments')]/div")
    assert " ".join(outage.itertext()).split() == ["outage", "3", "min", "05", "s", "without", "service"]
    assert [" | ".join(text.strip() for text in each.itertext() if text.strip()) for each in moments] == [
        "fault | 16:46:58.400 | systemd reported the main process exited",
        "detected | 16:47:02.512 | 4.1 s later",
        "decided | 16:47:02.603 | 0.09 s later",
        "first action | 16:47:02.610 | 0.01 s later",
        "recovered | 16:47:03.871 | 1.3 s later",
        "quiet again | 16:47:03.900 | 0.03 s later",
    ]


def test_many_phases_are_summed_up() -> None:
    start = at("16:47:00")
    phases = after(start, *[(name, 0.5, f"round {n}") for n in range(50) for name in (PhaseName.STOP, PhaseName.START)])
    end = start + timedelta(seconds=50)
    root = parsed(render(case(replace(crash(), phases=phases, t_fault=start, t_recovered=end)), light=True))
    assert len(root.xpath("//ol[@class='phase-bar']/li")) == 2
    rows = [[words_of(cell) for cell in row] for row in root.xpath("//table[@class='phases totals']/tbody/tr")]
    assert rows == [["stop", "25.0 s", "50 %", "50"], ["start", "25.0 s", "50 %", "50"]]
    assert len(root.xpath("//details//table[@class='phases']/tbody/tr")) == 100


def test_an_open_incident_is_called_open() -> None:
    root = parsed(render(case(node_loss()), light=True))
    assert words_of(root.xpath("//*[@class='outage']/dd")[0]).startswith("59.0 s to 1 min 01 s")
    assert "not in these logs" in words_of(root.xpath("//dl[contains(@class, 'moments')]")[0])


def test_the_date_stands_where_it_changes() -> None:
    day = timedelta(days=1)
    base = crash()
    late = replace(base, t_recovered=base.t_recovered and base.t_recovered + day, t_end=base.t_end and base.t_end + day)
    text = words_of(parsed(render(case(late), light=True)))
    assert "23 Nov 2022 16:47:03.871" in text
    assert "22 Nov 2022 16:47:02.512" not in text  # detected on the day the incident began


def test_planned_actions_are_folded() -> None:
    root = parsed(render(busy(), light=True))
    planned = root.get_element_by_id("i5")
    assert planned.xpath("./details[not(@open)]//table")
    assert not planned.xpath("./table | ./div | ./figure")


def test_long_lists_are_counted() -> None:
    base = cascade()
    lines = tuple(replace(base.evidence[0], id=f"e{n}", line=n) for n in range(1, 341))
    root = parsed(render(case(replace(base, evidence=lines)), light=True))
    summary = words_of(root.xpath("//details[contains(@class, 'cited')]/summary")[0])
    match = re.fullmatch(r"Cited lines (\d+) of 340 shown", summary)
    assert match
    assert len(root.xpath("//table[@class='log']/tbody/tr")) == int(match[1])
    assert int(match[1]) >= 12


def test_the_lines_that_prove_something_are_kept_first() -> None:
    base = cascade()
    lines = tuple(replace(base.evidence[0], id=f"e{n}", line=n, text=f"line {n} {'x' * 900}") for n in range(1, 2001))
    proven = replace(base.causes[0], evidence=("e1990",))
    text = words_of(
        parsed(render(case(replace(base, evidence=lines, causes=(proven,), first_error="e1995")), light=True))
    )
    assert "line 1990 " in text
    assert "line 1995 " in text
    assert "line 1900 " not in text


def test_every_link_leads_somewhere(page: str) -> None:
    root = parsed(page)
    ids = Counter(root.xpath("//@id"))
    assert [name for name, times in ids.items() if times > 1] == []
    targets = {each[1:] for each in root.xpath("//@href") if each.startswith("#")}
    assert targets <= set(ids)


def test_causes_link_to_their_lines() -> None:
    root = parsed(render(busy(), light=True))
    (link,) = root.get_element_by_id("i1").xpath(
        ".//ul[@class='causes']/li[strong='service crash']/span[@class='references']/a"
    )
    row = root.get_element_by_id(link.get("href")[1:])
    assert "not running" in words_of(row)


def test_nothing_points_outside(page: str) -> None:
    root = parsed(page)
    for name in ("href", "src", "srcset", "action", "data", "poster", "background", "ping", "formaction"):
        for value in root.xpath(f"//@{name}"):
            assert value.startswith(("#", "data:")), (name, value[:80])
    style = "".join(root.xpath("//style/text() | //@style"))
    assert re.findall(r"url\((?!#)|@import|https?:", style) == []
    assert (
        root.xpath("//meta[translate(@http-equiv, 'REFSH', 'refsh') = 'refresh'] | //base | //iframe | //object") == []
    )
    (policy,) = root.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert policy.startswith("default-src 'none'")


@pytest.mark.parametrize("which", CASES)
def test_the_policy_allows_the_two_scripts_and_no_other(which: str) -> None:
    root = parsed(render(CASES[which]()))
    plotly = zlib.decompress(base64.b64decode(root.get_element_by_id("plotly").text))
    (own,) = root.xpath("//script[not(@type)]/text()")
    assert b"plotly.js v" in plotly[:100]
    (policy,) = root.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    digests = [base64.b64encode(sha256(each).digest()).decode() for each in (own.encode(), plotly)]
    assert policy.endswith("; script-src " + " ".join(f"'sha256-{each}'" for each in digests))


def test_headings_stand_in_order(page: str) -> None:
    levels = [int(each.tag[1]) for each in parsed(page).iter("h1", "h2", "h3", "h4")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_a_screen_reader_finds_its_way(page: str) -> None:
    root = parsed(page)
    assert root.get("lang") == "en"
    assert root.xpath("//title/text()")
    for landmark in ("header", "nav", "main", "footer"):
        assert len(root.xpath(f"//{landmark}")) == 1
    assert root.xpath("//body/a[1]/@href") == ["#content"]
    for table in root.iter("table"):
        assert [child.tag for child in table] == ["caption", "thead", "tbody"]
        assert table.xpath("./caption[normalize-space()]")
        assert not table.xpath(".//th[not(@scope)]")
        columns = len(table.xpath("./thead/tr/th"))
        assert {len(row) for row in table.xpath("./tbody/tr")} <= {columns}
    assert not root.xpath("//section[not(@aria-labelledby)]")
    assert not root.xpath("//div[contains(@class, 'chart ')][not(@role and @aria-label)]")
    assert not root.xpath("//*[contains(@class, 'scroll')][not(@tabindex='0' and @role='region' and @aria-label)]")
    assert all(root.xpath(f"//label[@for='{each.get('id')}']") for each in root.iter("input"))


def test_two_runs_give_the_same_bytes() -> None:
    script = (
        "import hashlib, sys; sys.path.insert(0, sys.argv[1]); import builders;"
        "from logtrace.render.page import render;"
        "print([hashlib.sha256(render(builders.busy(), light=light).encode()).hexdigest() for light in (False, True)])"
    )
    answers = {
        subprocess.run(
            [sys.executable, "-c", script, str(Path(__file__).parent)],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path), "TZ": zone},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed, zone in (("1", "UTC"), ("2", "Asia/Tokyo"))
    }
    assert len(answers) == 1


def test_plotly_is_not_imported() -> None:
    script = (
        "import sys; sys.path.insert(0, sys.argv[1]); import builders; from logtrace.render.page import render;"
        "render(builders.empty()); print([each for each in sys.modules if each.startswith('plotly')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(Path(__file__).parent)],
        env={"PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("light", [False, True])
@pytest.mark.parametrize(("incidents", "operations"), [(1, 3000), (40, 40), (500, 8)])
def test_a_page_stays_small(incidents: int, operations: int, light: bool) -> None:
    page = render(large(incidents, operations), light=light)
    assert len(page.encode()) <= (MOST_BYTES_LIGHT if light else MOST_BYTES)
    root = parsed(page)
    told = len(root.xpath("//section[contains(@class, 'incident')]"))
    rows = len(root.xpath("//section[@id='more']//tbody/tr"))
    assert told >= 1
    if told < incidents:
        assert rows >= min(incidents - told, 20)
        assert f"of {incidents - told} shown" in page or rows == incidents - told


def test_the_worst_incidents_keep_their_sections() -> None:
    this = large(500, 8)
    worst = replace(this.incidents[321], outage=9999.0)
    open_ = replace(this.incidents[123], outage=1.0, recovered=False, t_recovered=None)
    planned = replace(this.incidents[7], kind=IncidentKind.PLANNED, outage=None)
    changed = {321: worst, 123: open_, 7: planned}
    incidents = tuple(changed.get(n, each) for n, each in enumerate(this.incidents))
    root = parsed(render(replace(this, incidents=incidents), light=True))
    sections = root.xpath("//section[contains(@class, 'incident')]/@id")
    assert {worst.id, open_.id} <= set(sections)
    assert planned.id not in sections


def test_a_page_with_scripts_holds_the_light_one(page: str) -> None:
    """Scripts add, they do not replace: pictures and tables stand in the page itself."""
    root = parsed(page)
    for figure in root.xpath("//figure[contains(@class, 'timeline')]"):
        assert figure.xpath(".//i[contains(@class, 'band')] | .//*[contains(@class, 'bar ')]")
    assert not root.xpath("//noscript")


def test_the_light_page_has_no_script() -> None:
    root = parsed(render(busy(), light=True))
    assert root.xpath("//script | //form | //button") == []
    assert len(root.xpath("//div[contains(@class, 'chart ')]")) == 1 + len(busy().incidents)


def test_a_light_page_drops_context_and_rows_before_words_and_pictures() -> None:
    told = "one of the members that were healthy and had to stop and start all the same, " * 5
    said = replace(
        CASCADE, title=told, advice=(replace(CASCADE.advice[0], sentence=told, saves_basis=told, risk=told),)
    )
    lines = tuple(replace(CASCADE.evidence[0], id=f"e{n}", line=n, text="x" * 900) for n in range(1, 200))
    drawn = tuple(replace(CASCADE.operations[0], resource=f"p_{n}") for n in range(40))
    page = render(case(replace(said, evidence=lines, operations=drawn)), light=True)
    assert "of 199" in words_of(parsed(page))
    assert words_of(parsed(page)).count(told.strip()) >= 4
    assert "not drawn" not in page


def picture(of: Case) -> html.HtmlElement:
    (chart,) = parsed(render(of, light=True)).xpath("//figure[@class='timeline']//div[contains(@class, 'chart ')]")
    assert isinstance(chart, html.HtmlElement)
    return chart


def names(chart: html.HtmlElement) -> list[str]:
    """The rows of a picture, without those for the critical path and the cited lines."""
    rows = chart.xpath(".//div[contains(@class, 'row')][not(contains(@class, 'path') or contains(@class, 'dots'))]")
    return [words_of(row.xpath("./span[@class='name']/span")[0]) for row in rows]


def test_the_picture_shows_operations_phases_and_moments() -> None:
    chart = picture(case(cascade()))
    bars = chart.xpath(".//a[contains(@class, 'bar ')]")
    assert len(bars) == len(cascade().operations)
    assert len(chart.xpath(".//a[contains(@class, 'failed')]")) == 1
    assert [each.get("class").split()[-1] for each in chart.xpath(".//i[contains(@class, 'band')]")] == [
        "detection", "decision", "stop", "start",
    ]  # fmt: skip
    assert [each.get("class").split()[2] for each in chart.xpath(".//i[contains(@class, 'mark ')]")] == [
        "fault", "detected", "decided", "acted", "up",
    ]  # fmt: skip


def test_the_rows_of_a_picture_stand_in_the_order_in_which_they_start() -> None:
    """Members stop in one order and start in the other; the picture falls like stairs."""
    assert names(picture(case(cascade()))) == list(MEMBERS[MEMBERS.index("glance_api") :])


def test_every_bar_leads_to_the_line_that_tells_its_result_or_to_its_row() -> None:
    root = parsed(render(case(cascade()), light=True))
    for operation, bar in zip(cascade().operations[:1], root.xpath("//a[contains(@class, 'bar ')]"), strict=False):
        row = root.get_element_by_id(bar.get("href")[1:])
        assert operation.resource in words_of(row)
    one = replace(crash(), evidence=())
    (start,) = parsed(render(case(one), light=True)).xpath("//a[contains(@class, 'bar ')][contains(@title, ' start ')]")
    row = parsed(render(case(one), light=True)).get_element_by_id(start.get("href")[1:])
    assert [words_of(cell) for cell in row][:5] == ["16:47:02.813", "1.1 s", "osp-b", "haproxy", "start"]


def test_the_time_in_which_nobody_noticed_is_drawn_and_named() -> None:
    base = crash()
    detected = base.t_detected
    assert detected is not None
    open_ = replace(
        base, t_fault=None, t_fault_earliest=detected - timedelta(seconds=1), outage=1.4, outage_max=2.4,
        phases=base.phases[1:],
    )  # fmt: skip
    root = parsed(render(case(open_), light=True))
    pieces = root.xpath("//article//ol[@class='phase-bar']/li/@title")
    assert pieces[0] == "not noticed, up to 1.0 s"
    assert root.xpath("//figure//i[contains(@class, 'unnoticed')]")
    assert "not noticed" not in words_of(parsed(render(case(base), light=True)))  # the moment of death is known


def test_a_picture_far_too_high_is_cut_and_says_so() -> None:
    base = cascade()
    many = tuple(replace(base.operations[1], resource=f"ip{n}", critical=n == 150) for n in range(200))
    root = parsed(render(case(replace(base, operations=many)), light=True))
    rows = names(root.xpath("//figure[@class='timeline']")[0])
    assert len(rows) < 100
    assert "ip150" in rows  # what is critical is drawn first
    assert "not drawn for want of room" in words_of(root.xpath("//figure[@class='timeline']/figcaption")[0])


def test_the_figure_tells_of_every_operation_with_a_timeout() -> None:
    root = parsed(render(busy()))
    (text,) = root.xpath("//script[@id='runs-figure']/text()")
    figure = json.loads(text)
    bars = {trace["name"]: trace for trace in figure["data"] if trace["type"] == "bar"}
    assert bars["beyond half of the timeout"]["y"] == ["galera promote"]
    assert bars["beyond half of the timeout"]["x"] == [51.25]
    assert bars["longest run"]["y"] == ["nova_conductor monitor every 10 s"]
    assert "timeout 120 s" in bars["beyond half of the timeout"]["hovertext"][0]
    style = "".join(root.xpath("//style/text()"))
    assert set(re.findall(r"var\((--[\w-]+)\)", text)) <= set(re.findall(r"(--[\w-]+):", style))
    assert "runs-figure" not in render(empty())


def test_text_from_logs_is_not_read_as_html_by_plotly() -> None:
    this = busy()
    runs = tuple(replace(each, resource='<a href="https://evil">x</a>') for each in this.statistics.runs)
    root = parsed(render(replace(this, statistics=replace(this.statistics, runs=runs))))
    figure = json.loads(root.xpath("//script[@id='runs-figure']/text()")[0])
    for trace in figure["data"]:
        for name in (*trace["y"], *trace.get("hovertext", ())):
            assert name.startswith("&lt;a href=&quot;https://evil&quot;&gt;x&lt;/a&gt;")


@pytest.mark.parametrize("light", [False, True])
def test_nothing_from_a_log_is_alive(light: bool) -> None:
    page = render(hostile(), light=light, command=HOSTILE)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]", page)
    assert len(page.encode()) <= (MOST_BYTES_LIGHT if light else MOST_BYTES)
    root = parsed(page)
    assert root.xpath("//img | //a[contains(@href, ':')][not(starts-with(@href, 'data:'))]") == []
    assert [name for element in root.iter() for name in element.attrib if name.startswith("on")] == []
    types = Counter(each.get("type") for each in root.iter("script"))
    assert types[None] == types["text/plain"] == (0 if light else 1)
    assert set(types) <= {None, "text/plain", "application/json"}
    for each in root.xpath("//script[@type='application/json']"):
        json.loads(each.text)
        assert "<" not in each.text
    assert not any(isinstance(each, html.HtmlComment) for each in root.iter())
    text = words_of(root)
    assert "</script><img src=x onerror=alert(1)>{{7*7}}" in text
    assert "\u2039U+202E\u203a" in text
    assert "␛[31m" in text
    assert "more characters)" in text


def test_commands_keep_their_lines() -> None:
    advice = replace(
        cascade().advice[0], commands={"crm": "crm configure edit \\\n  g_openstack\ncrm resource refresh"}
    )
    root = parsed(render(case(replace(cascade(), advice=(advice,))), light=True))
    assert root.xpath("//pre/code/text()") == ["crm configure edit \\\n  g_openstack\ncrm resource refresh"]


def test_a_case_of_the_future_and_the_past_is_drawn() -> None:
    """A window of years, and an incident without any duration."""
    base = crash()
    moment = at("16:46:58")
    flat = replace(
        base, t_fault=moment, t_detected=moment, t_decided=moment, t_acted=moment, t_recovered=moment, t_end=moment,
        phases=(), operations=(), outage=0.0, outage_max=0.0,
    )  # fmt: skip
    this = case(flat)
    start = moment - timedelta(days=3000)
    wide = replace(this, window=replace(this.window, start=start))
    root = parsed(render(wide, light=True))
    assert 3 <= len(root.xpath("//section[@id='window']//i[@class='tick at']")) <= 9
    assert root.xpath("//figure[@class='timeline']//i[contains(@class, 'mark at up')]")
