"""Analyses on a Dask cluster, with real workers: they come late, die, and keep to the same limits."""

from __future__ import annotations

import os
import signal
import sqlite3
from pathlib import Path

import distributed
import fleet_servers
import pytest
from servers import ARCHIVE, Server, log, server, until

pytestmark = [
    # what Dask and its loop leave open at the end of a client is theirs
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


def whole(running: Server, job: str) -> None:
    told = running.get(f"/api/jobs/{job}").json
    assert (told["state"], told["problem"], len(told["cases"])) == ("done", None, 1)
    [case] = told["cases"]
    document = running.get(f"/api/cases/{case}/document").json
    assert document["incidents"]
    assert document["inputs"][0]["path"] == told["files"][0]
    assert running.get(f"/cases/{case}/page").text.rstrip().endswith("</html>")


def test_a_cluster_analyses_what_is_uploaded(tmp_path: Path) -> None:
    """Nobody else does: while there is no worker, a job waits."""
    with (
        fleet_servers.scheduler(tmp_path) as address,
        server(tmp_path / "store", "--scheduler", address) as running,
    ):
        job = running.upload(("crm_report.tar.bz2", ARCHIVE.read_bytes())).json["id"]
        told = until(lambda: (state := running.get(f"/api/jobs/{job}").json)["problem"] and state)
        assert "cannot be reached" in told["problem"]
        with fleet_servers.worker(tmp_path, address, "a"):
            running.wait(job)
            whole(running, job)
            failed = running.wait(running.upload(("photo.jpg", b"\xff\xd8\xff" + bytes(5000))).json["id"])
            assert "photo.jpg" in failed["problem"]
            assert len(list((tmp_path / "store" / "cases").rglob("*.parquet"))) == 1


def test_a_job_whose_worker_is_killed_is_run_by_another(tmp_path: Path) -> None:
    with (
        fleet_servers.scheduler(tmp_path) as address,
        fleet_servers.worker(tmp_path, address, "a") as first,
        fleet_servers.worker(tmp_path, address, "b") as second,
        distributed.Client(address, set_as_default=False) as watcher,
        server(tmp_path / "store", "--scheduler", address) as running,
    ):
        names = {each["name"]: key for key, each in watcher.scheduler_info()["workers"].items()}
        job = running.upload(("a.log", log("killed"))).json["id"]
        busy = until(lambda: [name for name, key in names.items() if watcher.processing().get(key)])
        victim = first if busy == ["a"] else second
        os.kill(victim.pid, signal.SIGKILL)
        assert running.wait(job)["state"] == "done"
        whole(running, job)
        with sqlite3.connect(tmp_path / "store" / "serve" / "serve.db") as connection:
            assert connection.execute("SELECT attempts FROM jobs").fetchall() == [(1,)], "it was Dask that ran it again"
        connection.close()
        assert len(running.get("/api/cases").json["cases"]) == 1


def test_limits_hold_there_as_well(tmp_path: Path) -> None:
    with fleet_servers.scheduler(tmp_path) as address, fleet_servers.worker(tmp_path, address, "a"):
        with server(tmp_path / "store", "--scheduler", address, "--max-memory", "600M") as running:
            job = running.wait(running.upload(("a.tar.bz2", ARCHIVE.read_bytes())).json["id"])
            assert (job["state"], job["cases"]) == ("failed", [])
        with server(tmp_path / "store", "--scheduler", address, "--max-time", "1") as running:
            job = running.wait(running.upload(("a.tar.bz2", ARCHIVE.read_bytes() + bytes(1))).json["id"])
            assert (job["state"], job["problem"]) == ("failed", "It takes longer than an analysis may here (1 s).")
