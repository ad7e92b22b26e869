"""The page of a store in a real browser: its filters count what logtrace counts, at every width, for everybody."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import polars as pl
import pytest
from browser import CHROMIUM, Browser, browser
from fleets import HOSTILE, busy, hostile

from logtrace.fleet.statistics.report import report
from logtrace.fleet.statistics.values import Group, Wanted
from logtrace.fleet.views import with_views
from logtrace.render import fleet, words
from logtrace.tables.questions import ask

AXE = os.environ.get("LOGTRACE_AXE")

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine to load the page with")


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browser(tmp_path_factory.mktemp("profile")) as one:
        yield one


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "fleet.html"
    path.write_text(fleet.page(report(busy(), Wanted()), pages="store"), encoding="utf-8")
    return path


@pytest.fixture(autouse=True)
def quiet(tab: Browser) -> None:
    tab.complaints.clear()
    tab.requests.clear()


def cells(tab: Browser, group: str) -> list[str]:
    """What the page says of a group: incidents, clusters, median, nine of ten, not recovered, outage."""
    parts = ("incidents", "clusters", "median", "p90", "not_recovered", "outage")
    view = f"document.querySelector('[data-group={group!r}]:not(.month)')".replace(repr(group), f'"{group}"')
    found = tab.ask(f"{list(parts)}.map((each) => {view}.querySelector(`[data-of=${{each}}]`).textContent)")
    assert isinstance(found, list)
    return found


def expected(group: Group) -> list[str]:
    lengths = [
        "\N{EN DASH}" if each is None else words.duration(each) for each in (group.recovery.median, group.recovery.p90)
    ]
    return [
        f"{group.incidents:,}",
        f"{group.clusters:,}",
        *lengths,
        str(group.not_recovered),
        words.duration(group.outage),
    ]


def filtered(tab: Browser, page: Path, **chosen: str) -> None:
    tab.open(page, fragment=f"#incidents&{urlencode(chosen)}")
    tab.wait("document.querySelector('.filter [role=status]').textContent !== ''")


@pytest.mark.parametrize(
    ("chosen", "wanted"),
    [
        ({"cause": "slow_init"}, Wanted(cause="slow_init")),
        ({"since": "2025-04", "until": "2025-11"}, Wanted(since="2025-04", until="2025-11")),
        ({"release": "2.1.5", "agent": "ocf:heartbeat:galera"}, Wanted(release="2.1.5", agent="ocf:heartbeat:galera")),
        ({"since": "2026-01", "cause": "group_cascade"}, Wanted(since="2026-01", cause="group_cascade")),
    ],
    ids=str,
)
def test_the_page_counts_what_the_command_counts(
    tab: Browser, page: Path, chosen: dict[str, str], wanted: Wanted
) -> None:
    whole, told = report(busy(), Wanted()), report(busy(), wanted)
    filtered(tab, page, **chosen)
    assert cells(tab, "all:0") == expected(told.overview.all)
    for dimension, everything in zip(told.dimensions, whole.dimensions, strict=True):
        places = {group.name: place for place, group in enumerate(everything.groups)}
        for group in dimension.groups:
            assert cells(tab, f"{dimension.name}:{places[group.name]}") == expected(group)
        rows = f"document.querySelectorAll('#{dimension.name} tbody tr:not([hidden])').length"
        assert tab.ask(rows) == len(dimension.groups)
    months = {each.name: place for place, each in enumerate(whole.months)}
    for month in told.months:
        assert cells(tab, f"month:{months[month.name]}") == expected(month.group)
    assert tab.complaints == []


def test_what_is_unknown_can_be_filtered_too(tab: Browser, page: Path) -> None:
    (group,) = (each for each in report(busy(), Wanted()).dimensions[1].groups if each.name is None)
    filtered(tab, page, agent="?")
    assert cells(tab, "all:0") == expected(group)


@pytest.mark.parametrize(
    ("frames", "chosen"),
    [
        (busy(), {"cause": "slow_init", "size": "3", "since": "2025-02", "until": "2025-12"}),
        (busy(), {"agent": "?", "fencing": "off", "size": "2"}),
        (hostile(), {"cause": HOSTILE, "agent": HOSTILE, "release": HOSTILE}),
    ],
    ids=["many", "unknown", "hostile"],
)
def test_the_command_in_the_page_finds_what_it_counts(
    tab: Browser,
    tmp_path: Path,
    frames: dict[str, pl.LazyFrame],
    chosen: dict[str, str],
) -> None:
    path = tmp_path / "fleet.html"
    path.write_text(fleet.page(report(frames, Wanted())), encoding="utf-8")
    filtered(tab, path, **chosen)
    *_, query = shlex.split(tab.ask("document.querySelector('#query').textContent"))
    counted = int(cells(tab, "all:0")[0])
    assert ask(with_views(frames), query).height == counted > 0
    assert tab.complaints == []


def test_choosing_is_kept_in_the_address_and_undone(tab: Browser, page: Path) -> None:
    tab.open(page)
    before = tab.ask("document.body.innerText")
    tab.ask("""(() => {
      const box = document.querySelector('.filter [name=cause]');
      box.value = 'slow_fencing';
      box.dispatchEvent(new Event('change'));
    })()""")
    tab.wait("document.querySelector('.filter [role=status]').textContent === '30 of 120 incidents'")
    assert tab.ask("location.hash") == "#cause=slow_fencing"
    seen = "[...document.querySelectorAll('#told tr:not([hidden])')].map((row) => row.cells[5].textContent)"
    assert set(tab.ask(seen)) == {"slow fencing"}
    tab.ask("document.querySelector('.filter .clear').click()")
    tab.wait("document.querySelector('.filter [role=status]').textContent === ''")
    assert tab.ask("location.hash") == ""
    assert tab.ask("document.body.innerText") == before


def test_a_name_in_a_table_leads_to_its_incidents(tab: Browser, page: Path) -> None:
    tab.open(page)
    tab.ask("[...document.querySelectorAll('#cause th a')].find((each) => each.textContent === 'slow init').click()")
    tab.wait("document.querySelector('#listed').textContent === '30 of 30 incidents'")
    tab.wait("document.querySelector('#incidents').getBoundingClientRect().top < 900")


def test_without_scripts_the_page_is_complete(tab: Browser, page: Path) -> None:
    tab.open(page, scripts=False)
    assert tab.ask("document.querySelectorAll('#told tr').length") == 120
    assert tab.ask("[...document.querySelectorAll('.tall')].filter((each) => each.offsetHeight > 20).length") >= 10
    assert tab.ask("document.querySelectorAll('.filter:not([hidden])').length") == 0
    assert {each.split("#")[0] for each in tab.requests if not each.startswith("data:")} == {page.as_uri()}


@pytest.mark.parametrize("width", [390, 1280, 2560])
@pytest.mark.parametrize("what", ["busy", "hostile"])
def test_no_width_overflows(tab: Browser, page: Path, tmp_path: Path, width: int, what: str) -> None:
    path = page
    if what == "hostile":
        path = tmp_path / "hostile.html"
        path.write_text(fleet.page(report(hostile(), Wanted())), encoding="utf-8")
    tab.open(path, width=width)
    tab.ask("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    assert tab.ask("document.documentElement.scrollWidth") <= width
    assert tab.complaints == []


@pytest.mark.skipif(AXE is None, reason="no axe-core (LOGTRACE_AXE names its axe.min.js) to audit the page with")
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("dark", [False, True])
def test_axe_finds_nothing(tab: Browser, page: Path, width: int, dark: bool) -> None:
    assert AXE is not None
    tab.open(page, width=width, dark=dark)
    tab.ask("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    tab.ask(Path(AXE).read_text(encoding="utf-8") + "; 0")
    found = tab.ask(
        "axe.run().then(({ violations, passes }) => ({ passes: passes.length, violations:"
        "violations.map((v) => [v.impact, v.id, v.help, v.nodes.map((n) => n.target.join(' '))]) }))"
    )
    assert found["passes"] > 20
    assert found["violations"] == []
