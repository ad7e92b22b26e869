"""What is read: the list and its search, a case and what is written beside it, comparisons, downloads, deletion."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from servers import ARCHIVE, Server, log, server, until

HOSTILE = "db</script><script>alert(1)</script>"


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with server(tmp_path_factory.mktemp("serve") / "store") as running:
        yield running


@pytest.fixture(scope="module")
def cases(serving: Server) -> dict[str, str]:
    """Ids of a case of a real cluster, and of two of a single log."""
    uploads = {"lab": ARCHIVE.read_bytes(), "db": log("db"), "web": log("web", "alpha")}
    jobs = {name: serving.upload((f"{name}.log", content)).json["id"] for name, content in uploads.items()}
    return {name: serving.wait(job)["cases"][0] for name, job in jobs.items()}


def found(serving: Server, **asked: str) -> set[str]:
    return {each["id"] for each in serving.get(f"/api/cases?{urlencode(asked)}").json["cases"]}


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ({"node": "alpha"}, {"web"}),
        ({"node": "ALPHA"}, {"web"}),
        ({"node": "alph"}, set()),
        ({"cluster": "LA"}, {"lab"}),
        ({"cause": "slow_init"}, {"lab"}),
        ({"cause": "service_crash", "node": "node1"}, {"db", "lab"}),
        ({"release": "2.1"}, {"lab"}),
        ({"release": "%"}, set()),
        ({"since": "2026-11-22T17:00Z"}, {"lab"}),
        ({"until": "2026-11-22T17:00Z"}, {"db", "web"}),
        ({"since": "2026-11-22", "until": "2026-11-22"}, {"db", "web", "lab"}),
        ({"since": "2026-11-23"}, set()),
        ({"q": "p_cinder"}, {"lab"}),
        ({"q": "'; DROP TABLE cases; --"}, set()),
        ({"q": "_"}, {"lab"}),
        ({"skip": "3"}, set()),
    ],
)
def test_a_search_finds_what_is_asked_for(
    serving: Server, cases: dict[str, str], asked: dict[str, str], names: set[str]
) -> None:
    ids = {name: case for case, name in ((cases[name], name) for name in cases)}
    got = found(serving, **asked)
    if asked == {"q": "_"}:  # which is a character, and none that stands for any
        assert ids["lab"] in got
    else:
        assert got == {ids[name] for name in names}
    assert serving.get(f"/?{urlencode(asked)}").status == 200


@pytest.mark.parametrize("asked", ["since=yesterday", "until=2026-13-01", "skip=-1", "skip=" + "9" * 30])
def test_a_search_that_makes_no_sense_is_told(serving: Server, asked: str) -> None:
    assert serving.get(f"/api/cases?{asked}").status == 400
    assert serving.get(f"/?{asked}").status == 400


def test_a_note_and_a_ticket_stand_beside_a_case(serving: Server, cases: dict[str, str]) -> None:
    case = cases["lab"]
    answer = serving.post(f"/cases/{case}/remark", {"ticket": "INC-7\x00", "note": "seen\r\n<b>twice</b>"})
    assert answer.status == 303
    assert found(serving, ticket="inc-7") == {case}
    page = serving.get(f"/cases/{case}").text
    assert "seen\n&lt;b&gt;twice&lt;/b&gt;" in page
    changed = serving.ask("PATCH", f"/api/cases/{case}", b'{"ticket": "INC-8"}').json
    assert (changed["ticket"], changed["note"]) == ("INC-8", "seen\n<b>twice</b>")
    assert serving.ask("PATCH", f"/api/cases/{case}", b"[]").status == 400
    assert serving.ask("PATCH", "/api/cases/none", b"{}").status == 404


def test_a_case_is_read_in_a_frame_that_has_no_origin(serving: Server, cases: dict[str, str]) -> None:
    page = serving.get(f"/cases/{cases['lab']}")
    assert re.search(r'<iframe [^>]*sandbox="allow-scripts"', page.text)
    assert "script-src 'self';" in page.headers["Content-Security-Policy"]
    framed = serving.get(f"/cases/{cases['lab']}/page")
    policy = framed.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox allow-scripts;")
    assert "allow-same-origin" not in policy
    own = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', framed.text)
    assert own is not None
    assert policy.endswith(own.group(1).replace("&#39;", "'"))
    assert "unsafe" not in policy.partition("script-src")[2]


def test_what_was_uploaded_is_an_attachment(serving: Server) -> None:
    job = serving.wait(serving.upload(("page.html", b"<script>alert(1)</script>\n" + log("html"))).json["id"])
    answer = serving.get(f"/cases/{job['cases'][0]}/files/1")
    assert answer.body.startswith(b"<script>")
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"].startswith("sandbox;")
    assert serving.get(f"/cases/{job['cases'][0]}/files/2").status == 404


def test_a_redacted_copy_names_nobody(serving: Server, cases: dict[str, str]) -> None:
    copy = serving.get(f"/cases/{cases['web']}/get/redacted").text
    assert "node-1" in copy
    assert "alpha" not in copy
    assert "alpha" in serving.get(f"/cases/{cases['web']}/get/page").text
    assert serving.get(f"/cases/{cases['web']}/get/values").status == 404
    assert "alpha" in serving.get(f"/api/cases/{cases['web']}/ticket").text


def test_two_cases_are_compared(serving: Server, cases: dict[str, str]) -> None:
    asked = urlencode({"first": cases["db"], "second": cases["lab"]})
    assert "iframe" in serving.get(f"/compare?{asked}").text
    page = serving.get(f"/compare/page?{asked}")
    assert "against" in page.text
    assert page.headers["Content-Security-Policy"].startswith("sandbox;")
    assert serving.get("/compare/page?first=x").status == 404


def test_all_cases_are_told_together(serving: Server, cases: dict[str, str]) -> None:
    assert "iframe" in serving.get("/fleet").text
    page = serving.get("/fleet/page")
    assert page.status == 200
    assert "slow init" in page.text
    policy = page.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox allow-scripts;")
    assert "'sha256-" in policy
    assert "unsafe" not in policy.partition("script-src")[2]


def test_all_cases_together_lead_to_each(serving: Server, cases: dict[str, str]) -> None:
    leads = set(re.findall(r'href="(/fleet/cases/[^"#]*)', serving.get("/fleet/page").text))
    assert {serving.get(each).headers["Location"] for each in leads} == {f"/cases/{case}" for case in cases.values()}
    gone = serving.get("/fleet/cases/0123456789abcdef")
    assert gone.status == 404
    assert "logtrace fleet add" in gone.text
    assert serving.get("/fleet/cases/0").status == 404


def test_before_there_is_a_case_there_is_nothing_to_tell_together(tmp_path: Path) -> None:
    with server(tmp_path / "store") as running:
        page = running.get("/fleet").text
        assert "There is nothing to tell yet" in page
        assert "iframe" not in page
        framed = running.get("/fleet/page")
        assert framed.status == 409
        assert "frame-ancestors 'self'" in framed.headers["Content-Security-Policy"], "its frame shows why"


def test_what_was_seen_before_stands_beside_an_incident(serving: Server, cases: dict[str, str]) -> None:
    again = log("db", day="2026-11-20")
    job = serving.wait(serving.upload(("again.log", again)).json["id"])
    page = serving.get(f"/cases/{job['cases'][0]}/page").text
    assert "Seen before" in page
    serving.ask("PATCH", f"/api/cases/{cases['db']}", b'{"ticket": "INC-42", "note": "the switch was broken"}')
    around = serving.get(f"/cases/{job['cases'][0]}").text
    seen = re.search(r'<details class="before">.*?</details>', around, re.DOTALL)
    assert seen is not None
    assert set(re.findall(r'href="/cases/([^"]*)"', seen[0])) >= {cases["db"]}
    assert "INC-42" in seen[0]
    assert "the switch was broken" in seen[0]
    assert "Seen before" not in serving.get(f"/cases/{cases['db']}/page").text


def test_a_hostile_name_is_text_everywhere(serving: Server) -> None:
    content = log("db").replace(b"db", HOSTILE.encode())
    job = serving.wait(serving.upload((f"{HOSTILE}.log", content)).json["id"])
    paths = ["/", f"/jobs/{job['id']}", "/?" + urlencode({"q": HOSTILE, "cluster": HOSTILE, "node": '"><script>'})]
    paths += [f"/cases/{case}" for case in job["cases"]]
    for path in paths:
        page = serving.get(path).text
        assert "<script>alert" not in page, path
        assert "<script>" not in page, path


def test_states_say_what_is_next(serving: Server) -> None:
    answer = serving.upload(("a.log", log("state")))
    page = serving.get(f"/jobs/{answer.json['id']}")
    assert page.status == 303 or "The upload is safe" in page.text
    failed = serving.wait(serving.upload(("empty.txt", b"nothing of a cluster\n")).json["id"])
    page = serving.get(f"/jobs/{failed['id']}").text
    assert "It could not be analysed" in page
    assert "pacemaker.log" in page, "the remedy"
    assert serving.get("/jobs/none").status == 404
    assert "There is nothing here" in serving.get("/nowhere").text


def test_an_empty_list_says_how_to_begin(tmp_path: Path) -> None:
    with server(tmp_path / "store") as running:
        assert "There is no case yet" in running.get("/").text
        assert "No case is like that" in running.get("/?q=x").text


def test_what_is_deleted_is_nowhere(tmp_path: Path) -> None:
    with server(tmp_path / "store") as running:
        content = log("delenda").replace(b"node1", b"carthago")
        job = running.wait(running.upload(("delenda.log", content)).json["id"])
        other = running.wait(running.upload(("other.log", log("other"))).json["id"])
        assert running.post(f"/jobs/{job['id']}/delete", {}).status == 303
        assert running.get(f"/cases/{job['cases'][0]}").status == 404
        assert running.get(f"/api/jobs/{job['id']}").status == 404
        assert running.get(f"/cases/{other['cases'][0]}").status == 200
        left = {path: path.read_bytes() for path in running.store.rglob("*") if path.is_file()}
        assert [path.name for path, found in left.items() if b"delenda" in found or b"carthago" in found] == []


def test_what_is_old_is_deleted(tmp_path: Path) -> None:
    store = tmp_path / "store"
    with server(store) as running:
        old, new = (running.wait(running.upload((f"{n}.log", log(n))).json["id"]) for n in ("old", "new"))
    with sqlite3.connect(store / "serve" / "serve.db") as connection:
        connection.execute("UPDATE uploads SET time = time - 91 * 86400 WHERE job = ?", (old["id"],))
    connection.close()
    with server(store, "--keep", "90d") as running:
        until(lambda: running.get(f"/api/jobs/{old['id']}").status == 404)
        assert running.get(f"/api/jobs/{new['id']}").status == 200
        assert len(list((store / "serve" / "files").iterdir())) == 1
