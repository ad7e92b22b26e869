"""The server: one process for the web, and workers that it starts, watches and takes with it."""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
import secrets
import shutil
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Final

import msgspec
import uvicorn
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from uvicorn.protocols.http.h11_impl import H11Protocol

from logtrace.errors import LogtraceError, UsageError
from logtrace.serve import finished, queue, store, worker
from logtrace.serve.access import Doors
from logtrace.serve.app import application
from logtrace.serve.incoming import Rate
from logtrace.serve.serving import Serving
from logtrace.serve.settings import Settings

#: Seconds between two looks at the workers, and between two at what is to be deleted or put together.
_WATCH: Final = 0.5
_TIDY: Final = 60.0
#: Connections at once; others are told to come again.
_CONNECTIONS: Final = 1000

_log = logging.getLogger("logtrace.serve")


def run(engine: Engine, settings: Settings, doors: Doors, listening: socket.socket) -> None:
    """Serves until it is told to end. Raises UsageError where another server has the store."""
    lock = _alone(Path(settings.folder))
    try:
        try:
            finished.sweep(engine, settings)
            queue.give_back(engine, everything=True)
        except (SQLAlchemyError, OSError) as error:
            told = str(getattr(error, "orig", None) or getattr(error, "strerror", None) or error)
            raise UsageError(f"cannot begin: {told}", where=settings.folder, remedy="see to its disk") from error
        serving = Serving(engine, settings, doors, Rate(settings.rate))
        config = uvicorn.Config(
            application(serving, lambda _: _with_workers(engine, settings)),
            http=_Impatient.told(settings.patience),
            loop="asyncio",
            lifespan="on",
            ws="none",
            access_log=False,
            log_level="warning",
            server_header=False,
            proxy_headers=False,  # who the proxy is decides whether its headers are believed
            timeout_keep_alive=int(settings.patience),
            timeout_graceful_shutdown=int(settings.patience),
            limit_concurrency=_CONNECTIONS,
        )
        uvicorn.Server(config).run([listening])
    finally:
        os.close(lock)


def _alone(folder: Path) -> int:
    """A lock that lasts as long as this process. Raises UsageError where another has it."""
    lock = os.open(folder / "server.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(lock)
        raise UsageError("another server has this store", where=str(folder), remedy="end it first") from error
    return lock


class _Impatient(H11Protocol):
    """HTTP for clients that say within some seconds what they want."""

    patience: float

    @classmethod
    def told(cls, patience: float) -> type[H11Protocol]:
        return type("Impatient", (cls,), {"patience": patience})

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self.loop.call_later(self.patience, self._look)

    def _look(self) -> None:
        """Closes a connection whose first request is not even said."""
        if self.cycle is None and self.transport is not None:
            self.transport.close()


# --- workers ------------------------------------------------------------------------------------------------


class _Worker:
    """A worker that runs."""

    def __init__(self, settings: Settings) -> None:
        self.name = secrets.token_hex(4)
        self.process = subprocess.Popen(  # noqa: S603 - this interpreter and a module of this package
            [sys.executable, "-m", worker.__name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            start_new_session=True,  # an interrupt at the terminal is for the server
        )
        assert self.process.stdin is not None
        self.process.stdin.write(msgspec.json.encode((self.name, settings)) + b"\n")
        self.process.stdin.flush()

    def end(self) -> None:
        """It ends when its standard input does, and its analysis with it."""
        assert self.process.stdin is not None
        with suppress(BrokenPipeError):
            self.process.stdin.close()
        self.process.wait()


@asynccontextmanager
async def _with_workers(engine: Engine, settings: Settings) -> AsyncIterator[None]:
    workers = [_Worker(settings) for _ in range(settings.workers)]
    tasks = [asyncio.create_task(_watch(engine, settings, workers)), asyncio.create_task(_tidy(engine, settings))]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        for each in workers:
            each.end()
        with suppress(SQLAlchemyError):  # else the next server does it
            queue.give_back(engine, everything=True)


async def _watch(engine: Engine, settings: Settings, workers: list[_Worker]) -> None:
    """Starts another worker for one that is lost, and gives its job to the others."""
    while True:
        await asyncio.sleep(_WATCH)
        for index, each in enumerate(workers):
            if each.process.poll() is None:
                continue
            _log.warning("a worker ended with %s; another is started", each.process.returncode)
            try:
                await asyncio.to_thread(_bury, engine, settings, each)
                workers[index] = _Worker(settings)
            except (SQLAlchemyError, OSError):
                _log.exception("it is tried again")


def _bury(engine: Engine, settings: Settings, lost: _Worker) -> None:
    lost.end()
    queue.give_back(engine, lost.name)
    for folder in settings.cases.glob(f"{worker.PART}{lost.name}-*"):
        shutil.rmtree(folder, ignore_errors=True)


async def _tidy(engine: Engine, settings: Settings) -> None:
    """Deletes what is older than cases are kept, and puts the store's small files together."""
    while True:
        try:
            await asyncio.to_thread(finished.forget_old, engine, settings)
            await asyncio.to_thread(store.tidy, settings)
        except (SQLAlchemyError, OSError, LogtraceError):
            _log.exception("what is old, or in many files, has to wait")
        await asyncio.sleep(_TIDY)
