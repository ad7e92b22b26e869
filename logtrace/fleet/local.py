"""Processes of this machine that read tickets. One that dies costs the ticket it was reading one try, and is replaced.

Processes and not threads, for what a ticket needs of memory is given back with its process, and what kills a process
kills no other. They talk through pipes, so nobody else on the machine can send them work. Nothing of logtrace is
imported here that takes time: what is set below must be set before polars is loaded.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnContext
from typing import Final, Generic, TypeVar

J = TypeVar("J")
R = TypeVar("R")

#: Tries of a job whose process dies. A second one on its own tells bad luck (the kernel ended the largest process of
#: all) from a job that cannot be done here.
TRIES: Final = 2

#: Seconds for which a process that closed its pipe is waited for, so that it can say how it ended.
_GOING: Final = 30.0


class Died:
    """In the place of a result: every process that tried it died. `how`: in words."""

    def __init__(self, how: str) -> None:
        self.how = how


class Workers(Generic[J, R]):
    """`count` processes that call `function`, one of a module, on one job after another, with `threads` threads each
    for polars.

    A context manager; what still runs at its end is stopped.
    """

    def __init__(self, function: Callable[[J], R], *, count: int, threads: int) -> None:
        self._named = function.__module__, function.__name__
        self._count = count
        self._threads = threads
        self._context = multiprocessing.get_context("spawn")  # a fork of polars' threads never answers
        self._idle: list[_Worker] = []
        self._busy: dict[Connection, tuple[_Worker, J, int]] = {}

    def __enter__(self) -> Workers[J, R]:
        return self

    def __exit__(self, *_: object) -> None:
        for worker in (*self._idle, *(worker for worker, _, _ in self._busy.values())):
            worker.stop()

    def results(self, take: Callable[[], J | None]) -> Iterator[tuple[J, R | Died]]:
        """What came of each job, in the order in which they end. `take` is called when a process is free, and gives
        None while there is nothing to do; the end is where that is so and nothing is being done.
        """
        again: list[tuple[J, int]] = []
        while True:
            while len(self._busy) < self._count:
                job, tries = again.pop() if again else (take(), 1)
                if job is None:
                    break
                self._give(job, tries)
            if not self._busy:
                return
            for pipe in wait(list(self._busy)):
                assert isinstance(pipe, Connection)
                worker, job, tries = self._busy.pop(pipe)
                try:
                    result = pipe.recv()
                except (EOFError, OSError):
                    how = worker.ended()
                    if tries < TRIES:
                        again.append((job, tries + 1))
                    else:
                        yield job, Died(how)
                else:
                    self._idle.append(worker)
                    yield job, result

    def _give(self, job: J, tries: int) -> None:
        """To a process that waits, or a new one; one that died while it waited is nobody's fault."""
        while True:
            worker = self._idle.pop() if self._idle else _Worker(self._context, self._named, self._threads)
            try:
                worker.pipe.send(job)
            except (BrokenPipeError, ConnectionResetError):
                worker.stop()
            else:
                self._busy[worker.pipe] = worker, job, tries
                return


class _Worker:
    def __init__(self, context: SpawnContext, named: tuple[str, str], threads: int) -> None:
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(theirs, named, threads), daemon=True)
        with _uninterrupted():
            self.process.start()
        theirs.close()

    def ended(self) -> str:
        """Tells how the process ended, which has closed its end of the pipe and is about to be gone."""
        self.process.join(timeout=_GOING)
        code = self.process.exitcode
        self.stop()
        return f"signal {signal.Signals(-code).name}" if code is not None and code < 0 else f"status {code}"

    def stop(self) -> None:
        """Ends the process, whatever it does."""
        self.pipe.close()
        self.process.kill()
        self.process.join()


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Puts an interrupt off until this block is through. A process that begins in it is never interrupted, for who is
    at the terminal means the one that asked for all this.

    The mask is what the process inherits. It does not keep this thread from an interrupt, which may go to another one
    (polars has some) and is raised in this one all the same.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    came: list[int] = []
    here = threading.current_thread() is threading.main_thread()
    handler = signal.signal(signal.SIGINT, lambda number, _: came.append(number)) if here else None
    try:
        yield
    finally:
        if here:
            signal.signal(signal.SIGINT, handler)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        if came:
            signal.raise_signal(signal.SIGINT)


def _serve(pipe: Connection, named: tuple[str, str], threads: int) -> None:
    """What a process does: one job after another, until nobody gives it any more."""
    os.environ["POLARS_MAX_THREADS"] = str(threads)
    module, name = named
    function = getattr(import_module(module), name)
    with suppress(EOFError, OSError):
        while True:
            pipe.send(function(pipe.recv()))
