"""A disk that is really full: what was answered with success is there, all else is refused clearly, and it goes on."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from servers import Answer, Server, log, server, until


class Disk:
    """A small one, with a file that takes what is to be taken."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def fill(self, but: int = 0) -> None:
        """Leaves so many bytes."""
        with (self.place / "filler").open("wb", buffering=0) as file:
            while (more := min(1 << 20, shutil.disk_usage(self.place).free - but)) > 0:
                file.write(bytes(more))

    def empty(self) -> None:
        (self.place / "filler").unlink()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    place = tmp_path / "small"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=24M,mode=700", "logtrace-test", str(place)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("only a superuser who may mount has a disk that is full")
    try:
        yield Disk(place)
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


def is_full(answer: Answer) -> bool:
    return answer.status == 507 and answer.json["message"] == "The disk of the server is full"


def waits(running: Server, job: str) -> bool:
    told = running.get(f"/api/jobs/{job}").json
    assert told["state"] in ("queued", "running"), told
    return "disk of the server is full" in (told["problem"] or "")


def whole(running: Server, jobs: list[str]) -> None:
    """All of them are cases that can be read, and no other is there."""
    listed = running.get("/api/cases").json["cases"]
    assert sorted(each["job"] for each in listed) == sorted(jobs)
    for each in listed:
        assert running.get(f"/cases/{each['id']}/page").text.rstrip().endswith("</html>")
        assert running.get(f"/api/cases/{each['id']}/document").json["incidents"]
        assert running.get(f"/cases/{each['id']}/files/1").body.startswith(b"Nov 22")


def test_where_uploads_and_the_database_are(tmp_path: Path, disk: Disk) -> None:
    options = ("--state", str(disk.place / "state"), "--min-free", "1")
    with server(tmp_path / "store", *options) as running:
        done = running.wait(running.upload(("a.log", log("a"))).json["id"])["id"]
        [case] = running.get(f"/api/jobs/{done}").json["cases"]
        disk.fill()
        for number in range(5):
            assert is_full(running.upload((f"b{number}.log", log(f"b{number}"))))
        note = b'{"note": "' + b"long " * 1900 + b'"}'
        written = running.ask("PATCH", f"/api/cases/{case}", note)
        assert written.status == 200 or is_full(written)
        assert running.get(f"/cases/{case}").status == 200
        assert running.get(f"/cases/{case}/page").status == 200
        disk.empty()
        assert ("long" in running.get(f"/api/cases/{case}").json["note"]) == (written.status == 200)
        disk.fill(but=2_000_000)
        assert is_full(running.upload(("large.log", bytes(5_000_000))))
        assert list((disk.place / "state" / "incoming").iterdir()) == []
        disk.empty()
        # room for what is uploaded, and not for what is made of it
        disk.fill(but=400_000)
        accepted = running.upload(("c.log", log("c")))
        assert accepted.status == 202, accepted.text
        job = accepted.json["id"]
        until(lambda: waits(running, job))
        assert "The disk of the server is full" in running.get(f"/jobs/{job}").text
        disk.fill()
        running.kill()
    disk.empty()
    with server(tmp_path / "store", *options) as running:
        assert running.wait(job)["state"] == "done"
        again = running.upload(("b0.log", log("b0")))
        assert (again.status, running.wait(again.json["id"])["state"]) == (202, "done")
        whole(running, [done, job, again.json["id"]])
        assert list((disk.place / "state" / "incoming").iterdir()) == []
        assert len(list((disk.place / "state" / "files").iterdir())) == 3


def test_where_the_store_is(tmp_path: Path, disk: Disk) -> None:
    """What is uploaded is safe elsewhere, and waits."""
    with server(disk.place / "store", "--state", str(tmp_path / "state"), log=tmp_path / "log") as running:
        done = running.wait(running.upload(("a.log", log("a"))).json["id"])["id"]
        disk.fill()
        job = running.upload(("c.log", log("c"))).json["id"]
        until(lambda: waits(running, job))
        assert running.get(f"/api/jobs/{done}").json["state"] == "done"
        disk.empty()
        assert running.wait(job)["state"] == "done"
        whole(running, [done, job])
    ran = subprocess.run(
        [sys.executable, "-m", "logtrace", "fleet", "query", str(disk.place / "store"), "SELECT case_id FROM cases"],
        capture_output=True,
        text=True,
    )
    assert all(job[:16] in ran.stdout for job in (done, job)), ran.stdout + ran.stderr
