"""A job is run by one worker at a time and never lost, in SQLite as in PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from postgres import postgres
from sqlalchemy import Engine, select, update

from logtrace.errors import UsageError
from logtrace.serve import queue
from logtrace.serve.database import VERSION, connect, jobs, meta, metadata, reading
from logtrace.serve.queue import File


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("database")
    if request.param == "sqlite":
        yield f"sqlite:///{folder / 'serve.db'}"
    else:
        with postgres() as address:
            yield address


@pytest.fixture
def engine(address: str) -> Iterator[Engine]:
    made = connect(address)
    yield made
    with made.begin() as connection:
        metadata.drop_all(connection)
    made.dispose()


def file(name: str) -> File:
    return File(name.encode().hex().ljust(64, "0"), f"{name}.log", 10)


def state(engine: Engine, job: str) -> str:
    with reading(engine) as connection:
        return str(connection.scalar(select(jobs.c.state).where(jobs.c.id == job)))


def finish(engine: Engine, claimed: queue.Claim, problem: str | None = None) -> bool:
    with engine.begin() as connection:
        return queue.finish(connection, claimed, problem)


def test_the_same_files_are_one_job(engine: Engine) -> None:
    first = queue.submit(engine, [file("a"), file("b")], "ann")
    assert queue.submit(engine, [file("b"), file("a"), file("a")], "bob") == first
    assert queue.submit(engine, [file("a")], "ann") != first
    claimed = queue.claim(engine, "w")
    assert claimed is not None
    assert claimed.job == first
    assert claimed.files == (file("a"), file("b"))


def test_each_job_is_claimed_once(engine: Engine) -> None:
    made = {queue.submit(engine, [file(str(number))], "ann") for number in range(40)}

    def work(name: int) -> list[str]:
        taken = []
        while (claimed := queue.claim(engine, f"w{name}")) is not None:
            taken.append(claimed.job)
        return taken

    with ThreadPoolExecutor(8) as pool:
        taken = [job for jobs in pool.map(work, range(8)) for job in jobs]
    left = queue.claim(engine, "late")
    assert left is None
    assert sorted(taken) == sorted(made)


def test_the_oldest_is_first(engine: Engine) -> None:
    made = [queue.submit(engine, [file(name)], "ann") for name in "xyz"]
    claimed = [queue.claim(engine, "w") for _ in made]
    assert [each.job for each in claimed if each] == made


def test_a_lost_worker_is_not_heard(engine: Engine) -> None:
    job = queue.submit(engine, [file("a")], "ann")
    lost = queue.claim(engine, "lost")
    assert lost is not None
    assert queue.give_back(engine, "other") == 0
    assert queue.give_back(engine, "lost") == 1
    assert not queue.renew(engine, lost)
    again = queue.claim(engine, "other")
    assert again is not None
    assert (again.job, again.attempt) == (job, 2)
    assert not finish(engine, lost)
    assert state(engine, job) == "running"
    assert finish(engine, again)
    assert state(engine, job) == "done"
    assert not finish(engine, again)


def test_a_silent_worker_loses_its_job(engine: Engine) -> None:
    job = queue.submit(engine, [file("a")], "ann")
    claimed = queue.claim(engine, "w")
    assert claimed is not None
    assert queue.give_back(engine) == 0
    with engine.begin() as connection:
        connection.execute(update(jobs).values(lease=jobs.c.lease - 2 * queue.LEASE))
    assert queue.renew(engine, claimed), "nobody else has it yet"
    with engine.begin() as connection:
        connection.execute(update(jobs).values(lease=jobs.c.lease - 2 * queue.LEASE))
    assert queue.give_back(engine) == 1
    assert state(engine, job) == "queued"


def test_what_takes_workers_with_it_fails_in_the_end_and_may_be_tried_again(engine: Engine) -> None:
    job = queue.submit(engine, [file("a")], "ann")
    for _ in range(queue.ATTEMPTS):
        assert queue.claim(engine, "w") is not None
        queue.give_back(engine, everything=True)
    assert state(engine, job) == "failed"
    assert queue.claim(engine, "w") is None
    assert queue.submit(engine, [file("a")], "ann") == job
    again = queue.claim(engine, "w")
    assert again is not None
    assert again.attempt == 1


def test_what_waits_for_something_that_is_not_its_fault_does_not_fail(engine: Engine) -> None:
    job = queue.submit(engine, [file("a")], "ann")
    for _ in range(2 * queue.ATTEMPTS):
        claimed = queue.claim(engine, "w")
        assert claimed is not None
        assert claimed.attempt == 1
        queue.release(engine, claimed, "no room")
        with reading(engine) as connection:
            assert connection.execute(select(jobs.c.state, jobs.c.problem)).one() == ("queued", "no room")
    claimed = queue.claim(engine, "w")
    assert claimed is not None
    assert finish(engine, claimed)
    with reading(engine) as connection:
        assert connection.execute(select(jobs.c.id, jobs.c.problem)).one() == (job, None)


def test_a_job_is_run_again_where_other_times_are_told(engine: Engine) -> None:
    job = queue.submit(engine, [file("a")], "ann")
    claimed = queue.claim(engine, "w")
    assert claimed is not None
    assert claimed.times == queue.Times()
    told = queue.Times("Europe/Berlin", 2021)
    assert queue.submit(engine, [file("a")], "ann", told) == job
    assert not finish(engine, claimed), "it was read with the wrong ones"
    again = queue.claim(engine, "w")
    assert again is not None
    assert again.times == told
    assert finish(engine, again)
    for same in (told, queue.Times()):
        queue.submit(engine, [file("a")], "bob", same)
        assert state(engine, job) == "done"
    queue.again(engine, job, queue.Times())
    last = queue.claim(engine, "w")
    assert last is not None
    assert last.times == queue.Times()


def test_tables_of_another_version_are_refused(address: str, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(update(meta).values(version=VERSION + 1))
    with pytest.raises(UsageError, match=f"tables of version {VERSION + 1}"):
        connect(address)


def test_a_database_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="the database cannot be used"):
        connect(f"postgresql://nobody@/none?host={tmp_path}")
    with pytest.raises(UsageError, match="the database cannot be used"):
        connect("mongodb://somewhere")
