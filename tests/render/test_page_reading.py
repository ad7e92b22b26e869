"""The page as it is read: everything is reached with keys alone, in order, and the log is narrowed by its filters."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import CHROMIUM, Browser, browser
from builders import busy

from logtrace.pipeline import analyze
from logtrace.render.page import render

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine to load the page with")

ACTIVE = "document.activeElement"
REPORT = Path(__file__).parents[1] / "corpus" / "t23-node-failure-fence"


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browser(tmp_path_factory.mktemp("profile")) as one:
        yield one


def go_on_to(tab: Browser, what: str) -> None:
    """Press the tab key until `what` has the focus, which must be seen then."""
    for _ in range(300):
        tab.press("Tab", code=9)
        if tab.ask(f"{ACTIVE}.matches({what!r})"):
            break
    else:
        raise AssertionError(f"never reached: {what}")
    assert tab.ask(f"getComputedStyle({ACTIVE}).outlineStyle") != "none", what
    assert tab.ask(f"(({{ width, height }}) => width * height)({ACTIVE}.getBoundingClientRect())") > 0, what


def enter(tab: Browser) -> None:
    tab.press("Enter", code=13, text="\r")


def test_a_case_is_read_with_keys_alone(tab: Browser, tmp_path: Path) -> None:
    path = tmp_path / "busy.html"
    path.write_text(render(busy()), encoding="utf-8")
    tab.open(path)
    go_on_to(tab, ".skip")
    go_on_to(tab, ".card .button")
    go_on_to(tab, ".card .copy")
    go_on_to(tab, ".contents a[href='#i4']")
    go_on_to(tab, ".chip[data-value=slow_fencing]")
    enter(tab)
    assert tab.ask("[...document.querySelectorAll('section.incident:not([hidden])')].map((each) => each.id)") == ["i2"]
    enter(tab)
    go_on_to(tab, "#filter")
    go_on_to(tab, "#window .tool-bar button")
    go_on_to(tab, ".strip")
    tab.press("+", code=187)
    assert tab.ask(f"Number({ACTIVE}.style.getPropertyValue('--zoom'))") == 2
    tab.press("0")
    go_on_to(tab, ".flag")
    go_on_to(tab, "#i4 .chart")
    go_on_to(tab, "#i4 a.bar")
    go_on_to(tab, "#i4 .commands .copy")
    go_on_to(tab, "#i4 .causes a")
    go_on_to(tab, "#i4 .about > summary")
    enter(tab)
    assert tab.ask(f"{ACTIVE}.parentElement.open")
    go_on_to(tab, "#i4 .fold > summary")
    go_on_to(tab, "#i4 .around > summary")
    enter(tab)
    tab.wait("document.querySelectorAll('#i4 .lines > div').length > 20")
    go_on_to(tab, "#i4 .lines-filter input")
    for letter in "heat":
        tab.press(letter, text=letter)
    told = tab.ask("[...document.querySelectorAll('#i4 .lines > div:not(.skipped)')].map((each) => each.textContent)")
    assert told
    assert all("heat" in each for each in told)
    go_on_to(tab, "#actions summary")
    enter(tab)
    assert tab.ask(f"{ACTIVE}.parentElement.open")
    assert tab.complaints == []


def test_a_link_of_a_card_leads_to_its_incident_with_keys_alone(tab: Browser, tmp_path: Path) -> None:
    path = tmp_path / "busy.html"
    path.write_text(render(busy()), encoding="utf-8")
    tab.open(path)
    go_on_to(tab, ".card[data-for=i2] .button")
    enter(tab)
    tab.wait("location.hash === '#i2' && Math.abs(document.querySelector('#i2').getBoundingClientRect().top) < 40")
    tab.press("Tab", code=9)
    assert tab.ask(f"{ACTIVE}.closest('section').id") == "i2"  # reading goes on from there


def test_the_log_of_all_nodes_is_filtered_by_node_daemon_and_level(tab: Browser, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text(render(analyze([str(min(REPORT.glob("*.tar.*")))])), encoding="utf-8")
    tab.open(path)
    tab.ask("document.querySelector('.around').open = true")
    tab.wait("document.querySelectorAll('.around[open] .lines > div').length > 20")

    def column(number: int) -> list[str]:
        cells = f"document.querySelectorAll('.around[open] .lines > div:not(.skipped) > :nth-child({number})')"
        found = tab.ask(f"[...{cells}].map((each) => each.textContent)")
        assert isinstance(found, list)
        return found

    every = column(2)
    assert column(1) == sorted(column(1))
    assert len(set(every)) > 1
    chip = "document.querySelector('.around[open] .lines-filter .chip')"
    node = tab.ask(f"{chip}.textContent")
    tab.ask(f"{chip}.click()")
    assert column(2) == [each for each in every if each == node]
    tab.ask(f"{chip}.click()")
    assert column(2) == every
    choose = (
        "((name, option) => {{ const box = document.querySelector(`.around[open] [aria-label=${{name}}]`);"
        "box.selectedIndex = option; box.dispatchEvent(new Event('change'));"
        "return box.selectedOptions[0].textContent; }})({!r}, {})"
    )
    daemon = tab.ask(choose.format("Daemon", 1))
    assert set(column(3)) == {daemon}
    tab.ask(choose.format("Daemon", 0))
    tab.ask(choose.format("Level", 2))
    assert 0 < len(column(2)) < len(every)
    lines = "document.querySelectorAll('.around[open] .lines > div:not(.skipped)')"
    assert tab.ask(f"[...{lines}].every((each) => each.querySelector('.error, .warning'))")
    assert tab.complaints == []
