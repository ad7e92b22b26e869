"""A worker: takes one job after the other, has it analysed by a process with limits, and shows what came of it.

Runs as `python -m logtrace.serve.worker`. It is told its name and settings on standard input, and ends when that does:
with the server, however that ended.
"""

from __future__ import annotations

import errno
import os
import select
import shutil
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from logtrace.errors import LogtraceError
from logtrace.serve import analysis, queue
from logtrace.serve import files as disk
from logtrace.serve.bounded import NO_ROOM, Bounded, Ended, Limits, full
from logtrace.serve.database import connect, is_full
from logtrace.serve.finished import append
from logtrace.serve.remote import Elsewhere, Remote
from logtrace.serve.settings import Settings

#: Begins an analysis of the files in a folder.
Begin = Callable[[analysis.Order, Limits, Path], Bounded | Remote]

#: Seconds between two looks at the queue, and at a running analysis.
_IDLE: Final = 0.25
_BUSY: Final = 0.05
#: Seconds until a job is tried again that could not be brought to its end.
_AGAIN: Final = 5.0
_NO_ROOM: Final = "The disk of the server is full. It goes on by itself when there is room."
_AWAY: Final = "What the server needs for it cannot be reached. It goes on by itself when that is there again."
#: What the folder of a job that is being run begins with, before the worker's name.
PART: Final = ".part-"


def main() -> None:
    """Works until the server is gone."""
    name, settings = msgspec.json.decode(sys.stdin.buffer.readline(), type=tuple[str, Settings])
    os.umask(0o077)
    engine = connect(settings.database)
    begin = here(settings) if settings.scheduler is None else Elsewhere(settings.scheduler).begin
    while not _over(0):
        try:
            claimed = queue.claim(engine, name)
            if claimed is None:
                queue.give_back(engine)
            else:
                _run(engine, settings, claimed, name, begin)
                continue
        except (SQLAlchemyError, OSError, LogtraceError):  # a database or a store that is away, a disk that is full
            traceback.print_exc()
            _over(_AGAIN)
        _over(_IDLE)


def _over(seconds: float) -> bool:
    """Whether the server is gone; waits so long for that."""
    return bool(select.select([0], [], [], seconds)[0]) and not os.read(0, 1)


def here(settings: Settings) -> Begin:
    """Analyses are processes of this machine."""

    def begin(order: analysis.Order, limits: Limits, inputs: Path) -> Bounded:
        reaches = order.store or ""
        return Bounded(analysis.__name__, order, limits, inputs, threads=settings.threads, reaches=reaches)

    return begin


def _run(engine: Engine, settings: Settings, claimed: queue.Claim, name: str, begin: Begin) -> None:
    """Raises what is not the job's fault, for which it waits in the queue again."""
    try:
        folder = Path(tempfile.mkdtemp(prefix=f"{PART}{name}-", dir=settings.cases))
        try:
            outcome = _analysed(engine, settings, claimed, folder, begin)
            if outcome is not None:
                append(engine, settings, claimed, outcome, folder / "made")
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    except (SQLAlchemyError, OSError, LogtraceError) as error:
        no_room = full(error) or (isinstance(error, DBAPIError) and is_full(error))
        with suppress(SQLAlchemyError):  # else its lease ends
            queue.release(engine, claimed, _NO_ROOM if no_room else _AWAY)
        raise


def _analysed(
    engine: Engine, settings: Settings, claimed: queue.Claim, folder: Path, begin: Begin
) -> analysis.Outcome | None:
    """What comes of the job; None where that is nobody's business any more, or it is to be tried again."""
    inputs, made = folder / "in", folder / "made"
    inputs.mkdir()
    made.mkdir()
    try:
        names = disk.lay_out(settings, claimed.files, inputs)
    except FileNotFoundError:
        return analysis.Outcome(problem="The uploaded file is no longer there; upload it again.")
    evidence = tuple(sorted(file.sha256 for file in claimed.files))
    others = None if settings.private else settings.store  # what was seen before is somebody's
    times = claimed.times
    order = analysis.Order(tuple(names), evidence, str(made), others, settings.threads, times.timezone, times.year)
    limits = Limits(settings.memory, settings.seconds)
    with begin(order, limits, inputs) as process:
        renewed = 0.0
        while (ended := process.ended(_BUSY)) is None:
            if _over(0):
                raise SystemExit
            renewed += _BUSY
            if renewed >= queue.LEASE / 4:
                renewed = 0.0
                if not queue.renew(engine, claimed):
                    return None
    return _outcome(engine, settings, claimed, ended, made / analysis.OUTCOME)


def _outcome(
    engine: Engine, settings: Settings, claimed: queue.Claim, ended: Ended, told: Path
) -> analysis.Outcome | None:
    if ended.status == 0:
        outcome = msgspec.json.decode(told.read_bytes(), type=analysis.Outcome)
        told.unlink()
        return outcome
    if ended.status == NO_ROOM:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    if ended.late or ended.status == -signal.SIGXCPU:
        return analysis.Outcome(problem=f"It takes longer than an analysis may here ({settings.seconds} s).")
    if ended.status == -signal.SIGKILL and claimed.attempt < queue.ATTEMPTS:  # not by this worker
        queue.release(engine, claimed)
        return None
    sys.stderr.write(f"job {claimed.job} ended with {ended.status}: {ended.said}\n")
    if ended.status < 0 or "MemoryError" in ended.said or "memory allocation" in ended.said:
        return analysis.Outcome(problem="It needs more memory than an analysis may take here.")
    return analysis.Outcome(problem="The analysis broke. That is a defect of logtrace; its log has the details.")


if __name__ == "__main__":
    main()
