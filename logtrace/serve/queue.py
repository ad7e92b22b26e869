"""Jobs: taken in once for each content, run by one worker at a time, and never forgotten.

A worker claims a job with a word of its own (`claim`) and holds it by a lease that it renews. A job whose worker was
lost is queued again; what such a worker may still say afterwards is not heard, for its word is no longer the job's.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Sequence
from typing import Final

from msgspec import Struct
from sqlalchemy import Connection, Engine, func, insert, or_, select, update

from logtrace.serve.database import job_files, jobs, leaving, reading, uploads

#: Seconds for which a worker may be silent: many times what it needs between two words, also on a busy machine.
LEASE: Final = 60.0
#: A job that takes its worker with it so many times is not tried again by itself.
ATTEMPTS: Final = 5


class File(Struct, frozen=True):
    """A file that was uploaded, by its content."""

    sha256: str
    name: str
    bytes: int


class Times(Struct, frozen=True):
    """What users tell of times in logs that do not tell it themselves; None: nothing."""

    timezone: str | None = None
    year: int | None = None


class Claim(Struct, frozen=True):
    """A job that this process runs."""

    job: str
    word: str
    attempt: int
    files: tuple[File, ...]
    times: Times


def identity(files: Sequence[File]) -> str:
    """The job of these files: the same for the same contents, whatever their names and order."""
    contents = sorted({file.sha256 for file in files})
    return hashlib.sha256("\n".join(contents).encode()).hexdigest()[:32]


def submit(engine: Engine, files: Sequence[File], owner: str, times: Times = Times()) -> str:  # noqa: B008 - frozen
    """Queues the job of `files` unless it is known, and gives its id; one that failed is tried again, and one of which
    other times are told is run again.
    """
    job, now = identity(files), time.time()
    with engine.begin() as connection:
        known = select(jobs.c.state, jobs.c.timezone, jobs.c.year).where(jobs.c.id == job).with_for_update()
        found = connection.execute(known).one_or_none()
        if found is None:
            connection.execute(insert(jobs).values(id=job, created=now, **_anew(times)))
            rows = [
                {"job": job, "position": index, "sha256": file.sha256, "name": file.name, "bytes": file.bytes}
                for index, file in enumerate(reversed({file.sha256: file for file in reversed(files)}.values()))
            ]
            connection.execute(insert(job_files), rows)
        else:
            before = Times(found.timezone, found.year)
            if found.state == "failed" or times not in (Times(), before):
                values = _anew(before if times == Times() else times)
                connection.execute(update(jobs).where(jobs.c.id == job).values(created=now, **values))
        mine = (uploads.c.job == job) & (uploads.c.owner == owner)
        if connection.execute(update(uploads).where(mine).values(time=now)).rowcount == 0:
            connection.execute(insert(uploads).values(job=job, owner=owner, time=now))
    return job


def again(engine: Engine, job: str, times: Times) -> None:
    """Queues a job once more, whatever became of it; its cases stay until there are new ones."""
    with engine.begin() as connection:
        connection.execute(update(jobs).where(jobs.c.id == job).values(created=time.time(), **_anew(times)))


def _anew(times: Times) -> dict[str, object]:
    idle = {"claim": None, "lease": None, "problem": None}
    return {"state": "queued", "attempts": 0, "timezone": times.timezone, "year": times.year, **idle}


def claim(engine: Engine, worker: str) -> Claim | None:
    """The job that waits longest, now that of the `worker` of this name; None where none waits."""
    word, now = f"{worker}-{secrets.token_hex(8)}", time.time()
    ready = (jobs.c.state == "queued") & jobs.c.id.not_in(select(leaving.c.job))  # else it would be taken away again
    waiting = select(jobs.c.id).where(ready).order_by(jobs.c.created, jobs.c.id).limit(1)
    with reading(engine) as connection:
        if connection.scalar(waiting) is None:
            return None
    taken = (
        update(jobs)
        .where(jobs.c.id == waiting.with_for_update(skip_locked=True).scalar_subquery(), jobs.c.state == "queued")
        .values(state="running", claim=word, lease=now + LEASE, started=now, attempts=jobs.c.attempts + 1)
        .returning(jobs.c.id, jobs.c.attempts, jobs.c.timezone, jobs.c.year)
    )
    with engine.begin() as connection:
        found = connection.execute(taken).one_or_none()
        if found is None:
            return None
        times = Times(found.timezone, found.year)
        return Claim(found.id, word, found.attempts, files_of(connection, found.id), times)


def files_of(connection: Connection, job: str) -> tuple[File, ...]:
    """The files of a job."""
    asked = select(job_files).where(job_files.c.job == job).order_by(job_files.c.position)
    return tuple(File(row.sha256, row.name, int(row.bytes)) for row in connection.execute(asked))


def renew(engine: Engine, claimed: Claim) -> bool:
    """Says that this process still runs the job; False: it is no longer its own, or was deleted."""
    with engine.begin() as connection:
        return _say(connection, claimed, lease=time.time() + LEASE)


def finish(connection: Connection, claimed: Claim, problem: str | None = None) -> bool:
    """Says that the job is done, or why it failed; False: it is no longer this process's."""
    state = "done" if problem is None else "failed"
    return _say(connection, claimed, state=state, problem=problem, finished=time.time(), claim=None, lease=None)


def release(engine: Engine, claimed: Claim, waits_for: str | None = None) -> None:
    """Queues again a job whose analysis was ended from outside, or which `waits_for` something that is not its own
    fault; that is no attempt.
    """
    attempts = jobs.c.attempts - int(waits_for is not None)
    with engine.begin() as connection:
        _say(connection, claimed, state="queued", claim=None, lease=None, attempts=attempts, problem=waits_for)


def _say(connection: Connection, claimed: Claim, **values: object) -> bool:
    own = (jobs.c.id == claimed.job) & (jobs.c.claim == claimed.word) & (jobs.c.state == "running")
    return connection.execute(update(jobs).where(own).values(values)).rowcount == 1


def give_back(engine: Engine, worker: str | None = None, *, everything: bool = False) -> int:
    """Queues again what was being run by workers that are lost, and gives how many.

    Those are the `worker` of this name, those whose lease has ended, and, where none can be left, all (`everything`).
    """
    lost = jobs.c.state == "running"
    if not everything:
        ended = jobs.c.lease < time.time()
        lost &= ended if worker is None else or_(ended, jobs.c.claim.startswith(f"{worker}-", autoescape=True))
    told = f"The analysis was ended from outside {ATTEMPTS} times; upload it again to try once more."
    with engine.begin() as connection:
        idle = {"claim": None, "lease": None}
        failed = {"state": "failed", "problem": told, "finished": time.time(), **idle}
        connection.execute(update(jobs).where(lost, jobs.c.attempts >= ATTEMPTS).values(failed))
        return connection.execute(update(jobs).where(lost).values(state="queued", **idle)).rowcount


def unfinished(connection: Connection) -> int:
    """How many jobs wait or run."""
    count = select(func.count()).select_from(jobs).where(jobs.c.state.in_(("queued", "running")))
    return connection.scalar(count) or 0
