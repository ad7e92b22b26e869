"""The report of a store: its page and its summary, and that no name of a cluster is alive in either."""

from __future__ import annotations

import base64
import re
import shlex
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path

import pytest
from fleets import HOSTILE, busy, hostile
from rich.cells import cell_len
from small_store import case, incident, tables

from logtrace.fleet.statistics.report import report
from logtrace.fleet.statistics.values import FleetReport, Wanted
from logtrace.render import fleet, fleet_summary
from logtrace.tables.questions import ask

GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture(scope="module")
def told() -> FleetReport:
    return report(busy(), Wanted())


@pytest.fixture(scope="module")
def page(told: FleetReport) -> str:
    return fleet.page(told, pages="../store")


class Elements(HTMLParser):
    """What a page is made of: names of elements, links, ids."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.links: list[str] = []
        self.ids: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]
        self.ids += [value or "" for name, value in attrs if name == "id"]


@pytest.mark.parametrize("width", [60, 80, 120])
def test_the_summary_reads_like_its_golden_text(told: FleetReport, width: int) -> None:
    shown = fleet_summary.render(told, width=width, page="./store.logtrace.html").plain
    assert shown == (GOLDEN / f"fleet-{width}.txt").read_text(encoding="utf-8").rstrip("\n")
    assert all(cell_len(line) <= width for line in shown.splitlines())


@pytest.mark.parametrize(
    ("recovered", "said"),
    [
        (0, "no outage."),
        (1, "8.0 s of outage together. The one that recovered was over 8.0 s after the cluster knew."),
        (3, "24.0 s of outage together. Half of the 3 that recovered were over 8.0 s after their cluster knew."),
    ],
)
def test_a_share_is_told_of_as_many_as_have_one(recovered: int, said: str) -> None:
    one = case("case1", "c1")
    faults = [incident(one, f"i{number}", "slow_init", 8.0 if number else None) for number in range(recovered + 1)]
    told = fleet.verdict(report(tables(cases=[one], incidents=faults), Wanted()))
    assert told.split(", ", 1)[1] == said


def test_the_summary_without_other_characters(told: FleetReport) -> None:
    assert fleet_summary.render(told, symbols=False).plain.isascii()


def test_one_script_may_run_and_nothing_is_fetched(page: str) -> None:
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert policy is not None
    assert policy[1].startswith("default-src 'none'; ")
    (script,) = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    digest = base64.b64encode(sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in policy[1].replace("&#39;", "'")
    links = Elements(page).links
    assert all(each.startswith(("#", "../store/pages/", "data:")) for each in links)
    assert "../store/pages/case001.html#i1" in links


def test_ids_are_unique_and_links_lead_somewhere(page: str) -> None:
    elements = Elements(page)
    assert len(elements.ids) == len(set(elements.ids))
    anchors = {each.removeprefix("#").partition("&")[0] for each in elements.links if each.startswith("#")}
    assert anchors <= set(elements.ids)


def test_nothing_in_a_name_is_alive() -> None:
    told = report(hostile(), Wanted())
    text = fleet.page(told, pages="../store")
    assert "alert(1)</script>" not in text
    assert "\x1b" not in text
    assert "\u202e" not in text
    plain = Elements(fleet.page(report(busy(), Wanted()), pages="../store"))
    assert set(Elements(text).names) <= set(plain.names)
    assert Elements(text).names.count("script") == 2
    summary = fleet_summary.render(told).plain
    assert "\x1b" not in summary
    assert "\u202e" not in summary


def test_the_query_finds_what_is_counted() -> None:
    """Also for names that mean something to a shell, or to SQL."""
    for frames, wanted in (
        (busy(), Wanted(since="2025-03", until="2025-09", cause="slow_init", agent="ocf:heartbeat:galera")),
        (hostile(), Wanted(cause=HOSTILE, release=HOSTILE, agent=HOSTILE)),
    ):
        from logtrace.fleet.views import with_views

        program, command, what, store, query = shlex.split(fleet.query(wanted))
        assert (program, command, what, store) == ("logtrace", "fleet", "query", "STORE")
        assert ask(with_views(frames), query).height == report(frames, wanted).overview.all.incidents > 0


def test_a_store_in_which_nothing_happened() -> None:
    told = report(tables(cases=[case("c1", "A"), case("c2", None, "unknown")]), Wanted())
    assert "Nothing went wrong in any of them." in fleet.page(told)
    assert "2 cases of 1 cluster" in fleet_summary.render(told).plain


def test_what_was_asked_for_is_told() -> None:
    wanted = Wanted(since="2025-03", cause="slow_init", agent="ocf:heartbeat:galera")
    told = report(busy(), wanted)
    sentence = "Only incidents from Mar 2025, cause slow init, agent ocf:heartbeat:galera."
    assert sentence in fleet.page(told)
    assert sentence in " ".join(fleet_summary.render(told).plain.split())


def test_too_many_incidents_leave_the_page_without_filters(told: FleetReport) -> None:
    from msgspec.structs import replace

    text = fleet.page(replace(told, columns=None))
    assert 'id="fleet"' not in text
    assert "There are too many incidents to be filtered in a page" in text
