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

from logtrace.render import markdown, sentences
from logtrace.render.page import render

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


def test_figures_are_drawn_and_nothing_is_fetched(tab: Browser, page: Path) -> None:
    tab.open(page)
    for name in ("i1", "i4"):
        tab.ask(f"document.querySelector('#{name} .timeline').scrollIntoView()")
        tab.wait(f"document.querySelectorAll('#{name} .plot .main-svg').length > 0")
        assert tab.ask(f"getComputedStyle(document.querySelector('#{name} .picture')).display") == "none"
    assert tab.ask("document.querySelectorAll('#i4 .plot .barlayer .point').length") == len(cascade().operations)
    assert tab.complaints == []
    assert {each.split("#")[0] for each in tab.requests if not each.startswith(("data:", "blob:"))} == {page.as_uri()}


def test_figures_follow_the_scheme(tab: Browser, page: Path) -> None:
    colours = set()
    for dark in (False, True):
        tab.open(page, dark=dark)
        tab.ask("document.querySelector('#i4 .timeline').scrollIntoView()")
        tab.wait("document.querySelectorAll('#i4 .plot .ytick text').length > 0")
        colours.add(tab.ask("getComputedStyle(document.querySelector('#i4 .plot .ytick text')).fill"))
    assert len(colours) == 2


def test_without_scripts_the_pictures_stay(tab: Browser, page: Path, tmp_path: Path) -> None:
    light = tmp_path / "light.html"
    light.write_text(render(busy(), light=True), encoding="utf-8")
    for path in (page, light):
        tab.open(path, scripts=path == light)
        assert tab.ask("document.querySelectorAll('.picture .bar rect').length") > 50
        assert tab.ask("getComputedStyle(document.querySelector('#i1 .picture')).display") == "block"
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
    tab.open(path, width=390, scripts=False)
    beyond = """[...document.querySelectorAll(".picture .row:not(.absent)")].filter((name) =>
      name.getBBox().x + name.getBBox().width > 0.2 * name.ownerSVGElement.getBoundingClientRect().width)
      .map((name) => name.textContent)"""
    assert tab.ask("document.querySelectorAll('.picture .row').length") > 3
    assert tab.ask(beyond) == []


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
    tab.ask("filterFor('slow fencing')")
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
    tab.ask(f"filterFor('{name}')")
    assert tab.ask(f"{rows}.map((each) => each.id)") == [name]
    assert tab.ask("document.querySelectorAll('section.incident:not([hidden])').length") == 0


def test_a_link_to_a_folded_line_unfolds_it(tab: Browser, page: Path) -> None:
    tab.open(page, fragment="#i4-e30")
    tab.wait("document.querySelector('#i4-e30').checkVisibility()")
    tab.ask("location.hash = 'i5-e1'")
    tab.wait("document.querySelector('#i5-e1').checkVisibility()")


def test_commands_can_be_copied(tab: Browser, page: Path) -> None:
    tab.open(page)
    assert tab.ask("[...document.querySelectorAll('.command')].every((each) => each.querySelector('button'))")
    assert tab.ask("document.querySelector('.command button').getAttribute('aria-label')") == "Copy the command for crm"
    tab.ask("document.querySelector('#i4 .command button').focus()")
    tab.press("Enter", code=13, text="\r")
    tab.wait("document.querySelector('#i4 .command button').textContent === 'Copied'")
    assert tab.paste() == CASCADE.advice[0].commands["crm"]


def test_an_incident_can_be_copied_as_markdown(tab: Browser, page: Path) -> None:
    tab.open(page)
    buttons = "[...document.querySelectorAll('section.incident .eyebrow .copy')]"
    assert tab.ask(f"{buttons}.map((each) => each.getAttribute('aria-label'))") == [
        f"Copy as Markdown: i{number}" for number in range(1, 6)
    ]
    tab.ask(f"{buttons}[1].focus()")
    tab.press("Enter", code=13, text="\r")
    tab.wait(f"{buttons}[1].textContent === 'Copied'")
    assert tab.paste() == markdown.one(busy().incidents[1], 8, sentences.utc(busy().window))
    assert tab.ask("document.querySelector('#i2 [role=status]').textContent") == "Copied"


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
        told = [incident.title, *(finding.sentence for finding in incident.causes)]
        told += [advice.sentence for advice in incident.advice] + [line.text for line in incident.evidence[:3]]
        missing = [each for each in told if re.sub(r"\s+", "", each) not in text]
        assert not missing, incident.id
    assert "Copyasmarkdown" not in text


@pytest.mark.skipif(AXE is None, reason="no axe-core (LOGTRACE_AXE names its axe.min.js) to audit the page with")
@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_no_serious_violation(tab: Browser, page: Path, width: int, dark: bool) -> None:
    assert AXE is not None
    tab.open(page, width=width, dark=dark)
    tab.ask("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    tab.ask("document.querySelector('#i4 .timeline').scrollIntoView()")
    tab.wait("document.querySelectorAll('#i4 .plot .main-svg').length > 0")
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
    tab.ask("document.querySelector('.timeline').scrollIntoView()")
    tab.wait("document.querySelectorAll('.plot .main-svg').length > 0")
    assert tab.ask("document.querySelectorAll('img, .plot a[href], iframe').length") == 0
    assert tab.complaints == []
    assert {each.split("#")[0] for each in tab.requests if not each.startswith(("data:", "blob:"))} == {path.as_uri()}


def test_print_shows_what_is_folded_and_the_static_pictures(tab: Browser, page: Path) -> None:
    tab.open(page)
    tab.ask("document.querySelector('#i4 .timeline').scrollIntoView()")
    tab.wait("document.querySelectorAll('#i4 .plot .main-svg').length > 0")
    tab.print_media()
    assert tab.ask("getComputedStyle(document.querySelector('#i4 .plot')).display") == "none"
    assert tab.ask("getComputedStyle(document.querySelector('#i4 .picture')).display") == "block"
    assert tab.ask("document.querySelector('#i4 .rows:not(.cited) tbody tr').checkVisibility()")
    assert tab.ask("getComputedStyle(document.querySelector('.contents')).display") == "none"


def test_many_rows_do_not_hide_the_picture(tab: Browser, tmp_path: Path) -> None:
    base = cascade()
    wide = tuple(replace(base.operations[1], resource=f"ip{n}") for n in range(55))
    path = tmp_path / "wide.html"
    path.write_text(render(case(replace(base, operations=wide))), encoding="utf-8")
    tab.open(path)
    tab.ask("document.querySelector('.timeline').scrollIntoView()")
    tab.wait("document.querySelectorAll('.plot .ytick text').length === 56")
