"""Finished cases are in the store of many cases, once; deleted ones have left it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import fleet_servers
import fsspec
import polars as pl
import pytest
from servers import Server, log, server, until

from logtrace.cli import run
from logtrace.errors import UsageError
from logtrace.fleet import removal, tickets, work
from logtrace.fleet.store import Store
from logtrace.serve import store as stores


def asked(store: Path, query: str) -> list[dict[str, Any]]:
    ran = subprocess.run(
        [sys.executable, "-m", "logtrace", "fleet", "query", str(store), query, "--format", "json"],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stderr
    found: list[dict[str, Any]] = json.loads(ran.stdout)
    return found


def test_what_is_served_is_in_the_store(tmp_path: Path) -> None:
    store = tmp_path / "store"
    (tmp_path / "db.log").write_bytes(log("db"))
    with server(store) as running:
        jobs = {name: running.wait(running.upload((f"{name}.log", log(name))).json["id"]) for name in ("db", "web")}
        told = asked(store, "SELECT c.case_id, i.root_cause FROM incidents i JOIN cases c USING (case_id)")
        assert sorted(each["case_id"] for each in told) == sorted(job["id"][:16] for job in jobs.values())
        assert run(["fleet", "add", str(store), str(tmp_path / "db.log"), "--quiet"]) == 0
        assert len(asked(store, "SELECT case_id FROM cases")) == 2, "the same log is known"
        assert running.ask("DELETE", f"/api/jobs/{jobs['db']['id']}").status == 204
        [left] = asked(store, "SELECT case_id FROM cases")
        assert left["case_id"] == jobs["web"]["id"][:16]
        again = running.wait(running.upload(("db.log", log("db"))).json["id"])
        assert again["state"] == "done"
        assert len(asked(store, "SELECT case_id FROM cases")) == 2


def test_many_small_files_become_few_while_it_serves(tmp_path: Path) -> None:
    """Sixteen analyses of a log, each of which put files of its own."""
    store, _ = filled(tmp_path, "db")
    ticket = tickets.Ticket((str(tmp_path / "db.log"),))
    for _ in range(15):
        known = work.evidence(ticket, work.How())
        assert isinstance(known, tuple)
        store.put(work.read(ticket, known, work.How()).tables)
    before = store.read().table("incidents").collect()
    cases = tmp_path / "store" / "cases"
    assert len(list(cases.rglob("*.parquet"))) == 16
    with server(tmp_path / "store"):
        until(lambda: len(list(cases.rglob("*.parquet"))) == 1)
    after = store.read().table("incidents").collect()
    assert after.equals(before.select(after.columns))


def test_a_store_at_an_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is finished goes there, what is deleted leaves, and what was seen before is found there."""
    with fleet_servers.s3(tmp_path) as environment:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        with server("s3://fleet/store", "--state", str(tmp_path / "state"), log=tmp_path / "log") as running:
            first = running.wait(running.upload(("a.log", log("db"))).json["id"])
            second = running.wait(running.upload(("b.log", log("db", day="2026-11-20"))).json["id"])
            assert (first["state"], second["state"]) == ("done", "done")
            assert "Seen before" in running.get(f"/cases/{second['cases'][0]}/page").text
            assert f"/fleet/cases/{first['id'][:16]}" in running.get("/fleet/page").text
            assert running.ask("DELETE", f"/api/jobs/{first['id']}").status == 204
        bucket = fsspec.filesystem("s3", skip_instance_cache=True)
        left = pl.concat(pl.read_parquet(bucket.open(path)) for path in bucket.find("fleet/store/cases"))
        assert left["case_id"].to_list() == [second["id"][:16]]


def test_a_job_waits_for_a_store_that_is_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with fleet_servers.s3(tmp_path) as environment:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        address = environment["AWS_ENDPOINT_URL"]
        running = Server("s3://fleet/store", "--state", str(tmp_path / "state"), log=tmp_path / "log")
    try:
        job = running.upload(("a.log", log("db"))).json["id"]
        told = until(lambda: (state := running.get(f"/api/jobs/{job}").json)["problem"] and state)
        assert told["state"] in ("queued", "running")
        assert "cannot be reached" in told["problem"]
        with fleet_servers.s3(tmp_path, port=urlsplit(address).port):
            assert running.wait(job)["state"] == "done"
            assert running.get(f"/api/jobs/{job}").json["problem"] is None
    finally:
        running.end()


def filled(folder: Path, *names: str) -> tuple[Store, dict[str, str]]:
    """A store of a log for each name, all put in one batch, and the tickets these became."""
    store, tables, found = Store.made(str(folder / "store"), None), {}, {}
    for name in names:
        path = folder / f"{name}.log"
        path.write_bytes(log(name))
        ticket = tickets.Ticket((str(path),))
        known = work.evidence(ticket, work.How())
        assert isinstance(known, tuple)
        found[name] = work.digest(known)
        for table, rows in work.read(ticket, known, work.How()).tables.items():
            tables.setdefault(table, []).append(rows)
    store.put({table: pl.concat(rows) for table, rows in tables.items()})
    return store, found


def everything(store: Path) -> bytes:
    """What is in all files, as far as it can be read: Parquet is compressed."""
    frames = [pl.read_parquet(path) for path in sorted(store.rglob("*.parquet"))]
    return b"".join(frame.write_ndjson().encode() for frame in frames)


def test_a_ticket_leaves_and_nothing_else_does(tmp_path: Path) -> None:
    store, ids = filled(tmp_path, "carthago", "roma")
    place = tmp_path / "store"
    assert b"carthago" in everything(place)
    before = store.read().table("incidents").collect()
    assert removal.remove(store, [ids["carthago"]]) == 1
    assert b"carthago" not in everything(place)
    after = store.read().table("incidents").collect()
    assert after.height == before.height // 2
    assert after.equals(before.filter(case_id=ids["roma"]).select(after.columns))
    assert removal.remove(store, [ids["carthago"]]) == 0
    assert removal.remove(store, [ids["roma"]]) == 1
    assert store.read().table("cases").collect().is_empty()


def test_a_removal_that_was_killed_is_ended_by_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever file it was at: others are told once, and in the end nothing is left."""
    first, ids = filled(tmp_path, "carthago", "roma")
    files = len(list((tmp_path / "store").rglob("*.parquet")))
    for steps in range(0, files, 2):
        copy = tmp_path / f"copy{steps}"
        shutil.copytree(tmp_path / "store", copy)
        store = Store.at(str(copy))
        left = steps

        def ended(name: str, *rest: Any, call: Any) -> None:
            nonlocal left
            if left == 0:
                raise InterruptedError
            left -= 1
            call(name, *rest)

        with monkeypatch.context() as patch:
            for what in ("put", "remove"):
                call = getattr(store.place, what)
                patch.setattr(store.place, what, lambda *given, call=call: ended(*given, call=call))
            with suppress(InterruptedError):
                removal.remove(store, [ids["carthago"]])
        assert store.read().table("incidents").filter(case_id=ids["roma"]).collect().height == 1
        removal.remove(store, [ids["carthago"]])
        assert b"carthago" not in everything(copy), steps
        assert store.read().table("incidents").collect().height == 1
        assert first.read().known.height == 2


def test_a_store_of_pseudonyms_is_refused(tmp_path: Path) -> None:
    Store.made(str(tmp_path / "store"), "0123456789abcdef")
    with pytest.raises(UsageError, match="pseudonyms"):
        stores.check(str(tmp_path / "store"))
    assert run(["serve", "s3://somewhere/store"]) == 2
