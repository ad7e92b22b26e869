"""Finished cases: their folders, what lists ask, and that they go to the store of many cases, and out of it.

A case becomes visible in the transaction in which its job becomes done; its folder was complete before. A worker that
is lost in between leaves a folder that nobody sees, which the next run of the job replaces.
"""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine, delete, insert, select

from logtrace.serve import analysis, queue, store
from logtrace.serve import files as disk
from logtrace.serve.analysis import Outcome, Summary
from logtrace.serve.database import cases, facets, job_files, jobs, leaving, reading, uploads
from logtrace.serve.settings import Settings

_one_at_a_time: Final = threading.Lock()


def case_id(job: str, number: int) -> str:
    """The id of the case of a job with this number, from 1."""
    return f"{job}-{number}"


def folder_of(settings: Settings, case: str) -> Path:
    """Where the files of a case are; see `analysis` for their names."""
    job, _, number = case.partition("-")
    return settings.cases / job / number


def append(engine: Engine, settings: Settings, claimed: queue.Claim, outcome: Outcome, made: Path) -> bool:
    """Shows what was `made` of a job, or why it failed, and takes the folder; False: the job is no longer this
    worker's, and nothing happened.
    """
    if outcome.problem is not None:
        with engine.begin() as connection:
            return queue.finish(connection, claimed, outcome.problem)
    place = settings.cases / claimed.job
    with disk.locked(settings), engine.begin() as connection:
        if not queue.finish(connection, claimed):
            return False
        store.feed(settings, made / analysis.ROWS)
        with suppress(FileNotFoundError):  # that of an earlier run, which somebody may be reading
            place.rename(made.with_name("before"))
        made.rename(place)
        now, written = time.time(), _written(connection, claimed.job, len(outcome.cases))
        connection.execute(delete(cases).where(cases.c.job == claimed.job))
        for number, summary in enumerate(outcome.cases, 1):
            case = case_id(claimed.job, number)
            note, ticket = written.get(case, ("", ""))
            row = {**_row(case, claimed.job, summary, now), "note": note, "ticket": ticket}
            connection.execute(insert(cases).values(row))
            found = [{"case": case, "kind": kind, "value": value} for kind, value in _facets(summary)]
            if found:
                connection.execute(insert(facets), found)
    return True


def _row(case: str, job: str, summary: Summary, now: float) -> dict[str, object]:
    return {
        "id": case,
        "job": job,
        "name": summary.name,
        "cluster": summary.cluster,
        "release": summary.release,
        "start": summary.start,
        "end": summary.end,
        "created": now,
        "verdict": summary.verdict,
        "faults": summary.faults,
        "outage": summary.outage,
    }


def _written(connection: Connection, job: str, made: int) -> dict[str, tuple[str, str]]:
    """Note and ticket of the cases that an earlier run has made; where there were more than are `made` now, the notes
    of the others go to the first.
    """
    rows = connection.execute(select(cases).where(cases.c.job == job).order_by(cases.c.id)).all()
    found = {row.id: (row.note, row.ticket) for row in rows}
    lost = [row.note for row in rows if row.note and int(row.id.rpartition("-")[2]) > made]
    first = case_id(job, 1)
    note, ticket = found.get(first, ("", ""))
    return found | {first: ("\n\n".join(filter(None, (note, *lost))), ticket)}


def _facets(summary: Summary) -> Iterable[tuple[str, str]]:
    yield from (("node", name) for name in summary.nodes)
    yield from (("cause", name) for name in summary.causes)
    yield from (("resource", name) for name in summary.resources)


def forget(engine: Engine, settings: Settings, job: str, owner: str | None = None) -> None:
    """Deletes a job with its cases, its pages and those of its files that no other job has; `take_away` does the rest.

    `owner`: only what this user has of it; the job goes with its last owner.
    """
    with disk.locked(settings):
        with engine.begin() as connection:
            if owner is not None:
                connection.execute(delete(uploads).where(uploads.c.job == job, uploads.c.owner == owner))
                if connection.scalar(select(uploads.c.owner).where(uploads.c.job == job).limit(1)) is not None:
                    return
            mine = select(job_files.c.sha256).where(job_files.c.job == job)
            others = select(job_files.c.sha256).where(job_files.c.job != job)
            gone = list(connection.scalars(mine.where(job_files.c.sha256.not_in(others))))
            connection.execute(delete(jobs).where(jobs.c.id == job))
            if connection.scalar(select(leaving.c.job).where(leaving.c.job == job)) is None:
                connection.execute(insert(leaving).values(job=job))
        disk.delete(settings, gone)
        shutil.rmtree(settings.cases / job, ignore_errors=True)
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:  # what was deleted is overwritten in the log of changes as well
            connection.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def take_away(engine: Engine, settings: Settings) -> None:
    """Takes what was deleted out of the store of many cases, which may have been away until now. Raises OSError where
    it still is.
    """
    with _one_at_a_time:
        with reading(engine) as connection:
            gone = list(connection.scalars(select(leaving.c.job)))
        if gone:
            store.remove(settings, gone)
            with engine.begin() as connection:
                connection.execute(delete(leaving).where(leaving.c.job.in_(gone)))


def forget_old(engine: Engine, settings: Settings) -> int:
    """Deletes what nobody uploaded for as long as cases are kept, ends what deletions have left open, and gives how
    many jobs were deleted.
    """
    if settings.keep is None:
        take_away(engine, settings)
        return 0
    recent = select(uploads.c.job).where(uploads.c.time >= time.time() - settings.keep)
    with reading(engine) as connection:
        old = list(connection.scalars(select(jobs.c.id).where(jobs.c.id.not_in(recent), jobs.c.state != "running")))
    for job in old:
        forget(engine, settings, job)
    take_away(engine, settings)
    return len(old)


def sweep(engine: Engine, settings: Settings) -> None:
    """Deletes what processes that were killed have left: files and folders of which the database knows nothing.

    For the start, when nobody works here yet.
    """
    with disk.locked(settings):
        with reading(engine) as connection:
            known = set(connection.scalars(select(job_files.c.sha256)))
            done = set(connection.scalars(select(cases.c.job)))
        shutil.rmtree(settings.incoming)
        settings.make_folders()
        disk.delete(settings, [file.name for file in settings.files.iterdir() if file.name not in known])
        for folder in settings.cases.iterdir():
            if folder.name not in done:
                shutil.rmtree(folder, ignore_errors=True)
