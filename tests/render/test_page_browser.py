"""The page in a real browser: its script, its width, its colours, its silence on the network."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import CHROMIUM, Browser, browser
from builders import busy, cascade, hostile, large
from cases import CASCADE, case
from msgspec.structs import replace

from logtrace.causes.judgement import Verdict
from logtrace.pipeline import analyze
from logtrace.render import markdown, sentences
from logtrace.render.page import render
from logtrace.report.case import IncidentKind

AXE = os.environ.get("LOGTRACE_AXE")

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine to load the page with")

#: The contrast ratio (WCAG 2.2, 1.4.3) of every text against what lies behind it, where that is one plain colour.
CONTRAST = """
(() => {
  const parse = (c) => { const n = c.match(/[\\d.]+/g).map(Number); return n.length < 4 ? [...n, 1] : n; };
  const channel = (v) => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; };
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const bad = [];
  for (const element of document.querySelectorAll("body *")) {
    if (element.closest("svg, .plot, .visually-hidden, [hidden]")) continue;
    if (![...element.childNodes].some((n) => n.nodeType === 3 && n.data.trim())) continue;
    let behind = element, ground = null;
    for (; behind; behind = behind.parentElement) {
      const c = parse(getComputedStyle(behind).backgroundColor);
      if (c[3] === 1) { ground = c; break; }
    }
    const ink = light(parse(getComputedStyle(element).color)), paper = light(ground ?? [255, 255, 255]);
    const ratio = (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
    const name = `${element.tagName}.${element.className} ${element.textContent.slice(0, 40)}`;
    if (ratio < 4.5) bad.push(`${name} ${ratio.toFixed(2)}`);
  }
  return bad;
})()
"""


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browser(tmp_path_factory.mktemp("profile")) as one:
        yield one


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "busy.html"
    path.write_text(render(busy()), encoding="utf-8")
    return path


@pytest.fixture(autouse=True)
def quiet(tab: Browser) -> None:
    tab.complaints.clear()
    tab.requests.clear()


def drawn(tab: Browser) -> None:
    """Waits until the figure is drawn, which happens when it comes into view."""
    tab.ask("document.querySelector('.plot').scrollIntoView({ behavior: 'instant' })")
    tab.wait("document.querySelectorAll('.plot .main-svg').length > 0")


def test_figures_are_drawn_and_nothing_is_fetched(tab: Browser, page: Path) -> None:
    drawn(tab.open(page))
    assert tab.ask("document.querySelectorAll('#statistics .plot .barlayer .point').length") == 2
    assert tab.complaints == []
    assert {each.split("#")[0] for each in tab.requests if not each.startswith(("data:", "blob:"))} == {page.as_uri()}


def test_figures_follow_the_scheme(tab: Browser, page: Path) -> None:
    colours = set()
    for dark in (False, True):
        drawn(tab.open(page, dark=dark))
        colours.add(tab.ask("getComputedStyle(document.querySelector('.plot .ytick text')).fill"))
    assert len(colours) == 2


def test_without_scripts_the_pictures_stay(tab: Browser, page: Path, tmp_path: Path) -> None:
    light = tmp_path / "light.html"
    light.write_text(render(busy(), light=True), encoding="utf-8")
    for path in (page, light):
        tab.open(path, scripts=path == light)
        assert tab.ask("[...document.querySelectorAll('.bar')].filter((each) => each.offsetWidth > 2).length") > 50
        assert tab.ask("document.querySelector('#i1 .chart').offsetHeight") > 100
        assert tab.ask("getComputedStyle(document.querySelector('.plot') ?? document.head).display") == "none"
        assert tab.ask("document.querySelectorAll('.filter:not([hidden])').length") == 0
    assert tab.complaints == []


@pytest.mark.parametrize("width", [360, 768, 1280, 2560, 3840])
@pytest.mark.parametrize("what", ["busy", "hostile"])
def test_no_width_overflows(tab: Browser, page: Path, tmp_path: Path, width: int, what: str) -> None:
    path = page
    if what == "hostile":
        path = tmp_path / "hostile.html"
        path.write_text(render(hostile(), light=True), encoding="utf-8")
    tab.open(path, width=width)
    tab.ask("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    assert tab.ask("document.documentElement.scrollWidth") <= width


def test_names_end_before_the_picture_begins(tab: Browser, tmp_path: Path) -> None:
    names = ("p_neutron_metadata_agent", "p_neutron_openvswitch_agent_on_all_nodes", "p_galera")
    base = cascade()
    named = (replace(each, resource=names[n % 3]) for n, each in enumerate(base.operations))
    path = tmp_path / "names.html"
    path.write_text(render(case(replace(base, operations=tuple(named))), light=True), encoding="utf-8")
    meeting = """[...document.querySelectorAll(".chart .row")].filter((row) => {
      const [name, lane] = [".name", ".lane"].map((each) => row.querySelector(each).getBoundingClientRect());
      return name.right > lane.left + 1 && name.bottom > lane.top + 1;
    }).map((row) => row.textContent)"""
    for width in (360, 390, 1280):
        tab.open(path, width=width, scripts=False)
        assert tab.ask("document.querySelectorAll('.chart .row').length") > 3
        assert tab.ask(meeting) == []


@pytest.mark.parametrize("dark", [False, True])
def test_every_text_has_contrast(tab: Browser, page: Path, dark: bool) -> None:
    tab.open(page, dark=dark)
    tab.ask("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    assert tab.ask(CONTRAST) == []


def test_the_filter_leaves_what_fits(tab: Browser, page: Path) -> None:
    tab.open(page)
    shown = "[...document.querySelectorAll('section.incident:not([hidden])')].map((each) => each.id)"
    assert len(tab.ask(shown)) == 5

    def look_for(text: str) -> str:
        tab.ask(f"(() => {{ const box = document.querySelector('#filter'); box.value = {text!r};"
                "box.dispatchEvent(new Event('input')); })()")  # fmt: skip
        status = tab.ask("document.querySelector('.filter [role=status]').textContent")
        assert isinstance(status, str)
        return status

    assert look_for("KEYSTONE") == "0 of 5 incidents, 0 cited lines"
    assert tab.ask(shown) == []
    assert look_for("cinder_volume start") == "1 of 5 incidents, 1 cited lines"
    assert tab.ask(shown) == ["i4"]
    assert tab.ask(
        "[...document.querySelectorAll('.incident-link:not([hidden])')].map((each) => each.dataset.for)"
    ) == ["i4"]
    rows = "[...document.querySelectorAll('#i4 .log tbody tr')].filter((row) => row.checkVisibility()).length"
    assert tab.ask(rows) == 1
    assert look_for("slow fencing") == "1 of 5 incidents, 0 cited lines"
    assert tab.ask(shown) == ["i2"]
    assert look_for("") == ""
    assert len(tab.ask(shown)) == 5


def test_a_link_to_what_is_filtered_out_brings_it_back(tab: Browser, page: Path) -> None:
    tab.open(page)
    tab.ask("filterFor(new URLSearchParams({ text: 'slow fencing' }))")
    assert tab.ask("document.querySelector('#i4').hidden")
    tab.ask("document.querySelector('.why a[href=\"#i4\"]').click()")
    tab.wait("Math.abs(document.querySelector('#i4').getBoundingClientRect().top) < 40")
    assert tab.ask("document.querySelector('#filter').value") == ""


def test_rows_of_more_incidents_are_filtered_too(tab: Browser, tmp_path: Path) -> None:
    path = tmp_path / "many.html"
    path.write_text(render(large(220, 3)), encoding="utf-8")
    tab.open(path)
    rows = "[...document.querySelectorAll('#more tbody tr')].filter((each) => each.checkVisibility())"
    assert len(tab.ask(f"{rows}.map((each) => each.id)")) > 10
    name = tab.ask(f"{rows}[5].id")
    tab.ask(f"filterFor(new URLSearchParams({{ text: '{name}' }}))")
    assert tab.ask(f"{rows}.map((each) => each.id)") == [name]
    assert tab.ask("document.querySelectorAll('section.incident:not([hidden])').length") == 0


def test_a_link_to_a_folded_line_unfolds_it(tab: Browser, page: Path) -> None:
    tab.open(page, fragment="#i4-e30")
    tab.wait("document.querySelector('#i4-e30').checkVisibility()")
    tab.ask("location.hash = 'i5-e1'")
    tab.wait("document.querySelector('#i5-e1').checkVisibility()")


def test_commands_can_be_copied(tab: Browser, page: Path) -> None:
    tab.open(page)
    assert tab.ask("[...document.querySelectorAll('.commands')].every((each) => each.querySelector('.copy'))")
    assert tab.ask("document.querySelector('.commands .copy').getAttribute('aria-label')") == "Copy the command"
    tab.ask("document.querySelector('#i4 .commands .copy').focus()")
    tab.press("Enter", code=13, text="\r")
    tab.wait("document.querySelector('#i4 .commands .copy').textContent === 'Copied'")
    assert tab.paste() == CASCADE.advice[0].commands["crm"]


def test_of_crm_and_pcs_one_is_chosen_for_all(tab: Browser, page: Path) -> None:
    tab.open(page)
    shown = "[...document.querySelectorAll('.command:not([hidden])')].map((each) => each.dataset.tool)"
    assert set(tab.ask(shown)) == {"crm"}
    tab.ask("document.querySelector('[data-choose=pcs]').click()")
    both = "[...document.querySelectorAll('.commands')].filter((each) => each.querySelectorAll('.command').length > 1)"
    told = tab.ask(f"{both}.map((each) => each.querySelector('.command:not([hidden])').dataset.tool)")
    assert set(told) == {"pcs"}
    assert tab.ask("document.querySelector('[data-choose=pcs]').getAttribute('aria-pressed')") == "true"


def test_an_incident_can_be_copied_as_markdown(tab: Browser, page: Path) -> None:
    tab.open(page)
    buttons = "[...document.querySelectorAll('section.incident :is(.eyebrow, .headline) > .copy')]"
    assert sorted(tab.ask(f"{buttons}.map((each) => each.getAttribute('aria-label'))")) == [
        f"Copy as Markdown: i{number}" for number in range(1, 6)
    ]
    assert (
        tab.ask("[...document.querySelectorAll('.card .copy')].map((each) => each.textContent)")
        == ["Copy for ticket"] * 3
    )
    for button, status in (("#i2 .eyebrow .copy", "#i2"), (".card[data-for=i2] .copy", ".card[data-for=i2]")):
        tab.ask(f"document.querySelector('{button}').focus()")
        tab.press("Enter", code=13, text="\r")
        tab.wait(f"document.querySelector('{button}').textContent === 'Copied'")
        assert tab.paste() == markdown.one(busy().incidents[1], 8, sentences.utc(busy().window))
        assert tab.ask(f"document.querySelector('{status} [role=status]').textContent") == "Copied"


def test_the_keyboard_reaches_the_filter_and_empties_it(tab: Browser, page: Path) -> None:
    tab.open(page)
    tab.press("/", code=191, text="/")
    assert tab.ask("document.activeElement.id") == "filter"
    for letter in "haproxy":
        tab.press(letter, text=letter)
    assert tab.ask("document.querySelector('#filter').value") == "haproxy"
    assert tab.ask("document.querySelector('.filter [role=status]').textContent").startswith("1 of 5 incidents")
    tab.press("Escape", code=27)
    assert tab.ask("document.querySelector('#filter').value") == ""
    assert tab.ask("document.querySelectorAll('section.incident[hidden]').length") == 0


@pytest.mark.parametrize("scripts", [False, True])
def test_a_permalink_scrolls_to_its_incident(tab: Browser, page: Path, scripts: bool) -> None:
    tab.open(page, fragment="#i4", scripts=scripts)
    tab.wait("Math.abs(document.querySelector('#i4').getBoundingClientRect().top) < 40")
    tab.open(page, scripts=scripts)
    tab.ask("document.querySelector('.contents a[href=\"#i2\"]').click()")
    tab.wait("location.hash === '#i2' && Math.abs(document.querySelector('#i2').getBoundingClientRect().top) < 40")


def test_the_contents_stay_in_sight(tab: Browser, page: Path) -> None:
    tab.open(page)
    tab.ask("scrollTo({ top: 4000, behavior: 'instant' })")
    assert tab.ask("document.querySelector('.contents').getBoundingClientRect().top") >= 0
    assert tab.ask("document.querySelector('.contents').getBoundingClientRect().bottom <= innerHeight")


@pytest.mark.skipif(
    shutil.which("pdftotext") is None, reason="no pdftotext (poppler-utils) to read a printed page with"
)
@pytest.mark.parametrize("light", [False, True])
def test_printed_to_pdf_every_incident_is_there(tab: Browser, tmp_path: Path, light: bool) -> None:
    path = tmp_path / "page.html"
    path.write_text(render(busy(), light=light), encoding="utf-8")
    tab.open(path)
    (tmp_path / "page.pdf").write_bytes(tab.pdf())
    read = subprocess.run(["pdftotext", tmp_path / "page.pdf", "-"], capture_output=True, text=True, check=True)
    text = re.sub(r"\s+", "", read.stdout)
    for incident in busy().incidents:
        told = [incident.title.rstrip(".")]
        if incident.kind is not IncidentKind.PLANNED:  # what an operator did is a line on paper, too
            told += [each.sentence for each in incident.causes if each.verdict is Verdict.SUPPORTED]
            told += [advice.sentence for advice in incident.advice] + [line.text for line in incident.evidence[:3]]
        missing = [each for each in told if re.sub(r"\s+", "", each) not in text]
        assert not missing, incident.id
    folded = [each.sentence for each in busy().incidents[0].causes if each.verdict is Verdict.RULED_OUT]
    assert folded
    assert not [each for each in folded if re.sub(r"\s+", "", each) in text]
    assert "Copyasmarkdown" not in text


@pytest.mark.skipif(AXE is None, reason="no axe-core (LOGTRACE_AXE names its axe.min.js) to audit the page with")
@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_no_serious_violation(tab: Browser, page: Path, width: int, dark: bool) -> None:
    assert AXE is not None
    tab.open(page, width=width, dark=dark)
    tab.ask("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    drawn(tab)
    tab.ask(Path(AXE).read_text(encoding="utf-8") + "; 0")
    found = tab.ask(
        "axe.run().then(({ violations, passes }) => ({ passes: passes.length, violations:"
        "violations.map((v) => [v.impact, v.id, v.help, v.nodes.map((n) => n.target.join(' '))]) }))"
    )
    assert found["passes"] > 20
    assert [each for each in found["violations"] if each[0] in ("serious", "critical")] == []


def test_a_hostile_page_runs_nothing(tab: Browser, tmp_path: Path) -> None:
    path = tmp_path / "hostile.html"
    path.write_text(render(hostile()), encoding="utf-8")
    tab.open(path)
    drawn(tab)
    tab.ask("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    assert tab.ask("document.querySelectorAll('img, .plot a[href], iframe').length") == 0
    assert tab.complaints == []
    assert {each.split("#")[0] for each in tab.requests if not each.startswith(("data:", "blob:"))} == {path.as_uri()}


def test_on_paper_folds_stay_folded_but_for_the_cited_lines(tab: Browser, page: Path) -> None:
    drawn(tab.open(page))
    tab.print_media()
    assert tab.ask("getComputedStyle(document.querySelector('.plot')).display") == "none"
    assert tab.ask("document.querySelector('#i4 .chart').checkVisibility()")
    assert tab.ask("document.querySelector('#i4 .cited tbody tr').checkVisibility()")
    assert not tab.ask("document.querySelector('#i4 .rows:not(.cited) tbody tr').checkVisibility()")
    for hidden in (".contents", ".filter", ".tool-bar", ".buttons"):
        assert tab.ask(f"getComputedStyle(document.querySelector('{hidden}')).display") == "none"


def test_many_rows_are_all_drawn(tab: Browser, tmp_path: Path) -> None:
    base = cascade()
    wide = tuple(replace(base.operations[1], resource=f"ip{n}") for n in range(55))
    path = tmp_path / "wide.html"
    path.write_text(render(case(replace(base, operations=wide))), encoding="utf-8")
    tab.open(path)
    seen = "[...document.querySelectorAll('.timeline .row:not(.path, .dots)')].filter((row) => row.checkVisibility())"
    assert tab.ask(f"{seen}.length") == 55


# --- charts ---------------------------------------------------------------------------------------------

CHART = "document.querySelector('#i4 .timeline .chart')"
ZOOM = f"Number({CHART}.style.getPropertyValue('--zoom') || 1)"


def middle(tab: Browser, what: str) -> tuple[float, float]:
    """The middle of an element, in pixels of the window, after scrolling there."""
    tab.ask(f"document.querySelector('{what}').scrollIntoView({{ block: 'center', behavior: 'instant' }})")
    x, y = tab.ask(
        f"(({{ left, width, top, height }}) => [left + width / 2, top + height / 2])"
        f"(document.querySelector('{what}').getBoundingClientRect())"
    )
    return float(x), float(y)


def test_keys_and_the_wheel_zoom_a_timeline(tab: Browser, page: Path) -> None:
    tab.open(page)
    x, y = middle(tab, "#i4 .timeline .chart")
    tab.wheel((x, y), -100)  # the page scrolls, where the chart was not asked for
    assert tab.ask(ZOOM) == 1
    x, y = middle(tab, "#i4 .timeline .chart")
    tab.wheel((x, y), -100, control=True)
    tab.wait(f"{ZOOM} > 1")
    tab.ask(f"{CHART}.focus()")
    tab.press("0")
    assert tab.ask(ZOOM) == 1
    bar = "document.querySelector('#i4 .bar.failed').getBoundingClientRect().width"
    before = tab.ask(bar)
    for _ in range(4):
        tab.press("+", code=187)
    assert tab.ask(ZOOM) == 16
    tab.press("ArrowLeft", code=37)
    assert tab.ask(f"Number({CHART}.style.getPropertyValue('--from'))") < 0.5
    assert tab.ask(bar) > 2 * before
    assert 2 <= tab.ask(f"{CHART}.querySelectorAll('.tick').length") <= 20
    tab.press("-", code=189)
    assert tab.ask(ZOOM) == 8


def test_a_selection_in_a_timeline_fills_it(tab: Browser, page: Path) -> None:
    tab.open(page)
    x, y = middle(tab, "#i4 .timeline .row.dots")
    tab.drag((x, y), (x + 120, y))
    assert tab.ask(ZOOM) > 3
    assert tab.complaints == []


def test_bars_are_named_by_hover_and_by_keys_and_lead_to_their_lines(tab: Browser, page: Path) -> None:
    tab.open(page)
    x, y = middle(tab, "#i4 .row:nth-child(5) a.bar")
    tab.ask("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")  # scrolling is over
    tab.hover((x, y))
    tab.wait("!document.querySelector('.tip').hidden")
    assert " on osp-c" in tab.ask("document.querySelector('.tip').textContent")
    tab.ask("document.querySelector('#i4 a.bar').focus()")
    first = tab.ask("document.activeElement.getAttribute('aria-label')")
    assert "glance_api monitor every 10.0 s on osp-c" in first
    assert tab.ask("document.querySelector('.tip').textContent").startswith("glance_api monitor")
    tab.press("ArrowRight", code=39)
    assert "glance_api stop on osp-c" in tab.ask("document.activeElement.getAttribute('aria-label')")
    assert tab.ask("document.querySelectorAll('#i4 .chart a[tabindex=\"0\"]').length") == 1  # one stop for the tab key
    tab.press("Enter", code=13, text="\r")
    tab.wait("location.hash.startsWith('#i4-e')")
    assert tab.ask("document.querySelector(':target').checkVisibility()")


def test_the_brush_of_the_overview_zooms(tab: Browser, page: Path) -> None:
    tab.open(page)
    strip = "Number(document.querySelector('.strip').style.getPropertyValue('--zoom') || 1)"
    x, y = middle(tab, ".track")
    tab.drag((x, y), (x + 100, y))
    assert tab.ask(strip) > 3
    tab.ask("document.querySelector('#window .tool-bar button:nth-child(3)').click()")
    assert tab.ask(strip) == 1


# --- filters and their address --------------------------------------------------------------------------


def test_chips_act_on_cards_overview_and_list_and_stand_in_the_address(tab: Browser, page: Path) -> None:
    tab.open(page)
    tab.ask("document.querySelector('.chip[data-facet=cause][data-value=slow_fencing]').click()")
    assert tab.ask("[...document.querySelectorAll('section.incident:not([hidden])')].map((each) => each.id)") == ["i2"]
    assert tab.ask("[...document.querySelectorAll('.card:not([hidden])')].map((each) => each.dataset.for)") == ["i2"]
    assert tab.ask("[...document.querySelectorAll('.flag:not(.out)')].map((each) => each.dataset.for)") == ["i2"]
    told = tab.ask("location.hash")
    assert told == "#cause=slow_fencing"
    tab.open(page, fragment="#i2&cause=slow_fencing")
    assert tab.ask("[...document.querySelectorAll('section.incident:not([hidden])')].map((each) => each.id)") == ["i2"]
    assert tab.ask("document.querySelector('.chip[data-value=slow_fencing]').getAttribute('aria-pressed')") == "true"
    tab.wait("Math.abs(document.querySelector('#i2').getBoundingClientRect().top) < 60")
    tab.ask("document.querySelector('.filter .clear').click()")
    assert tab.ask("document.querySelectorAll('section.incident[hidden]').length") == 0
    assert tab.ask("location.hash") == "#i2"


# --- the first screen, and paper ------------------------------------------------------------------------


CORPUS = Path(__file__).parents[1] / "corpus"
#: Ten ways in which something went wrong.
TOLD = (
    "t01-service-crash", "t03-slow-init", "t14-group-cascade-23", "t17-spurious-hang", "t20-stop-failure-fence",
    "t23-node-failure-fence", "t25-partition", "t30-slow-fencing", "t40-flapping", "t54-multi",
)  # fmt: skip


@pytest.fixture(scope="module", params=TOLD)
def told(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    report = min((CORPUS / request.param).glob("*.tar.*"))
    path = tmp_path_factory.mktemp("told") / f"{request.param}.html"
    path.write_text(render(analyze([str(report)])), encoding="utf-8")
    return path


@pytest.mark.parametrize("width", [1280, 390])
def test_the_first_screen_tells_what_happened_how_long_and_what_to_do(tab: Browser, told: Path, width: int) -> None:
    tab.open(told, width=width, height=800)
    for part in ("h2", ".range b", ".phase-bar", ".fix"):
        low = tab.ask(f"document.querySelector('.card {part}').getBoundingClientRect().bottom")
        assert 0 < low <= 800, part
    assert tab.ask("document.querySelector('.card').getBoundingClientRect().top") < 200
    assert tab.ask("document.documentElement.scrollWidth") <= width
    assert tab.complaints == []


@pytest.mark.parametrize("width", [1600, 2560])
def test_cards_beside_each_other_are_laid_out_on_common_lines(tab: Browser, page: Path, width: int) -> None:
    tab.open(page, width=width, height=1440)
    for part in (".range", ".phase-bar", ".buttons"):
        tops = tab.ask(
            f"[...document.querySelectorAll('.card')].map((card) => [card, card.querySelector('{part}')])"
            ".map((both) => both.map((each) => each.getBoundingClientRect().top))"
        )
        assert len({card for card, _ in tops}) < len(tops) == 3  # at least two stand beside each other
        assert len({each for _, each in tops}) == len({card for card, _ in tops}), part
    words = "[...document.querySelectorAll('.card :is(h2, .fix)')].map((each) => each.getBoundingClientRect().width)"
    assert max(tab.ask(words)) <= 48 * 16


@pytest.mark.skipif(shutil.which("pdfinfo") is None, reason="no pdfinfo (poppler-utils) to count pages with")
@pytest.mark.parametrize("name", ["t03-slow-init", "t17-spurious-hang", "t23-node-failure-fence"])
def test_a_case_of_one_fault_takes_four_sheets_and_none_is_empty(tab: Browser, tmp_path: Path, name: str) -> None:
    path, printed = tmp_path / "page.html", tmp_path / "page.pdf"
    path.write_text(render(analyze([str(min((CORPUS / name).glob("*.tar.*")))])), encoding="utf-8")
    printed.write_bytes(tab.open(path).pdf())
    about = subprocess.run(["pdfinfo", printed], capture_output=True, text=True, check=True).stdout
    pages = int(re.search(r"Pages:\s+(\d+)", about)[1])  # type: ignore[index]
    assert pages <= 4
    for page in range(1, pages + 1):
        which = ["-f", str(page), "-l", str(page)]
        text = subprocess.run(["pdftotext", *which, printed, "-"], capture_output=True, text=True, check=True).stdout
        assert len(text.split()) > 40
        last = [line for line in text.splitlines() if line.strip()][-1].strip()
        assert last not in HEADINGS


HEADINGS = {"Timeline", "What to change", "First error", "Why", "Where the time went", "Configuration", "Cluster",
            "Statistics", "What was read", "Resources", "Operator actions", "Overview"}  # fmt: skip


# --- the log around an incident -------------------------------------------------------------------------


def test_the_log_around_an_incident_is_unfolded_and_filtered(tab: Browser, page: Path) -> None:
    tab.open(page)
    rows = "[...document.querySelectorAll('#i4 .lines > div:not(.skipped)')]"
    assert tab.ask(f"{rows}.length") == 0  # it stays compressed until it is asked for
    tab.ask("document.querySelector('#i4 .around').open = true")
    tab.wait(f"{rows}.length > 20")
    every = tab.ask(f"{rows}.length")
    status = "document.querySelector('#i4 .lines-filter [role=status]').textContent"
    assert tab.ask(status) == f"{every} of {every} lines"
    assert tab.ask("document.querySelectorAll('#i4 .lines .hit a').length") == len(cascade().operations)
    tab.ask("(() => { const box = document.querySelector('#i4 .lines-filter input'); box.value = 'HEAT_ENGINE';"
            "box.dispatchEvent(new Event('input')); })()")  # fmt: skip
    found = tab.ask(f"{rows}.map((row) => row.textContent)")
    assert 0 < len(found) < every
    assert all("heat_engine" in each for each in found)
    tab.ask("document.querySelector('#i4 .lines .hit a').click()")
    tab.wait("location.hash.startsWith('#i4-e') && document.querySelector(':target').checkVisibility()")
    assert tab.complaints == []
