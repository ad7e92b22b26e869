"""Finished cases are in the store of many cases, once; deleted ones have left it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from servers import log, server

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


def filled(folder: Path, *names: str) -> tuple[Store, dict[str, str]]:
    """A store of a log for each name, all put in one batch, and the tickets these became."""
    import polars as pl

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
    import polars as pl

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
