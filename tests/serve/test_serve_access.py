"""Who may do what: tokens, roles, sessions, a trusted proxy, other sites, and what is nobody else's business."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from html import escape, unescape
from pathlib import Path
from urllib.parse import urlencode

import pytest
from servers import Server, log, server

from logtrace.cli import run


def token(store: Path, *options: str) -> str:
    ran = subprocess.run(
        [sys.executable, "-m", "logtrace", "serve", str(store), *options], capture_output=True, text=True, check=True
    )
    return ran.stdout.strip()


class Team:
    """A private server with two uploaders and a reader."""

    def __init__(self, store: Path) -> None:
        names = (("ann", "uploader"), ("bob", "uploader"), ("rea", "reader"))
        self.tokens = {name: token(store, "--add-token", name, "--role", role) for name, role in names}
        self.server: Server

    def bearer(self, name: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.tokens[name]}"}


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    store = tmp_path_factory.mktemp("serve") / "store"
    made = Team(store)
    with server(store, "--private", "--user-header", "X-Remote-User", "--role-header", "X-Remote-Role") as running:
        made.server = running
        yield made


def test_without_a_token_nothing_is_told(team: Team) -> None:
    for path in ("/api/cases", "/api/jobs/x", "/api/cases/x", "/api/cases/x/document"):
        answer = team.server.get(path)
        assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, "Bearer"), path
    assert team.server.get("/").headers["Location"] == "/login"
    for path in ("/cases/x", "/cases/x/page", "/jobs/x", "/compare?first=a&second=b"):
        answer = team.server.get(path)
        assert (answer.status, answer.headers["Location"]) == (303, f"/login?{urlencode({'next': path})}"), path
    assert team.server.upload(("a.log", log())).status == 401
    assert team.server.get("/api/cases", Authorization="Bearer lt_wrong").status == 401
    assert team.server.get("/api/openapi.json").status == 200


def test_a_reader_changes_nothing(team: Team) -> None:
    reader = team.bearer("rea")
    assert team.server.upload(("a.log", log()), **reader).status == 403
    assert team.server.get("/api/cases", **reader).json == {"cases": [], "more": False}
    page = team.server.get("/", **reader).text
    assert '<form class="upload"' not in page
    for method, path in (("DELETE", "/api/jobs/x"), ("PATCH", "/api/cases/x"), ("POST", "/cases/x/remark")):
        assert team.server.ask(method, path, b"{}", reader).status == 403


def test_what_is_private_is_found_by_nobody_else(team: Team) -> None:
    ann, bob = team.bearer("ann"), team.bearer("bob")
    job = team.server.wait(team.server.upload(("secret-customer.log", log("ann")), **ann).json["id"], **ann)
    [case] = job["cases"]
    assert [each["id"] for each in team.server.get("/api/cases", **ann).json["cases"]] == [case]
    assert team.server.get("/api/cases", **bob).json["cases"] == []
    for path in (f"/api/jobs/{job['id']}", f"/api/cases/{case}", f"/api/cases/{case}/document", f"/cases/{case}"):
        assert team.server.get(path, **bob).status == 404, path
        assert team.server.get(path, **ann).status == 200, path
    for path in (f"/cases/{case}/page", f"/cases/{case}/files/1", f"/cases/{case}/get/redacted"):
        assert team.server.get(path, **bob).status == 404, path
    assert team.server.get(f"/compare/page?first={case}&second={case}", **bob).status == 404
    assert team.server.get("/fleet/page", **ann).status == 404
    assert team.server.ask("DELETE", f"/api/jobs/{job['id']}", None, bob).status == 404
    # who has the same file has the same case, and each gives up their own
    assert team.server.upload(("mine.log", log("ann")), **bob).json["id"] == job["id"]
    assert team.server.ask("DELETE", f"/api/jobs/{job['id']}", None, ann).status == 204
    assert team.server.get(f"/api/cases/{case}", **ann).status == 404
    assert team.server.get(f"/api/cases/{case}", **bob).status == 200
    assert team.server.ask("DELETE", f"/api/jobs/{job['id']}", None, bob).status == 204
    assert team.server.get(f"/api/cases/{case}", **bob).status == 404


def cookie(team: Team, name: str) -> tuple[str, str]:
    """The cookie of a browser that logs in, and all that was said of it."""
    answer = team.server.post("/login", {"token": team.tokens[name]})
    assert (answer.status, answer.headers["Location"]) == (303, "/")
    said = answer.headers["Set-Cookie"]
    return said.partition(";")[0], said


def test_a_browser_logs_in_and_out(team: Team) -> None:
    wrong = team.server.post("/login", {"token": "lt_nothing"})
    assert (wrong.status, "not known" in wrong.text) == (401, True)
    word, said = cookie(team, "ann")
    assert {"httponly", "samesite=lax"} <= {each.strip().lower() for each in said.split(";")}
    assert "ann, uploader" in team.server.get("/", Cookie=word).text
    assert team.server.post("/logout", {}, Cookie=word).status == 303
    assert team.server.get("/", Cookie=word).status == 303


@pytest.mark.parametrize(
    ("asked_for", "leads_to"),
    [
        ("/cases/x-1?a=b", "/cases/x-1?a=b"),
        ("//evil.example/", "/"),
        ("/\\evil.example/", "/"),
        ("/\t/evil.example/", "/"),
        ("https://evil.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("/cases/\r\nSet-Cookie: a=b", "/"),
        ("/" + "x" * 5000, "/"),
    ],
)
def test_who_logs_in_comes_to_what_was_asked_for_and_nowhere_else(team: Team, asked_for: str, leads_to: str) -> None:
    page = team.server.get("/login?" + urlencode({"next": asked_for})).text
    told = re.search(r'name="next" value="([^"]*)"', page)
    assert told is not None
    assert unescape(told[1]) == leads_to
    answer = team.server.post("/login", {"token": team.tokens["ann"], "next": asked_for})
    assert (answer.status, answer.headers["Location"]) == (303, leads_to)
    wrong = team.server.post("/login", {"token": "lt_nothing", "next": asked_for}).text
    assert f'name="next" value="{escape(leads_to)}"' in wrong


def test_a_session_ends_with_its_token(team: Team) -> None:
    team.tokens["eve"] = token(team.server.store, "--add-token", "eve", "--role", "reader")
    word, _ = cookie(team, "eve")
    assert team.server.get("/", Cookie=word).status == 200
    token(team.server.store, "--remove-token", "eve")
    assert team.server.get("/", Cookie=word).status == 303
    assert team.server.get("/api/cases", **team.bearer("eve")).status == 401


def test_another_site_cannot_ask_for_a_browser(team: Team) -> None:
    word, _ = cookie(team, "ann")
    own = team.server.address
    for headers, status in (
        ({"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}, 403),
        ({"Sec-Fetch-Site": "same-site", "Origin": "http://127.0.0.1:1"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "null"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "same-origin", "Origin": own}, 400),
        ({"Origin": own}, 400),
        ({}, 400),
    ):
        kind = {"Content-Type": "multipart/form-data; boundary=x", "Cookie": word}
        answer = team.server.ask("POST", "/api/cases", b"--x--\r\n", kind | headers)
        assert answer.status == status, headers


def test_a_name_that_leads_here_by_a_trick_is_refused(team: Team) -> None:
    """A site whose name is made to lead to the loopback address is still not this server."""
    answer = team.server.get("/login", Host="evil.example")
    assert answer.status == 421
    assert team.server.get("/login", Host="localhost:1").status == 200


def test_a_trusted_proxy_names_the_user(team: Team) -> None:
    uploader = team.server.get("/", X_Remote_User="carl", X_Remote_Role="uploader").text
    assert "carl, uploader" in uploader
    assert "carl, reader" in team.server.get("/", X_Remote_User="carl").text
    assert "carl, reader" in team.server.get("/", X_Remote_User="carl", X_Remote_Role="admin").text


def test_a_stranger_is_no_proxy(tmp_path: Path) -> None:
    with server(tmp_path / "store", "--user-header", "X-Remote-User", "--proxy", "192.0.2.1") as running:
        assert running.get("/api/cases", X_Remote_User="carl").status == 401


def test_secrets_are_written_nowhere(team: Team) -> None:
    word, _ = cookie(team, "ann")
    team.server.get("/api/cases?q=customer-name", **team.bearer("ann"))
    team.server.get("/?q=customer-name", Cookie=word)
    said = team.server.said()
    assert re.search(r"127\.0\.0\.1 'ann' GET '/api/cases' 200 \d+ \d", said)
    stored = b"".join(path.read_bytes() for path in (team.server.store / "serve").glob("serve.db*"))
    for secret in (team.tokens["ann"], word.partition("=")[2]):
        assert secret not in said
        assert secret.encode() not in stored
    assert "customer-name" not in said
    assert "lt_" not in said


def test_the_address_of_the_world_takes_a_token(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["serve", str(tmp_path / "store"), "--host", "0.0.0.0", "--port", "0"]) == 2
    assert "--add-token" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--keep", "soon"], "write 90d"),
        (["--max-upload", "much"], "write 2G"),
        (["--add-token", "ann", "--role", "king"], "reader.*uploader"),
        (["--add-token", "a\u202eb"], "visible characters"),
        (["--remove-token", "nobody"], "nobody has no token"),
        (["--host", "no.such.host.invalid"], "nobody can listen there"),
    ],
)
def test_what_makes_no_sense_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str], told: str
) -> None:
    store = str(tmp_path / "store")
    if "no.such" in options[-1]:
        assert run(["serve", store, "--add-token", "ann"]) == 0
    assert run(["serve", store, *options]) == 2
    assert re.search(told, capsys.readouterr().err)


def test_one_store_has_one_server(tmp_path: Path) -> None:
    with server(tmp_path / "store") as running:
        second = subprocess.run(
            [sys.executable, "-m", "logtrace", "serve", str(running.store), "--port", "0"],
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert (second.returncode, "another server has this store" in second.stderr) == (2, True)


def test_what_is_there_is_for_the_owner_only(team: Team) -> None:
    folder = team.server.store / "serve"
    assert {path.stat().st_mode & 0o077 for path in [folder, *folder.rglob("*")]} == {0}
    with sqlite3.connect(folder / "serve.db") as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()
