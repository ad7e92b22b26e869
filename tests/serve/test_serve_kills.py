"""Whatever process is killed, and when: what was accepted becomes a case, once."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from postgres import postgres
from servers import Server, log, server, until


def children(process: int) -> list[int]:
    """Processes that it started, and those that they started."""
    found = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return [each for child in map(int, found) for each in (child, *children(child))]


def states(store: Path) -> dict[str, str]:
    connection = sqlite3.connect(store / "serve" / "serve.db", timeout=60)
    try:
        return dict(connection.execute("SELECT id, state FROM jobs"))
    finally:
        connection.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Iterator[tuple[str, ...]]:
    """The options that name it."""
    if request.param == "sqlite":
        yield ()
    else:
        with postgres() as address:
            yield ("--database", address)


def test_a_server_that_is_killed_loses_nothing(tmp_path: Path, database: tuple[str, ...]) -> None:
    with server(tmp_path / "store", *database) as running:
        jobs = [running.upload((f"{n}.log", log(f"r{n}"))).json["id"] for n in range(3)]
        workers = until(lambda: children(running.process.pid))
        running.kill()
        until(lambda: not any(Path(f"/proc/{each}").exists() for each in workers))
    with server(tmp_path / "store", *database) as running:
        assert [running.wait(job)["state"] for job in jobs] == ["done"] * 3
        whole(running, jobs)


def test_a_worker_and_an_analysis_that_are_killed_lose_nothing(tmp_path: Path) -> None:
    with server(tmp_path / "store") as running:
        jobs = [running.upload((f"{n}.log", log(f"r{n}"))).json["id"] for n in range(2)]
        found = until(lambda: len(each := children(running.process.pid)) > 1 and each)
        os.kill(found[1], signal.SIGKILL)  # the analysis
        assert running.wait(jobs[0])["state"] == "done"
        os.kill(children(running.process.pid)[0], signal.SIGKILL)  # the worker
        assert running.wait(jobs[1])["state"] == "done"
        whole(running, jobs)


def whole(running: Server, jobs: list[str]) -> None:
    """Each job has one case, with all of its files, and nothing else is there."""
    listed = running.get("/api/cases").json["cases"]
    assert sorted(each["job"] for each in listed) == sorted(jobs)
    for each in listed:
        document = running.get(f"/api/cases/{each['id']}/document").json
        assert document["incidents"][0]["resources"]
        assert running.get(f"/cases/{each['id']}/page").text.rstrip().endswith("</html>")
    folder = running.store / "serve"
    until(lambda: sorted(path.name for path in (folder / "cases").iterdir()) == sorted(jobs))
    assert list((folder / "incoming").iterdir()) == []
    assert len(list((folder / "files").iterdir())) == len(jobs)


def test_twenty_kills_at_random_moments(tmp_path: Path) -> None:
    """Of the server, a worker or an analysis, while others upload."""
    chance = random.Random(20)
    store = tmp_path / "store"
    running = Server(store, "--workers", "2", "--rate", "100000")
    accepted: list[str] = []
    waiting = list(range(24))

    def upload(number: int) -> str | None:
        with suppress(OSError):
            answer = running.upload((f"{number}.log", log(f"r{number}")))
            if answer.status == 202:
                return str(answer.json["id"])
        return None

    def next_ones() -> None:
        """Two uploads at once; what was not accepted is sent again later."""
        if waiting:
            numbers = [waiting.pop() for _ in range(min(2, len(waiting)))]
            with ThreadPoolExecutor(2) as pool:
                for number, job in zip(numbers, pool.map(upload, numbers), strict=True):
                    if job is None:
                        waiting.append(number)
                    else:
                        accepted.append(job)

    try:
        for _ in range(20):
            next_ones()
            done = list(states(store).values()).count("done")
            time.sleep(chance.uniform(0, 2))
            victims = [running.process.pid, *children(running.process.pid)]
            victim = chance.choice(victims)
            with suppress(ProcessLookupError):
                os.kill(victim, signal.SIGKILL)
            if victim == running.process.pid:
                running.process.wait()
                running = Server(store, "--workers", "2", "--rate", "100000")
            if not waiting and done == len(accepted):
                continue
            until(lambda done=done: list(states(store).values()).count("done") > done or len(accepted) <= done)
        while waiting:
            next_ones()
        assert len(accepted) == len(set(accepted)) == 24
        until(lambda: set(states(store).values()) == {"done"})
        whole(running, accepted)
    finally:
        running.end()
