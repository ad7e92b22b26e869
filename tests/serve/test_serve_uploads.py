"""What was answered with success is there; what is refused is told clearly, and leaves nothing behind."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from servers import ARCHIVE, Server, form, log, server, until


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    options = ("--max-upload", "3M", "--max-files", "3", "--rate", "1000")
    with server(tmp_path_factory.mktemp("serve") / "store", *options) as running:
        yield running


def files(serving: Server, folder: str) -> list[Path]:
    return [path for path in (serving.store / "serve" / folder).iterdir() if not path.name.startswith(".part-")]


def head(kind: str, *headers: str) -> bytes:
    """What stands before the form of an upload."""
    lines = ["POST /api/cases HTTP/1.1", "Host: localhost", f"Content-Type: {kind}", *headers]
    return "\r\n".join([*lines, "", ""]).encode()


def test_an_archive_becomes_a_case_once(serving: Server) -> None:
    answer = serving.upload(("crm_report.tar.bz2", ARCHIVE.read_bytes()))
    assert answer.status == 202
    assert answer.headers["Location"] == f"/api/jobs/{answer.json['id']}"
    job = serving.wait(answer.json["id"])
    assert (job["state"], job["files"], job["problem"]) == ("done", ["crm_report.tar.bz2"], None)
    again = serving.upload(("renamed.tar.bz2", ARCHIVE.read_bytes()))
    assert again.json == job
    [case] = job["cases"]
    listed = serving.get("/api/cases").json["cases"]
    assert [each["id"] for each in listed].count(case) == 1
    document = serving.get(f"/api/cases/{case}/document").json
    assert document["schema_version"] == 1
    assert "slow_init" in {each["root_cause"] for each in document["incidents"]}
    assert document["inputs"][0]["path"] == "crm_report.tar.bz2"


def test_files_of_one_form_are_analysed_together(serving: Server) -> None:
    other = ARCHIVE.parents[1] / "quiet" / "crm_report.tar.bz2"
    answer = serving.upload(("one.log", log("web", day="2025-10-01")), ("two.tar.bz2", other.read_bytes()))
    job = serving.wait(answer.json["id"])
    assert job["state"] == "done"
    assert len(job["cases"]) == 2, "these are two clusters"


def test_pasted_lines_are_an_upload(serving: Server) -> None:
    job = serving.wait(serving.upload(text=log("pasted").decode()).json["id"])
    assert (job["state"], job["files"]) == ("done", ["pasted.log"])


def test_a_name_leads_nowhere(serving: Server) -> None:
    names = ["../../../etc/passwd", "..\\..\\boot.ini", "/dev/null", "-rf", "a\x00b", ".", "", "x" * 1000 + ".log"]
    for number, name in enumerate(names):
        content = log(f"named{number}")
        answer = serving.upload((name.replace("\x00", "%00"), content))
        if name:
            assert answer.status == 202, name
            job = serving.wait(answer.json["id"])
            assert job["state"] == "done", (name, job)
            assert "/" not in job["files"][0]


def test_what_is_no_log_fails_with_a_reason(serving: Server) -> None:
    job = serving.wait(serving.upload(("photo.jpg", b"\xff\xd8\xff" + bytes(5000))).json["id"])
    assert job["state"] == "failed"
    assert "photo.jpg" in job["problem"]
    assert str(serving.store) not in job["problem"]
    assert job["cases"] == []
    assert job["id"] in serving.get("/").text


@pytest.mark.parametrize(
    ("files", "status", "told"),
    [
        ([], 400, "nothing in it"),
        ([("a.log", b"")], 400, "nothing in it"),
        ([("a.log", bytes(4_000_000))], 413, "3.0 MB"),
        ([(f"{n}.log", b"x") for n in range(4)], 413, "3 files"),
    ],
)
def test_what_is_refused_is_told(serving: Server, files: list[tuple[str, bytes]], status: int, told: str) -> None:
    answer = serving.upload(*files)
    assert answer.status == status
    assert told in answer.json["message"]
    assert list((serving.store / "serve" / "incoming").iterdir()) == []


def test_an_upload_that_does_not_say_how_long_it_is_is_stopped_as_well(serving: Server) -> None:
    body, kind = form([("a.log", bytes(10_000_000))])
    with socket.create_connection(("127.0.0.1", urlsplit(serving.address).port or 0)) as client:
        client.settimeout(60)
        head = (
            f"POST /api/cases HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        client.sendall(head.encode())
        try:
            for start in range(0, len(body), 65536):
                piece = body[start : start + 65536]
                client.sendall(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
        except (ConnectionResetError, BrokenPipeError):
            pass
        else:
            assert b" 413 " in client.recv(100)
    until(lambda: not files(serving, "incoming"))


def test_no_form_is_told(serving: Server) -> None:
    answer = serving.ask("POST", "/api/cases", b"lines", {"Content-Type": "text/plain"})
    assert answer.status == 415
    broken = serving.ask("POST", "/api/cases", b"no boundary", {"Content-Type": "multipart/form-data; boundary=x"})
    assert broken.status == 400
    body, kind = form([("a.log", log())])
    cut = serving.ask("POST", "/api/cases", body[:-60], {"Content-Type": kind})
    assert (cut.status, cut.json["message"]) == (400, "The upload broke off")
    assert files(serving, "incoming") == []


def test_who_leaves_in_the_middle_leaves_nothing(serving: Server) -> None:
    before = len(files(serving, "files"))
    body, kind = form([("a.log", log("left") * 500)])
    with socket.create_connection(("127.0.0.1", urlsplit(serving.address).port or 0)) as client:
        client.sendall(head(kind, f"Content-Length: {len(body)}") + body[:-200])
        until(lambda: files(serving, "incoming"))
    until(lambda: not files(serving, "incoming"))
    assert len(files(serving, "files")) == before


def test_too_many_uploads_and_too_little_room(tmp_path: Path) -> None:
    with server(tmp_path / "store", "--rate", "2") as running:
        for number in range(2):
            assert running.upload((f"{number}.log", log(f"r{number}"))).status == 202
        answer = running.upload(("3.log", log("r3")))
        assert answer.status == 429
        assert 1 <= int(answer.headers["Retry-After"]) <= 61
    with server(tmp_path / "store", "--min-free", "900000G") as running:
        answer = running.upload(("3.log", log("r3")))
        assert (answer.status, answer.json["message"]) == (507, "The disk of the server is full")
        assert running.get("/").status == 200


def test_an_analysis_that_takes_too_much_fails_alone(tmp_path: Path) -> None:
    with server(tmp_path / "store", "--max-memory", "1G") as running:
        job = running.wait(running.upload(("a.tar.bz2", ARCHIVE.read_bytes())).json["id"])
        assert job["state"] == "failed"
    with server(tmp_path / "store", "--max-time", "1") as running:
        job = running.wait(running.upload(("a.tar.bz2", ARCHIVE.read_bytes() + bytes(1))).json["id"])
        assert (job["state"], job["problem"]) == ("failed", "It takes longer than an analysis may here (1 s).")
        assert running.get("/").status == 200


def test_slow_clients_are_left(tmp_path: Path) -> None:
    """One that says nothing, one that stops in its headers, one that stops in the form, and one that takes nothing."""
    with server(tmp_path / "store", "--max-wait", "2") as running:
        place = ("127.0.0.1", urlsplit(running.address).port or 0)
        body, kind = form([("a.log", log())])
        begun = {
            "silent": b"",
            "headers": b"GET / HTTP/1.1\r\nHost: loc",
            "form": head(kind, f"Content-Length: {len(body)}") + body[:100],
        }
        clients = {name: socket.create_connection(place, timeout=60) for name in begun}
        for name, told in begun.items():
            clients[name].sendall(told)
        assert running.get("/").status == 200
        answers = {name: client.recv(1000) for name, client in clients.items()}
        assert (answers["silent"], answers["headers"]) == (b"", b"")
        assert b" 408 " in answers["form"].partition(b"\r\n")[0]
        for client in clients.values():
            client.close()
        job = running.wait(running.upload(("a.tar.bz2", ARCHIVE.read_bytes())).json["id"])
        with socket.socket() as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.connect(place)
            client.sendall(f"GET /cases/{job['cases'][0]}/page HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            until(lambda: f"/cases/{job['cases'][0]}/page' 200" in running.said())
        assert running.get("/").status == 200
