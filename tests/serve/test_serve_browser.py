"""The pages in a real browser: uploads by drop, by keyboard and by paste, and what a hostile page can do inside."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from browser import CHROMIUM, Browser, browser
from servers import ARCHIVE, Server, log, server

from logtrace.cli import run

AXE = os.environ.get("LOGTRACE_AXE")

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine to load the page with")

#: Told to whoever opened the page: what a script in it can reach.
SPY = """<!DOCTYPE html><html lang="en"><title>spy</title><link rel="icon" href="data:,"><body><script>
const attempt = async (what) => {
  try { return String(await what()); } catch (error) { return error.name; }
};
(async () => {
  const told = {
    cookie: await attempt(() => document.cookie),
    parent: await attempt(() => parent.document.title),
    storage: await attempt(() => localStorage.length),
    fetch: await attempt(() => fetch("/api/cases").then((answer) => answer.text())),
    form: await attempt(() => {
      const f = document.createElement("form"); f.action = "/jobs/x/delete"; f.method = "post";
      document.body.append(f); f.submit(); return "sent"; }),
    top: await attempt(() => { if (top !== self) top.location = "/login"; return "left"; }),
    popup: await attempt(() => String(window.open("/"))),
    origin: self.origin,
  };
  parent.postMessage(told, "*");
  document.title = JSON.stringify(told);
})();
</script></body></html>"""


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with server(tmp_path_factory.mktemp("serve") / "store") as running:
        yield running


@pytest.fixture(scope="module")
def tab(serving: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browser(tmp_path_factory.mktemp("profile")) as one:
        one.allowed = (serving.address + "/",)
        one.intercept_choosers()
        yield one


@pytest.fixture(autouse=True)
def quiet(tab: Browser) -> None:
    tab.complaints.clear()
    tab.leave()


@pytest.fixture(scope="module")
def case(serving: Server) -> str:
    """A case of a real cluster."""
    job = serving.wait(serving.upload(("crm_report.tar.bz2", ARCHIVE.read_bytes())).json["id"])
    return str(job["cases"][0])


def arrived(tab: Browser) -> str:
    """The case that an upload leads to by itself."""
    tab.wait("location.pathname.startsWith('/cases/')", 90)
    return str(tab.ask("document.querySelector('h1').textContent"))


def nothing_else(tab: Browser, serving: Server) -> None:
    assert tab.complaints == []
    assert {each for each in tab.requests if not each.startswith((serving.address + "/", "data:", "blob:"))} == set()


def middle(tab: Browser, selector: str) -> tuple[float, float]:
    tab.ask(f"document.querySelector({selector!r}).scrollIntoView({{ behavior: 'instant', block: 'center' }})")
    box = tab.ask(
        f"(({{ x, y, width, height }}) => [x + width / 2, y + height / 2])"
        f"(document.querySelector({selector!r}).getBoundingClientRect())"
    )
    return box[0], box[1]


def click(tab: Browser, selector: str) -> None:
    tab.ask(f"document.querySelector({selector!r}).click()")


def test_what_is_dropped_becomes_a_case(tab: Browser, serving: Server, tmp_path: Path) -> None:
    for name, content in (("one.log", log("dropped")), ("two.log", log("beside", "alpha"))):
        (tmp_path / name).write_bytes(content)
    tab.visit(serving.address + "/")
    tab.drop(middle(tab, ".drop"), tmp_path / "one.log", tmp_path / "two.log")
    arrived(tab)
    assert tab.ask("document.querySelectorAll('.folds ul a').length") == 2
    nothing_else(tab, serving)


def test_the_keyboard_is_enough(tab: Browser, serving: Server, tmp_path: Path) -> None:
    (tmp_path / "keys.log").write_bytes(log("keys"))
    tab.visit(serving.address + "/")
    for _ in range(20):
        if tab.ask("document.activeElement.id") == "file":
            break
        tab.press("Tab", code=9)
    tab.press("Enter", code=13, text="\r")
    tab.wait("true")
    while not tab.choosers:
        tab.ask("0")
    tab.choose(tmp_path / "keys.log")
    while tab.ask("document.activeElement.textContent") != "Analyse":
        tab.press("Tab", code=9)
    tab.press("Enter", code=13, text="\r")
    arrived(tab)
    nothing_else(tab, serving)


def test_lines_are_pasted(tab: Browser, serving: Server) -> None:
    tab.visit(serving.address + "/")
    click(tab, ".upload summary")
    tab.ask(f"document.querySelector('#text').value = {log('pasted').decode()!r}")
    click(tab, ".upload button")
    arrived(tab)
    nothing_else(tab, serving)


def test_without_scripts_forms_work(tab: Browser, serving: Server) -> None:
    tab.visit(serving.address + "/", scripts=False)
    tab.ask(f"document.querySelector('#text').value = {log('unscripted').decode()!r}")
    click(tab, ".upload button")
    tab.wait("location.pathname.startsWith('/jobs/') || location.pathname.startsWith('/cases/')")


def test_what_is_wrong_is_said_beside_the_field(tab: Browser, serving: Server) -> None:
    tab.visit(serving.address + "/")
    click(tab, ".upload button")
    assert "nothing in it" in tab.ask("document.querySelector('.said').textContent")
    tab.ask("document.querySelector('form.upload').dataset.most = 10")
    tab.ask("document.querySelector('#text').value = 'x'.repeat(100)")
    click(tab, ".upload button")
    assert "may be uploaded" in tab.ask("document.querySelector('.said').textContent")


def test_a_case_is_found_noted_compared_and_deleted(tab: Browser, serving: Server, case: str) -> None:
    other = serving.wait(serving.upload(("gone.log", log("gone"))).json["id"])["cases"][0]
    tab.visit(serving.address + "/")
    tab.ask("document.querySelector('.search select').value = 'slow_init'")
    click(tab, ".search button")
    tab.wait("location.search.includes('slow_init')")
    assert tab.ask("document.querySelectorAll('table.cases tbody tr').length") == 1
    click(tab, "table.cases th a")
    arrived(tab)
    tab.ask("document.querySelector('#note').value = 'a note'")
    click(tab, ".folds form[action$=remark] button")
    tab.wait("document.querySelector('.remark')?.textContent === 'a note'")
    tab.ask(f"document.querySelector('#second').value = {other!r}")
    click(tab, ".folds form[action='/compare'] button")
    tab.wait("location.pathname === '/compare'")
    tab.visit(f"{serving.address}/cases/{other}")
    click(tab, ".folds form[action$=delete] button")
    tab.wait("location.pathname === '/'")
    assert serving.get(f"/cases/{other}").status == 404
    nothing_else(tab, serving)


def test_a_case_s_page_is_whole_inside(tab: Browser, serving: Server, case: str) -> None:
    """Its own two scripts run under the policy of the server, and it fetches nothing."""
    tab.visit(f"{serving.address}/cases/{case}/page")
    tab.ask("document.querySelector('.plot').scrollIntoView({ behavior: 'instant' })")
    tab.wait("document.querySelectorAll('.plot .main-svg').length > 0")
    assert tab.ask("self.origin") == "null"
    assert {each.partition("#")[0] for each in tab.requests if each.startswith("http")} == {
        f"{serving.address}/cases/{case}/page"
    }
    assert tab.complaints == []


def hostile(serving: Server, name: str, *, runs: bool) -> str:
    """A case whose page was taken over by its log, as it must never be; its script may run where `runs`."""
    case = str(serving.wait(serving.upload((f"{name}.log", log(name))).json["id"])["cases"][0])
    job, _, number = case.partition("-")
    folder = serving.store / "serve" / "cases" / job / number
    (folder / "page.html").write_text(SPY)
    if runs:
        (folder / "policy").write_text("default-src * 'unsafe-inline'")
    return case


def test_a_script_out_of_a_log_does_not_run(tab: Browser, serving: Server) -> None:
    case = hostile(serving, "still", runs=False)
    tab.visit(f"{serving.address}/cases/{case}/page")
    assert tab.ask("document.title") == "spy"
    assert any("script" in each.lower() for each in tab.complaints)


def test_a_script_that_runs_reaches_nothing(tab: Browser, serving: Server) -> None:
    """Also where the policy of scripts were broken: neither in the frame nor alone."""
    case = hostile(serving, "spy", runs=True)
    nothing = {
        "cookie": "SecurityError", "parent": "SecurityError", "storage": "SecurityError", "fetch": "TypeError",
        "popup": "null", "origin": "null",
    }  # fmt: skip
    tab.visit(f"{serving.address}/login")
    tab.ask("document.cookie = 'logtrace=secret'")
    tab.visit(f"{serving.address}/cases/{case}")
    tab.ask("addEventListener('message', (event) => { window.told = event.data; })")
    tab.ask("(() => { const frame = document.querySelector('iframe'); frame.replaceWith(frame.cloneNode()); })()")
    tab.wait("window.told")
    told = tab.ask("window.told")
    assert {name: told[name] for name in nothing} == nothing
    assert told["top"] in ("SecurityError", "left")
    assert tab.ask("location.pathname") == f"/cases/{case}", "the frame leads its window nowhere"
    tab.visit(f"{serving.address}/cases/{case}/page")
    tab.wait("document.title !== 'spy'")
    alone = json.loads(tab.ask("document.title"))
    assert {name: alone[name] for name in ("cookie", "storage", "fetch", "popup")} == {
        name: nothing[name] for name in ("cookie", "storage", "fetch", "popup")
    }


def test_all_cases_together_lead_to_one_of_them(tab: Browser, serving: Server, case: str) -> None:
    """Its frame, which is let nowhere, asks for a case, and gets nothing else."""
    tab.visit(f"{serving.address}/fleet")
    tab.wait("document.querySelector('.loading').hidden")
    told = "dispatchEvent(new MessageEvent('message', { source: document.querySelector('iframe').contentWindow, data"
    for asked in ("/logout", "//evil.example/", "/cases/x", "javascript:alert(1)"):
        tab.ask(f"{told}: {asked!r} }})), 0")
    tab.ask(f"postMessage('/fleet/cases/{case[:16]}', '*'), 0")
    assert tab.ask("new Promise((done) => setTimeout(() => done(location.pathname), 300))") == "/fleet"
    click_link = "document.querySelector('#reading a[href^=\"/fleet/cases/\"]').click()"
    tab.ask_frame(f"{serving.address}/fleet/page", click_link)
    tab.wait("location.pathname.startsWith('/cases/')")
    nothing_else(tab, serving)


def test_what_is_under_way_changes_and_what_was_typed_stays(tab: Browser, serving: Server, case: str) -> None:
    serving.upload(("live.log", log("live")))
    tab.visit(serving.address + "/")
    rows = tab.ask("document.querySelectorAll('table.cases tbody tr').length")
    tab.ask("document.querySelector('#text').value = 'typed'")
    tab.wait(f"document.querySelectorAll('table.cases tbody tr').length > {rows}", 90)
    assert tab.ask("document.querySelector('[data-live=jobs]').textContent").count("live.log") == 0
    assert tab.ask("document.querySelector('#text').value") == "typed"
    nothing_else(tab, serving)


def test_a_link_in_the_system_of_tickets_leads_into_a_case(
    tab: Browser, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """From another site, to somebody who has logged in; and a form of that site is refused all the same."""
    store = tmp_path / "store"
    assert run(["serve", str(store), "--add-token", "ann"]) == 0
    token = capsys.readouterr().out.strip()
    bearer = {"Authorization": f"Bearer {token}"}
    with server(store) as running, other_site(tmp_path / "site") as site:
        job = running.wait(running.upload(("a.log", log("linked")), **bearer).json["id"], **bearer)
        [case] = job["cases"]
        (tmp_path / "site" / "index.html").write_text(
            f'<a href="{running.address}/cases/{case}">INC-7</a>'
            f'<form method="post" action="{running.address}/jobs/{job["id"]}/delete"><button>Win</button></form>'
        )
        tab.allowed += (running.address, site)
        tab.visit(f"{running.address}/cases/{case}")
        assert tab.ask("location.pathname") == "/login"
        tab.ask(f"document.querySelector('#token').value = {token!r}")
        click(tab, "main button")
        tab.wait(f"location.pathname === '/cases/{case}'")
        tab.visit(site)
        click(tab, "a")
        tab.wait(f"location.pathname === '/cases/{case}'")
        tab.visit(site)
        click(tab, "button")
        tab.wait("document.querySelector('h1')?.textContent.includes('another site')")
        assert running.get(f"/api/cases/{case}", **bearer).status == 200


@contextmanager
def other_site(folder: Path) -> Iterator[str]:
    """A site of another name than the server's."""
    folder.mkdir()
    with ThreadingHTTPServer(("localhost", 0), partial(Quiet, directory=str(folder))) as site:
        thread = Thread(target=site.serve_forever)
        thread.start()
        try:
            yield f"http://localhost:{site.server_port}/"
        finally:
            site.shutdown()
            thread.join()


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def failed(serving: Server) -> str:
    """A job that failed."""
    return str(serving.wait(serving.upload(("photo.jpg", b"\xff\xd8\xff" + bytes(5000))).json["id"])["id"])


def places(case: str, failed: str) -> list[str]:
    return [
        "/",
        f"/jobs/{failed}",
        "/?since=yesterday",
        "/?q=nothing-like-it",
        f"/cases/{case}",
        f"/compare?first={case}&second={case}",
        "/fleet",
        "/login",
        "/nowhere",
    ]


@pytest.mark.parametrize("width", [390, 1280])
def test_no_page_overflows(tab: Browser, serving: Server, case: str, failed: str, width: int) -> None:
    serving.ask(
        "PATCH", f"/api/cases/{case}", json.dumps({"note": "a note " * 50, "ticket": "INC-" + 150 * "7"}).encode()
    )
    serving.wait(serving.upload(("long-name-" * 15 + ".log", log("wide"))).json["id"])
    for place in places(case, failed):
        tab.visit(serving.address + place, width=width)
        tab.ask("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
        assert tab.ask("document.documentElement.scrollWidth") <= width, place


def test_on_a_telephone_the_list_is_read_without_scrolling_sideways(tab: Browser, serving: Server, case: str) -> None:
    tab.visit(serving.address + "/", width=390)
    assert tab.ask(f"document.querySelector('table.cases a[href=\"/cases/{case}\"]') !== null")
    box = "document.querySelector('.scroll:has(table.cases)')"
    assert tab.ask(f"{box}.scrollWidth <= {box}.clientWidth")


@pytest.mark.skipif(AXE is None, reason="no axe-core (LOGTRACE_AXE names its axe.min.js) to audit the page with")
@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [390, 1280])
def test_axe_finds_no_violation(tab: Browser, serving: Server, case: str, failed: str, width: int, dark: bool) -> None:
    serving.ask("PATCH", f"/api/cases/{case}", b'{"note": "a note", "ticket": "INC-7"}')
    for place in places(case, failed):
        tab.visit(serving.address + place, width=width, dark=dark)
        audit(tab, place)


@pytest.mark.skipif(AXE is None, reason="no axe-core (LOGTRACE_AXE names its axe.min.js) to audit the page with")
@pytest.mark.parametrize("dark", [False, True])
def test_axe_finds_no_violation_while_something_is_under_way(tab: Browser, tmp_path: Path, dark: bool) -> None:
    """In an empty list, where a file is sent, where it is waited for, and where it was refused without a script."""
    (tmp_path / "one.log").write_bytes(log("slow") * 100)
    with server(tmp_path / "store", "--max-upload", "1M") as running:
        tab.allowed += (running.address,)
        tab.visit(running.address + "/", dark=dark)
        audit(tab, "an empty list")
        tab.visit(running.address + "/fleet", dark=dark)
        audit(tab, "nothing to tell")
        tab.visit(running.address + "/", width=390, dark=dark)
        tab.slow(20_000)
        tab.drop(middle(tab, ".drop"), tmp_path / "one.log")
        tab.wait("!document.querySelector('.upload progress').hidden")
        audit(tab, "being sent")
        tab.slow(0)
        tab.wait("location.pathname.startsWith('/jobs/')", 90)
        audit(tab, "being waited for")
        tab.visit(running.address + "/", dark=dark, scripts=False)
        tab.ask("document.querySelector('#text').value = 'x'.repeat(3e6)")
        click(tab, ".upload button")
        tab.wait("document.querySelector('h1')?.textContent.includes('may have at most 1.0 MB')")


def audit(tab: Browser, what: str) -> None:
    """What axe finds to be wrong with what is shown, all of it unfolded."""
    assert AXE is not None
    tab.ask("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    tab.ask(Path(AXE).read_text(encoding="utf-8") + "; 0")
    found = tab.ask(
        "axe.run(document, { iframes: false }).then(({ violations, passes }) => ({ passes: passes.length,"
        "violations: violations.map((v) => [v.impact, v.id, v.help, v.nodes.map((n) => n.target.join(' '))]) }))"
    )
    assert found["passes"] > 10, what
    assert found["violations"] == [], what
